"""What trackers post is read as their makers document it, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.tracking import KNOT, Unreadable, read
from workflows.geo.points import Point
from workflows.text import Json

AT = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)
UNIX = int(AT.timestamp())


def test_owntracks_says_kilometres_an_hour() -> None:
    _token, fix = read(
        {"_type": "location", "lat": 31.2, "lon": 121.4, "tst": UNIX, "vel": 36, "cog": 90,
         "acc": 12, "tid": "U1"}
    )  # fmt: skip
    assert fix is not None
    assert (fix.at, fix.spot, fix.speed) == (AT, Point(31.2, 121.4), 10.0)
    assert (fix.course, fix.accuracy, fix.source) == (90, 12, "OwnTracks")


@pytest.mark.parametrize("kind", ["lwt", "transition", "waypoint", "status", "card"])
def test_what_owntracks_posts_besides_is_taken_and_says_nothing(kind: str) -> None:
    assert read({"_type": kind, "tst": UNIX}) == (None, None)


def test_traccar_client_says_metres_a_second_and_its_identifier() -> None:
    token, fix = read(
        {
            "device_id": "secret",
            "location": {
                "timestamp": "2026-07-18T06:00:00.000Z",
                "coords": {"latitude": 31.2, "longitude": 121.4, "speed": -1, "heading": -1},
            },
        }
    )
    assert token == "secret"
    assert fix is not None
    assert (fix.at, fix.speed, fix.course) == (AT, None, None)


def test_a_traccar_server_forwards_knots() -> None:
    posted: dict[str, Json] = {
        "position": {
            "fixTime": "2026-07-18T14:00:00.000+08:00", "latitude": 31.2, "longitude": 121.4,
            "speed": 10, "course": 180.0, "valid": True,
        },
        "device": {"uniqueId": "secret", "name": "Truck"},
    }  # fmt: skip
    token, fix = read(posted)
    assert token == "secret"
    assert fix is not None
    assert fix.at == AT
    assert fix.speed == pytest.approx(10 * KNOT)
    lost: dict[str, Json] = {**posted, "position": {"valid": False, "latitude": 0, "longitude": 0}}
    assert read(lost) == ("secret", None)


def test_osmand_reads_query_parameters_with_either_kind_of_time() -> None:
    for when in (str(UNIX), str(UNIX * 1000), "2026-07-18T06:00:00Z"):
        token, fix = read({"id": "secret", "lat": "31.2", "lon": "121.4", "timestamp": when})
        assert token == "secret"
        assert fix is not None
        assert fix.at == AT


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"_type": "location"},
        {"_type": "location", "lat": 91, "lon": 0, "tst": UNIX},
        {"_type": "location", "lat": "north", "lon": 0, "tst": UNIX},
        {"_type": "location", "lat": 1, "lon": 2, "tst": -5},
        {"_type": "location", "lat": True, "lon": 2, "tst": UNIX},
        {"location": {"coords": 5}},
        {"location": {"coords": {"latitude": 1, "longitude": 2}, "timestamp": "yesterday"}},
        {"position": {"latitude": 1e400, "longitude": 2, "fixTime": "2026-07-18T06:00:00Z"}},
        {"_type": "location", "lat": 10**400, "lon": 2, "tst": UNIX},
        {"id": "x", "lat": "1", "lon": "1", "timestamp": "0001-01-01T00:00:00+14:00"},
        {"id": "x", "lat": "nan", "lon": "1", "timestamp": str(UNIX)},
    ],
)
def test_what_is_no_position_is_unreadable(posted: dict[str, Json]) -> None:
    with pytest.raises(Unreadable):
        read(posted)
