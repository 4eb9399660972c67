"""Of two processes one works; the other takes over, and people notice nothing but a pause."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.pair import Member, Pair
from tests.servers.parts import ROOT
from tests.servers.postgres import Postgres
from tests.servers.relay import Relay
from tests.servers.synapse import Homeserver
from tests.traffic import Traffic
from tests.world import Bridge, World

TAKEOVER_SECONDS = 10


@asynccontextmanager
async def two(
    home: Path, hs: Homeserver, database: str, **first: str
) -> AsyncIterator[tuple[Pair, Traffic]]:
    """One leads and one stands by, while people talk in all three rooms; `first` is the
    environment of the one that leads. At the end nothing was lost or doubled."""
    world, pair = World(home, hs, database=database), Pair(home)
    world.bridge = pair
    pair.members[0].environment |= first
    async with world, asyncio.TaskGroup() as group:
        traffic = Traffic(world)
        page = group.create_task(traffic.page().run())
        await pair.start()
        assert pair.members[1].stands_by()
        await world.anna.wait_for(world.room, lambda e: "Lianzhi is here" in e.body, timeout=20)
        speaking = group.create_task(traffic.run())
        yield pair, traffic
        speaking.cancel()
        await traffic.arrived(30)
        await traffic.check()
        page.cancel()


@pytest.fixture
async def relay(postgres: Postgres) -> AsyncIterator[Relay]:
    """A connection to the database of its own."""
    made = Relay(postgres.port)
    await made.start()
    yield made
    await made.close()


async def heard(traffic: Traffic, room: str = "t") -> None:
    """Wait until something that is said only now stands in the Matrix room."""
    word = await traffic.say(room)
    world = traffic.world
    await world.anna.wait_for(world.room, lambda e: word in e.body, timeout=15)


async def fails(pair: Pair, how: Callable[[Member], Awaitable[None]]) -> float:
    """Let the leader fail; seconds until the other one leads."""
    began, other = time.monotonic(), pair.standby
    await how(pair.leader)
    return await pair.taken_over(other, TAKEOVER_SECONDS) - began


async def test_a_second_process_takes_over_from_one_that_is_killed(
    tmp_path: Path, hs: Homeserver, postgres_url: str
) -> None:
    """And stands by again when it comes back."""

    async def kill(leader: Member) -> None:
        await leader.end(signal.SIGKILL)

    async with two(tmp_path, hs, postgres_url) as (pair, traffic):
        await heard(traffic)
        said = pair.standby.lines[-1]
        assert f"process {pair.leader.process_id} " in said
        assert await fails(pair, kill) < TAKEOVER_SECONDS
        await heard(traffic)
        await pair.standby.start()
        assert pair.standby.stands_by()


async def test_a_frozen_leader_that_wakes_sends_and_writes_nothing(
    tmp_path: Path, hs: Homeserver, postgres_url: str
) -> None:
    """It begins again and stands by."""

    async def freeze(leader: Member) -> None:
        leader.freeze()

    async with two(tmp_path, hs, postgres_url) as (pair, traffic):
        frozen = pair.leader
        await heard(traffic)
        assert await fails(pair, freeze) < TAKEOVER_SECONDS
        await heard(traffic)
        frozen.thaw()
        await pair.until(frozen.stands_by, 15)
        assert "stood still for longer than its lease" in frozen.log()
        await heard(traffic)


@pytest.mark.parametrize("how", ["cut", "hang"])
async def test_a_leader_that_loses_the_database_is_replaced_and_calls_nobody(
    how: str, tmp_path: Path, hs: Homeserver, postgres_url: str, relay: Relay
) -> None:
    """Its connection ends, or nothing comes through it any more. It stands by when it is back."""

    async def lose(_leader: Member) -> None:
        if how == "cut":
            await relay.close()
        else:
            relay.hang()

    url = make_url(postgres_url).set(port=relay.port).render_as_string(hide_password=False)
    async with two(tmp_path, hs, postgres_url, LIANZHI_DATABASE__URL=url) as (pair, traffic):
        lonely = pair.leader
        await heard(traffic)
        assert await fails(pair, lose) < TAKEOVER_SECONDS
        await heard(traffic)
        await relay.heal()
        await pair.until(lonely.stands_by, 15)


async def test_a_leader_that_is_stopped_hands_over_within_a_second(
    tmp_path: Path, hs: Homeserver, postgres_url: str
) -> None:
    async with two(tmp_path, hs, postgres_url) as (pair, traffic):
        await heard(traffic)
        other = pair.standby
        assert await pair.leader.end(signal.SIGTERM) == 0
        ended = time.monotonic()
        assert await pair.taken_over(other) - ended < 1
        await heard(traffic)
        await pair.standby.start()
        assert await pair.standby.end(signal.SIGTERM) == 0, "it stood by"


async def test_a_second_process_on_a_sqlite_file_says_who_has_it(tmp_path: Path) -> None:
    """Also while that one is frozen; killed, it lets go at once. Other commands go on."""
    first = Bridge(tmp_path)
    first.configure('[web]\nlisten = "127.0.0.1:0"\n')
    await first.start()
    try:
        code, line = await command(first, "run")
        assert code == 2
        assert f"process {first.pid} on " in line
        assert line.endswith("stop that one first.")
        assert (await command(first, "invite", "Li", "web:zh"))[0] == 0
        os.kill(first.pid, signal.SIGSTOP)
        code, line = await command(first, "run")
        assert code == 2
        assert f"kill -CONT {first.pid} wakes it" in line
    finally:
        await first.kill()
    await first.start()
    await first.kill()


async def command(bridge: Bridge, *words: str) -> tuple[int | None, str]:
    """Run a command beside it; its exit code and the one line on standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words, "--config", str(bridge.config)),
        cwd=bridge.home,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _out, err = await process.communicate()
    line = err.decode().strip()
    assert "\n" not in line
    return process.returncode, line
