"""Briefings, when they are due, and who has taken note of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from storage.queries.base import Queries
from storage.tables import (
    Briefing,
    BriefingReceipt,
    BriefingSchedule,
    Person,
    Resource,
    SitrepFigure,
)


@dataclass(frozen=True, slots=True)
class Units:
    """How many units of a kind have a status."""

    kind: str
    status: str
    n: int


@dataclass(slots=True)
class Tally:
    """What is read of a stored figure: see `SitrepFigure`."""

    agency: str
    code: str
    value: int
    at: datetime
    sitrep_id: int | None
    settled: bool


class Briefings(Queries):
    """What was told at the times that people set."""

    async def plan(self, **values: Any) -> BriefingSchedule:
        """A new schedule; see `BriefingSchedule` for the values."""
        made = BriefingSchedule(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def schedule(self, incident_id: int, number: int) -> BriefingSchedule | None:
        """The schedule of that number, as it is now; nobody else changes it before this
        transaction ends."""
        if number >= 2**31:
            return None
        return await self._schedule(
            BriefingSchedule.incident_id == incident_id, BriefingSchedule.number == number
        )

    async def schedule_by_id(self, schedule_id: int) -> BriefingSchedule | None:
        """The schedule by its row, as `schedule`."""
        return await self._schedule(BriefingSchedule.id == schedule_id)

    async def seen(self, schedule_id: int) -> BriefingSchedule | None:
        """The schedule by its row as it is now, which others may change: who wants to hold it
        holds its incident first."""
        found = select(BriefingSchedule).where(BriefingSchedule.id == schedule_id)
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def _schedule(self, *which: Any) -> BriefingSchedule | None:
        found = select(BriefingSchedule).where(*which).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def schedules(
        self, incident_id: int, *, running: bool = False
    ) -> Sequence[BriefingSchedule]:
        """The schedules of an incident, by number."""
        found = select(BriefingSchedule).where(BriefingSchedule.incident_id == incident_id)
        if running:
            found = found.where(BriefingSchedule.state == "running")
        return (await self.session.exec(found.order_by(col(BriefingSchedule.number)))).all()

    async def add(self, **values: Any) -> Briefing:
        """A new briefing; see `Briefing` for the values."""
        made = Briefing(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, incident_id: int, number: int) -> Briefing | None:
        """`B` of that number."""
        if number >= 2**31:
            return None
        found = select(Briefing).where(
            Briefing.incident_id == incident_id, Briefing.number == number
        )
        return (await self.session.exec(found)).one_or_none()

    async def by_id(self, briefing_id: int) -> Briefing | None:
        """The briefing by its row."""
        return await self.session.get(Briefing, briefing_id)

    async def of(self, schedule_id: int, due_at: datetime) -> Briefing | None:
        """The briefing of a schedule for that moment."""
        found = select(Briefing).where(
            Briefing.schedule_id == schedule_id, Briefing.due_at == due_at
        )
        return (await self.session.exec(found)).one_or_none()

    async def latest(
        self, incident_id: int, *, schedule_id: int | None = None, limit: int = 1
    ) -> Sequence[Briefing]:
        """The last briefings of an incident, or of one of its schedules, newest first."""
        found = select(Briefing).where(Briefing.incident_id == incident_id)
        if schedule_id is not None:
            found = found.where(Briefing.schedule_id == schedule_id)
        newest = found.order_by(col(Briefing.number).desc()).limit(limit)
        return (await self.session.exec(newest)).all()

    async def note(
        self, briefing_id: int, person_id: int, *, name: str, agency: str | None, now: datetime
    ) -> bool:
        """Somebody has taken note; False if they had before."""
        insert = self.insert(BriefingReceipt).values(
            briefing_id=briefing_id, person_id=person_id, name=name, agency=agency, at=now
        )
        keys = ["briefing_id", "person_id"]
        return (await self.run(insert.on_conflict_do_nothing(index_elements=keys))).rowcount == 1

    async def receipts(self, briefing_id: int) -> Sequence[BriefingReceipt]:
        """Who has taken note, the first first."""
        found = select(BriefingReceipt).where(BriefingReceipt.briefing_id == briefing_id)
        ordered = found.order_by(col(BriefingReceipt.at), col(BriefingReceipt.person_id))
        return (await self.session.exec(ordered)).all()

    async def names(self, people: Iterable[int]) -> dict[int, str]:
        """What people are called, by their ids."""
        found = select(Person.id, Person.name).where(col(Person.id).in_(sorted(people)))
        return {key: name for key, name in (await self.session.exec(found)).all() if key}

    async def units(self, incident_id: int) -> list[Units]:
        """How many units there are of each kind and status."""
        counted = (
            select(Resource.kind, Resource.status, func.count())
            .where(Resource.incident_id == incident_id)
            .group_by(Resource.kind, Resource.status)
            .order_by(Resource.kind, Resource.status)
        )
        return [Units(*row) for row in (await self.session.exec(counted)).all()]

    async def figures(self, incident_id: int) -> list[Tally]:
        """All figures of an incident, oldest first, without more than is counted."""
        found = (
            select(*(col(getattr(SitrepFigure, name)) for name in Tally.__slots__))
            .where(SitrepFigure.incident_id == incident_id)
            .order_by(col(SitrepFigure.id))
        )
        rows: Sequence[Sequence[Any]] = (await self.run(found)).all()
        return [Tally(*row) for row in rows]

    async def save(self, row: Briefing | BriefingSchedule) -> None:
        """Write a changed row down."""
        self.session.add(row)
        await self.session.flush()
