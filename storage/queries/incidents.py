"""Incidents, their numbers, and the rooms that hear of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, delete, select as core_select, update
from sqlmodel import col, select

from storage.prepared import Prepared
from storage.queries.base import Queries, insert_of, table
from storage.tables import BridgeRoom, Card, Counter, CurrentIncident, Incident, IncidentRoom

OVER = ("closed", "merged")
"""The states in which nothing more happens."""


_OWN, _BRIDGED = table(IncidentRoom), table(BridgeRoom)
_ROOMS = Prepared(
    lambda _dialect: (
        core_select(_OWN.c.room)
        .where(_OWN.c.incident_id == bindparam("incident"))
        .order_by(_OWN.c.linked_at, _OWN.c.room)
    )
)
_LINKED = Prepared(
    lambda _dialect: (
        core_select(_BRIDGED.c.room)
        .where(
            _BRIDGED.c.bridge_id.in_(
                core_select(_BRIDGED.c.bridge_id).where(
                    _BRIDGED.c.room.in_(
                        core_select(_OWN.c.room).where(_OWN.c.incident_id == bindparam("incident"))
                    )
                )
            )
        )
        .order_by(_BRIDGED.c.room)
    )
)


def _count(dialect: str) -> Executable:
    counter = table(Counter)
    counted: Executable = (
        insert_of(dialect, Counter)
        .on_conflict_do_update(
            index_elements=["incident_id", "letter"], set_={"value": counter.c.value + 1}
        )
        .returning(counter.c.value)
    )
    return counted


_COUNT = Prepared(_count, ("incident_id", "letter", "value"))


class Incidents(Queries):
    """Emergencies. Numbers are given one at a time, however many ask at once."""

    async def next_number(self, incident_id: int, letter: str) -> int:
        """The next number of that letter in an incident (0: over all incidents), from 1 on.

        Others who ask for the same wait for the end of this transaction; one that is rolled
        back leaves no gap.
        """
        await self.turn()
        values = {"incident_id": incident_id, "letter": letter, "value": 1}
        ((value,),) = await self.hot(_COUNT, values)
        return int(value)

    async def add(self, year: int, **values: Any) -> Incident:
        """A new incident with its number and its designation."""
        number = await self.next_number(0, "I")
        serial = await self.next_number(0, f"Y{year}")
        made = Incident(id=number, year=year, serial=serial, **values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, number: int) -> Incident | None:
        """`I` of that number."""
        if number >= 2**62:
            return None
        return await self.session.get(Incident, number)

    async def locked(self, number: int) -> Incident | None:
        """The incident as it is now; nobody else changes it before this transaction ends."""
        if number >= 2**62:
            return None
        await self.turn()
        found = select(Incident).where(Incident.id == number).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def open(self, limit: int = 50) -> Sequence[Incident]:
        """Incidents that are not over, newest first."""
        found = select(Incident).where(col(Incident.state).not_in(OVER))
        return (await self.session.exec(found.order_by(col(Incident.id).desc()).limit(limit))).all()

    async def latest(self, limit: int = 50) -> Sequence[Incident]:
        """All incidents, newest first."""
        found = select(Incident).order_by(col(Incident.id).desc()).limit(limit)
        return (await self.session.exec(found)).all()

    async def save(self, *rows: Any) -> None:
        """Write changed rows down."""
        for row in rows:
            self.session.add(row)
        await self.session.flush()

    async def link(
        self, incident_id: int, rooms: Sequence[str], now: datetime, by: int | None
    ) -> list[str]:
        """These rooms hear of the incident from now on; those that are new to it."""
        known = set(await self.rooms(incident_id))
        new = [room for room in dict.fromkeys(rooms) if room not in known]
        for room in new:
            self.session.add(
                IncidentRoom(incident_id=incident_id, room=room, linked_at=now, linked_by=by)
            )
        await self.session.flush()
        return new

    async def unlink(self, incident_id: int, room: str) -> bool:
        """The room no longer hears of the incident; False if it did not."""
        here = (col(IncidentRoom.incident_id) == incident_id, col(IncidentRoom.room) == room)
        return (await self.run(delete(IncidentRoom).where(*here))).rowcount > 0

    async def rooms(self, incident_id: int) -> list[str]:
        """The rooms that hear of the incident by themselves, in the order of joining."""
        await self.settle()
        return [room for (room,) in await self.hot(_ROOMS, {"incident": incident_id})]

    async def heard(self, incident_id: int) -> list[str]:
        """Every room that hears of the incident, by itself or by a bridge, each once."""
        own = await self.rooms(incident_id)
        if not own:
            return own
        linked = await self.hot(_LINKED, {"incident": incident_id})
        return list(dict.fromkeys((*own, *(room for (room,) in linked))))

    async def bridged(self, rooms: Sequence[str]) -> list[str]:
        """These rooms and all that are in a bridge with one of them, each once."""
        bridges = select(BridgeRoom.bridge_id).where(col(BridgeRoom.room).in_(rooms))
        found = select(BridgeRoom.room).where(col(BridgeRoom.bridge_id).in_(bridges))
        linked = (await self.session.exec(found.order_by(BridgeRoom.room))).all()
        return list(dict.fromkeys((*rooms, *linked)))

    async def choose(self, rooms: Sequence[str], incident_id: int, now: datetime) -> None:
        """Commands typed in these rooms are about that incident from now on."""
        for room in dict.fromkeys(rooms):
            statement = self.insert(CurrentIncident).values(
                room=room, incident_id=incident_id, chosen_at=now
            )
            await self.run(
                statement.on_conflict_do_update(
                    index_elements=["room"], set_={"incident_id": incident_id, "chosen_at": now}
                )
            )

    async def current(self, room: str) -> Incident | None:
        """The incident of a room: its own choice, else the last choice of a room in a bridge
        with it."""
        found = select(Incident).join(
            CurrentIncident, col(CurrentIncident.incident_id) == col(Incident.id)
        )
        own = (await self.session.exec(found.where(CurrentIncident.room == room))).first()
        if own is not None:
            return own
        bridges = select(BridgeRoom.bridge_id).where(BridgeRoom.room == room)
        linked = select(BridgeRoom.room).where(col(BridgeRoom.bridge_id).in_(bridges))
        shared = found.where(col(CurrentIncident.room).in_(linked))
        newest = shared.order_by(col(CurrentIncident.chosen_at).desc()).limit(1)
        return (await self.session.exec(newest)).first()

    async def hears(self, incident_id: int, room: str) -> bool:
        """Whether the room hears of the incident, by itself or by a bridge."""
        near = await self.bridged([room])
        found = select(IncidentRoom.room).where(
            IncidentRoom.incident_id == incident_id, col(IncidentRoom.room).in_(near)
        )
        return (await self.session.exec(found.limit(1))).first() is not None

    async def take_over(self, old: int, new: int, now: datetime) -> None:
        """Rooms of the incident `old` hear of `new` and are about it."""
        await self.link(new, await self.rooms(old), now, None)
        await self.run(
            update(CurrentIncident)
            .where(col(CurrentIncident.incident_id) == old)
            .values(incident_id=new, chosen_at=now)
        )

    async def rekey(self, old: str, new: str) -> None:
        """A room goes on under another id; its old cards cannot be edited any more."""
        await self.run(update(Card).where(col(Card.room) == old).values(live=False))
        known = select(IncidentRoom.incident_id).where(IncidentRoom.room == new)
        moved = update(IncidentRoom).where(
            col(IncidentRoom.room) == old, col(IncidentRoom.incident_id).not_in(known)
        )
        await self.run(moved.values(room=new))
        await self.run(delete(IncidentRoom).where(col(IncidentRoom.room) == old))
        chosen = select(CurrentIncident.room).where(CurrentIncident.room == new)
        if (await self.session.exec(chosen)).first() is None:
            here = col(CurrentIncident.room) == old
            await self.run(update(CurrentIncident).where(here).values(room=new))
        await self.run(delete(CurrentIncident).where(col(CurrentIncident.room) == old))
