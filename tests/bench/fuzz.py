"""Ten thousand broken updates and sync answers, with people who go on talking among them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.figure import Figure
from tests.fuzz.storm import storm


async def fuzz(quick: bool, count: int | None = None, seed: int = 1) -> list[Figure]:
    """Half of them are Telegram's, half are a homeserver's."""
    count = count or (1000 if quick else 10_000)
    with tempfile.TemporaryDirectory() as home:
        async with storm(Path(home), seed) as raging:
            found = await raging.rage(count - count // 2, count // 2)
    for trouble in (*found.lost, *found.doubled, *found.disordered):
        print(f"fuzz: {trouble}", file=sys.stderr)
    pace = f"{found.seconds:.0f} s"
    what = f"{count} fuzzed updates and sync answers, {found.said} good messages among them"
    values = (
        (f"{what}: lost", len(found.lost)),
        ("doubled", len(found.doubled)),
        ("out of order", len(found.disordered)),
        ("set aside as unforeseen", found.set_aside),
    )
    return [Figure(each, str(value), pace, "0", value == 0) for each, value in values]
