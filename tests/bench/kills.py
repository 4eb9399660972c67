"""What people lose or read twice when the process is killed a thousand times."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.figure import Figure
from tests.killing import kill_at_random
from tests.servers.parts import need
from tests.servers.synapse import Homeserver, Synapse
from tests.traffic import Tally, Traffic, talking
from tests.world import World

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.6
"""Between two messages of one room; more of them would cost more than the starts."""


async def kills(quick: bool, count: int | None = None) -> list[Figure]:
    """SIGKILL at random moments, also of a start, while three rooms talk with one another."""
    count = count or (20 if quick else 1000)
    synapse = Synapse(need("synapse"))
    try:
        await asyncio.to_thread(synapse.start)
        with tempfile.TemporaryDirectory() as home:
            async with (
                Homeserver(synapse) as hs,
                World(Path(home), hs) as world,
                talking(world) as traffic,
            ):
                traffic.pause = PAUSE_SECONDS
                began = time.monotonic()
                await kill_at_random(traffic, count, 20261122, _told(began, traffic))
                lasted = time.monotonic() - began
                found = await traffic.tally(PATIENCE_SECONDS)
                if found.marked:
                    _why(world.bridge.whole_log())
    finally:
        synapse.close()
    return _figures(count, lasted, found)


def _why(log: str) -> None:
    """What was logged about sends that could not be resolved."""
    for line in log.splitlines():
        if "cannot be looked for" in line or "found_out" in line or '"level": "error"' in line:
            print(f"kills: {line[:500]}", file=sys.stderr)


def _told(began: float, traffic: Traffic) -> Callable[[int], None]:
    def told(number: int) -> None:
        if number % 10 == 0:
            said = sum(map(len, traffic.said.values()))
            print(
                f"kills: {number} in {time.monotonic() - began:.0f} s, {said} said", file=sys.stderr
            )

    return told


def _figures(count: int, lasted: float, found: Tally) -> list[Figure]:
    over = f"{count} SIGKILLs, {found.said} messages in three rooms"
    each = f"one kill in {lasted / count:.1f} s"
    for trouble in (*found.lost, *found.doubled, *found.disordered):
        print(f"kills: {trouble}", file=sys.stderr)
    values = (
        (f"{over}: lost", len(found.lost)),
        ("doubled on Matrix", found.doubled_in("m")),
        ("doubled on the web", found.doubled_in("w")),
        ("doubled in the supergroup", found.doubled_in("t")),
        ("unresolved in the supergroup", found.marked),
        ("out of order", len(found.disordered)),
    )
    return [Figure(what, str(value), each, "0", value == 0) for what, value in values]
