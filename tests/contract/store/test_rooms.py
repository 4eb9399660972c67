"""Rooms, bridges between them, and rooms that move."""

from __future__ import annotations

from datetime import timedelta

from storage import Store, UnitOfWork
from tests.contract.store.samples import NOW, message, room, row, txns


async def bridge(uow: UnitOfWork, name: str, *rooms: str) -> None:
    """A bridge with rooms."""
    made = await uow.bridges.add(name, NOW)
    for each in rooms:
        assert await uow.bridges.join(made, each, NOW, None)


async def test_a_room_hears_all_that_share_a_bridge_with_it_once(store: Store) -> None:
    async with store.write() as uow:
        await bridge(uow, "north", "n:a", "n:b")
        await bridge(uow, "south", "n:b", "n:a", "n:c")
        await bridge(uow, "west", "n:c", "n:d")
    async with store.read() as uow:
        assert await uow.bridges.linked("n:a") == ["n:b", "n:c"]
        assert await uow.bridges.linked("n:c") == ["n:a", "n:b", "n:d"]
        assert await uow.bridges.linked("n:else") == []
        assert [each.name for each in await uow.bridges.of_room("n:c")] == ["south", "west"]


async def test_joining_twice_and_leaving(store: Store) -> None:
    async with store.write() as uow:
        await room(uow, "n:a", "n:b")
        await bridge(uow, "north", "n:a")
        north = await uow.bridges.by_name("north")
        assert north is not None
        assert not await uow.bridges.join(north, "n:a", NOW, None)
        assert await uow.bridges.join(north, "n:b", NOW + timedelta(seconds=1), "n:li")
        assert north.id is not None
        assert [each.id for each in await uow.bridges.rooms(north.id)] == ["n:a", "n:b"]
        assert await uow.bridges.leave(north, "n:a")
        assert not await uow.bridges.leave(north, "n:a")
        await uow.bridges.remove(north)
        assert await uow.bridges.all() == []
        assert await uow.bridges.linked("n:b") == []


async def test_a_language_chosen_in_the_chat_outlives_the_configuration(store: Store) -> None:
    async with store.write() as uow:
        await uow.rooms.configure("n:a", NOW, language="zh", agency="fire")
    async with store.write() as uow:
        known = await uow.rooms.configure("n:a", NOW, language="en", agency=None)
        assert (known.language, known.agency) == ("en", None)
        known.language, known.language_set = "both", True
    async with store.write() as uow:
        known = await uow.rooms.configure("n:a", NOW, language="zh", agency=None)
        assert known.language == "both"


async def test_halted_rooms_are_those_that_still_wait(store: Store) -> None:
    async with store.write() as uow:
        await room(uow, "n:a", "n:b", "n:c")
        for name, minutes in (("n:a", 5), ("n:b", -5)):
            known = await uow.rooms.get(name)
            assert known is not None
            known.halted_until = NOW + timedelta(minutes=minutes)
    async with store.read() as uow:
        assert await uow.rooms.halted(NOW) == {"n:a": NOW + timedelta(minutes=5)}


async def test_everything_of_a_room_moves_with_it(store: Store) -> None:
    async with store.write() as uow:
        await room(uow, "n:1", "n:1/7", "n:12", "n:b")
        known = await uow.rooms.get("n:1")
        assert known is not None
        known.language, known.agency = "zh", "fire"
        await bridge(uow, "north", "n:1", "n:b")
        await bridge(uow, "south", "n:1/7", "n:b")
        made = await message(uow, "n:b")
        await uow.outbox.add(
            [
                row("n:1", "queued", message_id=made),
                row("n:1", "sending", state="sending"),
                row("n:1/7", "topic"),
                row("n:1", "sent", state="sent"),
                row("n:1", "dead", state="dead"),
                row("n:12", "other"),
                row("n:b", "back", origin_room="n:1"),
            ]
        )
        await uow.messages.place(made, "n:1")
        await uow.messages.place(made, "n:1", remote="5", part=1)
        await uow.forms.put("n:1", "n:li", {}, NOW)
    for _repeat in range(2):
        async with store.write() as uow:
            await uow.rooms.rekey("n:1", "n:100")
    async with store.read() as uow:
        assert await uow.rooms.get("n:1") is None
        assert await uow.rooms.get("n:1/7") is None
        assert await uow.rooms.get("n:12") is not None
        known = await uow.rooms.get("n:100")
        assert known is not None
        assert (known.language, known.agency) == ("zh", "fire")
        assert await uow.bridges.linked("n:b") == ["n:100", "n:100/7"]
        assert txns(await uow.outbox.next("n:100", 9)) == ["queued", "sending"]
        assert txns(await uow.outbox.next("n:100/7", 9)) == ["topic"]
        assert txns(await uow.outbox.dead(["n:100"])) == ["dead"]
        assert (await uow.outbox.next("n:b", 9))[0].origin_room == "n:100"
        copies = await uow.messages.copies(made)
        assert [(copy.room, copy.remote) for copy in copies] == [("n:1", "5"), ("n:100", None)]
        assert await uow.forms.open("n:100", "n:li") is not None


async def test_a_room_can_move_to_one_that_is_known(store: Store) -> None:
    """As when the network has told of the new room first; both have the same bridge and form."""
    async with store.write() as uow:
        await room(uow, "n:1", "n:100", "n:b")
        await bridge(uow, "north", "n:1", "n:100", "n:b")
        await bridge(uow, "south", "n:1", "n:b")
        for name in ("n:1", "n:100"):
            await uow.forms.put(name, "n:li", {"of": name}, NOW)
        await uow.outbox.add([row("n:1", "queued")])
    async with store.write() as uow:
        await uow.rooms.rekey("n:1", "n:100")
    async with store.read() as uow:
        assert await uow.rooms.get("n:1") is None
        assert await uow.bridges.linked("n:b") == ["n:100"]
        assert len(await uow.bridges.of_room("n:100")) == 2
        assert await uow.bridges.of_room("n:1") == []
        form = await uow.forms.open("n:100", "n:li")
        assert form is not None
        assert form.state == {"of": "n:100"}
        assert txns(await uow.outbox.next("n:100", 9)) == ["queued"]


async def test_a_room_that_moves_to_itself_stays(store: Store) -> None:
    async with store.write() as uow:
        await room(uow, "n:1")
        await uow.rooms.rekey("n:1", "n:1")
    async with store.read() as uow:
        assert await uow.rooms.get("n:1") is not None
