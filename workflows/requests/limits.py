"""Money: what requests are estimated to cost and did cost, limits, and who is told of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, Request, RequestLimit, RequestLine, RequestPart
from workflows.requests import rules
from workflows.requests.rules import Event, State
from workflows.requests.whole import Whole

GONE = (State.REJECTED, State.CANCELLED, State.JOINED)
"""Where nothing of a request is to be paid any more."""

WARNED = (80, 100)
"""Percent of a total at which people are told."""


@dataclass
class Spent:
    """Hundredths: `estimated` by lines that go on, `actual` by parts; `counted` takes for each line
    what it did cost if that is known, else the estimate."""

    estimated: int = 0
    actual: int = 0
    counted: int = 0


@dataclass
class Totals:
    """What an incident costs, and each agency in it (the one that a line is for)."""

    whole: Spent = field(default_factory=Spent)
    agencies: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))


def estimate(whole: Whole) -> int | None:
    """What a request is estimated to cost in all; None if a line that goes on has no estimate."""
    known = [each.estimate for each in whole.lines if whole.wanted(each)]
    return None if None in known else sum(each for each in known if each is not None)


def share(whole: Whole, cents: int) -> None:
    """Divide the estimate of the whole among its lines, by their places: equal but for the rest."""
    lines = [each for each in whole.lines if whole.wanted(each)]
    for number, line in enumerate(lines):
        line.estimate = cents // len(lines) + (1 if number < cents % len(lines) else 0)


async def needs_finance(uow: UnitOfWork, whole: Whole) -> bool:
    """Whether a limit of the incident or of an agency asks for Finance's approval.

    What was split from one request or joined with it counts together, so that no need gets below
    a limit in pieces. Where there is a limit and no estimate, it does.
    """
    known = {
        each.agency: each.approval
        for each in await uow.requests.limits(whole.incident.id)
        if each.approval is not None
    }
    if not known:
        return False
    family = await _family(uow, whole)
    agencies = {"", *(line.agency or request.agency or "" for request, line in family)}
    agencies |= {whole.request.agency or ""}
    bounds = [known[each] for each in agencies if each in known]
    costs = [line.estimate for _request, line in family if line.quantity > line.dropped]
    if None in costs:
        return bool(bounds)
    cost = sum(each for each in costs if each is not None)
    return any(cost > bound for bound in bounds)


async def _family(uow: UnitOfWork, whole: Whole) -> list[tuple[Request, RequestLine]]:
    """The lines of the request and of those that go on and are tied to it by splits and joins."""
    incident_id, mine = whole.incident.id, whole.request
    tied: dict[int, set[int]] = defaultdict(set)
    for each in (mine, *await uow.requests.all(incident_id)):
        for other in (each.split_from, each.joined_into):
            if other is not None:
                tied[each.number].add(other)
                tied[other].add(each.number)
    found, ahead = {mine.number}, [mine.number]
    while ahead:
        new = tied[ahead.pop()] - found
        found |= new
        ahead += new
    family = [(mine, each) for each in whole.lines]
    if found == {mine.number}:
        return family
    others = found - {mine.number}
    return family + [
        (request, line)
        for request, line in await uow.requests.lines(incident_id)
        if request.number in others and request.state not in GONE
    ]


async def review(uow: UnitOfWork, whole: Whole, now: datetime) -> None:
    """What is open for commitments waits for Finance again if it is above a limit."""
    if await needs_finance(uow, whole):
        whole.turn(rules.after(whole.state, Event.REVIEW, whole.reference), now)


async def totals(uow: UnitOfWork, incident: Incident) -> Totals:
    """Running totals over all requests that were not refused."""
    made = Totals()
    parts: dict[tuple[int, int], list[RequestPart]] = defaultdict(list)
    for request, part in await uow.requests.parts_of(incident.id):
        parts[request.number, part.line].append(part)
    for request, line in await uow.requests.lines(incident.id):
        if request.state in (State.REJECTED, State.JOINED):
            continue
        of = parts[request.number, line.number]
        for spent in (made.whole, made.agencies[line.agency or request.agency or ""]):
            _add(spent, request, line, of)
    return made


def _add(spent: Spent, request: Request, line: RequestLine, parts: Sequence[RequestPart]) -> None:
    known = [each.cost for each in parts if each.cost is not None]
    goes_on = request.state != State.CANCELLED and line.quantity > line.dropped
    estimated = (line.estimate or 0) if goes_on else 0
    spent.estimated += estimated
    spent.actual += sum(known)
    spent.counted += sum(known) if known else estimated


def crossed(limit: RequestLimit, spent: int) -> int:
    """The percentage of the total that is reached and was not told yet, 0 for none."""
    if not limit.total:
        return 0
    reached = [each for each in WARNED if spent * 100 >= limit.total * each]
    return max((each for each in reached if each > limit.told), default=0)


async def reached(uow: UnitOfWork, incident: Incident) -> list[tuple[RequestLimit, int, Spent]]:
    """Limits of which a further mark is reached now, each noted as told."""
    known = [each for each in await uow.requests.limits(incident.id) if each.total]
    if not known:
        return []
    sums = await totals(uow, incident)
    found: list[tuple[RequestLimit, int, Spent]] = []
    for limit in known:
        spent = sums.agencies[limit.agency] if limit.agency else sums.whole
        percent = crossed(limit, spent.counted)
        if percent:
            limit.told = percent
            await uow.requests.save(limit)
            found.append((limit, percent, spent))
    return found


def agencies_of(limits: Iterable[RequestLimit]) -> tuple[str, ...]:
    """The agencies that have a limit of their own."""
    return tuple(each.agency for each in limits if each.agency)
