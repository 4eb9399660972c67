"""What is known of an incident, as forms and plans read it: one reading, for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from storage import UnitOfWork
from storage.tables import (
    CheckIn,
    CommsLine,
    Hazard,
    Incident,
    Objective,
    Order,
    Period,
    Request,
    RequestLine,
    RequestPart,
    Resource,
    ResourceBooking,
    ResourceBox,
    ResourceCheckout,
    SafetyMessage,
    TimelineEntry,
)
from workflows.incidents.rules import designation, one_line
from workflows.objectives.rules import ranked
from workflows.orders.recipients import To, behind, title
from workflows.organisation.assessment import Answers
from workflows.organisation.chart import Holder, Node, Seat
from workflows.organisation.positions import ROLES
from workflows.organisation.scene import Scene, at, scene
from workflows.plans.sheets import stamp
from workflows.requests.limits import Spent, totals
from workflows.resources.places import scene as place_of
from workflows.resources.service import units as known_units
from workflows.resources.sketch import Thing
from workflows.sitreps.figures import Code, Figure, reconciled
from workflows.text import Msg

EVENTS = 40
"""Entries of the timeline that a form has, the newest."""

REPORTED = 8
"""Situations as agencies reported them that a form has, the newest."""

SITREPS = ("sitrep.report", "sitrep.first", "sitrep.update", "sitrep.final", "sitrep.settled")
"""Kinds of timeline entries that tell what was reported."""

ACTIONS = ("order.", "objective.", "log", "incident.", "role.", "request.", "checkin.", *SITREPS)
"""Kinds of timeline entries that tell what was done."""


@dataclass(frozen=True, slots=True)
class Task:
    """An order with the name of whom it goes to."""

    row: Order
    to: Msg | str
    objective: int | None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody with what he holds and how he is reached."""

    name: str
    agency: str
    seats: tuple[Seat, ...]
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """A check-in that is not over, with the name."""

    row: CheckIn
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """The situation as an agency, or somebody without one, reported it last."""

    reference: str
    who: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a request and how much of it is on hand, in thousandths; `by` is who asked."""

    request: Request
    line: RequestLine
    have: int
    eta: datetime | None
    supplier: str
    by: str = ""

    @property
    def required(self) -> int:
        """What is wanted."""
        return max(0, self.line.quantity - self.line.dropped)

    @property
    def need(self) -> int:
        """What is still to come: `max(0, required - have)`, as ICS 215 has it."""
        return max(0, self.required - self.have)


@dataclass(frozen=True, slots=True)
class Release:
    """A unit on its way home, with the boxes to be signed."""

    unit: Resource
    checkout: ResourceCheckout | None
    boxes: tuple[ResourceBox, ...]


@dataclass(frozen=True)
class Facts:
    """All of it. Times are shown in `zone`, the incident's; `prepared` is who asks, with his
    position; `report` is the kind of the last report that went up, `told` the situation as each
    agency reported it last, the newest first, `spent` what requests cost,
    `placed` what stands on a map; `meets` when the next tactics meeting is; `words` are the
    sections that people wrote."""

    incident: Incident
    zone: ZoneInfo
    now: datetime
    prepared: str = ""
    position: Msg | str = ""
    organisation: Scene | None = None
    objectives: Sequence[Objective] = ()
    tasks: Sequence[Task] = ()
    roster: Sequence[Present] = ()
    contacts: Sequence[Contact] = ()
    period: Period | None = None
    assessed: Answers | None = None
    events: Sequence[TimelineEntry] = ()
    safety: SafetyMessage | None = None
    hazards: Sequence[Hazard] = ()
    channels: Sequence[CommsLine] = ()
    asked: Sequence[Asked] = ()
    units: Sequence[Resource] = ()
    bookings: Sequence[ResourceBooking] = ()
    releases: Sequence[Release] = ()
    figures: Mapping[Code, Figure] = field(default_factory=dict)
    kind: Msg | str = ""
    report: str = ""
    told: Sequence[Told] = ()
    spent: Spent | None = None
    placed: Sequence[Thing] = ()
    meets: datetime | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Node:
        """The organisation from the commander down; the commander's empty seat if none is known."""
        return Node(Seat("commander")) if self.organisation is None else self.organisation.root

    @property
    def designation(self) -> str:
        """The formal designation and the short number."""
        return f"{designation(self.incident.year, self.incident.serial)} (I{self.incident.id})"

    @property
    def span(self) -> str:
        """The operational period: from when until when."""
        if self.period is None:
            return ""
        begins, ends = self.time(self.period.starts_at), self.time(self.period.ends_at)
        return f"P{self.period.number}  {begins} — {ends}"

    def time(self, moment: datetime | None) -> str:
        """A moment in the incident's zone; empty for none."""
        return stamp(moment, self.zone)

    def unit(self, key: int) -> Resource | None:
        """The unit with that key."""
        return next((each for each in self.units if each.id == key), None)

    def ways(self, name: str) -> str:
        """How somebody of that name is reached."""
        found = next((each for each in self.contacts if each.name == name), None)
        return "" if found is None else "; ".join(found.ways)

    def blank(self) -> Facts:
        """Nothing but which incident it is: for forms that are filled in by hand."""
        return Facts(self.incident, self.zone, self.now)


def amount(milli: int, unit: str = "") -> str:
    """A quantity with its unit: `1.5 t`, `3`."""
    shown = format((Decimal(milli) / 1000).normalize(), "f")
    return f"{shown} {unit}".rstrip()


def people(holders: Sequence[Holder]) -> tuple[str, ...]:
    """Names with agencies."""
    return tuple(f"{each.name} ({each.agency})" if each.agency else each.name for each in holders)


async def gather(
    uow: UnitOfWork,
    incident: Incident,
    now: datetime,
    *,
    person_id: int | None = None,
    name: str = "",
    kind: Msg | str = "",
    words: Mapping[str, str] | None = None,
) -> Facts:
    """Everything that is known of the incident at `now`, for whoever asks for a form.
    `kind` is the word for the incident's type."""
    there = await scene(uow, incident, now)
    objectives = await uow.objectives.all(incident.id)
    assessed = await uow.assessments.latest(incident.id)
    mine = [each for each, person in there.held if person.id == person_id]
    units = await uow.resources.all(incident.id)
    return Facts(
        incident,
        ZoneInfo(incident.zone),
        now,
        prepared=name,
        position=at(mine[0]).title if mine else "",
        organisation=there,
        objectives=ranked(each for each in objectives if each.state == "open")
        + [each for each in objectives if each.state == "done"],
        tasks=await _tasks(uow, incident, objectives, now),
        roster=await _roster(uow, incident),
        contacts=await _contacts(uow, incident, there),
        period=await uow.periods.current(incident.id) or await uow.periods.planned(incident.id),
        assessed=None if assessed is None else Answers.from_json(assessed.answers),
        events=tuple(
            reversed(
                await uow.timeline.entries(
                    incident.id, kinds=ACTIONS, struck=False, newest=True, limit=EVENTS
                )
            )
        ),
        safety=await uow.safety.current(incident.id),
        hazards=await uow.safety.hazards(incident.id, open_only=True),
        channels=await uow.comms.lines(incident.id),
        asked=await _asked(uow, incident),
        units=[each for each in units if each.status != "released"],
        bookings=await uow.resources.booked(incident.id),
        releases=[
            Release(
                each,
                await uow.resources.checkout(each.id or 0),
                tuple(await uow.resources.boxes(each.id or 0)),
            )
            for each in units
        ],
        figures=reconciled(await uow.sitreps.figures(incident.id)),
        kind=kind,
        report=await _report(uow, incident),
        told=await _told(uow, incident),
        spent=(await totals(uow, incident)).whole,
        placed=await _placed(uow, incident),
        meets=next(
            (
                each.at
                for each in await uow.periods.meetings(incident.id)
                if each.kind == "tactics" and each.state == "planned" and each.at > now
            ),
            None,
        ),
        words=dict(words or {}),
    )


def one(facts: Facts, letter: str, number: int) -> Facts:
    """The same facts with that request (R) or that unit (U) alone."""
    if letter == "R":
        return replace(facts, asked=[each for each in facts.asked if each.request.number == number])
    return replace(facts, releases=[each for each in facts.releases if each.unit.number == number])


async def _placed(uow: UnitOfWork, incident: Incident) -> list[Thing]:
    around = place_of(incident)
    found: list[Thing] = []
    if around is not None:
        found.append(Thing(incident.place or incident.title, around, "scene", "scene", weight=9))
    for each in await known_units(uow, incident.id):
        if each.spot is not None:
            short = f"U{each.row.number}"
            name = f"{short} {each.row.name}"
            found.append(Thing(name, each.spot, "unit", each.row.status, weight=6, short=short))
    return found


async def _report(uow: UnitOfWork, incident: Incident) -> str:
    last = await uow.sitreps.latest(incident.id, kinds=("first", "update", "final"))
    return "" if last is None else last.kind


async def _told(uow: UnitOfWork, incident: Incident) -> list[Told]:
    newest: dict[str, Told] = {}
    for each in reversed(await uow.sitreps.all(incident.id)):
        if "status" not in each.given or len(newest) == REPORTED:
            continue
        who = each.agency
        if not who:
            person = await uow.people.person(each.by_id)
            who = "" if person is None else person.name
        text = one_line(str(each.content.get("status", "")))
        newest.setdefault(who, Told(f"S{each.number}", who, each.made_at, text))
    return list(newest.values())


async def _tasks(
    uow: UnitOfWork, incident: Incident, objectives: Sequence[Objective], now: datetime
) -> list[Task]:
    numbers = {each.id: each.number for each in objectives}
    made = []
    for row in await uow.orders.all(incident.id, open_only=True):
        to = To.of(row)
        receivers = await behind(uow, incident, to, now)
        aim = None if row.objective_id is None else numbers.get(row.objective_id)
        made.append(Task(row, title(to, receivers.people), aim))
    return made


async def _roster(uow: UnitOfWork, incident: Incident) -> list[Present]:
    made = []
    for row in await uow.roster.all(incident.id):
        person = None if row.person_id is None else await uow.people.person(row.person_id)
        made.append(Present(row, row.name or (person.name if person is not None else "")))
    return made


async def _contacts(uow: UnitOfWork, incident: Incident, there: Scene) -> list[Contact]:
    seats: dict[int, list[Seat]] = {}
    agencies: dict[int, str] = {}
    for position, person in there.held:
        if person.id is not None and position.role in ROLES:
            seats.setdefault(person.id, []).append(at(position))
            agencies.setdefault(person.id, position.agency)
    for row in await uow.roster.all(incident.id):
        if row.person_id is not None:
            seats.setdefault(row.person_id, [])
            agencies.setdefault(row.person_id, row.agency or "")
    made = []
    for person_id, held in seats.items():
        known = await uow.people.person(person_id)
        if known is None:
            continue
        ways = tuple(
            f"{each.id.partition(':')[0]} {'@' + each.handle.lstrip('@') if each.handle else each.id.partition(':')[2]}"  # noqa: E501
            for each in await uow.people.accounts(person_id)
        )
        agency = agencies.get(person_id) or known.agency or ""
        made.append(Contact(known.name, agency, tuple(held), ways))
    return sorted(made, key=lambda each: each.name)


async def _asked(uow: UnitOfWork, incident: Incident) -> list[Asked]:
    parts: dict[tuple[int, int], list[RequestPart]] = {}
    for request, part in await uow.requests.parts_of(incident.id):
        parts.setdefault((request.number, part.line), []).append(part)
    made = []
    for request, line in await uow.requests.open(incident.id):
        mine = parts.get((request.number, line.number), [])
        person = await uow.people.person(request.by_id)
        made.append(
            Asked(
                request,
                line,
                sum(each.arrived + each.accepted + each.assigned + each.consumed for each in mine),
                min((each.eta for each in mine if each.eta is not None), default=None),
                ", ".join(dict.fromkeys(each.supplier for each in mine)),
                "" if person is None else person.name,
            )
        )
    return made
