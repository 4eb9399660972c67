"""Timers that are all due in the same minute: deadlines and meetings of many incidents."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.catalogues import Catalogues
from bot.clock import Clock, Ring
from bot.post import Post
from bot.showing import Showing
from bot.speech import Speech
from handlers.families.meeting import LIANZHI, begin
from handlers.ringing import Wake
from storage import Store, UnitOfWork
from storage.tables import Timer
from tests.bench.figure import Figure
from tests.bench.stores import DATABASES, empty
from tests.unit.delivery.loopback import Loopback
from workflows.incidents.record import By, record
from workflows.incidents.service import Declaration, declare
from workflows.periods import service
from workflows.periods.cycle import Cycle, Kind
from workflows.periods.meetings import BEGIN, REMIND, title
from workflows.text import _

AT = datetime(2026, 7, 18, 0, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
DEADLINES, MEETINGS, INCIDENTS = 10_000, 1_000, 50
TARGET = 60.0


async def _fill(store: Store, count: int) -> None:
    """Incidents, each with a room, a commander and its share of meetings, all at one time."""
    each = count // INCIDENTS
    kinds = tuple(
        Kind(f"m{n}", f"碰头会{n}", f"meeting {n}", (f"m{n}",), timedelta(minutes=each - n), 30,
             "commander", ("commander", "operations"), (), ("objectives", "orders"), False)
        for n in range(each)
    )  # fmt: skip
    cycle = Cycle(kinds, 12, timedelta(minutes=30), 15, timedelta(hours=6))
    for number in range(INCIDENTS):
        room = f"loopback:{number}"
        async with store.write() as uow:
            await uow.rooms.see(room, AT, title="", private=False, language="both")
            account = await uow.people.see(
                f"loopback:p{number}", AT, name=f"P{number}", handle=None, language="zh"
            )
            by = By(account.person_id, account.id, account.name, "消防", room)
            told = Declaration(title=f"事件{number}")
            incident = await declare(uow, told, rooms=[room], by=by, zone=ZONE, now=AT)
            start = AT + timedelta(hours=13)
            await service.start(uow, incident.id, 720, start, cycle=cycle, by=by, now=AT)
            for meeting in await uow.periods.meetings(incident.id):
                await uow.timers.drop(REMIND, str(meeting.id))
                meeting.at = meeting.planned_at = AT + timedelta(hours=12)
                await uow.timers.set(BEGIN, str(meeting.id), meeting.at)
                await uow.periods.save(meeting)


def _meetings(store: Store, moment: datetime) -> Ring:
    """Each says in a room who is awaited, with what is ready, and stands in the record."""
    speech = Speech(Catalogues.load(), ZONE)
    post = Post({"loopback": Loopback()}, speech, lambda: moment, lambda _rooms, _rows: None)

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        await begin(Wake(uow, moment, ZONE, Showing(post), timer))

    return ring


def _records(store: Store, moment: datetime) -> Ring:
    """Each writes a line of the timeline and an entry of the ledger, the least that a deadline of
    any family does."""

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        meeting = await uow.periods.meeting_by_id(int(timer.subject))
        assert meeting is not None
        incident = await uow.incidents.locked(meeting.incident_id)
        assert incident is not None
        text = _("The {meeting} begins", meeting=title(meeting))
        await record(uow, incident, "meeting.begun", text, by=LIANZHI, now=moment,
                     thing=f"M{meeting.number}", changes={"state": "held"})  # fmt: skip

    return ring


async def _fired(store: Store, count: int, made: Callable[[Store, datetime], Ring]) -> float:
    """Seconds until all of them have rung."""
    await _fill(store, count)
    moment = AT + timedelta(hours=12)
    inner, rung = made(store, moment), 0

    async def ring(uow: UnitOfWork, timer: Timer) -> None:
        nonlocal rung
        await inner(uow, timer)
        rung += 1

    clock = Clock(store, {BEGIN: ring}, lambda: moment)
    began = time.monotonic()
    await clock.ring()
    lasted = time.monotonic() - began
    assert rung == count, rung
    return lasted


async def timers(quick: bool) -> list[Figure]:
    """On each database: deadlines that are written down, and meetings that are announced."""
    figures = []
    for what, made, many in (
        ("deadlines written down", _records, DEADLINES),
        ("meetings announced", _meetings, MEETINGS),
    ):
        count = many // 20 if quick else many
        target = TARGET / 20 if quick else TARGET
        for database in DATABASES:
            async with empty(database) as store:
                lasted = await _fired(store, count, made)
            figures.append(
                Figure(f"{count:,} {what} that are due in one minute, {database}",
                       f"{lasted:.1f} s", f"{lasted / count * 1000:.1f} ms each",
                       f"≤ {target:.0f} s", lasted <= target)
            )  # fmt: skip
    return figures
