"""What suppliers promise, send and bring, and what becomes of it on scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from storage import UnitOfWork
from storage.tables import Depot, RequestLine, RequestPart
from workflows.errors import Refusal
from workflows.incidents.rules import reason as checked_reason
from workflows.requests import amounts, depots, keeping, rules
from workflows.requests.depots import Promised
from workflows.requests.rules import Event, Move
from workflows.requests.steps import Acting, logistics, receives, supplies
from workflows.requests.whole import Whole, available, nothing_open, several_lines, shift, where
from workflows.stock.depots import named as depot_named
from workflows.stock.units import Units
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Much:
    """A quantity as it was typed."""

    amount: Decimal
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What one command has moved, in words, and the parts of which."""

    whole: Whole
    parts: tuple[RequestPart, ...]
    text: Msg


def measured(line: RequestLine, much: Much, units: Units) -> int:
    """A typed quantity in thousandths of the line's unit. Raises `Refusal` (`request-unit`)."""
    if much.unit is not None and much.unit.casefold() != line.unit.casefold():
        mine, other = units.named(line.unit or "piece"), units.named(much.unit)
        if mine is not None and other is not None and mine.base == other.base:
            amount = Decimal(units.milli(much.amount, other)) / units.size(mine)
            return amounts.milli(amount, line.unit)
        raise Refusal(
            "request-unit",
            _(
                "{kind} is counted in {unit} here, not in {other}.",
                kind=line.kind,
                unit=line.unit,
                other=much.unit,
            )
            if line.unit
            else _(
                "{kind} is counted in pieces here, not in {other}.",
                kind=line.kind,
                other=much.unit,
            ),
        )
    return amounts.milli(much.amount, line.unit)


async def commit(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    acting: Acting,
    *,
    much: Much | None = None,
    line: int | None = None,
    supplier: str | None = None,
    depot: str | None = None,
    promised: Promised | None = None,
    eta: datetime | None = None,
    note: str | None = None,
) -> Moved:
    """Promise all that is open or a part of it, for one's own agency, for any supplier by who
    leads Logistics, or from a `depot` (`D2`, or its name), whose stock is promised with it and
    moves with the part from then on. `promised` is stock that was promised for it already.

    Raises `Refusal` (`request-state`, `request-which`, `request-amount`, `request-supplier`, and
    those of stock).
    """
    whole = await keeping.to_change(uow, incident_id, number)
    if whole.state not in rules.SUPPLIED:
        rules.after(whole.state, Event.MOVE, whole.reference)
    source = await _depot(uow, depot, promised)
    if source is None:
        agency, name = await _supplier(uow, supplier, acting)
    else:
        agency, name = source.agency, f"D{source.id} {source.name}"
    parts: list[RequestPart] = []
    for each in _lines(whole, line, several=much is None):
        quantity = whole.open(each) if much is None else measured(each, much, acting.units)
        if quantity > whole.open(each):
            raise Refusal("request-amount", _too_little(whole, each))
        parts.append(_promise(whole, each, quantity, agency, name, acting, eta))
        parts[-1].note = rules.words(note)
        if promised is not None:
            parts[-1].stock = promised.to_json()
        elif source is not None:
            held_ = await depots.promise(uow, whole, each, quantity, source, acting)
            parts[-1].stock = held_.to_json()
    text = _(
        "{name}: {supplier} commits {what} for {reference}",
        name=acting.by.name,
        supplier=name,
        what=tuple(in_words(whole, each, each.quantity) for each in parts),
        reference=whole.reference,
    )
    await keeping.keep(uow, whole, "request.committed", text, acting)
    return Moved(whole, tuple(parts), text)


def _too_little(whole: Whole, line: RequestLine) -> Msg:
    """That less of the line is open than was said, and where the rest is, if anywhere."""
    amount = amounts.shown(whole.open(line), line.unit, line.kind)
    places = where(whole.of(line))
    if not places:
        return _("Only {amount} of {reference} is open.", amount=amount, reference=whole.reference)
    return _(
        "Only {amount} of {reference} is open; {places}.",
        amount=amount,
        reference=whole.reference,
        places=places,
    )


def _promise(
    whole: Whole,
    line: RequestLine,
    quantity: int,
    agency: str | None,
    name: str,
    acting: Acting,
    eta: datetime | None,
) -> RequestPart:
    if len(whole.parts) >= rules.MOST_PARTS:
        raise Refusal(
            "request-parts",
            _("A request has at most {limit} parts. Split it first.", limit=rules.MOST_PARTS),
        )
    assert whole.request.id is not None
    made = RequestPart(
        request_id=whole.request.id,
        number=max((each.number for each in whole.parts), default=0) + 1,
        line=line.number,
        agency=agency,
        supplier=name,
        by_id=acting.person_id,
        made_at=acting.now,
        changed_at=acting.now,
        eta=eta,
        quantity=quantity,
        promised=quantity,
    )
    whole.parts.append(made)
    return made


async def _depot(uow: UnitOfWork, depot: str | None, promised: Promised | None) -> Depot | None:
    if promised is not None:
        return await uow.stock.depot(promised.depot)
    return None if depot is None else await depot_named(uow, depot)


def _lines(whole: Whole, number: int | None, *, several: bool) -> Sequence[RequestLine]:
    """The lines that are meant: the one that is named, else those that are open."""
    found = [whole.line(number)] if number is not None else list(whole.lines)
    open_ = [each for each in found if whole.open(each)]
    if not open_:
        raise nothing_open(whole, found)
    if len(open_) > 1 and not several:
        raise several_lines(whole, open_)
    return open_


async def _supplier(uow: UnitOfWork, typed: str | None, acting: Acting) -> tuple[str | None, str]:
    """The agency's short name, if it is one that is known, and what the supplier is called."""
    mine, by = acting.standing.agencies, acting.by
    if typed is None:
        own = by.agency if by.agency in mine else min(mine, default=None)
        if own is None:
            raise Refusal(
                "request-supplier",
                _("Who supplies it? You speak for no agency: name one by from=NAME."),
            )
        return own, own
    shown = rules.words(typed)
    assert shown is not None
    known = await uow.agencies.named(shown)
    if known is not None and known.short in mine:
        return known.short, known.short
    if not logistics(acting.standing):
        raise Refusal(
            "request-supplier",
            _(
                "You commit for your own agency. For {name} its own people do, or Logistics.",
                name=shown,
            ),
        )
    return (None, shown) if known is None else (known.short, known.short)


def chosen(
    whole: Whole, move: Move, number: int | None, acting: Acting, *, several: bool
) -> list[RequestPart]:
    """The parts of which that can be said by that person: the one named, else all there are.

    Raises `Refusal` (`request-part`, `request-amount`, `request-not-yours`, `request-which`).
    """
    named = whole.parts if number is None else [whole.part(number)]
    able = [each for each in named if available(each, move)]
    if not able:
        raise Refusal(
            "request-amount",
            _(
                "Nothing of {reference} can be noted so: {places}.",
                reference=whole.reference,
                places=where(named),
            )
            if named
            else _("Nobody has committed anything for {reference} yet.", reference=whole.reference),
        )
    mine = [each for each in able if allowed(whole, each, move, acting)]
    if not mine:
        raise _not_allowed(whole, able, move)
    own = [each for each in mine if each.agency in acting.standing.agencies]
    if move in BY_SUPPLIER and number is None and own:
        mine = own
    if len(mine) > 1 and not several:
        shown = tuple(
            _(
                "part={n}: {supplier}, {amount}",
                n=each.number,
                supplier=each.supplier,
                amount=in_words(whole, each, each.quantity),
            )
            for each in mine
        )
        raise Refusal(
            "request-which",
            _("Which part of {reference}? {parts}", reference=whole.reference, parts=shown),
        )
    return mine


BY_SUPPLIER = (Move.SHIP, Move.WITHDRAW)
BY_BOTH = (Move.ARRIVE, Move.RETURN, Move.SEND_BACK)


def allowed(whole: Whole, part: RequestPart, move: Move, acting: Acting) -> bool:
    """Whether the person may say that of the part."""
    of_supplier = supplies(part.agency, part.by_id, acting)
    if move in BY_SUPPLIER:
        return of_supplier
    return receives(whole, acting) or (move in BY_BOTH and of_supplier)


def _not_allowed(whole: Whole, parts: Sequence[RequestPart], move: Move) -> Refusal:
    suppliers = tuple(dict.fromkeys(each.supplier for each in parts))
    if move in BY_SUPPLIER:
        text = _("That is for {suppliers} or Logistics to say.", suppliers=suppliers)
    else:
        text = _(
            "That is for who asked for {reference}, or people with a role in this incident, to "
            "say.",
            reference=whole.reference,
        )
    return Refusal("request-not-yours", text)


def in_words(whole: Whole, part: RequestPart, quantity: int) -> str:
    """So much of a part with its unit and kind."""
    line = whole.line(part.line)
    return amounts.shown(quantity, line.unit, line.kind)


CODES = {
    Move.SHIP: "request.shipped",
    Move.ARRIVE: "request.arrived",
    Move.ASSIGN: "request.assigned",
    Move.FREE: "request.freed",
    Move.CONSUME: "request.consumed",
    Move.RETURN: "request.returned",
    Move.SEND_BACK: "request.sent-back",
    Move.LOSE: "request.lost",
    Move.WITHDRAW: "request.withdrawn",
}


async def move(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    what: Move,
    acting: Acting,
    *,
    much: Much | None = None,
    part: int | None = None,
    eta: datetime | None = None,
    to: str | None = None,
    note: str | None = None,
) -> Moved:
    """Say that what was promised was shipped, arrived, was assigned and so on: all of it that can
    be, or so much of one part.

    Raises `Refusal`: see `chosen`, `measured` and `shift`.
    """
    whole = await keeping.to_change(uow, incident_id, number)
    rules.after(whole.state, Event.MOVE, whole.reference)
    if what is Move.RETURN and _only_damaged(whole, part):
        what = Move.SEND_BACK
    parts = chosen(whole, what, part, acting, several=much is None)
    target, why = rules.words(to), None if note is None else checked_reason(note)
    shown: list[Msg] = []
    for each in parts:
        line = whole.line(each.line)
        quantity = available(each, what) if much is None else measured(line, much, acting.units)
        taken = shift(each, what, quantity)
        await depots.follow(uow, whole, each, what, taken, acting, why)
        amount = amounts.shown(quantity, line.unit, line.kind)
        shown.append(_("{name} ({agency})", name=amount, agency=each.supplier))
        each.changed_at = acting.now
        each.eta = eta or each.eta
        each.note = why or each.note
        if what is Move.ASSIGN:
            each.assigned_to = target
    text = said(what, acting.by.name, whole.reference, tuple(shown), target, eta)
    if why is not None:
        text = _("{text}. Note: {note}", text=text, note=why)
    await keeping.keep(uow, whole, CODES[what], text, acting, {"note": why, "to": target})
    return Moved(whole, tuple(parts), text)


def _only_damaged(whole: Whole, number: int | None) -> bool:
    parts = whole.parts if number is None else [whole.part(number)]
    return not any(available(each, Move.RETURN) for each in parts) and any(
        available(each, Move.SEND_BACK) for each in parts
    )


def said(
    what: Move,
    name: str,
    reference: str,
    amounts_: tuple[Msg, ...],
    to: str | None = None,
    eta: datetime | None = None,
) -> Msg:
    """What happened to how much, in a sentence."""
    match what:
        case Move.SHIP if eta is not None:
            return _(
                "{name}: {what} for {reference} is on the way, expected {time}",
                name=name, what=amounts_, reference=reference, time=eta,
            )  # fmt: skip
        case Move.SHIP:
            return _("{name}: {what} for {reference} is on the way", name=name, what=amounts_,
                     reference=reference)  # fmt: skip
        case Move.ARRIVE:
            return _("{name}: {what} for {reference} has arrived", name=name, what=amounts_,
                     reference=reference)  # fmt: skip
        case Move.ASSIGN if to is not None:
            return _("{name} assigned {what} of {reference} to {to}", name=name, what=amounts_,
                     reference=reference, to=to)  # fmt: skip
        case Move.ASSIGN:
            return _("{name} assigned {what} of {reference}", name=name, what=amounts_,
                     reference=reference)  # fmt: skip
        case Move.FREE:
            return _("{name}: {what} of {reference} is free again", name=name, what=amounts_,
                     reference=reference)  # fmt: skip
        case Move.CONSUME:
            return _("{name}: {what} of {reference} is used up", name=name, what=amounts_,
                     reference=reference)  # fmt: skip
        case Move.RETURN:
            return _("{name}: {what} of {reference} was returned", name=name, what=amounts_,
                     reference=reference)  # fmt: skip
        case Move.SEND_BACK:
            return _("{name}: {what} of {reference}, damaged, was sent back", name=name,
                     what=amounts_, reference=reference)  # fmt: skip
        case Move.LOSE:
            return _("{name}: {what} of {reference} is lost", name=name, what=amounts_,
                     reference=reference)  # fmt: skip
        case _:
            return _("{name} withdrew {what} from {reference}", name=name, what=amounts_,
                     reference=reference)  # fmt: skip
