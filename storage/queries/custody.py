"""What travels under a waybill, and who handed it to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Consignment, ConsignmentLine, CustodyStep, Row


class Custody(Queries):
    """Consignments, their lines and hand-overs."""

    async def add(self, **values: Any) -> Consignment:
        """A new consignment; see `Consignment` for the values."""
        made = Consignment(**values)
        await self.save(made)
        return made

    async def line(self, **values: Any) -> ConsignmentLine:
        """A new line; see `ConsignmentLine`."""
        made = ConsignmentLine(**values)
        await self.save(made)
        return made

    async def step(self, **values: Any) -> CustodyStep:
        """A new hand-over; see `CustodyStep`."""
        made = CustodyStep(**values)
        await self.save(made)
        return made

    async def get(self, incident_id: int, number: int) -> Consignment | None:
        """`C` of that number, as it is now; nobody else changes it before this transaction ends.
        Its incident is held before it, as everywhere, or two transactions wait for each other."""
        if number >= 2**31:
            return None
        found = select(Consignment).where(
            Consignment.incident_id == incident_id, Consignment.number == number
        )
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def by_code(self, code: str) -> Consignment | None:
        """The consignment whose QR code says that, not held."""
        found = select(Consignment).where(Consignment.code == code)
        return (await self.session.exec(found)).one_or_none()

    async def known(self, code: str) -> bool:
        """Whether there is a waybill with that code."""
        found = select(Consignment.id).where(Consignment.code == code)
        return (await self.session.exec(found)).first() is not None

    async def by_id(self, consignment_id: int) -> Consignment | None:
        """The consignment with that key, as a timer names it."""
        return await self.session.get(Consignment, consignment_id)

    async def all(self, incident_id: int, *, open_only: bool = False) -> Sequence[Consignment]:
        """The consignments of an incident, by number."""
        found = select(Consignment).where(Consignment.incident_id == incident_id)
        if open_only:
            found = found.where(Consignment.state == "open")
        return (await self.session.exec(found.order_by(col(Consignment.number)))).all()

    async def of_request(self, incident_id: int, number: int) -> Sequence[Consignment]:
        """The consignments for request `R` of that number."""
        found = select(Consignment).where(
            Consignment.incident_id == incident_id, Consignment.request_number == number
        )
        return (await self.session.exec(found.order_by(col(Consignment.number)))).all()

    async def lines(self, consignment_id: int) -> Sequence[ConsignmentLine]:
        """What goes under the waybill, in order."""
        found = select(ConsignmentLine).where(ConsignmentLine.consignment_id == consignment_id)
        return (await self.session.exec(found.order_by(col(ConsignmentLine.place)))).all()

    async def steps(self, consignment_id: int) -> Sequence[CustodyStep]:
        """The hand-overs as they are now, the first first."""
        found = select(CustodyStep).where(CustodyStep.consignment_id == consignment_id)
        fresh = found.order_by(col(CustodyStep.step)).execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).all()

    async def save(self, *rows: Row) -> None:
        """Write changed rows, and new ones."""
        self.session.add_all(rows)
        await self.session.flush()
