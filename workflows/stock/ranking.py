"""Which sources are best for a need: when each could be there, why, and which together give all of
it soonest. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from storage.queries.sources import Supply
from workflows.geo.points import ELLIPTICITY, Point, about, metres
from workflows.shelf import NotUsable, unfit
from workflows.text import Msg, _

EXACT = 24
"""So many of the nearest are measured on the ellipsoid; beyond, the sphere is good enough."""


class Tie(StrEnum):
    """What the owner of a source has to do with those who need it."""

    OWN = "own"
    AGREEMENT = "agreement"
    OTHER = "other"


TIES: Mapping[Tie, Msg] = {
    Tie.OWN: _("own stock"),
    Tie.AGREEMENT: _("mutual aid agreement"),
    Tie.OTHER: _("no agreement: has to be asked"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How long things take (`travel.toml`): `speed` in metres a second, times in seconds."""

    road_factor: float
    speed: float
    loading: float
    soon: timedelta
    lead: Mapping[Tie, float]
    example: bool

    @staticmethod
    def read(data: Mapping[str, Any]) -> Terms:
        """The terms of the data file. Raises `NotUsable`."""
        try:
            made = Terms(
                float(data["road_factor"]),
                float(data["speed"]) / 3.6,
                float(data["loading"]) * 60,
                timedelta(days=int(data["soon_days"])),
                {tie: float(data["lead"][tie.value]) * 60 for tie in Tie},
                bool(data.get("example")),
            )
        except (KeyError, TypeError, ValueError) as wrong:
            raise unfit("travel", wrong) from wrong
        if made.road_factor < 1 or made.speed <= 0 or min(made.loading, *made.lead.values()) < 0:
            raise NotUsable("travel.toml: a factor below 1, no speed, or a time below zero")
        return made

    def driving(self, distance: float) -> float:
        """Seconds on the road for so many metres as the crow flies."""
        return distance * self.road_factor / self.speed

    def reach(self, seconds: float) -> float:
        """Metres from beyond which nothing can be there in that time."""
        return max(0.0, seconds - self.loading) / self.road_factor * self.speed


@dataclass(frozen=True, slots=True)
class Need:
    """So much of a kind at a place, for an agency (short name), which has agreed with others:
    seconds until they lend, None for the usual."""

    at: Point
    milli: int | None
    agency: str | None
    agreed: Mapping[str, float | None]
    today: date


@dataclass(frozen=True, slots=True)
class Ranked:
    """A source with what speaks for it. `metres` and `seconds` are None where nobody has said
    where it lies; `seconds` are until it is there, `lead` of them until its owner has agreed.
    `routed`: a routing server said how long the way takes."""

    supply: Supply
    tie: Tie
    lead: float
    metres: float | None
    seconds: float | None
    routed: bool = False
    soon: bool = False
    """Some of it expires before long."""

    @property
    def milli(self) -> int:
        """How much there is, in thousandths of the kind's base unit."""
        return self.supply.milli


def tie_of(supply: Supply, need: Need, terms: Terms) -> tuple[Tie, float]:
    """What the owner has to do with the need, and the seconds until it has agreed."""
    if supply.agency is None or supply.agency == need.agency:
        return Tie.OWN, terms.lead[Tie.OWN]
    if supply.agency in need.agreed:
        lead = need.agreed[supply.agency]
        return Tie.AGREEMENT, terms.lead[Tie.AGREEMENT] if lead is None else lead
    return Tie.OTHER, terms.lead[Tie.OTHER]


def rank(
    supplies: Iterable[Supply],
    need: Need,
    terms: Terms,
    routes: Mapping[int, float] | None = None,
    *,
    exact: int = EXACT,
) -> list[Ranked]:
    """The sources, the first that could be there first; those whose place is not known last. The
    `exact` nearest are measured on the ellipsoid.

    `routes` has the seconds on the road of depots as a routing server says them. Within a minute
    that goes first which expires first.
    """
    near = sorted(
        ((_rough(each, need.at), each) for each in supplies), key=lambda one: (one[0], one[1].depot)
    )
    found = []
    for place, (rough, supply) in enumerate(near):
        point = _point(supply)
        tie, lead = tie_of(supply, need, terms)
        soon = supply.expiry is not None and supply.expiry <= need.today + terms.soon
        if point is None:
            found.append(Ranked(supply, tie, lead, None, None, soon=soon))
            continue
        distance = metres(point, need.at) if place < exact else rough
        road = None if routes is None else routes.get(supply.depot)
        driving = terms.driving(distance) if road is None else road
        seconds = lead + terms.loading + driving
        found.append(
            Ranked(supply, tie, lead, distance, seconds, routed=road is not None, soon=soon)
        )
    return sorted(found, key=_order)


def _point(supply: Supply) -> Point | None:
    if supply.lat is None or supply.lon is None:
        return None
    return Point(supply.lat, supply.lon)


def _rough(supply: Supply, at: Point) -> float:
    point = _point(supply)
    return float("inf") if point is None else about(point, at)


def _order(one: Ranked) -> tuple[float, date, int]:
    minutes = float("inf") if one.seconds is None else one.seconds // 60
    return minutes, one.supply.expiry or date.max, one.supply.depot


@dataclass(frozen=True, slots=True)
class Part:
    """What one source gives to a combination."""

    source: Ranked
    milli: int


@dataclass(frozen=True, slots=True)
class Combination:
    """Sources that together give what is needed, the first to be there first.

    `seconds` is when the last of it is there; `short` how much is lacking if all that is known
    does not do.
    """

    parts: tuple[Part, ...]
    seconds: float | None
    short: int = 0


def combine(ranked: Sequence[Ranked], milli: int) -> Combination:
    """The sources that have all of it on the spot soonest, and of these as few as possible.

    No other choice has all of it sooner: whatever it is, it needs one that comes last at the
    earliest. Among those that come by then, the largest do with the fewest.
    """
    there = [each for each in ranked if each.seconds is not None]
    together, count = 0, 0
    for each in there:
        if together >= milli:
            break
        together, count = together + each.milli, count + 1
    in_time = there[:count]
    left = milli
    chosen: list[Part] = []
    for each in sorted(in_time, key=lambda one: (-one.milli, _order(one))):
        if left <= 0:
            break
        taken = min(left, each.milli)
        chosen.append(Part(each, taken))
        left -= taken
    chosen.sort(key=lambda part: _order(part.source))
    parts = tuple(_shared([each.source for each in chosen], milli - left))
    last = max((each.source.seconds or 0.0 for each in parts), default=None)
    return Combination(parts, last, max(0, left))


def _shared(sources: Sequence[Ranked], milli: int) -> Iterable[Part]:
    """Each gives all that it has, the one that comes last the rest."""
    for each in sources:
        taken = min(milli, each.milli)
        milli -= taken
        if taken > 0:
            yield Part(each, taken)


def alone(ranked: Sequence[Ranked], milli: int) -> Ranked | None:
    """The source that has all of it and could be there first."""
    fit = (each for each in ranked if each.milli >= milli and each.seconds is not None)
    return next(fit, None)


def complete(ranked: Sequence[Ranked], milli: int | None, shown: int, terms: Terms) -> float:
    """Metres within which all sources have to be known for the answer to hold: nothing beyond
    could be among the first `shown`, nor in the best combination; infinite if these do not do."""
    there = [each for each in ranked if each.seconds is not None]
    if len(there) < shown:
        return float("inf")
    latest = there[shown - 1].seconds or 0.0
    if milli is not None:
        best = combine(ranked, milli)
        if best.short or best.seconds is None:
            return float("inf")
        latest = max(latest, best.seconds)
    # Twice: what was compared may be wrong by that, and what is looked for, too.
    return terms.reach(latest + 60) * (1 + ELLIPTICITY) ** 2
