"""What could be made beside what lies in depots: with it, all of a need may be there sooner. Pure.

What is made is never goods on the shelf: it stands apart in every answer, and promises nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from storage.tables import StockCapacity
from workflows.geo.points import Point, metres
from workflows.stock.ranking import Need, Part, Ranked, Terms, Tie

STEP = 1000
"""Thousandths: only whole ones of the base unit count as made."""

MINUTE = 60.0
LONGEST = 366 * 24 * 60
"""Minutes beyond which nobody waits for what is made."""

SOONER = 600.0
"""Seconds by which it has to be sooner than what lies in depots, to be worth saying."""


@dataclass(frozen=True, slots=True)
class Works:
    """Somebody who makes it: `rate` thousandths of the base unit a second, the first of which could
    be there after `begins` seconds."""

    name: str
    rate: float
    begins: float

    def by(self, seconds: float) -> int:
        """How much of what is made by it can be there by then, in whole ones."""
        made = max(0.0, seconds - self.begins) * self.rate
        return int(made + 1e-6) // STEP * STEP


@dataclass(frozen=True, slots=True)
class Made:
    """All of a need after `seconds`: `shelf` from depots, and so much of each of the `works`."""

    seconds: float
    shelf: tuple[Part, ...]
    works: tuple[tuple[Works, int], ...]


def works(
    capacities: Iterable[StockCapacity], places: Mapping[int, Point], need: Need, terms: Terms
) -> list[Works]:
    """Who makes it at a place that is known (`places`, by depot): only of those can be said when it
    would be there. Begun once the owner has agreed, loaded and driven like stock."""
    found = []
    for each in capacities:
        at = None if each.depot_id is None else places.get(each.depot_id)
        if at is None or each.hours <= 0:
            continue
        lead = _agreed(each.agency, need, terms)
        driving = terms.driving(metres(at, need.at))
        begins = lead + each.lead_minutes * MINUTE + terms.loading + driving
        found.append(Works(each.agency or each.name, each.milli / (each.hours * 3600), begins))
    return sorted(found, key=lambda one: one.begins)


def _agreed(agency: str | None, need: Need, terms: Terms) -> float:
    if agency is None or agency == need.agency:
        return terms.lead[Tie.OWN]
    if agency in need.agreed:
        said = need.agreed[agency]
        return terms.lead[Tie.AGREEMENT] if said is None else said
    return terms.lead[Tie.OTHER]


def soonest(
    ranked: Sequence[Ranked], made: Sequence[Works], milli: int, before: float | None
) -> Made | None:
    """The least time, to the minute, after which depots and works together have all of it there;
    None where that is not sooner than `before`, the seconds that depots alone take (None where
    they have not all of it)."""
    there = [each for each in ranked if each.seconds is not None]

    def amount(minutes: int) -> int:
        seconds = minutes * MINUTE
        shelf = sum(each.milli for each in there if (each.seconds or 0.0) <= seconds)
        return shelf + sum(each.by(seconds) for each in made)

    low, high = 0, LONGEST
    if not made or amount(high) < milli:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if amount(middle) >= milli else (middle + 1, high)
    seconds = high * MINUTE
    if before is not None and seconds > before - SOONER:
        return None
    left, shelf, some = milli, list[Part](), list[tuple[Works, int]]()
    for source in there:
        taken = min(left, source.milli) if (source.seconds or 0.0) <= seconds else 0
        if taken:
            shelf.append(Part(source, taken))
            left -= taken
    for each in made:
        taken = min(left, each.by(seconds))
        if taken:
            some.append((each, taken))
            left -= taken
    return Made(seconds, tuple(shelf), tuple(some)) if some else None
