"""Whose location, and which tracker, stands for a unit."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from storage import UnitOfWork
from storage.tables import Person, Resource, ResourceDevice, ResourceFollow
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.scene import to_act_in
from workflows.resources import rules
from workflows.resources.rules import Event, Status
from workflows.resources.service import called, noted, reference
from workflows.text import _

MOST = 10
"""Trackers of one unit."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new tracker and the token that it has to show, which is told this once."""

    device: ResourceDevice
    token: str


def digest(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def follow(
    uow: UnitOfWork, resource: Resource, person: Person, *, by: By, now: datetime
) -> ResourceFollow:
    """That person's shared location is to stand for the unit: at once if they say so themselves,
    else once they have agreed (`agree`). Raises `Refusal` (`resource-follow`)."""
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    assert person.id is not None
    if resource.status == Status.RELEASED:
        rules.after(resource.status, Event.FREE, reference(resource))
    own = person.id == by.person_id
    for each in await uow.resources.followed(resource.id):
        if each.person_id != person.id:
            continue
        if each.agreed_at is None and own:
            return await agree(uow, resource, each, by=by, now=now)
        raise Refusal(
            "resource-follow",
            _("The location of {name} stands for {unit} already.", name=person.name,
              unit=called(resource))
            if each.agreed_at is not None
            else _("{name} was asked already and has not answered yet.", name=person.name),
        )  # fmt: skip
    made = await uow.resources.follow(
        resource_id=resource.id,
        person_id=person.id,
        asked_at=now,
        asked_by=by.person_id,
        agreed_at=now if own else None,
    )
    text = (
        _("{name} shares a location for {unit}", name=by.name, unit=called(resource))
        if own
        else _("{name} asked {other} to share a location for {unit}", name=by.name,
               other=person.name, unit=called(resource))
    )  # fmt: skip
    code = "resource.followed" if own else "resource.follow-asked"
    params: dict[str, str | int | None] = {"person": person.id}
    await noted(uow, incident, resource, code, text, (), by=by, now=now, params={**params})
    return made


async def agree(
    uow: UnitOfWork, resource: Resource, asked: ResourceFollow, *, by: By, now: datetime
) -> ResourceFollow:
    """Who was asked agrees."""
    incident = await to_act_in(uow, resource.incident_id)
    asked.agreed_at = now
    await uow.resources.save(asked)
    text = _("{name} shares a location for {unit}", name=by.name, unit=called(resource))
    await noted(
        uow, incident, resource, "resource.followed", text, (), by=by, now=now,
        params={"person": asked.person_id},
    )  # fmt: skip
    return asked


async def untrack(
    uow: UnitOfWork, resource: Resource, *, person_id: int | None, by: By, now: datetime
) -> int:
    """Nothing stands for the unit's position any longer, or (`person_id`) that person's location
    does not; how many sources that ends."""
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    ended = 0
    for each in await uow.resources.followed(resource.id):
        if person_id in (None, each.person_id):
            each.until = now
            await uow.resources.save(each)
            ended += 1
    if person_id is None:
        for device in await uow.resources.devices(resource.id):
            device.revoked_at = now
            await uow.resources.save(device)
            ended += 1
    if ended:
        text = _("{name} ended the tracking of {unit}", name=by.name, unit=called(resource))
        await noted(uow, incident, resource, "resource.untracked", text, (), by=by, now=now)
    return ended


async def device(uow: UnitOfWork, resource: Resource, name: str, *, by: By, now: datetime) -> Made:
    """A tracker that may report the unit's position. Raises `Refusal` (`resource-devices`)."""
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    assert by.person_id is not None
    if resource.status == Status.RELEASED:
        rules.after(resource.status, Event.FREE, reference(resource))
    known: Sequence[ResourceDevice] = await uow.resources.devices(resource.id)
    shown = rules.name(name)
    if len(known) >= MOST:
        raise Refusal(
            "resource-devices",
            _("{unit} has {n} trackers already.", unit=called(resource), n=len(known)),
        )
    token = secrets.token_urlsafe(18)
    made = await uow.resources.device(
        resource_id=resource.id, name=shown, secret=digest(token), made_at=now,
        made_by=by.person_id,
    )  # fmt: skip
    text = _("{name} allowed the tracker “{device}” to report where {unit} is", name=by.name,
             device=shown, unit=called(resource))  # fmt: skip
    await noted(
        uow, incident, resource, "resource.device", text, (), by=by, now=now,
        params={"device": made.id, "secret": made.secret},
    )  # fmt: skip
    return Made(made, token)
