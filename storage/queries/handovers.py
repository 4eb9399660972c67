"""Roles on their way to another person, and who commands together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
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

    async def of_position(self, position_id: int) -> Sequence[Handover]:
        """Offers of that position that wait for an answer, oldest first."""
        found = select(Handover).where(
            Handover.position_id == position_id, Handover.state == "offered"
        )
        return (await self.session.exec(found.order_by(col(Handover.id)))).all()

    async def save(self, offer: Handover) -> None:
        """Write a changed offer down."""
        self.session.add(offer)
        await self.session.flush()

    async def join(
        self, incident_id: int, agency_id: int, now: datetime, by: int | None
    ) -> UnifiedMember:
        """An agency commands together with others from now on."""
        made = UnifiedMember(
            incident_id=incident_id, agency_id=agency_id, joined_at=now, joined_by=by
        )
        self.session.add(made)
        await self.session.flush()
        return made

    async def leave(self, member: UnifiedMember, now: datetime, by: int | None) -> None:
        """An agency commands together with others no longer."""
        member.left_at, member.left_by = now, by
        self.session.add(member)
        await self.session.flush()

    async def unified(self, incident_id: int) -> Sequence[tuple[UnifiedMember, Agency]]:
        """The agencies that command together now, in the order in which they joined."""
        found = (
            select(UnifiedMember, Agency)
            .join(Agency, col(Agency.id) == col(UnifiedMember.agency_id))
            .where(UnifiedMember.incident_id == incident_id)
            .where(col(UnifiedMember.left_at).is_(None))
        )
        return (await self.session.exec(found.order_by(col(UnifiedMember.id)))).all()
