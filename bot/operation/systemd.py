"""The service manager's protocol: we are ready, we are well, we are stopping.

A few lines instead of a library: datagrams to a socket that the environment names
(https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html).
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

LONGEST_BREATH = 10.0
"""Seconds between two looks at whether all is well."""


async def _turning() -> bool:
    """The event loop turns, or nobody would ask: enough for a process that begins or stands by."""
    return True


@dataclass
class Feeding:
    """What the watchdog is fed by."""

    well: Callable[[], Awaitable[bool]] = field(default=_turning)


@dataclass(frozen=True, slots=True)
class Manager:
    """The service manager that started this process, if it wants to be told."""

    address: str = ""
    """Of its socket; `@` begins one without a file. Empty: nobody is told."""
    watchdog: float | None = None
    """Seconds within which it wants to hear that we are well."""

    @staticmethod
    def of(environment: Mapping[str, str], pid: int | None = None) -> Manager:
        """What the environment names; the watchdog only if it is meant for this process."""
        address = environment.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):
            return Manager()
        own = str(os.getpid() if pid is None else pid)
        micros = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID", own) == own
        seconds = int(micros) / 1_000_000 if micros.isdigit() and meant else 0.0
        return Manager(address, seconds or None)

    def tell(self, state: str) -> None:
        """Send one datagram. That nobody takes it is no reason to stop."""
        if not self.address:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto(state.encode(), address)
        except OSError as error:
            log.warning("the service manager cannot be told", error=str(error))

    @asynccontextmanager
    async def fed(self) -> AsyncIterator[Feeding]:
        """While inside, tell that we are well as long as `Feeding.well` says so."""
        feeding = Feeding()
        task = None
        if self.watchdog is not None:
            task = asyncio.create_task(self._feed(feeding, self.watchdog), name="watchdog")
        try:
            yield feeding
        finally:
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _feed(self, feeding: Feeding, seconds: float) -> None:
        while True:
            if await feeding.well():
                self.tell("WATCHDOG=1")
            else:
                log.error("not well: the service manager's watchdog is not fed")
            await asyncio.sleep(min(seconds / 3, LONGEST_BREATH))
