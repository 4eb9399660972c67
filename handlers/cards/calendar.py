"""The calendar of an incident as a file: its periods and meetings."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.document import Paper, lines
from storage import UnitOfWork
from storage.tables import Incident, Meeting, Period
from workflows.incidents.record import iso
from workflows.incidents.rules import designation
from workflows.periods.meetings import attendees, title
from workflows.periods.rules import State
from workflows.text import Json, _, either


async def paper(uow: UnitOfWork, incident: Incident, now: datetime) -> Paper:
    """The calendar file; whoever opens a newer one in the same calendar has the events moved."""
    return Paper(
        name=f"I{incident.id}",
        template="calendar",
        caption=_("Calendar of {incident}: open it to have the meetings in your phone",
                  incident=f"I{incident.id}"),
        data=await data(uow, incident, now),
        format="ics",
    )  # fmt: skip


async def data(uow: UnitOfWork, incident: Incident, now: datetime) -> dict[str, Json]:
    """What `handlers.printed.calendar` reads; the same for the same record."""
    name = f"{designation(incident.year, incident.serial)} {incident.title}"
    periods = [
        _period(incident, each, name)
        for each in await uow.periods.all(incident.id)
        if each.state != State.CANCELLED
    ]
    meetings = [
        await _meeting(uow, incident, each, name, now)
        for each in await uow.periods.meetings(incident.id)
    ]
    events: list[Json] = [*periods, *meetings]
    return {"name": name, "zone": incident.zone, "events": events}


def _period(incident: Incident, period: Period, name: str) -> dict[str, Json]:
    return {
        "uid": f"I{incident.id}-P{period.number}-{incident.year}-{incident.serial}@lianzhi",
        "starts": iso(period.starts_at),
        "ends": iso(period.ended_at or period.ends_at),
        "changed": iso(period.ended_at or period.made_at),
        "sequence": 0 if period.ended_at is None else 1,
        "status": "held",
        "summary": lines(_("Operational period {reference}", reference=f"P{period.number}")),
        "about": [name],
        "where": incident.place,
    }


async def _meeting(
    uow: UnitOfWork, incident: Incident, meeting: Meeting, name: str, now: datetime
) -> dict[str, Json]:
    people = await attendees(uow, incident, meeting, now)
    about: list[Json] = [name]
    about += [lines(_("Chair: {name}", name=each.person.name)) for each in people if each.chair]
    others = tuple(each.person.name for each in people if not each.chair)
    if others:
        about.append(lines(_("Must attend: {names}", names=others)))
    about += [lines(either(str(each["zh"]), str(each["en"]))) for each in meeting.plan["agenda"]]
    length = timedelta(minutes=int(meeting.plan["minutes"]))
    return {
        "uid": f"I{incident.id}-M{meeting.number}-{incident.year}-{incident.serial}@lianzhi",
        "starts": iso(meeting.at),
        "ends": iso(meeting.at + length),
        "changed": iso(meeting.changed_at),
        "sequence": meeting.sequence,
        "status": meeting.state,
        "summary": lines(
            _("{meeting} {reference}", meeting=title(meeting), reference=f"M{meeting.number}")
        ),
        "about": about,
        "where": incident.place,
    }
