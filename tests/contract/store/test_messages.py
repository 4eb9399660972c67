"""The map between what was said and what each room shows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage import Store
from tests.contract.store.samples import NOW, message


async def test_a_message_is_found_by_its_original_and_by_every_copy(store: Store) -> None:
    async with store.write() as uow:
        made = await message(uow)
        await uow.messages.place(made, "n:a", remote="10", origin=True)
        await uow.messages.place_all(
            [{"message_id": made, "room": "n:b", "part": part} for part in (0, 1)]
        )
        await uow.messages.arrived(made, "n:b", 1, "21")
    async with store.read() as uow:
        for room, remote in (("n:a", "10"), ("n:b", "21")):
            found = await uow.messages.find(room, remote)
            assert found is not None
            assert found.id == made
        assert await uow.messages.find("n:b", "10") is None
        assert await uow.messages.remote(made, "n:b", 0) is None
        assert await uow.messages.remote(made, "n:b", 1) == "21"
        copies = await uow.messages.copies(made)
        assert [(copy.room, copy.part, copy.remote, copy.origin) for copy in copies] == [
            ("n:a", 0, "10", True),
            ("n:b", 0, None, False),
            ("n:b", 1, "21", False),
        ]
        assert len(await uow.messages.copies(made, "n:b")) == 2


async def test_a_remote_id_stands_for_one_place_only(store: Store) -> None:
    async with store.write() as uow:
        await uow.messages.place(await message(uow), "n:a", remote="10")
    with pytest.raises(Exception, match=r"(?i)unique"):
        async with store.write() as uow:
            await uow.messages.place(await message(uow), "n:a", remote="10")


async def test_parts_that_are_gone_keep_their_ids_and_numbers(store: Store) -> None:
    async with store.write() as uow:
        made = await message(uow)
        for part in range(3):
            await uow.messages.place(made, "n:b", remote=str(part), part=part)
        await uow.messages.withdraw(made, "n:b", [1, 2])
    async with store.read() as uow:
        assert [copy.part for copy in await uow.messages.copies(made)] == [0]
        assert await uow.messages.remote(made, "n:b", 2) == "2"
        assert await uow.messages.next_part(made, "n:b") == 3
        assert await uow.messages.next_part(made, "n:c") == 0


async def test_edits_are_counted_and_deletions_dated(store: Store) -> None:
    async with store.write() as uow:
        made = await message(uow)
    for words in ("one", "two"):
        async with store.write() as uow:
            found = await uow.messages.get(made)
            assert found is not None
            await uow.messages.changed(found, {"html": words})
    async with store.write() as uow:
        found = await uow.messages.get(made)
        assert found is not None
        await uow.messages.deleted(found, NOW)
    async with store.read() as uow:
        found = await uow.messages.get(made)
    assert found is not None
    assert (found.edits, found.content, found.deleted_at) == (2, {"html": "two"}, NOW)


@pytest.mark.parametrize("room", ["n:1", "n:1/7"])
async def test_the_latest_ids_of_a_room_are_those_of_its_topics_as_well(
    store: Store, room: str
) -> None:
    async with store.write() as uow:
        made = await message(uow)
        for place, remote in (("n:1", "5"), ("n:1/7", "6"), ("n:12", "7"), ("n:1/8", "8")):
            await uow.messages.place(made, place, remote=remote)
        await uow.messages.place(made, "n:1")
    async with store.read() as uow:
        assert await uow.messages.latest_remotes(room) == ("8", "6", "5")
        assert await uow.messages.latest_remotes(room, 2) == ("8", "6")


async def test_what_people_last_wrote(store: Store) -> None:
    async with store.write() as uow:
        await message(uow, "n:a", "first")
        await message(uow, "n:b", "second")
        await message(uow, "n:c", "elsewhere")
        await uow.messages.add(room="n:a", content={"html": "ours"}, at=NOW, taken_at=NOW)
    async with store.read() as uow:
        ago = NOW - timedelta(minutes=2)
        found = await uow.messages.recent(["n:a", "n:b"], ago, 9)
        assert [content["html"] for _account, _author, content in found] == ["second", "first"]
        assert len(await uow.messages.recent(["n:a", "n:b"], ago, 1)) == 1
        assert len(await uow.messages.recent(["n:a"], NOW, 9)) == 0
