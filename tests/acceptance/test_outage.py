"""One network's, the database's or the disk's outage disturbs nothing else and needs no restart."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.parts import ROOT
from tests.servers.proxy import Answer, Fault, Proxy, to
from tests.servers.synapse import Homeserver, Synapse
from tests.traffic import Traffic, talking, words
from tests.world import World

NewProxy = Callable[[int], Awaitable[Proxy]]


async def between(traffic: Traffic, one: str, other: str) -> None:
    """A message from each of two rooms reaches the other at once."""
    for source, target in ((one, other), (other, one)):
        await traffic.shown(await traffic.say(source), target)


@pytest.mark.parametrize("basic", [False, True], ids=["supergroup", "basic group"])
async def test_every_fault_of_a_telegram_send_is_survived(
    tmp_path: Path, hs: Homeserver, basic: bool
) -> None:
    """What was accepted but not answered is found in a supergroup, and marked in a basic one."""
    kinds = ["429", "500", "502", "garbage", "reset", "hang"]
    kinds += ["lost_reset", "lost_close", "lost_hang"]
    async with World(tmp_path, hs, basic=basic) as world, talking(world) as traffic:
        await traffic.say("t")
        await traffic.arrived(15)
        for kind in kinds:
            world.api.faults.next("sendMessage", kind, times=2, retry_after=1)
            await between(traffic, "m", "w")
            await traffic.arrived(25)
            await traffic.check(marked=basic)


async def test_flood_limits_of_telegram_are_obeyed(tmp_path: Path, hs: Homeserver) -> None:
    """Limits stricter than our quotas: each 429 is waited out, the penalty does not grow."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        world.api.flood.enable(chat_second=2)
        await traffic.run("m", count=8)
        await traffic.arrived(40)
        await traffic.check()
        waits = [call for call in world.api.calls_of("sendMessage") if call.status == 429]
        assert 0 < len(waits) <= 8


async def test_another_poller_of_the_same_bot_costs_nothing(tmp_path: Path, hs: Homeserver) -> None:
    """409: whoever takes the updates, those that we have not confirmed come again."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        for _time in range(3):
            async with world.http.post(
                f"{world.api.url}/bot{world.token}/getUpdates", json={"timeout": 0}
            ) as answer:
                await answer.read()
            await traffic.say("t")
        await traffic.arrived(30)
        await traffic.check()


async def test_telegram_is_down_and_comes_back(tmp_path: Path, hs: Homeserver) -> None:
    """Refused connections; also a start in the middle of it."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        await traffic.run(count=2)
        await world.api.outage()
        await traffic.run("t", count=4)
        await between(traffic, "m", "w")
        await world.bridge.kill()
        await world.bridge.start()
        await between(traffic, "m", "w")
        await world.api.recover()
        await traffic.arrived(40)
        await traffic.check()


FAULTS: list[Fault | Answer] = [
    Answer(502, b"<html>Bad Gateway"),
    Answer(500, b'{"errcode": "M_UNKNOWN", "error": "Internal server error"}'),
    Answer.garbage(),
    Answer.limit(1500),
    Fault.RESET,
    Fault.LOSE,
    Fault.CUT,
]


async def test_matrix_is_down_or_talks_nonsense_and_comes_back(
    tmp_path: Path, hs: Homeserver, proxy: NewProxy
) -> None:
    """Every kind of fault, then refused connections, then a start in the middle of it."""
    before = await proxy(hs.synapse.port)
    async with World(tmp_path, hs) as world:
        world.bridge.configure(world.toml(matrix_url=before.url))
        async with talking(world) as traffic:
            for fault in FAULTS:
                rule = before.break_(fault)
                await traffic.say("m")
                await between(traffic, "t", "w")
                await rule.hit.wait()
                before.heal()
                await traffic.arrived(25)
            await before.refuse()
            await between(traffic, "t", "w")
            await world.bridge.kill()
            await world.bridge.start()
            await traffic.run("m", count=len(traffic.said["m"]) + 2)
            await between(traffic, "t", "w")
            await before.accept()
            await traffic.arrived(60)
            await traffic.check()


async def test_the_limits_of_a_fresh_homeserver_are_obeyed(
    tmp_path: Path, new_synapse: Callable[..., Synapse]
) -> None:
    """0.2 messages a second after the first ten: all arrive, in order, and once."""
    synapse = await asyncio.to_thread(new_synapse, default_limits=True)
    async with Homeserver(synapse) as hs, World(tmp_path, hs) as world, talking(world) as traffic:
        traffic.pause = 0.0
        await traffic.run("t", count=13)
        await traffic.arrived(60)
        await traffic.check()


async def test_a_gap_of_hundreds_of_events_is_filled(tmp_path: Path, hs: Homeserver) -> None:
    """What people said while the process was away comes whole and in order."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        traffic.pause = 0.0
        await traffic.run("m", count=2)
        await traffic.arrived(15)
        await world.bridge.kill()
        await traffic.run("m", count=330)
        await world.bridge.start()
        await traffic.arrived(60)
        await traffic.check()


@pytest.mark.parametrize("seconds", [3, 7], ids=["shorter", "longer than a writer waits"])
async def test_a_locked_database_holds_nothing_up_for_ever(
    tmp_path: Path, hs: Homeserver, seconds: float
) -> None:
    """Another process holds the write lock: afterwards everything is there."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        other = sqlite3.connect(tmp_path / "lianzhi.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        speaking = asyncio.create_task(traffic.run(count=4))
        await asyncio.sleep(seconds)
        other.execute("ROLLBACK")
        other.close()
        await speaking
        await traffic.arrived(30)
        await traffic.check()


async def test_a_full_disk_loses_nothing(tmp_path: Path, hs: Homeserver) -> None:
    """No file can grow; once there is space again everything arrives, without a restart."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        await traffic.run(count=2)
        await traffic.arrived(20)
        soft, hard = resource.prlimit(world.bridge.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(world.bridge.pid, resource.RLIMIT_FSIZE, (4096, hard))
        await traffic.run(count=5)
        await asyncio.sleep(2)
        assert len(words(world.group.texts)) < 15
        resource.prlimit(world.bridge.pid, resource.RLIMIT_FSIZE, (soft, hard))
        await traffic.arrived(40)
        await traffic.check()


async def test_it_ends_within_ten_seconds_of_sigterm(
    tmp_path: Path, hs: Homeserver, proxy: NewProxy
) -> None:
    """A send that hangs is left, and made again by the next start."""
    before = await proxy(hs.synapse.port)
    async with World(tmp_path, hs) as world:
        world.bridge.configure(world.toml(matrix_url=before.url))
        async with talking(world) as traffic:
            rule = before.break_(Fault.STALL, to("PUT", "/send/m.room.message/"), times=1)
            await traffic.run("t", count=3)
            await rule.hit.wait()
            began = time.monotonic()
            assert await world.bridge.stop() == 0
            assert time.monotonic() - began < 10
            rule.lift()
            await world.bridge.start()
            await traffic.arrived(30)
            await traffic.check()


async def test_a_second_start_on_the_same_database_is_refused(
    tmp_path: Path, hs: Homeserver
) -> None:
    """It names the process that is there, which is not disturbed."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        await traffic.run(count=2)
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run", "--config", str(world.bridge.config)),
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(30):
            printed, _none = await second.communicate()
        assert second.returncode != 0
        assert str(world.bridge.pid) in printed.decode()
        await traffic.run(count=4)
        await traffic.arrived(30)
        await traffic.check()
