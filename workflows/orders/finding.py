"""Conflicts of an order with the others: found, kept, and void when an order ends by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Conflict, Incident, Order
from workflows.authority import Standing
from workflows.incidents.record import By, record
from workflows.orders.changing import release
from workflows.orders.conflicts import KINDS, Kind, Target, Task, between, within_authority
from workflows.orders.recipients import Behind, To, giver, recipient
from workflows.orders.rules import State
from workflows.orders.words import folded
from workflows.organisation.scene import scene
from workflows.text import _

UNDECIDED = "order.undecided"
"""The timer of a conflict, by its key."""

DECISION = timedelta(minutes=10)
"""Within that time a conflict is decided; then more people are told of it."""

Reason = tuple[Kind, Order | None]
"""Why an order cannot stand, and the other one unless that is it alone."""


async def reasons(
    uow: UnitOfWork,
    incident: Incident,
    order: Order,
    receivers: Behind,
    standing: Standing,
    now: datetime,
) -> tuple[Reason, ...]:
    """Why a new order cannot stand, if it cannot."""
    found: list[Reason] = []
    gives = await giver(uow, incident, order.by_id, standing, now)
    to = await recipient(uow, incident, To.of(order), receivers, now)
    if not within_authority(gives, to, order.text):
        found.append((Kind.AUTHORITY, None))
    others = [
        each for each in await uow.orders.all(incident.id, open_only=True) if each.id != order.id
    ]
    mine, *tasks = await _tasks(uow, incident, (order, *others), now)
    for other, task in zip(others, tasks, strict=True):
        kind = between(task, mine)
        if kind is not None:
            found.append((kind, other))
    return tuple(found)


async def _tasks(
    uow: UnitOfWork, incident: Incident, orders: Sequence[Order], now: datetime
) -> list[Task]:
    """Orders as they are compared, each with those who have to do it now."""
    there = await scene(uow, incident, now)
    present = await uow.roster.all(incident.id)

    def people(to: To) -> frozenset[int]:
        match to.target:
            case Target.PERSON:
                return frozenset({int(to.key)})
            case Target.ROLE:
                node = there.responsible(to.seat)
                held = () if node is None else there.holders(node.seat)
                return frozenset(who.id for _position, who in held if who.id is not None)
            case Target.TEAM:
                return frozenset(
                    each.person_id
                    for each in present
                    if each.person_id is not None
                    and each.team is not None
                    and folded(each.team) == folded(to.key)
                )
            case Target.AGENCY:
                return frozenset()

    made: list[Task] = []
    for order in orders:
        to = To.of(order)
        # What is overdue and not done goes on: it has no end.
        due = order.due if order.due is not None and order.due > now else None
        made.append(
            Task(
                text=order.text,
                giver=order.by_id,
                assignee=str(to),
                starts=order.starts_at,
                due=due,
                people=people(to),
                team=to.key if to.target is Target.TEAM else None,
                resource=order.resource,
                place=order.place,
                action=order.action,
            )
        )
    return made


async def keep(
    uow: UnitOfWork,
    incident: Incident,
    order: Order,
    found: Sequence[Reason],
    *,
    by: By,
    now: datetime,
) -> tuple[Conflict, ...]:
    """Write down why a new order cannot stand, to be decided."""
    assert order.id is not None
    made: list[Conflict] = []
    for kind, other in found:
        first, second = (order.id, None) if other is None else (other.id, order.id)
        conflict = await uow.orders.conflict(
            incident_id=incident.id,
            kind=kind,
            first_id=first,
            second_id=second,
            found_at=now,
            details={},
        )
        made.append(conflict)
        await uow.timers.set(UNDECIDED, str(conflict.id), now + DECISION)
        reference = f"T{order.number}"
        await record(
            uow,
            incident,
            "conflict.found",
            _("{reference} is held back. {reason}", reference=reference, reason=KINDS[kind])
            if other is None
            else _(
                "{reference} is held back because of {other}. {reason}",
                reference=reference,
                other=f"T{other.number}",
                reason=KINDS[kind],
            ),
            by=by,
            now=now,
            thing=f"conflict {conflict.id}",
            changes={
                "kind": kind,
                "first": None if other is None else other.number,
                "second": order.number,
                "state": "open",
                "decision": None,
            },
        )
    return tuple(made)


async def waiting(uow: UnitOfWork, order: Order) -> list[Conflict]:
    """The conflicts of an order that are not decided."""
    open_ = await uow.orders.conflicts(order.incident_id)
    return [each for each in open_ if order.id in (each.first_id, each.second_id)]


def weightiest(found: Iterable[Conflict]) -> list[Conflict]:
    """Conflicts by the gravity of their kinds, of one kind the newest first."""
    kinds = list(Kind)
    return sorted(found, key=lambda each: (kinds.index(Kind(each.kind)), -(each.id or 0)))


def held_back(conflict: Conflict) -> int:
    """The key of the order that waits for the decision."""
    return conflict.first_id if conflict.second_id is None else conflict.second_id


async def over(
    uow: UnitOfWork, incident: Incident, order: Order, *, by: By, now: datetime
) -> tuple[Order, ...]:
    """An order has ended: its conflicts are void. What was held back only by them and is now
    given."""
    released: list[Order] = []
    for conflict in await waiting(uow, order):
        conflict.state, conflict.decided_at = "void", now
        await uow.incidents.save(conflict)
        await uow.timers.drop(UNDECIDED, str(conflict.id))
        await record(
            uow,
            incident,
            "conflict.void",
            _("A conflict is void: {reference} has ended", reference=f"T{order.number}"),
            by=by,
            now=now,
            thing=f"conflict {conflict.id}",
            changes={"state": "void"},
        )
        if conflict.second_id is None or conflict.second_id == order.id:
            continue
        other = await uow.orders.by_id(conflict.second_id)
        if other is not None and await let_go(uow, incident, other, by=by, now=now):
            released.append(other)
    return tuple(released)


async def let_go(
    uow: UnitOfWork, incident: Incident, order: Order, *, by: By, now: datetime
) -> bool:
    """Give an order that was held back, unless another of its conflicts is open; whether it is."""
    if order.state != State.HELD:
        return False
    # As the earlier one in a conflict an order is not held back, but the later one is.
    mine = [
        each
        for each in await waiting(uow, order)
        if order.id == each.second_id or not each.second_id
    ]
    if mine:
        return False
    await release(uow, incident, order, by=by, now=now)
    return True
