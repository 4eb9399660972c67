"""The parts of a time: words and figures for days, parts of the day and clock times."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.grammar.durations import duration_at
from handlers.grammar.numerals import number_at
from handlers.grammar.situation import Unread
from workflows.text import Msg, _

DAY = timedelta(days=1)
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
    "傍晚": "afternoon", "晚上": "night", "夜里": "deep", "夜间": "deep", "深夜": "deep",
    "半夜": "deep", "晚": "night", "in the morning": "morning",
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
class Parts:
    """What has been read of a time so far; None where nothing has been said."""

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
        """Whether a day has been said, in whatever way."""
        return any(each is not None for each in (self.day, self.month_day, self.days, self.weekday))


class WrongTime(Exception):
    """What was typed says no time, or two."""

    def __init__(self, why: Msg, *instead: str, part: str = "") -> None:
        super().__init__(why.id)
        self.why, self.instead, self.part = why, instead, part

    def unread(self, text: str) -> Unread:
        """What went wrong with the whole of `text`; `part` is what `instead` replaces in it."""
        if not self.part:
            return Unread(self.why, self.instead)
        return Unread(self.why, tuple(text.replace(self.part, each, 1) for each in self.instead))


def _int(text: str) -> int:
    found = number_at(text, 0, len(text))
    if found is None or found[1] != len(text) or found[0] % 1:
        raise WrongTime(_("“{text}” is not a number in a time.", text=text))
    return int(found[0])


def a_date(year: int, month: int, day: int) -> date:
    """That day; WrongTime if the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        raise WrongTime(_("There is no day {day}.", day=f"{month:02}-{day:02}")) from None


def _full_date(parts: Parts, found: re.Match[str]) -> bool:
    if parts.has_day:
        return False
    parts.day = a_date(int(found[1]), int(found[2]), int(found[3]))
    return True


def _set_month_day(parts: Parts, month: int, day: int) -> bool:
    if parts.has_day:
        return False
    a_date(2024, month, day)
    parts.month_day = (month, day)
    return True


def _month_day(parts: Parts, found: re.Match[str]) -> bool:
    return _set_month_day(parts, _int(found[1]), _int(found[2]))


def _slash_day(parts: Parts, found: re.Match[str]) -> bool:
    first, second = int(found[1]), int(found[2])
    if first <= 12 and second <= 12 and first != second:
        raise WrongTime(
            _("“{text}” could be two days.", text=found[0]),
            f"{first:02}-{second:02}",
            f"{second:02}-{first:02}",
            part=found[0],
        )
    return _set_month_day(parts, *((second, first) if first > 12 else (first, second)))


def _english_day(parts: Parts, found: re.Match[str]) -> bool:
    month, day = (found[1], found[2]) if found[1] else (found[4], found[3])
    return _set_month_day(parts, _MONTHS.index(month) + 1, int(day))


def _relative_day(parts: Parts, found: re.Match[str]) -> bool:
    if parts.has_day:
        return False
    parts.days = _DAYS[found[0]]
    return True


def _day_part(parts: Parts, found: re.Match[str]) -> bool:
    if parts.has_day or parts.part:
        return False
    parts.days, parts.part = _DAY_PARTS[re.sub(r"\s+", " ", found[0])]
    return True


def _weekday(parts: Parts, found: re.Match[str]) -> bool:
    if parts.has_day:
        return False
    if found["en"]:
        parts.weekday = (_WEEKDAYS[found["en"]], "next one")
    else:
        week = "next week" if found["week"] == "下" else "this week"
        parts.weekday = (_WEEKDAY_ZH[found["zh"]], week)
    return True


def _part(parts: Parts, found: re.Match[str]) -> bool:
    if parts.part:
        return False
    parts.part = _PARTS[found[0]]
    return True


def _set_clock(parts: Parts, hour: int, minute: int, second: int, half: str | None) -> bool:
    if parts.hour is not None or parts.midnight or (parts.shift and parts.shift % DAY):
        return False
    limit = 12 if half else 24
    if hour > limit or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        shown = f"{hour:02}:{minute:02}" + (f" {half}" if half else "")
        raise WrongTime(_("There is no time {text}.", text=shown))
    if half:
        if hour == 0:
            raise WrongTime(_("There is no time {text}.", text=f"0 {half}"))
        hour = hour % 12 + (12 if half == "pm" else 0)
    parts.hour, parts.minute, parts.second, parts.half_day = hour, minute, second, half
    return True


def _clock(parts: Parts, found: re.Match[str]) -> bool:
    half = found["half"][0] + "m" if found["half"] else None
    if not _set_clock(parts, int(found[1]), int(found[2]), int(found[3] or 0), half):
        return False
    sign = found["zone"]
    if sign in ("z", "utc"):
        parts.offset = timedelta(0)
    elif sign:
        hours, minutes = int(sign[1:3]), int(sign[-2:])
        if hours > 14 or minutes > 59:
            raise WrongTime(_("There is no time zone {text}.", text=sign))
        parts.offset = timedelta(hours=hours, minutes=minutes) * (-1 if sign[0] == "-" else 1)
    return True


def _four_digits(parts: Parts, found: re.Match[str]) -> bool:
    if not _set_clock(parts, int(found[1][:2]), int(found[1][2:]), 0, None):
        return False
    if found[2]:
        parts.offset = timedelta(0)
    return True


def _hour_only(parts: Parts, found: re.Match[str]) -> bool:
    return _set_clock(parts, int(found[1]), 0, 0, found[2][0] + "m")


def _chinese_clock(parts: Parts, found: re.Match[str]) -> bool:
    tail = found["tail"] or ""
    minute = {"": 0, "整": 0, "钟": 0, "半": 30, "一刻": 15, "三刻": 45}.get(tail)
    if minute is None:
        minute = _int(tail.removesuffix("分").removeprefix("零").removeprefix("过") or "零")
    return _set_clock(parts, _int(found[1]), minute, 0, None)


def _noon(parts: Parts, found: re.Match[str]) -> bool:
    return _set_clock(parts, 12, 0, 0, None)


def _midnight(parts: Parts, found: re.Match[str]) -> bool:
    if parts.hour is not None or parts.midnight:
        return False
    parts.midnight = True
    return True


def _now(parts: Parts, found: re.Match[str]) -> bool:
    if parts.has_day or parts.hour is not None or parts.shift is not None:
        return False
    parts.shift = timedelta(0)
    return True


_CLOCK = (
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?"
    r"(?:[ ]?(?P<half>am|pm|a\.m\.|p\.m\.))?"
    r"(?:[ ]?(?P<zone>z|utc|[+-][0-9]{2}:?[0-9]{2}))?(?![0-9a-z:])"
)
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[Parts, re.Match[str]], bool]], ...] = tuple(
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
_SHIFT = re.compile(r"\+[ ]?|in[ ](?:an?[ ](?=hour))?|an?[ ](?=hour)")
_LATER = re.compile(
    r"[ ]?(?:(?P<later>later\b|from now\b|之?后|以后|之?内|以内)|(?P<ago>ago\b|之?前|以前))"
)


def shift_at(parts: Parts, plain: str, start: int, end: int) -> int | None:
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


def part_at(parts: Parts, plain: str, place: int, end: int) -> int | None:
    """Read one more part at `place` into `parts`; where it ends, or None."""
    for pattern, reader in _PATTERNS:
        found = pattern.match(plain, place, end)
        if found and reader(parts, found):
            return found.end()
    return None
