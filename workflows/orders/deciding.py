"""Who decides which of two orders stands, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage import UnitOfWork
from storage.tables import Conflict, Incident, Order, Person
from storage.tables.organisation import COMMANDER
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.record import By, record
from workflows.incidents.scene import to_act_in
from workflows.orders import finding
from workflows.orders.changing import end, named
from workflows.orders.conflicts import Kind
from workflows.orders.recipients import To, behind, recipient
from workflows.orders.rules import OPEN
from workflows.text import Msg, _


class Keep(StrEnum):
    """What is decided: of two orders the earlier, the later or both; one alone stands or ends."""

    FIRST = "first"
    SECOND = "second"
    BOTH = "both"
    STAND = "stand"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Decided:
    """A conflict that was decided, and the orders that ended or were released by it."""

    conflict: Conflict
    orders: tuple[Order, ...]
    """Those of the conflict, the earlier first."""
    ended: tuple[Order, ...]
    released: tuple[Order, ...]


async def orders_of(uow: UnitOfWork, conflict: Conflict) -> tuple[Order, ...]:
    """The orders of a conflict, the earlier first."""
    keys = (conflict.first_id, conflict.second_id)
    found = [await uow.orders.by_id(key) for key in keys if key is not None]
    return tuple(each for each in found if each is not None)


async def rivals(uow: UnitOfWork, order: Order) -> tuple[Order, ...]:
    """The orders still to be done that were ever in conflict with this one."""
    found: dict[int | None, Order] = {}
    for each in await uow.orders.conflicts(order.incident_id, open_only=False):
        if order.id in (each.first_id, each.second_id):
            found |= {one.id: one for one in await orders_of(uow, each)}
    return tuple(one for one in found.values() if one.id != order.id and one.state in OPEN)


async def deciders(
    uow: UnitOfWork, incident: Incident, conflict: Conflict, now: datetime
) -> tuple[Person, ...]:
    """The commanders who gave none of the orders; all of them if there is no such one."""
    held = await uow.organisation.held(incident.id, now, role=COMMANDER)
    commanders = [person for position, person in held if not position.deputy]
    givers = {each.by_id for each in await orders_of(uow, conflict)}
    neutral = [each for each in commanders if each.id not in givers]
    return tuple(neutral or commanders)


async def decide(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    against: int | None,
    keep: Keep,
    *,
    by: By,
    standing: Standing,
    now: datetime,
) -> Decided:
    """Decide the conflict of order `number` with `against`, or of it alone.

    Raises `Refusal` (`conflict-none`, `conflict-decided`, `conflict-choice`, `conflict-own`,
    `not-allowed`).
    """
    incident = await to_act_in(uow, incident_id)
    order = await named(uow, incident_id, number)
    other = None if against is None else await named(uow, incident_id, against)
    conflict = await between(uow, incident, order, other)
    orders = await orders_of(uow, conflict)
    alone = len(orders) == 1
    if (keep in (Keep.STAND, Keep.WITHDRAW)) != alone:
        raise Refusal(
            "conflict-choice",
            _("This is decided by keep=stand or keep=withdraw.")
            if alone
            else _("This is decided by keep=first, keep=second or keep=both."),
        )
    await _require(uow, incident, conflict, orders, by, standing, now)
    conflict.state, conflict.decision = "decided", keep
    conflict.decided_at, conflict.decided_by = now, by.person_id
    await uow.incidents.save(conflict)
    await uow.timers.drop(finding.UNDECIDED, str(conflict.id))
    await record(
        uow,
        incident,
        "conflict.decided",
        said(by.name, keep, orders),
        by=by,
        now=now,
        thing=f"conflict {conflict.id}",
        changes={"state": "decided", "decision": keep},
    )
    gone = {
        Keep.FIRST: orders[-1:],
        Keep.SECOND: orders[:1],
        Keep.WITHDRAW: orders,
    }.get(keep, ())
    released: list[Order] = []
    for each in gone:
        await end(uow, incident, each, None, by=by, now=now)
        released += await finding.over(uow, incident, each, by=by, now=now)
    for each in orders:
        if each not in gone and await finding.let_go(uow, incident, each, by=by, now=now):
            released.append(each)
    return Decided(conflict, orders, tuple(gone), tuple(released))


def said(name: str, keep: Keep, orders: tuple[Order, ...]) -> Msg:
    """What was decided, in a sentence."""
    first, last = f"T{orders[0].number}", f"T{orders[-1].number}"
    match keep:
        case Keep.FIRST:
            return _("{name} decided: {kept} stands, {gone} is withdrawn", name=name, kept=first,
                     gone=last)  # fmt: skip
        case Keep.SECOND:
            return _("{name} decided: {kept} stands, {gone} is withdrawn", name=name, kept=last,
                     gone=first)  # fmt: skip
        case Keep.BOTH:
            return _("{name} decided: {first} and {second} both stand", name=name, first=first,
                     second=last)  # fmt: skip
        case Keep.STAND:
            return _("{name} decided: {reference} stands", name=name, reference=first)
        case Keep.WITHDRAW:
            return _("{name} decided: {reference} is withdrawn", name=name, reference=first)


async def between(
    uow: UnitOfWork, incident: Incident, order: Order, other: Order | None
) -> Conflict:
    """The open conflict of two orders, or of one alone (`other` is None or the same).

    Raises `Refusal` (`conflict-none`, `conflict-decided`).
    """
    keys = {order.id} if other is None else {order.id, other.id}
    found = [
        each
        for each in await uow.orders.conflicts(incident.id, open_only=False)
        if {key for key in (each.first_id, each.second_id) if key is not None} == keys
    ]
    for each in found:
        if each.state == "open":
            return each
    if not found:
        raise Refusal(
            "conflict-none",
            _("{reference} has no such conflict.", reference=f"T{order.number}")
            if other is None
            else _(
                "{reference} and {other} do not contradict each other.",
                reference=f"T{order.number}",
                other=f"T{other.number}",
            ),
        )
    last = found[-1]
    person = None if last.decided_by is None else await uow.people.person(last.decided_by)
    raise Refusal(
        "conflict-decided",
        _("It is void already: one of the orders has ended.")
        if person is None
        else _("{name} has decided this already.", name=person.name),
    )


async def _require(
    uow: UnitOfWork,
    incident: Incident,
    conflict: Conflict,
    orders: tuple[Order, ...],
    by: By,
    standing: Standing,
    now: datetime,
) -> None:
    """Raise `Refusal` unless the person decides: command does, not for an order of one's own while
    another commands, too; of one's own agency's people its Liaison Officer does."""
    ask = tuple(each.name for each in await deciders(uow, incident, conflict, now))
    if standing.admin:
        return
    if standing.commands:
        own = by.person_id in {each.by_id for each in orders}
        others = [each for each in await deciders(uow, incident, conflict, now)
                  if each.id != by.person_id]  # fmt: skip
        if not own or not others:
            return
        raise Refusal(
            "conflict-own",
            _(
                "You gave one of these orders, so that {names} decides. You can take yours back: "
                "/order withdraw.",
                names=ask,
            ),
        )
    if conflict.kind == Kind.AUTHORITY:
        to = To.of(orders[0])
        concerned = await recipient(uow, incident, to, await behind(uow, incident, to, now), now)
        if not concerned.agencies.isdisjoint(standing.liaison_of):
            return
    raise Refusal("not-allowed", _("This is for {names} to decide.", names=ask))
