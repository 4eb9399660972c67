"""Changes of one order that several things cause: it waits, is released, ends."""

from __future__ import annotations

from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, Order
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.orders import rules
from workflows.orders.rules import Event
from workflows.text import Json, _

UNANSWERED = "order.unanswered"
OVERDUE = "order.overdue"
"""Timers, by the order's key."""


async def named(uow: UnitOfWork, incident_id: int, number: int) -> Order:
    """`T` of that number. Raises `Refusal` (`order-unknown`)."""
    found = await uow.orders.get(incident_id, number)
    if found is None:
        raise Refusal(
            "order-unknown",
            _(
                "There is no order {reference} in {incident}. /order list shows those there are.",
                reference=f"T{number}",
                incident=f"I{incident_id}",
            ),
        )
    return found


async def watch(uow: UnitOfWork, order: Order, now: datetime) -> None:
    """From now on the order waits for its answer, and for its time."""
    begins = max(now, order.starts_at)
    due = order.due
    await uow.timers.set(UNANSWERED, str(order.id), rules.answer_by(now, due), {"told": []})
    if due is not None:
        await uow.timers.set(OVERDUE, str(order.id), max(due, begins))


async def unwatch(uow: UnitOfWork, order: Order) -> None:
    """It has been answered; for its time it waits on while it is open."""
    await uow.timers.drop(UNANSWERED, str(order.id))
    if order.state not in rules.OPEN:
        await uow.timers.drop(OVERDUE, str(order.id))


async def end(
    uow: UnitOfWork, incident: Incident, order: Order, reason: str | None, *, by: By, now: datetime
) -> None:
    """The order is withdrawn. Raises `Refusal` (`order-state`)."""
    order.state = rules.after(order.state, Event.WITHDRAW, f"T{order.number}")
    order.state_at, order.reason = now, reason
    await uow.incidents.save(order)
    await unwatch(uow, order)
    text = _("{name} withdrew {reference}", name=by.name, reference=f"T{order.number}")
    if reason is not None:
        text = _("{text}. Reason: {reason}", text=text, reason=reason)
    await record(
        uow,
        incident,
        "order.withdrawn",
        text,
        by=by,
        now=now,
        thing=f"T{order.number}",
        changes={"state": order.state, "state_at": iso(now), "reason": reason},
    )


async def release(
    uow: UnitOfWork, incident: Incident, order: Order, *, by: By, now: datetime
) -> None:
    """What was held back is given. Raises `Refusal` (`order-state`)."""
    order.state, order.state_at = rules.after(order.state, Event.RELEASE, f"T{order.number}"), now
    await uow.incidents.save(order)
    await watch(uow, order, now)
    await record(
        uow,
        incident,
        "order.released",
        _("{reference} stands and is to be done", reference=f"T{order.number}"),
        by=by,
        now=now,
        thing=f"T{order.number}",
        changes={"state": order.state, "state_at": iso(now)},
    )


def fields(order: Order) -> dict[str, Json]:
    """The fields of an order as the ledger keeps them; how often it was escalated is apart."""
    made: dict[str, Json] = {}
    for name, value in order.model_dump(exclude={"id", "incident_id", "number"}).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    return made
