"""What arrived is counted: good, damaged, missing, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from storage import UnitOfWork
from storage.tables import RequestLine
from workflows.errors import Refusal
from workflows.requests import amounts, depots, keeping, rules
from workflows.requests.rules import Event, Move, Place
from workflows.requests.steps import Acting
from workflows.requests.supply import Moved, Much, chosen, in_words, measured
from workflows.requests.whole import held, shift, where
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Count:
    """What was found on arrival: `good` of it, None for the rest; condition in words."""

    good: Much | None = None
    damaged: Much | None = None
    missing: Much | None = None
    condition: str | None = None


async def accept(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    count: Count,
    acting: Acting,
    *,
    part: int | None = None,
) -> Moved:
    """Accept what has arrived, by quantity and condition. What is neither good nor damaged is
    missing, and wanted again.

    Raises `Refusal`: see `chosen` and `shift`.
    """
    whole = await keeping.to_change(uow, incident_id, number)
    rules.after(whole.state, Event.MOVE, whole.reference)
    counted = (count.good, count.damaged, count.missing)
    parts = chosen(whole, Move.ACCEPT, part, acting, several=not any(counted))
    condition = rules.words(count.condition)
    shown: list[Msg] = []
    damaged = missing = 0
    for each in parts:
        line, there = whole.line(each.line), held(each, Place.ARRIVED)
        bad = 0 if count.damaged is None else _some(line, count.damaged, acting)
        gone = 0 if count.missing is None else _some(line, count.missing, acting)
        good = max(there - bad - gone, 0) if count.good is None else _some(line, count.good, acting)
        gone = max(gone, there - good - bad)
        for step, quantity in ((Move.ACCEPT, good), (Move.DAMAGE, bad), (Move.MISS, gone)):
            if quantity > held(each, Place.ARRIVED):
                raise Refusal(
                    "request-amount",
                    _(
                        "Only {amount} has arrived and is not accepted yet ({places}). Commit what "
                        "came in addition first.",
                        amount=in_words(whole, each, there),
                        places=where((each,)),
                    ),
                )
            taken = shift(each, step, quantity)
            await depots.follow(uow, whole, each, step, taken, acting, condition)
        each.condition = condition or each.condition
        each.changed_at = acting.now
        amount = in_words(whole, each, good)
        shown.append(_("{name} ({agency})", name=amount, agency=each.supplier))
        damaged, missing = damaged + bad, missing + gone
    text = _accepted(acting.by.name, whole.reference, tuple(shown), damaged, missing)
    if condition is not None:
        text = _("{text}. Condition: {condition}", text=text, condition=condition)
    await keeping.keep(uow, whole, "request.accepted", text, acting, {"condition": condition})
    return Moved(whole, tuple(parts), text)


def _some(line: RequestLine, much: Much, acting: Acting) -> int:
    """As `measured`, and nothing at all, too."""
    return 0 if much.amount == 0 else measured(line, much, acting.units)


def _accepted(name: str, reference: str, shown: tuple[Msg, ...], damaged: int, missing: int) -> Msg:
    text = _("{name} accepted {what} for {reference}", name=name, what=shown, reference=reference)
    if damaged and missing:
        return _("{text}; {damaged} damaged, {missing} missing", text=text,
                 damaged=amounts.number(damaged), missing=amounts.number(missing))  # fmt: skip
    if damaged:
        return _("{text}; {damaged} damaged", text=text, damaged=amounts.number(damaged))
    if missing:
        return _("{text}; {missing} missing", text=text, missing=amounts.number(missing))
    return text
