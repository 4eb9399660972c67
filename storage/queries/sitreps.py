"""Situation reports, figures, duties and clocks of an incident."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Row, Sitrep, SitrepClock, SitrepDuty, SitrepFigure

_R = TypeVar("_R", bound=Row)


class Sitreps(Queries):
    """What was reported, what each agency counts, and who owes a report."""

    async def add(self, **values: Any) -> Sitrep:
        """A new report; see `Sitrep` for the values."""
        return await self._made(Sitrep(**values))

    async def get(self, incident_id: int, number: int) -> Sitrep | None:
        """`S` of that number."""
        if number >= 2**31:
            return None
        found = select(Sitrep).where(Sitrep.incident_id == incident_id, Sitrep.number == number)
        return (await self.session.exec(found)).one_or_none()

    async def all(
        self, incident_id: int, *, kinds: Sequence[str] = (), line: str | None = None
    ) -> Sequence[Sitrep]:
        """The reports of an incident, by number; those of some kinds, of a line."""
        found = select(Sitrep).where(Sitrep.incident_id == incident_id)
        if kinds:
            found = found.where(col(Sitrep.kind).in_(kinds))
        if line is not None:
            found = found.where(Sitrep.line == line)
        return (await self.session.exec(found.order_by(col(Sitrep.number)))).all()

    async def latest(
        self,
        incident_id: int,
        *,
        kinds: Sequence[str] = (),
        line: str | None = None,
        agency: str | None = None,
        before: int | None = None,
    ) -> Sitrep | None:
        """The newest report; of some kinds, of a line, by an agency, with a smaller number than
        `before`."""
        found = select(Sitrep).where(Sitrep.incident_id == incident_id)
        if kinds:
            found = found.where(col(Sitrep.kind).in_(kinds))
        if line is not None:
            found = found.where(Sitrep.line == line)
        if agency is not None:
            found = found.where(Sitrep.agency == agency)
        if before is not None:
            found = found.where(col(Sitrep.number) < before)
        return (await self.session.exec(found.order_by(col(Sitrep.number).desc()).limit(1))).first()

    async def count(self, **values: Any) -> SitrepFigure:
        """A new figure; see `SitrepFigure` for the values."""
        return await self._made(SitrepFigure(**values))

    async def figures(self, incident_id: int) -> Sequence[SitrepFigure]:
        """All figures of an incident, oldest first: what was counted before is kept."""
        found = select(SitrepFigure).where(SitrepFigure.incident_id == incident_id)
        return (await self.session.exec(found.order_by(col(SitrepFigure.id)))).all()

    async def start_clock(self, **values: Any) -> SitrepClock:
        """A clock that runs; see `SitrepClock` for the values."""
        return await self._made(SitrepClock(**values))

    async def clock(self, clock_id: int) -> SitrepClock | None:
        """The clock with that key."""
        return await self.session.get(SitrepClock, clock_id)

    async def clocks(self, incident_id: int, *, running: bool = True) -> Sequence[SitrepClock]:
        """The clocks of an incident."""
        found = select(SitrepClock).where(SitrepClock.incident_id == incident_id)
        if running:
            found = found.where(col(SitrepClock.ended_at).is_(None))
        return (await self.session.exec(found.order_by(col(SitrepClock.id)))).all()

    async def owe(self, **values: Any) -> SitrepDuty:
        """A report is owed; see `SitrepDuty` for the values."""
        return await self._made(SitrepDuty(**values))

    async def duty(self, duty_id: int) -> SitrepDuty | None:
        """What is owed, as it is now; nobody else changes it before this transaction ends."""
        if duty_id >= 2**63:
            return None
        found = select(SitrepDuty).where(SitrepDuty.id == duty_id).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def duties(self, incident_id: int, *, open_only: bool = True) -> Sequence[SitrepDuty]:
        """What is owed in an incident, what is due first first."""
        found = select(SitrepDuty).where(SitrepDuty.incident_id == incident_id)
        if open_only:
            found = found.where(SitrepDuty.state == "open")
        ordered = found.order_by(col(SitrepDuty.due_at), col(SitrepDuty.id))
        return (await self.session.exec(ordered)).all()

    async def save(self, *rows: Row) -> None:
        """Write changed rows down."""
        self.session.add_all(rows)
        await self.session.flush()

    async def _made(self, row: _R) -> _R:
        self.session.add(row)
        await self.session.flush()
        return row
