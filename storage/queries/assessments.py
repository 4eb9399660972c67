"""Initial assessments."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Assessment


class Assessments(Queries):
    """Answers, what was proposed from them, and who confirmed that."""

    async def add(self, **values: Any) -> Assessment:
        """A new assessment; see `Assessment` for the values."""
        made = Assessment(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, assessment_id: int) -> Assessment | None:
        """The assessment as it is now; nobody else changes it before this transaction ends."""
        found = select(Assessment).where(Assessment.id == assessment_id).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def latest(self, incident_id: int) -> Assessment | None:
        """The newest of an incident."""
        found = select(Assessment).where(Assessment.incident_id == incident_id)
        ordered = found.order_by(col(Assessment.id).desc()).limit(1)
        return (await self.session.exec(ordered)).first()

    async def save(self, assessment: Assessment) -> None:
        """Write a changed assessment down."""
        self.session.add(assessment)
        await self.session.flush()
