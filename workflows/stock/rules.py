"""Places of stock, which way things may go between them, and what is taken first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.errors import Refusal
from workflows.incidents.rules import one_line
from workflows.text import Msg, _

LONGEST_NAME = 60
LONGEST_BATCH = 40


class Sort(StrEnum):
    """What sort of place something is in."""

    DEPOT = "depot"
    PROMISED = "promised"
    """Still in the depot of that number, but somebody has been promised it."""
    TRANSIT = "transit"
    """On the road, for the incident of that number; so are the next three."""
    SCENE = "scene"
    USED = "used"
    LOST = "lost"
    OUTSIDE = "outside"
    """Where new stock comes from and what is given away goes to."""


@dataclass(frozen=True, slots=True)
class Place:
    """A side of a movement. `number` is a depot's (D), or an incident's (I), 0 for none."""

    sort: Sort
    number: int = 0

    def __str__(self) -> str:
        return f"{self.sort}:{self.number}"

    @staticmethod
    def parse(text: str) -> Place:
        """Read what `str` wrote; ValueError for anything else."""
        sort, _sign, number = text.partition(":")
        return Place(Sort(sort), int(number))


OUTSIDE = Place(Sort.OUTSIDE)

_STOCK = {Sort.DEPOT, Sort.PROMISED}
_AWAY = {Sort.TRANSIT, Sort.SCENE}
WAYS: Mapping[Sort, frozenset[Sort]] = {
    Sort.OUTSIDE: frozenset({Sort.DEPOT, Sort.TRANSIT, Sort.SCENE}),
    Sort.DEPOT: frozenset({*_STOCK, *_AWAY, Sort.USED, Sort.LOST, Sort.OUTSIDE}),
    Sort.PROMISED: frozenset({*_STOCK, *_AWAY, Sort.USED, Sort.LOST, Sort.OUTSIDE}),
    Sort.TRANSIT: frozenset({*_STOCK, *_AWAY, Sort.USED, Sort.LOST, Sort.OUTSIDE}),
    Sort.SCENE: frozenset({*_STOCK, *_AWAY, Sort.USED, Sort.LOST, Sort.OUTSIDE}),
    Sort.USED: frozenset({Sort.SCENE}),
    Sort.LOST: frozenset({Sort.DEPOT, *_AWAY}),
}
"""Where things of a place may go: what was used or lost comes back only as a correction."""

EXPLAINED = frozenset({Sort.LOST, Sort.OUTSIDE})
"""Nothing goes there without a reason: every loss has a name."""

SORTS: Mapping[Sort, Msg] = {
    Sort.DEPOT: _("depot"),
    Sort.PROMISED: _("reserved"),
    Sort.TRANSIT: _("on the way"),
    Sort.SCENE: _("on scene"),
    Sort.USED: _("used up"),
    Sort.LOST: _("lost"),
    Sort.OUTSIDE: _("outside"),
}

GOOD, REPAIR, BROKEN = "good", "repair", "broken"
CONDITIONS: Mapping[str, Msg] = {
    GOOD: _("good"),
    REPAIR: _("to be repaired"),
    BROKEN: _("broken"),
}


@dataclass(frozen=True, slots=True)
class Portion:
    """So much of a lot (thousandths of its kind's base unit)."""

    lot_id: int
    milli: int


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot that could be taken, with how much of it is there."""

    lot_id: int
    milli: int
    expiry: date | None
    condition: str
    batch: str = ""


def way(source: Place, target: Place, reason: str | None) -> None:
    """Raise `Refusal` (`stock-way`, `stock-reason`) unless things may go from there to there."""
    if source == target or target.sort not in WAYS[source.sort]:
        raise Refusal(
            "stock-way",
            _(
                "Nothing goes from {source} to {target}.",
                source=SORTS[source.sort],
                target=SORTS[target.sort],
            ),
        )
    if target.sort in EXPLAINED and not reason:
        raise Refusal(
            "stock-reason",
            _("Say what became of it: add reason=, such as reason=wet in transport."),
        )


def first_out(
    lots: Iterable[Lot], milli: int, *, today: date, batch: str | None = None
) -> tuple[Portion, ...]:
    """Which lots to take for so much: the first to expire first, then those without an expiry.

    Without `batch` only what is in good condition and not expired; with it, of that batch in
    whatever condition. May add up to less than asked for.
    """
    left, found = milli, []
    for each in sorted(lots, key=_first):
        fits = each.batch == batch if batch is not None else usable(each, today)
        if fits and left > 0 and each.milli > 0:
            taken = min(left, each.milli)
            found.append(Portion(each.lot_id, taken))
            left -= taken
    return tuple(found)


def last_in(lots: Iterable[Lot], milli: int, *, batch: str | None = None) -> tuple[Portion, ...]:
    """Which lots so much is of that comes back, is broken or missing: in whatever condition,
    those that keep longest last of all. May add up to less than asked for."""
    left, found = milli, []
    for each in sorted(lots, key=_first):
        if (batch is None or each.batch == batch) and left > 0 and each.milli > 0:
            found.append(Portion(each.lot_id, min(left, each.milli)))
            left -= found[-1].milli
    return tuple(found)


def usable(lot: Lot, today: date) -> bool:
    """Whether it can be given to people who need it, on that day."""
    return lot.condition == GOOD and (lot.expiry is None or lot.expiry >= today)


def _first(lot: Lot) -> tuple[bool, date, int]:
    return lot.expiry is None, lot.expiry or date.max, lot.lot_id


def total(portions: Sequence[Portion]) -> int:
    """How much they are together."""
    return sum(each.milli for each in portions)


def name(typed: str) -> str:
    """What a depot or a kind is called. Raises `Refusal` (`stock-name`)."""
    shown = one_line(typed)
    if not any(sign.isalpha() for sign in shown) or len(shown) > LONGEST_NAME:
        raise Refusal(
            "stock-name",
            _("A name has words and at most {limit} characters.", limit=LONGEST_NAME),
        )
    return shown


_BATCH = re.compile(r"[^|]*")


def batch(typed: str) -> str:
    """A batch's mark. Raises `Refusal` (`stock-batch`)."""
    shown = one_line(typed)
    if not shown or len(shown) > LONGEST_BATCH or not _BATCH.fullmatch(shown):
        raise Refusal("stock-batch", _("A batch has 1 to {limit} characters.", limit=LONGEST_BATCH))
    return shown
