"""Measure and print a table: `python -m tests.bench [names…] [--quick]`.

`--quick` measures too little to judge by, but shows that everything works.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Mapping

from tests.bench.burst import burst, rooms
from tests.bench.figure import HEADER, Figure
from tests.bench.flood import alert, dead, flood
from tests.bench.latency import latency, stored
from tests.bench.process import memory, start
from tests.bench.takeover import takeover

BENCHES: Mapping[str, Callable[[bool], Awaitable[list[Figure]]]] = {
    "latency": latency,
    "burst": burst,
    "rooms": rooms,
    "start": start,
    "memory": memory,
    "stored": stored,
    "flood": flood,
    "alert": alert,
    "dead": dead,
    "takeover": takeover,
}


async def run(names: list[str], quick: bool) -> bool:
    """Measure these, print each as it is known, then the table; whether all targets are met."""
    figures: list[Figure] = []
    for name in names:
        began = time.monotonic()
        found = await BENCHES[name](quick)
        figures += found
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
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
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    return 0 if asyncio.run(run(given.names or list(BENCHES), given.quick)) else 1


if __name__ == "__main__":
    sys.exit(main())
