"""Periods and meetings on wall clocks, and objectives against time: rules without a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from workflows.errors import Refusal
from workflows.organisation.positions import ROLES
from workflows.periods import inputs, rules, tiers
from workflows.periods.cycle import INPUTS, MINUTES, cycle
from workflows.periods.slipping import Told, Why, expected, reached_at, slipping
from workflows.shelf import NotUsable, Shelf

NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from(
    [ZoneInfo(each) for each in ("Asia/Shanghai", "America/New_York", "Europe/London",
                                 "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca")]
)  # fmt: skip


def at(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    """A wall time in a zone, in UTC."""
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=zone, fold=fold).astimezone(UTC)


def test_twelve_hours_from_eight_in_the_evening_end_at_eight_in_the_morning() -> None:
    assert rules.ends(at(SHANGHAI, 2026, 7, 18, 20), 720, SHANGHAI) == at(SHANGHAI, 2026, 7, 19, 8)


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 7), 11), ((2026, 10, 31), 13), ((2026, 6, 1), 12)]
)
def test_in_the_night_in_which_clocks_change_a_period_ends_by_the_clock(
    day: tuple[int, int, int], hours: int
) -> None:
    starts = at(NEW_YORK, *day, 20)
    ends = rules.ends(starts, 720, NEW_YORK)
    assert ends.astimezone(NEW_YORK).hour == 8
    assert ends - starts == timedelta(hours=hours)


def test_an_end_that_clocks_skip_comes_as_much_later_as_they_do() -> None:
    ends = rules.ends(at(NEW_YORK, 2026, 3, 8, 0, 30), 120, NEW_YORK)
    assert ends == at(NEW_YORK, 2026, 3, 8, 3, 30)


def test_an_end_that_comes_twice_is_the_first_after_the_beginning() -> None:
    first = at(NEW_YORK, 2026, 11, 1, 1, 30)
    assert rules.ends(at(NEW_YORK, 2026, 11, 1, 0, 30), 60, NEW_YORK) == first
    second_half_past_one = at(NEW_YORK, 2026, 11, 1, 1, 30, fold=1)
    begun_in_between = at(NEW_YORK, 2026, 11, 1, 1, 0, fold=1)
    assert rules.ends(begun_in_between, 30, NEW_YORK) == second_half_past_one


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.integers(60, 72 * 60),
    ZONES,
)
def test_a_period_always_ends_after_it_began_and_near_its_length(
    starts: datetime, minutes: int, zone: ZoneInfo
) -> None:
    ends = rules.ends(starts, minutes, zone)
    assert ends > starts
    assert abs(ends - starts - timedelta(minutes=minutes)) <= timedelta(hours=2)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [(None, 720), (Decimal(12), 720), (Decimal("7.5"), 450), (timedelta(hours=24), 1440)],
)
def test_a_length_in_minutes(typed: Decimal | timedelta | None, minutes: int) -> None:
    assert rules.length(typed) == minutes


@pytest.mark.parametrize("typed", [Decimal(0), Decimal("0.5"), Decimal(400), timedelta(days=9)])
def test_a_period_of_no_hours_or_of_four_hundred_is_refused(typed: Decimal | timedelta) -> None:
    with pytest.raises(Refusal) as refused:
        rules.length(typed)
    assert refused.value.code == "period-length"


@pytest.mark.parametrize("moved", [timedelta(minutes=-2), timedelta(days=8)])
def test_a_period_begins_neither_in_the_past_nor_far_ahead(moved: timedelta) -> None:
    now = datetime(2026, 7, 18, tzinfo=UTC)
    with pytest.raises(Refusal):
        rules.check_start(now + moved, now)


@given(st.floats(0, 40), st.integers(0, 12 * 60))
def test_a_meeting_is_neither_before_the_preparation_nor_after_the_start(
    hours: float, minutes: int
) -> None:
    earliest = datetime(2026, 7, 18, tzinfo=UTC)
    starts = earliest + timedelta(hours=hours)
    held = rules.meeting_at(starts, timedelta(minutes=minutes), earliest)
    assert earliest - rules.GRAIN <= held <= starts


def test_with_half_of_the_time_meetings_come_twice_as_near() -> None:
    earliest = datetime(2026, 7, 18, tzinfo=UTC)
    starts = earliest + timedelta(hours=6)
    assert starts - rules.meeting_at(starts, timedelta(hours=6), earliest) == timedelta(hours=3)


def test_what_stands_on_our_shelf_can_be_used_and_every_input_can_be_looked_up() -> None:
    known = cycle(Shelf())
    assert inputs.LOOKS.keys() == INPUTS
    codes = [each.code for each in known.kinds]
    assert [each.before for each in known.kinds] == sorted(
        (each.before for each in known.kinds), reverse=True
    )
    for kind in known.kinds:
        assert {kind.chair, *kind.attend} <= ROLES.keys()
        for each in kind.inputs:
            if each.startswith(MINUTES):
                assert each.removeprefix(MINUTES) in codes


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("usual = 12", "meeting is missing"),
        ("[[meeting]]\ncode='x'\nname={zh='x'}\nbefore='1h'", "both languages"),
        ("[[meeting]]\ncode='x'\nname={zh='x',en='x'}\nbefore='soon'\nchair='commander'\n"
         "attend=[]", "not a time"),
        ("[[meeting]]\ncode='x'\nname={zh='x',en='x'}\nbefore='1h'\nchair='king'\nattend=[]",
         "no position king"),
        ("[[meeting]]\ncode='x'\nname={zh='x',en='x'}\nbefore='1h'\nchair='safety'\nattend=[]\n"
         "inputs=['stars']", "input stars"),
        ("usual = 0\nmeeting=[]", "less than an hour"),
    ],
)  # fmt: skip
def test_an_operators_cycle_that_cannot_be_used_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, wrong: str
) -> None:
    (tmp_path / "cycle.toml").write_text(text, encoding="utf-8")
    with pytest.raises(NotUsable, match=wrong):
        cycle(Shelf(tmp_path))


NOW = datetime(2026, 7, 18, 12, tzinfo=UTC)


def told(number: int, progress: int, *, hours: float = 6, due: float | None = 6,
         silent: float = 0) -> Told:  # fmt: skip
    """An objective made some hours ago, due in some, of which was last spoken some ago."""
    made = NOW - timedelta(hours=hours)
    until = None if due is None else NOW + timedelta(hours=due)
    return Told(number, "x", progress, made, NOW - timedelta(hours=silent), until, None, None)


def slips(*objectives: Told) -> dict[int, Why]:
    """Why which objective slips."""
    found = slipping(objectives, NOW, margin=15, silent=timedelta(hours=6))
    return {each.objective.number: each.why for each in found}


def test_what_keeps_pace_with_the_time_does_not_slip() -> None:
    assert slips(told(1, 50), told(2, 36), told(3, 100, due=1)) == {}


def test_what_is_behind_overdue_silent_or_endless_slips_for_that_reason() -> None:
    objectives = (
        told(1, 30),
        told(2, 90, due=-1),
        told(3, 60, hours=12, due=12, silent=7),
        told(4, 10, due=None),
    )
    assert slips(*objectives) == {
        1: Why.BEHIND, 2: Why.OVERDUE, 3: Why.SILENT, 4: Why.ENDLESS,
    }  # fmt: skip


def test_at_the_pace_so_far_it_is_reached_when_the_rest_is_done_as_fast() -> None:
    assert reached_at(told(1, 50), NOW) == NOW + timedelta(hours=6)
    assert reached_at(told(1, 0), NOW) is None
    assert reached_at(told(1, 1, hours=24 * 30), NOW) is None


@given(st.integers(0, 100), st.floats(0.1, 100), st.floats(-50, 100))
def test_what_is_expected_is_a_percentage_and_the_pace_never_ends_in_the_past(
    progress: int, hours: float, due: float
) -> None:
    one = told(1, progress, hours=hours, due=due)
    assert one.due is not None
    assert 0 <= expected(one.made_at, one.due, NOW) <= 100
    until = reached_at(one, NOW)
    assert until is None or until > NOW


def test_every_tier_has_a_name() -> None:
    assert tuple(tiers.NAMES) == ("rescue", "resettlement", "reconstruction")
