"""An order as people see it: who has read it and acknowledged it, and what it conflicts with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers.context import Actions
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Mention,
    Para,
    Span,
    Thing,
)
from storage import UnitOfWork
from storage.tables import Conflict, Incident, Order, OrderReceipt, Person
from workflows.incidents.scene import rooms_of
from workflows.orders import finding
from workflows.orders.conflicts import KINDS, Kind
from workflows.orders.deciding import orders_of
from workflows.orders.recipients import To, behind, called, title
from workflows.orders.rules import OPEN, STATES, State
from workflows.orders.service import people_behind
from workflows.text import Msg, _, ngettext

SIGNS: Mapping[State, str] = {
    State.HELD: "⏸️",
    State.GIVEN: "📣",
    State.ACKNOWLEDGED: "👌",
    State.DONE: "✅",
    State.DECLINED: "❌",
    State.WITHDRAWN: "✖️",
}

PEOPLE = 20
LISTED = 30
CONFLICTS = 5
"""Of an order, the weightiest: what fits a phone."""


def reference(order: Order) -> str:
    """What means the order from anywhere, `I3-T4`."""
    return f"I{order.incident_id}-T{order.number}"


async def card(uow: UnitOfWork, incident: Incident, order: Order, now: datetime) -> Document:
    """The card of an order: what it says, who has read it back, next steps."""
    blocks: list[Block] = [
        Heading(Span((f"{SIGNS[State(order.state)]} ", f"T{order.number} · {order.text}")))
    ]
    blocks += [Para(each) for each in await _facts(uow, incident, order, now)]
    people = await people_behind(uow, incident, order, now)
    if people:
        blocks.append(Bullets(tuple(await _read_back(uow, order, people))))
    conflicts = finding.weightiest(await finding.waiting(uow, order))
    for conflict in conflicts[:CONFLICTS]:
        blocks.append(Para(Bold(await _conflicts(uow, conflict, order))))
    if len(conflicts) > CONFLICTS:
        blocks.append(Para(more_conflicts(len(conflicts) - CONFLICTS)))
    return Document(tuple(blocks), _steps(order), card=Thing(incident.id, "T", order.number))


async def refresh(
    uow: UnitOfWork, actions: Actions, incident: Incident, order: Order, now: datetime
) -> None:
    """Bring the card up to date wherever it stands, and say it in rooms where it does not."""
    rooms = await rooms_of(uow, incident.id)
    await actions.show(uow, rooms, await card(uow, incident, order, now))


async def _facts(uow: UnitOfWork, incident: Incident, order: Order, now: datetime) -> list[Inline]:
    lines: list[Inline] = [
        _("{state} since {time}", state=STATES[State(order.state)], time=order.state_at)
    ]
    to = To.of(order)
    receivers = await behind(uow, incident, to, now)
    giver = await uow.people.person(order.by_id)
    lines.append(
        _(
            "To {recipient}, from {name}, {time}",
            recipient=title(to, receivers.people),
            name=who(giver, order.agency),
            time=order.given_at,
        )
    )
    if receivers.instead is not None:
        lines.append(
            _("Nobody holds that role; {title} answers for it.", title=receivers.instead.title)
        )
    if order.starts_at > order.given_at:
        lines.append(_("From {time}", time=order.starts_at))
    if order.due is not None:
        late = order.due <= now and State(order.state) in OPEN
        lines.append(
            _("overdue since {time}", time=order.due)
            if late
            else _("To be done by {time}", time=order.due)
        )
    if order.place is not None:
        lines.append(_("Place: {place}", place=order.place))
    if order.resource is not None:
        lines.append(_("With: {resource}", resource=order.resource))
    if order.objective_id is not None:
        aim = next(
            (
                each
                for each in await uow.objectives.all(incident.id)
                if each.id == order.objective_id
            ),
            None,
        )
        if aim is not None:
            lines.append(
                _("For objective {reference}: {text}", reference=f"O{aim.number}", text=aim.text)
            )
    if order.reason is not None:
        lines.append(_("Reason: {reason}", reason=order.reason))
    if order.escalated and order.state == State.GIVEN:
        lines.append(
            ngettext(
                "Passed up the chain {n} time without an answer",
                "Passed up the chain {n} times without an answer",
                order.escalated,
            )
        )
    return lines


def who(person: Person | None, agency: str | None) -> Msg | str:
    """Somebody with the agency in whose name an order is given."""
    name = "?" if person is None else person.name
    return name if agency is None else _("{name} ({agency})", name=name, agency=agency)


async def _read_back(uow: UnitOfWork, order: Order, people: Sequence[Person]) -> list[Inline]:
    """A line for each who was told: acknowledged, seen, not yet."""
    assert order.id is not None
    receipts = {each.person_id: each for each in await uow.orders.receipts(order.id)}
    lines: list[Inline] = []
    for person in people[:PEOPLE]:
        assert person.id is not None
        accounts = await uow.people.accounts(person.id)
        name: Inline = Mention(accounts[0].id, person.name) if accounts else person.name
        sign, text = _receipt(receipts.get(person.id), order)
        lines.append(Span((f"{sign} ", name, " ", text)))
    if len(people) > PEOPLE:
        lines.append(_("and {n} more", n=len(people) - PEOPLE))
    return lines


def _receipt(receipt: OrderReceipt | None, order: Order) -> tuple[str, Msg]:
    if receipt is not None and receipt.done_at is not None:
        return "✅", _("done {time}", time=receipt.done_at)
    if receipt is not None and receipt.declined_at is not None:
        return "❌", _(
            "declined {time}: {reason}", time=receipt.declined_at, reason=receipt.reason or ""
        )
    if receipt is not None and receipt.acknowledged_at is not None:
        return "✅", _("acknowledged {time}", time=receipt.acknowledged_at)
    if receipt is not None and receipt.seen_at is not None:
        return "👀", _("seen {time}, not acknowledged", time=receipt.seen_at)
    if State(order.state) in OPEN:
        return "⏳", _("not yet acknowledged")
    return "—", _("did not answer")


async def _conflicts(uow: UnitOfWork, conflict: Conflict, order: Order) -> Msg:
    others = [each for each in await orders_of(uow, conflict) if each.id != order.id]
    reason = KINDS[Kind(conflict.kind)]
    if not others:
        return _("⚠️ {reason} It waits for a decision.", reason=reason)
    return _(
        "⚠️ With {other}: {reason} It waits for a decision.",
        other=f"T{others[0].number}",
        reason=reason,
    )


def _steps(order: Order) -> tuple[Button, ...]:
    me = reference(order)
    seen = Button(_("Seen"), f"/order seen {me}")
    received = Button(_("Acknowledge"), f"/order ack {me}")
    done = Button(_("Done"), f"/order done {me}")
    decline = Button(_("Decline"), f"/order decline {me}")
    return {
        State.GIVEN: (received, seen, done, decline),
        State.ACKNOWLEDGED: (received, done, decline),
    }.get(State(order.state), ())


def more_conflicts(n: int) -> Msg:
    """How many conflicts are not shown, and where they are."""
    return _("and {n} more: /order list conflicts", n=n)


async def listed(
    uow: UnitOfWork, incident: Incident, now: datetime, *, whole: bool = False
) -> Sequence[Block]:
    """The orders that are still to be done, or with `whole` all of them, a line each."""
    known = await uow.orders.all(incident.id, open_only=not whole)
    lines = [await line(uow, each, now) for each in known[-LISTED:]]
    blocks: list[Block] = [Bullets(tuple(lines))] if lines else []
    if len(known) > LISTED:
        blocks.append(Para(_("and {n} more", n=len(known) - LISTED)))
    return blocks


async def line(uow: UnitOfWork, order: Order, now: datetime) -> Inline:
    """An order on one line: who has to do what until when, and whether it was acknowledged."""
    recipient = await called(uow, To.of(order))
    state = State(order.state)
    parts: list[Inline] = [
        f"{SIGNS[state]} ",
        Bold(f"T{order.number}"),
        " ",
        _("{recipient}: {text}", recipient=recipient, text=order.text),
        " — ",
        STATES[state],
    ]
    if order.due is not None and state in OPEN:
        late = order.due <= now
        parts += [
            " · ",
            _("overdue since {time}", time=order.due)
            if late
            else _("until {time}", time=order.due),
        ]
    return Span(tuple(parts))
