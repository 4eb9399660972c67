"""Threads: where each room has them, on both databases."""

from __future__ import annotations

from datetime import timedelta

from storage import Store
from tests.contract.store.samples import NOW, message, room


async def test_a_thread_is_found_by_what_each_network_calls_it(store: Store) -> None:
    """By the id that was noted, and by that of the message that opened it."""
    async with store.write() as uow:
        thread = await uow.threads.begin("物资", NOW)
        opening = await message(uow, "m:a")
        await uow.messages.place(opening, "m:a")
        await uow.threads.put(thread, "t:-1", remote="5")
        await uow.threads.put(thread, "m:a", opening=opening)
    async with store.write() as uow:
        assert await uow.threads.at("m:a", "$root") is None
        await uow.messages.arrived(opening, "m:a", 0, "$root")
    async with store.read() as uow:
        for where, remote in (("t:-1", "5"), ("m:a", "$root")):
            place = await uow.threads.at(where, remote)
            assert place is not None
            assert place.thread_id == thread
        assert await uow.threads.at("t:-1", "$root") is None
        assert [each.room for each in await uow.threads.places(thread)] == ["m:a", "t:-1"]


async def test_a_room_without_a_place_is_labelled_unless_it_has_the_message(store: Store) -> None:
    async with store.write() as uow:
        hung = await message(uow, "m:a")
        await uow.messages.place(hung, "w:has", remote="1")
        thread = await uow.threads.begin("物资", NOW, message_id=hung)
        for each in ("w:has", "w:not"):
            await uow.threads.put(thread, each)
        await uow.threads.put(thread, "t:-1", remote="5")
    async with store.read() as uow:
        rooms = ["w:has", "w:not", "t:-1", "w:never"]
        assert await uow.threads.labels(thread, rooms) == {"w:not": "物资"}


async def test_a_topic_is_a_room_of_its_own_if_it_is_linked_or_its_group_is_not(
    store: Store,
) -> None:
    async with store.write() as uow:
        await room(uow, "t:-1", "t:-2", "t:-2/5")
        assert await uow.threads.is_own_room("t:-1/5")
        bridge = await uow.bridges.add("north", NOW)
        for each in ("t:-1", "t:-2", "t:-2/5"):
            await uow.bridges.join(bridge, each, NOW, None)
        assert not await uow.threads.is_own_room("t:-1/5")
        assert await uow.threads.is_own_room("t:-2/5")
        assert not await uow.threads.is_own_room("t:-2/6")


async def test_the_newest_topic_of_ours_that_nobody_knows_is_found_by_its_name(
    store: Store,
) -> None:
    """One that the map has, or that somebody else opened, is not it."""
    async with store.write() as uow:
        for number, ours in (("5", True), ("6", True), ("7", False), ("8", True)):
            at = NOW + timedelta(seconds=int(number))
            await uow.threads.name("t:-1", number, "物资", at, ours=ours)
        known = await message(uow, "t:-1")
        await uow.messages.place(known, "t:-1", remote="8")
    async with store.read() as uow:
        assert await uow.threads.unclaimed("t:-1", "物资") == "6"
        assert await uow.threads.unclaimed("t:-1", "人员") is None
        assert await uow.threads.title("t:-1", "7") == "物资"
        assert await uow.threads.title("t:-1", "9") == ""
