"""Briefings before operational periods, wherever those are moved."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import BriefingSchedule, Incident
from workflows.briefings import moments


async def next_period(uow: UnitOfWork, incident: Incident, now: datetime) -> datetime | None:
    """When the next operational period begins, as far as anybody knows."""
    planned = await uow.periods.planned(incident.id)
    if planned is not None:
        return planned.starts_at
    running = await uow.periods.current(incident.id)
    return None if running is None or running.ends_at <= now else running.ends_at


async def lacking(
    uow: UnitOfWork, schedule: BriefingSchedule, incident: Incident, now: datetime
) -> datetime | None:
    """When the briefing is due that a period lacks: of one that was brought forward, planned late
    or has just begun, that is over. None if there is no such period."""
    ahead = timedelta(seconds=schedule.before_s or 0)
    running = await uow.periods.current(incident.id)
    coming = await next_period(uow, incident, now)
    for begins in (None if running is None else running.starts_at, coming):
        if begins is None or begins <= schedule.begins_at or now - begins > moments.LOOK:
            continue
        if not await was_before(uow, schedule, begins - ahead):
            return begins - ahead
    return None


async def went_without(
    uow: UnitOfWork, schedule: BriefingSchedule, incident: Incident, due: datetime
) -> bool:
    """Whether a period has begun since that moment, without the briefing that was due then."""
    running = await uow.periods.current(incident.id)
    if running is None or running.starts_at < due:
        return False
    return not await was_before(uow, schedule, due)


async def was_before(uow: UnitOfWork, schedule: BriefingSchedule, due: datetime) -> bool:
    """Whether the briefing of a period that was due at that moment was made by then or since."""
    assert schedule.id is not None
    least = max(timedelta(seconds=schedule.before_s or 0), moments.LEAST)
    last = await uow.briefings.latest(schedule.incident_id, schedule_id=schedule.id)
    return any(each.made_at > due - least for each in last)
