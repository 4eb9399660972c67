"""Which batches are soon over, and who has been told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.errors import Refusal
from workflows.shelf import Shelf, unfit
from workflows.text import _

RING = "stock.expiring"
"""The timer of a depot whose batches are to be looked at."""
MORNING = time(8)
OVER = -1
"""The stage of what has expired."""

_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?|\s*月)?|(\d{4})(\d{2})(\d{2})"
)


@dataclass(frozen=True, slots=True)
class Looked:
    """Lots of which people have to be told now, what they have been told then, and when to look
    again (None: never)."""

    news: tuple[int, ...]
    told: Mapping[int, int]
    again: date | None


def look(
    lots: Iterable[tuple[int, date]], told: Mapping[int, int], today: date, warn: Sequence[int]
) -> Looked:
    """What is new about lots with their last days; `warn` are days before, each told once."""
    stages = sorted({*warn, OVER}, reverse=True)
    news, now, dates = [], {}, []
    for lot, last in lots:
        left = (last - today).days
        reached = [each for each in stages if left <= each]
        stage = min(reached, default=None)
        if stage is not None:
            now[lot] = stage
            if told.get(lot) != stage:
                news.append(lot)
        coming = [each for each in stages if each < left]
        if coming:
            dates.append(last - timedelta(days=max(coming)))
    return Looked(tuple(news), now, min(dates, default=None))


def warn_days(shelf: Shelf) -> tuple[int, ...]:
    """How many days before a batch is over people are told (`stock.toml`). Raises `NotUsable`."""
    try:
        days = shelf.read("workflows.stock", "stock")["warn_days"]
        if not isinstance(days, list):
            raise ValueError("warn_days is a list of days")
        strange = [each for each in days if type(each) is not int or not 0 <= each <= 3660]
        if strange:
            raise ValueError(f"warn_days: {strange[0]!r} is no number of days")
    except (KeyError, ValueError) as wrong:
        raise unfit("stock", wrong) from wrong
    return tuple(days)


def morning(day: date, zone: ZoneInfo) -> datetime:
    """When people are told of that day."""
    return datetime.combine(day, MORNING, zone)


def day(typed: str) -> date:
    """The last day of use as it stands on a box: `2027-06-01`, `20270601`, `2027年6月1日`, and
    `2027-06` for the last of June. Raises `Refusal` (`stock-expiry`)."""
    found = _DAY.fullmatch(typed.strip())
    try:
        if found is None:
            raise ValueError
        if found[4]:
            return date(int(found[4]), int(found[5]), int(found[6]))
        if found[3]:
            return date(int(found[1]), int(found[2]), int(found[3]))
        year, month = int(found[1]), date(int(found[1]), int(found[2]), 1).month
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    except ValueError as wrong:
        raise Refusal(
            "stock-expiry",
            _("“{text}” is no date. Type it as 2027-06-30.", text=typed[:30]),
        ) from wrong
