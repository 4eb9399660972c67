"""Half an hour of everything at once: what is lost, what is doubled, what grows."""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.figure import Figure, ms
from tests.bench.stage import resident_mb
from tests.mixed import Mixed
from tests.servers.parts import need
from tests.servers.proxy import Answer, Fault, Proxy, to
from tests.servers.synapse import Homeserver, Synapse
from tests.traffic import Tally, words
from tests.world import World

SENDING = to("PUT", "/send/")
CALM_SECONDS = 5.0
"""After a trouble lags are left out of the comparison for that long."""

RESTARTS_UNTIL = 0.2
"""In that share of the time the process is stopped and killed now and then; what grows is
watched in the rest."""


@dataclass
class Watch:
    """Memory, open files and lags of the running process."""

    world: World
    mixed: Mixed
    matrix: Proxy
    since: float = 0.0
    """When the process was started that runs now."""
    memory: list[tuple[float, float]] = field(default_factory=list)
    files: list[tuple[float, int]] = field(default_factory=list)
    lags: list[tuple[float, float]] = field(default_factory=list)
    """When something was said, and how long it took to another network."""
    troubles: list[tuple[float, float]] = field(default_factory=list)
    _calls: int = 0

    async def run(self) -> None:
        """Look four times a second until cancelled."""
        while True:
            await asyncio.sleep(0.25)
            self._look_at_calls()
            if self.world.bridge.running:
                pid, now = self.world.bridge.pid, time.time()
                self.memory.append((now, resident_mb(pid)))
                self.files.append((now, len(list(Path(f"/proc/{pid}/fd").iterdir()))))

    def _look_at_calls(self) -> None:
        ahead = time.time() - time.monotonic()
        calls, self._calls = self.world.api.calls[self._calls :], len(self.world.api.calls)
        seen = [
            (call.time, str(call.params.get("text", call.params.get("caption", ""))))
            for call in calls
            if call.method.startswith("send")
        ]
        seen += [
            (request.began + ahead, request.body.decode(errors="replace"))
            for request in self.matrix.seen(SENDING)
        ]
        self.matrix.requests.clear()
        for moment, text in seen:
            for word in words([text]):
                if (said := self.mixed.when.pop(word, None)) is not None:
                    self.lags.append((said, moment - said))

    def calm(self) -> list[tuple[float, float]]:
        """The lags of what was said in no trouble, in the time of the process that runs now."""
        return sorted(
            (said, lag)
            for said, lag in self.lags
            if said > self.since + CALM_SECONDS
            and not any(began - 1 <= said <= ended + CALM_SECONDS for began, ended in self.troubles)
        )


@dataclass
class Troubles:
    """What goes wrong, each for some seconds."""

    world: World
    matrix: Proxy
    watch: Watch
    chance: random.Random
    counted: dict[str, int] = field(default_factory=dict)

    async def run(self, until: float, restarts_until: float, pause: float) -> None:
        """One after the other, until that moment (`time.time`)."""
        while True:
            await asyncio.sleep(pause * self.chance.uniform(0.5, 1.5))
            if time.time() > until:
                return
            kinds: list[Callable[[], Coroutine[None, None, None]]] = [
                *(self.telegram_out, self.matrix_out, self.telegram_limit, self.matrix_limit),
                *(self.telegram_lost, self.matrix_lost),
            ]
            if time.time() < restarts_until:
                kinds = [self.stopped, self.killed, *kinds[:2]]
            kind = self.chance.choice(kinds)
            self.counted[kind.__name__] = self.counted.get(kind.__name__, 0) + 1
            began = time.time()
            await kind()
            self.watch.troubles.append((began, time.time()))

    async def _while(self) -> None:
        await asyncio.sleep(self.chance.uniform(1, 8))

    async def telegram_out(self) -> None:
        await self.world.api.outage()
        await self._while()
        await self.world.api.recover()

    async def matrix_out(self) -> None:
        await self.matrix.refuse()
        await self._while()
        await self.matrix.accept()

    async def telegram_limit(self) -> None:
        self.world.api.faults.next("sendMessage", "429", retry_after=3, times=2)
        await self._while()

    async def matrix_limit(self) -> None:
        self.matrix.break_(Answer.limit(1500), SENDING, times=3)
        await self._while()

    async def telegram_lost(self) -> None:
        self.world.api.faults.next("sendMessage", "lost_reset")
        await self._while()

    async def matrix_lost(self) -> None:
        self.matrix.break_(Fault.LOSE, SENDING, times=2)
        await self._while()

    async def stopped(self) -> None:
        await self.world.bridge.stop()
        await self._started()

    async def killed(self) -> None:
        await self.world.bridge.kill()
        await self._started()

    async def _started(self) -> None:
        await self.world.bridge.start()
        self.watch.since = time.time()


@asynccontextmanager
async def _rooms() -> AsyncIterator[tuple[World, Proxy]]:
    synapse = Synapse(need("synapse"))
    try:
        await asyncio.to_thread(synapse.start)
        proxy = Proxy(synapse.port)
        await proxy.start()
        with tempfile.TemporaryDirectory() as home:
            async with Homeserver(synapse) as hs, World(Path(home), hs) as world:
                world.bridge.configure(world.toml(matrix_url=proxy.url))
                yield world, proxy
        await proxy.close()
    finally:
        synapse.close()


async def soak(quick: bool, minutes: float | None = None) -> list[Figure]:
    """Three rooms, all kinds of messages, outages, limits, lost answers and restarts."""
    seconds = 60 * (minutes or (1 if quick else 30))
    chance = random.Random(20261122)
    async with _rooms() as (world, proxy), asyncio.TaskGroup() as group:
        mixed = Mixed(world, chance)
        page = group.create_task(mixed.page().run())
        await world.bridge.start()
        await world.anna.wait_for(world.room, lambda e: "Lianzhi is here" in e.body, timeout=20)
        watch = Watch(world, mixed, proxy, since=time.time())
        troubles = Troubles(world, proxy, watch, chance)
        watching = group.create_task(watch.run())
        talking = group.create_task(mixed.run())
        began = time.time()
        await troubles.run(
            began + seconds, began + seconds * RESTARTS_UNTIL, min(20.0, seconds / 10)
        )
        talking.cancel()
        proxy.heal()
        world.api.faults.clear()
        found = await mixed.tally(60)
        stale = await mixed.stale()
        unanswered = await mixed.unanswered()
        watching.cancel()
        page.cancel()
        print(f"soak: {mixed.counted}, troubles {troubles.counted}", file=sys.stderr)
    for trouble in (*found.lost, *found.doubled, *found.disordered, *stale, *unanswered):
        print(f"soak: {trouble}", file=sys.stderr)
    return [*_shown(found, stale, unanswered, seconds), *_growth(watch)]


def _shown(
    found: Tally, stale: Sequence[str], unanswered: Sequence[str], seconds: float
) -> list[Figure]:
    over = f"{seconds / 60:.0f} minutes, {found.said} messages in three rooms"
    values = (
        (f"{over}: lost", len(found.lost)),
        ("doubled", len(found.doubled)),
        ("out of order", len(found.disordered)),
        ("unresolved in the supergroup", found.marked),
        ("edits and deletions that are not shown", len(stale)),
        ("commands without an answer", len(unanswered)),
    )
    return [Figure(what, str(value), "–", "0", value == 0) for what, value in values]


def _growth(watch: Watch) -> list[Figure]:
    memory = [size for at, size in watch.memory if at > watch.since]
    files = [count for at, count in watch.files if at > watch.since]
    lags = [lag for _said, lag in watch.calm()]
    figures = []
    (early, late), (few, many) = _ends(memory), _ends(files)
    ratio = late / early
    figures.append(
        Figure(
            "memory at the end of the soak",
            f"{late:.0f} MB",
            f"{early:.0f} MB at its beginning; ratio {ratio:.2f}",
            "≤ 1.1",
            ratio <= 1.1,
        )
    )
    figures.append(
        Figure("open files", f"{many:.0f}", f"{few:.0f} at its beginning", "+ 5", many <= few + 5)
    )
    early, late = _ends(lags)
    ratio = late / early
    figures.append(
        Figure(
            f"lag to another network in calm moments ({len(lags)})",
            ms(late),
            f"{ms(early)} at its beginning; ratio {ratio:.2f}",
            "≤ 1.5",
            ratio <= 1.5,
        )
    )
    return figures


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """The medians of the first quarter, without its beginning, and of the last quarter."""
    quarter = max(1, len(values) // 4)
    return statistics.median(values[quarter // 4 : quarter]), statistics.median(values[-quarter:])
