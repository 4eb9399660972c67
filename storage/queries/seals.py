"""Encrypted rooms in bridges: what may leave them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select as core_select, update
from sqlmodel import col, or_, select

from storage.queries.base import Queries, table
from storage.tables import Bridge, BridgeRoom, Room


class Place(NamedTuple):
    """A room in a bridge; `told_at` is when people were told that it is sealed."""

    room: str
    title: str
    encrypted: bool
    sealed: bool
    told_at: datetime | None


_HERE, _THERE = table(BridgeRoom).alias(), table(BridgeRoom).alias()
_ROOM = table(Room)


class Seals(Queries):
    """A sealed room's words go to no room of the bridge that is not encrypted itself."""

    async def encrypted(self, room: str) -> None:
        """The room is encrypted: it is sealed in every bridge that nobody has confirmed."""
        await self.run(update(Room).where(col(Room.id) == room).values(encrypted=True))
        await self.seal(room)

    async def seal(self, room: str) -> None:
        """If it is encrypted, seal the room in its bridges that nobody has confirmed."""
        known = select(Room.id).where(Room.id == room, col(Room.encrypted).is_(True))
        await self.run(
            update(BridgeRoom)
            .where(col(BridgeRoom.room).in_(known), col(BridgeRoom.confirmed_at).is_(None))
            .values(sealed=True)
        )

    async def confirm(self, bridge_id: int, now: datetime, by: str) -> None:
        """What is written in the bridge's encrypted rooms may leave them."""
        here = (col(BridgeRoom.bridge_id) == bridge_id, col(BridgeRoom.sealed).is_(True))
        values = {"sealed": False, "confirmed_at": now, "confirmed_by": by}
        await self.run(update(BridgeRoom).where(*here).values(**values))

    async def tell(self, bridge_id: int, now: datetime) -> None:
        """People were told that the bridge waits to be confirmed."""
        here = (col(BridgeRoom.bridge_id) == bridge_id, col(BridgeRoom.sealed).is_(True))
        await self.run(update(BridgeRoom).where(*here).values(told_at=now))

    async def waiting(self) -> Sequence[Bridge]:
        """Bridges with sealed rooms, by name."""
        found = select(Bridge).where(
            col(Bridge.id).in_(select(BridgeRoom.bridge_id).where(col(BridgeRoom.sealed).is_(True)))
        )
        return (await self.session.exec(found.order_by(Bridge.name))).all()

    async def rooms(self, bridge_id: int) -> list[Place]:
        """The bridge's rooms, in the order in which they joined."""
        found = (
            core_select(
                _ROOM.c.id, _ROOM.c.title, _ROOM.c.encrypted, _HERE.c.sealed, _HERE.c.told_at
            )
            .join(_HERE, _HERE.c.room == _ROOM.c.id)
            .where(_HERE.c.bridge_id == bridge_id)
            .order_by(_HERE.c.joined_at, _ROOM.c.id)
        )
        await self.session.flush()
        return [Place(*tuple(row)) for row in (await self.run(found)).all()]

    async def shut(self, room: str) -> set[str]:
        """The rooms of its bridges into which nothing of `room` may go."""
        found = (
            core_select(_THERE.c.room, _HERE.c.sealed, _ROOM.c.encrypted)
            .select_from(_THERE)
            .join(_HERE, _HERE.c.bridge_id == _THERE.c.bridge_id)
            .outerjoin(_ROOM, _ROOM.c.id == _THERE.c.room)
            .where(_HERE.c.room == room, _THERE.c.room != room)
        )
        rows = [tuple(row) for row in (await self.run(found)).all()]
        allowed = {other for other, sealed, encrypted in rows if not sealed or encrypted}
        return {other for other, _sealed, _encrypted in rows} - allowed

    async def heard(self, room: str) -> set[str]:
        """The rooms whose words may come into `room`."""
        found = (
            core_select(_THERE.c.room)
            .select_from(_THERE)
            .join(_HERE, _HERE.c.bridge_id == _THERE.c.bridge_id)
            .outerjoin(_ROOM, _ROOM.c.id == _HERE.c.room)
            .where(
                _HERE.c.room == room,
                _THERE.c.room != room,
                or_(_THERE.c.sealed.is_(False), _ROOM.c.encrypted.is_(True)),
            )
        )
        return {str(row[0]) for row in (await self.run(found)).all()}
