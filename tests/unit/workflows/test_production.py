"""What can be made beside what lies in depots: the least time to the whole quantity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from storage.queries.sources import Supply
from storage.tables import StockCapacity
from tests.unit.workflows.test_ranking import TERMS, need, supplies, supply
from workflows.errors import Refusal
from workflows.geo.points import Point
from workflows.stock.capacity import hours
from workflows.stock.production import LONGEST, MINUTE, STEP, Works, soonest, works
from workflows.stock.ranking import Tie, combine, rank

makers = st.lists(
    st.builds(
        Works,
        st.just("Factory"),
        st.floats(0.01, 50),
        st.floats(0, 200_000),
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(supplies, makers, st.integers(1, 200).map(lambda count: count * STEP))
def test_no_choice_has_all_of_it_a_minute_sooner(
    stock: list[Supply], made: list[Works], milli: int
) -> None:
    """And nobody gives more than there is or is made by then."""
    ranked = rank(stock, need(milli), TERMS)
    best = combine(ranked, milli)
    before = None if best.short else best.seconds
    found = soonest(ranked, made, milli, before)

    def amount(seconds: float) -> int:
        shelf = sum(
            each.milli for each in ranked if each.seconds is not None and each.seconds <= seconds
        )
        return shelf + sum(each.by(seconds) for each in made)

    if found is None:
        limit = LONGEST * MINUTE if before is None else before - 700
        assert not made or limit < 0 or amount(limit) < milli
        return
    assert amount(found.seconds) >= milli
    assert amount(found.seconds - MINUTE) < milli
    assert before is None or found.seconds < before
    assert sum(each.milli for each in found.shelf) + sum(n for _w, n in found.works) == milli
    assert all(0 < n <= each.by(found.seconds) for each, n in found.works)
    assert all((each.source.seconds or 0) <= found.seconds for each in found.shelf)


def capacity(depot: int | None, hours: int = 10) -> StockCapacity:
    """A factory of the fire brigade that makes 100 in so many hours, beginning after two."""
    return StockCapacity(
        sort="production", name="Factory", milli=100 * STEP, unit="piece", hours=hours,
        lead_minutes=120, agency="Police", depot_id=depot, made_at=datetime(2026, 7, 1, tzinfo=UTC),
    )  # fmt: skip


def test_it_begins_when_the_owner_has_agreed_and_the_way_is_driven() -> None:
    """A factory of which nobody knows where it stands is in no combination."""
    at = Point(31.2304, 121.4737)
    (found,) = works([capacity(1), capacity(2), capacity(None)], {1: at}, need(), TERMS)
    assert found.begins == TERMS.lead[Tie.OTHER] + 120 * MINUTE + TERMS.loading
    assert found.by(found.begins + 3600) == 10 * STEP
    assert found.by(found.begins + 3700) == 10 * STEP, "only whole ones"
    assert found.by(found.begins - 1) == 0


def test_what_lies_near_is_not_outdone_by_what_is_hardly_sooner() -> None:
    ranked = rank([supply(1, 31.3, 121.5, 50 * STEP)], need(50 * STEP), TERMS)
    seconds = ranked[0].seconds
    assert seconds is not None
    instant = Works("Factory", 1e9, seconds - 300)
    assert soonest(ranked, [instant], 50 * STEP, seconds) is None
    much = Works("Factory", 1e9, seconds - 1200)
    assert soonest(ranked, [much], 50 * STEP, seconds) is not None


@pytest.mark.parametrize("minutes", [-60, 0, 30, 90, 150, 367 * 24 * 60])
def test_a_rate_per_a_broken_number_of_hours_is_refused_not_rounded(minutes: int) -> None:
    with pytest.raises(Refusal):
        hours(timedelta(minutes=minutes))
    assert hours(timedelta(days=1)) == 24
    assert hours(timedelta(days=366)) == 366 * 24
