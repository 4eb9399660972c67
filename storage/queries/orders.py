"""Who was told to do what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Conflict, Order, OrderReceipt

OPEN = ("held", "given", "acknowledged")
"""The states of an order that is still to be done."""


class Orders(Queries):
    """Orders, what each person has done about them, and those that contradict each other."""

    async def add(self, **values: Any) -> Order:
        """A new order; see `Order` for the values."""
        made = Order(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, incident_id: int, number: int) -> Order | None:
        """`T` of that number, as it is now; nobody else changes it before this transaction ends."""
        if number >= 2**31:
            return None
        found = select(Order).where(Order.incident_id == incident_id, Order.number == number)
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def by_id(self, order_id: int) -> Order | None:
        """The order with that key, as a timer or a conflict names it."""
        return await self.session.get(Order, order_id)

    async def all(self, incident_id: int, *, open_only: bool = False) -> Sequence[Order]:
        """The orders of an incident, by number."""
        found = select(Order).where(Order.incident_id == incident_id)
        if open_only:
            found = found.where(col(Order.state).in_(OPEN))
        return (await self.session.exec(found.order_by(col(Order.number)))).all()

    async def receipt(self, order_id: int, person_id: int) -> OrderReceipt:
        """What that person has done about the order; made if there was nothing."""
        known = await self.session.get(OrderReceipt, (order_id, person_id))
        if known is None:
            known = OrderReceipt(order_id=order_id, person_id=person_id)
            self.session.add(known)
            await self.session.flush()
        return known

    async def receipts(self, order_id: int) -> Sequence[OrderReceipt]:
        """What each person has done about the order."""
        found = select(OrderReceipt).where(OrderReceipt.order_id == order_id)
        return (await self.session.exec(found.order_by(col(OrderReceipt.person_id)))).all()

    async def conflict(self, **values: Any) -> Conflict:
        """A new conflict; see `Conflict` for the values."""
        made = Conflict(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def conflict_by_id(self, conflict_id: int) -> Conflict | None:
        """The conflict with that key."""
        return await self.session.get(Conflict, conflict_id)

    async def conflicts(self, incident_id: int, *, open_only: bool = True) -> Sequence[Conflict]:
        """The conflicts of an incident, oldest first."""
        found = select(Conflict).where(Conflict.incident_id == incident_id)
        if open_only:
            found = found.where(Conflict.state == "open")
        return (await self.session.exec(found.order_by(col(Conflict.id)))).all()
