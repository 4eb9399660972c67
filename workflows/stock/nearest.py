"""The sources of a kind that are best for a need: asked of the store as far out as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite, sqrt

from storage import UnitOfWork
from storage.queries.sources import Supply
from workflows.geo.points import ELLIPTICITY, Point, about, around
from workflows.stock.ranking import Combination, Need, Ranked, Terms, alone, combine, complete, rank

SHOWN = 5
"""Sources of an answer."""

FIRST, WIDEST = 60_000.0, 1_000_000.0
"""Metres within which is looked at first, and beyond which everywhere is looked at."""

PATIENT = timedelta(hours=1)
"""A single source that takes twice as long and this much more than several is no alternative."""


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
    known = {} if agency is None else await uow.sources.agreed(agency, today)
    agreed = {each: None if lead is None else lead * 60.0 for each, lead in known.items()}
    return Need(at, milli, agency, agreed, today)


async def found(
    uow: UnitOfWork, kind_id: int, need: Need, terms: Terms, *, shown: int = SHOWN
) -> list[Supply]:
    """Enough sources to answer by: all within the distance beyond which none could be better, and
    those that have all of it by themselves before long."""
    ring = FIRST
    while ring <= WIDEST:
        supplies = await _within(uow, kind_id, need, ring)
        ranked = rank(supplies, need, terms, exact=0)
        reach = complete(ranked, need.milli, shown, terms)
        if reach <= ring:
            return supplies + await _large(uow, kind_id, need, terms, ranked)
        ring = reach if isfinite(reach) else ring * _growth(ranked, need.milli, shown)
    return await uow.sources.of(kind_id, after=need.today)


def _growth(ranked: Sequence[Ranked], milli: int | None, shown: int) -> float:
    """By how much wider it has to be looked, if there is as much everywhere as here."""
    there = sum(each.milli for each in ranked if each.seconds is not None)
    lacking = max(shown / max(1, len(ranked)), (milli or 0) / max(1, there))
    return min(max(1.5, 1.2 * sqrt(lacking)), 100.0 if there else 5.0)


async def _large(
    uow: UnitOfWork, kind_id: int, need: Need, terms: Terms, ranked: Sequence[Ranked]
) -> list[Supply]:
    """Those further off that have all of it, where several are soonest."""
    if need.milli is None:
        return []
    best = combine(ranked, need.milli)
    if len(best.parts) == 1 or best.seconds is None:
        return []
    near = {each.supply.depot for each in ranked}
    reach = terms.reach(_patience(best)) * (1 + ELLIPTICITY) ** 2
    some = await _within(uow, kind_id, need, reach, least=need.milli)
    return [each for each in some if each.depot not in near and each.lat is not None]


def _patience(best: Combination) -> float:
    return 2 * (best.seconds or 0.0) + PATIENT.total_seconds()


async def _within(
    uow: UnitOfWork, kind_id: int, need: Need, distance: float, least: int | None = None
) -> list[Supply]:
    box = around(need.at, distance)
    found = await uow.sources.of(kind_id, after=need.today, box=box, least=least)
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
        elif whole is not None and (whole.seconds or 0.0) > _patience(together):
            whole = None
    return Answer(tuple(ranked[:shown]), together, whole, len(ranked))
