"""Times are read in the incident's zone, to the next one, and never guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from handlers.grammar.durations import duration_at
from handlers.grammar.situation import Source, Taken, Unread
from handlers.grammar.times import time_at
from handlers.values import Moment
from tests.unit.grammar.sample import NOW, SHANGHAI

When = Literal["future", "past", "any"]
NEW_YORK = ZoneInfo("America/New_York")


def _at(text: str, now: datetime = NOW, zone: ZoneInfo = SHANGHAI, when: When = "future") -> str:
    """The local time, `~` if rolled; `?` with clear texts if refused; `-` if nothing is read."""
    read = time_at(Source.of(text).plain, 0, len(text), now, zone, when)
    if isinstance(read, Unread):
        return " ".join(("?", *read.instead))
    if read is None or read.end != len(text):
        return "-"
    assert isinstance(read.value, Moment)
    assert read.value.at.tzinfo is UTC
    local = read.value.at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M}" + ("~" if read.value.rolled else "")


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("14:00", "2026-11-23 14:00~"),
        ("１４：３０", "2026-11-22 14:30"),
        ("1500", "2026-11-22 15:00"),
        ("8am", "2026-11-23 08:00~"),
        ("8 p.m.", "2026-11-22 20:00"),
        ("12am", "2026-11-23 00:00~"),
        ("12pm", "2026-11-23 12:00~"),
        ("20:30:15", "2026-11-22 20:30"),
        ("+2h", "2026-11-22 16:30"),
        ("+90m", "2026-11-22 16:00"),
        ("+1h30m", "2026-11-22 16:00"),
        ("+1天", "2026-11-23 14:30"),
        ("in 2 hours", "2026-11-22 16:30"),
        ("in an hour", "2026-11-22 15:30"),
        ("2 hours from now", "2026-11-22 16:30"),
        ("2小时后", "2026-11-22 16:30"),
        ("２小时后", "2026-11-22 16:30"),
        ("两小时之后", "2026-11-22 16:30"),
        ("半小时后", "2026-11-22 15:00"),
        ("一个半小时后", "2026-11-22 16:00"),
        ("两小时半后", "2026-11-22 17:00"),
        ("一刻钟后", "2026-11-22 14:45"),
        ("45分钟内", "2026-11-22 15:15"),
        ("三天后8点", "2026-11-25 08:00"),
        ("明早8点", "2026-11-23 08:00"),
        ("明天早上八点", "2026-11-23 08:00"),
        ("今晚八点半", "2026-11-22 20:30"),
        ("今晚12点", "2026-11-23 00:00"),
        ("后天下午3点", "2026-11-24 15:00"),
        ("大后天0800", "2026-11-25 08:00"),
        ("8点", "2026-11-23 08:00~"),
        ("20点", "2026-11-22 20:00"),
        ("8点半", "2026-11-23 08:30~"),
        ("八点一刻", "2026-11-23 08:15~"),
        ("8点05分", "2026-11-23 08:05~"),
        ("凌晨2点", "2026-11-23 02:00~"),
        ("半夜2点", "2026-11-23 02:00~"),
        ("中午", "2026-11-23 12:00~"),
        ("中午1点", "2026-11-23 13:00~"),
        ("noon", "2026-11-23 12:00~"),
        ("midnight", "2026-11-23 00:00"),
        ("午夜", "2026-11-23 00:00"),
        ("24:00", "2026-11-23 00:00"),
        ("2400", "2026-11-23 00:00"),
        ("11月23日8时", "2026-11-23 08:00"),
        ("十一月二十三日上午九点三十分", "2026-11-23 09:30"),
        ("2026年11月23日8点", "2026-11-23 08:00"),
        ("11-23 08:00", "2026-11-23 08:00"),
        ("01-05 08:00", "2027-01-05 08:00"),
        ("25/12 08:00", "2026-12-25 08:00"),
        ("23 november 08:00", "2026-11-23 08:00"),
        ("2026-11-23T08:00+08:00", "2026-11-23 08:00"),
        ("2026-11-23T08:00:00Z", "2026-11-23 16:00"),
        ("0900z", "2026-11-22 17:00"),
        ("tomorrow 0800", "2026-11-23 08:00"),
        ("tomorrow at 8am", "2026-11-23 08:00"),
        ("14:00 tomorrow", "2026-11-23 14:00"),
        ("today 15:00", "2026-11-22 15:00"),
        ("tonight 8pm", "2026-11-22 20:00"),
        ("friday 14:00", "2026-11-27 14:00"),
        ("下周一8点", "2026-11-23 08:00"),
        ("now", "2026-11-22 14:30"),
        ("现在", "2026-11-22 14:30"),
        ("14:00前", "2026-11-23 14:00~"),
    ],
)
def test_time_is_the_next_one_it_can_be(text: str, local: str) -> None:
    """Every way to say a time gives the moment that people mean."""
    assert _at(text) == local


@pytest.mark.parametrize(
    "text",
    [
        "25:00",
        "0860",
        "13pm",
        "0am",
        "24:01",
        "25点",
        "2月30日 8点",
        "2026-02-29 08:00",
        "上午13点",
        "凌晨8点",
        "明天",
        "11-23",
        "今晚",
        "tomorrow midnight",
        "明晚1点",
        "today 14:00",
        "昨天8点",
        "3 hours ago",
        "周五14:00",
        "11-20 08:00",
        "08:00+99:00",
    ],
)
def test_time_that_is_none_or_over_or_incomplete_is_refused(text: str) -> None:
    """Nothing near it is taken instead."""
    assert _at(text).startswith("?")


@pytest.mark.parametrize("text", ["8", "800", "pump", "", "by", "14:00h", "点", "12345"])
def test_what_is_no_time_is_not_read_as_one(text: str) -> None:
    """A bare number is an amount, not an hour."""
    assert _at(text) in ("-", "?")


def test_two_readings_are_offered_as_clear_texts() -> None:
    """Month and day, or the night that has two days, are asked about."""
    assert _at("11/12 08:00") == "? 11-12 08:00 12-11 08:00"
    assert _at("今晚1点") == "? 01:00"


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("08:30", "2026-11-22 08:30"),
        ("20:30", "2026-11-21 20:30~"),
        ("昨晚八点", "2026-11-21 20:00"),
        ("2小时前", "2026-11-22 12:30"),
        ("3 hours ago", "2026-11-22 11:30"),
        ("07-25 08:00", "2026-07-25 08:00"),
        ("12-25 08:00", "?"),
        ("tomorrow 0800", "?"),
    ],
)
def test_time_that_looks_back_is_the_last_one(text: str, local: str) -> None:
    """When something happened is never still to come."""
    assert _at(text, when="past") == local


def test_clock_put_forward_leaves_out_times() -> None:
    """02:30 does not exist on 8 March 2026 in New York; an hour later does."""
    night = datetime(2026, 3, 7, 20, 0, tzinfo=NEW_YORK)
    assert _at("02:30", night, NEW_YORK) == "?"
    assert _at("tomorrow 03:30", night, NEW_YORK) == "2026-03-08 03:30"
    assert _at("+7h", night, NEW_YORK) == "2026-03-08 04:00"


def test_clock_put_back_asks_which() -> None:
    """01:30 comes twice on 1 November 2026 in New York; each has its own clear text."""
    night = datetime(2026, 10, 31, 20, 0, tzinfo=NEW_YORK)
    first, second = "2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"
    assert _at("0130", night, NEW_YORK) == f"? {first} {second}"
    for text, hour in ((first, 5), (second, 6)):
        read = time_at(Source.of(text).plain, 0, len(text), night, NEW_YORK)
        assert isinstance(read, Taken)
        assert read.value == Moment(datetime(2026, 11, 1, hour, 30, tzinfo=UTC))


@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    zone=st.sampled_from(["Asia/Shanghai", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns"]),
)
def test_clock_time_is_within_the_day_to_come(
    now: datetime, hour: int, minute: int, zone: str
) -> None:
    """Whatever the zone, a clock time is never over and never more than 25 hours ahead."""
    here, at = ZoneInfo(zone), now.replace(tzinfo=UTC)
    text = f"{hour:02}:{minute:02}"
    read = time_at(text, 0, len(text), at, here)
    if isinstance(read, Taken) and isinstance(read.value, Moment):
        assert at <= read.value.at <= at + timedelta(hours=25)
        assert f"{read.value.at.astimezone(here):%H:%M}" == text
    else:
        assert isinstance(read, Unread)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("12h", 720),
        ("90m", 90),
        ("1h30m", 90),
        ("1.5小时", 90),
        ("半小时", 30),
        ("一个半小时", 90),
        ("两个小时", 120),
        ("半天", 720),
        ("2天", 2880),
        ("一刻钟", 15),
        ("two hours", 120),
        ("一小时三十分", 90),
    ],
)
def test_length_of_time(text: str, minutes: int) -> None:
    """Hours, minutes and days, in figures and in words."""
    assert duration_at(text, 0, len(text)) == (timedelta(minutes=minutes), len(text))
