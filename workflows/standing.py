"""What somebody's authority is at a moment, read from the store."""

from __future__ import annotations

from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident
from storage.tables.organisation import COMMANDER
from workflows.authority import Standing, Where


async def standing(
    uow: UnitOfWork,
    *,
    person_id: int,
    admin: bool,
    incident: Incident | None,
    room: str | None,
    private: bool,
    now: datetime,
) -> Standing:
    """The standing of a person, in an incident if one is given, in a room (None: by a timer)."""
    agencies = await uow.agencies.of_person(person_id)
    led = await uow.agencies.led_by(person_id)
    if incident is None:
        return Standing(
            admin=admin,
            agencies=frozenset(each.short for each in agencies),
            liaison_of=frozenset(each.short for each in led),
        )
    mine = await uow.organisation.of_person(incident.id, person_id, now)
    commanders = await uow.organisation.held(incident.id, now, role=COMMANDER)
    return Standing(
        admin=admin,
        agencies=frozenset(each.short for each in agencies),
        liaison_of=frozenset(each.short for each in led),
        roles=frozenset(each.role for each in mine),
        deputy_of=frozenset(each.role for each in mine if each.deputy),
        commanders=tuple(person.name for held, person in commanders if not held.deputy),
        where=await _where(uow, incident, room, private),
    )


async def _where(uow: UnitOfWork, incident: Incident, room: str | None, private: bool) -> Where:
    if room is None or private:
        return Where.PRIVATE
    heard = await uow.incidents.hears(incident.id, room)
    return Where.INCIDENT if heard else Where.ELSEWHERE
