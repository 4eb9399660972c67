"""A loop that silently stopped is ended and begun again; one that works is let be."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import pytest

from bot.operation.health import Health
from bot.operation.pulse import Pulses
from bot.operation.watch import LeftBehind, Watch
from bot.operation.watchdog import LONGEST_PATIENCE, PATIENCE, Hung, patience, watched
from bot.transports.base import Batch, Take
from storage import Store
from tests.unit.delivery.loopback import Loopback
from tests.unit.delivery.world import START


def never() -> float:
    """No sign has ever come."""
    return float("-inf")


async def test_work_that_ends_or_fails_is_left_to_do_so() -> None:
    """The watchdog adds nothing to either."""

    async def fail() -> None:
        raise ValueError("mine")

    await watched(asyncio.sleep(0), never, 5)
    with pytest.raises(ValueError, match="mine"):
        await watched(fail(), never, 5)


async def test_work_without_a_sign_is_cancelled_in_time() -> None:
    """And it is really over when that is told."""
    over = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            over.set()

    begun = time.monotonic()
    with pytest.raises(Hung):
        await watched(hang(), never, 0.1)
    assert over.is_set()
    assert time.monotonic() - begun < 2


async def test_each_sign_gives_the_work_its_whole_time_again() -> None:
    """Slow is not hung."""
    last = time.monotonic()

    async def slow() -> None:
        nonlocal last
        for _time in range(6):
            await asyncio.sleep(0.1)
            last = time.monotonic()

    await watched(slow(), lambda: last, 0.3)


async def test_whoever_waits_can_be_cancelled_and_the_work_with_it() -> None:
    """The end of the process ends everything."""
    over = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            over.set()

    task = asyncio.create_task(watched(work(), never, 60))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert over.is_set()


def test_a_hang_is_noticed_within_a_minute_and_patience_grows_while_nothing_is_heard() -> None:
    """So that a slow first sync can end at last."""
    assert PATIENCE < 60
    assert patience(0) == PATIENCE
    assert patience(1) == 2 * PATIENCE
    assert patience(100) == LONGEST_PATIENCE


@dataclass
class Silent(Loopback):
    """A network that hands over what is queued and then nothing more."""

    takes: list[Take] = field(default_factory=list)
    """What each listening was given."""

    async def listen(self, cursor: str | None, take: Take) -> None:
        self.takes.append(take)
        while True:
            await take(await self.batches.get())


def watch(store: Store, patience: float) -> Watch:
    """Of one loopback network."""
    pulses = Pulses(["loopback"])
    return Watch(pulses, Health(store, pulses, lambda: START, ()), patience)


async def test_a_listening_that_hangs_is_ended_counted_and_can_hand_over_nothing_more(
    sqlite_url: str,
) -> None:
    """What is left of it must not overtake the one that listens in its place."""
    taken: list[Batch] = []

    async def take(batch: Batch) -> None:
        taken.append(batch)

    store = await Store.open(sqlite_url)
    net = Silent()
    watching = watch(store, 0.1)
    pulse = watching.pulses.by_network["loopback"]
    with pytest.raises(Hung):
        await watching.listen(net, None, take)
    assert (pulse.hangs, pulse.hangs_in_a_row, pulse.failures) == (1, 1, 0)
    with pytest.raises(LeftBehind):
        await net.takes[0](Batch((), "late"))
    assert taken == []

    net.batches.put_nowait(Batch((), "1"))
    with pytest.raises(Hung):
        await watching.listen(net, None, take)
    assert [batch.cursor for batch in taken] == ["1"]
    assert (pulse.hangs, pulse.hangs_in_a_row) == (2, 1), "it had been heard in between"
    await store.close()


async def test_a_network_that_is_down_is_no_hang(sqlite_url: str) -> None:
    """Its loop tells of the failure, which is a sign of life of the loop, not of the network."""

    class Down(Loopback):
        async def listen(self, cursor: str | None, take: Take) -> None:
            raise OSError("no route")

    store = await Store.open(sqlite_url)
    watching = watch(store, 5)
    pulse = watching.pulses.by_network["loopback"]
    with pytest.raises(OSError, match="no route"):
        await watching.listen(Down(), None, lambda batch: asyncio.sleep(0))
    assert (pulse.hangs, pulse.failures) == (0, 1)
    assert pulse.sign > pulse.contact
    await store.close()
