"""Who is promised to whom, and when: nothing twice at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Incident, Order, Resource, ResourceBooking
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.resources import journey, resting, rules
from workflows.resources.rules import Event, Span, Status
from workflows.resources.service import become, called, named, noted, reference
from workflows.text import Json, _

BEGINS = "resource.begins"
ENDS = "resource.ends"
"""Timers of a booking, by its key."""

AGAIN = timedelta(minutes=30)
"""After that a unit whose time is over is asked about again."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a unit is wanted for. `starts` None: at once; `ends` None: until it is freed."""

    text: str
    starts: datetime | None = None
    ends: datetime | None = None
    place: str | None = None
    order: int | None = None
    request: int | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """A promise that stands in the way of another; `unit` is of the incident it stands in."""

    unit: Resource
    booking: ResourceBooking
    wanted: str = ""
    """What it was wanted for."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A new promise."""

    unit: Resource
    booking: ResourceBooking


async def clash_with(
    uow: UnitOfWork, resource: Resource, wanted: Span, now: datetime
) -> Clash | None:
    """What the unit is promised for at an overlapping time, in whatever open incident it is
    registered; all of its rows are held from then on."""
    same = {each.id: each for each in await uow.resources.same(resource.ident)}
    same.setdefault(resource.id, resource)
    bookings = {
        each.id: each
        for each in await uow.resources.bookings([key for key in same if key is not None])
        if each.id is not None
    }
    spans = [(key, Span(each.starts_at, each.ends_at)) for key, each in bookings.items() if key]
    found = rules.first_clash(wanted, spans, now)
    if found is None:
        return None
    booking = bookings[found]
    return Clash(same[booking.resource_id], booking)


async def assign(
    uow: UnitOfWork, incident_id: int, number: int, task: Task, *, by: By, now: datetime
) -> Booked | Clash:
    """Promise a unit; a clash, noted, if it is promised already at that time.

    Raises `Refusal` (`resource-unknown`, `resource-status`, `resource-rests`, `resource-times`).
    """
    incident = await to_act_in(uow, incident_id)
    assert by.person_id is not None
    resource = await named(uow, incident_id, number)
    assert resource.id is not None
    words = rules.task(task.text)
    place = None if task.place is None else rules.name(task.place)
    starts = max(task.starts or now, now)
    wanted = rules.span(starts, task.ends, now)
    rules.after(resource.status, Event.ASSIGN, reference(resource))
    if resource.rest_until is not None and starts < resource.rest_until:
        raise Refusal(
            "resource-rests",
            _(
                "{unit} rests until {time}. If it has to be: /resource rest {reference} end=yes",
                unit=called(resource),
                time=resource.rest_until,
                reference=reference(resource),
            ),
        )
    clash = await clash_with(uow, resource, wanted, now)
    if clash is not None:
        await refused(uow, incident, resource, words, clash, by=by, now=now)
        return clash
    booking = await uow.resources.book(
        incident_id=incident_id,
        resource_id=resource.id,
        task=words,
        place=place,
        starts_at=starts,
        ends_at=task.ends,
        order_number=task.order,
        request_number=task.request,
        state_at=now,
        made_at=now,
        by_id=by.person_id,
        agency=by.agency,
    )
    text = _("{name} assigned {unit}: {task}", name=by.name, unit=called(resource), task=words)
    await record(
        uow,
        incident,
        "resource.booked",
        text,
        by=by,
        now=now,
        thing=f"booking {booking.id}",
        changes=fields(booking, resource),
        params={"unit": reference(resource)},
    )
    if starts <= now:
        await begin(uow, incident, resource, booking, by=by, now=now)
    else:
        await uow.timers.set(BEGINS, str(booking.id), starts)
    if task.ends is not None:
        await uow.timers.set(ENDS, str(booking.id), task.ends)
    return Booked(resource, booking)


async def refused(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    task: str,
    clash: Clash,
    *,
    by: By,
    now: datetime,
) -> None:
    """Note that a unit was wanted twice."""
    await record(
        uow,
        incident,
        "resource.refused",
        _(
            "{name} wanted {unit} for: {task}. It is promised for: {other}",
            name=by.name,
            unit=called(resource),
            task=task,
            other=clash.booking.task,
        ),
        by=by,
        now=now,
        thing=reference(resource),
        params={"booking": clash.booking.id},
    )


def fields(booking: ResourceBooking, resource: Resource) -> dict[str, Json]:
    """The fields of a booking as the ledger keeps them."""
    left_out = {"id", "incident_id", "resource_id"}
    made: dict[str, Json] = {"unit": reference(resource)}
    for name, value in booking.model_dump(exclude=left_out).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    return made


async def begin(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    booking: ResourceBooking,
    *,
    by: By,
    now: datetime,
) -> None:
    """The unit is at its task from now on. Raises `Refusal` (`resource-status`)."""
    resting.on_duty(resource, now)
    text = _("{unit} is at it: {task}", unit=called(resource), task=booking.task)
    await become(
        uow, incident, resource, Event.ASSIGN, "resource.assigned", text, by=by, now=now,
        more=("on_since", "rest_until"),
    )  # fmt: skip
    await resting.watch(uow, resource, now)


async def end(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    booking: ResourceBooking,
    *,
    by: By,
    now: datetime,
) -> None:
    """A promise is over: done, or cancelled before it began."""
    booking.state = "ended" if booking.starts_at <= now else "cancelled"
    booking.state_at = now
    await uow.resources.save(booking)
    for kind in (BEGINS, ENDS):
        await uow.timers.drop(kind, str(booking.id))
    await record(
        uow,
        incident,
        "resource.booking-ended",
        _("{unit} is done with: {task}", unit=called(resource), task=booking.task)
        if booking.state == "ended"
        else _("{unit} is no longer promised for: {task}", unit=called(resource),
               task=booking.task),
        by=by,
        now=now,
        thing=f"booking {booking.id}",
        changes={"state": booking.state, "state_at": iso(now)},
        params={"unit": reference(resource)},
    )  # fmt: skip


async def free(
    uow: UnitOfWork, resource: Resource, *, by: By, now: datetime, whole: bool = True
) -> Sequence[ResourceBooking]:
    """The unit is available; the tasks that it was at are over, with `whole` those to come too.

    Raises `Refusal` (`resource-status`).
    """
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    over = [
        each
        for each in await uow.resources.bookings([resource.id])
        if whole or each.starts_at <= now
    ]
    if resource.status != Status.ASSIGNED and not over:
        rules.after(resource.status, Event.FREE, reference(resource))
    for each in over:
        await end(uow, incident, resource, each, by=by, now=now)
    if resource.status == Status.ASSIGNED:
        text = _("{unit} is available again, says {name}", unit=called(resource), name=by.name)
        if journey.under_way(resource):
            await journey.stop(uow, resource, by=by, now=now)
        await become(uow, incident, resource, Event.FREE, "resource.free", text, by=by, now=now)
    return over


async def order_over(
    uow: UnitOfWork, incident: Incident, order: Order, *, by: By, now: datetime
) -> tuple[Resource, ...]:
    """An order has ended: what was promised for it is free. The units that are."""
    freed: list[Resource] = []
    for booking in await uow.resources.bookings_of_order(incident.id, order.number):
        resource = await uow.resources.by_id(booking.resource_id)
        if resource is None:
            continue
        await end(uow, incident, resource, booking, by=by, now=now)
        assert resource.id is not None
        left = [
            each for each in await uow.resources.bookings([resource.id]) if each.starts_at <= now
        ]
        if resource.status == Status.ASSIGNED and not left:
            text = _("{unit} is available again", unit=called(resource))
            await become(uow, incident, resource, Event.FREE, "resource.free", text, by=by, now=now)
        freed.append(resource)
    return tuple(freed)


async def relieve(
    uow: UnitOfWork, resource: Resource, relief: Resource, *, by: By, now: datetime
) -> Sequence[Booked] | Clash:
    """Another unit takes over what this one is at and where it is bound for; a clash if it is
    promised itself.

    Raises `Refusal`.
    """
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    if relief.id == resource.id:
        raise Refusal("resource-relief", _("A unit cannot relieve itself. Name another one."))
    running = [
        each for each in await uow.resources.bookings([resource.id]) if each.starts_at <= now
    ]
    if not running:
        raise Refusal(
            "resource-relief",
            _("{unit} is at nothing that could be taken over.", unit=called(resource)),
        )
    tasks = [
        Task(
            each.task,
            now,
            each.ends_at if each.ends_at is not None and each.ends_at > now else None,
            each.place,
            each.order_number,
            each.request_number,
        )
        for each in running
    ]
    for task in tasks:
        clash = await clash_with(uow, relief, Span(now, task.ends), now)
        if clash is not None:
            await refused(uow, incident, relief, task.text, clash, by=by, now=now)
            return replace(clash, wanted=task.text)
    text = _(
        "{other} relieves {unit}, says {name}",
        other=called(relief),
        unit=called(resource),
        name=by.name,
    )
    for each in running:
        await end(uow, incident, resource, each, by=by, now=now)
    if resource.status == Status.ASSIGNED:
        await become(uow, incident, resource, Event.FREE, "resource.free", text, by=by, now=now)
    else:
        await noted(uow, incident, resource, "resource.relieved", text, (), by=by, now=now)
    taken: list[Booked] = []
    for task in tasks:
        made = await assign(uow, incident.id, relief.number, task, by=by, now=now)
        assert isinstance(made, Booked)
        taken.append(made)
    if journey.under_way(resource):
        goal = journey.goal_of(resource)
        due = resource.due if resource.due is not None and resource.due > now else None
        await journey.stop(uow, resource, by=by, now=now)
        await journey.send(uow, relief, goal, due, by=by, now=now)
    return taken


async def alike(
    uow: UnitOfWork, resource: Resource, wanted: Span, now: datetime, limit: int = 3
) -> Sequence[Resource]:
    """Other units of its kind, else of its category, that are available at that time."""
    others = [
        each
        for each in await uow.resources.all(resource.incident_id, here_only=True)
        if each.id != resource.id and each.status == Status.AVAILABLE
        and each.category == resource.category
        and (each.rest_until is None or each.rest_until <= wanted.starts)
    ]  # fmt: skip
    others.sort(key=lambda each: rules.ident(None, each.kind) != rules.ident(None, resource.kind))
    found: list[Resource] = []
    for each in others:
        assert each.id is not None
        spans = [
            (0, Span(one.starts_at, one.ends_at)) for one in await uow.resources.bookings([each.id])
        ]
        if rules.first_clash(wanted, spans, now) is None:
            found.append(each)
        if len(found) == limit:
            break
    return found


async def story(uow: UnitOfWork, incident_id: int, number: int, limit: int) -> list[int]:
    """Where the ledger goes on with a unit, beside its own entries: for what it was promised, and
    what was signed when it left; numbers in the ledger, of each thing the newest `limit`."""
    unit = await uow.resources.get(incident_id, number)
    if unit is None or unit.id is None:
        return []
    booked = await uow.resources.bookings([unit.id], open_only=False)
    seqs: set[int] = set()
    for thing in (f"checkout {number}", *(f"booking {each.id}" for each in booked)):
        seqs |= {*await uow.timeline.ledger_of(incident_id, thing, limit=limit)}
    return sorted(seqs)
