"""People who come, go and take other names, till the linked rooms are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, or_, select

from storage.queries.base import Queries
from storage.tables import BridgeRoom, Passage


class Passages(Queries):
    """One row for each of them and room: how they stood, and how they stand now."""

    async def get(self, room: str, account: str) -> Passage | None:
        """What is known of somebody in a room."""
        return await self.session.get(Passage, (room, account))

    async def add(self, passage: Passage) -> None:
        """Somebody of whom nothing was known there."""
        self.session.add(passage)
        await self.session.flush()

    async def of_room(self, room: str) -> Sequence[Passage]:
        """All of a room, in the order in which they changed."""
        found = select(Passage).where(Passage.room == room)
        return (await self.session.exec(found.order_by(col(Passage.at), Passage.account))).all()

    async def forget(self, room: str, before: datetime) -> None:
        """Those of the room who stand as they were told of, and have not changed since then."""
        await self.session.flush()
        same = or_(col(Passage.is_in).is_(False), Passage.was_name == Passage.is_name)
        await self.run(
            delete(Passage).where(
                col(Passage.room) == room,
                col(Passage.at) < before,
                col(Passage.was_in) == Passage.is_in,
                same,
            )
        )

    async def bridged(self, room: str) -> list[str]:
        """The room and its topics, as far as they are in bridges."""
        within = col(BridgeRoom.room).startswith(room + "/", autoescape=True)
        found = select(BridgeRoom.room).where(or_(BridgeRoom.room == room, within)).distinct()
        return sorted((await self.session.exec(found)).all())
