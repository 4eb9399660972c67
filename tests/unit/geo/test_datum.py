"""Between WGS 84 and the datums of Chinese maps."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, strategies as st

from workflows.geo.datum import Datum, from_wgs84, to_wgs84
from workflows.geo.mainland import in_mainland
from workflows.geo.points import Point, metres

MAINLAND = {
    "Beijing": Point(39.9042, 116.4074),
    "Shanghai": Point(31.2304, 121.4737),
    "Shenzhen, Futian": Point(22.533, 114.055),
    "Zhuhai": Point(22.27, 113.57),
    "Xiamen": Point(24.48, 118.09),
    "Dandong": Point(40.124, 124.39),
    "Heihe": Point(50.245, 127.50),
    "Manzhouli": Point(49.59, 117.43),
    "Kashgar": Point(39.47, 75.99),
    "Lhasa": Point(29.65, 91.1),
    "Sanya": Point(18.25, 109.5),
    "Dongxing": Point(21.545, 107.97),
    "Ruili": Point(24.01, 97.85),
    "Bohai Sea": Point(38.6, 119.9),
    "off Zhoushan": Point(29.98, 122.4),
}
ELSEWHERE = {
    "Hong Kong, Central": Point(22.2819, 114.158),
    "Hong Kong, Yuen Long": Point(22.445, 114.022),
    "Hong Kong, airport": Point(22.308, 113.918),
    "Macau": Point(22.1987, 113.5439),
    "Macau, Taipa": Point(22.156, 113.559),
    "Taipei": Point(25.033, 121.5654),
    "Kaohsiung": Point(22.6273, 120.3014),
    "Kinmen": Point(24.4368, 118.3186),
    "Matsu": Point(26.16, 119.95),
    "Penghu": Point(23.57, 119.58),
    "Hanoi": Point(21.0278, 105.8342),
    "Seoul": Point(37.5665, 126.978),
    "Sinuiju": Point(40.10, 124.40),
    "Vladivostok": Point(43.1155, 131.8855),
    "Blagoveshchensk": Point(50.29, 127.54),
    "Ulaanbaatar": Point(47.9, 106.9),
    "Almaty": Point(43.24, 76.9),
    "Kathmandu": Point(27.7, 85.3),
    "Lao Cai": Point(22.48, 103.97),
    "Muse": Point(23.98, 97.90),
    "Paris": Point(48.85, 2.35),
}


@pytest.mark.parametrize("name", MAINLAND)
def test_the_mainland_is_shifted_by_100_to_750_metres(name: str) -> None:
    point = MAINLAND[name]
    assert in_mainland(point)
    assert 100 < metres(point, from_wgs84(point, Datum.GCJ02)) < 750


@pytest.mark.parametrize("name", ELSEWHERE)
def test_hong_kong_macau_taiwan_and_foreign_places_are_left_where_they_are(name: str) -> None:
    point = ELSEWHERE[name]
    assert to_wgs84(point, Datum.GCJ02) == point
    assert from_wgs84(point, Datum.GCJ02) == point


@pytest.mark.parametrize("name", ["Paris", "Seoul", "Hanoi", "Ulaanbaatar"])
def test_abroad_baidu_means_wgs84(name: str) -> None:
    assert to_wgs84(ELSEWHERE[name], Datum.BD09) == ELSEWHERE[name]


@pytest.mark.parametrize("name", ["Hong Kong, Central", "Macau", "Taipei", "Kaohsiung"])
def test_baidus_own_step_holds_in_hong_kong_macau_and_taiwan(name: str) -> None:
    point = ELSEWHERE[name]
    shown = from_wgs84(point, Datum.BD09)
    assert 500 < metres(point, shown) < 1500
    assert metres(to_wgs84(shown, Datum.BD09), point) < 0.001


def test_published_pairs_of_datums_agree() -> None:
    """Baidu's own example, and a pair that implementations of GCJ-02 have in common."""
    tiananmen = Point(39.90865673957631, 116.39762729119315)
    in_baidu = from_wgs84(to_wgs84(tiananmen, Datum.GCJ02), Datum.BD09)
    assert in_baidu.lat == pytest.approx(39.915, abs=2e-5)
    assert in_baidu.lon == pytest.approx(116.404, abs=2e-5)
    shown = from_wgs84(Point(31.1774276, 121.5272106), Datum.GCJ02)
    assert shown.lat == pytest.approx(31.17530398364597, abs=1e-7)
    assert shown.lon == pytest.approx(121.531541859215, abs=1e-7)


@given(lat=st.floats(18.2, 53.5), lon=st.floats(73.6, 134.9))
def test_from_a_datum_and_back_a_point_returns_to_a_millimetre(lat: float, lon: float) -> None:
    """Wherever it and what is shown of it lie on the same side of the border."""
    point = Point(lat, lon)
    for datum in (Datum.GCJ02, Datum.BD09):
        shown = from_wgs84(point, datum)
        assume(in_mainland(point) == in_mainland(from_wgs84(point, Datum.GCJ02)))
        if datum is Datum.BD09:
            assume(in_mainland(point))
        assert metres(to_wgs84(shown, datum), point) < 0.001


@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180))
def test_no_point_on_earth_moves_further_than_two_kilometres(lat: float, lon: float) -> None:
    point = Point(lat, lon)
    for datum in Datum:
        assert metres(to_wgs84(point, datum), point) < 2000
        assert metres(from_wgs84(point, datum), point) < 2000
