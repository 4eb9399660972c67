"""Which sources are best, and which together have all of it on the spot soonest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings, strategies as st

from storage.queries.sources import Supply
from workflows.geo.points import Point
from workflows.shelf import NotUsable, Shelf
from workflows.stock.nearest import answer
from workflows.stock.ranking import (
    EXACT,
    Need,
    Ranked,
    Terms,
    Tie,
    alone,
    combine,
    complete,
    rank,
)

DATA = Shelf().read("workflows.stock", "travel")
TERMS = Terms.read(DATA)
TODAY = date(2026, 11, 22)
AT = Point(31.2304, 121.4737)


def supply(
    number: int,
    lat: float,
    lon: float,
    milli: int = 1000,
    *,
    agency: str | None = "Fire",
    expiry: date | None = None,
) -> Supply:
    """A depot's stock of a kind."""
    return Supply(number, f"Depot {number}", lat, lon, agency, milli, expiry)


def need(milli: int | None = None, agency: str | None = "Fire", **agreed: float | None) -> Need:
    """So much for an agency with agreements."""
    return Need(AT, milli, agency, agreed, TODAY)


supplies = st.lists(
    st.builds(
        Supply,
        st.integers(1, 10_000),
        st.just("Depot"),
        st.floats(20, 45),
        st.floats(100, 125),
        st.sampled_from(("Fire", "Police", "Health", None)),
        st.integers(1, 50).map(lambda count: count * 1000),
        st.none() | st.dates(TODAY, TODAY + timedelta(days=500)),
    ),
    max_size=9,
    unique_by=lambda each: each.depot,
)


def test_the_nearest_of_ones_own_comes_first() -> None:
    found = rank([supply(1, 31.5, 121.5), supply(2, 31.25, 121.5)], need(), TERMS)
    assert [each.supply.depot for each in found] == [2, 1]
    assert found[0].tie is Tie.OWN
    assert found[0].seconds == pytest.approx(
        TERMS.loading + (found[0].metres or 0) * TERMS.road_factor / TERMS.speed
    )


def test_an_agreement_brings_a_source_forward_and_its_own_time_counts() -> None:
    two = [supply(1, 31.24, 121.48, agency="Police"), supply(2, 31.5, 121.6)]
    assert [each.supply.depot for each in rank(two, need(), TERMS)] == [2, 1]
    (first, _second) = rank(two, need(Police=None), TERMS)
    assert (first.supply.depot, first.tie, first.lead) == (1, Tie.AGREEMENT, 900)
    (first, _second) = rank(two, need(Police=60.0), TERMS)
    assert first.lead == 60


def test_within_a_minute_what_expires_first_goes_first() -> None:
    soon, late = TODAY + timedelta(days=5), TODAY + timedelta(days=400)
    two = [
        supply(1, 31.3, 121.5, expiry=None),
        supply(2, 31.3, 121.5, expiry=late),
        supply(3, 31.3, 121.5, expiry=soon),
    ]
    found = rank(two, need(), TERMS)
    assert [each.supply.depot for each in found] == [3, 2, 1]
    assert [each.soon for each in found] == [True, False, False]


def test_a_source_whose_place_is_not_known_stands_last_and_is_in_no_combination() -> None:
    nowhere = replace(supply(1, 0, 0, 99_000), lat=None, lon=None)
    found = rank([nowhere, supply(2, 39.9, 116.4)], need(), TERMS)
    assert [each.supply.depot for each in found] == [2, 1]
    assert found[1].seconds is None
    assert combine(found, 50_000).short == 49_000


def test_times_by_road_take_the_place_of_estimates() -> None:
    two = [supply(1, 31.24, 121.48), supply(2, 31.5, 121.6)]
    found = rank(two, need(), TERMS, {1: 7200.0, 2: 60.0})
    assert [each.supply.depot for each in found] == [2, 1]
    assert all(each.routed for each in found)
    assert found[0].seconds == TERMS.loading + 60


def test_the_fewest_sources_are_taken_of_those_that_are_there_in_time() -> None:
    some = [supply(n, 31.2304 + n * 0.05, 121.4737, 10_000) for n in (1, 2, 3)]
    some.append(supply(4, 31.4304, 121.4737, 100_000))
    found = combine(rank(some, need(), TERMS), 105_000)
    assert [each.source.supply.depot for each in found.parts] == [1, 4]
    assert [each.milli for each in found.parts] == [10_000, 95_000]


def test_one_that_has_all_of_it_is_named_beside_several_that_are_sooner() -> None:
    some = [
        supply(1, 31.25, 121.48, 5_000),
        supply(2, 31.26, 121.49, 5_000),
        supply(3, 31.5, 121.5, 50_000),
        supply(4, 34.5, 121.5, 90_000),
    ]
    made = answer(some, need(10_000), TERMS)
    assert made.together is not None
    assert [each.source.supply.depot for each in made.together.parts] == [1, 2]
    assert made.whole is not None
    assert made.whole.supply.depot == 3
    late = answer([*some[:2], some[3]], need(10_000), TERMS)
    assert late.whole is None, "four hours on the road are no alternative to half an hour"


@settings(max_examples=150)
@given(supplies, st.integers(1, 200).map(lambda count: count * 1000))
def test_no_choice_of_sources_has_all_of_it_sooner_nor_as_soon_with_fewer(
    some: list[Supply], milli: int
) -> None:
    ranked = rank(some, need(milli, Police=None), TERMS)
    made = combine(ranked, milli)
    given_ = sum(each.milli for each in made.parts)
    assert given_ + made.short == milli
    assert all(0 < each.milli <= each.source.milli for each in made.parts)
    total = sum(each.milli for each in ranked)
    if total < milli:
        assert made.short == milli - total
        return
    assert made.short == 0
    assert made.seconds is not None
    for count in range(1, len(ranked) + 1):
        for chosen in combinations(ranked, count):
            if sum(each.milli for each in chosen) < milli:
                continue
            last = max(each.seconds or 0 for each in chosen)
            # Within a minute the order is by expiry.
            assert last // 60 >= made.seconds // 60
            if last // 60 == made.seconds // 60:
                assert count >= len(made.parts)


@given(supplies, st.none() | st.integers(1, 60).map(lambda count: count * 1000))
def test_beyond_the_distance_that_is_looked_into_nothing_could_change_the_answer(
    some: list[Supply], milli: int | None
) -> None:
    asked = need(milli)
    reach = complete(rank(some, asked, TERMS), milli, 3, TERMS)
    near = [each for each in rank(some, asked, TERMS) if (each.metres or 0) <= reach]
    whole, part = (
        answer(list(each), asked, TERMS, shown=3) for each in (some, (one.supply for one in near))
    )
    assert [each.supply for each in whole.ranked] == [each.supply for each in part.ranked]
    assert whole.together == part.together


def test_far_sources_are_measured_on_the_sphere_near_ones_on_the_ellipsoid() -> None:
    some = [supply(n, 31.2304 + n * 0.01, 121.4737) for n in range(1, EXACT + 20)]
    found = rank(some, need(), TERMS)
    assert [each.supply.depot for each in found] == [each.depot for each in some]


def test_alone_is_whoever_has_all_of_it_and_is_there_first() -> None:
    found = rank([supply(1, 31.3, 121.5, 5_000), supply(2, 31.4, 121.5, 50_000)], need(), TERMS)
    one: Ranked | None = alone(found, 20_000)
    assert one is not None
    assert one.supply.depot == 2
    assert alone(found, 60_000) is None


@pytest.mark.parametrize(
    "change",
    [{"speed": 0}, {"road_factor": 0.9}, {"loading": -1}, {"lead": {"own": 0}}, {"speed": "fast"}],
)
def test_terms_that_cannot_be_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotUsable, match="travel"):
        Terms.read({**DATA, **change})
