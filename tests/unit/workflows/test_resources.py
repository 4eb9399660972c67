"""Units: what may become of them, when they are promised twice, where they are drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from workflows.errors import Refusal
from workflows.geo.points import Point, about
from workflows.resources import rules, tracking
from workflows.resources.resting import limits
from workflows.resources.rules import Event, Span, Status
from workflows.resources.sketch import SHEET, Label, Thing, draw
from workflows.resources.tracking import Fix
from workflows.shelf import Shelf

NOW = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)

minutes = st.integers(-600, 600).map(lambda n: NOW + timedelta(minutes=n))


@st.composite
def spans(draw_: st.DrawFn) -> Span:
    """A time of a task, with or without an end."""
    starts = draw_(minutes)
    length = draw_(st.none() | st.integers(1, 300))
    return Span(starts, None if length is None else starts + timedelta(minutes=length))


@given(spans(), spans())
def test_two_times_overlap_exactly_if_some_minute_belongs_to_both(one: Span, other: Span) -> None:
    def within(span: Span, at: datetime) -> bool:
        return span.starts <= at and (span.ends is None or at < span.ends)

    later = max(one.starts, other.starts)
    assert one.overlaps(other) == (within(one, later) and within(other, later))
    assert one.overlaps(other) == other.overlaps(one)


@given(st.lists(spans(), max_size=12))
def test_what_is_promised_one_after_the_other_never_overlaps(wanted: list[Span]) -> None:
    """Whatever is wanted: what is kept of it can all be kept."""
    kept: list[Span] = []
    for each in wanted:
        if rules.first_clash(each, enumerate(kept), NOW - timedelta(days=1)) is None:
            kept.append(each)
    assert not any(one.overlaps(other) for at, one in enumerate(kept) for other in kept[at + 1 :])


def test_a_task_whose_time_is_over_goes_on_until_the_unit_is_freed() -> None:
    over = Span(NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    wanted = Span(NOW, NOW + timedelta(hours=1))
    assert rules.first_clash(wanted, [(7, over)], NOW) == 7


@given(st.lists(st.sampled_from(Event), max_size=20))
def test_only_what_the_table_allows_happens_and_released_is_the_end(events: list[Event]) -> None:
    status = Status.AVAILABLE
    for event in events:
        allowed = rules.TRANSITIONS[status].get(event)
        if allowed is None:
            with pytest.raises(Refusal):
                rules.after(status, event, "U1")
        else:
            status = rules.after(status, event, "U1")
    if status is Status.RELEASED:
        assert not rules.TRANSITIONS[status]


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("运输车队", "convoy"), ("冲锋舟", "vessel"), ("抢险队", "team"), ("排水车", "vehicle"),
        ("truck convoy", "convoy"), ("rescue boat", "vessel"), ("pump", "equipment"),
        ("侦察无人机", "aircraft"), ("Ambulance", "vehicle"),
    ],
)  # fmt: skip
def test_what_sort_of_thing_a_kind_is_follows_from_its_words(kind: str, category: str) -> None:
    assert rules.category_of(kind) == category


def test_every_category_has_its_limits_of_work_and_rest() -> None:
    for category in rules.CATEGORIES:
        work, rest = limits(Shelf(), category)
        assert work >= 0
        assert rest >= 0


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(0, 0.3), st.floats(1.5, 60))
def test_who_goes_on_at_a_speed_arrives_after_the_way_at_that_speed(
    lat: float, lon: float, north: float, speed: float
) -> None:
    here, goal = Point(lat, lon), Point(lat + north, lon)
    at = tracking.arrival(here, goal, (speed,), "vehicle", NOW)
    expected = about(here, goal) * tracking.ROAD / speed
    assert abs((at - NOW).total_seconds() - expected) <= 1


def test_a_speed_while_standing_says_nothing_of_the_arrival() -> None:
    here, goal = Point(31.2, 121.4), Point(31.3, 121.4)
    still = tracking.arrival(here, goal, (0.1, 0.0), "vehicle", NOW)
    assert still == tracking.arrival(here, goal, (), "vehicle", NOW)


def test_nobody_is_quicker_than_can_be() -> None:
    last = Fix(NOW, Point(31.2, 121.4), "x")
    soon = Fix(NOW + timedelta(minutes=1), Point(31.5, 121.4), "x")
    assert not tracking.possible(soon, last, "vehicle")
    assert not tracking.possible(soon, last, "aircraft")
    later = Fix(NOW + timedelta(minutes=2), Point(31.5, 121.4), "x")
    assert tracking.possible(later, last, "aircraft")
    assert tracking.possible(Fix(NOW, Point(31.21, 121.4), "x"), last, "vehicle")


spots = st.builds(Point, st.floats(31.0, 31.5), st.floats(121.2, 121.8))
names = st.text("U1运输突击队ABC 第七", min_size=1, max_size=14)
things = st.lists(
    st.builds(
        Thing,
        name=names,
        spot=st.one_of(spots, st.builds(Point, st.floats(-80, 80), st.floats(-180, 180))),
        sort=st.sampled_from(("unit", "depot")),
        look=st.just("assigned"),
        small=st.sampled_from(("", "42 km/h · → 14:20")),
        weight=st.integers(0, 9),
        short=st.just("U1"),
        goal=st.none() | spots,
    ),
    min_size=1,
    max_size=40,
)


def _apart(one: Label, other: Label) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@settings(max_examples=40, deadline=None)
@given(things)
def test_labels_lie_on_the_sheet_and_none_on_another(drawn: list[Thing]) -> None:
    made = draw(drawn)
    for at, each in enumerate(made.labels):
        assert each.x >= 0
        assert each.y >= 0
        assert each.x + each.width <= SHEET
        assert each.y + each.height <= SHEET
        assert all(_apart(each, other) for other in made.labels[at + 1 :])
    for mark in made.marks:
        assert -1 <= mark.x <= SHEET + 1
        assert -1 <= mark.y <= SHEET + 1
    assert 0 < made.bar[0] <= SHEET / 4 + 1


def test_the_scale_bar_is_as_long_on_the_ground_as_it_says() -> None:
    """Two things as far apart as the bar says stand as far apart as it is."""
    one, other = Point(31.2, 121.4), Point(31.3, 121.4)
    made = draw([Thing("a", one, "unit", "x"), Thing("b", other, "unit", "x")])
    on_sheet = abs(made.marks[0].y - made.marks[1].y)
    assert on_sheet / made.bar[0] == pytest.approx(about(one, other) / made.bar[1], rel=0.01)
