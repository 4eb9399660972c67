"""How soon a second process has taken over, and what people lose or read twice by it."""

from __future__ import annotations

import asyncio
import random
import signal
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.bench.figure import Figure
from tests.pair import Member, Pair
from tests.servers.parts import need
from tests.servers.postgres import Postgres
from tests.servers.relay import Relay
from tests.servers.synapse import Homeserver, Synapse
from tests.traffic import Tally, Traffic
from tests.world import World

WAYS = ("kill", "freeze", "cut", "stop")
"""SIGKILL, SIGSTOP, the database connection alone, SIGTERM."""

TARGET_SECONDS = 10


class Trial:
    """Two processes, each with a database connection of its own, and people who talk."""

    def __init__(self, pair: Pair, relays: dict[Member, Relay]) -> None:
        self._pair = pair
        self._relays = relays

    async def replace(self, way: str) -> float:
        """Let the leader fail that way; seconds until the other leads. Then it stands by."""
        pair, failing, other = self._pair, self._pair.leader, self._pair.standby
        relay, began = self._relays[failing], time.monotonic()
        match way:
            case "kill":
                await failing.end(signal.SIGKILL)
            case "freeze":
                failing.freeze()
            case "cut":
                await relay.close()
            case "stop":
                await failing.end(signal.SIGTERM)
                began = time.monotonic()
        took = max(0.0, await pair.taken_over(other, 60) - began)
        match way:
            case "freeze":
                failing.thaw()
            case "cut":
                await relay.heal()
            case _:
                await failing.start()
        await pair.until(failing.stands_by, 60)
        return took


async def takeover(quick: bool, count: int | None = None) -> list[Figure]:
    """A hundred times, in four ways in turn, while people talk in three rooms."""
    count, moments = count or (4 if quick else 100), random.Random(20261122)
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    async with AsyncExitStack() as stack:
        postgres = Postgres(need("postgresql"))
        stack.callback(postgres.close)
        await asyncio.to_thread(postgres.start)
        synapse = Synapse(need("synapse"))
        stack.callback(synapse.close)
        await asyncio.to_thread(synapse.start)
        hs = await stack.enter_async_context(Homeserver(synapse))
        url = await stack.enter_async_context(postgres.database())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        world, pair = World(home, hs, database=url), Pair(home)
        world.bridge = pair
        relays = {member: Relay(postgres.port) for member in pair.members}
        for member, relay in relays.items():
            await relay.start()
            stack.push_async_callback(relay.close)
            own = make_url(url).set(port=relay.port).render_as_string(hide_password=False)
            member.environment["LIANZHI_DATABASE__URL"] = own
        await stack.enter_async_context(world)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        traffic = Traffic(world, pause=1.0)
        page = group.create_task(traffic.page().run())
        began = time.monotonic()
        await pair.start()
        alone = pair.led[0][0] - began
        speaking = group.create_task(traffic.run())
        trial = Trial(pair, relays)
        for number in range(count):
            await asyncio.sleep(moments.uniform(0, 2))
            way = WAYS[number % len(WAYS)]
            took[way].append(await trial.replace(way))
            if number % 10 == 9:
                print(
                    f"takeover: {number + 1} in {time.monotonic() - began:.0f} s, the last "
                    f"by {way} in {took[way][-1]:.1f} s",
                    file=sys.stderr,
                )
        speaking.cancel()
        found = await traffic.tally(60)
        page.cancel()
    for trouble in (*found.lost, *found.doubled, *found.disordered):
        print(f"takeover: {trouble}", file=sys.stderr)
    return _figures(took, alone, found)


def _figures(took: dict[str, list[float]], alone: float, found: Tally) -> list[Figure]:
    lost, doubled = len(found.lost), len(found.doubled)
    failures = [each for way in WAYS if way != "stop" for each in took[way]]
    count = sum(map(len, took.values()))
    baseline = f"{alone:.1f} s, one start without a standby"

    def spread(values: list[float]) -> str:
        return f"p50 {statistics.median(values):.1f} s, max {max(values):.1f} s"

    return [
        Figure(
            f"takeover after kill, freeze or a lost database connection (of {len(failures)})",
            spread(failures),
            baseline,
            f"≤ {TARGET_SECONDS} s",
            max(failures) <= TARGET_SECONDS,
        ),
        Figure(
            f"takeover after a clean stop (of {len(took['stop'])})",
            spread(took["stop"]),
            baseline,
            "≤ 1 s",
            max(took["stop"]) <= 1,
        ),
        Figure(
            f"lost / doubled over {count} takeovers, {found.said} messages in three rooms",
            f"{lost} / {doubled}",
            "–",
            "0 / 0",
            not lost and not doubled,
        ),
    ]
