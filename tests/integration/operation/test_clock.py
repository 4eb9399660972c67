"""Timers ring when their moment has come, whatever the clocks of the machine do."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import exc
from structlog.testing import capture_logs

from bot import clock as clocks
from bot.clock import Clock
from storage import Store, StoreUnavailable, UnitOfWork
from storage.tables import Timer

START = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)


class Bells:
    """What has rung, and a time that can be set."""

    def __init__(self) -> None:
        self.moment = START
        self.rung: asyncio.Queue[str] = asyncio.Queue()

    async def ring(self, uow: UnitOfWork, timer: Timer) -> None:
        """Note it once it is stored."""
        uow.committed.append(lambda: self.rung.put_nowait(timer.subject))

    def now(self) -> datetime:
        """The time that was set."""
        return self.moment


async def test_a_clock_that_was_set_is_noticed_though_no_alarm_rings(
    ready_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alarm goes by the wall clock: set back by an hour, it would ring an hour late."""
    monkeypatch.setattr(clocks, "LOOK", timedelta(seconds=0.05))
    store = await Store.open(ready_sqlite_url)
    bells = Bells()
    clock = Clock(store, {"bell": bells.ring}, bells.now)
    async with store.write() as uow:
        await uow.timers.set("bell", "0", START)
        await uow.timers.set("bell", "1", START + timedelta(hours=1))
    running = asyncio.create_task(clock.run())
    try:
        async with asyncio.timeout(20):
            assert await bells.rung.get() == "0"
        clock._scheduler.pause()
        bells.moment += timedelta(hours=1)
        async with asyncio.timeout(20):
            assert await bells.rung.get() == "1"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await store.close()


async def test_a_thousand_timers_of_one_second_ring_once_each_and_oldest_first(
    ready_url: str,
) -> None:
    store = await Store.open(ready_url)
    bells = Bells()
    count = 1000
    async with store.write() as uow:
        for number in range(count):
            due = START - timedelta(milliseconds=number)
            await uow.timers.set("bell", str(number), due)
    clock = Clock(store, {"bell": bells.ring}, bells.now)
    await clock.ring()
    await store.close()
    rung = [bells.rung.get_nowait() for _each in range(bells.rung.qsize())]
    assert rung == [str(number) for number in reversed(range(count))]


async def test_people_get_their_turn_while_many_timers_ring(
    ready_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timers that take long are not all in one transaction."""
    monkeypatch.setattr(clocks, "TURN", timedelta(0))
    store = await Store.open(ready_sqlite_url)
    bells = Bells()
    order: list[str] = []

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        uow.committed.append(lambda: order.append("timer"))

    async with store.write() as uow:
        for number in range(20):
            await uow.timers.set("bell", str(number), START)
    clock = Clock(store, {"bell": ring}, bells.now)
    ringing = asyncio.create_task(clock.ring())

    async def write() -> None:
        async with store.write() as uow:
            uow.committed.append(lambda: order.append("person"))
            await uow.timers.drop("none", "none")

    await asyncio.gather(ringing, write())
    await store.close()
    assert order.index("person") < len(order) - 1
    assert order.count("timer") == 20


async def test_a_timer_that_fails_rings_again_and_is_given_up_in_the_end(ready_url: str) -> None:
    """The others ring meanwhile; what the failed one had changed is undone."""
    store = await Store.open(ready_url)
    bells = Bells()
    tries: list[datetime] = []

    async def fail(uow: UnitOfWork, timer: Timer) -> None:
        tries.append(bells.moment)
        await uow.timers.set("bell", "undone", START)
        raise KeyError("a typing error in a data file")

    async with store.write() as uow:
        await uow.timers.set("broken", "1", START, {"kept": "as it was"})
        await uow.timers.set("bell", "sound", START)
    clock = Clock(store, {"bell": bells.ring, "broken": fail}, bells.now)
    with capture_logs() as logged:
        while (due := await clock.ring()) is not None:
            async with store.read() as uow:
                waiting = await uow.timers.get("broken", "1")
            assert waiting is not None
            assert waiting.data["kept"] == "as it was"
            bells.moment = due
    assert len(set(tries)) == 1 + len(clocks.AGAIN)
    assert [each["given_up"] for each in logged] == [False] * len(clocks.AGAIN) + [True]
    assert bells.rung.get_nowait() == "sound"
    assert bells.rung.empty()
    await store.close()


async def test_a_timer_that_fails_once_is_not_lost(ready_sqlite_url: str) -> None:
    store = await Store.open(ready_sqlite_url)
    bells = Bells()

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        if bells.moment == START:
            raise KeyError("once")
        await bells.ring(uow, timer)

    async with store.write() as uow:
        await uow.timers.set("bell", "1", START)
    clock = Clock(store, {"bell": ring}, bells.now)
    due = await clock.ring()
    assert due is not None
    bells.moment = due
    assert await clock.ring() is None
    assert bells.rung.get_nowait() == "1"
    await store.close()


async def test_a_failing_timer_takes_nothing_from_its_neighbours(ready_url: str) -> None:
    """They ring in one transaction; the ledger is whole, and nobody rings twice."""
    store = await Store.open(ready_url)
    bells = Bells()
    tries: list[str] = []

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        tries.append(timer.subject)
        await uow.ledger.append("rung", START, actor=None, room=None, subject=timer.subject)
        if timer.subject == "2":
            raise KeyError("a typing error in a data file")
        await bells.ring(uow, timer)

    async with store.write() as uow:
        for number in range(5):
            await uow.timers.set("bell", str(number), START + timedelta(seconds=number))
    bells.moment += timedelta(minutes=1)
    due = await Clock(store, {"bell": ring}, bells.now).ring()
    assert due == bells.moment + clocks.AGAIN[0]
    rung = [bells.rung.get_nowait() for _each in range(bells.rung.qsize())]
    assert rung == ["0", "1", "3", "4"]
    assert tries.count("2") == 2  # beside the others, and alone
    async with store.read() as uow:
        entries = await uow.ledger.entries()
        assert [each.params["subject"] for each in entries] == rung
        assert await uow.ledger.first_bad() is None
    await store.close()


async def test_two_failing_timers_of_one_moment_are_both_put_off(ready_sqlite_url: str) -> None:
    store = await Store.open(ready_sqlite_url)
    bells = Bells()

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        await uow.ledger.append("rung", START, actor=None, room=None, subject=timer.subject)
        if timer.subject in "13":
            raise KeyError("a typing error in a data file")
        await bells.ring(uow, timer)

    async with store.write() as uow:
        for number in range(5):
            await uow.timers.set("bell", str(number), START + timedelta(seconds=number))
    bells.moment += timedelta(minutes=1)
    assert await Clock(store, {"bell": ring}, bells.now).ring() is not None
    rung = [bells.rung.get_nowait() for _each in range(bells.rung.qsize())]
    assert rung == ["0", "2", "4"]
    async with store.read() as uow:
        for subject in "13":
            waiting = await uow.timers.get("bell", subject)
            assert waiting is not None
            assert waiting.data == {clocks.FAILED: 1}
        assert [each.params["subject"] for each in await uow.ledger.entries()] == rung
        assert await uow.ledger.first_bad() is None
    await store.close()


async def test_what_a_timer_cannot_store_is_its_own_failure(ready_sqlite_url: str) -> None:
    """It is held back until the next question, which would be its neighbour's."""
    store = await Store.open(ready_sqlite_url)
    bells = Bells()

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        if timer.subject == "0":
            uow.timers.session.add(Timer(kind="bell", subject="1", due_at=START, data={}))
            return
        assert await uow.periods.current(1) is None
        await bells.ring(uow, timer)

    async with store.write() as uow:
        for subject in ("0", "1", "2"):
            await uow.timers.set("bell", subject, START)
    with capture_logs() as logged:
        await Clock(store, {"bell": ring}, bells.now).ring()
    assert [each["subject"] for each in logged] == ["0"]
    assert [bells.rung.get_nowait() for _each in range(bells.rung.qsize())] == ["1", "2"]
    await store.close()


async def test_a_fault_of_the_database_is_no_failure_of_the_timer(ready_sqlite_url: str) -> None:
    """It rings again as if nothing had been, however often that happens."""
    store = await Store.open(ready_sqlite_url)
    bells = Bells()
    full = sqlite3.OperationalError("database or disk is full")
    faults = iter([exc.OperationalError("INSERT", {}, full)] * (len(clocks.AGAIN) + 1))

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        for fault in faults:
            raise fault
        await bells.ring(uow, timer)

    async with store.write() as uow:
        await uow.timers.set("bell", "1", START)
    clock = Clock(store, {"bell": ring}, bells.now)
    with capture_logs() as logged:
        for _each in range(len(clocks.AGAIN) + 1):
            with pytest.raises(StoreUnavailable, match="disk is full"):
                await clock.ring()
            async with store.read() as uow:
                waiting = await uow.timers.get("bell", "1")
            assert waiting is not None
            assert (waiting.due_at, waiting.data) == (START, {})
        assert await clock.ring() is None
    assert logged == []
    assert bells.rung.get_nowait() == "1"
    await store.close()


async def test_a_timer_that_fails_only_beside_others_is_not_put_off(ready_sqlite_url: str) -> None:
    store = await Store.open(ready_sqlite_url)
    bells = Bells()
    together: set[int] = set()

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        if timer.subject == "1" and not uow.timers.session.in_nested_transaction():
            together.add(1)
            raise KeyError("what its neighbour has left in the session")
        await bells.ring(uow, timer)

    async with store.write() as uow:
        for number in range(3):
            await uow.timers.set("bell", str(number), START + timedelta(seconds=number))
    bells.moment += timedelta(minutes=1)
    assert await Clock(store, {"bell": ring}, bells.now).ring() is None
    assert together
    assert [bells.rung.get_nowait() for _each in range(bells.rung.qsize())] == ["0", "1", "2"]
    await store.close()


async def test_a_timer_that_its_neighbour_sets_again_rings_once_with_what_is_new(
    ready_url: str,
) -> None:
    store = await Store.open(ready_url)
    bells = Bells()
    told: list[tuple[str, object, datetime]] = []

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        told.append((timer.subject, timer.data.get("text"), timer.due_at))
        if timer.subject == "0":
            await uow.timers.set("bell", "1", START, {"text": "new"})

    async with store.write() as uow:
        await uow.timers.set("bell", "0", START - timedelta(seconds=2), {"text": "first"})
        await uow.timers.set("bell", "1", START - timedelta(seconds=1), {"text": "old"})
    assert await Clock(store, {"bell": ring}, bells.now).ring() is None
    assert told == [("0", "first", START - timedelta(seconds=2)), ("1", "new", START)]
    await store.close()
