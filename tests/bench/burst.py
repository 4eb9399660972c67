"""Throughput to Matrix, beside loops that do nothing but send."""

from __future__ import annotations

import asyncio
import re
import statistics

from tests.bench.figure import Figure
from tests.bench.stage import SENT_TO_MATRIX, Stage, last_answer_before
from tests.servers.proxy import Fault, Request, to

_WORD = re.compile(rb"b\d{4}\b")


async def ours(stage: Stage, count: int) -> float:
    """Messages a second from the first handed over to the last accepted, all pairs together, of a
    process that has carried one already."""
    await stage.up()
    held = stage.telegram.break_(Fault.HANG, to("POST", "/getUpdates"))
    await stage.say("before")
    await stage.matrix.wait_for(SENT_TO_MATRIX)
    await held.hit.wait()
    for number in range(count):
        for pair in range(stage.pairs):
            await stage.say(f"b{number:04d}", pair)
    stage.matrix.requests.clear()
    stage.telegram.requests.clear()
    stage.telegram.heal()
    async with asyncio.timeout(240):
        while len(stage.matrix.requests) < count * stage.pairs:  # noqa: ASYNC110 - being told of each would cost more than the proxy
            await asyncio.sleep(0.1)
    await stage.matrix.wait_for(_accepted, count * stage.pairs, timeout=240)
    await stage.api.do("confirmed", timeout=30)
    await stage.bridge.stop()
    puts = stage.matrix.seen(_accepted)
    first = min(put.began for put in puts)
    handed = last_answer_before(stage.telegram.seen(to("POST", "/getUpdates")), first)
    return len(puts) / (max(put.ended or 0.0 for put in puts) - handed)


async def bare(stage: Stage, count: int) -> float:
    """Messages a second from the first request to the last answer."""
    stage.matrix.requests.clear()
    process = await stage.run_bare("burst", stage.order(stage.bare_rooms, count=count))
    await process.wait()
    puts = stage.matrix.seen(SENT_TO_MATRIX)
    assert len(puts) == count * stage.pairs
    lasted = max(put.ended or 0.0 for put in puts) - min(put.began for put in puts)
    return len(puts) / lasted


def _accepted(request: Request) -> bool:
    return SENT_TO_MATRIX(request) and _WORD.search(request.body) is not None


async def burst(quick: bool) -> list[Figure]:
    """One room."""
    count, runs = (150, 1) if quick else (500, 3)
    return [await _figure(1, count, runs, f"one room, burst of {count} to Matrix", "a bare loop")]


async def rooms(quick: bool) -> list[Figure]:
    """Many rooms at once."""
    pairs, count, runs = (20, 10, 1) if quick else (20, 50, 3)
    what = f"{pairs} rooms × {count} to Matrix"
    return [await _figure(pairs, count, runs, what, f"{pairs} bare loops at once")]


async def _figure(pairs: int, count: int, runs: int, what: str, baseline: str) -> Figure:
    sent: list[float] = []
    alone: list[float] = []
    async with Stage(pairs) as stage:
        await stage.up()
        await stage.bridge.stop()
        for run in range(runs):
            for which in ("ours", "bare") if run % 2 else ("bare", "ours"):
                if which == "ours":
                    sent.append(await ours(stage, count))
                else:
                    alone.append(await bare(stage, count))
    mine, theirs = statistics.median(sent), statistics.median(alone)
    ratio = mine / theirs
    return Figure(
        f"{what} (median of {runs})",
        f"{mine:.1f}/s",
        f"{theirs:.1f}/s, {baseline}; ratio {ratio:.2f}",
        "≥ 0.9",
        ratio >= 0.9,
    )
