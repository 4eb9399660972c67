"""SIGKILL at random moments while people talk in every room."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from tests.traffic import Traffic

AWAKE_SECONDS = 0.7
"""A process that has started lives no longer than this."""

STARTING_SHARE = 0.2
"""So many of the kills come while the process still starts."""

STARTING_SECONDS = 1.5


async def kill_at_random(
    traffic: Traffic, kills: int, seed: int, done: Callable[[int], None] = lambda number: None
) -> None:
    """Kill and start again, that often; `done` is told how often so far. At the end it runs.

    Raises what a person who talks runs into.
    """
    bridge, moments = traffic.world.bridge, random.Random(seed)
    async with asyncio.TaskGroup() as group:
        speaking = group.create_task(traffic.run())
        for number in range(kills):
            await asyncio.sleep(moments.uniform(0.0, AWAKE_SECONDS))
            await bridge.kill()
            if moments.random() < STARTING_SHARE:
                starting = group.create_task(bridge.start())
                await asyncio.wait((starting,), timeout=moments.uniform(0.0, STARTING_SECONDS))
                starting.cancel()
                await asyncio.wait((starting,))
                await bridge.kill()
            await bridge.start()
            done(number + 1)
        speaking.cancel()
