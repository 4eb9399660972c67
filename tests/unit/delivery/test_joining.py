"""Talk that a quota would hold up goes as one message in which each line stays its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.delivery import lines as lines_module
from bot.delivery.priority import Priority
from bot.transports.base import AnswerLost, Limits, RateLimited, Rejected, RoomGone, Unreachable
from storage.tables import Copy
from tests.unit.delivery.joint import Joint
from tests.unit.delivery.world import World, opened

A, ORIGIN = "loopback:a", "loopback:origin"


@pytest.fixture
async def pressed(ready_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A network on which two calls in a row are one too many."""
    monkeypatch.setattr(lines_module, "PATIENCE_SECONDS", 0.01)
    async with opened(ready_sqlite_url, make=Joint) as world:
        await world.rooms(A, ORIGIN)
        yield world


def line(texts: str) -> str:
    """What the texts read as one message."""
    return "\n".join(f"Li: {text}" for text in texts)


async def place(world: World, message_id: int) -> Copy:
    """Where the message stands."""
    async with world.store.read() as uow:
        (copy,) = await uow.messages.copies(message_id, A)
        return copy


async def edit(world: World, message_id: int, text: str) -> None:
    """The author changes what was said."""
    async with world.store.write() as uow:
        message = await uow.messages.get(message_id)
        assert message is not None
        await uow.messages.changed(message, {"html": text})
        await world.post.change(uow, message)


async def erase(world: World, message_id: int) -> None:
    """The author takes it back."""
    async with world.store.write() as uow:
        message = await uow.messages.get(message_id)
        assert message is not None
        await world.post.erase_copies(uow, message, origin=False)


async def test_what_would_wait_goes_as_one_message_in_order(pressed: World) -> None:
    ids = await pressed.say(A, *"abcdefgh")
    pressed.start()
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == [line("abcdefgh")]
    places = [await place(pressed, each) for each in ids]
    assert [(each.remote, each.slot) for each in places] == [("1", at) for at in range(8)]
    async with pressed.store.read() as uow:
        last = await uow.messages.find(A, "1")
        assert last is not None
        assert last.id == ids[-1]
    assert set(await pressed.states()) == {"sent"}


async def test_what_fits_the_quota_is_not_joined(pressed: World) -> None:
    pressed.net.limits = Limits(each=((3, 60.0),))
    await pressed.say(A, *"abc")
    pressed.start()
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == ["Li: a", "Li: b", "Li: c"]


async def test_lines_are_joined_only_as_far_as_they_fit(pressed: World) -> None:
    await pressed.say(A, *("x" * 60 for _each in range(8)))
    pressed.start()
    await pressed.idle(time_passes=False)
    assert [text.count("Li: ") for text in pressed.net.texts(A)] == [3, 3, 2]


async def test_nothing_is_joined_across_an_alert_or_an_answer_to_another(pressed: World) -> None:
    (first,) = await pressed.say(A, "0")
    pressed.start()
    await pressed.idle(time_passes=False)
    await pressed.stop()
    pressed.delivery = pressed.new_delivery()
    await pressed.say(A, "!", priority=Priority.ALERT)
    await pressed.say(A, *"ab")
    async with pressed.store.write() as uow:
        answer = await pressed.message(uow, ORIGIN, "yes")
        message = await uow.messages.get(answer)
        assert message is not None
        message.reply_to = first
        await pressed.post.relay(uow, message, [A])
    await pressed.say(A, *"cdefg")
    pressed.start()
    await pressed.until(lambda: len(pressed.net.texts(A)) == 4, time_passes=False)
    assert pressed.net.texts(A)[1:3] == ["Li: !", line("ab")]
    assert pressed.net.texts(A)[3] == "\n".join(("Li: yes", line("cdefg")))
    assert pressed.net.calls[3].sending.reply_to == "1"


async def test_an_edit_changes_its_line_and_a_deletion_removes_it(pressed: World) -> None:
    ids = await pressed.say(A, *"abcde")
    pressed.start()
    await pressed.idle(time_passes=False)
    await edit(pressed, ids[1], "better")
    await erase(pressed, ids[3])
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == ["Li: a\nLi: better\nLi: c\nLi: e"]
    assert (await place(pressed, ids[3])).remote is None
    async with pressed.store.read() as uow:
        assert [each.message_id for each in await uow.messages.joined(A, "1")] == [
            each for each in ids if each != ids[3]
        ]


async def test_the_message_goes_with_its_last_line(pressed: World) -> None:
    ids = await pressed.say(A, *"abcdefgh")
    pressed.start()
    await pressed.idle(time_passes=False)
    for each in ids:
        await erase(pressed, each)
    await pressed.stop()
    pressed.net.limits = Limits()
    pressed.delivery = pressed.new_delivery()
    pressed.start()
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == []
    assert [call.action for call in pressed.net.calls] == ["send", *["edit"] * 7, "delete"]


async def test_a_line_that_no_longer_fits_becomes_a_message_of_its_own(pressed: World) -> None:
    ids = await pressed.say(A, *"abcdefgh")
    pressed.start()
    await pressed.idle(time_passes=False)
    await edit(pressed, ids[2], "y" * 180)
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == [line("abdefgh"), f"Li: {'y' * 180}"]
    assert pressed.net.calls[-1].sending.reply_to == "1"
    assert (await place(pressed, ids[2])).remote == "2"
    await edit(pressed, ids[2], "short")
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == [line("abdefgh"), "Li: short"]


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_joined_message_whose_answer_was_lost_is_resolved_as_a_whole(
    pressed: World, arrived: bool
) -> None:
    pressed.net.carried, pressed.net.found = arrived, "yes" if arrived else False
    pressed.net.faults[A] = deque([AnswerLost()])
    ids = await pressed.say(A, *"abcdefgh")
    pressed.start()
    await pressed.until(lambda: len(pressed.net.calls) == 1, time_passes=False)

    async def kept() -> bool:
        rows = await pressed.rows(A)
        return all(row.error is not None for row in rows)

    await pressed.until(kept, time_passes=False)
    rows = await pressed.rows(A)
    assert {(row.state, row.joined) for row in rows} == {("sending", rows[0].id)}
    await pressed.crash()
    pressed.net.faults.clear()
    pressed.moment += timedelta(hours=1)
    await pressed.say(A, "later")
    pressed.start()
    await pressed.idle()
    assert pressed.net.asked[0][0] == line("abcdefgh")
    assert pressed.net.texts(A) == [line("abcdefgh"), "Li: later"]
    assert [(await place(pressed, each)).slot for each in ids] == list(range(8))


async def test_lines_that_may_be_there_say_so_one_by_one_where_they_are_not_joined_again(
    pressed: World,
) -> None:
    """The joined message is in doubt, cannot be looked for, and its repetition is refused."""
    pressed.net.carried, pressed.net.found = True, True
    pressed.net.faults[A] = deque([AnswerLost()])
    await pressed.say(A, *"abcdefgh")
    pressed.start()
    await pressed.until(lambda: len(pressed.net.calls) == 1, time_passes=False)
    pressed.net.carried = False
    pressed.net.faults[A] = deque([Unreachable()])
    await pressed.idle()
    first, *again = pressed.net.texts(A)
    assert first == line("abcdefgh")
    assert "".join(again).count("Li: ") == 8
    assert all("Possibly repeated" in text for text in again)


async def test_a_process_killed_before_the_call_sends_the_same_message(pressed: World) -> None:
    pressed.net.faults[A] = deque([Unreachable()])
    await pressed.say(A, *"abcdefgh")
    async with pressed.store.write() as uow:
        rows = await uow.outbox.next(A, 9)
        for row in rows[:5]:
            assert row.id is not None
            await uow.outbox.mark(row.id, state="sending", joined=rows[0].id, attempts=1)
    pressed.net.faults.clear()
    pressed.net.found = False
    pressed.start()
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A)[0] == line("abcde")
    assert "".join(text.replace("Li: ", "").replace("\n", "") for text in pressed.net.texts(A)) == (
        "abcdefgh"
    )


@pytest.mark.parametrize("fault", [Unreachable(), RateLimited(timedelta(seconds=9))])
async def test_what_surely_did_not_arrive_is_joined_anew(
    pressed: World, fault: BaseException
) -> None:
    pressed.net.faults[A] = deque([fault])
    await pressed.say(A, *"abcdefgh")
    pressed.start()
    await pressed.idle()
    assert pressed.net.texts(A) == [line("abcdefgh")]


async def test_a_line_that_the_network_refuses_does_not_take_the_others_along(
    pressed: World,
) -> None:
    pressed.net.poison[line("abcd")] = lambda: Rejected("no")
    pressed.net.poison["Li: b"] = lambda: Rejected("no")
    await pressed.say(A, *"abcd")
    pressed.start()
    await pressed.idle()
    assert pressed.net.texts(A) == ["Li: a", "Li: c", "Li: d"]
    assert await pressed.states(A) == ["sent", "dead", "sent", "sent"]


async def test_a_room_that_is_gone_takes_every_line(pressed: World) -> None:
    pressed.net.faults[A] = deque([RoomGone("kicked")] * 9)
    await pressed.say(A, *"abcdefgh")
    pressed.start()
    await pressed.idle()
    assert await pressed.states(A) == ["dead"] * 8


async def test_an_edit_of_what_is_still_queued_is_folded_into_it(pressed: World) -> None:
    ids = await pressed.say(A, *"ab")
    await edit(pressed, ids[0], "first")
    await edit(pressed, ids[0], "second")
    pressed.start()
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == ["Li: second\nLi: b"]
    assert [call.action for call in pressed.net.calls] == ["send"]


async def test_what_is_taken_back_while_it_is_queued_is_never_sent(pressed: World) -> None:
    ids = await pressed.say(A, *"abc")
    await erase(pressed, ids[1])
    pressed.start()
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == [line("ac")]
    assert await pressed.states(A) == ["sent", "dropped", "sent"]


async def test_a_row_that_a_lane_has_read_is_sent_as_it_is_when_its_turn_comes(
    pressed: World,
) -> None:
    """It reads twenty rows at a time; the first is under way while two others change."""
    gate = pressed.net.gates[A] = asyncio.Event()
    pressed.net.limits = Limits()
    pressed.delivery = pressed.new_delivery()
    ids = await pressed.say(A, *"abc")
    pressed.start()
    await pressed.until(lambda: len(pressed.net.calls) == 1, time_passes=False)
    await edit(pressed, ids[1], "better")
    await erase(pressed, ids[2])
    gate.set()
    await pressed.idle(time_passes=False)
    assert pressed.net.texts(A) == ["Li: a", "Li: better"]


async def test_an_edit_of_what_is_under_way_follows_it(pressed: World) -> None:
    gate = pressed.net.gates[A] = asyncio.Event()
    (message_id,) = await pressed.say(A, "a")
    pressed.start()
    await pressed.until(lambda: len(pressed.net.calls) == 1, time_passes=False)
    await edit(pressed, message_id, "better")
    gate.set()
    await pressed.idle(time_passes=False)
    assert [call.action for call in pressed.net.calls] == ["send", "edit"]
    assert pressed.net.texts(A) == ["Li: better"]
