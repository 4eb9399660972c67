"""SIGKILL at any instant loses nothing, doubles nothing and keeps the order of each room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.killing import kill_at_random
from tests.servers.proxy import Fault, Proxy, to
from tests.servers.synapse import Homeserver
from tests.traffic import talking, words
from tests.world import World

SENDING = to("PUT", "/send/m.room.message/")


@pytest.mark.parametrize("seed", [20261122])
async def test_nothing_is_lost_or_doubled_when_killed_at_random(
    tmp_path: Path, hs: Homeserver, seed: int
) -> None:
    """Eight kills while three rooms talk; the chosen instants below add as many."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        await kill_at_random(traffic, 8, seed)
        await traffic.arrived(30)
        await traffic.check()


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_hundred_kills_lose_and_double_nothing(
    tmp_path: Path, hs: Homeserver, seed: int
) -> None:
    """The same for longer."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        await kill_at_random(traffic, 100, seed)
        await traffic.arrived(60)
        await traffic.check()


async def test_nothing_is_lost_or_doubled_on_postgresql(
    tmp_path: Path, hs: Homeserver, postgres_url: str
) -> None:
    """The same on the other database."""
    async with World(tmp_path, hs, database=postgres_url) as world, talking(world) as traffic:
        await kill_at_random(traffic, 4, 7)
        await traffic.arrived(30)
        await traffic.check()


async def test_killed_right_after_updates_were_handed_over(tmp_path: Path, hs: Homeserver) -> None:
    """Telegram has answered getUpdates: nothing is confirmed before it is stored."""
    async with World(tmp_path, hs) as world, talking(world) as traffic:
        for _time in range(3):
            handed = len([c for c in world.api.calls_of("getUpdates") if c.result])

            def again(before: int = handed) -> bool:
                calls = world.api.calls_of("getUpdates")
                return len([call for call in calls if call.result]) > before

            await traffic.say("t")
            await world.api.until(again)
            await world.bridge.kill()
            await traffic.say("m")
            await world.bridge.start()
        await traffic.arrived(30)
        await traffic.check()


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.STALL], ids=["not begun", "carried out"])
async def test_killed_while_matrix_has_a_message_unanswered(
    tmp_path: Path,
    hs: Homeserver,
    proxy: Callable[[int], Awaitable[Proxy]],
    fault: Fault,
) -> None:
    """Whether the homeserver has it or not, the room shows it once, and in its place."""
    before = await proxy(hs.synapse.port)
    async with World(tmp_path, hs) as world:
        world.bridge.configure(world.toml(matrix_url=before.url))
        async with talking(world) as traffic:
            for _time in range(2):
                rule = before.break_(fault, SENDING, times=1)
                await traffic.run("tw", count=len(traffic.said["t"]) + 3)
                await rule.hit.wait()
                await world.bridge.kill()
                rule.lift()
                await world.bridge.start()
            await traffic.arrived(30)
            await traffic.check()


@pytest.mark.parametrize("kind", ["hang", "lost_hang"], ids=["not begun", "carried out"])
@pytest.mark.parametrize("basic", [False, True], ids=["supergroup", "basic group"])
async def test_killed_while_telegram_has_a_message_unanswered(
    tmp_path: Path, hs: Homeserver, kind: str, basic: bool
) -> None:
    """A supergroup is asked whether it has it; a basic group cannot be, and a repetition says
    that it may be one."""
    async with World(tmp_path, hs, basic=basic) as world, talking(world) as traffic:
        await traffic.say("t")
        await traffic.arrived(15)
        for _time in range(2):
            fault = world.api.faults.next("sendMessage", kind)
            await traffic.run("mw", count=len(traffic.said["m"]) + 3)
            await world.api.until(lambda: fault.hits == 1)  # noqa: B023 - awaited within the same turn
            await world.bridge.kill()
            await world.bridge.start()
        await traffic.arrived(30)
        await traffic.check(marked=basic)


@pytest.mark.parametrize("kind", ["hang", "lost_hang"], ids=["not begun", "carried out"])
@pytest.mark.parametrize("basic", [False, True], ids=["supergroup", "basic group"])
async def test_killed_while_telegram_has_joined_lines_unanswered(
    tmp_path: Path, hs: Homeserver, kind: str, basic: bool
) -> None:
    """Under Telegram's own limits several lines go as one message; it is found again as a whole,
    or repeated as a whole with a mark, and each line can still be changed."""
    async with World(tmp_path, hs, basic=basic) as world:
        world.bridge.configure(world.toml(quick=False))
        async with talking(world) as traffic:
            await traffic.say("m")
            await traffic.arrived(15)
            # The group has just had its message of this second: what follows must wait.
            fault = world.api.faults.next("sendMessage", kind)
            said = [await traffic.say("m") for _line in range(6)]
            await world.api.until(lambda: fault.hits == 1)
            held = words([str(world.api.calls_of("sendMessage")[-1].params["text"])])
            assert len(held) > 1, "it was to be a joined message"
            await world.bridge.kill()
            await world.bridge.start()
            await traffic.arrived(30)
            await traffic.check(marked=basic)
            assert any(held == words([each]) for each in world.group.texts)
            events = await world.anna.messages(world.room)
            (first,) = (each for each in events if held[0] in each.body)
            await world.anna.edit(world.room, first.id, f"{held[0]} changed")
            await world.api.until(
                lambda: any(
                    f"{held[0]} changed" in each and held[1] in each for each in world.group.texts
                ),
                30,
            )
            assert said[-1] in words(world.group.texts)


async def test_killed_while_a_sync_is_read(
    tmp_path: Path, hs: Homeserver, proxy: Callable[[int], Awaitable[Proxy]]
) -> None:
    """The homeserver has answered /sync: its token is not kept before what came with it."""
    before = await proxy(hs.synapse.port)
    async with World(tmp_path, hs) as world:
        world.bridge.configure(world.toml(matrix_url=before.url))
        async with talking(world) as traffic:
            for _time in range(3):
                rule = before.break_(Fault.CUT, to("GET", "/sync"), times=1)
                await traffic.say("m")
                await rule.hit.wait()
                await world.bridge.kill()
                await traffic.say("m")
                await world.bridge.start()
            await traffic.arrived(30)
            await traffic.check()
