"""What a briefing is composed from, read from the store in a fixed number of questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from storage import UnitOfWork
from storage.queries.briefings import Units
from storage.tables import (
    CheckIn,
    Hazard,
    Incident,
    Meeting,
    Objective,
    Order,
    Period,
    Person,
    Position,
    SafetyMessage,
    Sitrep,
    TimelineEntry,
)
from workflows.briefings.composed import Composed
from workflows.briefings.weather import Forecast
from workflows.incidents.log import PINNED, QUOTED, WRITTEN
from workflows.orders.conflicts import Target
from workflows.requests.rules import ENDED, NOT_SUPPLIED, SUPPLIED, State as Wanted
from workflows.requests.whole import held
from workflows.sitreps.figures import Code, Figure, reconciled

WORDS = 12
"""Of what people wrote into the timeline since the briefing before."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A line of a request of which something is promised by nobody: `open` and `wanted` in
    thousandths of the unit."""

    reference: str
    kind: str
    unit: str
    open: int
    wanted: int
    priority: str = "routine"
    needed_by: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """The state of an incident at the moment `at`; `before` is the last briefing, `after` its
    reference."""

    incident: Incident
    at: datetime
    before: Composed | None = None
    after: str = ""
    held: Sequence[tuple[Position, Person]] = ()
    objectives: Sequence[Objective] = ()
    orders: Sequence[Order] = ()
    assignees: Mapping[int, str] = field(default_factory=dict)
    """Names of the people to whom orders go, by their id."""
    conflicts: int = 0
    present: Sequence[CheckIn] = ()
    units: Sequence[Units] = ()
    shortfalls: Sequence[Shortfall] = ()
    safety: SafetyMessage | None = None
    hazards: Sequence[Hazard] = ()
    figures: Mapping[Code, Figure] = field(default_factory=dict)
    sitrep: Sitrep | None = None
    words: Sequence[TimelineEntry] = ()
    period: Period | None = None
    planned: Period | None = None
    meetings: Sequence[Meeting] = ()
    weather: Forecast | None = None


async def facts(
    uow: UnitOfWork,
    incident: Incident,
    now: datetime,
    *,
    before: Composed | None = None,
    after: str = "",
    weather: Forecast | None = None,
) -> Facts:
    """All that is known now."""
    orders = await uow.orders.all(incident.id)
    since = incident.started_at if before is None else before.at
    meetings = [
        each
        for each in await uow.periods.meetings(incident.id)
        if each.state == "planned" and each.at > now
    ]
    return Facts(
        incident=incident,
        at=now,
        before=before,
        after=after,
        held=await uow.organisation.held(incident.id, now),
        objectives=await uow.objectives.all(incident.id),
        orders=orders,
        assignees=await _names(uow, orders),
        conflicts=len(await uow.orders.conflicts(incident.id)),
        present=await uow.roster.all(incident.id),
        units=await uow.briefings.units(incident.id),
        shortfalls=await shortfalls(uow, incident),
        safety=await uow.safety.current(incident.id),
        hazards=await uow.safety.hazards(incident.id, open_only=True),
        figures=reconciled(await uow.briefings.figures(incident.id)),
        sitrep=await uow.sitreps.latest(incident.id),
        words=await uow.timeline.entries(
            incident.id,
            kinds=(WRITTEN, QUOTED, PINNED),
            since=since,
            struck=False,
            newest=True,
            limit=WORDS,
        ),
        period=await uow.periods.current(incident.id),
        planned=await uow.periods.planned(incident.id),
        meetings=meetings,
        weather=weather,
    )


async def shortfalls(uow: UnitOfWork, incident: Incident) -> list[Shortfall]:
    """What is asked for and promised by nobody, by number of the request and the line.

    What is not approved yet is no shortfall of anything.
    """
    lines = [
        (request, line)
        for request, line in await uow.requests.lines(incident.id)
        if request.state not in ENDED and request.state != Wanted.NEED
    ]
    supplied: Counter[tuple[int, int]] = Counter()
    if any(request.state in SUPPLIED for request, _line in lines):
        for _request, part in await uow.requests.parts_of(incident.id):
            lost = sum(held(part, place) for place in NOT_SUPPLIED)
            supplied[part.request_id, part.line] += part.quantity - lost
    found: list[Shortfall] = []
    for request, line in lines:
        wanted = line.quantity - line.dropped
        missing = wanted - supplied[line.request_id, line.number]
        if missing > 0:
            found.append(
                Shortfall(
                    f"R{request.number}",
                    line.kind,
                    line.unit,
                    missing,
                    wanted,
                    request.priority,
                    request.needed_by,
                )
            )
    return found


async def _names(uow: UnitOfWork, orders: Sequence[Order]) -> dict[int, str]:
    return await uow.briefings.names(
        {int(each.assignee) for each in orders if each.kind == Target.PERSON}
    )
