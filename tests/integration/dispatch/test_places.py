"""Places as people give them in rooms: from map apps of either datum, by a shared location."""

from __future__ import annotations

import pytest

from bot.richtext import Html
from bot.transports.base import Content, Said
from bot.transports.location import Location
from storage.tables import Incident
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import belongs, last
from workflows.geo.datum import Datum, from_wgs84
from workflows.geo.points import Point, metres

SCENE = Point(31.2304, 121.4737)


@pytest.fixture
async def room(desk: Desk) -> Desk:
    """A Chinese and an English room; Li is of 消防."""
    await desk.bridge("leak", a="zh", b="en")
    await belongs(desk, "Li", "消防")
    return desk


async def newest(desk: Desk) -> Incident:
    """The only incident."""
    (made,) = await incidents(desk)
    return made


async def incidents(desk: Desk) -> list[Incident]:
    """All there are."""
    async with desk.world.store.read() as uow:
        return [each for n in range(1, 4) if (each := await uow.incidents.get(n)) is not None]


def where(incident: Incident) -> Point:
    """Its point."""
    assert incident.lat is not None
    assert incident.lon is not None
    return Point(incident.lat, incident.lon)


async def test_a_link_of_amap_is_kept_as_wgs84_and_that_is_said(room: Desk) -> None:
    shown = from_wgs84(SCENE, Datum.GCJ02)
    link = f"https://uri.amap.com/marker?position={shown.lon:.6f},{shown.lat:.6f}&name=3号阀室"
    await room.say(A, f"/事件 新建 燃气泄漏 地点={link} 等级=III")
    made = await newest(room)
    assert metres(where(made), SCENE) < 1
    assert made.place == "3号阀室"
    assert made.event_level == "III"
    assert "GCJ-02" in last(room, A)
    assert "converted from GCJ-02 to WGS 84" in last(room, B)


async def test_degrees_with_words_are_both_kept(room: Desk) -> None:
    await room.say(A, "/事件 新建 燃气泄漏 地点=3号阀室 北纬31度13分49.44秒，东经121度28分25.32秒")
    made = await newest(room)
    assert made.place == "3号阀室"
    assert metres(where(made), SCENE) < 1
    assert "converted" not in last(room, B)


async def test_a_place_on_the_wrong_side_of_the_world_is_asked_about_and_taken_once_confirmed(
    room: Desk,
) -> None:
    await room.say(B, "/incident new Leak place=48.85, 2.35")
    assert "km from Shanghai" in last(room, B)
    assert await incidents(room) == []
    await room.say(B, "/incident new Leak place=48.85, 2.35 sure")
    assert where(await newest(room)) == Point(48.85, 2.35)
    await room.say(B, "/request 3 pumps to 31.2304, 121.4737")
    assert "km from the incident" in last(room, B)
    await room.say(B, "/incident place 31.2304, 121.4737")
    assert where(await newest(room)) == SCENE, "a mistake is mended without a question"


async def test_swapped_degrees_are_offered_the_right_way_round_by_a_tap(room: Desk) -> None:
    await room.say(B, "/incident new Leak place=121.4737, 31.2304")
    assert "latitude comes first" in last(room, B)
    (token,) = room.choices(B).values()
    await room.take(room.pressed(B, token, by="li"))
    assert where(await newest(room)) == SCENE


async def test_a_shared_location_that_is_answered_is_the_place(room: Desk) -> None:
    spot = Location(SCENE.lat, SCENE.lon, title="3号阀室")
    shared = Content(Html("📍"), location=spot)
    inbound = room.event(B, Said(shared), by="li", remote="spot")
    await room.take(inbound)
    await room.say(B, "/incident new Leak", reply_to="spot")
    made = await newest(room)
    assert where(made) == SCENE
    assert made.place == "3号阀室"
