"""Times as people type them, in the incident's zone: `14:00`, `明早8点`, `+2h`, `11-23 08:00`.

A time is read as a row of parts (a day, a part of the day, a clock time) in any order and
then put together. What could be two moments is never decided here: it is `Unread`, with
both as clear texts.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal

from handlers.grammar.situation import Taken, Unread, at_boundary
from handlers.grammar.time_parts import DAY, Parts, WrongTime, a_date, part_at, shift_at
from handlers.values import Moment
from workflows.text import _

When = Literal["future", "past", "any"]

_WINDOW = 72
_FILL = re.compile(r"[ \t]{0,3}(?:(?:,|的|at\b|on\b)[ \t]{0,3})?")
_BEFORE = re.compile(r"[ ]?(?:之前|以前|前)")


_NEVER = {
    "small": (*range(6, 12), *range(13, 25)),
    "morning": range(13, 25),
    "noon": (*range(3, 11), *range(15, 25)),
}


def time_at(
    plain: str, start: int, end: int, now: datetime, zone: tzinfo, when: When = "future"
) -> Taken | Unread | None:
    """The time at `start` of a text in structural form; None if there is nothing like one.

    `now` is aware. The value is a `Moment`. A clock time alone is the next one, or with
    `when="past"` the last one. Unread, with the reason, if it says no moment or two.
    """
    end = min(end, start + _WINDOW)
    parts, place = Parts(), start
    try:
        while True:
            fill = _FILL.match(plain, place, end)
            begin = fill.end() if fill and place > start else place
            reached = shift_at(parts, plain, begin, end)
            if reached is None:
                reached = part_at(parts, plain, begin, end)
            if reached is None:
                break
            place = reached
        if place == start:
            return None
        before = _BEFORE.match(plain, place, end)
        place = before.end() if before else place
        if not at_boundary(plain, place, end):
            rest = plain[start:end].split("\n")[0][:40]
            return Unread(_("“{text}” is not a time.", text=rest))
        return Taken(_resolve(parts, now, zone, when), place)
    except WrongTime as wrong:
        return wrong.unread(plain[start:end].split("\n")[0].strip())
    except (OverflowError, ValueError):
        return Unread(_("That time is too far away."))


def _hour(parts: Parts) -> int:
    """The hour of 0 to 24 that the clock time and the part of the day say together."""
    hour, part = parts.hour or 0, parts.part
    shown = f"{hour}:{parts.minute:02}"
    if hour in _NEVER.get(part or "", ()):
        raise WrongTime(_("{text} is not at that part of the day.", text=shown))
    if part is None or hour > 12 or parts.half_day:
        return hour
    clear = not parts.has_day or parts.days == 0
    if part == "night":
        if 1 <= hour <= 4 or (hour in (0, 12) and parts.minute):
            raise WrongTime(
                _("“{text}” at night could be of two days.", text=shown),
                *((f"{hour % 12:02}:{parts.minute:02}",) if clear else ()),
            )
        return 24 if hour in (0, 12) else hour + 12
    if part == "deep":
        return 24 if hour in (0, 12) and not parts.minute else hour + (12 if 5 < hour < 12 else 0)
    if part == "afternoon":
        return hour if hour in (0, 12) else hour + 12
    if part == "noon":
        return hour + 12 if hour < 3 else hour
    if part == "morning" and hour == 12:
        raise WrongTime(
            _("“{text}” in the morning could be two times.", text=shown),
            *((f"00:{parts.minute:02}", f"12:{parts.minute:02}") if clear else ()),
        )
    return 0 if part == "small" and hour == 12 else hour


def _resolve(parts: Parts, now: datetime, zone: tzinfo, when: When) -> Moment:
    here = now.astimezone(zone)
    if parts.shift is not None and parts.hour is None and not parts.midnight:
        at = now.astimezone(UTC) + parts.shift
        _refuse_wrong_side(at, now, when)
        return Moment(at)
    if parts.shift is not None:
        parts.days = parts.shift // DAY
    if parts.offset is not None:
        zone = timezone(parts.offset)
        here = now.astimezone(zone)
    today = here.date()
    if parts.midnight:
        if parts.has_day and parts.days != 0:
            raise WrongTime(_("Midnight of that day could be its beginning or its end."))
        hour = 0 if when == "past" else 24
        parts.days = 0
    elif parts.hour is None:
        raise WrongTime(_("The hour is missing."))
    else:
        hour = _hour(parts)
    rolled = False
    day = _day(parts, today)
    at = _local(day, hour, parts, zone)
    if not parts.has_day:
        if when == "past" and at > now:
            at, rolled = _local(day - DAY, hour, parts, zone), True
        elif when != "past" and at < now:
            at, rolled = _local(day + DAY, hour, parts, zone), True
    elif parts.month_day is not None:
        at = _nearest_year(parts, at, hour, now, zone, when)
    _refuse_wrong_side(at, now, when)
    return Moment(at, rolled)


def _refuse_wrong_side(at: datetime, now: datetime, when: When) -> None:
    if when == "future" and at < now:
        raise WrongTime(_("{time} is already past.", time=at))
    if when == "past" and at > now:
        raise WrongTime(_("{time} is still to come.", time=at))


def _day(parts: Parts, today: date) -> date:
    if parts.day is not None:
        return parts.day
    if parts.month_day is not None:
        return a_date(today.year, *parts.month_day)
    if parts.weekday is not None:
        number, week = parts.weekday
        monday = today - DAY * today.weekday()
        if week == "next one":
            return today + DAY * ((number - today.weekday()) % 7)
        return monday + DAY * (number + (7 if week == "next week" else 0))
    return today + DAY * (parts.days or 0)


def _nearest_year(
    parts: Parts, at: datetime, hour: int, now: datetime, zone: tzinfo, when: When
) -> datetime:
    """Take a day without a year in the next year (or the last) if it is within half a year."""
    step = -1 if when == "past" and at > now else 1 if when != "past" and at < now else 0
    if step == 0 or parts.month_day is None:
        return at
    other = _local(a_date(at.astimezone(zone).year + step, *parts.month_day), hour, parts, zone)
    return other if abs(other - now) < timedelta(days=183) else at


def _local(day: date, hour: int, parts: Parts, zone: tzinfo) -> datetime:
    """That clock time in UTC; refused where clocks are put forward over it or back to it."""
    if hour == 24:
        day, hour = day + DAY, 0
    wall = datetime(day.year, day.month, day.day, hour, parts.minute, parts.second)
    early, late = wall.replace(tzinfo=zone), wall.replace(tzinfo=zone, fold=1)
    at = early.astimezone(UTC)
    if early.utcoffset() == late.utcoffset():
        return at
    text = wall.strftime("%Y-%m-%d %H:%M")
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        raise WrongTime(_("{text} does not exist: clocks are put forward over it.", text=text))
    raise WrongTime(
        _("{text} comes twice: clocks are put back.", text=text),
        early.isoformat(timespec="minutes"),
        late.isoformat(timespec="minutes"),
    )
