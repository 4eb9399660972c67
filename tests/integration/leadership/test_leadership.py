"""A leader calls networks only while its lease is surely its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from bot.leadership import Leadership, Times
from bot.transports.base import AnswerLost
from storage import LeaseLost, Store, StoreUnavailable
from storage.queries.lease import Held, Holder
from tests.servers.postgres import Postgres
from tests.servers.relay import Relay

QUICK = Times(lasts=1.5, renew=0.2, safe=0.8, look=0.05)

Start = Callable[[str], Awaitable[Leadership]]


@pytest.fixture
async def start(ready_postgres_url: str) -> AsyncIterator[Start]:
    """Makes processes with an address of the database each."""
    async with AsyncExitStack() as stack:

        async def made(url: str) -> Leadership:
            name = f"lianzhi-{uuid4().hex[:16]}"
            store = await Store.open(url, migrate=False, name=name)
            leadership = Leadership(store, Holder(name, "here", 7), times=QUICK)
            stack.push_async_callback(leadership.close)
            return leadership

        yield made


@pytest.fixture
async def relay(postgres: Postgres) -> AsyncIterator[Relay]:
    """A connection to the database of one process's own."""
    made = Relay(postgres.port)
    await made.start()
    yield made
    await made.close()


def through(relay: Relay, url: str) -> str:
    """The database's address by that connection."""
    return make_url(url).set(port=relay.port).render_as_string(hide_password=False)


async def lead(leadership: Leadership, lost: Callable[[], None] = lambda: None) -> None:
    """Lead and go on leading."""
    await leadership.lead(lambda _other: None)
    await leadership.keep(lost)


async def call(
    leadership: Leadership, answer: asyncio.Event, begun: asyncio.Event | None = None
) -> str:
    """A call to a network that takes until `answer`."""
    async with leadership.calling():
        if begun is not None:
            begun.set()
        await answer.wait()
    return "sent"


async def test_a_call_is_cut_off_before_another_process_can_lead(
    start: Start, ready_postgres_url: str, relay: Relay
) -> None:
    """And one that would begin afterwards does not."""
    leader, other = await start(through(relay, ready_postgres_url)), await start(ready_postgres_url)
    await lead(leader)
    answer, begun = asyncio.Event(), asyncio.Event()
    under_way = asyncio.create_task(call(leader, answer, begun))
    await begun.wait()
    taking = asyncio.create_task(lead(other))
    relay.hang()
    async with asyncio.timeout(10):
        with pytest.raises(AnswerLost):
            await under_way
    assert leader.stale
    assert not taking.done()
    answer.set()
    later = asyncio.create_task(call(leader, answer))
    async with asyncio.timeout(10):
        await taking
    assert not later.done()
    later.cancel()


async def test_a_call_waits_until_the_database_is_back(
    start: Start, ready_postgres_url: str, relay: Relay
) -> None:
    """Where nobody else has taken over, the same process goes on."""
    leader = await start(through(relay, ready_postgres_url))
    await lead(leader)
    begun, answer = asyncio.Event(), asyncio.Event()
    answer.set()
    lapsed = asyncio.create_task(call(leader, asyncio.Event(), begun))
    await begun.wait()
    await relay.close()
    with pytest.raises(AnswerLost):
        await lapsed
    waiting = asyncio.create_task(call(leader, answer))
    await relay.heal()
    async with asyncio.timeout(10):
        assert await waiting == "sent"


async def test_a_call_that_somebody_else_ends_is_not_a_lost_answer(
    start: Start, ready_postgres_url: str
) -> None:
    leader = await start(ready_postgres_url)
    await lead(leader)
    under_way = asyncio.create_task(call(leader, asyncio.Event()))
    await asyncio.sleep(0)
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way


async def test_a_leader_learns_that_it_was_replaced(
    start: Start, ready_postgres_url: str, relay: Relay
) -> None:
    """As soon as it reaches the database again; until then, and from then on, it writes
    nothing."""
    leader, other = await start(through(relay, ready_postgres_url)), await start(ready_postgres_url)
    lost = asyncio.Event()
    await lead(leader, lost.set)
    relay.hang()
    async with asyncio.timeout(10):
        await lead(other)
        assert not lost.is_set()
        await relay.heal()
        await lost.wait()
    await relay.close()
    await relay.heal()
    with pytest.raises((LeaseLost, StoreUnavailable)):
        async with leader.store.write() as uow:
            await uow.settings.get_or_make("late", "1")
    async with other.store.write() as uow:
        assert await uow.settings.get_or_make("late", "never") == "never"


async def test_who_stands_by_is_told_of_each_leader_once(
    start: Start, ready_postgres_url: str
) -> None:
    first, second, third = [await start(ready_postgres_url) for _each in range(3)]
    told: list[Held] = []
    await lead(first)
    standing = asyncio.create_task(third.lead(told.append))
    async with asyncio.timeout(10):
        while not told:  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.01)
        await first.close()
        await standing
    assert [each.holder for each in told] == [first.holder]
    assert not second.stale


async def test_a_database_that_is_not_there_at_the_first_start_is_told_of(
    start: Start, relay: Relay, ready_postgres_url: str
) -> None:
    """A process that has led waits for it."""
    process = await start(through(relay, ready_postgres_url))
    await relay.close()
    with pytest.raises(StoreUnavailable):
        await process.lead(lambda _other: None)
    waiting = asyncio.create_task(process.lead(lambda _other: None, patient=True))
    await relay.heal()
    async with asyncio.timeout(10):
        await waiting
