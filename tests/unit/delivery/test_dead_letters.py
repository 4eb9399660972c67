"""What is given up: told of, stopping nobody, sent again on demand."""

from __future__ import annotations

from collections import deque

import pytest

from bot.delivery.retry import PATIENCE
from bot.transports.base import AnswerLost, Rejected, RoomGone, TargetGone, Unreachable
from storage.tables import OutboxRow
from tests.unit.delivery.world import World

A, B, ORIGIN = "loopback:a", "loopback:b", "loopback:origin"


async def test_a_network_that_is_away_for_long_loses_no_message(world: World) -> None:
    await world.rooms(A)
    world.net.faults[A] = deque([Unreachable()] * 60)
    await world.say(A, "hello", "next")
    world.start()
    await world.idle()
    assert world.net.texts(A) == ["Li: hello", "Li: next"]
    assert (await world.rows())[0].attempts == 61


async def test_a_network_that_answers_nobody_loses_no_message(world: World) -> None:
    """Only 5xx for an hour: no message has passed since, so the fault is not the message's."""
    await world.rooms(A)
    world.net.faults[A] = deque([AnswerLost("503")] * 40)
    await world.say(A, "hello")
    world.start()
    await world.idle()
    assert world.net.texts(A) == ["Li: hello"]


@pytest.mark.parametrize("poison", [AnswerLost("500"), ZeroDivisionError("nobody foresaw it")])
async def test_a_poison_message_becomes_a_dead_letter_that_stops_no_one(
    world: World, poison: BaseException
) -> None:
    await world.rooms(A, B, ORIGIN)
    world.net.poison["Li: poison"] = lambda: poison
    await world.say(A, "before", "poison", "behind")
    world.start()
    count = 0

    async def others_pass() -> bool:
        nonlocal count
        if await world.states(A) != ["sent", "dead", "sent"]:
            count += 1
            await world.say(B, f"other {count}")
            return False
        return True

    await world.until(others_pass)
    await world.idle()
    assert world.net.texts(A) == ["Li: before", "Li: behind"]
    tries = [call for call in world.net.calls if call.text == "Li: poison"]
    assert PATIENCE <= len(tries) <= PATIENCE + 1
    (notice,) = world.net.texts(ORIGIN)
    assert "1 message was not delivered to loopback:a" in notice
    assert "/retry send" in notice


async def test_a_dead_letter_that_is_revived_is_delivered(world: World) -> None:
    await world.rooms(A, ORIGIN)
    world.net.faults[A] = deque([Rejected("no")])
    (message_id,) = await world.say(A, "hello")
    world.start()
    await world.idle()
    assert await world.states(A) == ["dead"]
    async with world.store.write() as uow:
        dead = await uow.outbox.dead([ORIGIN])
        await uow.outbox.revive([row.id for row in dead if row.id is not None])
        await world.post.wake(uow, (A,))
    await world.idle()
    assert world.net.texts(A) == ["Li: hello"]
    async with world.store.read() as uow:
        assert await uow.messages.remote(message_id, A) == world.net.shown[A][0][0]
        assert await uow.outbox.count_dead() == 0


async def test_a_room_that_is_gone_takes_its_whole_lane_with_one_notice(world: World) -> None:
    await world.rooms(A, B, ORIGIN)
    world.net.faults[A] = deque([RoomGone("kicked")] * 10)
    await world.say(A, *(f"m{number}" for number in range(30)))
    await world.say(B, "hello")
    world.start()
    await world.idle()
    assert await world.states(A) == ["dead"] * 30
    (notice,) = world.net.texts(ORIGIN)
    assert "30 messages were not delivered to loopback:a" in notice
    assert world.net.texts(B) == ["Li: hello"]


async def test_each_origin_room_is_told_of_its_own(world: World) -> None:
    origins = ["loopback:x", "loopback:y"]
    await world.rooms(A, *origins)
    world.net.faults[A] = deque([RoomGone("kicked")] * 10)
    await world.say(A, "1", "2", origin=origins[0])
    await world.say(A, "3", origin=origins[1])
    world.start()
    await world.idle()
    assert ["2 messages" in text for text in world.net.texts(origins[0])] == [True]
    assert ["1 message " in text for text in world.net.texts(origins[1])] == [True]


async def test_a_notice_that_cannot_be_delivered_causes_no_further_notice(world: World) -> None:
    await world.rooms(A, ORIGIN)
    world.net.faults = {A: deque([Rejected()]), ORIGIN: deque([Rejected()])}
    await world.say(A, "hello")
    world.start()
    await world.idle()
    assert await world.states() == ["dead", "dead"]


async def test_a_dead_letter_stays_dead_if_nobody_can_be_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.rooms(A, ORIGIN)

    async def broken(*_args: object, **_options: object) -> int:
        raise KeyError("no words")

    monkeypatch.setattr(type(world.post), "tell", broken)
    world.net.faults[A] = deque([Rejected()])
    await world.say(A, "hello", "next")
    world.start()
    await world.idle()
    assert await world.states() == ["dead", "sent"]


async def test_an_edit_of_what_is_gone_is_done(world: World) -> None:
    await world.rooms(A, ORIGIN)
    (message_id,) = await world.say(A, "hello")
    world.start()
    await world.idle()
    world.net.faults[A] = deque([TargetGone()])
    async with world.store.write() as uow:
        message = await uow.messages.get(message_id)
        assert message is not None
        await uow.messages.changed(message, {"html": "better"})
        await world.post.change(uow, message)
    await world.idle()
    assert await world.states(A) == ["sent", "sent"]
    assert world.net.texts(ORIGIN) == []


async def test_what_is_taken_back_before_its_room_can_be_reached_is_never_left_standing(
    world: World,
) -> None:
    await world.rooms(A)
    world.net.faults[A] = deque([Unreachable()])
    (message_id,) = await world.say(A, "hello")
    async with world.store.write() as uow:
        message = await uow.messages.get(message_id)
        assert message is not None
        await world.post.erase_copies(uow, message, origin=False)
    world.start()
    await world.idle()
    assert world.net.texts(A) == []
    rows: list[OutboxRow] = list(await world.rows())
    assert {row.state for row in rows} <= {"sent", "dropped"}
