"""Once a network answers again, what has waited for that alone goes at once."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

import pytest

from bot.transports.base import (
    AnswerLost,
    RateLimited,
    RoomGone,
    SendFault,
    Unreachable,
)
from storage.tables import OutboxRow
from tests.unit.delivery.world import World

A, B = "loopback:a", "loopback:b"


async def waiting(world: World) -> OutboxRow:
    """The first row, once it has failed and waits."""

    async def put_off() -> bool:
        return (await world.rows())[0].not_before is not None

    await world.until(put_off, time_passes=False)
    return (await world.rows())[0]


@pytest.mark.parametrize("fault", [Unreachable(), AnswerLost("502")])
async def test_the_end_of_an_outage_ends_its_waits(world: World, fault: SendFault) -> None:
    """No time passes here: nothing else could end them."""
    await world.rooms(A, B)
    world.net.faults = {A: deque([fault]), B: deque([fault])}
    await world.say(A, "one", "two")
    await world.say(B, "three")
    world.start()
    await world.until(lambda: len(world.net.calls) == 2, time_passes=False)
    await waiting(world)
    world.delivery.reached("loopback")
    await world.idle(time_passes=False)
    assert world.net.texts(A) == ["Li: one", "Li: two"]
    assert world.net.texts(B) == ["Li: three"]


@pytest.mark.parametrize("fault", [RateLimited(timedelta(seconds=40)), RoomGone()])
async def test_other_waits_go_on(world: World, fault: SendFault) -> None:
    """Above all those that the network has asked for, also after an outage before."""
    await world.rooms(A)
    world.net.faults[A] = deque([Unreachable(), fault])
    await world.say(A, "one")
    world.start()
    first = (await waiting(world)).not_before
    world.delivery.reached("loopback")

    async def put_off_anew() -> bool:
        return (await world.rows())[0].not_before != first

    await world.until(put_off_anew, time_passes=False)
    for _again in range(3):
        world.delivery.reached("loopback")
        await asyncio.sleep(0.05)
    assert len(world.net.calls) == 2
    world.moment += timedelta(hours=1)
    world.delivery.wake([A])
    await world.idle()
    assert world.net.texts(A) == ["Li: one"]


async def test_another_networks_return_changes_nothing(world: World) -> None:
    await world.rooms(A)
    world.net.faults[A] = deque([Unreachable()])
    await world.say(A, "one")
    world.start()
    await waiting(world)
    world.delivery.reached("telegram")
    await asyncio.sleep(0.05)
    assert len(world.net.calls) == 1


async def test_a_send_in_doubt_is_still_looked_for_first(unsure: World) -> None:
    await unsure.rooms(A)
    unsure.net.carried, unsure.net.found = True, "yes"
    unsure.net.faults[A] = deque([AnswerLost("502")])
    await unsure.say(A, "one")
    unsure.start()
    await waiting(unsure)
    unsure.delivery.reached("loopback")
    await unsure.idle(time_passes=False)
    assert len(unsure.net.asked) == 1
    assert unsure.net.texts(A) == ["Li: one"]


async def test_a_call_that_began_in_the_outage_is_made_again_at_once(world: World) -> None:
    """And only once so: what fails after the outage waits as ever."""
    await world.rooms(A)
    gate = world.net.gates[A] = asyncio.Event()
    world.net.faults[A] = deque([Unreachable(), Unreachable()])
    await world.say(A, "one")
    world.start()
    await world.until(lambda: len(world.net.calls) == 1, time_passes=False)
    world.delivery.reached("loopback")
    gate.set()
    await world.until(lambda: len(world.net.calls) == 2, time_passes=False)
    await asyncio.sleep(0.05)
    assert len(world.net.calls) == 2
    world.moment += timedelta(hours=1)
    world.delivery.wake([A])
    await world.idle()
