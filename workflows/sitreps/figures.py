"""Casualties and damage as numbers: what each agency counts, and where they differ. Pure.

Nothing is averaged or added up over agencies: who reads the figures sees one number where all
agree, else each agency's own, until command settles on one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from workflows.text import Msg, _


class Code(StrEnum):
    """What is counted."""

    DEAD = "dead"
    MISSING = "missing"
    INJURED = "injured"
    SEVERE = "severe"
    TRAPPED = "trapped"
    EVACUATED = "evacuated"
    AFFECTED = "affected"
    COLLAPSED = "collapsed"
    DAMAGED = "damaged"
    LOSS = "loss"


CASUALTIES = (
    Code.DEAD,
    Code.MISSING,
    Code.INJURED,
    Code.SEVERE,
    Code.TRAPPED,
    Code.EVACUATED,
    Code.AFFECTED,
)
DAMAGE = (Code.COLLAPSED, Code.DAMAGED, Code.LOSS)
NOBODY_HURT = (Code.DEAD, Code.MISSING, Code.INJURED, Code.TRAPPED)
"""What “casualties: 0” says is none."""

LABELS: Mapping[Code, Msg] = {
    Code.DEAD: _("dead"),
    Code.MISSING: _("missing"),
    Code.INJURED: _("injured"),
    Code.SEVERE: _("of these seriously injured"),
    Code.TRAPPED: _("trapped"),
    Code.EVACUATED: _("evacuated"),
    Code.AFFECTED: _("affected"),
    Code.COLLAPSED: _("buildings collapsed"),
    Code.DAMAGED: _("buildings damaged"),
    Code.LOSS: _("direct economic loss (yuan)"),
}

MOST_PEOPLE = 100_000_000
MOST_YUAN = 10**14
"""Beyond these a number is a slip of the thumb."""


class Counted(Protocol):
    """What is read of a stored figure, oldest first."""

    agency: str
    code: str
    value: int
    at: datetime
    sitrep_id: int | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """What one agency counts now: since when, in which report (its key)."""

    agency: str
    value: int
    at: datetime
    sitrep_id: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One code over all agencies. `settled` is what command decided, None if it did not; `since`
    are the claims made after that decision."""

    code: Code
    claims: tuple[Claim, ...]
    settled: Claim | None = None
    since: tuple[Claim, ...] = field(default=())

    @property
    def disagree(self) -> bool:
        """Whether agencies count differently and nobody has settled it, or somebody counts
        otherwise since."""
        if self.settled is None:
            return len({each.value for each in self.claims}) > 1
        return any(each.value != self.settled.value for each in self.since)

    @property
    def value(self) -> int | None:
        """The number that stands: the settled one, else the one in which all agree, else None."""
        if self.disagree:
            return None
        if self.settled is not None:
            return self.settled.value
        return self.claims[0].value if self.claims else None

    @property
    def least(self) -> int:
        """The smallest number that anybody counts."""
        return min(each.value for each in self._all)

    @property
    def most(self) -> int:
        """The largest number that anybody counts: what a level is judged by."""
        return max(each.value for each in self._all)

    @property
    def _all(self) -> tuple[Claim, ...]:
        if self.settled is None:
            return self.claims
        return (self.settled, *self.since)


def reconciled(rows: Iterable[Counted]) -> dict[Code, Figure]:
    """The figures that stand, in the order of `Code`, from all stored ones, oldest first."""
    claims: dict[Code, dict[str, Claim]] = {}
    settled: dict[Code, Claim] = {}
    since: dict[Code, dict[str, Claim]] = {}
    for row in rows:
        code = Code(row.code)
        claim = Claim(row.agency, row.value, row.at, row.sitrep_id)
        if row.settled:
            settled[code] = claim
            since.pop(code, None)
            continue
        before = claims.setdefault(code, {}).pop(row.agency, None)
        claims[code][row.agency] = claim
        if code in settled and (before is None or before.value != claim.value):
            since.setdefault(code, {}).pop(row.agency, None)
            since[code][row.agency] = claim
    return {
        code: Figure(
            code,
            tuple(claims.get(code, {}).values()),
            settled.get(code),
            tuple(since.get(code, {}).values()),
        )
        for code in Code
        if code in claims or code in settled
    }


def own(rows: Iterable[Counted], agency: str) -> dict[Code, int]:
    """What one agency counts now."""
    return {Code(row.code): row.value for row in rows if row.agency == agency and not row.settled}


@dataclass(frozen=True, slots=True)
class Fall:
    """A number that is smaller than what the same agency reported before."""

    code: Code
    before: int
    now: int


def falls(before: Mapping[Code, int], now: Mapping[Code, int]) -> tuple[Fall, ...]:
    """What falls: of that a reason has to be given."""
    return tuple(
        Fall(code, before[code], value)
        for code, value in now.items()
        if code in before and value < before[code]
    )


@dataclass(frozen=True, slots=True)
class Impossible:
    """A figure that cannot be, and why."""

    code: Code
    why: Msg


def impossible(counted: Mapping[Code, int]) -> Impossible | None:
    """The first figure that cannot be, by itself or beside the others; None if all can."""
    for code, value in counted.items():
        if value < 0:
            return Impossible(code, _("A number of people or things cannot be below 0."))
        if value > (MOST_YUAN if code is Code.LOSS else MOST_PEOPLE):
            return Impossible(code, _("That is more than there can be."))
    injured, severe = counted.get(Code.INJURED), counted.get(Code.SEVERE)
    if severe is not None and injured is not None and severe > injured:
        return Impossible(
            Code.SEVERE,
            _(
                "{severe} seriously injured are more than the {injured} injured, of whom they are "
                "part.",
                severe=severe,
                injured=injured,
            ),
        )
    affected = counted.get(Code.AFFECTED)
    hurt = sum(counted.get(each, 0) for each in (Code.DEAD, Code.MISSING, Code.INJURED))
    if affected is not None and hurt > affected:
        return Impossible(
            Code.AFFECTED,
            _(
                "{hurt} dead, missing and injured are more than the {affected} affected, of whom "
                "they are part.",
                hurt=hurt,
                affected=affected,
            ),
        )
    return None
