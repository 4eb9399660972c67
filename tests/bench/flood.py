"""Telegram's limits: a group that talks too fast, an alert to very many, a room that is dead."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from tests.bench.figure import Figure, ms, spread
from tests.crowd import Crowd, crowd

GROUPS = 1000
PER_SECOND = 30


async def flood(quick: bool) -> list[Figure]:
    """Two lines a second in one group, with an alert in the middle."""
    count = 30 if quick else 120
    with tempfile.TemporaryDirectory() as home:
        async with crowd(Path(home)) as talk:
            began, given = time.time(), 0.0
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / 2 - time.time()))
                await talk.write()
                if number == count // 2:
                    given = await talk.alert()
            await talk.until_shown(count, timeout=100)
            shown, alert = talk.shown(), talk.alerted()[0] - given
            waits = [at - talk.written[number] for number, at in shown]
            in_order = [number for number, _at in shown] == list(range(count))
            messages = len(talk.groups[0].from_bots)
            refused = talk.api.flood.rejected
    right = in_order and not refused
    return [
        Figure(
            f"{count} lines at 2/s into a Telegram group: longest wait",
            f"{max(waits):.1f} s (median {statistics.median(waits):.1f} s), {messages} messages, "
            f"{refused} × 429, {'in order' if in_order else 'OUT OF ORDER'}",
            f"{(count - 20) / 20 * 60 - count / 2 + 60:.0f} s, one by one at 20 a minute",
            "≤ 75 s, none refused",
            max(waits) <= 75 and right,
        ),
        Figure(
            "an alert in the middle of them",
            f"{alert:.2f} s",
            "behind all lines that wait",
            "≤ 4 s",
            alert <= 4,
        ),
    ]


async def alert(quick: bool) -> list[Figure]:
    """One alert to many groups, as fast as the token's limit allows."""
    groups = 150 if quick else GROUPS
    with tempfile.TemporaryDirectory() as home:
        async with crowd(Path(home), groups) as talk:
            given = await talk.alert()
            await talk.api.until(lambda: len(talk.alerted()) == groups or None, 120)
            lasted, refused = max(talk.alerted()) - given, talk.api.flood.rejected
    allowed = groups / PER_SECOND
    return [
        Figure(
            f"alert to {groups} Telegram groups",
            f"{lasted:.1f} s, {refused} × 429",
            f"{allowed:.1f} s, the token's limit; ratio {lasted / allowed:.3f}",
            "≤ 1.05",
            lasted / allowed <= 1.05,
        )
    ]


async def dead(quick: bool) -> list[Figure]:
    """Twenty groups, with all well and with one that never answers."""
    rounds = 3 if quick else 12
    with tempfile.TemporaryDirectory() as home:
        async with crowd(Path(home), 20) as talk:
            talk.api.flood.disable()
            alone = await _rounds(talk, rounds)
            talk.api.faults.next("sendMessage", "hang", chat=talk.groups[0].id, times=1000)
            beside = await _rounds(talk, rounds)
    (well, well_worst), (ill, ill_worst) = spread(alone), spread(beside)
    return [
        Figure(
            "19 groups beside one that never answers: median and p99",
            f"{ms(ill)}, {ms(ill_worst)}",
            f"{ms(well)}, {ms(well_worst)}, all 20 well",
            "median within 10 ms, p99 within 50 ms",
            ill - well <= 0.010 and ill_worst - well_worst <= 0.050,
        )
    ]


async def _rounds(talk: Crowd, rounds: int) -> list[float]:
    """How long lines take to the groups but the first, two seconds apart."""
    waits: list[float] = []
    for _round in range(rounds):
        calls = len(talk.api.calls_of("sendMessage"))
        number = await talk.write()
        await talk.api.wait_call("sendMessage", calls + len(talk.groups) - 1, 20)
        await asyncio.sleep(1)
        waits += [
            at - talk.written[number]
            for group in range(1, len(talk.groups))
            for each, at in talk.shown(group)
            if each == number
        ]
        await asyncio.sleep(3)
    return waits
