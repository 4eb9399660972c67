"""How soon the process is there, and how much memory it holds."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.stage import Stage, resident_mb
from tests.servers.parts import ROOT
from tests.servers.proxy import to
from tests.world import Bridge

LIBRARIES = "import telegram, nio, sqlmodel, aiohttp"
SEALED_TO_MATRIX = to("PUT", "/send/m.room.encrypted/")


async def import_seconds() -> float:
    """How long a Python takes that only imports the libraries."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", LIBRARIES)
    await process.wait()
    return time.monotonic() - began


async def start_seconds(bridge: Bridge) -> float:
    """From exec to the line with the address."""
    began = time.monotonic()
    await bridge.start()
    took = time.monotonic() - began
    await bridge.kill()
    return took


async def start(quick: bool) -> list[Figure]:
    """With both networks, and with no configuration at all."""
    runs = 2 if quick else 7
    imports: list[float] = []
    whole: list[float] = []
    alone: list[float] = []
    async with Stage() as stage:
        with tempfile.TemporaryDirectory() as home:
            web = Bridge(Path(home))
            web.configure('[web]\nlisten = "127.0.0.1:0"\n')
            await start_seconds(stage.bridge)
            await start_seconds(web)
            for _run in range(runs):
                imports.append(await import_seconds())
                whole.append(await start_seconds(stage.bridge))
                alone.append(await start_seconds(web))
    baseline = f"{statistics.median(imports):.2f} s, importing the four libraries alone"
    return [
        Figure(
            f"start to address, {what} (median of {runs})",
            f"{statistics.median(took):.2f} s",
            baseline,
            "≤ 2 s",
            statistics.median(took) <= 2,
        )
        for what, took in (("Telegram and Matrix", whole), ("web rooms alone", alone))
    ]


async def _imported_mb() -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", f"{LIBRARIES}; print(flush=True); input()"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    await process.stdout.readline()
    size = resident_mb(process.pid)
    process.kill()
    await process.wait()
    return size


async def memory(quick: bool) -> list[Figure]:
    """Resident memory with encryption, at the start and after a thousand messages."""
    count = 100 if quick else 1000
    baseline = await _imported_mb()
    async with Stage(encrypted=True) as stage:
        await stage.up()
        at_start = resident_mb(stage.bridge.pid)
        for number in range(count):
            await stage.say(f"m{number:04d}")
        await stage.matrix.wait_for(SEALED_TO_MATRIX, count, timeout=240)
        later = resident_mb(stage.bridge.pid)
    return [
        Figure(
            f"resident memory, encryption on: at the start / after {count} encrypted messages",
            f"{at_start:.0f} / {later:.0f} MB",
            f"{baseline:.0f} MB, a Python that has imported the four libraries",
            "≤ 150 MB",
            max(at_start, later) <= 150,
        )
    ]
