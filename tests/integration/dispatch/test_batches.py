"""A batch is taken whole, each update once, and a bad one costs only itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.dispatcher import SLICE
from bot.transports.base import Batch, Lost, Moved
from storage import StoreUnavailable, UnitOfWork
from storage.queries.inbox import Inbox
from tests.integration.dispatch.desk import A, B, C, Desk
from workflows.text import Msg


async def cursor(desk: Desk) -> str | None:
    """How far the network has been read."""
    async with desk.world.store.read() as uow:
        return await uow.inbox.cursor("loopback")


async def test_a_message_reaches_every_linked_room_and_not_its_own(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en", c="zh")
    await desk.say(A, "hello")
    assert desk.texts(A) == []
    assert desk.texts(B) == desk.texts(C) == ["Li: hello"]


async def test_an_update_that_is_delivered_again_has_no_second_effect(each_desk: Desk) -> None:
    desk = each_desk
    await desk.bridge("north", a="en", b="en")
    said = desk.said(A, "/trial yes")
    await desk.take(said, said)
    await desk.take(said)
    assert len([text for text in desk.texts(B) if "trial yes" in text]) == 1
    assert await desk.ledger() == ["yes"]


async def test_the_same_message_under_another_key_is_taken_once(desk: Desk) -> None:
    """As when a gap is filled with what a later sync brings as well."""
    await desk.bridge("north", a="en", b="en")
    said = desk.said(A, "hello")
    await desk.take(said, replace(said, key="loopback:again"))
    assert desk.texts(B) == ["Li: hello"]


async def test_one_bad_update_costs_only_itself(each_desk: Desk) -> None:
    """It is kept with a number, and its room is told that number."""
    desk = each_desk
    await desk.bridge("north", a="en", b="en")
    bad = replace(desk.said(A, "bad"), remote=None)
    await desk.take(desk.said(A, "before"), bad, desk.said(A, "behind"))
    assert desk.texts(B) == ["Li: before", "Li: behind"]
    async with desk.world.store.read() as uow:
        (kept,) = await uow.inbox.failed()
    assert kept.key == bad.key
    assert kept.payload is not None
    assert "bad" in kept.payload["inbound"]
    reference = str(kept.error).split()[0]
    (told,) = desk.texts(A)
    assert reference in told
    assert await cursor(desk) == "1"
    await desk.take(bad)
    assert len(desk.texts(A)) == 1


HOSTILE = ["\0", "a\0b", "\ud800", "x\udfff", "\U000e0041" * 50, "\u202e" * 50, "x" * 1_000_000]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("place", ["text", "name", "key", "room", "remote", "title"])
async def test_a_hostile_update_never_stops_the_batch(
    each_desk: Desk, place: str, text: str
) -> None:
    """Transports clean what people type; whatever passes them must still poison nothing."""
    desk = each_desk
    await desk.bridge("north", a="en", b="en")
    bad = desk.said(A, text if place == "text" else "hello")
    assert bad.sender is not None
    match place:
        case "name":
            bad = replace(bad, sender=replace(bad.sender, name=text, account="loopback:x"))
        case "key":
            bad = replace(bad, key=f"loopback:{text}")
        case "room":
            bad = replace(bad, room=f"loopback:{text}")
        case "remote":
            bad = replace(bad, remote=text)
        case "title":
            bad = replace(bad, title=text)
    await desk.dispatcher.take(
        "loopback", Batch((desk.said(A, "before"), bad, desk.said(A, "behind")), cursor="9")
    )
    assert await cursor(desk) == "9"
    async with desk.world.store.read() as uow:
        rows = await uow.outbox.next(B, 10)
    texts = [row.payload["text"] for row in rows]
    assert texts[0] == "Li: before"
    assert texts[-1] == "Li: behind"


async def test_a_moment_without_a_time_zone_does_not_stop_the_batch(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    bad = replace(desk.said(A, "bad"), at=datetime(2026, 7, 18))
    await desk.take(bad, desk.said(A, "behind"))
    assert desk.texts(B) == ["Li: behind"]
    async with desk.world.store.read() as uow:
        assert len(await uow.inbox.failed()) == 1


async def test_a_database_fault_takes_everything_back_and_the_next_try_has_one_effect(
    each_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = each_desk
    await desk.bridge("north", a="en", b="en")

    async def fault(uow: UnitOfWork) -> None:
        raise StoreUnavailable("full")

    first, second = desk.said(A, "one"), desk.said(A, "/trial yes")
    advance = Inbox.advance

    async def full(self: Inbox, network: str, value: str, at: datetime) -> None:
        await advance(self, network, value, at)
        raise StoreUnavailable("full")

    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "advance", full)
        with pytest.raises(StoreUnavailable):
            await desk.dispatcher.take("loopback", Batch((first, second), cursor="5"))
    with pytest.raises(StoreUnavailable):
        await desk.dispatcher.take("loopback", Batch((first,), cursor="5", alongside=fault))
    assert await cursor(desk) is None
    assert await desk.rows() == []
    assert await desk.ledger() == []
    await desk.take(first, second)
    assert sorted(desk.texts(B))[:2] == ["Li: /trial yes", "Li: one"]
    assert await desk.ledger() == ["yes"]


async def test_a_failed_command_undoes_itself_and_its_text_is_relayed(each_desk: Desk) -> None:
    desk = each_desk
    await desk.bridge("north", a="en", b="en")
    await desk.take(desk.said(A, "/trial boom"), desk.said(A, "behind"))
    assert desk.texts(B) == ["Li: /trial boom", "Li: behind"]
    (answer,) = desk.texts(A)
    assert "nothing was changed" in answer
    room = await desk.world.room(A)
    assert room is not None
    assert room.title == A
    assert await desk.ledger() == []


async def test_a_refusal_undoes_what_came_before_it_and_is_said(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial no")
    assert desk.texts(A) == ["This room is in no bridge."]
    assert await desk.ledger() == []


async def test_a_room_that_moves_keeps_its_bridge(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.take(desk.event(A, Moved("loopback:new")), desk.said("loopback:new", "hello"))
    notice, *words = desk.texts(B)
    assert "The bridge has followed" in notice
    assert words == ["Li: hello"]
    await desk.say(B, "back")
    assert desk.texts("loopback:new") == ["Li: back"]
    assert desk.texts(A) == []


async def test_words_from_before_a_move_are_heard_once_the_move_is_known(desk: Desk) -> None:
    """A group's last words under its old id can come after the news of its new one, and again."""
    await desk.bridge("north", a="en", b="en")
    first = await desk.say(B, "before")
    await desk.take(desk.event(B, Moved("loopback:new")))
    shown = len(desk.texts(A))
    late = desk.said(B, "late words", reply_to=first.remote)
    await desk.take(late, desk.event(B, Lost(Msg("upgraded"))))
    await desk.take(replace(late, key="loopback:again"))
    assert desk.texts(A)[shown:] == ["Li: late words"]
    async with desk.world.store.read() as uow:
        assert await uow.rooms.get(B) is None
        assert late.remote is not None
        message = await uow.messages.find(B, late.remote)
        assert message is not None
        assert message.room == "loopback:new"
        assert message.reply_to is not None
    await desk.say(A, "answer")
    assert desk.texts("loopback:new")[-1] == "Li: answer"
    assert desk.texts(B) == []


async def test_rooms_learn_once_that_another_is_cut_off(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="zh", c="en")
    lost = Lost(Msg("the bot was removed"))
    await desk.take(desk.event(C, lost))
    await desk.take(desk.event(C, lost))
    assert len(desk.texts(A)) == len(desk.texts(B)) == 1
    assert "cut off" in desk.texts(A)[0]
    assert "cut off" not in desk.texts(B)[0]


async def test_old_words_are_shown_with_the_time_passed_in(desk: Desk) -> None:
    """The store keeps when it was written and when we took it."""
    await desk.bridge("north", a="en", b="en")
    said = replace(desk.said(A, "old"), at=desk.world.moment - timedelta(hours=3))
    await desk.take(said)
    async with desk.world.store.read() as uow:
        assert said.remote is not None
        message = await uow.messages.find(A, said.remote)
    assert message is not None
    assert message.taken_at - message.at == timedelta(hours=3)


async def test_a_long_batch_is_taken_in_slices_and_acknowledged_with_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network hands the whole batch over again after a fault: nothing is lost or doubled."""
    await desk.bridge("north", a="en", b="en")
    said = [desk.said(A, f"m{number}") for number in range(2 * SLICE + 1)]
    take, taken = Inbox.take, 0

    async def failing(self: Inbox, *args: Any) -> bool:
        nonlocal taken
        taken += 1
        if taken == SLICE + 3:
            raise StoreUnavailable("the disk is full")
        return await take(self, *args)

    monkeypatch.setattr(Inbox, "take", failing)
    before = await cursor(desk)
    batch = Batch(tuple(said), "whole")
    with pytest.raises(StoreUnavailable):
        await desk.dispatcher.take("loopback", batch)
    assert await cursor(desk) == before
    await desk.delivered()
    assert desk.texts(B) == [f"Li: m{number}" for number in range(SLICE)]
    await desk.dispatcher.take("loopback", batch)
    await desk.delivered()
    assert desk.texts(B) == [f"Li: m{number}" for number in range(2 * SLICE + 1)]
    assert await cursor(desk) == "whole"
