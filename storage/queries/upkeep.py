"""What an operator asks of the whole installation, and what is cleared away with time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from storage.queries.base import Queries
from storage.queries.outbox import OPEN
from storage.queries.reactions import Reactions
from storage.tables import ButtonRow, Copy, InboxEntry, Message, OutboxRow, Setting, WebEvent

PROBE = "operation.probe"
"""The value that is written to see whether the database takes a commit."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one room at one priority."""

    room: str
    priority: int
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One small part of clearing a table: how far it came and what it removed."""

    after: int
    """Rows up to this id have been looked at."""
    removed: int
    finished: bool
    """Whether only newer rows are left."""


class Upkeep(Queries):
    """Ids grow with time in each of these tables, so that clearing walks along the key."""

    async def probe(self, now: datetime) -> None:
        """Write something small, so that the commit of it shows that commits are possible."""
        insert = self.insert(Setting).values(name=PROBE, value=now.isoformat())
        await self.run(
            insert.on_conflict_do_update(index_elements=["name"], set_={"value": now.isoformat()})
        )

    async def waiting(self) -> Sequence[Waiting]:
        """Unfinished calls by room and priority."""
        found = (
            select(OutboxRow.room, OutboxRow.priority, func.count(), func.min(OutboxRow.made_at))
            .where(col(OutboxRow.state).in_(OPEN))
            .group_by(OutboxRow.room, col(OutboxRow.priority))
        )
        return [Waiting(*row) for row in (await self.session.exec(found)).all()]

    async def dead(self) -> Sequence[tuple[str, int]]:
        """How many calls of each room stand given up."""
        found = select(OutboxRow.room, func.count()).where(OutboxRow.state == "dead")
        rows = (await self.session.exec(found.group_by(OutboxRow.room))).all()
        return [(room, count) for room, count in rows]

    async def failures(self, after: int) -> tuple[int, int]:
        """Updates behind row `after` that could not be dealt with, and the newest row there is."""
        newest = (await self.session.exec(select(func.max(InboxEntry.id)))).one() or after
        here = (col(InboxEntry.id) > after, col(InboxEntry.error).is_not(None))
        count = await self.session.exec(select(func.count()).select_from(InboxEntry).where(*here))
        return count.one(), newest

    async def sent_between(
        self, begin: datetime, end: datetime, limit: int = 10_000
    ) -> Sequence[tuple[str, timedelta]]:
        """Room and age of what was sent from `begin` to before `end`, since it was received."""
        found = (
            select(OutboxRow.room, OutboxRow.received_at, OutboxRow.made_at, OutboxRow.sent_at)
            .where(col(OutboxRow.sent_at) >= begin, col(OutboxRow.sent_at) < end)
            .limit(limit)
        )
        rows = (await self.session.exec(found)).all()
        return [(room, sent - (got or made)) for room, got, made, sent in rows if sent is not None]

    async def clear_messages(self, before: datetime, after: int, limit: int) -> Step:
        """Forget messages taken before then, with their places and buttons; what is still to be
        sent, and its message, stays."""
        rows = await self._oldest(Message.id, Message.taken_at, after, limit)
        old = [row_id for row_id, at in rows if at < before]
        kept = select(OutboxRow.message_id).where(
            col(OutboxRow.message_id).in_(old), col(OutboxRow.state).in_(OPEN)
        )
        open_ids = set((await self.session.exec(kept)).all())
        gone = [row_id for row_id in old if row_id not in open_ids]
        if gone:
            await self.run(delete(Copy).where(col(Copy.message_id).in_(gone)))
            await self.run(delete(ButtonRow).where(col(ButtonRow.message_id).in_(gone)))
            await Reactions(self.session).forget(gone)
            await self.run(delete(Message).where(col(Message.id).in_(gone)))
        return _step(rows, old, len(gone), after, limit)

    async def clear_outbox(self, before: datetime, after: int, limit: int) -> Step:
        """Forget calls made before then that are settled or given up."""
        rows = await self._oldest(OutboxRow.id, OutboxRow.made_at, after, limit)
        old = [row_id for row_id, at in rows if at < before]
        here = (col(OutboxRow.id).in_(old), col(OutboxRow.state).not_in(OPEN))
        removed = (await self.run(delete(OutboxRow).where(*here))).rowcount if old else 0
        return _step(rows, old, removed, after, limit)

    async def clear_web(self, before: datetime, after: int, limit: int) -> Step:
        """Forget what web rooms have shown since before then."""
        rows = await self._oldest(WebEvent.id, WebEvent.at, after, limit)
        old = [row_id for row_id, at in rows if at < before]
        if old:
            await self.run(delete(WebEvent).where(col(WebEvent.id).in_(old)))
        return _step(rows, old, len(old), after, limit)

    async def clear_failed(self, before: datetime, after: int, limit: int) -> Step:
        """Forget what updates held that could not be dealt with; that there were any stays."""
        rows = await self._oldest(InboxEntry.id, InboxEntry.taken_at, after, limit)
        old = [row_id for row_id, at in rows if at < before]
        here = (col(InboxEntry.id).in_(old), col(InboxEntry.payload).is_not(None))
        emptied = update(InboxEntry).where(*here).values(payload=None)
        removed = (await self.run(emptied)).rowcount if old else 0
        return _step(rows, old, removed, after, limit)

    async def clear_inbox(self, before: datetime, after: int, limit: int) -> Step:
        """Forget that updates were taken before then."""
        rows = await self._oldest(InboxEntry.id, InboxEntry.taken_at, after, limit)
        old = [row_id for row_id, at in rows if at < before]
        if old:
            await self.run(delete(InboxEntry).where(col(InboxEntry.id).in_(old)))
        return _step(rows, old, len(old), after, limit)

    async def open_payloads(self, before: datetime) -> Sequence[dict[str, Any]]:
        """What is still to be sent although it was written before then."""
        found = select(OutboxRow.payload).where(
            col(OutboxRow.state).in_((*OPEN, "dead")), col(OutboxRow.made_at) < before
        )
        return [dict(payload) for payload in (await self.session.exec(found)).all()]

    async def _oldest(
        self, key: int | None, moment: datetime, after: int, limit: int
    ) -> Sequence[tuple[int, datetime]]:
        found = select(key, moment).where(col(key) > after).order_by(col(key)).limit(limit)
        rows = (await self.session.exec(found)).all()
        return [(row_id, at) for row_id, at in rows if row_id is not None]


def _step(
    rows: Sequence[tuple[int, datetime]], old: Sequence[int], removed: int, after: int, limit: int
) -> Step:
    finished = len(old) < len(rows) or len(rows) < limit
    return Step(max(old, default=after), removed, finished)
