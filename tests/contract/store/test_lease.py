"""Who leads: one process at a time, and what was overtaken writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from storage import LeaseLost, Store, StoreUnavailable
from storage.queries.lease import Held, Holder

LONG, SHORT = timedelta(minutes=1), timedelta(milliseconds=150)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Processes:
    """Stores as processes have them: each with a name that the server knows."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack

    async def start(self) -> tuple[Store, Holder]:
        """One more process."""
        holder = Holder(f"lianzhi-{uuid4().hex[:16]}", "here", 7)
        store = await Store.open(self._url, name=holder.name)
        self._stack.push_async_callback(store.close)
        return store, holder


@pytest.fixture
async def processes(postgres_url: str) -> AsyncIterator[Processes]:
    """Processes with one PostgreSQL database."""
    async with AsyncExitStack() as stack:
        yield Processes(postgres_url, stack)


async def take(store: Store, holder: Holder, lasting: timedelta = LONG) -> int | Held:
    """Ask for the lease."""
    async with store.write() as uow:
        return await uow.lease.take(holder, lasting)


async def take_when_free(store: Store, holder: Holder) -> int:
    """Ask until it is given."""
    async with asyncio.timeout(10):
        while isinstance(found := await take(store, holder), Held):  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.02)
        return found


async def write(store: Store, name: str) -> None:
    """Any change."""
    async with store.write() as uow:
        await uow.settings.get_or_make(name, "1")


async def test_the_first_leads_and_the_second_is_told_who_does(processes: Processes) -> None:
    first, one = await processes.start()
    second, other = await processes.start()
    assert await take(first, one) == 1
    found = await take(second, other)
    assert isinstance(found, Held)
    assert (found.holder, found.token, found.alive) == (one, 1, True)
    assert abs(datetime.now(UTC) - found.since) < timedelta(seconds=30)


async def test_of_many_that_ask_at_once_one_leads(processes: Processes) -> None:
    started = [await processes.start() for _each in range(6)]
    found = await asyncio.gather(*(take(*each) for each in started), return_exceptions=True)
    tokens = [each for each in found if isinstance(each, int)]
    assert tokens == [1], found
    assert all(isinstance(each, int | Held | StoreUnavailable) for each in found), found


async def test_a_lease_that_is_not_renewed_runs_out_and_the_token_grows(
    processes: Processes,
) -> None:
    first, one = await processes.start()
    second, other = await processes.start()
    assert await take(first, one, SHORT) == 1
    assert isinstance(await take(second, other), Held)
    assert await take_when_free(second, other) == 2
    async with second.read() as uow:
        held = await uow.lease.held()
    assert held is not None
    assert (held.holder, held.alive) == (other, True)


async def test_a_renewed_lease_lasts(processes: Processes) -> None:
    first, one = await processes.start()
    second, other = await processes.start()
    assert await take(first, one, SHORT) == 1
    async with first.write() as uow:
        await uow.lease.renew(1, LONG)
    await asyncio.sleep(SHORT.total_seconds() * 2)
    assert isinstance(await take(second, other), Held)


async def test_a_released_lease_is_free_at_once(processes: Processes) -> None:
    first, one = await processes.start()
    second, other = await processes.start()
    await take(first, one)
    async with first.write() as uow:
        await uow.lease.release(1)
    assert await take(second, other) == 2
    async with first.write() as uow:
        await uow.lease.release(1)  # a second time, too late: the new leader keeps it
    assert isinstance(await take(first, one), Held)


async def test_a_process_that_was_overtaken_renews_and_writes_nothing(
    processes: Processes,
) -> None:
    first, one = await processes.start()
    second, other = await processes.start()
    first.fence = await take_when_free(first, one)
    await write(first, "before")
    async with first.write() as uow:
        await uow.lease.release(1)
    await write(first, "still alone")
    second.fence = await take_when_free(second, other)
    for _again in range(2):
        with pytest.raises(LeaseLost):
            await write(first, "after")
    with pytest.raises(LeaseLost):
        async with first.write() as uow:
            await uow.lease.renew(1, LONG)
    await write(second, "by the new leader")
    async with second.write() as uow:
        assert await uow.settings.get_or_make("after", "not there") == "not there"
        assert await uow.settings.get_or_make("before", "not there") == "1"


async def test_what_a_frozen_leader_has_under_way_is_undone_and_blocks_nobody(
    processes: Processes,
) -> None:
    """It stopped between a write and its commit, holding locks."""
    first, one = await processes.start()
    second, other = await processes.start()
    found = await take(first, one, SHORT)
    assert isinstance(found, int)
    first.fence = found

    async def freeze() -> None:
        async with first.write() as uow:
            await uow.ledger.append("frozen", NOW, actor=None, room=None)
            second.fence = await take_when_free(second, other)
            async with second.write() as new:
                entry = await new.ledger.append("thawed", NOW, actor=None, room=None)
                assert entry.seq == 1

    with pytest.raises(StoreUnavailable):
        await freeze()
    async with second.read() as uow:
        assert [each.code for each in await uow.ledger.entries()] == ["thawed"]


async def test_renewing_waits_for_no_write_and_no_write_for_renewing(
    processes: Processes,
) -> None:
    store, holder = await processes.start()
    asking, _nobody = await processes.start()
    store.fence = await take_when_free(store, holder)
    async with asyncio.timeout(5), store.write() as uow, asking.write() as renewing:
        await uow.settings.get_or_make("a", "1")
        await renewing.lease.renew(1, LONG)
        await write(store, "b")


async def test_a_sqlite_file_needs_no_lease(sqlite_url: str) -> None:
    """One process has the file: a write is verified against nothing."""
    store = await Store.open(sqlite_url)
    try:
        assert store.fence is None
        await write(store, "alone")
    finally:
        await store.close()
