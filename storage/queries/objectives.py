"""What is to be reached in an incident."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Objective, ObjectiveChange


class Objectives(Queries):
    """Objectives and every change of them."""

    async def add(self, **values: Any) -> Objective:
        """A new objective; see `Objective` for the values."""
        made = Objective(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, incident_id: int, number: int) -> Objective | None:
        """`O` of that number, as it is now; nobody else changes it before this transaction ends."""
        if number >= 2**31:
            return None
        found = select(Objective).where(
            Objective.incident_id == incident_id, Objective.number == number
        )
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def all(self, incident_id: int, *, open_only: bool = False) -> Sequence[Objective]:
        """The objectives of an incident, by number."""
        found = select(Objective).where(Objective.incident_id == incident_id)
        if open_only:
            found = found.where(Objective.state == "open")
        return (await self.session.exec(found.order_by(col(Objective.number)))).all()

    async def changed(
        self,
        objective: Objective,
        now: datetime,
        person_id: int | None,
        before: dict[str, Any],
        after: dict[str, Any],
        note: str | None = None,
    ) -> None:
        """Write the objective down as it is now, and what it was."""
        self.session.add(objective)
        assert objective.id is not None
        self.session.add(
            ObjectiveChange(
                objective_id=objective.id,
                at=now,
                person_id=person_id,
                before=before,
                after=after,
                note=note,
            )
        )
        await self.session.flush()

    async def history(self, objective_id: int) -> Sequence[ObjectiveChange]:
        """The changes of an objective, oldest first."""
        found = select(ObjectiveChange).where(ObjectiveChange.objective_id == objective_id)
        return (await self.session.exec(found.order_by(col(ObjectiveChange.id)))).all()
