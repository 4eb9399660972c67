"""Which rooms hear each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select as core_select
from sqlmodel import col, or_, select

from storage.prepared import Prepared
from storage.queries.base import Queries, table
from storage.tables import Bridge, BridgeRoom, Room

_HERE, _THERE = table(BridgeRoom).alias(), table(BridgeRoom).alias()
_ROOM = table(Room)
_LINKED = Prepared(
    lambda _dialect: (
        core_select(_THERE.c.room, *_ROOM.columns)
        .select_from(_THERE)
        .join(_HERE, _HERE.c.bridge_id == _THERE.c.bridge_id)
        .outerjoin(_ROOM, _ROOM.c.id == _THERE.c.room)
        .where(
            _HERE.c.room == bindparam("of"),
            _THERE.c.room != bindparam("of"),
            or_(_HERE.c.sealed.is_(False), _ROOM.c.encrypted.is_(True)),
        )
        .order_by(_THERE.c.room)
    )
)


class Bridges(Queries):
    """Bridges and the rooms in them."""

    held: tuple[Room | None, ...] = ()
    """Rooms that were read with the links to them: asking for them by id is free meanwhile."""

    async def linked(self, room: str) -> list[str]:
        """The rooms that hear `room`, each once, sorted: the others of its bridges, without
        those that are shut to it while it is sealed."""
        linked: dict[str, Room | None] = {}
        for name, *values in await self.hot(_LINKED, {"of": room}):
            if name not in linked:
                row = dict(zip(_ROOM.columns.keys(), values, strict=True))
                linked[name] = None if row["id"] is None else self.adopt(Room, row)
        self.held = tuple(linked.values())
        return list(linked)

    async def of_room(self, room: str) -> Sequence[Bridge]:
        """The bridges that `room` is in."""
        found = select(Bridge).join(BridgeRoom, col(BridgeRoom.bridge_id) == col(Bridge.id))
        chosen = found.where(BridgeRoom.room == room).order_by(Bridge.name)
        return (await self.session.exec(chosen)).all()

    async def rooms(self, bridge_id: int) -> Sequence[Room]:
        """The rooms of a bridge, in the order in which they joined."""
        found = select(Room).join(BridgeRoom, col(BridgeRoom.room) == col(Room.id))
        chosen = found.where(BridgeRoom.bridge_id == bridge_id)
        return (await self.session.exec(chosen.order_by(col(BridgeRoom.joined_at), Room.id))).all()

    async def by_name(self, name: str) -> Bridge | None:
        """The bridge of that name."""
        return (await self.session.exec(select(Bridge).where(Bridge.name == name))).first()

    async def by_code(self, code: str) -> Bridge | None:
        """The bridge that `code` opens."""
        return (await self.session.exec(select(Bridge).where(Bridge.code == code))).one_or_none()

    async def all(self) -> Sequence[Bridge]:
        """Every bridge, by name."""
        return (await self.session.exec(select(Bridge).order_by(Bridge.name))).all()

    async def add(
        self,
        name: str,
        now: datetime,
        *,
        code: str | None = None,
        code_until: datetime | None = None,
        by: str | None = None,
        configured: bool = False,
    ) -> Bridge:
        """A new bridge without rooms."""
        bridge = Bridge(
            name=name,
            code=code,
            code_until=code_until,
            made_by=by,
            made_at=now,
            configured=configured,
        )
        self.session.add(bridge)
        await self.session.flush()
        return bridge

    async def join(self, bridge: Bridge, room: str, now: datetime, by: str | None) -> bool:
        """Put the room into the bridge; False if it was there."""
        assert bridge.id is not None
        if await self.session.get(BridgeRoom, (bridge.id, room)) is not None:
            return False
        self.session.add(BridgeRoom(bridge_id=bridge.id, room=room, joined_at=now, joined_by=by))
        await self.session.flush()
        return True

    async def leave(self, bridge: Bridge, room: str) -> bool:
        """Take the room out; False if it was not there."""
        here = (col(BridgeRoom.bridge_id) == bridge.id, col(BridgeRoom.room) == room)
        return (await self.run(delete(BridgeRoom).where(*here))).rowcount > 0

    async def remove(self, bridge: Bridge) -> None:
        """Forget a bridge and who was in it."""
        await self.run(delete(BridgeRoom).where(col(BridgeRoom.bridge_id) == bridge.id))
        await self.session.delete(bridge)
        await self.session.flush()
