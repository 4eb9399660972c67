"""Wakes what has a moment: APScheduler rings, the database decides what is due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from storage import Store, StoreUnavailable, UnitOfWork
from storage.faults import named_faults
from storage.tables import Timer

log = structlog.get_logger(__name__)

Ring = Callable[[UnitOfWork, Timer], Awaitable[None]]

LOOK = timedelta(seconds=30)
"""How often the database is asked even if nothing rings: a clock that was set, forward or back,
is noticed within it."""

TURN = timedelta(seconds=0.25)
"""So long timers ring in one transaction at most; then it is the turn of whoever writes."""

AGAIN = tuple(timedelta(seconds=each) for each in (15, 60, 5 * 60, 15 * 60, 45 * 60))
"""After what time a timer that failed rings again, each time that it fails."""

FAILED = "failed"
"""Among a timer's data: how often it has."""


class _FailedError(Exception):
    """One of the timers that rang together has failed."""


class Clock:
    """Runs due timers once each, in the transaction that removes them."""

    def __init__(
        self, store: Store, rings: Mapping[str, Ring], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._rings = rings
        self._now = now
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    async def run(self) -> None:
        """Run timers until cancelled."""
        self._scheduler.start()
        try:
            while True:
                self._store.timers_changed.clear()
                try:
                    await self._set_alarm(await self.ring())
                except StoreUnavailable as error:
                    log.warning("timers wait for the database", error=str(error))
                    await self._set_alarm(None)
                await self._woken()
        finally:
            self._scheduler.shutdown(wait=False)

    async def _woken(self) -> None:
        """Wait for the alarm, for somebody who sets a timer, or for the next look: the alarm goes
        by the wall clock, and one that was set back would have it ring an hour late."""
        try:
            async with asyncio.timeout(LOOK.total_seconds()):
                await self._store.timers_changed.wait()
        except TimeoutError:
            return

    async def _set_alarm(self, due: datetime | None) -> None:
        latest = self._now() + LOOK
        wait = (min(due or latest, latest) - self._now()).total_seconds()
        self._scheduler.add_job(
            self._store.timers_changed.set,
            DateTrigger(datetime.now().astimezone() + timedelta(seconds=max(wait, 0.05))),
            id="alarm",
            replace_existing=True,
            misfire_grace_time=None,
            coalesce=True,
        )

    async def ring(self) -> datetime | None:
        """Run everything that is due now; when the next timer is."""
        while True:
            async with self._store.read() as uow:
                due = await uow.timers.next()
            if due is None or due > self._now():
                return due
            try:
                async with self._store.write() as uow:
                    await self._ring_some(uow)
            except _FailedError:
                async with self._store.write() as uow:
                    await self._ring_some(uow, one_by_one=True)

    async def _ring_some(self, uow: UnitOfWork, *, one_by_one: bool = False) -> None:
        """Many ring in one transaction. If one fails, all that is undone: then they ring again,
        `one_by_one`, each so that it can fail alone."""
        until = time.monotonic() + TURN.total_seconds()
        for copy in await uow.timers.due(self._now()):
            # One that rang before may have set it again.
            timer = await uow.timers.take(copy, self._now())
            if timer is None:
                continue
            try:
                if one_by_one:
                    async with uow.savepoint():
                        await self._ring_one(uow, timer)
                else:
                    with named_faults():
                        await self._ring_one(uow, timer)
                    await uow.settle()
            except StoreUnavailable:
                raise
            except Exception as error:
                if not one_by_one:
                    raise _FailedError from error
                await self._put_off(uow, timer, error)
            if time.monotonic() > until:
                return

    async def _ring_one(self, uow: UnitOfWork, timer: Timer) -> None:
        ring = self._rings.get(timer.kind)
        if ring is None:
            log.error("nobody knows what this timer is for", kind=timer.kind)
        else:
            await ring(uow, timer)

    async def _put_off(self, uow: UnitOfWork, timer: Timer, error: Exception) -> None:
        """A timer that fails rings again a few times, and is given up then: it must neither ring
        for ever nor be lost by a fault that is mended within the hour."""
        times = int(timer.data.get(FAILED, 0))
        again = AGAIN[times] if times < len(AGAIN) else None
        log.error(
            "a timer failed",
            kind=timer.kind,
            subject=timer.subject,
            given_up=again is None,
            exc_info=error,
        )
        if again is not None:
            data = {**timer.data, FAILED: times + 1}
            await uow.timers.set(timer.kind, timer.subject, self._now() + again, data)
