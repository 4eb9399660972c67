"""Outcomes are written in order, many in one commit, and none is lost or written twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.delivery import settler as module
from bot.delivery.settler import Change, Settler
from storage import Store, StoreUnavailable, UnitOfWork

NAME = "written"


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[Store]:
    """An empty store."""
    made = await Store.open(sqlite_url)
    yield made
    await made.close()


@pytest.fixture
async def settler(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Settler]:
    """A settler that is at work, and tries again at once."""
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    made = Settler(store)
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def note(value: str, log: list[str] | None = None) -> Change:
    """A change that keeps `value` for ever."""

    async def change(uow: UnitOfWork) -> None:
        await uow.settings.get_or_make(value, value)
        if log is not None:
            log.append(value)

    return change


async def kept(store: Store, *names: str) -> list[str]:
    """Those that are in the database."""
    found = []
    async with store.write() as uow:
        for name in names:
            if await uow.settings.get_or_make(name, "nothing") == name:
                found.append(name)
    return found


async def test_changes_are_written_in_the_order_in_which_they_were_handed_over(
    store: Store, settler: Settler
) -> None:
    log: list[str] = []
    names = [f"n{number}" for number in range(50)]
    for name in names:
        settler.settle(note(name, log))
    await settler.settled()
    assert log == names
    assert await kept(store, *names) == names


async def test_what_gathers_during_one_commit_is_the_next_one(
    store: Store, settler: Settler
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(uow: UnitOfWork) -> None:
        begun.set()
        await go.wait()

    units: set[int] = set()

    async def which(uow: UnitOfWork) -> None:
        units.add(id(uow))

    first = settler.settle(slow)
    await begun.wait()
    futures = [settler.settle(which) for _number in range(100)]
    go.set()
    await asyncio.gather(first, *futures)
    assert len(units) == 1


async def test_a_future_is_done_only_when_its_change_is_committed(
    store: Store, settler: Settler
) -> None:
    await settler.settle(note("a"))
    async with store.read() as uow:
        found = await uow.settings.session.connection()
        rows = await found.exec_driver_sql("SELECT value FROM setting")
        assert rows.scalars().all() == ["a"]


async def test_a_change_that_cannot_be_written_spoils_none_of_its_commit(
    store: Store, settler: Settler
) -> None:
    async def bad(uow: UnitOfWork) -> None:
        await uow.settings.get_or_make("never", "never")
        raise ValueError("cannot be")

    good = [settler.settle(note(name)) for name in ("a", "b")]
    wrong = settler.settle(bad)
    good += [settler.settle(note(name)) for name in ("c", "d")]
    await asyncio.gather(*good)
    with pytest.raises(ValueError, match="cannot be"):
        await wrong
    assert await kept(store, "a", "b", "c", "d", "never") == ["a", "b", "c", "d"]
    await settler.settle(note("later"))


async def test_a_fault_amid_single_writes_repeats_none_that_is_written(
    store: Store, settler: Settler
) -> None:
    """One change is bad, so all are written singly; then the database fails once."""
    written: list[str] = []
    failed = False

    async def bad(uow: UnitOfWork) -> None:
        raise ValueError("cannot be")

    async def unlucky(uow: UnitOfWork) -> None:
        nonlocal failed
        if "a" in written and not failed:
            failed = True
            raise StoreUnavailable("full")
        written.append("c")

    async def counted(uow: UnitOfWork) -> None:
        uow.committed.append(lambda: written.append("a"))

    futures = [settler.settle(change) for change in (counted, bad, unlucky)]
    await asyncio.gather(*futures, return_exceptions=True)
    await settler.settled()
    assert failed
    assert written.count("a") == 1
    assert written[-1] == "c"


async def test_a_database_that_takes_nothing_is_tried_until_it_does(
    store: Store, settler: Settler
) -> None:
    tries = 0

    async def refused(uow: UnitOfWork) -> None:
        nonlocal tries
        tries += 1
        if tries < 5:
            raise StoreUnavailable("locked")
        await note("a")(uow)

    settler.settle(refused)
    await settler.settled()
    assert tries == 5
    assert await kept(store, "a") == ["a"]
