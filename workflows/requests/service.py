"""The need and its approvals: rules, store, ledger and timeline together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from storage import UnitOfWork
from storage.tables import RequestLine
from workflows.errors import Refusal
from workflows.incidents.record import record
from workflows.incidents.rules import reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.objectives import rules as objectives, service as aims
from workflows.organisation.scene import scene
from workflows.requests import amounts, depots, keeping, limits, rules
from workflows.requests.rules import Event, Move, Place, State
from workflows.requests.steps import (
    STEP_OF,
    Acting,
    Step,
    alone,
    asks,
    logistics,
    require_step,
    section,
)
from workflows.requests.whole import Whole, held, shift
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line as it was typed; `estimate` is for the whole line."""

    amount: Decimal
    unit: str | None
    kind: str
    estimate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody asks for. `objective` is its number."""

    lines: tuple[Wanted, ...]
    place: str | None = None
    needed_by: datetime | None = None
    priority: str = "routine"
    note: str | None = None
    substitutes: str | None = None
    objective: int | None = None


def new_line(wanted: Wanted, number: int, request_id: int) -> RequestLine:
    """A line of a request. Raises `Refusal` (`request-kind`, `request-quantity`, ...)."""
    cost = None if wanted.estimate is None else amounts.fen(wanted.estimate)
    return RequestLine(
        request_id=request_id,
        number=number,
        kind=rules.kind(wanted.kind),
        unit=wanted.unit or "",
        quantity=amounts.milli(wanted.amount, wanted.unit),
        estimate=cost,
    )


async def make(uow: UnitOfWork, incident_id: int, draft: Draft, acting: Acting) -> Whole:
    """A new request, which waits for its section's approval.

    Raises `Refusal` (`request-lines`, `request-past`, and those of what was typed).
    """
    incident = await to_act_in(uow, incident_id)
    now = acting.now
    if not 1 <= len(draft.lines) <= rules.MOST_LINES:
        raise Refusal(
            "request-lines",
            _("A request has 1 to {limit} lines.", limit=rules.MOST_LINES),
        )
    rules.needed(draft.needed_by, now)
    lines = [new_line(each, n, 0) for n, each in enumerate(draft.lines, 1)]
    place = rules.words(draft.place)
    note, substitutes = rules.words(draft.note), rules.words(draft.substitutes)
    aim = None
    if draft.objective is not None:
        aim = await aims.named(uow, incident_id, draft.objective)
        if aim.state != objectives.State.OPEN:
            raise Refusal(
                "request-objective",
                _(
                    "{reference} is {state}. Name an open objective, or none.",
                    reference=f"O{aim.number}",
                    state=objectives.STATES[objectives.State(aim.state)],
                ),
            )
    request = await uow.requests.add(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "R"),
        state=State.NEED,
        state_at=now,
        section=section(acting.standing.roles),
        priority=draft.priority,
        place=place,
        needed_by=draft.needed_by,
        note=note,
        substitutes=substitutes,
        objective=None if aim is None else aim.number,
        by_id=acting.person_id,
        agency=acting.by.agency,
        made_at=now,
        steps={},
        apart=[],
    )
    assert request.id is not None
    for each in lines:
        each.request_id = request.id
    whole = Whole(incident, request, lines, [])
    whole.before = {}
    text = _(
        "{name} requested {what} ({reference})",
        name=acting.by.name,
        what=listed(lines),
        reference=whole.reference,
    )
    await keeping.keep(uow, whole, "request.made", text, acting)
    return whole


def listed(lines: Sequence[RequestLine]) -> tuple[str, ...]:
    """The lines in words, the first few of them."""
    shown = tuple(amounts.shown(each.quantity, each.unit, each.kind) for each in lines[:5])
    return (*shown, "…") if len(lines) > len(shown) else shown


async def approve(
    uow: UnitOfWork, incident_id: int, number: int, acting: Acting, note: str | None = None
) -> tuple[Whole, tuple[Step, ...]]:
    """Give the approval that it waits for: the section's, or Finance's; which steps that took.

    Where the next steps are for the same person alone, too, they are taken at once; Finance's
    approval is always given for itself. Raises `Refusal` (`request-state`, `request-not-yours`).
    """
    whole = await keeping.to_change(uow, incident_id, number)
    step = STEP_OF.get(whole.state)
    if step is Step.FINANCE:
        return await _finance(uow, whole, acting, note)
    rules.after(whole.state, Event.APPROVE, whole.reference)
    await require_step(uow, whole, Step.APPROVE, acting)
    await _take(uow, whole, Step.APPROVE, Event.APPROVE, acting, rules.words(note))
    took = [Step.APPROVE, *await _go_on(uow, whole, acting)]
    return whole, tuple(took)


async def _finance(
    uow: UnitOfWork, whole: Whole, acting: Acting, note: str | None
) -> tuple[Whole, tuple[Step, ...]]:
    await require_step(uow, whole, Step.FINANCE, acting)
    await _take(uow, whole, Step.FINANCE, Event.PASS, acting, rules.words(note))
    return whole, (Step.FINANCE,)


async def check(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    acting: Acting,
    *,
    have: bool,
    note: str | None = None,
) -> tuple[Whole, tuple[Step, ...]]:
    """Say whether the incident has it already: then it is supplied from there without an order.

    Raises `Refusal` (`request-state`, `request-not-yours`).
    """
    whole = await keeping.to_change(uow, incident_id, number)
    event = Event.HAVE if have else Event.NONE
    rules.after(whole.state, event, whole.reference)
    await require_step(uow, whole, Step.CHECK, acting)
    await _take(uow, whole, Step.CHECK, event, acting, rules.words(note))
    took = [Step.CHECK, *(() if have else await _go_on(uow, whole, acting))]
    return whole, tuple(took)


async def order(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    acting: Acting,
    *,
    cost: Decimal | None = None,
    note: str | None = None,
) -> tuple[Whole, tuple[Step, ...]]:
    """Logistics orders it, with an estimated `cost` of the whole; above the limit Finance is asked.

    Raises `Refusal` (`request-state`, `request-not-yours`, `request-money`).
    """
    whole = await keeping.to_change(uow, incident_id, number)
    rules.after(whole.state, Event.ORDER, whole.reference)
    await require_step(uow, whole, Step.ORDER, acting)
    if cost is not None:
        limits.share(whole, amounts.fen(cost))
    await _take(uow, whole, Step.ORDER, Event.ORDER, acting, rules.words(note))
    await _pass(uow, whole, acting)
    return whole, (Step.ORDER,)


async def _go_on(uow: UnitOfWork, whole: Whole, acting: Acting) -> list[Step]:
    """Take the following steps that are for nobody else than who took the last."""
    took: list[Step] = []
    there = await scene(uow, whole.incident, acting.now)
    for step, event in ((Step.CHECK, Event.NONE), (Step.ORDER, Event.ORDER)):
        if STEP_OF.get(whole.state) is not step:
            continue
        if not alone(there, step, whole.request, acting.person_id):
            return took
        await _take(uow, whole, step, event, acting, None, along=True)
        took.append(step)
    await _pass(uow, whole, acting)
    return took


async def _take(
    uow: UnitOfWork,
    whole: Whole,
    step: Step,
    event: Event,
    acting: Acting,
    note: str | None,
    *,
    along: bool = False,
) -> None:
    whole.turn(rules.after(whole.state, event, whole.reference), acting.now)
    keeping.stamped(whole, step, acting, note, along=along)
    text = took_step(event, acting.by.name, whole.reference, note)
    if along and event is Event.NONE:
        text = _(
            "{reference} goes on without a check of its own: {name} answers for that alone",
            reference=whole.reference,
            name=acting.by.name,
        )
    await keeping.keep(uow, whole, f"request.{TAKEN[event]}", text, acting)


TAKEN = {
    Event.APPROVE: "approved",
    Event.HAVE: "on-hand",
    Event.NONE: "not-on-hand",
    Event.ORDER: "ordered",
    Event.PASS: "financed",
}


def took_step(event: Event, name: str, reference: str, note: str | None) -> Msg:
    """What somebody did about a request, in a sentence."""
    match event:
        case Event.APPROVE:
            text = _("{name} approved {reference}", name=name, reference=reference)
        case Event.HAVE:
            # Translators: not the glossary's order
            text = _(
                "{name}: {reference} is on hand and needs no order", name=name, reference=reference
            )
        case Event.NONE:
            text = _("{name}: {reference} is not on hand", name=name, reference=reference)
        case Event.ORDER:
            text = _("{name} ordered {reference}", name=name, reference=reference)
        case _:
            text = _("{name} approved the cost of {reference}", name=name, reference=reference)
    return text if note is None else _("{text}. Note: {note}", text=text, note=note)


async def _pass(uow: UnitOfWork, whole: Whole, acting: Acting) -> None:
    """Go past Finance if nothing of it is above a limit."""
    if whole.state is not State.ORDERED or await limits.needs_finance(uow, whole):
        return
    whole.turn(rules.after(whole.state, Event.PASS, whole.reference), acting.now)
    whole.settle(acting.now)
    await uow.requests.save(whole.request)
    await record(
        uow,
        whole.incident,
        "request.sourcing",
        _("{reference} is open for commitments", reference=whole.reference),
        by=keeping.LIANZHI,
        now=acting.now,
        thing=whole.reference,
        changes=whole.changes(),
    )
    whole.before = whole.fields()
    await uow.timers.drop(keeping.WAITING, str(whole.request.id))


async def reject(
    uow: UnitOfWork, incident_id: int, number: int, reason: str, acting: Acting
) -> Whole:
    """Refuse the step that it waits for. Raises `Refusal`."""
    whole = await keeping.to_change(uow, incident_id, number)
    state = rules.after(whole.state, Event.REJECT, whole.reference)
    await require_step(uow, whole, STEP_OF[whole.state], acting)
    why = checked_reason(reason)
    whole.turn(state, acting.now)
    whole.request.reason = why
    text = _(
        "{name} rejected {reference}. Reason: {reason}",
        name=acting.by.name,
        reference=whole.reference,
        reason=why,
    )
    await keeping.keep(uow, whole, "request.rejected", text, acting, {"reason": why})
    return whole


async def cancel(
    uow: UnitOfWork, incident_id: int, number: int, reason: str | None, acting: Acting
) -> Whole:
    """Want no more of it. What is on the way or on hand stays, and has to be dealt with.

    Who asked may, and Logistics and command. Raises `Refusal` (`request-not-yours`,
    `request-state`, `request-cancelled`).
    """
    whole = await keeping.to_change(uow, incident_id, number)
    state = rules.after(whole.state, Event.CANCEL, whole.reference)
    if not asks(whole, acting) and not logistics(acting.standing):
        raise not_yours(whole)
    why = None if reason is None else checked_reason(reason)
    for part in whole.parts:
        if promised := held(part, Place.PROMISED):
            taken = shift(part, Move.WITHDRAW, promised)
            await depots.follow(uow, whole, part, Move.WITHDRAW, taken, acting, why)
    for line in whole.lines:
        line.dropped += whole.open(line)
    whole.turn(state, acting.now)
    whole.request.reason = why
    text = _("{name} cancelled {reference}", name=acting.by.name, reference=whole.reference)
    if why is not None:
        text = _("{text}. Reason: {reason}", text=text, reason=why)
    await keeping.keep(uow, whole, "request.cancelled", text, acting, {"reason": why})
    return whole


def not_yours(whole: Whole) -> Refusal:
    """Why somebody else than who asked, Logistics and command does not do it."""
    return Refusal(
        "request-not-yours",
        _(
            "That is for who asked for {reference}, for Logistics or for the Incident Commander.",
            reference=whole.reference,
        ),
    )
