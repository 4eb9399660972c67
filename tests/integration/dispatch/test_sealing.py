"""Nothing leaves an encrypted room before an administrator has confirmed its bridge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.sealing import TOLD_AGAIN, Sealing
from bot.transports.base import Event, Inbound, Passed, Reacted, Secured
from tests.integration.dispatch.desk import Desk
from workflows import bridges

A, B, C, D = (f"loopback:{name}" for name in "abcd")


def sealed(inbound: Inbound) -> Inbound:
    """The same in an encrypted room."""
    return replace(inbound, encrypted=True)


async def secured(desk: Desk, room: str) -> None:
    """The network says that the room is encrypted."""
    await desk.take(sealed(replace(desk.event(room, Secured()), sender=None)))


async def says(desk: Desk, room: str, text: str, by: str = "li") -> Inbound:
    """Somebody writes in an encrypted room."""
    inbound = sealed(desk.said(room, text, by=by))
    await desk.take(inbound)
    return inbound


def talk(desk: Desk, room: str) -> list[str]:
    """What people said elsewhere, as the room shows it."""
    return [text for text in desk.texts(room) if text.startswith(("Li: ", "Wu: "))]


async def test_of_an_encrypted_room_nothing_is_carried_before_it_is_confirmed(
    each_desk: Desk,
) -> None:
    """It hears the others all the same; both sides are told, once, and how it is confirmed."""
    desk = each_desk
    await desk.bridge("north", a="en", b="en")
    await says(desk, A, "secret")
    await says(desk, A, "secret too")
    await desk.say(B, "open", by="wu")
    assert talk(desk, B) == []
    assert talk(desk, A) == ["Wu: open"]
    for room in (A, B):
        assert sum("nothing leaves" in text for text in desk.texts(room)) == 1
        assert sum("/bridge confirm north" in text for text in desk.texts(room)) == 1
    assert "Confirm" in desk.choices(B)


async def test_once_confirmed_what_is_written_from_then_on_is_carried(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await says(desk, A, "secret")
    await desk.say(B, "/bridge confirm north", by="admin")
    await says(desk, A, "for all")
    assert talk(desk, B) == ["Li: for all"]
    for room in (A, B):
        assert any("has confirmed the bridge" in text for text in desk.texts(room))
    assert "bridge.confirmed" in await desk.ledger()
    desk.restart()
    await says(desk, A, "still")
    assert talk(desk, B) == ["Li: for all", "Li: still"]


async def test_an_administrator_confirms_by_the_button_and_nobody_else(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await secured(desk, A)
    token = desk.choices(B)["Confirm"]
    await desk.take(desk.pressed(B, token, by="li"))
    await says(desk, A, "secret")
    assert talk(desk, B) == []
    await desk.take(desk.pressed(B, token, by="admin"))
    await says(desk, A, "for all")
    assert talk(desk, B) == ["Li: for all"]


async def test_who_writes_meanwhile_is_told_that_it_stays_not_at_every_message(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await secured(desk, A)
    await says(desk, A, "one")
    assert not [text for text in desk.texts(A) if "stays in this room" in text]
    for text in ("two", "three"):
        desk.world.moment += TOLD_AGAIN if text == "two" else timedelta(seconds=30)
        await says(desk, A, text)
    assert len([text for text in desk.texts(A) if "stays in this room" in text]) == 1
    assert not [text for text in desk.texts(B) if "stays in this room" in text]


async def test_a_room_that_becomes_encrypted_later_is_sealed_then(desk: Desk) -> None:
    """What it said before can be taken back; what it says anew in place of it stays."""
    await desk.bridge("north", a="en", b="en")
    first = await desk.say(A, "before")
    second = await desk.say(A, "and")
    await secured(desk, A)
    await desk.take(sealed(desk.edited(A, first.remote, "secret")))
    await desk.take(sealed(desk.deleted(A, second.remote)))
    assert talk(desk, B) == ["Li: before"]


async def test_between_encrypted_rooms_there_is_nothing_to_confirm(desk: Desk) -> None:
    """A third that is not encrypted hears the others only once that is confirmed."""
    await desk.bridge("north", a="en", b="en", c="en")
    await secured(desk, A)
    await secured(desk, B)
    await says(desk, A, "secret")
    assert talk(desk, B) == ["Li: secret"]
    assert talk(desk, C) == []


async def test_reactions_people_and_answers_of_a_sealed_room_stay_there_too(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(B, "open", by="wu")
    await secured(desk, A)
    before = len(desk.texts(B))
    await desk.take(sealed(desk.reacted(A, desk.remote(A, "open"), "👍")))
    await desk.take(sealed(desk.event(A, Passed(()))))
    await says(desk, A, "/help")
    said = await says(desk, A, "x")
    assert said.remote is not None
    await desk.take(desk.event(B, Reacted(desk.remote(B, "nothing leaves"), ("👀",))))
    assert len(desk.texts(B)) == before
    calls = [call for call in desk.world.net.calls if call.action == "react"]
    assert not [call for call in calls if call.sending.room == B]


async def test_reactions_of_others_are_shown_without_those_of_a_sealed_room(desk: Desk) -> None:
    """Three rooms: what C puts on B's words is shown there, what sealed A put is not."""
    await desk.bridge("north", a="en", b="en", c="en")
    await desk.say(B, "open", by="wu")
    await secured(desk, A)
    await desk.take(sealed(desk.reacted(A, desk.remote(A, "open"), "👍")))
    await desk.take(desk.reacted(C, desk.remote(C, "open"), "👀", by="chen"))
    shown = [
        call.sending.payload["reactions"]
        for call in desk.world.net.calls
        if call.action == "react" and call.sending.room == B
    ]
    assert shown == [{"👀": ["Chen"]}]


async def test_who_joins_a_bridge_with_an_encrypted_room_is_told_before_anything_is_linked(
    desk: Desk,
) -> None:
    """In chat: the code brings the room in, the words of the encrypted one wait."""
    await says(desk, A, "/bridge new north", by="admin")
    code = next(text for text in desk.texts(A) if "/bridge join" in text)
    code = code.split("/bridge join ")[1].split()[0]
    await desk.say(B, f"/bridge join {code}", by="admin")
    for room in (A, B):
        assert any("nothing leaves" in text for text in desk.texts(room))
    await says(desk, A, "secret")
    assert talk(desk, B) == []
    await desk.say(A, "/bridge confirm", by="admin")
    await says(desk, A, "for all")
    assert talk(desk, B) == ["Li: for all"]


async def test_a_configured_bridge_is_told_of_at_the_start_once(desk: Desk) -> None:
    """The room was known to be encrypted before the configuration linked it."""
    await says(desk, A, "alone")
    await desk.say(B, "alone")
    for _start in range(2):
        async with desk.world.store.write() as uow:
            await bridges.configure(uow, {"north": (A, B)}, now=desk.world.moment)
        async with desk.world.store.write() as uow:
            await Sealing(desk.world.post).tell(uow)
        await desk.delivered()
    await says(desk, A, "secret")
    assert talk(desk, B) == []
    for room in (A, B):
        assert sum("nothing leaves" in text for text in desk.texts(room)) == 1


async def test_there_is_something_to_confirm_or_it_is_said_that_there_is_not(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(B, "/bridge confirm", by="admin")
    assert "No bridge of this room waits" in desk.texts(B)[-1]
    await secured(desk, A)
    await desk.say(B, "/bridge confirm south", by="admin")
    assert "No bridge of this room waits" in desk.texts(B)[-1]
    await desk.say(B, "/bridge confirm", by="li")
    assert "Only an administrator" in desk.texts(B)[-1]


async def test_a_room_that_moves_stays_sealed(desk: Desk) -> None:
    from bot.transports.base import Moved

    event: Event = Moved(D)
    await desk.bridge("north", a="en", b="en")
    await secured(desk, A)
    await desk.take(sealed(replace(desk.event(A, event), sender=None)))
    await desk.take(desk.said(D, "not said to be encrypted yet"))
    assert talk(desk, B) == []
