"""How long a unit works before it rests, and its rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Resource
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.scene import to_act_in
from workflows.resources import rules
from workflows.resources.rules import Status
from workflows.resources.service import called, noted, reference
from workflows.shelf import NotUsable, Shelf
from workflows.text import _

TIRED = "resource.tired"
RESTED = "resource.rested"
"""Timers of a unit, by its key."""

AGAIN = timedelta(hours=1)
"""After that a unit that goes on beyond its time is pointed out again."""

LONGEST_REST = timedelta(days=7)


def limits(shelf: Shelf, category: str) -> tuple[int, int]:
    """Minutes of work before a rest (0: no limit) and of the rest, for units of that category.

    Raises `NotUsable`.
    """
    read = shelf.read("workflows.resources", "rest")
    found = read.get(category, read.get("default"))
    match found:
        case {"work": int(work), "rest": int(rest)} if work >= 0 and rest >= 0:
            return work, rest
    raise NotUsable(f"rest.toml: no minutes of work and rest for {category}")


def checked(shelf: Shelf) -> None:
    """Raise `NotUsable` if the times of any category cannot be used."""
    for category in ("default", *shelf.read("workflows.resources", "rest")):
        if category != "source":
            limits(shelf, category)


def on_duty(resource: Resource, now: datetime) -> None:
    """The unit works from now on; it goes on from before if it has not rested in between."""
    idle = now - resource.status_at
    rested = resource.status == Status.AVAILABLE and idle >= timedelta(
        minutes=resource.rest_minutes
    )
    if resource.on_since is None or rested:
        resource.on_since = now
    resource.rest_until = None


async def watch(uow: UnitOfWork, resource: Resource, now: datetime) -> None:
    """It is pointed out when the unit needs a rest."""
    tired = rules.tired_at(resource.on_since, resource.work_minutes)
    if tired is not None:
        await uow.timers.set(TIRED, str(resource.id), max(tired, now))


async def rest(
    uow: UnitOfWork, resource: Resource, length: timedelta | None, *, by: By, now: datetime
) -> None:
    """The unit is off duty, for `length` or as long as it should be. Raises `Refusal`."""
    incident = await to_act_in(uow, resource.incident_id)
    wanted = timedelta(minutes=resource.rest_minutes) if length is None else length
    if not timedelta() < wanted <= LONGEST_REST:
        raise Refusal("resource-rest", _("Say how long it rests, such as 6h, at most 7 days."))
    if resource.status == Status.ASSIGNED:
        raise Refusal(
            "resource-rest",
            _(
                "{unit} is at a task. Let another take over: /resource rest {reference} "
                "relief=U6, or free it first: /resource free {reference}",
                unit=called(resource),
                reference=reference(resource),
            ),
        )
    if resource.status == Status.RELEASED:
        rules.after(resource.status, rules.Event.FREE, reference(resource))
    resource.on_since, resource.rest_until = None, now + wanted
    await uow.resources.save(resource)
    await uow.timers.drop(TIRED, str(resource.id))
    await uow.timers.set(RESTED, str(resource.id), resource.rest_until)
    text = _(
        "{unit} rests until {time}, says {name}",
        unit=called(resource),
        time=resource.rest_until,
        name=by.name,
    )
    await noted(
        uow, incident, resource, "resource.rests", text, ("on_since", "rest_until"), by=by, now=now
    )


async def end_rest(uow: UnitOfWork, resource: Resource, *, by: By, now: datetime) -> None:
    """The unit is back from its rest, before its time or at it. Raises `Refusal`."""
    incident = await to_act_in(uow, resource.incident_id)
    if resource.rest_until is None:
        raise Refusal("resource-rest", _("{unit} does not rest.", unit=called(resource)))
    early = now < resource.rest_until
    resource.rest_until = None
    await uow.resources.save(resource)
    await uow.timers.drop(RESTED, str(resource.id))
    text = (
        _("{name} ended the rest of {unit} early", unit=called(resource), name=by.name)
        if early
        else _("{unit} has rested and is available", unit=called(resource))
    )
    await noted(uow, incident, resource, "resource.rested", text, ("rest_until",), by=by, now=now)
