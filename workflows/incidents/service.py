"""Declaring incidents and changing them: rules, store, ledger and timeline together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from storage import UnitOfWork
from storage.tables import Incident
from storage.tables.organisation import COMMANDER
from workflows.errors import Refusal
from workflows.incidents import rules
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.text import Json, Msg, _


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is known when an incident is declared; only the title has to be."""

    title: str
    type: str | None = None
    event_level: str | None = None
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    started_at: datetime | None = None


async def declare(
    uow: UnitOfWork,
    told: Declaration,
    *,
    rooms: Sequence[str],
    by: By,
    zone: ZoneInfo,
    now: datetime,
) -> Incident:
    """A new incident, commanded by whoever declares it, current in `rooms`. Raises `Refusal`.

    The first on scene commands until the command is handed over (ICS: transfer of command).
    """
    title = rules.title(told.title)
    made = await uow.incidents.add(
        now.astimezone(zone).year,
        title=title,
        type=told.type,
        event_level=told.event_level,
        place=None if told.place is None else rules.place(told.place),
        lat=told.lat,
        lon=told.lon,
        zone=zone.key,
        state=rules.State.DECLARED,
        state_at=now,
        started_at=told.started_at or now,
        reported_at=now,
        reported_by=by.person_id,
    )
    await uow.incidents.link(made.id, rooms, now, by.person_id)
    await uow.incidents.choose(rooms, made.id, now)
    await record(
        uow,
        made,
        "incident.declared",
        _(
            "Incident {designation} “{title}” declared by {name}",
            designation=rules.designation(made.year, made.serial),
            title=title,
            name=by.name,
        ),
        by=by,
        now=now,
        changes=fields(made),
        params={"rooms": list(rooms)},
    )
    if by.person_id is not None:
        held = await uow.organisation.assign(
            made.id, COMMANDER, by.person_id, now, agency=by.agency or "", by=by.person_id
        )
        await record(
            uow,
            made,
            "role.assigned",
            _("{name} is Incident Commander", name=by.name),
            by=by,
            now=now,
            thing=f"position {held.id}",
            changes={
                "role": COMMANDER,
                "label": "",
                "person_id": by.person_id,
                "agency": held.agency,
                "deputy": False,
                "since": iso(now),
                "until": None,
            },
        )
    return made


async def bring(
    uow: UnitOfWork, incident: Incident, rooms: Sequence[str], *, by: By, now: datetime
) -> None:
    """Make rooms about an incident, and let those that did not yet hear of it."""
    new = await uow.incidents.link(incident.id, rooms, now, by.person_id)
    await uow.incidents.choose(rooms, incident.id, now)
    if new:
        await record(
            uow,
            incident,
            "incident.rooms",
            _("{name} brought more rooms to the incident", name=by.name),
            by=by,
            now=now,
            params={"rooms": list(new)},
        )


async def change(
    uow: UnitOfWork,
    number: int,
    values: Mapping[str, Json],
    code: str,
    text: Msg,
    *,
    by: By,
    now: datetime,
    params: Mapping[str, Json] | None = None,
) -> Incident:
    """Set fields of an incident that is not over. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    for name, value in values.items():
        setattr(incident, name, value)
    await uow.incidents.save(incident)
    await record(uow, incident, code, text, by=by, now=now, changes=values, params=params)
    return incident


async def move(
    uow: UnitOfWork,
    number: int,
    event: rules.Event,
    reason: str | None,
    *,
    by: By,
    now: datetime,
) -> Incident:
    """Let something happen to the incident as a whole. Raises `Refusal`."""
    incident = await uow.incidents.locked(number)
    assert incident is not None
    if incident.state == rules.State.MERGED:
        await to_act_in(uow, number)
    state = rules.after(incident.state, event)
    why = None if reason is None else rules.reason(reason)
    incident.state, incident.state_at = state, now
    await uow.incidents.save(incident)
    text = (
        _("{name}: the incident is {state}", name=by.name, state=rules.STATES[state])
        if why is None
        else _(
            "{name}: the incident is {state}. Reason: {reason}",
            name=by.name,
            state=rules.STATES[state],
            reason=why,
        )
    )
    await record(
        uow,
        incident,
        f"incident.{event}",
        text,
        by=by,
        now=now,
        changes={"state": state, "state_at": iso(now)},
        params={"reason": why},
    )
    return incident


async def merge(
    uow: UnitOfWork, number: int, other: int, *, by: By, now: datetime
) -> tuple[Incident, Incident]:
    """Let the incident `number` take `other`, a duplicate, over; both as they are now.

    The history of `other` stays under its own number; its rooms hear of the authoritative one
    from now on. What is open there is for `workflows.carrying`. Raises `Refusal`.
    """
    if number == other:
        raise Refusal(
            "incident-merge", _("{reference} is this very incident.", reference=f"I{number}")
        )
    # In the order of their numbers, so that two merges at once cannot wait for each other.
    for each in sorted((number, other)):
        await uow.incidents.locked(each)
    kept, gone = await to_act_in(uow, number), await to_act_in(uow, other)
    gone.state, gone.state_at = rules.after(gone.state, rules.Event.MERGE), now
    gone.merged_into = kept.id
    await uow.incidents.save(gone)
    for position, _holder in await uow.organisation.held(gone.id, now):
        await uow.organisation.end(position, now, by.person_id)
    await uow.incidents.take_over(gone.id, kept.id, now)
    for one, code, text, changes in (
        (
            gone,
            "incident.merge",
            _("{name}: merged into {other}", name=by.name, other=f"I{kept.id}"),
            {"state": gone.state, "state_at": iso(now), "merged_into": kept.id},
        ),
        (
            kept,
            "incident.merged",
            _(
                "{name}: {other} “{title}” was merged into this incident",
                name=by.name,
                other=f"I{gone.id}",
                title=gone.title,
            ),
            {},
        ),
    ):
        await record(
            uow, one, code, text, by=by, now=now, changes=changes, params={"other": gone.id}
        )
    return kept, gone


def fields(incident: Incident) -> dict[str, Json]:
    """The fields of an incident as the ledger keeps them."""
    made: dict[str, Json] = {}
    for name, value in incident.model_dump(exclude={"id"}).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    return made
