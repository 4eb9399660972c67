"""What is old is forgotten in small steps; the record, and what is still to be sent, is not."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import func, select

from bot.clock import Clock
from bot.operation import retention as module
from bot.operation.retention import SUBJECT, TIMER, Retention
from bot.settings.model import Retention as Wish
from storage import UnitOfWork
from storage.tables import (
    ButtonRow,
    Copy,
    InboxEntry,
    LedgerEntry,
    Message,
    OutboxRow,
    Row,
    WebEvent,
)
from tests.unit.delivery.world import SHANGHAI, START, World, opened

ROOM = "loopback:a"
DAY = timedelta(days=1)


@pytest.fixture
async def world(ready_url: str) -> AsyncIterator[World]:
    """A world on each database."""
    async with opened(ready_url) as made:
        await made.rooms(ROOM)
        yield made


class Installation:
    """A world with retention and a clock that never waits."""

    def __init__(self, world: World, media: Path, wish: Wish) -> None:
        self.world = world
        self.media = media
        media.mkdir(exist_ok=True)
        self.retention = Retention(wish, media, SHANGHAI, lambda: world.moment)
        self.clock = Clock(world.store, {TIMER: self.retention.ring}, lambda: world.moment)
        self.commits: list[int] = []

    async def begin(self) -> None:
        """As the process does at its start."""
        async with self.world.store.write() as uow:
            await self.retention.arrange(uow)

    async def due(self) -> datetime | None:
        """When the next run is."""
        async with self.world.store.read() as uow:
            timer = await uow.timers.get(TIMER, SUBJECT)
            return timer.due_at if timer else None

    async def run(self) -> int:
        """A whole run, at its time; how many transactions it took."""
        due = await self.due()
        assert due is not None
        self.world.moment = max(self.world.moment, due)
        steps = 0
        while (due := await self.due()) is not None and due < self.world.moment + DAY / 2:
            self.world.moment = max(self.world.moment, due)
            await self.clock.ring()
            steps += 1
        return steps

    async def count(self, table: type[Row]) -> int:
        """Rows of a table."""
        async with self.world.store.read() as uow:
            return (await uow.outbox.session.exec(select(func.count()).select_from(table))).one()

    async def ledger(self) -> list[LedgerEntry]:
        """The record."""
        async with self.world.store.read() as uow:
            return list(await uow.ledger.entries())

    async def talk(self, number: int, state: str = "sent") -> list[int]:
        """Messages that came, were relayed and shown, with a button each; their ids."""
        world = self.world
        made = await world.say(ROOM, *(f"words {n}" for n in range(number)))
        async with world.store.write() as uow:
            for message in made:
                await uow.inbox.take(f"k{message}", ROOM, world.moment, world.moment)
                await uow.web.post("web:a", f"t{message}", {"html": "x"}, world.moment, None)
                for row in await uow.outbox.of_message(message):
                    row.state = state
                uow.outbox.session.add(
                    ButtonRow(
                        token=f"b{message}",
                        message_id=message,
                        number=1,
                        command="/help",
                        only=[],
                        made_at=world.moment,
                    )
                )
        return made

    def file(self, name: str, age: timedelta) -> Path:
        """A web room's file of that age."""
        path = self.media / name
        path.write_bytes(b"x")
        then = (self.world.moment - age).timestamp()
        os.utime(path, (then, then))
        return path


@pytest.fixture
def ninety(world: World, tmp_path: Path) -> Installation:
    """Talk for 90 days, files for 30."""
    return Installation(world, tmp_path / "media", Wish(talk_days=90, media_days=30))


TALK: tuple[type[Row], ...] = (Message, Copy, OutboxRow, WebEvent, ButtonRow, InboxEntry)


async def test_old_talk_goes_with_all_its_traces_and_young_talk_stays(ninety: Installation) -> None:
    """The ledger tells how much, and nothing else of it."""
    await ninety.talk(3)
    ninety.world.moment += 89 * DAY
    await ninety.talk(2)
    await ninety.begin()
    await ninety.run()
    assert [await ninety.count(table) for table in TALK] == [5] * 6, "nothing is 90 days old"
    assert await ninety.ledger() == []
    ninety.world.moment += 2 * DAY
    await ninety.run()
    assert [await ninety.count(table) for table in TALK] == [2] * 6
    (entry,) = await ninety.ledger()
    assert entry.code == "retention.cleared"
    assert entry.params["messages"] == entry.params["inbox"] == entry.params["web_events"] == 3
    assert "words" not in str(entry.params)


async def test_what_is_still_to_be_sent_stays_with_its_message(ninety: Installation) -> None:
    """However old: nothing that was taken is lost. What was given up goes."""
    await ninety.talk(2, "queued")
    await ninety.talk(1, "sending")
    await ninety.talk(1, "dead")
    ninety.world.moment += 100 * DAY
    await ninety.begin()
    await ninety.run()
    assert await ninety.count(Message) == 3
    assert await ninety.count(OutboxRow) == 3


async def test_the_record_is_kept_for_ever(ninety: Installation) -> None:
    """And its chain still holds."""
    async with ninety.world.store.write() as uow:
        await uow.ledger.append("bridge.made", START, actor=None, room=ROOM, name="N")
    await ninety.talk(1)
    ninety.world.moment += 1000 * DAY
    await ninety.begin()
    await ninety.run()
    assert [entry.code for entry in await ninety.ledger()] == ["bridge.made", "retention.cleared"]
    async with ninety.world.store.read() as uow:
        assert await uow.ledger.first_bad() is None


async def test_each_transaction_is_small_and_a_killed_run_goes_on(
    ninety: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes come in between; after a restart the run continues where it was."""
    monkeypatch.setattr(module, "MESSAGES", 2)
    monkeypatch.setattr(module, "ROWS", 3)
    await ninety.talk(7)
    ninety.world.moment += 100 * DAY
    await ninety.begin()
    left = [await ninety.count(Message)]
    due = await ninety.due()
    assert due is not None
    ninety.world.moment = due
    await ninety.clock.ring()
    left.append(await ninety.count(Message))
    again = Installation(ninety.world, ninety.media, Wish(talk_days=90))
    await again.begin()
    assert await again.due() != due, "the run under way was not put off to the next night"
    steps = await again.run()
    assert left == [7, 5]
    assert steps >= 3 + 3 + 3
    assert [await ninety.count(table) for table in TALK] == [0] * 6
    assert (await ninety.ledger())[0].params["messages"] == 7, "what went before the kill counts"


async def test_updates_stay_known_for_as_long_as_a_network_may_offer_them_again(
    world: World, tmp_path: Path
) -> None:
    """Even where talk is kept for a day; what a failed one held goes with the talk."""
    short = Installation(world, tmp_path / "media", Wish(talk_days=1))
    await short.talk(2)
    async with world.store.write() as uow:
        await uow.inbox.keep_failed("bad", ROOM, START, START, "ref", {"inbound": "words"})
    world.moment += 5 * DAY
    await short.begin()
    await short.run()
    assert await short.count(Message) == 0
    assert await short.count(InboxEntry) == 3
    async with world.store.read() as uow:
        (failed,) = await uow.inbox.failed()
        assert failed.payload is None
        assert failed.error == "ref"
    world.moment += 30 * DAY
    await short.run()
    assert await short.count(InboxEntry) == 0


async def test_files_go_by_their_last_upload_unless_they_are_to_be_sent(
    ninety: Installation,
) -> None:
    """A file that a waiting call carries is kept, however old."""
    old, young = ninety.file("a" * 64, 31 * DAY), ninety.file("b" * 64, 29 * DAY)
    waiting = ninety.file("c" * 64, 31 * DAY)
    world = ninety.world
    (message,) = await world.say(ROOM, "with a file")
    async with world.store.write() as uow:
        (row,) = await uow.outbox.of_message(message)
        row.payload = {"media": {"ref": {"sha256": "c" * 64}}}
        row.made_at = world.moment - 31 * DAY
    await ninety.begin()
    due = await ninety.due()
    assert due is not None
    assert due - world.moment < DAY
    await ninety.run()
    assert not old.exists()
    assert young.exists()
    assert waiting.exists()
    assert (await ninety.ledger())[0].params["files"] == 1


async def test_a_run_begins_at_night_and_a_missed_one_at_the_start(ninety: Installation) -> None:
    """Half past three, in the installation's zone."""
    await ninety.begin()
    due = await ninety.due()
    assert due is not None
    assert due.astimezone(SHANGHAI).strftime("%H:%M") == "03:30"
    await ninety.talk(1)
    ninety.world.moment += 200 * DAY
    await ninety.begin()
    assert await ninety.due() == due, "it is overdue and stays so until it has run"
    await ninety.run()
    assert await ninety.count(Message) == 0


async def test_without_days_nothing_is_ever_forgotten(world: World, tmp_path: Path) -> None:
    """Nor when a timer is left of a time when there were some."""
    before = Installation(world, tmp_path / "media", Wish(talk_days=90))
    await before.begin()
    keeping = Installation(world, tmp_path / "media", Wish())
    await keeping.begin()
    assert await keeping.due() is None
    keeping.file("a" * 64, 1000 * DAY)
    only_files = Installation(world, tmp_path / "media", Wish(media_days=30))
    await only_files.talk(1)
    world.moment += 1000 * DAY
    await only_files.begin()
    await only_files.run()
    assert await only_files.count(Message) == 1
    assert not list(only_files.media.iterdir())


async def test_a_step_that_fails_ends_the_run_and_not_the_timer(
    ninety: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next night tries again."""

    async def fail(self: Retention, uow: UnitOfWork, before: datetime) -> None:
        raise RuntimeError("disk")

    await ninety.talk(1)
    ninety.world.moment += 100 * DAY
    await ninety.begin()
    with monkeypatch.context() as patched:
        patched.setattr(Retention, "_files", fail)
        await ninety.run()
    due = await ninety.due()
    assert due is not None
    assert due > ninety.world.moment
    await ninety.run()
    (entry,) = await ninety.ledger()
    assert entry.params["messages"] == 1, "what the run that failed had removed is told of too"
