"""Things to do at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, delete, select as core_select
from sqlmodel import col, select

from storage.prepared import Prepared
from storage.queries.base import Queries, built, table
from storage.tables import Timer

_TIMER = table(Timer)
_DUE = Prepared(
    lambda _dialect: (
        core_select(_TIMER)
        .where(_TIMER.c.due_at <= bindparam("now"))
        .order_by(_TIMER.c.due_at, _TIMER.c.id)
        .limit(bindparam("most", type_=Integer))
    )
)
_TAKE = Prepared(
    lambda _dialect: (
        delete(_TIMER)
        .where(_TIMER.c.id == bindparam("number"), _TIMER.c.due_at <= bindparam("now"))
        .returning(*_TIMER.c)
    )
)


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

    async def take(self, timer: Timer, now: datetime) -> Timer | None:
        """Remove a due timer that is to ring; what it is by now, None if it was dropped or moved
        meanwhile."""
        found = await self.hot(_TAKE, {"number": timer.id, "now": now})
        return _read(found[0]) if found else None

    async def due(self, now: datetime, limit: int = 100) -> Sequence[Timer]:
        """Copies of the timers whose moment has come, oldest first; for everybody in the same
        order, so that two processes wait for each other and never in a circle."""
        await self.settle()
        found = await self.hot(_DUE, {"now": now, "most": limit})
        return [_read(row) for row in found]

    async def next(self) -> datetime | None:
        """When the next timer is due."""
        found = select(Timer.due_at).order_by(col(Timer.due_at)).limit(1)
        return (await self.session.exec(found)).first()


def _read(row: Sequence[Any]) -> Timer:
    """A copy that the session does not hold."""
    return built(Timer, dict(zip(_TIMER.columns.keys(), row, strict=True)))
