"""Who comes, goes and changes their name is told to the linked rooms as one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from bot.clock import Clock
from bot.passages import MOST_NAMES, TIMER, WINDOW, Passages, line
from bot.transports.base import Change, Inbound, Moved, Passed, Sender
from bot.transports.presence import PassageKind
from storage.tables import Passage
from tests.integration.dispatch.desk import Desk
from tests.unit.delivery.world import START

A, B, C = "loopback:a", "loopback:b", "loopback:c"


def passed(desk: Desk, kind: PassageKind, *names: str, before: str = "") -> Inbound:
    """People of room A did something; each one's account is their name."""
    changes = tuple(Change(kind, f"loopback:{name}", name, before) for name in names)
    event = desk.event(A, Passed(changes))
    return Inbound(key=event.key, room=A, at=event.at, event=event.event, title="North")


def renamed(desk: Desk, account: str, before: str, now: str) -> Inbound:
    """Somebody in A bears another name."""
    event = desk.event(A, Passed((Change("renamed", f"loopback:{account}", now, before),)))
    return Inbound(key=event.key, room=A, at=event.at, event=event.event, title="North")


async def window_ends(desk: Desk) -> None:
    """The time passes; what was collected is told and delivered."""
    desk.world.moment += WINDOW + timedelta(seconds=1)
    rings = {TIMER: Passages(desk.world.post).ring}
    await Clock(desk.world.store, rings, lambda: desk.world.moment).ring()
    await desk.delivered()


async def test_thirty_who_join_are_one_line_in_each_language(each_desk: Desk) -> None:
    desk = each_desk
    await desk.bridge("north", a="en", b="en", c="zh")
    names = [f"P{number:02}" for number in range(30)]
    await desk.take(*[passed(desk, "joined", name) for name in names])
    assert desk.texts(B) == []
    await window_ends(desk)
    first = ", ".join(names[:MOST_NAMES])
    assert desk.texts(B) == [f"👥 North · joined: {first}, and 22 others"]
    (chinese,) = desk.texts(C)
    assert chinese.startswith("👥 North · ")
    assert "22" in chinese
    assert "joined" not in chinese
    assert desk.texts(A) == []


async def test_who_joins_and_leaves_within_the_window_is_not_told_of(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.take(passed(desk, "joined", "Anna", "Wang"), passed(desk, "left", "Anna"))
    await desk.take(passed(desk, "left", "Li"), passed(desk, "joined", "Li"))
    await window_ends(desk)
    assert desk.texts(B) == ["👥 North · joined: Wang"]


async def test_what_a_network_tells_twice_is_told_once(desk: Desk) -> None:
    """Also where the second report comes after the window."""
    await desk.bridge("north", a="en", b="en")
    await desk.take(passed(desk, "joined", "Anna"), passed(desk, "joined", "Anna"))
    await desk.take(passed(desk, "removed", "Li"))
    await window_ends(desk)
    await desk.take(passed(desk, "removed", "Li"), passed(desk, "joined", "Anna"))
    await window_ends(desk)
    await window_ends(desk)
    assert desk.texts(B) == ["👥 North · joined: Anna · removed: Li"]
    async with desk.world.store.read() as uow:
        assert not await uow.passages.of_room(A)
        assert await uow.timers.get(TIMER, A) is None


async def test_who_leaves_later_is_told_of_later(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.take(passed(desk, "joined", "Anna"))
    await window_ends(desk)
    await desk.take(passed(desk, "left", "Anna"))
    await window_ends(desk)
    assert desk.texts(B) == ["👥 North · joined: Anna", "👥 North · left: Anna"]


async def test_a_restart_within_the_window_loses_nothing(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.take(passed(desk, "joined", "Anna"))
    await desk.world.crash()
    desk.restart()
    await window_ends(desk)
    assert desk.texts(B) == ["👥 North · joined: Anna"]


async def test_names_are_shown_as_names(desk: Desk) -> None:
    """Nobody makes a line, a link or an author of a name."""
    await desk.bridge("north", a="en", b="en")
    await desk.take(passed(desk, "joined", "【FD】Chief:\n<b>order</b>"))
    await desk.take(renamed(desk, "li", "Li", "\u202e"))
    await window_ends(desk)
    (text,) = desk.texts(B)
    assert "【" not in text
    assert "\n" not in text
    assert "<b>order</b>" in text
    assert "Li is now loopback:li" in text


async def test_a_new_name_is_told_with_the_old_one(desk: Desk) -> None:
    """Several changes are one; back to the old name is none."""
    await desk.bridge("north", a="en", b="en")
    await desk.take(renamed(desk, "li", "Li", "Li M"), renamed(desk, "li", "Li M", "Li Ming"))
    await desk.take(renamed(desk, "wu", "Wu", "Wú"), renamed(desk, "wu", "Wú", "Wu"))
    await window_ends(desk)
    assert desk.texts(B) == ["👥 North · new names: Li is now Li Ming"]


async def test_a_new_name_that_the_network_does_not_tell_is_seen_at_the_next_message(
    desk: Desk,
) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "one", by="li")
    said = desk.said(A, "two", by="li")
    assert said.sender is not None
    sender = type(said.sender)(said.sender.account, "Li Ming")
    await desk.take(
        Inbound(said.key, A, said.at, said.event, sender=sender, remote=said.remote, title=A)
    )
    await window_ends(desk)
    assert desk.texts(B)[-1] == f"👥 {A.replace(':', '·')} · new names: Li is now Li Ming"


async def test_a_new_name_is_seen_too_where_somebody_only_reacts(desk: Desk) -> None:
    """Else it would be taken for known when they write next."""
    await desk.bridge("north", a="en", b="en")
    said = await desk.say(A, "one", by="li")
    reacted = desk.reacted(A, said.remote or "", "👍", by="li")
    await desk.take(replace(reacted, sender=Sender("loopback:li", "Li Ming")))
    await window_ends(desk)
    assert "Li is now Li Ming" in desk.texts(B)[-1]


async def test_of_a_room_in_no_bridge_nothing_is_kept(desk: Desk) -> None:
    await desk.take(passed(desk, "joined", "Anna"))
    async with desk.world.store.read() as uow:
        assert not await uow.passages.of_room(A)
        assert await uow.timers.get(TIMER, A) is None


async def test_a_room_that_moves_within_the_window_is_told_of_under_its_new_id(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.take(passed(desk, "joined", "Anna"))
    await desk.take(desk.event(A, Moved("loopback:z")))
    await window_ends(desk)
    assert desk.texts(B)[1:] == ["👥 North · joined: Anna"]


async def test_people_of_a_forum_are_told_of_where_its_topics_are_linked(desk: Desk) -> None:
    await desk.bridged("north", {f"{A}/5": "en", B: "en"})
    await desk.take(passed(desk, "joined", "Anna"))
    await window_ends(desk)
    assert desk.texts(B) == ["👥 North · joined: Anna"]


KINDS: Sequence[PassageKind] = ("joined", "left", "removed", "renamed")


@given(st.booleans(), st.booleans(), st.text(max_size=3), st.text(max_size=3), st.booleans())
def test_somebody_counts_at_most_once_and_only_for_a_difference(
    was: bool, now: bool, before: str, name: str, removed: bool
) -> None:
    passage = Passage(
        room=A,
        account="loopback:x",
        was_in=was,
        was_name=before,
        is_in=now,
        is_name=name,
        removed=removed,
        at=START,
    )
    found = line(passage)
    assert (found is None) == (was == now and (not now or before == name))
    assert found is None or found in KINDS


@pytest.mark.parametrize("seconds", [0, 59])
async def test_the_window_begins_with_the_first_and_does_not_grow(desk: Desk, seconds: int) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.take(passed(desk, "joined", "Anna"))
    due = desk.world.moment + WINDOW
    desk.world.moment += timedelta(seconds=seconds)
    await desk.take(passed(desk, "joined", "Wang"))
    async with desk.world.store.read() as uow:
        timer = await uow.timers.get(TIMER, A)
    assert timer is not None
    assert timer.due_at == due
