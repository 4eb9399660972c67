"""When briefings are due: by intervals and by clocks that people live by, also where these jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from workflows.briefings.moments import (
    GRACE,
    LEAST,
    MOST,
    ON_TIME,
    Daily,
    Every,
    clocks,
    grace,
    missed,
    step,
)
from workflows.errors import Refusal

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)

minutes = st.integers(0, 60 * 24 * 200).map(lambda n: timedelta(minutes=n))
steps = st.integers(15, 60 * 24 * 7).map(lambda n: timedelta(minutes=n))
times = st.sets(
    st.tuples(st.integers(0, 23), st.sampled_from((0, 20, 40))), min_size=1, max_size=6
).map(lambda found: tuple(sorted(f"{hour:02}:{minute:02}" for hour, minute in found)))


def rules() -> st.SearchStrategy[Every | Daily]:
    """Either sort."""
    daily = st.builds(
        Daily, times, st.sampled_from((BERLIN, SHANGHAI)), minutes.map(lambda n: NOW + n)
    )
    return st.one_of(st.builds(Every, steps, minutes.map(lambda n: NOW + n)), daily)


@settings(deadline=None)
@given(rules(), minutes)
def test_the_next_moment_is_later_and_none_is_left_out(
    rule: Every | Daily, after: timedelta
) -> None:
    begun = NOW + after
    first = rule.after(begun)
    assert first > begun
    assert first >= rule.start
    between = begun + (first - begun) / 2
    assert rule.after(between) == first
    assert rule.after(first - timedelta(microseconds=1)) == first


@settings(deadline=None)
@given(rules(), st.integers(0, 60 * 24 * 9).map(lambda n: timedelta(minutes=n)))
def test_of_what_was_missed_the_last_one_counts_and_the_others_are_counted(
    rule: Every | Daily, silence: timedelta
) -> None:
    due = rule.after(NOW)
    now = due + silence
    passed = [due]
    while (following := rule.after(passed[-1])) <= now:
        passed.append(following)
    assert missed(rule, due, now) == (passed[-1], len(passed) - 1)


def test_a_time_that_the_clocks_leave_out_comes_when_they_go_on() -> None:
    daily = Daily(("02:30",), BERLIN, datetime(2026, 3, 28, 12, tzinfo=UTC))
    found = [daily.after(datetime(2026, 3, 28, 12, tzinfo=UTC))]
    found.append(daily.after(found[0]))
    local = [each.astimezone(BERLIN).strftime("%d %H:%M") for each in found]
    assert local == ["29 03:30", "30 02:30"]


def test_a_time_that_the_clocks_repeat_counts_once() -> None:
    daily = Daily(("02:30",), BERLIN, datetime(2026, 10, 24, 12, tzinfo=UTC))
    first = daily.after(datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert daily.after(first).astimezone(BERLIN).strftime("%d %H:%M") == "26 02:30"


def test_every_twelve_hours_from_half_past_seven() -> None:
    rule = Every(timedelta(hours=12), datetime(2026, 11, 22, 7, 30, tzinfo=SHANGHAI))
    assert rule.after(NOW).astimezone(SHANGHAI).strftime("%d %H:%M") == "22 19:30"


def test_the_grace_is_half_the_time_to_the_next_one_and_never_long() -> None:
    assert grace(NOW, NOW + timedelta(hours=1)) == timedelta(minutes=30)
    assert grace(NOW, NOW + timedelta(days=7)) == GRACE
    assert grace(NOW, NOW + timedelta(minutes=1)) == ON_TIME


@pytest.mark.parametrize("length", [timedelta(0), LEAST - timedelta(seconds=1), MOST * 2])
def test_too_often_and_too_seldom_are_refused(length: timedelta) -> None:
    with pytest.raises(Refusal, match="briefing-every"):
        step(length)


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (((8, 0), (20, 0)), True),
        (((8, 0), (8, 14)), False),
        (((23, 55), (0, 5)), False),
        (((23, 45), (0, 0)), True),
        (tuple((hour, 0) for hour in range(13)), False),
    ],
)
def test_times_of_day_lie_apart_also_over_midnight(
    found: tuple[tuple[int, int], ...], right: bool
) -> None:
    moments = [datetime(2026, 11, 22, hour, minute, tzinfo=SHANGHAI) for hour, minute in found]
    if right:
        assert len(clocks(moments, SHANGHAI)) == len(found)
    else:
        with pytest.raises(Refusal, match="briefing-at"):
            clocks(moments, SHANGHAI)
