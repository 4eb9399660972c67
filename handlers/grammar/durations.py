"""Lengths of time as people type them: `2h`, `1h30m`, `半小时`, `一个半小时`, `两天`."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from handlers.grammar.numerals import number_at

_WINDOW = 72
_UNITS = {
    "days": "days", "day": "days", "d": "days", "天": "days", "日": "days",
    "hours": "hours", "hour": "hours", "hrs": "hours", "hr": "hours", "h": "hours",
    "小时": "hours", "个小时": "hours", "个钟头": "hours", "钟头": "hours", "个钟": "hours",
    "minutes": "minutes", "minute": "minutes", "mins": "minutes", "min": "minutes",
    "m": "minutes", "分钟": "minutes", "分": "minutes",
    "weeks": "weeks", "week": "weeks", "w": "weeks", "周": "weeks", "个星期": "weeks",
}  # fmt: skip
_UNIT = re.compile(
    r"[ \t]{0,2}(?:" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")(?![a-z])"
)
_LONG = timedelta(days=366)


def duration_at(plain: str, start: int, end: int) -> tuple[timedelta, int] | None:
    """The length of time at `start` (`90m`, `1h30m`, `一个半小时`), and where it ends.

    None also for nothing at all and for more than a year.
    """
    place, total, found = start, timedelta(0), False
    end = min(end, start + _WINDOW)
    for _count in range(4):
        while found and place < end and plain[place] in " \t":
            place += 1
        if plain.startswith("一刻钟", place, end):
            total, place, found = total + timedelta(minutes=15), place + 3, True
            continue
        number = number_at(plain, place, end)
        if number is None:
            break
        amount, after = number
        if plain.startswith("个半", after, end):
            amount, after = amount + Decimal("0.5"), after + 2
        unit = _UNIT.match(plain, after, end)
        if unit is None or amount > 600_000:
            break
        length = timedelta(**{_UNITS[unit[0].strip()]: float(amount)})
        total, place, found = total + length, unit.end(), True
        if plain.startswith("半", place, end) and not plain.startswith("半小", place, end):
            total, place = total + length / float(amount) / 2 if amount else total, place + 1
    while place > start and plain[place - 1] in " \t":
        place -= 1
    return (total, place) if found and timedelta(0) < total <= _LONG else None
