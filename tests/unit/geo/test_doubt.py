"""A place on the wrong side of the world is asked about."""

from __future__ import annotations

import pytest

from workflows.errors import Refusal
from workflows.geo.doubt import check, town
from workflows.geo.places import Place, read_place
from workflows.geo.points import Point, metres

SHANGHAI = Point(31.2304, 121.4737)
INCIDENT = Point(38.914, 121.6147)


def test_the_chief_towns_of_time_zones_are_known() -> None:
    found = town("Asia/Shanghai")
    assert found is not None
    assert metres(found, SHANGHAI) < 5_000
    assert town("UTC") is None


@pytest.mark.parametrize(
    "typed", ["39.47, 75.99", "45.75, 126.65", "18.25, 109.5", "35.68, 139.77"]
)
def test_an_incident_may_be_anywhere_in_its_zones_part_of_the_world(typed: str) -> None:
    check(read_place(typed), None, "Asia/Shanghai")


@pytest.mark.parametrize(
    "typed", ["48.85, 2.35", "31.2304, -121.4737", "-31.2304, 121.4737", "0, 0"]
)
def test_on_the_other_side_of_the_world_it_is_asked_about(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(read_place(typed), None, "Asia/Shanghai")
    assert refused.value.code == "place-far"
    assert refused.value.params["origin"] == "Shanghai"
    assert int(str(refused.value.params["distance"])) > 5_000


def test_a_place_of_an_incident_is_asked_about_from_two_thousand_kilometres_on() -> None:
    check(read_place("31.2304, 121.4737"), INCIDENT, "Asia/Shanghai")
    with pytest.raises(Refusal):
        check(read_place("39.47, 75.99"), INCIDENT, "Asia/Shanghai")


def test_who_has_confirmed_it_is_not_asked_again_nor_who_gave_words_alone() -> None:
    check(read_place("48.85, 2.35 确认"), INCIDENT, "Asia/Shanghai")
    check(Place("巴黎"), INCIDENT, "Asia/Shanghai")
    check(read_place("48.85, 2.35"), None, "UTC")
