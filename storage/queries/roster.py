"""Who is on scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import CheckIn


class Roster(Queries):
    """People and teams that have checked in."""

    async def add(self, **values: Any) -> CheckIn:
        """Somebody checks in; see `CheckIn` for the values."""
        made = CheckIn(**{"details": {}, **values})
        self.session.add(made)
        await self.session.flush()
        return made

    async def present(self, incident_id: int, person_id: int) -> CheckIn | None:
        """That person's check-in that is not over, the newest."""
        found = select(CheckIn).where(
            CheckIn.incident_id == incident_id,
            CheckIn.person_id == person_id,
            col(CheckIn.out_at).is_(None),
        )
        return (await self.session.exec(found.order_by(col(CheckIn.id).desc()))).first()

    async def all(self, incident_id: int, *, present_only: bool = True) -> Sequence[CheckIn]:
        """Check-ins of an incident, by agency, team and time."""
        found = select(CheckIn).where(CheckIn.incident_id == incident_id)
        if present_only:
            found = found.where(col(CheckIn.out_at).is_(None))
        ordered = found.order_by(col(CheckIn.agency), col(CheckIn.team), col(CheckIn.in_at))
        return (await self.session.exec(ordered)).all()
