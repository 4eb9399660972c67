"""Calls to be made: written with what caused them, made in order, settled once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, update
from sqlmodel import col, or_, select

from storage.queries.base import Queries
from storage.tables import OutboxRow

OPEN = ("queued", "sending")


class Outbox(Queries):
    """Rows of one room are one lane: by priority, then in the order they were written."""

    async def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Queue calls; each needs room, priority, action, payload, txn and made_at."""
        if rows:
            keys = {key for row in rows for key in row}
            blank: dict[str, Any] = dict.fromkeys(keys)
            blank.update({"state": "queued", "attempts": 0, "part": 0})
            await self.run(insert(OutboxRow).values([{**blank, **row} for row in rows]))

    async def open_rooms(self) -> Sequence[str]:
        """Rooms with unfinished calls."""
        found = select(OutboxRow.room).where(col(OutboxRow.state).in_(OPEN)).distinct()
        return (await self.session.exec(found)).all()

    async def next(self, room: str, limit: int, *, but: Sequence[int] = ()) -> Sequence[OutboxRow]:
        """The head of the lane, leaving out the rows `but`."""
        found = select(OutboxRow).where(OutboxRow.room == room, col(OutboxRow.state).in_(OPEN))
        if but:
            found = found.where(col(OutboxRow.id).not_in(but))
        ordered = found.order_by(col(OutboxRow.priority), col(OutboxRow.id)).limit(limit)
        return (await self.session.exec(ordered)).all()

    async def get(self, row_id: int) -> OutboxRow | None:
        """One call."""
        return await self.session.get(OutboxRow, row_id)

    async def mark(self, row_id: int, **values: Any) -> None:
        """Change columns of a call."""
        await self.run(update(OutboxRow).where(col(OutboxRow.id) == row_id).values(**values))

    async def of_message(self, message_id: int) -> Sequence[OutboxRow]:
        """Every call that the message caused, in order."""
        found = select(OutboxRow).where(OutboxRow.message_id == message_id)
        return (await self.session.exec(found.order_by(col(OutboxRow.id)))).all()

    async def dead(
        self, origin_rooms: Sequence[str] | None = None, limit: int = 50
    ) -> Sequence[OutboxRow]:
        """Calls that were given up, oldest first; of messages from, or for, these rooms."""
        found = select(OutboxRow).where(OutboxRow.state == "dead")
        if origin_rooms is not None:
            found = found.where(
                col(OutboxRow.origin_room).in_(origin_rooms) | col(OutboxRow.room).in_(origin_rooms)
            )
        return (await self.session.exec(found.order_by(col(OutboxRow.id)).limit(limit))).all()

    async def count_dead(self) -> int:
        """How many calls stand given up."""
        found = select(func.count()).select_from(OutboxRow).where(OutboxRow.state == "dead")
        return (await self.session.exec(found)).one()

    async def revive(self, rows: Sequence[int]) -> None:
        """Queue given-up calls again, at the end of what they waited behind."""
        await self.run(
            update(OutboxRow)
            .where(col(OutboxRow.id).in_(rows), col(OutboxRow.state) == "dead")
            .values(state="queued", attempts=0, not_before=None, error=None)
        )

    async def give_up(self, rows: Sequence[int]) -> None:
        """Drop given-up calls for good."""
        await self.run(
            update(OutboxRow)
            .where(col(OutboxRow.id).in_(rows), col(OutboxRow.state) == "dead")
            .values(state="dropped")
        )

    async def sent_since(self, room: str, since: datetime) -> Sequence[datetime]:
        """When calls to the room and its topics succeeded, for the windows of a quota."""
        topics = col(OutboxRow.room).startswith(room + "/", autoescape=True)
        found = select(OutboxRow.sent_at).where(
            or_(OutboxRow.room == room, topics),
            col(OutboxRow.sent_at) > since,
            OutboxRow.action != "delete",
        )
        times = (await self.session.exec(found.order_by(col(OutboxRow.sent_at)))).all()
        return [time for time in times if time is not None]
