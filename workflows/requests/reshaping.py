"""Changes of what is asked for: lines are added, split off, or stand in for others."""

from __future__ import annotations

from collections.abc import Sequence

from storage import UnitOfWork
from storage.tables import RequestLine
from workflows.errors import Refusal
from workflows.requests import amounts, keeping, limits, rules
from workflows.requests.rules import Event
from workflows.requests.service import Wanted, listed, new_line, not_yours
from workflows.requests.steps import Acting, Step, asks, forget, logistics, may_take
from workflows.requests.supply import Much, measured
from workflows.requests.whole import Whole, nothing_open, several_lines
from workflows.text import Msg, _


async def _to_reshape(uow: UnitOfWork, incident_id: int, number: int, acting: Acting) -> Whole:
    whole = await keeping.to_change(uow, incident_id, number)
    rules.after(whole.state, Event.RESHAPE, whole.reference)
    if not asks(whole, acting) and not logistics(acting.standing):
        raise not_yours(whole)
    return whole


def _next(whole: Whole, wanted: Sequence[Wanted]) -> list[RequestLine]:
    assert whole.request.id is not None
    first = max(each.number for each in whole.lines) + 1
    if len(whole.lines) + len(wanted) > rules.MOST_LINES:
        raise Refusal(
            "request-lines",
            _("A request has 1 to {limit} lines.", limit=rules.MOST_LINES),
        )
    return [new_line(each, n, whole.request.id) for n, each in enumerate(wanted, first)]


async def add(
    uow: UnitOfWork, incident_id: int, number: int, wanted: Sequence[Wanted], acting: Acting
) -> tuple[Whole, Msg]:
    """Further lines, while it waits for its section's approval. Raises `Refusal`."""
    whole = await _to_reshape(uow, incident_id, number, acting)
    if whole.state is not rules.State.NEED:
        raise Refusal(
            "request-approved",
            _(
                "{reference} is approved as it stands. Make another request for more.",
                reference=whole.reference,
            ),
        )
    lines = _next(whole, wanted)
    whole.lines += lines
    text = _(
        "{name} added {what} to {reference}",
        name=acting.by.name,
        what=listed(lines),
        reference=whole.reference,
    )
    await keeping.keep(uow, whole, "request.added", text, acting)
    return whole, text


async def substitute(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    wanted: Wanted,
    acting: Acting,
    *,
    line: int | None = None,
) -> tuple[Whole, Msg]:
    """Something else stands in for all that is open of a line; no approval is jumped over.

    Unless Logistics or who approves for the section replaces it, the section approves it anew; what
    was checked is checked again, and ordered again where it was, unless who replaces it may do both
    alone; and above a limit, or without an estimate where there is one, Finance is asked.

    Raises `Refusal` (`request-committed` where that cannot be, because something else of it was
    committed).
    """
    whole = await _to_reshape(uow, incident_id, number, acting)
    old = _open_line(whole, line)
    (new,) = _next(whole, (wanted,))
    gone = whole.open(old)
    if old.estimate is not None:
        old.estimate -= old.estimate * gone // whole.wanted(old)
    old.dropped += gone
    new.instead_of, new.agency = old.number, old.agency
    whole.lines.append(new)
    event = await _to_approve(uow, whole, acting)
    if event is not None:
        if whole.parts:
            raise Refusal(
                "request-committed",
                _(
                    "What stands in has to be approved, and something of {reference} is committed "
                    "already. Split off what is open (/request split {reference}) and replace it "
                    "in the new request.",
                    reference=whole.reference,
                ),
            )
        whole.turn(rules.after(whole.state, event, whole.reference), acting.now)
        forget(whole)
    text = _(
        "{name}: in {reference} {new} stands in for {old}",
        name=acting.by.name,
        reference=whole.reference,
        new=amounts.shown(new.quantity, new.unit, new.kind),
        old=amounts.shown(gone, old.unit, old.kind),
    )
    await keeping.keep(uow, whole, "request.substituted", text, acting)
    return whole, text


async def _to_approve(uow: UnitOfWork, whole: Whole, acting: Acting) -> Event | None:
    """The first approval that has to be given again after a change of what is asked for."""
    request, standing = whole.request, acting.standing
    if whole.state is rules.State.NEED:
        return None
    if not (logistics(standing) or may_take(Step.APPROVE, request, standing)):
        return Event.REOPEN
    if whole.state is rules.State.APPROVED:
        return None
    ordered = Step.ORDER in request.steps
    answered = (Step.CHECK, Step.ORDER) if ordered else (Step.CHECK,)
    if not all(may_take(each, request, standing) for each in answered):
        return Event.RECHECK
    if whole.state is rules.State.SOURCING and ordered:
        return Event.REVIEW if await limits.needs_finance(uow, whole) else None
    return None


async def split(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    acting: Acting,
    *,
    much: Much | None = None,
    line: int | None = None,
) -> tuple[Whole, Whole, Msg]:
    """All that is open of a line, or so much of it, goes on as a request of its own, which stands
    where this one stands.

    Raises `Refusal` (`request-split` where nothing would stay, `request-amount`, `request-which`).
    """
    whole = await _to_reshape(uow, incident_id, number, acting)
    old = _open_line(whole, line)
    open_ = whole.open(old)
    quantity = open_ if much is None else measured(old, much, acting.units)
    if quantity > open_:
        raise Refusal(
            "request-amount",
            _(
                "Only {amount} of {reference} is open.",
                amount=amounts.shown(open_, old.unit, old.kind),
                reference=whole.reference,
            ),
        )
    if quantity == sum(map(whole.wanted, whole.lines)):
        raise Refusal(
            "request-split",
            _("That is all of {reference}. Say how much is to go.", reference=whole.reference),
        )
    share = None if old.estimate is None else old.estimate * quantity // whole.wanted(old)
    old.dropped += quantity
    if old.estimate is not None and share is not None:
        old.estimate -= share
    made = await _made(uow, whole, old, quantity, share)
    text = _(
        "{name} split {what} from {reference}: it goes on as {other}",
        name=acting.by.name,
        what=amounts.shown(quantity, old.unit, old.kind),
        reference=whole.reference,
        other=made.reference,
    )
    await keeping.keep(uow, whole, "request.split", text, acting)
    await keeping.keep(uow, made, "request.split-off", text, acting)
    return whole, made, text


async def _made(
    uow: UnitOfWork, whole: Whole, old: RequestLine, quantity: int, estimate: int | None
) -> Whole:
    request = whole.request
    values = request.model_dump(exclude={"id", "number", "split_from", "apart"})
    number = await uow.incidents.next_number(whole.incident.id, "R")
    split_off = await uow.requests.add(**values, number=number, split_from=request.number, apart=[])
    assert split_off.id is not None
    line = RequestLine(
        request_id=split_off.id,
        number=1,
        kind=old.kind,
        unit=old.unit,
        quantity=quantity,
        estimate=estimate,
        agency=old.agency,
    )
    made = Whole(whole.incident, split_off, [line], [])
    made.before = {}
    return made


def _open_line(whole: Whole, number: int | None) -> RequestLine:
    """The line that is named, else the only one that is open. Raises `Refusal`."""
    found = [whole.line(number)] if number is not None else whole.lines
    open_ = [each for each in found if whole.open(each)]
    if not open_:
        raise nothing_open(whole, found)
    if len(open_) > 1:
        raise several_lines(whole, open_)
    return open_[0]
