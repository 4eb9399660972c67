"""Roles on their way to another person, and who commands together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Agency, Handover, UnifiedMember


class Handovers(Queries):
    """Offers of roles, and the agencies of a unified command."""

    async def add(self, **values: Any) -> Handover:
        """A role is offered; see `Handover` for the values."""
        made = Handover(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, handover_id: int) -> Handover | None:
        """The offer as it is now; nobody else changes it before this transaction ends."""
        found = select(Handover).where(Handover.id == handover_id).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def offered(self, incident_id: int) -> Sequence[Handover]:
        """Offers that wait for an answer, oldest first."""
        found = select(Handover).where(
            Handover.incident_id == incident_id, Handover.state == "offered"
        )
        return (await self.session.exec(found.order_by(col(Handover.id)))).all()

    async def unified(self, incident_id: int) -> Sequence[tuple[UnifiedMember, Agency]]:
        """The agencies that command together now, in the order in which they joined."""
        found = (
            select(UnifiedMember, Agency)
            .join(Agency, col(Agency.id) == col(UnifiedMember.agency_id))
            .where(UnifiedMember.incident_id == incident_id)
            .where(col(UnifiedMember.left_at).is_(None))
        )
        return (await self.session.exec(found.order_by(col(UnifiedMember.id)))).all()
