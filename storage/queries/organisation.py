"""Positions of an incident and who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, or_, select

from storage.queries.base import Queries
from storage.tables import OrgUnit, Person, Position


class Organisation(Queries):
    """Who holds what, from when until when."""

    async def assign(
        self,
        incident_id: int,
        role: str,
        person_id: int,
        since: datetime,
        *,
        agency: str = "",
        label: str = "",
        deputy: bool = False,
        by: int | None = None,
    ) -> Position:
        """Somebody holds a role from that moment on."""
        made = Position(
            incident_id=incident_id,
            role=role,
            label=label,
            person_id=person_id,
            deputy=deputy,
            agency=agency,
            since=since,
            assigned_by=by,
        )
        self.session.add(made)
        await self.session.flush()
        return made

    async def end(self, position: Position, until: datetime, by: int | None) -> None:
        """A position is held until that moment."""
        position.until, position.ended_by = until, by
        self.session.add(position)
        await self.session.flush()

    async def held(
        self, incident_id: int, now: datetime, *, role: str | None = None
    ) -> Sequence[tuple[Position, Person]]:
        """Positions held at `now` with their holders: holders before deputies, then by age."""
        found = select(Position, Person).join(Person, col(Person.id) == col(Position.person_id))
        open_ = or_(col(Position.until).is_(None), col(Position.until) > now)
        found = found.where(Position.incident_id == incident_id, open_, col(Position.since) <= now)
        if role is not None:
            found = found.where(Position.role == role)
        ordered = found.order_by(col(Position.deputy), col(Position.since), col(Position.id))
        return (await self.session.exec(ordered)).all()

    async def of_person(
        self, incident_id: int, person_id: int, now: datetime
    ) -> Sequence[Position]:
        """The positions that a person holds at `now`, as deputy too."""
        open_ = or_(col(Position.until).is_(None), col(Position.until) > now)
        found = select(Position).where(
            Position.incident_id == incident_id,
            Position.person_id == person_id,
            open_,
            col(Position.since) <= now,
        )
        return (await self.session.exec(found.order_by(col(Position.id)))).all()

    async def get(self, position_id: int) -> Position | None:
        """The position as it is now; nobody else changes it before this transaction ends."""
        found = select(Position).where(Position.id == position_id).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def units(self, incident_id: int) -> Sequence[OrgUnit]:
        """The parts of the organisation that are set up, in the order in which that was done."""
        found = select(OrgUnit).where(
            OrgUnit.incident_id == incident_id, col(OrgUnit.closed_at).is_(None)
        )
        return (await self.session.exec(found.order_by(col(OrgUnit.id)))).all()

    async def open_unit(
        self,
        incident_id: int,
        role: str,
        label: str,
        now: datetime,
        *,
        parent_id: int | None = None,
        by: int | None = None,
    ) -> OrgUnit:
        """A part is set up."""
        made = OrgUnit(
            incident_id=incident_id,
            role=role,
            label=label,
            parent_id=parent_id,
            opened_at=now,
            opened_by=by,
        )
        self.session.add(made)
        await self.session.flush()
        return made

    async def put_under(self, unit: OrgUnit, parent_id: int | None) -> None:
        """A part stands under another from now on; None: in its usual place."""
        unit.parent_id = parent_id
        self.session.add(unit)
        await self.session.flush()

    async def close_unit(self, unit: OrgUnit, now: datetime, by: int | None) -> None:
        """A part is no more."""
        unit.closed_at, unit.closed_by = now, by
        self.session.add(unit)
        await self.session.flush()
