"""Times as people type them, in the incident's zone: `14:00`, `明早8点`, `+2h`, `11-23 08:00`.

A time is read as a row of parts (a day, a part of the day, a clock time) in any order and
then put together. What could be two moments is never decided here: it is `Unread`, with
both as clear texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal

from handlers.grammar.durations import duration_at
from handlers.grammar.numerals import number_at
from handlers.grammar.situation import Taken, Unread, at_boundary
from handlers.values import Moment
from workflows.text import Msg, _

When = Literal["future", "past", "any"]

_WINDOW = 72
_DAY = timedelta(days=1)
_N = "(?:[0-9]{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DAYS = {
    "大后天": 3, "后天": 2, "后日": 2, "明天": 1, "明日": 1, "今天": 0, "今日": 0, "昨天": -1,
    "昨日": -1, "前天": -2, "the day after tomorrow": 2, "day after tomorrow": 2,
    "tomorrow": 1, "tmrw": 1, "tmr": 1, "today": 0, "yesterday": -1,
}  # fmt: skip
_DAY_PARTS = {
    "今早": (0, "morning"), "今晨": (0, "morning"), "今晚": (0, "night"), "今夜": (0, "night"),
    "明早": (1, "morning"), "明晨": (1, "morning"), "明晚": (1, "night"), "明夜": (1, "night"),
    "昨晚": (-1, "night"), "昨夜": (-1, "night"), "后晚": (2, "night"),
    "tonight": (0, "night"), "this morning": (0, "morning"),
    "this afternoon": (0, "afternoon"), "this evening": (0, "night"),
    "tomorrow morning": (1, "morning"), "tomorrow afternoon": (1, "afternoon"),
    "tomorrow evening": (1, "night"), "tomorrow night": (1, "night"),
    "yesterday evening": (-1, "night"), "last night": (-1, "night"),
}  # fmt: skip
_PARTS = {
    "凌晨": "small", "清晨": "morning", "早晨": "morning", "早上": "morning", "上午": "morning",
    "早": "morning", "中午": "noon", "下午": "afternoon", "午后": "afternoon",
    "傍晚": "afternoon", "晚上": "night", "夜里": "night", "夜间": "night", "深夜": "night",
    "半夜": "night", "晚": "night", "in the morning": "morning",
    "in the afternoon": "afternoon", "in the evening": "night", "at night": "night",
}  # fmt: skip
_WEEKDAYS = {name: n for n, name in enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])}
_WEEKDAY_ZH = (
    {name: n for n, name in enumerate("一二三四五六日")}
    | {"天": 6}
    | {str(n + 1): n for n in range(7)}
)


def _words(words: dict[str, object]) -> str:
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word) + (r"\b" if word.isascii() else "") for word in ordered)


@dataclass(slots=True)
class _Parts:
    day: date | None = None
    month_day: tuple[int, int] | None = None
    days: int | None = None
    weekday: tuple[int, str] | None = None
    part: str | None = None
    hour: int | None = None
    minute: int = 0
    second: int = 0
    half_day: str | None = None
    offset: timedelta | None = None
    midnight: bool = False
    shift: timedelta | None = None

    @property
    def has_day(self) -> bool:
        return any(each is not None for each in (self.day, self.month_day, self.days, self.weekday))


class _Wrong(Exception):
    def __init__(self, why: Msg, *instead: str) -> None:
        super().__init__(why.id)
        self.unread = Unread(why, instead)


def _int(text: str) -> int:
    found = number_at(text, 0, len(text))
    if found is None or found[1] != len(text) or found[0] % 1:
        raise _Wrong(_("“{text}” is not a number in a time.", text=text))
    return int(found[0])


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _Wrong(
            _("There is no day {month}-{day} in {year}.", month=month, day=day, year=str(year))
        ) from None


def _full_date(parts: _Parts, found: re.Match[str]) -> bool:
    if parts.has_day:
        return False
    parts.day = _date(int(found[1]), int(found[2]), int(found[3]))
    return True


def _set_month_day(parts: _Parts, month: int, day: int) -> bool:
    if parts.has_day:
        return False
    _date(2024, month, day)
    parts.month_day = (month, day)
    return True


def _month_day(parts: _Parts, found: re.Match[str]) -> bool:
    return _set_month_day(parts, _int(found[1]), _int(found[2]))


def _slash_day(parts: _Parts, found: re.Match[str]) -> bool:
    first, second = int(found[1]), int(found[2])
    if first <= 12 and second <= 12 and first != second:
        raise _Wrong(
            _("“{text}” could be two days.", text=found[0]),
            f"{first:02}-{second:02}",
            f"{second:02}-{first:02}",
        )
    return _set_month_day(parts, *((second, first) if first > 12 else (first, second)))


def _english_day(parts: _Parts, found: re.Match[str]) -> bool:
    month, day = (found[1], found[2]) if found[1] else (found[4], found[3])
    return _set_month_day(parts, _MONTHS.index(month) + 1, int(day))


def _relative_day(parts: _Parts, found: re.Match[str]) -> bool:
    if parts.has_day:
        return False
    parts.days = _DAYS[found[0]]
    return True


def _day_part(parts: _Parts, found: re.Match[str]) -> bool:
    if parts.has_day or parts.part:
        return False
    parts.days, parts.part = _DAY_PARTS[re.sub(r"\s+", " ", found[0])]
    return True


def _weekday(parts: _Parts, found: re.Match[str]) -> bool:
    if parts.has_day:
        return False
    if found["en"]:
        parts.weekday = (_WEEKDAYS[found["en"]], "next one")
    else:
        week = "next week" if found["week"] == "下" else "this week"
        parts.weekday = (_WEEKDAY_ZH[found["zh"]], week)
    return True


def _part(parts: _Parts, found: re.Match[str]) -> bool:
    if parts.part:
        return False
    parts.part = _PARTS[found[0]]
    return True


def _set_clock(parts: _Parts, hour: int, minute: int, second: int, half: str | None) -> bool:
    if parts.hour is not None or parts.midnight or (parts.shift and parts.shift % _DAY):
        return False
    limit = 12 if half else 24
    if hour > limit or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        shown = f"{hour:02}:{minute:02}" + (f" {half}" if half else "")
        raise _Wrong(_("There is no time {text}.", text=shown))
    if half:
        if hour == 0:
            raise _Wrong(_("There is no time {text}.", text=f"0 {half}"))
        hour = hour % 12 + (12 if half == "pm" else 0)
    parts.hour, parts.minute, parts.second, parts.half_day = hour, minute, second, half
    return True


def _clock(parts: _Parts, found: re.Match[str]) -> bool:
    half = found["half"][0] + "m" if found["half"] else None
    if not _set_clock(parts, int(found[1]), int(found[2]), int(found[3] or 0), half):
        return False
    sign = found["zone"]
    if sign in ("z", "utc"):
        parts.offset = timedelta(0)
    elif sign:
        hours, minutes = int(sign[1:3]), int(sign[-2:])
        if hours > 14 or minutes > 59:
            raise _Wrong(_("There is no time zone {text}.", text=sign))
        parts.offset = timedelta(hours=hours, minutes=minutes) * (-1 if sign[0] == "-" else 1)
    return True


def _four_digits(parts: _Parts, found: re.Match[str]) -> bool:
    if not _set_clock(parts, int(found[1][:2]), int(found[1][2:]), 0, None):
        return False
    if found[2]:
        parts.offset = timedelta(0)
    return True


def _hour_only(parts: _Parts, found: re.Match[str]) -> bool:
    return _set_clock(parts, int(found[1]), 0, 0, found[2][0] + "m")


def _chinese_clock(parts: _Parts, found: re.Match[str]) -> bool:
    tail = found["tail"] or ""
    minute = {"": 0, "整": 0, "钟": 0, "半": 30, "一刻": 15, "三刻": 45}.get(tail)
    if minute is None:
        minute = _int(tail.removesuffix("分").removeprefix("零").removeprefix("过") or "零")
    return _set_clock(parts, _int(found[1]), minute, 0, None)


def _noon(parts: _Parts, found: re.Match[str]) -> bool:
    return _set_clock(parts, 12, 0, 0, None)


def _midnight(parts: _Parts, found: re.Match[str]) -> bool:
    if parts.hour is not None or parts.midnight:
        return False
    parts.midnight = True
    return True


def _now(parts: _Parts, found: re.Match[str]) -> bool:
    if parts.has_day or parts.hour is not None or parts.shift is not None:
        return False
    parts.shift = timedelta(0)
    return True


_CLOCK = (
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?"
    r"(?:[ ]?(?P<half>am|pm|a\.m\.|p\.m\.))?(?:[ ]?(?P<zone>z|utc|[+-][0-9]{2}:?[0-9]{2}))?(?![0-9a-z:])"
)
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[_Parts, re.Match[str]], bool]], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])t?", _full_date),
        (r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]?", _full_date),
        (_CLOCK, _clock),
        (r"([0-9]{1,2})[ ]?([ap]\.?m\.?)(?![a-z])", _hour_only),
        (r"([0-9]{4})(?:[ ]?(?:hrs|hours|h))?[ ]?(z)?(?![0-9a-z.:/-])", _four_digits),
        (r"([0-9]{1,2})-([0-9]{1,2})(?![0-9:-])", _month_day),
        (r"([0-9]{1,2})/([0-9]{1,2})(?![0-9:/])", _slash_day),
        (rf"({_N})月({_N})[日号]?", _month_day),
        (
            rf"{_MONTH}[ ]([0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9a-z:])"
            rf"|([0-9]{{1,2}})(?:st|nd|rd|th)?[ ]{_MONTH}\b",
            _english_day,
        ),
        (rf"({_N})[点时:](?P<tail>半|一刻|三刻|整|钟|过?零?{_N}分?)?(?![0-9])", _chinese_clock),
        (_words(dict(_DAY_PARTS)), _day_part),
        (_words(dict(_DAYS)), _relative_day),
        (
            r"(?P<week>下|本|这)?(?:周|星期|礼拜)(?P<zh>[一二三四五六日天1-7])"
            r"|(?P<en>mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?\b",
            _weekday,
        ),
        (r"midnight\b|午夜|零点(?![0-9一二三四五六七八九十])", _midnight),
        (r"(?:noon|midday)\b|正午|中午(?![0-9一二三四五六七八九十])", _noon),
        (_words(dict(_PARTS)), _part),
        (r"(?:right now|now)\b|现在|立即|马上|即刻", _now),
    )
)
_FILL = re.compile(r"[ \t]{0,3}(?:(?:,|的|at\b|on\b)[ \t]{0,3})?")
_SHIFT = re.compile(r"\+[ ]?|in[ ](?:an?[ ](?=hour))?|an?[ ](?=hour)")
_LATER = re.compile(
    r"[ ]?(?:(?P<later>later\b|from now\b|之?后|以后|之?内|以内)|(?P<ago>ago\b|之?前|以前))"
)
_BEFORE = re.compile(r"[ ]?(?:之前|以前|前)")


def _shift(parts: _Parts, plain: str, start: int, end: int) -> int | None:
    """Read `+2h`, `in 2 hours`, `2小时后`, `2 hours ago` at `start`; where it ends, or None."""
    if parts.shift is not None or parts.has_day or parts.hour is not None:
        return None
    lead = _SHIFT.match(plain, start, end)
    place = lead.end() if lead else start
    if lead and plain.startswith("hour", place, end):
        length, after = timedelta(hours=1), place + 4
    else:
        read = duration_at(plain, place, end)
        if read is None:
            return None
        length, after = read
    tail = _LATER.match(plain, after, end)
    if lead is None and tail is None:
        return None
    parts.shift = -length if tail and tail["ago"] else length
    return tail.end() if tail else after


def time_at(
    plain: str, start: int, end: int, now: datetime, zone: tzinfo, when: When = "future"
) -> Taken | Unread | None:
    """The time at `start` of a text in structural form; None if there is nothing like one.

    `now` is aware. The value is a `Moment`. A clock time alone is the next one, or with
    `when="past"` the last one. Unread, with the reason, if it says no moment or two.
    """
    end = min(end, start + _WINDOW)
    parts, place = _Parts(), start
    try:
        while True:
            fill = _FILL.match(plain, place, end)
            begin = fill.end() if fill and place > start else place
            reached = _shift(parts, plain, begin, end)
            if reached is None:
                reached = _next_part(parts, plain, begin, end)
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
    except _Wrong as wrong:
        return wrong.unread
    except (OverflowError, ValueError):
        return Unread(_("That time is too far away."))


def _next_part(parts: _Parts, plain: str, place: int, end: int) -> int | None:
    for pattern, reader in _PATTERNS:
        found = pattern.match(plain, place, end)
        if found and reader(parts, found):
            return found.end()
    return None


def _hour(parts: _Parts) -> int:
    """The hour of 0 to 24 that the clock time and the part of the day say together."""
    hour, part = parts.hour or 0, parts.part
    shown = f"{hour}:{parts.minute:02}"
    if part is None or hour > 12 or parts.half_day:
        wrong = {"small": range(6, 25), "morning": range(13, 25), "noon": range(15, 25)}
        if hour in wrong.get(part or "", ()):
            raise _Wrong(_("{text} is not at that part of the day.", text=shown))
        return hour
    if part == "night":
        if 1 <= hour <= 4:
            raise _Wrong(
                _("“{text}” at night could be two times.", text=shown),
                f"{hour:02}:{parts.minute:02}",
                f"{hour + 12}:{parts.minute:02}",
            )
        if hour in (0, 12) and parts.minute:
            raise _Wrong(
                _("“{text}” at night could be two times.", text=shown), f"00:{parts.minute:02}"
            )
        return 24 if hour in (0, 12) else hour + 12
    if part == "afternoon":
        return hour if hour in (0, 12) else hour + 12
    if part == "noon":
        return hour + 12 if hour < 3 else hour
    if part == "morning" and hour == 12:
        raise _Wrong(_("“{text}” in the morning could be two times.", text=shown), "00:00", "12:00")
    return 0 if part == "small" and hour == 12 else hour


def _resolve(parts: _Parts, now: datetime, zone: tzinfo, when: When) -> Moment:
    here = now.astimezone(zone)
    if parts.shift is not None and parts.hour is None and not parts.midnight:
        at = now.astimezone(UTC) + parts.shift
        _refuse_wrong_side(at, now, when)
        return Moment(at)
    if parts.shift is not None:
        parts.days = parts.shift // _DAY
    if parts.offset is not None:
        zone = timezone(parts.offset)
        here = now.astimezone(zone)
    today = here.date()
    if parts.midnight:
        if parts.has_day and parts.days != 0:
            raise _Wrong(_("Midnight of that day could be its beginning or its end."))
        hour = 0 if when == "past" else 24
        parts.days = 0
    elif parts.hour is None:
        raise _Wrong(_("The hour is missing."))
    else:
        hour = _hour(parts)
    rolled = False
    day = _day(parts, today)
    at = _local(day, hour, parts, zone)
    if not parts.has_day:
        if when == "past" and at > now:
            at, rolled = _local(day - _DAY, hour, parts, zone), True
        elif when != "past" and at < now:
            at, rolled = _local(day + _DAY, hour, parts, zone), True
    elif parts.month_day is not None:
        at = _nearest_year(parts, at, hour, now, zone, when)
    _refuse_wrong_side(at, now, when)
    return Moment(at, rolled)


def _refuse_wrong_side(at: datetime, now: datetime, when: When) -> None:
    if when == "future" and at < now:
        raise _Wrong(_("{time} is already past.", time=at))
    if when == "past" and at > now:
        raise _Wrong(_("{time} is still to come.", time=at))


def _day(parts: _Parts, today: date) -> date:
    if parts.day is not None:
        return parts.day
    if parts.month_day is not None:
        return _date(today.year, *parts.month_day)
    if parts.weekday is not None:
        number, week = parts.weekday
        monday = today - _DAY * today.weekday()
        if week == "next one":
            return today + _DAY * ((number - today.weekday()) % 7)
        return monday + _DAY * (number + (7 if week == "next week" else 0))
    return today + _DAY * (parts.days or 0)


def _nearest_year(
    parts: _Parts, at: datetime, hour: int, now: datetime, zone: tzinfo, when: When
) -> datetime:
    """Take a day without a year in the next year (or the last) if it is within half a year."""
    step = -1 if when == "past" and at > now else 1 if when != "past" and at < now else 0
    if step == 0 or parts.month_day is None:
        return at
    other = _local(_date(at.astimezone(zone).year + step, *parts.month_day), hour, parts, zone)
    return other if abs(other - now) < timedelta(days=183) else at


def _local(day: date, hour: int, parts: _Parts, zone: tzinfo) -> datetime:
    """That clock time in UTC; refused where clocks are put forward over it or back to it."""
    if hour == 24:
        day, hour = day + _DAY, 0
    wall = datetime(day.year, day.month, day.day, hour, parts.minute, parts.second)
    early, late = wall.replace(tzinfo=zone), wall.replace(tzinfo=zone, fold=1)
    at = early.astimezone(UTC)
    if early.utcoffset() == late.utcoffset():
        return at
    text = wall.strftime("%Y-%m-%d %H:%M")
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        raise _Wrong(_("{text} does not exist: clocks are put forward over it.", text=text))
    raise _Wrong(
        _("{text} comes twice: clocks are put back.", text=text),
        early.isoformat(timespec="minutes"),
        late.isoformat(timespec="minutes"),
    )
