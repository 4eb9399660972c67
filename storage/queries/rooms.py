"""Rooms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, inspect, update
from sqlmodel import col, or_, select

from storage.queries.base import Queries
from storage.queries.incidents import Incidents
from storage.tables import (
    BridgeRoom,
    Copy,
    FormRow,
    LinkCode,
    MovedRoom,
    OutboxRow,
    ReactionRow,
    Room,
)

_MANY = select(Room).where(col(Room.id).in_(bindparam("ids", expanding=True)))


class Rooms(Queries):
    """Places where people talk."""

    async def get(self, room: str) -> Room | None:
        """The room, if it was ever seen."""
        return await self.by_key(Room, room)

    async def many(self, rooms: Sequence[str]) -> dict[str, Room]:
        """Those of `rooms` that are known, by id."""
        session = self.session
        at_hand = {
            room: known
            for room in rooms
            if (known := session.identity_map.get(session.identity_key(Room, room))) is not None
            and not inspect(known).expired
        }
        if len(at_hand) == len(set(rooms)):
            return at_hand
        found = await session.exec(_MANY, params={"ids": list(rooms)})
        return {room.id: room for room in found}

    async def see(
        self, room: str, now: datetime, *, title: str, private: bool, language: str
    ) -> Room:
        """The room; made with `language` if new; its title follows the network's."""
        known = await self.get(room)
        if known is None:
            values = {
                "id": room,
                "title": title,
                "private": private,
                "language": language,
                "language_set": False,
                "seen_at": now,
            }
            await self.insert_new(Room, values, on="id")
            known = await self.get(room)
            assert known is not None
        if title and known.title != title:
            known.title = title
        return known

    async def configure(
        self, room: str, now: datetime, *, language: str, agency: str | None
    ) -> Room:
        """The room as the configuration wants it; a language chosen in the chat stays."""
        known = await self.see(room, now, title="", private=False, language=language)
        if not known.language_set:
            known.language = language
        known.agency = agency
        return known

    async def lost(self) -> Sequence[Room]:
        """Rooms in which we cannot write any more."""
        return (await self.session.exec(select(Room).where(col(Room.lost).is_not(None)))).all()

    async def regained(self, room: str) -> None:
        """We can write in the room again, and in its topics."""
        whole_or_topic = or_(Room.id == room, col(Room.id).startswith(room + "/", autoescape=True))
        for each in (await self.session.exec(select(Room).where(whole_or_topic))).all():
            each.lost = each.closed_at = None

    async def halted(self, after: datetime) -> dict[str, datetime]:
        """Rooms that a network has told to wait, until when."""
        found = select(Room.id, Room.halted_until).where(col(Room.halted_until) > after)
        return {room: until for room, until in await self.session.exec(found) if until}

    async def resolve(self, room: str) -> str:
        """The room's id today: the same, or where it has moved to, its topic kept."""
        whole, slash, topic = room.partition("/")
        while (moved := await self.session.get(MovedRoom, whole)) is not None:
            whole = moved.now
        return f"{whole}{slash}{topic}"

    async def rekey(self, old: str, new: str) -> None:
        """Everything known of `old`, topics and queued rows included, now belongs to `new`.

        Message ids of the old room mean nothing in the new one and keep the old key. Repeating
        it changes nothing.
        """
        if old == new:
            return
        insert = self.insert(MovedRoom).values(id=old, now=new)
        await self.run(insert.on_conflict_do_update(index_elements=["id"], set_={"now": new}))
        await self.run(delete(MovedRoom).where(col(MovedRoom.id) == new))
        rooms = await self.session.exec(
            select(Room).where(
                or_(Room.id == old, col(Room.id).startswith(old + "/", autoescape=True))
            )
        )
        for room in rooms.all():
            await self._rekey_one(room, new + room.id[len(old) :])

    async def _rekey_one(self, room: Room, new: str) -> None:
        old = room.id
        if await self.get(new) is None:
            # Whether the new room is encrypted, its network will say.
            unknown = {"id", "lost", "halted_until", "encrypted"}
            copied: dict[str, Any] = room.model_dump(exclude=unknown)
            self.session.add(Room(id=new, **copied))
            await self.session.flush()
        taken = select(BridgeRoom.bridge_id).where(BridgeRoom.room == new)
        moved = update(BridgeRoom).where(
            col(BridgeRoom.room) == old, col(BridgeRoom.bridge_id).not_in(taken)
        )
        await self.run(moved.values(room=new))
        await self.run(delete(BridgeRoom).where(col(BridgeRoom.room) == old))
        unfinished = col(OutboxRow.state).in_(("queued", "sending", "dead"))
        await self.run(
            update(OutboxRow).where(col(OutboxRow.room) == old, unfinished).values(room=new)
        )
        await self.run(
            update(OutboxRow).where(col(OutboxRow.origin_room) == old).values(origin_room=new)
        )
        await self.run(
            update(Copy).where(col(Copy.room) == old, col(Copy.remote).is_(None)).values(room=new)
        )
        await self.run(update(ReactionRow).where(col(ReactionRow.room) == old).values(room=new))
        await Incidents(self.session).rekey(old, new)
        asked = select(FormRow.account).where(FormRow.room == new)
        await self.run(
            delete(FormRow).where(col(FormRow.room) == old, col(FormRow.account).in_(asked))
        )
        await self.run(update(FormRow).where(col(FormRow.room) == old).values(room=new))
        await self.run(update(LinkCode).where(col(LinkCode.room) == old).values(room=new))
        await self.session.delete(room)
        await self.session.flush()
