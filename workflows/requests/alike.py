"""Requests of several people or agencies that may be one and the same, and joining them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Request, RequestLine
from workflows.errors import Refusal
from workflows.incidents.record import record
from workflows.requests import keeping, limits, rules
from workflows.requests.rules import BEFORE_SUPPLY, PRIORITIES, Event, State
from workflows.requests.service import not_yours
from workflows.requests.steps import Acting, Step, asks, forget, logistics
from workflows.requests.whole import Whole
from workflows.text import _

NEAR = timedelta(hours=12)
"""Needs that are further apart in time are two needs."""
LIKE = 75
"""From this likeness of their names on, in percent, two kinds or places are taken for the same."""
MOST_COMPARED = 100
"""Requests that one is compared with, the newest, so that a flood of them holds nobody up."""
MOST_TWINS = 5
"""Requests that are offered to be joined at a time, the newest."""


def folded(name: str) -> str:
    """A name as it is compared: any case, without spaces."""
    return "".join(name.casefold().split())


def same(first: str, second: str) -> bool:
    """Whether two folded names may mean the same: equal, one within the other, or nearly equal."""
    # Loaded at the first comparison: 2 MB and a twentieth of a second.
    from rapidfuzz import fuzz

    if first == second:
        return True
    if min(len(first), len(second)) >= 2 and (first in second or second in first):
        return True
    return fuzz.ratio(first, second, score_cutoff=LIKE) > 0


def matching(
    mine: Request,
    lines: Iterable[RequestLine],
    others: Iterable[Request],
    of: Mapping[int, Iterable[RequestLine]],
) -> list[Request]:
    """Those of `others`, by number, that may be for the same need: a kind, the place and the time
    agree, as far as they are told. `of` are their lines, by number.

    The newest `MOST_COMPARED` are looked at, the newest `MOST_TWINS` are found.
    """
    kinds = {folded(each.kind) for each in lines}
    place = None if mine.place is None else folded(mine.place)
    near = [each for each in others if _near(mine.needed_by, each.needed_by)]
    near.sort(key=lambda each: each.number, reverse=True)
    known: dict[str, bool] = {}
    found: list[Request] = []
    for each in near[:MOST_COMPARED]:
        if place is not None and each.place is not None and not same(place, folded(each.place)):
            continue
        theirs = {folded(line.kind) for line in of.get(each.number, ())}
        for kind in theirs - known.keys():
            known[kind] = any(same(kind, one) for one in kinds)
        if any(known[kind] for kind in theirs):
            found.append(each)
        if len(found) == MOST_TWINS:
            break
    return found[::-1]


def _near(one: datetime | None, other: datetime | None) -> bool:
    return one is None or other is None or abs(one - other) <= NEAR


async def twins(uow: UnitOfWork, whole: Whole) -> list[Request]:
    """Other requests that may be the same, that nothing was promised for and that nobody has
    called different."""
    if not joinable(whole):
        return []
    mine = whole.request
    lines: dict[int, list[RequestLine]] = {}
    others: dict[int, Request] = {}
    for request, line in await uow.requests.open(whole.incident.id):
        others[request.number] = request
        if line.quantity > line.dropped:
            lines.setdefault(request.number, []).append(line)
    promised = await uow.requests.promised(whole.incident.id)
    joinable_ = [
        each
        for each in others.values()
        if _before(State(each.state), each.number in promised) and not _known_apart(mine, each)
    ]
    return matching(mine, [each for each in whole.lines if whole.wanted(each)], joinable_, lines)


def _known_apart(one: Request, other: Request) -> bool:
    """Whether they are one request, were called different or come from one that was split."""
    if one.number == other.number or other.number in one.apart or one.number in other.apart:
        return True
    return bool({one.number, *_split(one)} & {other.number, *_split(other)})


def _split(request: Request) -> tuple[int, ...]:
    return () if request.split_from is None else (request.split_from,)


def joinable(whole: Whole) -> bool:
    """Whether it can still become part of another."""
    return _before(whole.state, bool(whole.parts))


def _before(state: State, promised: bool) -> bool:
    return state in BEFORE_SUPPLY or (state is State.SOURCING and not promised)


async def join(
    uow: UnitOfWork, incident_id: int, number: int, into: int, acting: Acting
) -> tuple[Whole, Whole]:
    """Make the lines of one request lines of the other, which from then on stands where the one
    stands that is further from supply: no approval is jumped over. Above a limit Finance is asked,
    unless it has approved both.

    Who asked for one of them may, and Logistics. Raises `Refusal` (`request-join`).
    """
    gone = await keeping.to_change(uow, incident_id, number)
    kept = await keeping.named(uow, gone.incident, into)
    rules.after(gone.state, Event.JOIN, gone.reference)
    rules.after(kept.state, Event.RESHAPE, kept.reference)
    if gone.request.number == kept.request.number:
        raise Refusal("request-join", _("A request is not joined into itself."))
    if not joinable(gone) or not joinable(kept):
        raise Refusal(
            "request-join",
            _(
                "Something was committed for {reference} already; it goes on by itself.",
                reference=(kept if joinable(gone) else gone).reference,
            ),
        )
    if not (asks(gone, acting) or asks(kept, acting) or logistics(acting.standing)):
        raise not_yours(gone)
    _take_over(kept, gone)
    order = list(rules.TRANSITIONS)
    kept.turn(min(kept.state, gone.state, key=order.index), acting.now)
    gone.turn(State.JOINED, acting.now)
    gone.request.joined_into = kept.request.number
    taken = (kept.request.steps, gone.request.steps)
    ordered = any(Step.ORDER in each for each in taken)
    passed = all(Step.FINANCE in each for each in taken)
    if kept.state is State.SOURCING and ordered and not passed:
        await limits.review(uow, kept, acting.now)
    forget(kept)
    text = _(
        "{name} joined {gone} into {kept}",
        name=acting.by.name,
        gone=gone.reference,
        kept=kept.reference,
    )
    await keeping.keep(uow, gone, "request.joined", text, acting)
    await uow.requests.save(kept.request, *kept.lines)
    await keeping.keep(uow, kept, "request.took-over", text, acting)
    return kept, gone


def _take_over(kept: Whole, gone: Whole) -> None:
    """The lines, the sooner time and the higher priority."""
    number = max(each.number for each in kept.lines)
    assert kept.request.id is not None
    if len(kept.lines) + len(gone.lines) > rules.MOST_LINES:
        raise Refusal(
            "request-join",
            _("Together they would have more than {limit} lines.", limit=rules.MOST_LINES),
        )
    for line in gone.lines:
        if not gone.wanted(line):
            continue
        number += 1
        kept.lines.append(
            RequestLine(
                request_id=kept.request.id,
                number=number,
                kind=line.kind,
                unit=line.unit,
                quantity=gone.wanted(line),
                estimate=line.estimate,
                agency=line.agency or gone.request.agency,
                origin=gone.reference,
            )
        )
    for line in gone.lines:
        line.dropped = line.quantity
    mine, theirs = kept.request, gone.request
    times = [each for each in (mine.needed_by, theirs.needed_by) if each is not None]
    mine.needed_by = min(times, default=None)
    mine.priority = min(mine.priority, theirs.priority, key=PRIORITIES.index)
    mine.place = mine.place or theirs.place
    mine.apart = sorted({*mine.apart, *theirs.apart} - {mine.number, theirs.number})


async def apart(
    uow: UnitOfWork, incident_id: int, number: int, other: int, acting: Acting
) -> tuple[Whole, Whole]:
    """Note that two requests which look alike are two; nobody is asked again. Raises `Refusal`."""
    whole = await keeping.to_change(uow, incident_id, number)
    second = await keeping.named(uow, whole.incident, other)
    if not (asks(whole, acting) or asks(second, acting) or logistics(acting.standing)):
        raise not_yours(whole)
    if other not in whole.request.apart:
        whole.request.apart = sorted({*whole.request.apart, other})
        await uow.requests.save(whole.request)
        await record(
            uow,
            whole.incident,
            "request.apart",
            _(
                "{name}: {first} and {second} are different",
                name=acting.by.name,
                first=whole.reference,
                second=second.reference,
            ),
            by=acting.by,
            now=acting.now,
            thing=whole.reference,
            changes=whole.changes(),
        )
    return whole, second
