"""Registering units and changing them: rules, store, ledger and timeline together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, Resource, ResourceBooking, ResourceTrack
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.geo.points import Point
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.orders.words import folded
from workflows.resources import rules
from workflows.resources.rules import Event, Status
from workflows.text import Json, Msg, _

SERVED = "resource.mended"
"""The timer of a unit that is to be back in service, by its key."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is told of a unit; None for what is not."""

    name: str | None = None
    category: str | None = None
    kind: str | None = None
    type: str | None = None
    leader: str | None = None
    leader_id: int | None = None
    people: int | None = None
    contact: str | None = None
    agency: str | None = None
    place: str | None = None
    spot: Point | None = None
    work_minutes: int | None = None
    rest_minutes: int | None = None

    def values(self) -> dict[str, str | int | float]:
        """What was told, checked. Raises `Refusal`."""
        told: dict[str, str | int | float | None] = {
            "name": None if self.name is None else rules.name(self.name),
            "category": self.category,
            "kind": None if self.kind is None else rules.name(self.kind),
            "type": None if self.type is None else rules.name(self.type),
            "leader": None if self.leader is None else rules.name(self.leader),
            "leader_id": self.leader_id,
            "people": None if self.people is None else rules.people(self.people),
            "contact": None if self.contact is None else rules.contact(self.contact),
            "agency": self.agency,
            "place": None if self.place is None else rules.name(self.place),
            "lat": None if self.spot is None else self.spot.lat,
            "lon": None if self.spot is None else self.spot.lon,
            "work_minutes": self.work_minutes,
            "rest_minutes": self.rest_minutes,
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as others read it: what it is, what it does now, where it is."""

    row: Resource
    booking: ResourceBooking | None
    track: ResourceTrack | None

    @property
    def spot(self) -> Point | None:
        """Where it is as far as is known: its last position, else its base."""
        if self.track is not None:
            return Point(self.track.lat, self.track.lon)
        if self.row.lat is not None and self.row.lon is not None:
            return Point(self.row.lat, self.row.lon)
        return None

    @property
    def eta(self) -> datetime | None:
        """When it arrives where it is bound for."""
        return None if self.track is None else self.track.eta


async def units(uow: UnitOfWork, incident_id: int, *, here_only: bool = True) -> Sequence[Unit]:
    """The units of an incident with what they do and where they are, by number."""
    rows = await uow.resources.all(incident_id, here_only=here_only)
    tracks = await uow.resources.tracks(incident_id)
    doing: dict[int, ResourceBooking] = {}
    for each in await uow.resources.booked(incident_id):
        doing.setdefault(each.resource_id, each)
    return [Unit(each, doing.get(each.id or 0), tracks.get(each.id or 0)) for each in rows]


def reference(resource: Resource) -> str:
    """What means the unit in its incident, `U5`."""
    return f"U{resource.number}"


def called(resource: Resource) -> Msg | str:
    """The unit in a sentence: number, name."""
    return f"U{resource.number} {resource.name}"


async def make(
    uow: UnitOfWork, incident_id: int, wanted: Wanted, *, by: By, now: datetime
) -> Resource:
    """A new unit, available. Raises `Refusal` (`resource-twice` and those of what was typed)."""
    incident = await to_act_in(uow, incident_id)
    values = wanted.values()
    known = await uow.resources.all(incident_id, here_only=True)
    agency = str(values["agency"]) if "agency" in values else by.agency
    ident = rules.ident(agency, str(values["name"]))
    for each in known:
        if each.ident == ident:
            raise Refusal(
                "resource-twice",
                _(
                    "{unit} is registered already. Change it with /resource set {reference}.",
                    unit=called(each),
                    reference=reference(each),
                ),
            )
    if len(known) >= rules.MOST_UNITS:
        raise Refusal(
            "resource-many",
            _("{n} units are registered. Release some first.", n=len(known)),
        )
    values.setdefault("kind", values["name"])
    values.setdefault("category", rules.category_of(f"{values['kind']} {values['name']}"))
    values.pop("agency", None)
    made = await uow.resources.add(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "U"),
        ident=ident,
        agency=agency,
        status_at=now,
        made_at=now,
        made_by=by.person_id,
        **values,
    )
    await record(
        uow,
        incident,
        "resource.made",
        _("{name} registered {unit}, {kind}", name=by.name, unit=called(made), kind=made.kind),
        by=by,
        now=now,
        thing=reference(made),
        changes=fields(made),
    )
    return made


def fields(resource: Resource) -> dict[str, Json]:
    """The fields of a unit as the ledger keeps them; where it moves is kept apart."""
    left_out = {"id", "incident_id", "number", "ident"}
    made: dict[str, Json] = {}
    for name, value in resource.model_dump(exclude=left_out).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    return made


async def named(uow: UnitOfWork, incident_id: int, number: int) -> Resource:
    """`U` of that number, held for this transaction, and with it what is the same thing in other
    incidents: always in the same order, so that two who want it do not wait for each other.

    Raises `Refusal` (`resource-unknown`).
    """
    ident = await uow.resources.ident(incident_id, number)
    if ident is not None:
        await uow.resources.same(ident)
    found = await uow.resources.get(incident_id, number)
    if found is None:
        raise Refusal(
            "resource-unknown",
            _(
                "There is no unit {reference} in {incident}. /resource list shows those there are.",
                reference=f"U{number}",
                incident=f"I{incident_id}",
            ),
        )
    return found


async def meant(uow: UnitOfWork, incident_id: int, words: str) -> Resource | None:
    """The unit that somebody's words name, by number (`U5`) or name; None if they name none."""
    plain = folded(words)
    for each in await uow.resources.all(incident_id, here_only=True):
        if plain in (f"u{each.number}", folded(each.name)):
            return await named(uow, incident_id, each.number)
    return None


def speaks_for(resource: Resource, standing: Standing, person_id: int | None) -> bool:
    """Whether somebody may say how a unit is: its leader, its agency, and who has a role."""
    return (
        standing.admin
        or bool(standing.roles)
        or resource.agency in (standing.agencies | standing.liaison_of)
        or (person_id is not None and person_id in (resource.leader_id, resource.made_by))
    )


def require_voice(resource: Resource, standing: Standing, person_id: int | None) -> None:
    """Raise `Refusal` (`resource-not-yours`) unless `speaks_for`."""
    if not speaks_for(resource, standing, person_id):
        raise Refusal(
            "resource-not-yours",
            _(
                "{unit} is of {agency}. Its leader, people of that agency and whoever has a role "
                "in the incident may say that.",
                unit=called(resource),
                agency=resource.agency or "—",
            ),
        )


async def change(
    uow: UnitOfWork, resource: Resource, wanted: Wanted, *, by: By, now: datetime
) -> Resource:
    """Tell more or something else about a unit that is there. Raises `Refusal`."""
    incident = await to_act_in(uow, resource.incident_id)
    values = wanted.values()
    if not values:
        raise Refusal(
            "resource-nothing",
            _(
                "Say what is to be changed: name=, kind=, type=, leader=, people=, contact=, "
                "agency=, place=, work= or rest=."
            ),
        )
    if resource.status == Status.RELEASED:
        rules.after(resource.status, Event.FREE, reference(resource))
    for name, value in values.items():
        setattr(resource, name, value)
    resource.ident = rules.ident(resource.agency, resource.name)
    await uow.resources.save(resource)
    text = _("{name} changed {unit}", name=by.name, unit=called(resource))
    await noted(uow, incident, resource, "resource.changed", text, tuple(values), by=by, now=now)
    return resource


async def noted(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    code: str,
    text: Msg,
    names: Sequence[str],
    *,
    by: By,
    now: datetime,
    params: dict[str, Json] | None = None,
) -> None:
    """Write down what has changed in a unit, with the fields of these names."""
    now_are = fields(resource)
    await record(
        uow,
        incident,
        code,
        text,
        by=by,
        now=now,
        thing=reference(resource),
        changes={name: now_are[name] for name in names},
        params=params,
    )


STATUS_FIELDS = ("status", "status_at", "reason")


async def become(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    event: Event,
    code: str,
    text: Msg,
    *,
    by: By,
    now: datetime,
    reason: str | None = None,
    more: Sequence[str] = (),
    params: dict[str, Json] | None = None,
) -> None:
    """The unit goes on by that event. Raises `Refusal` (`resource-status`)."""
    status = rules.after(resource.status, event, reference(resource))
    if status != resource.status:
        resource.status_at = now
    resource.status = status
    resource.reason = reason
    await uow.resources.save(resource)
    names = (*STATUS_FIELDS, *more)
    await noted(uow, incident, resource, code, text, names, by=by, now=now, params=params)


async def fail(
    uow: UnitOfWork,
    resource: Resource,
    reason: str,
    until: datetime | None,
    *,
    by: By,
    now: datetime,
) -> Sequence[ResourceBooking]:
    """The unit is out of service, until a time if one is told; what it was promised for stays
    open and has to be seen to. Raises `Refusal`."""
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    why = checked_reason(reason)
    text = _(
        "{unit} is out of service, says {name}. Reason: {reason}",
        name=by.name,
        unit=called(resource),
        reason=why,
    )
    await become(
        uow, incident, resource, Event.FAIL, "resource.out", text, by=by, now=now, reason=why
    )
    if until is not None:
        await uow.timers.set(SERVED, str(resource.id), until)
    return await uow.resources.bookings([resource.id])


async def mend(uow: UnitOfWork, resource: Resource, *, by: By, now: datetime) -> None:
    """The unit is in service again; with what it was promised for, at it. Raises `Refusal`."""
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    text = _("{unit} is in service again, says {name}", name=by.name, unit=called(resource))
    await become(uow, incident, resource, Event.MEND, "resource.mended", text, by=by, now=now)
    await uow.timers.drop(SERVED, str(resource.id))
    running = [
        each for each in await uow.resources.bookings([resource.id]) if each.starts_at <= now
    ]
    if running:
        again = _("{unit} goes on: {task}", unit=called(resource), task=running[0].task)
        await become(
            uow, incident, resource, Event.ASSIGN, "resource.assigned", again, by=by, now=now
        )
