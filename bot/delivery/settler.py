"""Writes the outcome of calls: many rooms' outcomes in one commit.

A commit with `synchronous=FULL` costs a disk flush. Lanes hand their outcomes over and go on;
what has gathered while one commit ran is the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from storage import Store, StoreUnavailable, UnitOfWork

Change = Callable[[UnitOfWork], Awaitable[None]]

log = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0

GATHER_SECONDS = 0.1
"""How long an outcome that nobody waits for lets others join its commit."""


class Settler:
    """Changes are written in the order in which they were handed over."""

    def __init__(self, store: Store, gather_seconds: float = GATHER_SECONDS) -> None:
        self._store = store
        self._gather_seconds = gather_seconds
        self._waiting: list[tuple[Change, asyncio.Future[None]]] = []
        self._work = asyncio.Event()
        self._urgent = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def settle(self, change: Change, *, urgent: bool = True) -> asyncio.Future[None]:
        """Hand a change over; the future is done when it is committed.

        It holds the exception of a change that can never be written. One that is not urgent
        may be lost with the process, and waits a little for others to share its commit.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, future))
        self._idle.clear()
        self._work.set()
        if urgent:
            self._urgent.set()
        return future

    async def settled(self) -> None:
        """Wait until everything handed over so far is committed."""
        if self._waiting:
            self._urgent.set()
        await self._idle.wait()

    async def run(self) -> None:
        """Write for ever. A database that does not take a commit is tried again."""
        while True:
            await self._work.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._gather_seconds):
                    await self._urgent.wait()
            self._work.clear()
            self._urgent.clear()
            batch, self._waiting = self._waiting, []
            while True:
                try:
                    await self._write(batch)
                    break
                except StoreUnavailable as error:
                    log.warning("outcomes not written, trying again", error=str(error))
                    await asyncio.sleep(RETRY_SECONDS)
            if not self._waiting:
                self._idle.set()

    async def _write(self, batch: list[tuple[Change, asyncio.Future[None]]]) -> None:
        # Some may be written already, where another of the same batch met a fault.
        batch = [each for each in batch if not each[1].done()]
        try:
            async with self._store.write() as uow:
                for change, _future in batch:
                    await change(uow)
        except StoreUnavailable:
            raise
        except Exception as error:
            if len(batch) > 1:
                for each in batch:
                    await self._write([each])
                return
            log.exception("an outcome cannot be written")
            for _change, future in batch:
                future.set_exception(error)
                future.exception()  # whoever does not wait for it need not be warned of it
            return
        for _change, future in batch:
            if not future.done():
                future.set_result(None)
