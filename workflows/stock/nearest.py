"""The sources of a kind that are best for a need: asked of the store as far out as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from storage import UnitOfWork
from storage.queries.sources import Supply
from workflows.geo.points import Point, about, around
from workflows.stock.ranking import Combination, Need, Ranked, Terms, alone, combine, complete, rank

SHOWN = 5
"""Sources of an answer."""

RINGS = (60_000.0, 250_000.0, 1_000_000.0)
"""Metres within which is looked first, while that does not do; then everywhere."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The best sources, `together` for all of it (None if no quantity was said or one source is
    soonest), and `whole`, the first that has all of it by itself."""

    ranked: tuple[Ranked, ...]
    together: Combination | None
    whole: Ranked | None
    known: int
    """How many sources were compared."""


async def need_of(
    uow: UnitOfWork, at: Point, milli: int | None, agency: str | None, today: date
) -> Need:
    """A need with the agreements of the agency that hold today."""
    agreed: dict[str, float | None] = {}
    for each in await uow.sources.agreements(agency) if agency is not None else ():
        if each.until is None or each.until >= today:
            other = each.second if each.first == agency else each.first
            lead = each.lead_minutes
            agreed[other] = None if lead is None else lead * 60.0
    return Need(at, milli, agency, agreed, today)


async def found(
    uow: UnitOfWork, kind_id: int, need: Need, terms: Terms, *, shown: int = SHOWN
) -> list[Supply]:
    """Enough sources to answer by: all within the distance beyond which none could be better."""
    for ring in RINGS:
        supplies = await _within(uow, kind_id, need, ring)
        reach = complete(rank(supplies, need, terms), need.milli, shown, terms)
        if reach <= ring:
            return supplies
        if reach <= RINGS[-1]:
            return await _within(uow, kind_id, need, reach)
    return await uow.sources.of(kind_id, after=need.today)


async def _within(uow: UnitOfWork, kind_id: int, need: Need, distance: float) -> list[Supply]:
    found = await uow.sources.of(kind_id, after=need.today, box=around(need.at, distance))
    return [
        each
        for each in found
        if each.lat is None
        or each.lon is None
        or about(Point(each.lat, each.lon), need.at) <= distance
    ]


def answer(
    supplies: Sequence[Supply],
    need: Need,
    terms: Terms,
    routes: Mapping[int, float] | None = None,
    *,
    shown: int = SHOWN,
) -> Answer:
    """The answer from these sources. Pure."""
    ranked = rank(supplies, need, terms, routes)
    together = whole = None
    if need.milli is not None:
        together = combine(ranked, need.milli)
        whole = alone(ranked, need.milli)
        if len(together.parts) == 1 and not together.short:
            whole, together = together.parts[0].source, None
    return Answer(tuple(ranked[:shown]), together, whole, len(ranked))
