"""Encrypted events whose keys have not come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import UnreadEvent

KEPT = timedelta(days=30)
"""A key that has not come by then is waited for no more."""


class Unread(Queries):
    """They wait across restarts."""

    async def keep(self, events: Sequence[tuple[str, str, str]], now: datetime) -> None:
        """Wait for the keys of these: the event's id, its room, and the event as it came."""
        await self.run(delete(UnreadEvent).where(col(UnreadEvent.at) < now - KEPT))
        for event_id, room, body in events:
            values = {"id": event_id, "room": room, "body": body, "at": now}
            await self.insert_new(UnreadEvent, values, on="id")

    async def latest(self, limit: int) -> Sequence[UnreadEvent]:
        """Those that wait, the oldest first, the newest `limit` of them."""
        found = select(UnreadEvent).order_by(col(UnreadEvent.at).desc(), col(UnreadEvent.id))
        return tuple(reversed((await self.session.exec(found.limit(limit))).all()))

    async def forget(self, events: Sequence[str]) -> None:
        """The keys of these have come."""
        await self.run(delete(UnreadEvent).where(col(UnreadEvent.id).in_(list(events))))
