"""What a schedule does when its timer rings: each moment once, also after a time of silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import BriefingSchedule, Incident
from workflows.briefings import ahead, moments, service
from workflows.briefings.recipients import read
from workflows.briefings.weather import Forecast
from workflows.incidents.record import By, record
from workflows.incidents.rules import OVER
from workflows.text import _

LIANZHI = By(None, None, "Lianzhi")


@dataclass(frozen=True, slots=True)
class Missed:
    """A briefing that came too late to be sent: when it was due, when the next one is."""

    schedule: BriefingSchedule
    due: datetime
    following: datetime | None


async def is_due(uow: UnitOfWork, schedule_id: int, now: datetime) -> bool:
    """Whether a briefing has to be made now."""
    schedule = await uow.briefings.seen(schedule_id)
    if schedule is None or schedule.state != service.RUNNING:
        return False
    return schedule.next_at is not None and schedule.next_at <= now


async def ring(
    uow: UnitOfWork, schedule_id: int, now: datetime, weather: Forecast | None
) -> service.Issued | Missed | None:
    """Make the briefing whose moment has come, and wait for the next one.

    Of several moments that were missed the last one counts; it is made late within the grace
    (`moments.grace`). None if nothing was due.
    """
    known = await uow.briefings.seen(schedule_id)
    if known is None:
        return None
    incident = await uow.incidents.locked(known.incident_id)
    schedule = await uow.briefings.schedule_by_id(schedule_id)
    if incident is None or schedule is None or schedule.state != service.RUNNING:
        return None
    if incident.state in OVER:
        await service.end(uow, schedule, now)
        return None
    due = schedule.next_at
    if due is None or due > now:
        await service.wait(uow, schedule, incident, now)
        return None
    how = service.rule(schedule, incident)
    if how is None:
        if await _elsewhere(uow, incident, schedule, due, now):
            await service.wait(uow, schedule, incident, now)
            return None
        last, earlier = due, 0
        limit = moments.LOOK + timedelta(seconds=schedule.before_s or 0)
    else:
        last, earlier = moments.missed(how, due, now)
        limit = moments.grace(last, how.after(last))
    made: service.Issued | Missed | None = None
    if await uow.briefings.of(schedule_id, last) is None:
        if now - last <= limit:
            made = await service.issue(
                uow,
                incident,
                read(schedule.recipients),
                by=LIANZHI,
                now=now,
                schedule=schedule,
                due=last,
                weather=weather,
            )
        else:
            earlier += 1
    await service.wait(uow, schedule, incident, now)
    if earlier:
        await _missed(uow, incident, schedule, due, earlier, now)
    if made is None and earlier:
        return Missed(schedule, last, schedule.next_at)
    return made


async def _elsewhere(
    uow: UnitOfWork, incident: Incident, schedule: BriefingSchedule, due: datetime, now: datetime
) -> bool:
    """Whether the period was moved, so that its briefing is due later or was made just before, or
    whether it is not to be any more."""
    found = await ahead.lacking(uow, schedule, incident, now)
    if found is not None and found <= now:
        return False
    if await ahead.went_without(uow, schedule, incident, due):
        return False
    if found is not None:
        return True
    begins = await ahead.next_period(uow, incident, now)
    return begins is None or await ahead.was_before(uow, schedule, due)


async def _missed(
    uow: UnitOfWork,
    incident: Incident,
    schedule: BriefingSchedule,
    due: datetime,
    count: int,
    now: datetime,
) -> None:
    await record(
        uow,
        incident,
        "briefing.missed",
        _(
            "Briefings {reference}: {n} not sent, the first was due at {time}",
            reference=f"B{schedule.number}",
            n=count,
            time=due,
        ),
        by=LIANZHI,
        now=now,
        thing=f"B{schedule.number}",
        params={"count": count, "due": due.isoformat()},
    )
