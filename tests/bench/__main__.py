"""Measure and print a table: `python -m tests.bench [names…] [--quick]`.

`--quick` measures too little to judge by, but shows that everything works. `--kills`,
`--takeovers`, `--fuzzed` and `--minutes` say how much of these there is to be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from tests.bench.briefing import briefing
from tests.bench.burst import burst, rooms
from tests.bench.commands import commands, together
from tests.bench.figure import HEADER, Figure
from tests.bench.flood import alert, dead, flood
from tests.bench.fuzz import fuzz
from tests.bench.kills import kills
from tests.bench.latency import latency, stored
from tests.bench.nearest import nearest
from tests.bench.plan import plans
from tests.bench.process import memory, start
from tests.bench.soak import soak
from tests.bench.takeover import takeover
from tests.bench.takes import takes
from tests.bench.timers import timers

Bench = Callable[[bool], Awaitable[list[Figure]]]
BENCHES: Mapping[str, Bench] = {
    "latency": latency,
    "burst": burst,
    "rooms": rooms,
    "start": start,
    "memory": memory,
    "stored": stored,
    "flood": flood,
    "alert": alert,
    "dead": dead,
    "nearest": nearest,
    "takes": takes,
    "briefing": briefing,
    "plan": plans,
    "commands": commands,
    "together": together,
    "timers": timers,
    "takeover": takeover,
    "fuzz": fuzz,
    "kills": kills,
    "soak": soak,
}


async def run(benches: Mapping[str, Bench], quick: bool) -> bool:
    """Measure these, print each as it is known, then the table; whether all targets are met."""
    figures: list[Figure] = []
    for name, bench in benches.items():
        began = time.monotonic()
        found = await bench(quick)
        figures += found
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        for figure in found:
            print(figure.row(), file=sys.stderr, flush=True)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    print(HEADER)
    for figure in figures:
        print(figure.row())
    return all(figure.met for figure in figures)


def main() -> int:
    """Read the command line; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    parser.add_argument("--kills", type=int, help="SIGKILLs of `kills` (1000)")
    parser.add_argument("--takeovers", type=int, help="takeovers of `takeover` (100)")
    parser.add_argument("--fuzzed", type=int, help="broken updates and answers of `fuzz` (10000)")
    parser.add_argument("--minutes", type=float, help="how long `soak` lasts (30)")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    sized: Mapping[str, Bench] = {
        **BENCHES,
        "takeover": partial(takeover, count=given.takeovers),
        "fuzz": partial(fuzz, count=given.fuzzed),
        "kills": partial(kills, count=given.kills),
        "soak": partial(soak, minutes=given.minutes),
    }
    chosen = {name: sized[name] for name in given.names or BENCHES}
    return 0 if asyncio.run(run(chosen, given.quick)) else 1


if __name__ == "__main__":
    sys.exit(main())
