"""Things to do at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Timer


class Timers(Queries):
    """A timer is unique by kind and subject: setting it again moves it."""

    async def set(
        self, kind: str, subject: str, due_at: datetime, data: dict[str, Any] | None = None
    ) -> None:
        """Be woken at `due_at`."""
        values = {"kind": kind, "subject": subject, "due_at": due_at, "data": data or {}}
        statement = self.insert(Timer).values(**values)
        await self.run(
            statement.on_conflict_do_update(
                index_elements=["kind", "subject"], set_={"due_at": due_at, "data": data or {}}
            )
        )

    async def drop(self, kind: str, subject: str) -> bool:
        """No longer; False if there was none."""
        here = (col(Timer.kind) == kind, col(Timer.subject) == subject)
        return (await self.run(delete(Timer).where(*here))).rowcount > 0

    async def get(self, kind: str, subject: str) -> Timer | None:
        """The timer, if it is set."""
        here = (col(Timer.kind) == kind, col(Timer.subject) == subject)
        return (await self.session.exec(select(Timer).where(*here))).one_or_none()

    async def take(self, timer: Timer, now: datetime) -> bool:
        """Remove a due timer that is to ring; False if it was dropped or moved meanwhile."""
        here = (col(Timer.id) == timer.id, col(Timer.due_at) <= now)
        return (await self.run(delete(Timer).where(*here))).rowcount == 1

    async def due(self, now: datetime, limit: int = 100) -> Sequence[Timer]:
        """Timers whose moment has come, oldest first; for everybody in the same order, so that two
        processes wait for each other and never in a circle."""
        found = select(Timer).where(col(Timer.due_at) <= now)
        found = found.order_by(col(Timer.due_at), col(Timer.id))
        return (await self.session.exec(found.limit(limit))).all()

    async def next(self) -> datetime | None:
        """When the next timer is due."""
        found = select(Timer.due_at).order_by(col(Timer.due_at)).limit(1)
        return (await self.session.exec(found)).first()
