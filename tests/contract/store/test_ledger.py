"""The record is one chain, and whatever is done to it shows where."""

from __future__ import annotations

import asyncio

import pytest

from storage import Store
from storage.queries.ledger import START
from tests.contract.store.samples import NOW, execute


async def record(store: Store, count: int) -> None:
    """A chain of that many entries."""
    async with store.write() as uow:
        for number in range(count):
            await uow.ledger.append(
                f"code.{number}", NOW, actor="n:li", room="n:a", number=number, name="汉 ö"
            )


async def first_bad(store: Store) -> int | None:
    """What the check says."""
    async with store.read() as uow:
        return await uow.ledger.first_bad()


async def test_a_chain_is_well_and_starts_at_one(store: Store) -> None:
    assert await first_bad(store) is None
    await record(store, 5)
    await record(store, 5)
    assert await first_bad(store) is None
    async with store.read() as uow:
        entries = await uow.ledger.entries()
        assert [entry.seq for entry in entries] == list(range(1, 11))
        assert entries[0].before == START
        assert [entry.seq for entry in await uow.ledger.entries(8)] == [9, 10]
        assert entries[3].params == {"number": 3, "name": "汉 ö"}


TAMPERING = {
    "other code": ("UPDATE ledger SET code = 'forged' WHERE seq = 4", 4),
    "other actor": ("UPDATE ledger SET actor = 'n:eve' WHERE seq = 4", 4),
    "no actor": ("UPDATE ledger SET actor = NULL WHERE seq = 1", 1),
    "other room": ("UPDATE ledger SET room = 'n:z' WHERE seq = 10", 10),
    "other time": ("UPDATE ledger SET at = '2020-01-01 00:00:00.000000' WHERE seq = 4", 4),
    "other parameters": ("UPDATE ledger SET params = '{\"number\": 4}' WHERE seq = 4", 4),
    "other hash": ("UPDATE ledger SET hash = 'ff' WHERE seq = 4", 4),
    "other link": ("UPDATE ledger SET before = 'ff' WHERE seq = 4", 4),
    "first removed": ("DELETE FROM ledger WHERE seq = 1", 1),
    "one removed": ("DELETE FROM ledger WHERE seq = 4", 4),
    "start removed": ("DELETE FROM ledger WHERE seq < 4", 1),
    "one inserted behind": (
        "INSERT INTO ledger (seq, at, actor, room, code, params, before, hash) SELECT 11, at, "
        "actor, room, code, params, hash, 'ee' FROM ledger WHERE seq = 10",
        11,
    ),
    "one inserted before": (
        "INSERT INTO ledger (seq, at, actor, room, code, params, before, hash) SELECT 0, at, "
        "actor, room, code, params, before, 'ee' FROM ledger WHERE seq = 1",
        None,
    ),
}


@pytest.mark.parametrize("what", [what for what in TAMPERING if what != "one inserted before"])
async def test_the_first_entry_that_was_tampered_with_is_named(store: Store, what: str) -> None:
    await record(store, 10)
    statement, bad = TAMPERING[what]
    await execute(store, statement.replace(":", r"\:"))
    assert await first_bad(store) == bad


async def test_an_entry_inserted_in_the_middle_is_found(store: Store) -> None:
    await record(store, 6)
    await execute(store, "UPDATE ledger SET seq = seq + 100 WHERE seq > 3")
    await execute(store, "UPDATE ledger SET seq = seq - 99 WHERE seq > 3")
    await execute(
        store,
        "INSERT INTO ledger (seq, at, actor, room, code, params, before, hash) SELECT 4, at, "
        "actor, room, 'forged', params, hash, 'ee' FROM ledger WHERE seq = 3",
    )
    assert await first_bad(store) == 4


async def test_two_entries_that_changed_places_are_found(store: Store) -> None:
    await record(store, 6)
    for old, new in ((3, 99), (4, 3), (99, 4)):
        await execute(store, f"UPDATE ledger SET seq = {new} WHERE seq = {old}")
    assert await first_bad(store) == 3


async def test_an_entry_before_the_first_is_found(store: Store) -> None:
    await record(store, 3)
    await execute(store, TAMPERING["one inserted before"][0])
    assert await first_bad(store) == 1


async def test_fifty_appends_at_once_make_one_chain(store: Store) -> None:
    async def one(number: int) -> None:
        async with store.write() as uow:
            await uow.ledger.append("at.once", NOW, actor=None, room=None, number=number)

    await asyncio.gather(*(one(number) for number in range(50)))
    assert await first_bad(store) is None
    async with store.read() as uow:
        entries = await uow.ledger.entries()
    assert sorted(entry.params["number"] for entry in entries) == list(range(50))


async def test_a_rolled_back_entry_leaves_no_gap(store: Store) -> None:
    await record(store, 2)

    async def fails() -> None:
        async with store.write() as uow:
            await uow.ledger.append("never", NOW, actor=None, room=None)
            raise KeyError

    with pytest.raises(KeyError):
        await fails()
    await record(store, 2)
    assert await first_bad(store) is None
    async with store.read() as uow:
        assert len(await uow.ledger.entries()) == 4
