"""When people are reminded of a request: `reminders.toml`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from workflows.requests.rules import PRIORITIES
from workflows.shelf import NotUsable, Shelf, unfit

NAME = "reminders"
LONGEST = 14 * 24 * 60
"""Minutes."""


@dataclass(frozen=True, slots=True)
class Reminders:
    """How long a step may wait, by priority; and which share of the time there was is left, at most
    how long before its end, when people are warned."""

    answer: Mapping[str, timedelta]
    warnings: tuple[tuple[float, timedelta], ...]

    def warn_at(self, made: datetime, needed_by: datetime, now: datetime) -> datetime | None:
        """The next moment after `now` to warn that time runs out, the last when it has; None
        after."""
        span = needed_by - made
        moments = sorted(needed_by - min(span * left, most) for left, most in self.warnings)
        return next((each for each in (*moments, needed_by) if each > now), None)


def reminders(shelf: Shelf) -> Reminders:
    """The times of the installation. Raises `NotUsable`."""
    data = shelf.read("workflows.requests", NAME)
    try:
        return Reminders(
            {each: _minutes(data["answer"][each], each) for each in PRIORITIES},
            tuple(_warning(each) for each in data["warning"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as wrong:
        raise unfit(NAME, wrong) from wrong


def _warning(data: Mapping[str, Any]) -> tuple[float, timedelta]:
    left = float(data["left"])
    if not 0 < left < 1:
        raise NotUsable(f"{NAME}.toml: left = {data['left']} is no share between 0 and 1")
    return left, _minutes(data["most"], "most")


def _minutes(value: object, key: str) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST:
        raise NotUsable(f"{NAME}.toml: {key} = {value!r} is no number of minutes")
    return timedelta(minutes=value)
