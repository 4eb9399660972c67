"""The end of the process: calls under way end, nothing new begins, nothing is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery import worker
from tests.unit.delivery.world import World

A, B = "loopback:a", "loopback:b"


async def test_a_call_under_way_ends_and_its_outcome_is_written(unsure: World) -> None:
    await unsure.rooms(A)
    unsure.net.gates[A] = asyncio.Event()
    await unsure.say(A, *"abc")
    unsure.start()
    await unsure.until(lambda: len(unsure.net.calls) == 1)
    stopping = asyncio.create_task(unsure.delivery.stop())
    await asyncio.sleep(0)
    unsure.net.gates[A].set()
    await stopping
    assert unsure.net.texts(A) == ["Li: a"]
    assert await unsure.states() == ["sent", "queued", "queued"]


async def test_nothing_begins_once_the_end_has_begun(world: World) -> None:
    """However many rows a lane has read already."""
    rooms = [f"loopback:r{number}" for number in range(8)]
    await world.rooms(*rooms)
    for room in rooms:
        await world.say(room, *(f"m{number}" for number in range(15)))
    world.start()
    await world.until(lambda: len(world.net.calls) >= 10)
    stopping = asyncio.create_task(world.delivery.stop())
    await asyncio.sleep(0)
    begun = len(world.net.calls)
    await stopping
    assert len(world.net.calls) <= begun + len(rooms)
    assert "sending" not in await world.states()
    sent = sum(len(world.net.texts(room)) for room in rooms)
    assert (await world.states()).count("sent") == sent
    world.delivery = world.new_delivery()
    world.start()
    await world.idle()
    assert all(len(world.net.texts(room)) == 15 for room in rooms)


async def test_a_call_that_does_not_end_is_cut_off_within_the_limit(
    unsure: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.1)
    await unsure.rooms(A)
    unsure.net.gates[A] = asyncio.Event()
    await unsure.say(A, "a")
    unsure.start()
    await unsure.until(lambda: len(unsure.net.calls) == 1)
    async with asyncio.timeout(5):
        await unsure.delivery.stop()
    assert await unsure.states() == ["sending"]
    del unsure.net.gates[A]
    unsure.net.found = False
    unsure.delivery = unsure.new_delivery()
    unsure.start()
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: a"]


async def test_a_database_that_is_away_does_not_keep_the_process_from_ending(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.1)
    await world.rooms(A)
    await world.say(A, "a")
    holding, let_go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with world.store.write():
            holding.set()
            await let_go.wait()

    holder = asyncio.create_task(hold())
    await holding.wait()
    world.start()
    await world.until(lambda: bool(world.net.texts(A)))
    async with asyncio.timeout(5):
        await world.delivery.stop()
    let_go.set()
    await holder


async def test_a_crash_at_any_moment_loses_and_repeats_nothing(world: World) -> None:
    """Repeats of the same transaction are shown once by such a network; order stays."""
    await world.rooms(A, B)
    for room in (A, B):
        await world.say(room, *(f"m{number}" for number in range(40)))
    for calls in range(5, 80, 7):
        world.start()
        await world.until(lambda: len(world.net.calls) >= calls)  # noqa: B023
        await world.crash()
    world.start()
    await world.idle()
    for room in (A, B):
        assert world.net.texts(room) == [f"Li: m{number}" for number in range(40)]
