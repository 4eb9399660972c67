"""The log of a process with traffic on every network holds no word, no name and no secret."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.servers.proxy import Answer, Proxy, to
from tests.servers.synapse import Homeserver
from tests.world import World

WORDS = ("purple-elephant", "紫色大象")


@pytest.mark.timeout(240)
async def test_nothing_that_people_say_and_no_secret_reaches_the_log(
    tmp_path: Path, hs: Homeserver
) -> None:
    """Through a command, an edit, a refused message, outages of both networks and a restart,
    with debugging on."""
    proxy = Proxy(hs.synapse.port)
    await proxy.start()
    async with World(tmp_path, hs) as world:
        world.bridge.configure(world.toml(matrix_url=proxy.url))
        await world.bridge.start(LIANZHI_DEBUG="1")
        await world.api.wait_call("getUpdates", timeout=20)
        await world.anna.wait_for(world.room, lambda e: "Lianzhi is here" in e.body, timeout=20)
        async with world.browser("王小明") as wang:
            for number, word in enumerate(WORDS):
                world.group.say(world.li, f"t{number} {word}")
                await world.anna.say(world.room, f"m{number} {word}")
                await wang.say(f"w{number} {word}")
            world.group.say(world.li, f"/bridge new {WORDS[0]}")
            world.group.say(world.li, f"/nonsense {WORDS[0]}")
            world.api.faults.next("sendMessage", "500", times=2)
            world.api.faults.next("sendMessage", "400", description=f"Bad Request: {WORDS[0]}")
            proxy.break_(Answer(500), to("PUT", "/send/m.room.message/"), times=2)
            await wang.say(f"last {WORDS[1]}")
            await world.anna.wait_for(world.room, lambda e: "last" in e.body, timeout=30)
            await wang.wait_for(lambda event: "m1" in str(event.get("html")), 30)
            await wang.wait_for(lambda event: "t1" in str(event.get("html")), 30)
        await world.bridge.kill()
        await world.bridge.start(LIANZHI_DEBUG="1")
        world.group.say(world.han, f"after {WORDS[0]}")
        await world.anna.wait_for(world.room, lambda e: "after" in e.body, timeout=30)
        await world.bridge.stop()
        token, password = world.token, str(world.matrix_bot.password)
        session = json.loads((tmp_path / "lianzhi-data" / "matrix-session.json").read_text())
    await proxy.close()
    log = await asyncio.to_thread((tmp_path / "lianzhi.log").read_text, errors="replace")
    assert log, "something was logged"
    for line in log.splitlines():
        json.loads(line)
    for hidden in (*WORDS, "李雷", "韩梅梅", "王小明", token.partition(":")[2], password):
        assert hidden not in log, next(line for line in log.splitlines() if hidden in line)
    assert session["access_token"]
    assert session["access_token"] not in log
