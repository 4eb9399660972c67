"""Health is what the rows and the loops say it is, and the figures are those of Prometheus."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery.priority import Priority
from bot.operation import health as module
from bot.operation.health import Health, Problem
from bot.operation.metrics import Metrics
from bot.operation.pulse import Pulses
from tests.unit.delivery.world import World, opened

A, B = "loopback:a", "loopback:b"


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def world(ready_url: str) -> AsyncIterator[World]:
    """A world on each database."""
    async with opened(ready_url) as made:
        await made.rooms(A, B)
        yield made


@pytest.fixture
def seconds() -> Seconds:
    """The loops' clock."""
    return Seconds()


@pytest.fixture
def health(
    world: World, seconds: Seconds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Health:
    """It looks anew each time."""
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
    return Health(world.store, Pulses(["loopback"], seconds), lambda: world.moment, (tmp_path,))


async def test_a_quiet_installation_is_well(health: Health) -> None:
    """Nothing waits, the database takes commits, the disk has room."""
    report = await health.report()
    assert report.ok
    assert report.commit is not None
    assert report.free > 0
    assert report.to_json()["ok"] is True


async def test_a_network_that_has_not_answered_for_a_minute_makes_it_ill(
    health: Health, seconds: Seconds
) -> None:
    """Sixty seconds, as promised; an answer heals it."""
    health.pulses.heard("loopback")
    seconds.now += 59
    assert (await health.report()).ok
    seconds.now += 2
    assert (await health.report()).problems == (Problem("contact", "loopback"),)
    health.pulses.heard("loopback")
    report = await health.report()
    assert report.ok
    assert report.networks["loopback"].silence == 0


async def test_a_message_that_waits_for_too_long_makes_it_ill(health: Health, world: World) -> None:
    """The lag is the age of the oldest one that is not sent."""
    await world.say(A, "early")
    early = world.moment
    world.moment += timedelta(minutes=9)
    await world.say(B, "late", priority=Priority.ALERT)
    report = await health.report()
    assert report.ok
    state = report.networks["loopback"]
    assert state.oldest_unsent == early
    assert state.lag == 540
    assert state.queued == {
        "alert": 1,
        "reply": 0,
        "briefing": 0,
        "talk": 1,
        "decoration": 0,
    }
    world.moment += timedelta(minutes=2)
    assert (await health.report()).problems == (Problem("unsent", "loopback"),)


async def test_dead_letters_and_updates_that_failed_are_counted_once(
    health: Health, world: World
) -> None:
    """However often one looks."""
    await world.say(A, "one", "two")
    async with world.store.write() as uow:
        for row in await uow.outbox.next(A, 10):
            row.state = "dead"
        await uow.inbox.keep_failed("k1", A, world.moment, world.moment, "ref", {"inbound": "x"})
        await uow.inbox.take("k2", A, world.moment, world.moment)
    for _look in range(2):
        report = await health.report()
        assert report.networks["loopback"].dead == 2
        assert report.inbox_failures == 1
    async with world.store.write() as uow:
        await uow.inbox.keep_failed("k3", A, world.moment, world.moment, "ref", {"inbound": "x"})
    assert (await health.report()).inbox_failures == 2


async def test_a_full_disk_is_told_before_it_is_full(health: Health) -> None:
    """Free space below the limit."""
    ill = replace(health, least_free=1 << 62)
    assert (await ill.report()).problems == (Problem("disk"),)


async def test_each_delivery_is_counted_once_with_its_age(health: Health, world: World) -> None:
    """From receiving to sending; what was sent before the start is left out."""
    metrics = Metrics()
    health.counted = metrics.take
    await health.report()
    world.moment += timedelta(seconds=20)
    received = world.moment
    (message,) = await world.say(A, "hello")
    async with world.store.write() as uow:
        (row,) = await uow.outbox.of_message(message)
        assert row.id is not None
        row.received_at = received
        await uow.outbox.mark(row.id, state="sent", sent_at=received + timedelta(seconds=3))
    world.moment += timedelta(seconds=20)
    for _look in range(3):
        await health.report()
        world.moment += timedelta(seconds=1)
    text = metrics.text().decode()
    assert 'lianzhi_delivery_seconds_count{network="loopback"} 1.0' in text
    assert 'lianzhi_delivery_seconds_sum{network="loopback"} 3.0' in text


async def test_prometheus_reads_what_the_report_says(
    health: Health, world: World, seconds: Seconds
) -> None:
    """Each figure under its name, counters only growing."""
    metrics = Metrics()
    health.counted = metrics.take
    await world.say(A, "hello", priority=Priority.BRIEFING)
    health.pulses.failed("loopback")
    health.pulses.hung("loopback")
    health.pulses.hung("loopback")
    seconds.now += 7
    world.moment += timedelta(seconds=30)
    await health.report()
    await health.report()
    text = metrics.text().decode()
    for line in (
        "lianzhi_healthy 1.0",
        'lianzhi_network_silent_seconds{network="loopback"} 7.0',
        'lianzhi_network_lag_seconds{network="loopback"} 30.0',
        "lianzhi_oldest_unsent_seconds 30.0",
        'lianzhi_listening_restarts_total{network="loopback",reason="hung"} 2.0',
        'lianzhi_listening_restarts_total{network="loopback",reason="failed"} 1.0',
        'lianzhi_queue_length{network="loopback",priority="briefing"} 1.0',
        'lianzhi_queue_length{network="loopback",priority="talk"} 0.0',
        "lianzhi_database_commit_seconds_count 2.0",
        "lianzhi_inbox_failures_total 0.0",
    ):
        assert line in text.splitlines(), line


async def test_the_process_gets_on_while_its_loops_do_anything(
    health: Health, seconds: Seconds
) -> None:
    """A network that is down does not stop the watchdog's food; a loop that stands still does."""
    seconds.now += module.STILL_SECONDS - 1
    health.pulses.failed("loopback")
    seconds.now += 10
    assert await health.alive()
    assert not (await health.report()).ok
    seconds.now += module.STILL_SECONDS
    assert not await health.alive()
    health.pulses.hung("loopback")
    assert not await health.alive(), "being ended is no sign of life"
    health.pulses.heard("loopback")
    assert await health.alive()


async def test_a_database_that_takes_no_commit_makes_it_ill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds it; health says so within its own patience and recovers."""
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(module, "DATABASE_SECONDS", 0.5)
    file = tmp_path / "lianzhi.db"
    async with opened(f"sqlite+aiosqlite:///{file}") as world:
        health = Health(world.store, Pulses(["loopback"]), lambda: world.moment, (tmp_path,))
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert Problem("database") in (await health.report()).problems
        assert await health.alive(), "it can still be read"
        other.execute("ROLLBACK")
        other.close()
        assert (await health.report()).ok


def test_an_outbox_row_without_a_priority_of_ours_is_counted_with_the_nearest() -> None:
    """A later version may have more priorities."""
    assert module._priority(Priority.DECORATION + 5) == "decoration"
