"""Objectives against time: what slips, by how much, and what could be done about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workflows.objectives.rules import ranked


class Why(StrEnum):
    """Why an objective needs a decision."""

    OVERDUE = "overdue"
    BEHIND = "behind"
    SILENT = "silent"
    ENDLESS = "endless"


@dataclass(slots=True)
class Told:
    """What is known of an open objective: `told_at` is when somebody last said how far it is."""

    number: int
    text: str
    progress: int
    made_at: datetime
    told_at: datetime
    due: datetime | None
    priority: str | None
    tier: str | None


@dataclass(frozen=True, slots=True)
class Slip:
    """An objective that does not go as planned. `expected` is the percentage at which it should
    be, `until` the moment at which it would be reached at the pace so far, if there is one."""

    objective: Told
    why: Why
    expected: int
    until: datetime | None


def expected(made_at: datetime, due: datetime, now: datetime) -> int:
    """How much of the time has passed, in percent from 0 to 100."""
    whole = (due - made_at) / timedelta(seconds=1)
    passed = (now - made_at) / timedelta(seconds=1)
    return 100 if whole <= 0 else max(0, min(100, int(passed * 100 / whole)))


def reached_at(told: Told, now: datetime) -> datetime | None:
    """When it is reached at the pace so far, to the next quarter of an hour; None without any
    progress, and for what would take longer than a month."""
    if told.progress <= 0:
        return None
    passed = told.told_at - told.made_at
    whole = passed * 100 / told.progress
    if whole > timedelta(days=31) or whole <= timedelta(0):
        return None
    at = max(told.made_at + whole, now + timedelta(minutes=15))
    quarter = timedelta(minutes=15)
    rest = timedelta(seconds=at.timestamp() % quarter.total_seconds())
    return at if not rest else at - rest + quarter


def slipping(
    objectives: Iterable[Told], now: datetime, *, margin: int, silent: timedelta
) -> Sequence[Slip]:
    """What slips: overdue; more than `margin` points behind the time; of which nobody has said
    anything for `silent`; without an end. What goes before comes first, the graver reason wins."""
    found: list[Slip] = []
    for told in ranked(objectives):
        due = told.due
        wanted = 0 if due is None else expected(told.made_at, due, now)
        why = None
        if due is not None and due < now:
            why = Why.OVERDUE
        elif due is not None and wanted - told.progress > margin:
            why = Why.BEHIND
        elif now - told.told_at > silent:
            why = Why.SILENT
        elif due is None:
            why = Why.ENDLESS
        if why is not None:
            found.append(Slip(told, why, wanted, reached_at(told, now)))
    return found
