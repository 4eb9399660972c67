"""A lane keeps its room's order through everything and hinders no other room."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

import pytest

from bot.delivery import lane as lane_module, worker as worker_module
from bot.delivery.priority import Priority
from bot.transports.base import (
    AnswerLost,
    Limits,
    RateLimited,
    RoomMoved,
    Unreachable,
)
from tests.unit.delivery.world import World, opened

A, B = "loopback:a", "loopback:b"


async def test_messages_arrive_in_the_order_in_which_they_were_written(world: World) -> None:
    await world.rooms(A)
    texts = [f"m{number}" for number in range(70)]
    await world.say(A, *texts)
    world.start()
    await world.idle()
    assert world.net.texts(A) == [f"Li: {text}" for text in texts]
    assert set(await world.states()) == {"sent"}


async def test_order_is_kept_through_faults_and_rate_limits(world: World) -> None:
    await world.rooms(A)
    world.net.faults[A] = deque(
        [
            Unreachable(),
            AnswerLost("502"),
            RateLimited(timedelta(seconds=30)),
            KeyError("a fault that nobody foresaw"),
            Unreachable(),
        ]
    )
    await world.say(A, *"abcdef")
    world.start()
    await world.idle()
    assert world.net.texts(A) == [f"Li: {text}" for text in "abcdef"]
    assert not world.net.faults[A]


async def test_a_repeat_is_byte_for_byte_and_by_transaction_the_first(world: World) -> None:
    await world.rooms(A)
    world.net.faults[A] = deque([AnswerLost(), AnswerLost()])
    await world.say(A, "once")
    world.start()
    await world.idle()
    first, *others = [call.sending for call in world.net.calls]
    assert len(others) == 2
    assert all(each == first for each in others)


async def test_a_room_whose_network_hangs_delays_no_other(world: World) -> None:
    await world.rooms(A, B)
    world.net.gates[A] = asyncio.Event()
    await world.say(A, "slow")
    await world.say(B, *"xyz")
    world.start()
    await world.until(lambda: len(world.net.texts(B)) == 3)
    assert world.net.texts(A) == []
    world.net.gates[A].set()
    await world.idle()


async def test_a_room_that_always_fails_delays_no_other(world: World) -> None:
    await world.rooms(A, B)
    world.net.faults[A] = deque([Unreachable()] * 10)
    await world.say(A, "late")
    world.start()
    await world.until(lambda: len(world.net.calls) == 1, time_passes=False)
    await world.say(B, *"xyz")
    await world.until(lambda: len(world.net.texts(B)) == 3, time_passes=False)
    await world.idle()
    assert world.net.texts(A) == ["Li: late"]


async def test_an_alert_overtakes_what_waits_but_not_what_is_being_sent(world: World) -> None:
    await world.rooms(A)
    world.net.gates[A] = asyncio.Event()
    await world.say(A, *"abc")
    world.start()
    await world.until(lambda: len(world.net.calls) == 1)
    await world.say(A, "reply", priority=Priority.REPLY)
    await world.say(A, "alert", priority=Priority.ALERT)
    world.net.gates[A].set()
    await world.idle()
    assert world.net.texts(A) == [f"Li: {each}" for each in ("a", "alert", "reply", "b", "c")]


async def test_an_alert_overtakes_a_message_that_waits_for_its_retry(world: World) -> None:
    await world.rooms(A)
    world.net.faults[A] = deque([Unreachable()])
    await world.say(A, "talk")
    world.start()

    async def waits() -> bool:
        return (await world.rows())[0].not_before is not None

    await world.until(waits, time_passes=False)
    await world.say(A, "alert", priority=Priority.ALERT)
    await world.until(lambda: world.net.texts(A) == ["Li: alert"], time_passes=False)
    await world.idle()
    assert world.net.texts(A) == ["Li: alert", "Li: talk"]


async def test_a_rate_limit_halts_only_its_room_and_lasts_over_a_restart(world: World) -> None:
    await world.rooms(A, B)
    world.net.faults[A] = deque([RateLimited(timedelta(minutes=9))])
    await world.say(A, "halted", "behind")
    world.start()

    async def halted() -> bool:
        room = await world.room(A)
        return room is not None and room.halted_until is not None

    await world.until(halted, time_passes=False)
    room = await world.room(A)
    assert room is not None
    assert room.halted_until == world.moment + timedelta(minutes=9)
    await world.crash()
    await world.say(A, "alert", priority=Priority.ALERT)
    await world.say(B, "free")
    world.start()
    await world.until(lambda: bool(world.net.texts(B)), time_passes=False)
    world.moment += timedelta(minutes=8)
    await world.say(B, "free again")
    world.delivery.wake([A])
    await world.until(lambda: len(world.net.texts(B)) == 2, time_passes=False)
    assert world.net.texts(A) == []
    world.moment += timedelta(minutes=2)
    world.delivery.wake([A])
    await world.idle(time_passes=False)
    assert world.net.texts(A) == ["Li: alert", "Li: halted", "Li: behind"]


@pytest.mark.parametrize("hours", [-6, 6])
async def test_who_sets_the_clock_changes_no_rate_limit(world: World, hours: int) -> None:
    """Neither does the room wait for hours more, nor does it ask before it may."""
    await world.rooms(A)
    world.net.faults[A] = deque([RateLimited(timedelta(seconds=30))])
    await world.say(A, "halted")
    world.start()
    await world.until(lambda: bool(world.delivery._means.halts.get(A)), time_passes=False)
    world.set_by = timedelta(hours=hours)
    world.moment += timedelta(seconds=25)
    await world.say(A, "behind")
    await asyncio.sleep(0.05)
    assert world.net.texts(A) == []
    world.moment += timedelta(seconds=5)
    world.delivery.wake([A])
    await world.idle(time_passes=False)
    assert world.net.texts(A) == ["Li: halted", "Li: behind"]


async def test_a_clock_set_back_while_nothing_ran_silences_no_room(world: World) -> None:
    await world.rooms(A)
    world.net.faults[A] = deque([RateLimited(timedelta(seconds=30))])
    await world.say(A, "halted")
    world.start()

    async def put_off() -> bool:
        return (await world.rows())[0].not_before is not None

    await world.until(put_off, time_passes=False)
    await world.crash()
    world.set_by = timedelta(hours=-6)
    world.start()
    await world.idle(time_passes=False)
    assert world.net.texts(A) == ["Li: halted"]


async def test_a_room_that_moved_is_followed_with_all_that_waits(world: World) -> None:
    await world.rooms(A)
    world.net.faults[A] = deque([RoomMoved("loopback:new")])
    ids = await world.say(A, *"abc")
    world.start()
    await world.idle()
    assert world.net.texts(A) == []
    assert world.net.texts("loopback:new") == ["Li: a", "Li: b", "Li: c"]
    async with world.store.read() as uow:
        assert await uow.messages.remote(ids[0], "loopback:new") == "1"
        assert await uow.rooms.get(A) is None


@pytest.mark.parametrize("to", [A, "loopback:elsewhere"])
async def test_rooms_that_move_in_circles_end_as_a_dead_letter(world: World, to: str) -> None:
    """A network that says so again and again is not followed for ever."""
    await world.rooms(A)
    world.net.faults = {A: deque([RoomMoved(to)] * 50), to: deque([RoomMoved(A)] * 50)}
    await world.say(A, "lost")
    world.start()
    await world.idle()
    assert await world.states() == ["dead"]
    assert len(world.net.calls) < 20


async def test_many_rooms_outcomes_take_few_commits(world: World) -> None:
    rooms = [f"loopback:r{number}" for number in range(40)]
    await world.rooms(*rooms)
    for room in rooms:
        await world.say(room, "one", "two", "three")
    before = world.commits
    world.start()
    await world.idle(time_passes=False)
    assert all(len(world.net.texts(room)) == 3 for room in rooms)
    assert world.commits - before <= 40


async def test_a_storm_of_wakes_neither_starves_nor_repeats(world: World) -> None:
    await world.rooms(A)
    texts = [f"m{number}" for number in range(30)]
    await world.say(A, *texts)
    storm = True

    async def blow() -> None:
        while storm:
            world.delivery.wake([A])
            await asyncio.sleep(0)

    world.start()
    blowing = asyncio.create_task(blow())
    await world.until(lambda: len(world.net.texts(A)) == len(texts))
    storm = False
    await blowing
    await world.idle()
    assert world.net.texts(A) == [f"Li: {text}" for text in texts]


async def test_a_message_written_as_its_lane_ends_is_not_left(world: World) -> None:
    """Each is written at the moment in which the outcome of the one before is committed."""
    await world.rooms(A)
    world.start()
    for number in range(60):
        await world.say(A, f"m{number}")
        await world.until(lambda: len(world.net.texts(A)) == number + 1)  # noqa: B023 - awaited within the same turn
        if number % 2:
            await world.delivery.settler.settled()
    await world.idle()
    assert len(world.net.calls) == 60


async def test_a_row_is_not_sent_again_while_its_outcome_waits_for_a_commit(world: World) -> None:
    """A writer holds the database; the lane goes on with what it has not yet called."""
    await world.rooms(A)
    await world.say(A, "first", "second")
    world.start()
    holding, let_go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with world.store.write():
            holding.set()
            await let_go.wait()

    holder = asyncio.create_task(hold())
    await holding.wait()
    await world.until(lambda: len(world.net.texts(A)) == 2)
    for _wake in range(50):
        world.delivery.wake([A])
        async with world.store.read() as uow:
            assert len(await uow.outbox.next(A, 5)) == 2
    assert len(world.net.calls) == 2
    let_go.set()
    await holder
    await world.idle()
    assert len(world.net.calls) == 2


async def test_an_answer_and_an_edit_reach_a_message_before_its_id_is_committed(
    world: World,
) -> None:
    await world.rooms(A)
    (first,) = await world.say(A, "first")
    async with world.store.write() as uow:
        second = await world.message(uow, "loopback:origin", "second")
        message = await uow.messages.get(second)
        assert message is not None
        message.reply_to = first
        await world.post.relay(uow, message, [A])
        edited = await uow.messages.get(first)
        assert edited is not None
        await uow.messages.changed(edited, {"html": "first, put right"})
        await world.post.change(uow, edited)
    world.start()
    await world.idle()
    assert world.net.calls[1].sending.reply_to == "1"
    assert world.net.calls[2].sending.target == "1"
    assert world.net.texts(A) == ["Li: first, put right", "Li: second"]


async def test_an_outcome_that_can_never_be_written_does_not_repeat_the_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trigger refuses to mark the row as sent: the people in the room must not suffer."""
    await world.rooms(A)
    await world.say(A, "once", "next")
    async with world.store.write() as uow:
        connection = await uow.outbox.session.connection()
        await connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE UPDATE ON outbox WHEN OLD.id = 1 AND NEW.state = 'sent' "
            "BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
    world.start()

    async def next_is_sent() -> bool:
        return (await world.rows())[1].state == "sent"

    await world.until(next_is_sent)
    for _wake in range(20):
        world.delivery.wake([A])
        await world.say(B, "time passes")
    assert world.net.texts(A) == ["Li: once", "Li: next"]
    assert (await world.rows())[0].state == "queued"


async def test_a_remote_id_that_is_taken_does_not_repeat_the_call(world: World) -> None:
    await world.rooms(A)
    async with world.store.write() as uow:
        other = await world.message(uow, A, "other")
        await uow.messages.place(other, A, remote="1", origin=True)
    await world.say(A, "mine")
    world.start()
    await world.idle()
    assert world.net.texts(A) == ["Li: mine"]
    assert await world.states() == ["sent"]


@pytest.mark.parametrize("reason", ["a\0b", "a\ud800b", "x" * 100_000])
async def test_what_a_network_says_of_a_fault_can_always_be_stored(
    ready_url: str, reason: str
) -> None:
    async with opened(ready_url) as world:
        await world.rooms(A)
        world.net.faults[A] = deque([AnswerLost(reason), Unreachable(reason)])
        await world.say(A, "hello")
        world.start()
        await world.idle()
        assert world.net.texts(A) == ["Li: hello"]
        assert len(world.net.calls) == 3


class Ticking:
    """Monotonic time that goes on only where somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


async def test_lanes_together_never_exceed_the_network_wide_window(
    unsure: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All lanes find the window open in the same instant; only as many as fit may call."""
    time = Ticking()
    monkeypatch.setattr(lane_module, "time", time)
    monkeypatch.setattr(worker_module, "time", time)
    unsure.net.limits = Limits(together=(3, 1.0))
    unsure.delivery = unsure.new_delivery()
    rooms = [f"loopback:r{number}" for number in range(10)]
    await unsure.rooms(*rooms)
    for room in rooms:
        await unsure.say(room, "hello")
    unsure.start()
    sent = 0
    while sent < len(rooms):
        expected = min(sent + 3, len(rooms))
        await unsure.until(
            lambda: len(unsure.net.calls) >= expected,  # noqa: B023 - awaited within the same turn
            time_passes=False,
        )
        await unsure.delivery.settler.settled()
        assert len(unsure.net.calls) == expected
        sent = expected
        time.now += 1.0
        unsure.delivery.wake(rooms)


async def test_topics_share_the_windows_of_their_room(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Ticking()
    monkeypatch.setattr(lane_module, "time", time)
    monkeypatch.setattr(worker_module, "time", time)
    world.net.limits = Limits(each=((1, 1.0),))
    topics = [f"{A}/1", f"{A}/2", f"{A}/3"]
    await world.rooms(*topics)
    for room in topics:
        await world.say(room, "hello")
    world.start()
    for expected in (1, 2, 3):
        await world.until(
            lambda: len(world.net.calls) >= expected,  # noqa: B023 - awaited within the same turn
            time_passes=False,
        )
        await world.delivery.settler.settled()
        assert len(world.net.calls) == expected
        time.now += 1.0
        world.delivery.wake(topics)


async def test_what_a_former_run_sent_still_fills_the_window(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Ticking()
    monkeypatch.setattr(lane_module, "time", time)
    monkeypatch.setattr(worker_module, "time", time)
    world.net.limits = Limits(each=((2, 60.0),))
    await world.rooms(A)
    await world.say(A, "a", "b")
    world.start()
    await world.idle(time_passes=False)
    await world.stop()
    world.delivery = world.new_delivery()
    await world.rooms(B)
    world.moment += timedelta(seconds=20)
    await world.say(A, "c")
    await world.say(B, "free")
    world.start()
    await world.until(lambda: bool(world.net.texts(B)), time_passes=False)
    wait = world.delivery._lanes[A]._quota.wait(time.now)
    assert wait == pytest.approx(40.0, abs=0.01)
    assert world.net.texts(A) == ["Li: a", "Li: b"]
