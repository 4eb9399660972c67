"""Action plans and blank forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import BlankForm, Plan


class Plans(Queries):
    """Versions of an incident's action plan, and forms that are filled in by hand."""

    async def add(self, **values: Any) -> Plan:
        """A new version; see `Plan` for the values."""
        made = Plan(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, incident_id: int, number: int) -> Plan | None:
        """`V` of that number, as it is now; nobody else changes it before this transaction ends."""
        if number >= 2**31:
            return None
        found = select(Plan).where(Plan.incident_id == incident_id, Plan.number == number)
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def latest(self, incident_id: int, *states: str) -> Plan | None:
        """The newest version, of those in these states if any are given."""
        found = select(Plan).where(Plan.incident_id == incident_id)
        if states:
            found = found.where(col(Plan.state).in_(states))
        return (
            await self.session.exec(found.order_by(col(Plan.number).desc()).limit(1))
        ).one_or_none()

    async def all(self, incident_id: int, *states: str) -> Sequence[Plan]:
        """The versions of an incident's plan, by number."""
        found = select(Plan).where(Plan.incident_id == incident_id)
        if states:
            found = found.where(col(Plan.state).in_(states))
        return (await self.session.exec(found.order_by(col(Plan.number)))).all()

    async def give_out(self, **values: Any) -> BlankForm:
        """A blank form with its serial; see `BlankForm` for the values."""
        made = BlankForm(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def blank(self, serial: str) -> BlankForm | None:
        """The blank form with that serial; nobody else enters it before this transaction ends."""
        found = select(BlankForm).where(BlankForm.serial == serial).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def blanks(self, incident_id: int) -> Sequence[BlankForm]:
        """The blank forms that were given out for an incident, by time and serial."""
        found = select(BlankForm).where(BlankForm.incident_id == incident_id)
        ordered = found.order_by(col(BlankForm.made_at), BlankForm.serial)
        return (await self.session.exec(ordered)).all()

    async def save(self, row: Plan | BlankForm) -> None:
        """Write a changed row down."""
        self.session.add(row)
        await self.session.flush()
