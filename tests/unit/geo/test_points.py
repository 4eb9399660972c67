"""Distances, boxes and the military grid."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, strategies as st

from workflows.geo.grid import GRID, read_grid, write_grid
from workflows.geo.points import ELLIPTICITY, Point, about, around, bearing, metres

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (-90.1, 0), (0, 181), (float("nan"), 0)])
def test_there_is_no_point_that_is_not_on_earth(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match=r"Earth|number"):
        Point(lat, lon)


def test_a_known_distance_is_met_to_a_metre() -> None:
    """Flinders Peak to Buninyong: Geoscience Australia, "Vincenty's formulae", worked example."""
    flinders = Point(-(37 + 57 / 60 + 3.7203 / 3600), 144 + 25 / 60 + 29.5244 / 3600)
    buninyong = Point(-(37 + 39 / 60 + 10.1561 / 3600), 143 + 55 / 60 + 35.3839 / 3600)
    assert metres(flinders, buninyong) == pytest.approx(54972.271, abs=0.02)
    assert bearing(flinders, buninyong) == pytest.approx(306 + 52 / 60 + 5.37 / 3600, abs=1e-4)


@given(points, points)
def test_the_quick_distance_is_wrong_by_its_bound_at_most(one: Point, other: Point) -> None:
    exact = metres(one, other)
    assert abs(about(one, other) - exact) <= exact * ELLIPTICITY + 0.01


@given(points, points, st.floats(1, 20_000_000))
def test_a_box_leaves_out_nothing_that_is_within_the_distance(
    middle: Point, other: Point, distance: float
) -> None:
    south, west, north, east = around(middle, distance)
    if about(middle, other) <= distance:
        assert south <= other.lat <= north
        assert west <= other.lon <= east


@given(st.floats(-79.9, 83.9), st.floats(-179.99, 179.99))
def test_the_grid_gives_a_point_back_to_a_metre_and_a_half(lat: float, lon: float) -> None:
    point = Point(lat, lon)
    found = GRID.fullmatch(write_grid(point).lower())
    assert found is not None
    read = read_grid(found)
    assume(read is not None)
    assert read is not None
    assert metres(point, read) < 1.5


def test_a_short_grid_reference_means_the_middle_of_its_square() -> None:
    whole, short = (GRID.fullmatch(each) for each in ("51r uq 54633 56140", "51r uq 5463 5614"))
    assert whole is not None
    assert short is not None
    exact, middle = read_grid(whole), read_grid(short)
    assert exact is not None
    assert middle is not None
    assert metres(exact, middle) < 7.2
