"""In which time zones rooms and people read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, Executable, bindparam, select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select

from storage.prepared import Prepared
from storage.queries.base import Queries, table
from storage.tables import (
    Account,
    BridgeRoom,
    CheckIn,
    CurrentIncident,
    Incident,
    Person,
    Position,
)


def _of_people(_dialect: str) -> Executable:
    person, held, there = table(Person).c, table(Position).c, table(CheckIn).c
    incident: BindParameter[int] = bindparam("incident")
    holders = select(held.person_id).where(held.incident_id == incident, held.until.is_(None))
    checked_in = select(there.person_id).where(
        there.incident_id == incident, there.out_at.is_(None)
    )
    theirs = or_(person.id.in_(holders), person.id.in_(checked_in))
    return core_select(person.zone).where(person.zone.is_not(None), theirs).distinct()


_OF_PEOPLE = Prepared(_of_people)


class Zones(Queries):
    """Time zones as IANA names."""

    async def of_incidents(self, rooms: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Number and zone of the incident that each room is about: by its own choice, else by the
        last one of a room in a bridge with it."""
        chosen = select(CurrentIncident.room, Incident.id, Incident.zone)
        chosen = chosen.join(Incident, col(Incident.id) == col(CurrentIncident.incident_id))
        own = await self.session.exec(chosen.where(col(CurrentIncident.room).in_(rooms)))
        found = {room: (number, zone) for room, number, zone in own.all()}
        others = [room for room in rooms if room not in found]
        if not others:
            return found
        here, there = aliased(BridgeRoom), aliased(BridgeRoom)
        linked = (
            select(here.room, Incident.id, Incident.zone)
            .join(there, col(there.bridge_id) == col(here.bridge_id))
            .join(CurrentIncident, col(CurrentIncident.room) == col(there.room))
            .join(Incident, col(Incident.id) == col(CurrentIncident.incident_id))
            .where(col(here.room).in_(others))
            .order_by(col(CurrentIncident.chosen_at))
        )
        for room, number, zone in (await self.session.exec(linked)).all():
            found[room] = (number, zone)
        return found

    async def of_private(self, rooms: Sequence[str]) -> dict[str, str]:
        """The zone of the person whose private chat each room is, where that person has one."""
        found = select(Account.private_room, Person.zone)
        found = found.join(Person, col(Person.id) == col(Account.person_id))
        mine = found.where(col(Account.private_room).in_(rooms), col(Person.zone).is_not(None))
        rows = (await self.session.exec(mine)).all()
        return {room: zone for room, zone in rows if room is not None and zone is not None}

    async def of_incident(self, incident_id: int) -> str | None:
        """The zone of that incident."""
        found = await self.by_key(Incident, incident_id)
        return None if found is None else found.zone

    async def of_people(self, incident_id: int) -> set[str]:
        """The zones of those who hold positions in an incident or are checked in, as far as they
        have one of their own."""
        await self.settle()
        return {zone for (zone,) in await self.hot(_OF_PEOPLE, {"incident": incident_id})}
