"""A unit under way: sent, on time or late, there."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Resource
from workflows.errors import Refusal
from workflows.geo.points import Point
from workflows.incidents.record import By
from workflows.incidents.scene import to_act_in
from workflows.resources import rules
from workflows.resources.places import Goal
from workflows.resources.rules import Status
from workflows.resources.service import called, noted, reference
from workflows.text import Json, _

LATE = "resource.late"
SILENT = "resource.silent"
STUCK = "resource.stuck"
"""Timers of a unit under way, by its key."""

GRACE = timedelta(minutes=5)
"""So long after its time a unit counts as late."""

_WAY = ("bound_for", "bound_lat", "bound_lon", "sent_at", "due", "arrived_at")


async def send(
    uow: UnitOfWork,
    resource: Resource,
    goal: Goal,
    due: datetime | None,
    *,
    by: By,
    now: datetime,
) -> None:
    """The unit is bound for a place from now on, to be there by `due`.

    Raises `Refusal` (`resource-status`, `resource-times`).
    """
    incident = await to_act_in(uow, resource.incident_id)
    if Status(resource.status) in (Status.OUT, Status.RELEASED):
        rules.after(resource.status, rules.Event.ASSIGN, reference(resource))
    if due is not None:
        rules.span(now, due, now)
    resource.bound_for = goal.words
    resource.bound_lat = None if goal.spot is None else goal.spot.lat
    resource.bound_lon = None if goal.spot is None else goal.spot.lon
    resource.sent_at, resource.due, resource.arrived_at = now, due, None
    await uow.resources.save(resource)
    assert resource.id is not None
    track = await uow.resources.track(resource.id)
    if track is not None:
        track.eta, track.late_told, track.silent_told, track.moved_at = None, False, False, now
        await uow.resources.save(track)
    await unwatch(uow, resource)
    if due is not None:
        await uow.timers.set(LATE, str(resource.id), due + GRACE)
    text = (
        _("{name} sent {unit} to {place}", name=by.name, unit=called(resource), place=goal.words)
        if due is None
        else _(
            "{name} sent {unit} to {place}, to be there {time}",
            name=by.name,
            unit=called(resource),
            place=goal.words,
            time=due,
        )
    )
    await noted(uow, incident, resource, "resource.sent", text, _WAY, by=by, now=now)


def under_way(resource: Resource) -> bool:
    """Whether the unit is bound for a place and not there yet."""
    return (
        resource.bound_for is not None
        and resource.arrived_at is None
        and resource.status != Status.RELEASED
    )


def goal_of(resource: Resource) -> Goal:
    """Where the unit is bound for."""
    spot = None
    if resource.bound_lat is not None and resource.bound_lon is not None:
        spot = Point(resource.bound_lat, resource.bound_lon)
    return Goal(resource.bound_for or "", spot)


async def stop(uow: UnitOfWork, resource: Resource, *, by: By, now: datetime) -> None:
    """The unit is no longer on its way."""
    incident = await to_act_in(uow, resource.incident_id)
    text = _("{unit} is no longer bound for {place}", unit=called(resource),
             place=resource.bound_for or "")  # fmt: skip
    resource.bound_for = resource.bound_lat = resource.bound_lon = None
    resource.sent_at = resource.due = resource.arrived_at = None
    await uow.resources.save(resource)
    await unwatch(uow, resource)
    await noted(uow, incident, resource, "resource.stopped", text, _WAY, by=by, now=now)


async def arrive(
    uow: UnitOfWork,
    resource: Resource,
    *,
    by: By,
    now: datetime,
    params: dict[str, Json] | None = None,
) -> None:
    """The unit is where it was bound for. Raises `Refusal` (`resource-way`)."""
    incident = await to_act_in(uow, resource.incident_id)
    if not under_way(resource):
        text = (
            _("{unit} is not under way.", unit=called(resource))
            if resource.arrived_at is None
            else _(
                "{unit} arrived at {place} {time} already. Nothing was changed.",
                unit=called(resource),
                place=resource.bound_for or "",
                time=resource.arrived_at,
            )
        )
        raise Refusal("resource-way", text)
    resource.arrived_at = now
    await uow.resources.save(resource)
    await unwatch(uow, resource)
    late = resource.due is not None and now > resource.due + GRACE
    said = _("{unit} has arrived at {place}", unit=called(resource), place=resource.bound_for or "")
    if late and resource.due is not None:
        minutes = round((now - resource.due).total_seconds() / 60)
        said = _(
            "{unit} has arrived at {place}, {n} min late",
            unit=called(resource),
            place=resource.bound_for or "",
            n=minutes,
        )
    await noted(
        uow, incident, resource, "resource.arrived", said, ("arrived_at",), by=by, now=now,
        params=params,
    )  # fmt: skip


async def unwatch(uow: UnitOfWork, resource: Resource) -> None:
    """Nobody waits for it any longer."""
    for kind in (LATE, SILENT, STUCK):
        await uow.timers.drop(kind, str(resource.id))
