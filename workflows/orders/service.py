"""Giving orders, answering and ending them: rules, store, ledger and timeline together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Conflict, Incident, Order, Person
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.objectives import rules as objectives, service as aims
from workflows.orders import finding, rules
from workflows.orders.changing import end, fields, named, unwatch, watch
from workflows.orders.recipients import Behind, To, behind, chain, deputies, title
from workflows.orders.rules import Event, State
from workflows.orders.words import action, place_in
from workflows.text import Json, Msg, _


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody is told to do. `starts` None: at once; `objective` is its number."""

    to: To
    text: str
    starts: datetime | None = None
    due: datetime | None = None
    objective: int | None = None
    resource: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An order after an answer; `new` unless it had been given before. `released` are those held
    back until now because of it."""

    order: Order
    new: bool = True
    released: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """An order that was made, the people behind its recipient and what it conflicts with."""

    order: Order
    behind: Behind
    conflicts: tuple[Conflict, ...]


async def give(
    uow: UnitOfWork,
    incident_id: int,
    draft: Draft,
    *,
    by: By,
    standing: Standing,
    now: datetime,
) -> Given:
    """A new order; one that conflicts with another is held back until that is decided.

    Raises `Refusal` (`order-self`, `order-nobody` and those of what was typed).
    """
    incident = await to_act_in(uow, incident_id)
    assert by.person_id is not None
    words = rules.text(draft.text)
    starts = draft.starts or now
    rules.times(starts, draft.due)
    receivers = await behind(uow, incident, draft.to, now)
    _somebody(draft.to, receivers, by.person_id)
    objective = None
    if draft.objective is not None:
        objective = await aims.named(uow, incident_id, draft.objective)
        if objective.state != objectives.State.OPEN:
            raise Refusal(
                "order-objective",
                _(
                    "{reference} is {state}. Name an open objective, or none.",
                    reference=f"O{objective.number}",
                    state=objectives.STATES[objectives.State(objective.state)],
                ),
            )
    order = await uow.orders.add(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "T"),
        text=words,
        kind=draft.to.target,
        assignee=draft.to.key,
        by_id=by.person_id,
        by_role=min(standing.roles, default=None),
        agency=by.agency,
        given_at=now,
        starts_at=starts,
        due=draft.due,
        objective_id=None if objective is None else objective.id,
        resource=None if draft.resource is None else rules.name(draft.resource),
        action=action(words),
        place=rules.name(draft.place) if draft.place is not None else place_in(words),
        state_at=now,
    )
    assert order.id is not None
    receivers = Behind(
        tuple(each for each in receivers.people if each.id != by.person_id),
        receivers.doers,
        receivers.instead,
    )
    for each in receivers.people:
        assert each.id is not None
        (await uow.orders.receipt(order.id, each.id)).told_at = now
    reasons = await finding.reasons(uow, incident, order, receivers, standing, now)
    if reasons:
        order.state = State.HELD
    await uow.incidents.save(order)
    await record(
        uow,
        incident,
        "order.given",
        _(
            "{name} gave order {reference} to {recipient}: {text}",
            name=by.name,
            reference=f"T{order.number}",
            recipient=title(draft.to, receivers.people),
            text=words,
        ),
        by=by,
        now=now,
        thing=f"T{order.number}",
        changes=fields(order),
        params={"told": [*sorted(receivers.ids)]},
    )
    found = await finding.keep(uow, incident, order, reasons, by=by, now=now)
    if not found:
        await watch(uow, order, now)
    return Given(order, receivers, found)


def _somebody(to: To, receivers: Behind, giver: int) -> None:
    """Raise `Refusal` unless somebody else than the giver gets the order."""
    if receivers.ids - {giver}:
        return
    shown = title(to, receivers.people)
    if not receivers.people:
        raise Refusal(
            "order-nobody",
            _("Nobody is behind {recipient} now who could be told.", recipient=shown),
        )
    if receivers.instead is not None:
        raise Refusal(
            "order-self",
            _(
                "Nobody holds {recipient}, so that you answer for it yourself. Assign somebody "
                "first: /role assign.",
                recipient=shown,
            ),
        )
    raise Refusal(
        "order-self",
        _("That order would go to yourself. Note what you do with /log, or name somebody else."),
    )


_CODES: dict[Event, str] = {
    Event.SEE: "order.seen",
    Event.ACKNOWLEDGE: "order.acknowledged",
    Event.DONE: "order.done",
    Event.DECLINE: "order.declined",
}


async def acknowledge(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    event: Event,
    *,
    by: By,
    now: datetime,
    reason: str | None = None,
) -> Answered:
    """Somebody has seen (`SEE`), acknowledged, done or declined an order; whether that is new.

    Who may: those behind its recipient at this moment, their deputies, and once it is escalated
    whoever was told by that; that it is done the giver may say, too. Raises `Refusal`
    (`order-not-yours`, `order-state`).
    """
    incident = await to_act_in(uow, incident_id)
    order = await named(uow, incident_id, number)
    assert order.id is not None
    assert by.person_id is not None
    await _require_yours(uow, incident, order, event, by.person_id, now)
    state = rules.after(order.state, event, f"T{number}")
    receipt = await uow.orders.receipt(order.id, by.person_id)
    why = None if reason is None else checked_reason(reason)
    if event is Event.SEE and receipt.seen_at is not None:
        return Answered(order, new=False)
    if event is Event.ACKNOWLEDGE and receipt.acknowledged_at is not None:
        return Answered(order, new=False)
    receipt.seen_at = receipt.seen_at or now
    if event is Event.ACKNOWLEDGE:
        receipt.acknowledged_at, receipt.declined_at = now, None
    elif event is Event.DONE:
        receipt.done_at = now
    elif event is Event.DECLINE:
        receipt.declined_at, receipt.reason = now, why
        state = await _after_decline(uow, order, state)
    before = order.state
    if state != order.state:
        order.state, order.state_at = state, now
        order.reason = why if state == State.DECLINED else order.reason
    await uow.incidents.save(order, receipt)
    if event is not Event.SEE:
        await unwatch(uow, order)
    changes: dict[str, Json] = {}
    if state != before:
        changes = {"state": state, "state_at": iso(now), "reason": order.reason}
    await record(
        uow,
        incident,
        _CODES[event],
        said(event, by.name, number, why),
        by=by,
        now=now,
        thing=f"T{number}",
        changes=changes,
        params={"person": by.person_id, "reason": why},
    )
    released: tuple[Order, ...] = ()
    if state not in rules.OPEN:
        released = await finding.over(uow, incident, order, by=by, now=now)
    return Answered(order, released=released)


def said(event: Event, name: str, number: int, reason: str | None) -> Msg:
    """What somebody did about an order, in a sentence."""
    reference = f"T{number}"
    match event:
        case Event.SEE:
            return _("{name} has seen {reference}", name=name, reference=reference)
        case Event.ACKNOWLEDGE:
            return _("{name} acknowledged {reference}", name=name, reference=reference)
        case Event.DONE:
            return _("{name}: {reference} is done", name=name, reference=reference)
        case _:
            return _(
                "{name} declined {reference}. Reason: {reason}",
                name=name,
                reference=reference,
                reason=reason or "",
            )


async def _after_decline(uow: UnitOfWork, order: Order, declined: State) -> State:
    """Declined once everybody who was told has declined; else as it was."""
    assert order.id is not None
    receipts = await uow.orders.receipts(order.id)
    waiting = [each for each in receipts if each.told_at is not None and each.declined_at is None]
    return State(order.state) if waiting else declined


async def _require_yours(
    uow: UnitOfWork, incident: Incident, order: Order, event: Event, person_id: int, now: datetime
) -> None:
    to = To.of(order)
    receivers = await behind(uow, incident, to, now)
    if person_id in receivers.ids:
        return
    if person_id == order.by_id:
        if event is Event.DONE:
            return
    elif person_id in await deputies(uow, incident, to, now):
        return
    elif order.escalated:
        steps = (await chain(uow, incident, order, now))[: order.escalated]
        if any(person_id == each.id for step in steps for each in step.people):
            return
    raise Refusal(
        "order-not-yours",
        _(
            "{reference} is for {recipient}, not for you.",
            reference=f"T{order.number}",
            recipient=title(to, receivers.people),
        ),
    )


async def withdraw(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    reason: str | None,
    *,
    by: By,
    standing: Standing,
    now: datetime,
) -> Answered:
    """Take an order back: its giver may, and command. Raises `Refusal`."""
    incident = await to_act_in(uow, incident_id)
    order = await named(uow, incident_id, number)
    if by.person_id != order.by_id and not standing.commands and not standing.admin:
        giver = await uow.people.person(order.by_id)
        raise Refusal(
            "order-not-given",
            _(
                "Only who gave {reference}, {name}, or the Incident Commander takes it back.",
                reference=f"T{number}",
                name="?" if giver is None else giver.name,
            ),
        )
    why = None if reason is None else checked_reason(reason)
    await end(uow, incident, order, why, by=by, now=now)
    return Answered(order, released=await finding.over(uow, incident, order, by=by, now=now))


async def people_behind(
    uow: UnitOfWork, incident: Incident, order: Order, now: datetime
) -> Sequence[Person]:
    """Who was told of the order, those behind its recipient first."""
    assert order.id is not None
    now_behind = list((await behind(uow, incident, To.of(order), now)).people)
    known = {each.id for each in now_behind}
    for receipt in await uow.orders.receipts(order.id):
        person = await uow.people.person(receipt.person_id)
        if person is not None and person.id not in known:
            now_behind.append(person)
    return [each for each in now_behind if each.id != order.by_id]
