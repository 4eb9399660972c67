"""On a network that cannot tell repeats, a send whose answer was lost is looked for first."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

import pytest

from bot.delivery.retry import PATIENCE
from bot.transports.base import AnswerLost, RateLimited, Rejected, Unreachable
from tests.unit.delivery.world import World
from workflows.text import _

A = "loopback:a"
MARK = "Possibly repeated: the first answer was lost"


async def sending(world: World) -> bool:
    """Whether the first row waits to be resolved."""
    return (await world.rows())[0].state == "sending"


async def test_what_arrived_is_not_sent_again(unsure: World) -> None:
    await unsure.rooms(A)
    unsure.net.carried, unsure.net.found = True, "yes"
    unsure.net.faults[A] = deque([AnswerLost()])
    (message_id,) = await unsure.say(A, "hello")
    await unsure.say(A, "next")
    unsure.start()
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: hello", "Li: next"]
    assert await unsure.states() == ["sent", "sent"]
    async with unsure.store.read() as uow:
        assert await uow.messages.remote(message_id, A) == "1"


async def test_what_surely_did_not_arrive_is_sent_without_a_mark(unsure: World) -> None:
    await unsure.rooms(A)
    unsure.net.found = False
    unsure.net.faults[A] = deque([AnswerLost()])
    await unsure.say(A, "hello")
    unsure.start()
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: hello"]


@pytest.mark.parametrize("language", ["en", "zh", "both"])
async def test_what_cannot_be_told_is_repeated_with_a_mark_in_the_rooms_language(
    unsure: World, language: str
) -> None:
    await unsure.rooms(A, language=language)
    unsure.net.carried = True
    unsure.net.faults[A] = deque([AnswerLost()])
    await unsure.say(A, "hello")
    unsure.start()
    await unsure.idle()
    first, second = unsure.net.texts(A)
    mark = unsure.speech.text(_("Possibly repeated: the first answer was lost"), language)
    assert (first, second) == ("Li: hello", f"[{mark}] Li: hello")
    assert (MARK in mark) == (language != "zh")
    assert ("可能" in mark) == (language != "en")


async def test_the_latest_known_ids_are_passed_on(unsure: World) -> None:
    await unsure.rooms(A)
    await unsure.say(A, "one", "two")
    unsure.start()
    await unsure.idle()
    unsure.net.faults[A] = deque([AnswerLost()])
    await unsure.say(A, "three")
    await unsure.idle()
    assert unsure.net.asked == [("Li: three", ("2", "1"))]


@pytest.mark.parametrize(
    "fault", [Unreachable(), RateLimited(timedelta(seconds=5)), AnswerLost("502")]
)
async def test_while_it_cannot_be_looked_for_it_is_neither_repeated_nor_marked(
    unsure: World, fault: BaseException
) -> None:
    """The answer was lost, then the network was down: when it is back, the message is found."""
    await unsure.rooms(A)
    unsure.net.carried, unsure.net.found = True, fault
    unsure.net.faults[A] = deque([AnswerLost()])
    await unsure.say(A, "hello")
    unsure.start()
    await unsure.until(lambda: len(unsure.net.asked) >= 3)
    assert await sending(unsure)
    unsure.net.found = "yes"
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: hello"]


async def test_a_search_that_is_never_answered_ends_in_a_marked_repeat(unsure: World) -> None:
    await unsure.rooms(A)
    unsure.net.found = AnswerLost("502")
    unsure.net.faults[A] = deque([AnswerLost()])
    await unsure.say(A, "hello")
    unsure.start()
    await unsure.idle()
    assert len(unsure.net.asked) <= PATIENCE
    assert unsure.net.texts(A) == [f"[{MARK}] Li: hello"]


@pytest.mark.parametrize("error", [Rejected("no"), KeyError("nobody foresaw it")])
async def test_a_search_that_fails_stops_no_lane(unsure: World, error: BaseException) -> None:
    await unsure.rooms(A)
    unsure.net.found = error
    unsure.net.faults[A] = deque([AnswerLost()])
    await unsure.say(A, "hello", "next")
    unsure.start()
    await unsure.idle()
    assert unsure.net.texts(A) == [f"[{MARK}] Li: hello", "Li: next"]


async def test_a_fault_that_nobody_foresaw_leaves_open_whether_it_arrived(unsure: World) -> None:
    await unsure.rooms(A)
    unsure.net.carried, unsure.net.found = True, "yes"
    unsure.net.faults[A] = deque([KeyError("after the call")])
    await unsure.say(A, "hello")
    unsure.start()
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: hello"]


async def test_a_mark_outlives_further_faults(unsure: World) -> None:
    await unsure.rooms(A)
    unsure.net.faults[A] = deque([AnswerLost(), Unreachable()])
    await unsure.say(A, "hello")
    unsure.start()
    await unsure.idle()
    assert unsure.net.texts(A) == [f"[{MARK}] Li: hello"]


async def test_a_call_is_noted_before_it_is_made(unsure: World) -> None:
    await unsure.rooms(A)
    states: list[str] = []

    async def look() -> None:
        states.extend(await unsure.states())

    unsure.net.faults[A] = deque([look])
    await unsure.say(A, "hello")
    unsure.start()
    await unsure.idle()
    assert states == ["sending"]


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_crash_during_a_call_is_resolved_at_the_next_start(
    unsure: World, arrived: bool
) -> None:
    await unsure.rooms(A)
    ids = await unsure.say(A, "hello", "next")
    async with unsure.store.write() as uow:
        row = (await uow.outbox.of_message(ids[0]))[0]
        assert row.id is not None
        await uow.outbox.mark(row.id, state="sending", attempts=1)
        if arrived:
            unsure.net.remotes[row.txn] = "77"
            unsure.net.shown[A] = [("77", "Li: hello")]
    unsure.net.found = "yes"
    unsure.start()
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: hello", "Li: next"]
    async with unsure.store.read() as uow:
        remote = await uow.messages.remote(ids[0], A)
    assert (remote == "77") == arrived


async def test_edits_and_deletions_are_repeated_without_ado(unsure: World) -> None:
    await unsure.rooms(A)
    (message_id,) = await unsure.say(A, "hello")
    unsure.start()
    await unsure.idle()
    unsure.net.faults[A] = deque([AnswerLost(), AnswerLost()])
    async with unsure.store.write() as uow:
        message = await uow.messages.get(message_id)
        assert message is not None
        await uow.messages.changed(message, {"html": "better"})
        await unsure.post.change(uow, message)
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: better"]
    assert unsure.net.asked == []


async def test_a_network_that_shows_a_repeat_once_is_never_asked(world: World) -> None:
    await world.rooms(A)
    world.net.carried = True
    world.net.faults[A] = deque([AnswerLost(), AnswerLost()])
    await world.say(A, "hello")
    world.start()
    await world.idle()
    assert world.net.texts(A) == ["Li: hello"]
    assert world.net.asked == []
