"""Reactions and pins between rooms: gathered, left out where they fail, never in talk's way."""

from __future__ import annotations

import asyncio
from collections import deque

from bot.marks import GATHER, line, shown
from bot.transports.base import Batch, Deleted, Pinned, Reacted, Reaction, Rejected, RoomGone
from tests.integration.dispatch.desk import A, B, C, Desk
from tests.unit.delivery.loopback import Call


def marks(desk: Desk, action: str = "react") -> list[Call]:
    """The calls of that kind, as they were made."""
    return [call for call in desk.world.net.calls if call.action == action]


async def later(desk: Desk) -> None:
    """What was gathered is sent."""
    desk.world.moment += GATHER
    desk.world.delivery.wake([A, B, C])
    await desk.delivered()


async def told(desk: Desk, words: str = "8 bar") -> str:
    """Something was written in A and is shown in B; its remote id in A."""
    await desk.bridge("north", a="en", b="en")
    return (await desk.say(A, words)).remote or ""


async def test_changes_that_wait_become_one_call(desk: Desk) -> None:
    """The first is shown at once, the rest as what is left of it."""
    said = await told(desk)
    await desk.take(desk.event(A, Reacted(said, ("👍",))))
    for number in range(30):
        emoji = ("👍",) if number % 2 else ()
        event = Reacted(said, emoji, () if emoji else ("👍",))
        await desk.dispatcher.take("loopback", Batch((desk.event(A, event),)))
    await later(desk)
    assert [call.sending.payload["reactions"] for call in marks(desk)] == [
        {"👍": ["Li"]},
        {"👍": ["Li"]},
    ]


async def test_a_line_is_sent_changed_and_taken_back(desk: Desk) -> None:
    """Where a network shows no reactions of others; a new one makes a new line."""
    desk.world.net.lines = True
    said = await told(desk)
    await desk.take(desk.event(A, Reacted(said, ("👍",))))
    assert desk.texts(B)[-1] == "👍 Li"
    await desk.dispatcher.take(
        "loopback", Batch((desk.event(A, Reacted(said, ("👍", "🔥")), by="wang"),))
    )
    await later(desk)
    assert desk.texts(B)[-1] == "👍 Li, Wang · 🔥 Wang"
    gone = [desk.event(A, Reacted(said, (), ("👍",)))]
    gone.append(desk.event(A, Reacted(said, (), ("👍", "🔥")), by="wang"))
    await desk.dispatcher.take("loopback", Batch(tuple(gone)))
    await later(desk)
    assert desk.texts(B) == ["Li: 8 bar"]
    await desk.take(desk.event(A, Reacted(said, ("✅",))))
    assert desk.texts(B)[-1] == "✅ Li"


async def test_what_cannot_be_shown_is_dropped_without_a_word(desk: Desk) -> None:
    """No dead letter, no notice, and the room is not taken for lost."""
    said = await told(desk)
    for fault in (Rejected("REACTION_INVALID"), RoomGone("no rights")):
        desk.world.net.faults[B] = deque([fault])
        await desk.take(desk.event(A, Reacted(said, ("👍",), ())))
        await later(desk)
    assert {row.state for row in await desk.rows() if row.action == "react"} == {"dropped"}
    assert desk.texts(A) == []
    await desk.say(A, "next")
    assert desk.texts(B)[-1] == "Li: next"


async def test_a_reaction_that_hangs_holds_up_no_talk(desk: Desk) -> None:
    """The call is left as soon as there is something to say."""
    said = await told(desk)
    hanging = asyncio.Event()

    async def hang() -> None:
        hanging.set()
        await asyncio.Event().wait()

    desk.world.net.faults[B] = deque([hang])
    await desk.dispatcher.take("loopback", Batch((desk.event(A, Reacted(said, ("👍",))),)))
    async with asyncio.timeout(5):
        await hanging.wait()
        await desk.dispatcher.take("loopback", Batch((desk.said(A, "run"),)))
        await desk.world.until(lambda: "Li: run" in desk.texts(B), time_passes=False)
    await later(desk)
    assert [call.sending.payload["reactions"] for call in marks(desk)][-1] == {"👍": ["Li"]}


async def test_a_reaction_in_a_topic_is_found_though_the_network_names_none(desk: Desk) -> None:
    """Telegram tells the chat alone."""
    topic = f"{A}/5"
    await desk.bridged("north", {topic: "en", B: "en"})
    said = (await desk.say(topic, "8 bar")).remote or ""
    await desk.take(desk.event(A, Reacted(said, ("👍",))))
    (call,) = marks(desk)
    assert call.sending.room == B


async def test_a_moderator_takes_off_what_somebody_else_put(desk: Desk) -> None:
    """A redaction names the reaction, and whose it was is known."""
    said = await told(desk)
    await desk.take(desk.event(A, Reacted(said, ("👍",)), remote="$reaction"))
    await desk.dispatcher.take(
        "loopback", Batch((desk.event(A, Deleted("$reaction"), by="moderator"),))
    )
    await later(desk)
    assert marks(desk)[-1].sending.payload["reactions"] == {}
    assert "Li: 8 bar" in desk.texts(B)


async def test_a_choice_is_no_reaction(desk: Desk) -> None:
    """What stands for a button presses it and goes to no other room."""
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    await desk.take(desk.event(A, Reacted(desk.remote(A, "vote"), ("✅",))))
    assert await desk.ledger() == ["yes"]
    assert marks(desk) == []


async def test_people_hear_of_rooms_that_they_are_linked_with(desk: Desk) -> None:
    """Reactions do not travel on from one bridge to the next."""
    await desk.bridge("north", a="en", b="en")
    await desk.bridge("south", b="en", c="en")
    said = (await desk.say(B, "8 bar")).remote or ""
    shown_in_a = desk.remote(A, "8 bar")
    await desk.take(desk.event(A, Reacted(shown_in_a, ("👍",))))
    assert [call.sending.room for call in marks(desk)] == [B]
    await desk.take(desk.event(B, Reacted(said, ("🔥",)), by="wang"))
    (in_c,) = [call for call in marks(desk) if call.sending.room == C]
    assert in_c.sending.payload["reactions"] == {"🔥": ["Wang"]}


async def test_a_pin_without_the_right_becomes_a_line(desk: Desk) -> None:
    """An unpin without it is nobody's concern."""
    said = await told(desk)
    desk.world.net.faults[B] = deque([Rejected("not enough rights")])
    await desk.take(desk.event(A, Pinned(added=(said,))))
    assert desk.texts(B)[-1] == "📌 Li pinned: 8 bar"
    desk.world.net.faults[B] = deque([Rejected("not enough rights")])
    await desk.take(desk.event(A, Pinned(removed=(said,))))
    assert len(desk.texts(B)) == 2
    assert desk.texts(A) == []


def test_emoji_are_spelt_in_one_way() -> None:
    """Signs that are text by default get the selector, others lose it, sequences stay whole."""
    assert shown("❤") == shown("❤\ufe0f") == "❤\ufe0f"
    assert shown("👍\ufe0f") == "👍"
    assert shown("1\u20e3") == "1\ufe0f\u20e3"
    assert shown("👨\u200d💻") == "👨\u200d💻"


def test_a_long_line_counts_who_does_not_fit() -> None:
    """Ten names for an emoji are enough."""
    people = tuple((f"loopback:{number}", f"P{number}") for number in range(12))
    assert line([Reaction("👍", people)], "en").endswith("P8, P9 +2")
