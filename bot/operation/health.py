"""Whether all is well, and the figures behind it."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from bot.delivery.priority import Priority
from bot.operation.pulse import Pulses
from storage import Store, StoreUnavailable
from workflows.text import Json

SILENT_SECONDS = 60.0
"""A network that has not answered for longer makes the process ill."""

STILL_SECONDS = 300.0
"""A loop that has done nothing at all for so long is beyond the help of its own watchdog."""

DATABASE_SECONDS = 8.0
"""How long the database may take for a small commit: longer than its own patience with
another writer."""

FRESH_SECONDS = 1.0
"""A report is not made anew more often."""

LATE_COMMIT = timedelta(seconds=10)
"""What was sent is counted once it is that old: its outcome is surely written."""


Alarm = Literal["contact", "unsent", "database", "disk"]
"""Each has its page in the READMEs."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong; `where` is a network or empty."""

    code: Alarm
    where: str = ""


@dataclass(frozen=True, slots=True)
class NetworkState:
    """One network's part. Times are seconds; `lag` is the age of its oldest unsent message."""

    silence: float
    last_contact: datetime | None
    lag: float
    oldest_unsent: datetime | None
    dead: int
    failures: int
    hangs: int
    queued: Mapping[str, int]
    """By name of the priority."""


@dataclass(frozen=True, slots=True)
class Report:
    """How it is at one moment."""

    networks: Mapping[str, NetworkState]
    commit: float | None
    """Seconds that a small commit took; None if it failed."""
    inbox_failures: int
    free: int
    """Bytes free on the fullest of the disks in use."""
    problems: tuple[Problem, ...]
    sent: tuple[tuple[str, float], ...] = ()
    """Network and seconds of what was sent since the report before."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_json(self) -> dict[str, Json]:
        """For /healthz."""
        return {
            "ok": self.ok,
            "problems": [{"code": each.code, "where": each.where} for each in self.problems],
            "networks": {name: _shown(each) for name, each in self.networks.items()},
            "inbox_failures": self.inbox_failures,
            "database_commit_seconds": None if self.commit is None else round(self.commit, 4),
            "disk_free_bytes": self.free,
        }


def _shown(state: NetworkState) -> Json:
    contact, oldest = state.last_contact, state.oldest_unsent
    return {
        "last_contact": None if contact is None else contact.isoformat(timespec="milliseconds"),
        "silent_seconds": round(state.silence, 1),
        "lag_seconds": round(state.lag, 1),
        "oldest_unsent": None if oldest is None else oldest.isoformat(timespec="milliseconds"),
        "dead_letters": state.dead,
        "listening_failures": state.failures,
        "listening_hangs": state.hangs,
        "queued": dict(state.queued),
    }


@dataclass
class Health:
    """Looks when asked; between two looks nothing is done."""

    store: Store
    pulses: Pulses
    now: Callable[[], datetime]
    folders: tuple[Path, ...]
    """On the disks that must not fill up."""
    unsent: timedelta = timedelta(minutes=10)
    least_free: int = 0
    counted: Callable[[Report], None] = lambda report: None
    """Told of each new report, once."""
    _last: Report | None = None
    _made: float = float("-inf")
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _seen: int = 0
    _failures: int = 0
    _counted_until: datetime | None = None

    async def report(self) -> Report:
        """How it is now, or was a moment ago. Never raises for what it looks at."""
        async with self._turn:
            if self._last is None or time.monotonic() - self._made >= FRESH_SECONDS:
                self._last = await self._look()
                self._made = time.monotonic()
                self.counted(self._last)
            return self._last

    async def alive(self) -> bool:
        """Whether the process itself gets on: the database can be read and no loop stands still.

        A network that is down is no fault of the process, which a new start would not mend.
        """
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self.store.read() as uow:
                await uow.timers.next()
        except (StoreUnavailable, TimeoutError):
            return False
        return self.pulses.longest_stillness() < STILL_SECONDS

    async def _look(self) -> Report:
        now = self.now()
        problems: list[Problem] = []
        commit = await self._commit(now)
        if commit is None:
            problems.append(Problem("database"))
        waiting: dict[str, Counter[str]] = {name: Counter() for name in self.pulses.by_network}
        oldest: dict[str, datetime] = {}
        dead: Counter[str] = Counter()
        sent: tuple[tuple[str, float], ...] = ()
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self.store.read() as uow:
                for each in await uow.upkeep.waiting():
                    network = each.room.partition(":")[0]
                    queued = waiting.setdefault(network, Counter())
                    queued[_priority(each.priority)] += each.count
                    oldest[network] = min(oldest.get(network, each.oldest), each.oldest)
                for room, count in await uow.upkeep.dead():
                    dead[room.partition(":")[0]] += count
                fresh, self._seen = await uow.upkeep.failures(self._seen)
                self._failures += fresh
                until = now - LATE_COMMIT
                begin, self._counted_until = self._counted_until or until, until
                sent = tuple(
                    (room.partition(":")[0], max(0.0, age.total_seconds()))
                    for room, age in await uow.upkeep.sent_between(begin, until)
                )
        except (StoreUnavailable, TimeoutError):
            if commit is not None:
                problems.append(Problem("database"))
        networks = {}
        for name, queued in waiting.items():
            state = self._state(name, now, oldest.get(name), dead[name], queued)
            networks[name] = state
            if name in self.pulses.by_network and state.silence > SILENT_SECONDS:
                problems.append(Problem("contact", name))
            if state.lag > self.unsent.total_seconds():
                problems.append(Problem("unsent", name))
        free = _free(self.folders)
        if free < self.least_free:
            problems.append(Problem("disk"))
        return Report(networks, commit, self._failures, free, tuple(problems), sent)

    def _state(
        self, name: str, now: datetime, oldest: datetime | None, dead: int, queued: Counter[str]
    ) -> NetworkState:
        pulse = self.pulses.by_network.get(name)
        silence = self.pulses.silence(name) if pulse else 0.0
        heard = pulse is not None and pulse.contact >= pulse.begun
        lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        return NetworkState(
            silence=silence,
            last_contact=now - timedelta(seconds=silence) if heard else None,
            lag=lag,
            oldest_unsent=oldest,
            dead=dead,
            failures=pulse.failures if pulse else 0,
            hangs=pulse.hangs if pulse else 0,
            queued={each.name.lower(): queued[each.name.lower()] for each in Priority},
        )

    async def _commit(self, now: datetime) -> float | None:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self.store.write() as uow:
                await uow.upkeep.probe(now)
        except (StoreUnavailable, TimeoutError):
            return None
        return time.monotonic() - begun


def _priority(number: int) -> str:
    return min(Priority, key=lambda each: abs(each - number)).name.lower()


def _free(folders: Iterable[Path]) -> int:
    """Bytes that are free on the fullest disk; what is not there yet will be made above."""
    found = []
    for folder in folders:
        there = next((each for each in (folder, *folder.parents) if each.exists()), None)
        if there is not None:
            found.append(shutil.disk_usage(there).free)
    return min(found, default=0)
