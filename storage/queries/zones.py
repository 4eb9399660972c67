"""In which time zones rooms and people read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select

from storage.queries.base import Queries
from storage.tables import (
    Account,
    BridgeRoom,
    CheckIn,
    CurrentIncident,
    Incident,
    Person,
    Position,
)


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
        return await self.session.scalar(select(Incident.zone).where(Incident.id == incident_id))

    async def of_people(self, incident_id: int) -> set[str]:
        """The zones of those who hold positions in an incident or are checked in, as far as they
        have one of their own."""
        holders = select(Position.person_id).where(
            Position.incident_id == incident_id, col(Position.until).is_(None)
        )
        there = select(CheckIn.person_id).where(
            CheckIn.incident_id == incident_id, col(CheckIn.out_at).is_(None)
        )
        found = (
            select(Person.zone)
            .where(col(Person.zone).is_not(None))
            .where(or_(col(Person.id).in_(holders), col(Person.id).in_(there)))
            .distinct()
        )
        return {zone for zone in (await self.session.exec(found)).all() if zone is not None}
