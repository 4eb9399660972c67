"""SIGTERM ends the process within ten seconds, whatever is under way, and loses nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.servers.proxy import Fault, Proxy, to
from tests.servers.synapse import Homeserver
from tests.world import World

SENDING = to("PUT", "/send/m.room.message/")
LIMIT = 10.0


@pytest.mark.timeout(240)
async def test_slow_sends_and_open_pages_do_not_hold_up_the_end(
    tmp_path: Path, hs: Homeserver, proxy: Callable[[int], Awaitable[Proxy]]
) -> None:
    """Matrix and Telegram take calls and do not answer; five pages are open."""
    before = await proxy(hs.synapse.port)
    async with World(tmp_path, hs) as world, AsyncExitStack() as pages:
        world.bridge.configure(world.toml(matrix_url=before.url))
        await world.bridge.start()
        await world.api.wait_call("getUpdates", timeout=20)
        await world.anna.wait_for(world.room, lambda e: "Lianzhi is here" in e.body, timeout=20)
        readers = [await pages.enter_async_context(world.browser(f"P{n}")) for n in range(5)]
        rule = before.break_(Fault.HANG, SENDING, times=1)
        fault = world.api.faults.next("sendMessage", "hang")
        await readers[0].say("unanswered 1")
        await rule.hit.wait()
        await world.api.until(lambda: fault.hits or None)
        await readers[1].say("waiting 2")

        begun = time.monotonic()
        assert await world.bridge.stop() == 0, world.bridge.log()
        assert time.monotonic() - begun < LIMIT

        rule.lift()
        await world.bridge.start()
        await world.anna.wait_for(world.room, lambda e: "waiting 2" in e.body, timeout=30)
        await world.api.until(
            lambda: any("waiting 2" in text for text in world.group.texts) or None, timeout=30
        )
        for text in ("unanswered 1", "waiting 2"):
            assert len([each for each in world.group.texts if text in each]) == 1
            told = [each for each in await world.anna.messages(world.room) if text in each.body]
            assert len(told) == 1


async def test_a_homeserver_and_a_bot_api_that_answer_nothing_do_not_hold_up_the_end(
    tmp_path: Path, hs: Homeserver, proxy: Callable[[int], Awaitable[Proxy]]
) -> None:
    """Every call hangs, those at the start and the polls included."""
    before = await proxy(hs.synapse.port)
    async with World(tmp_path, hs) as world:
        world.bridge.configure(world.toml(matrix_url=before.url))
        await world.bridge.start()
        await world.api.wait_call("getUpdates", timeout=20)
        before.break_(Fault.HANG, to("GET", "/"), times=1000)
        before.break_(Fault.HANG, to("PUT", "/"), times=1000)
        await world.anna.say(world.room, "hello")
        await asyncio.sleep(0)
        begun = time.monotonic()
        assert await world.bridge.stop() == 0, world.bridge.log()
        assert time.monotonic() - begun < LIMIT
