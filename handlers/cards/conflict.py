"""Conflicts of orders as people see them: one with its choices, or many on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.cards.order import CONFLICTS, more_conflicts, reference, who
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Inline, Para, Span
from storage import UnitOfWork
from storage.tables import Conflict, Incident, Order
from workflows.orders import finding
from workflows.orders.conflicts import KINDS, Kind
from workflows.orders.deciding import Keep, deciders, orders_of
from workflows.orders.recipients import To, called
from workflows.text import Msg, _

FEW = 3
"""Up to so many conflicts at once are told one by one, each with its choices."""

LISTED = 15
WORDS = 60
"""Characters of an order's text by which it is known again."""


async def documents(
    uow: UnitOfWork, incident: Incident, found: Sequence[Conflict], now: datetime
) -> list[Document]:
    """Conflicts of one order: one by one, or together where there are more than a few."""
    weighed = finding.weightiest(found)
    if len(weighed) > FEW:
        return [await many(uow, incident, weighed, now)]
    return [await single(uow, incident, each, now) for each in weighed]


async def single(uow: UnitOfWork, incident: Incident, found: Conflict, now: datetime) -> Document:
    """A conflict with both orders in the words in which they were given, and the choices."""
    orders = await orders_of(uow, found)
    shown: list[Inline] = []
    for each in orders:
        giver = await uow.people.person(each.by_id)
        recipient = await called(uow, To.of(each))
        shown.append(
            _(
                "{reference} from {name} to {recipient}: {text}",
                reference=f"T{each.number}",
                name=who(giver, each.agency),
                recipient=recipient,
                text=each.text,
            )
        )
    names = tuple(each.name for each in await deciders(uow, incident, found, now))
    head = _("Orders in conflict") if len(orders) > 1 else _("Order outside one’s authority")
    last = f"T{orders[-1].number}"
    asked = (
        _("{reference} is held back until this is decided.", reference=last)
        if not names
        else _("{reference} is held back until {names} decides.", reference=last, names=names)
    )
    return Document(
        (
            Heading(Span(("⚠️ ", head))),
            Para(KINDS[Kind(found.kind)]),
            Bullets(tuple(shown)),
            Para(asked),
        ),
        _choices(orders),
    )


def _choices(orders: Sequence[Order]) -> tuple[Button, ...]:
    if len(orders) == 1:
        (order,) = orders
        line = f"/order decide {reference(order)} keep="
        return (
            Button(_("Let {reference} stand", reference=f"T{order.number}"), f"{line}{Keep.STAND}"),
            Button(_("Withdraw {reference}", reference=f"T{order.number}"),
                   f"{line}{Keep.WITHDRAW}"),
        )  # fmt: skip
    first, second = orders
    line = f"/order decide {reference(second)} against={reference(first)} keep="
    return (
        Button(_("Keep {reference}", reference=f"T{first.number}"), f"{line}{Keep.FIRST}"),
        Button(_("Keep {reference}", reference=f"T{second.number}"), f"{line}{Keep.SECOND}"),
        Button(_("Keep both"), f"{line}{Keep.BOTH}"),
    )


async def many(
    uow: UnitOfWork, incident: Incident, found: Sequence[Conflict], now: datetime
) -> Document:
    """An order that conflicts with many: the weightiest, each a tap away from its choices."""
    order = await uow.orders.by_id(finding.held_back(found[0]))
    assert order is not None
    giver = await uow.people.person(order.by_id)
    names = tuple(each.name for each in await deciders(uow, incident, found[0], now))
    me = f"T{order.number}"
    asked = (
        _("{reference} is held back until all of it is decided.", reference=me)
        if not names
        else _("{reference} is held back until {names} decides.", reference=me, names=names)
    )
    head = _("{reference} is in {n} conflicts", reference=me, n=len(found))
    blocks: list[Block] = [
        Heading(Span(("⚠️ ", head))),
        Para(
            _(
                "{reference} from {name} to {recipient}: {text}",
                reference=me,
                name=who(giver, order.agency),
                recipient=await called(uow, To.of(order)),
                text=_words(order),
            )
        ),
        Bullets(tuple([await _line(uow, each, order) for each in found[:CONFLICTS]])),
    ]
    if len(found) > CONFLICTS:
        blocks.append(Para(more_conflicts(len(found) - CONFLICTS)))
    withdraw = Button(
        _("Withdraw {reference}", reference=me), f"/order withdraw {reference(order)}"
    )
    pairs = [await _pair(uow, each) for each in found[:CONFLICTS]]
    return Document((*blocks, Para(asked)), (*pairs, withdraw))


async def listed(uow: UnitOfWork, incident: Incident, title: Msg) -> Document:
    """The conflicts of an incident that wait for a decision, the weightiest first."""
    found = finding.weightiest(await uow.orders.conflicts(incident.id))
    if not found:
        return Document((Heading(title), Para(_("No order is in conflict with another."))))
    lines: list[Inline] = []
    for each in found[:LISTED]:
        order = await uow.orders.by_id(finding.held_back(each))
        assert order is not None
        lines.append(Span((Bold(f"T{order.number}"), " — ", await _line(uow, each, order))))
    blocks: list[Block] = [Heading(title), Bullets(tuple(lines))]
    if len(found) > LISTED:
        blocks.append(Para(_("and {n} more", n=len(found) - LISTED)))
    return Document(tuple(blocks), tuple([await _pair(uow, each) for each in found[:CONFLICTS]]))


async def _line(uow: UnitOfWork, found: Conflict, order: Order) -> Msg:
    """What an order conflicts with, in one line."""
    reason = KINDS[Kind(found.kind)]
    other = next((each for each in await orders_of(uow, found) if each.id != order.id), None)
    if other is None:
        return reason
    return _(
        "{reference} to {recipient}: {text}. {reason}",
        reference=f"T{other.number}",
        recipient=await called(uow, To.of(other)),
        text=_words(other),
        reason=reason,
    )


async def _pair(uow: UnitOfWork, found: Conflict) -> Button:
    """Shows the conflict with its choices."""
    orders = await orders_of(uow, found)
    first, last = orders[0], orders[-1]
    label = " ↔ ".join(dict.fromkeys((f"T{last.number}", f"T{first.number}")))
    return Button(label, f"/order show {reference(last)} against={reference(first)}")


def _words(order: Order) -> str:
    text = order.text
    return text if len(text) <= WORDS else text[: WORDS - 1] + "…"
