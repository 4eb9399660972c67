"""Where units are, as those who follow them read it: shared locations, trackers, who is late."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest

from bot.door import Door, Knock
from bot.richtext import Html
from bot.tracking import routes
from bot.transports.base import Content, Edited, Said
from bot.transports.location import Location
from handlers.context import Means
from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_orders import pass_on
from tests.integration.dispatch.test_organisation import private
from tests.integration.dispatch.test_resources import card, flood
from tests.unit.delivery.world import SHANGHAI
from workflows.geo.points import Point
from workflows.incidents.record import By
from workflows.resources import devices
from workflows.resources.devices import digest
from workflows.resources.journey import SILENT
from workflows.resources.tracking import (
    SILENT_AFTER,
    Fix,
    News,
    moved,
    possible,
    stands,
)

__all__ = ("flood",)

NORTH = 31.2304 + 0.18
"""20 km north of the scene."""


async def shares(desk: Desk, lat: float, lon: float, *, by: str = "han", room: str = B) -> None:
    """Somebody shares a live location, and goes on sharing it."""
    content = Content(Html("📍"), location=Location(lat, lon, live=28800))
    known = [each for each in desk.world.net.shown[room] if each[1] == f"here {by}"]
    event = Edited("live", content) if known else Said(content)
    await desk.take(desk.event(room, event, by=by, remote=f"live {desk.world.moment}"))


async def shown(desk: Desk) -> str:
    """The unit's card, asked for anew."""
    await desk.say(B, "/resource show U1")
    return card(desk, 1)


async def convoy(desk: Desk) -> None:
    """A convoy of Han's that is 20 km away and due at the scene in an hour."""
    await desk.say(A, "/资源 新建 运输一队 种类=运输车队 单位=水务 联系方式=3频道")
    await desk.say(B, "/resource track U1", by="han")
    await desk.say(A, "/资源 派往 U1 现场 截止=+1小时")


async def test_a_shared_location_moves_the_unit_and_says_when_it_arrives(flood: Desk) -> None:
    await convoy(flood)
    await shares(flood, NORTH, 121.4737)
    flood.world.moment += timedelta(minutes=2)
    await shares(flood, NORTH - 0.0108, 121.4737)
    now = await shown(flood)
    assert "36 km/h" in now
    assert "Position from: Han" in now
    assert "18.8 km to go" in now
    assert "min late" not in now
    await flood.say(A, "/人员")
    assert "Han" not in last(flood)


async def test_slowing_down_is_announced_before_it_is_late_and_arrival_is_noticed(
    flood: Desk,
) -> None:
    await convoy(flood)
    for step in range(12):
        await shares(flood, NORTH - 0.002 * step, 121.4737)
        flood.world.moment += timedelta(minutes=2)
    late = [text for text in flood.texts(B) if "will be late at" in text]
    assert len(late) == 1
    assert "Contact: 3频道" in late[0]
    for step in range(1, 17):
        await shares(flood, NORTH - 0.022 - 0.01 * step, 121.4737)
        flood.world.moment += timedelta(minutes=1)
    assert any("U1 运输一队 has arrived at" in text for text in flood.texts(B))
    assert "Arrived at" in await shown(flood)


async def test_a_silent_convoy_is_announced_once_and_so_is_that_it_is_heard_again(
    flood: Desk,
) -> None:
    await convoy(flood)
    await shares(flood, NORTH, 121.4737)
    await pass_on(flood, 11)
    silent = [text for text in flood.texts(B) if "is silent: no position since" in text]
    assert len(silent) == 1
    assert "Contact: 3频道" in silent[0]
    await pass_on(flood, 20)
    assert len([text for text in flood.texts(B) if "is silent" in text]) == 1
    await shares(flood, NORTH - 0.01, 121.4737)
    assert any("is heard again" in text for text in flood.texts(B))


async def test_a_convoy_that_stands_still_is_announced(flood: Desk) -> None:
    await convoy(flood)
    for _minute in range(8):
        await shares(flood, NORTH, 121.4737)
        await pass_on(flood, 2)
    assert any("has stood still for 15 min" in text for text in flood.texts(B))


@pytest.mark.parametrize("every", [1, 10])
async def test_a_convoy_that_drives_and_reports_often_is_not_said_to_stand(
    flood: Desk, every: int
) -> None:
    await convoy(flood)
    async with flood.world.store.read() as uow:
        resource = await uow.resources.get(1, 1)
        assert resource is not None
        assert resource.id is not None
    began, seconds = flood.world.moment, 16 * 60
    async with flood.world.store.write() as uow:
        for second in range(0, seconds + 1, every):
            now = began + timedelta(seconds=second)
            # 36 km/h to the south
            spot = Point(NORTH - 0.00009 * second, 121.4737)
            await moved(uow, resource, Fix(now, spot, "GPS"), now=now)
        assert not await stands(uow, resource, now)
        kept = await uow.resources.fixes(resource.id, 100)
        assert len(kept) == seconds // 30 + 1
        track = await uow.resources.track(resource.id)
        assert track is not None
        assert track.speed == pytest.approx(10, rel=0.05)
        assert track.eta is not None
        assert 15 < (track.eta - now).total_seconds() / 60 < 30
        for minute in range(1, 16):
            assert not await stands(uow, resource, now)
            now = began + timedelta(seconds=seconds + 60 * minute)
            await moved(uow, resource, Fix(now, spot, "GPS"), now=now)
        assert await stands(uow, resource, now)


async def test_a_unit_that_was_heard_for_a_minute_is_not_said_to_stand(flood: Desk) -> None:
    await convoy(flood)
    await shares(flood, NORTH, 121.4737)
    flood.world.moment += timedelta(minutes=1)
    await shares(flood, NORTH, 121.4737)
    async with flood.world.store.read() as uow:
        resource = await uow.resources.get(1, 1)
        assert resource is not None
        assert not await stands(uow, resource, flood.world.moment)


async def test_a_position_that_says_it_is_inaccurate_makes_no_jump_believable(
    flood: Desk,
) -> None:
    last = Fix(flood.world.moment, Point(NORTH, 121.4737), "GPS", accuracy=2900)
    later = flood.world.moment + timedelta(seconds=60)
    far = Fix(later, Point(NORTH - 0.09, 121.4737), "GPS", accuracy=2900)
    assert not possible(far, last, "convoy")
    await convoy(flood)
    await shares(flood, NORTH, 121.4737)
    async with flood.world.store.write() as uow:
        resource = await uow.resources.get(1, 1)
        assert resource is not None
        assert resource.id is not None
        track = await uow.resources.track(resource.id)
        assert track is not None
        since, track.silent_told = track.at, True
        vague = Fix(later, Point(NORTH - 0.3, 121.4737), "GPS", accuracy=1e9)
        found = await moved(uow, resource, vague, now=later)
        assert [news for news, _text in found.news] == [News.HEARD]
        assert not found.taken
        assert (track.lat, track.at, track.silent_told) == (NORTH, since, False)
        silent = await uow.timers.get(SILENT, str(resource.id))
        assert silent is not None
        assert silent.due_at == later + SILENT_AFTER


async def test_a_position_on_the_other_side_of_the_world_is_not_taken(flood: Desk) -> None:
    await convoy(flood)
    await shares(flood, NORTH, 121.4737)
    for _time in range(3):
        flood.world.moment += timedelta(minutes=1)
        await shares(flood, -33.9, -70.6)
    told = [text for text in flood.texts(B) if "which cannot be" in text]
    assert len(told) == 1
    assert "31.41040" in await shown(flood)


async def test_somebody_else_is_followed_only_after_agreeing_and_ends_it_alone(
    flood: Desk,
) -> None:
    chat = await private(flood, "han")
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队")
    await flood.say(A, "/资源 跟踪 U1 Han")
    assert "asks you to share your location" in last(flood, chat)
    await shares(flood, NORTH, 121.4737)
    assert "Position 31" not in await shown(flood)
    await flood.take(flood.pressed(chat, choice(flood, chat, "I agree"), by="han"))
    flood.world.moment += timedelta(minutes=1)
    await shares(flood, NORTH, 121.4737, room=chat)
    assert "Position 31" in await shown(flood)
    await flood.say(B, "/resource untrack U1", by="han")
    flood.world.moment += timedelta(minutes=1)
    await shares(flood, NORTH - 0.01, 121.4737)
    assert "31.41040" in await shown(flood)


async def test_the_map_says_in_words_what_it_draws(flood: Desk) -> None:
    await flood.say(B, "/resource map")
    assert "Scene:" in last(flood, B)
    await convoy(flood)
    await shares(flood, NORTH, 121.4737)
    await flood.say(B, "/resource map")
    assert "U1 运输一队: Position 31.41040, 121.47370" in last(flood, B)
    assert "20 km from the scene" in last(flood, B)


async def test_a_scene_that_is_known_by_its_coordinates_alone_names_them_once(flood: Desk) -> None:
    await flood.say(B, "/incident new Spill place=31.2304, 121.4737", by="li")
    await flood.say(B, "/resource map", by="li")
    assert "Scene: 31.2304, 121.4737\n" in last(flood, B) + "\n"
    assert last(flood, B).count("31.2304") == 1


@dataclass
class AtDoor:
    """A tracker before the door."""

    desk: Desk
    session: aiohttp.ClientSession
    base: str
    token: str

    async def post(
        self,
        path: str,
        *,
        json: object = None,
        data: bytes | None = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> int:
        """Report; the answer's status."""
        async with self.session.post(
            self.base + path, json=json, data=data, params=params, headers=headers
        ) as response:
            status = response.status
        await self.desk.delivered()
        return status

    def position(self, lat: float) -> dict[str, object]:
        """What OwnTracks posts."""
        at = int(self.desk.world.moment.timestamp())
        return {"_type": "location", "lat": lat, "lon": 121.4737, "tst": at, "vel": 40}


@pytest.fixture
async def door(flood: Desk) -> AsyncIterator[AtDoor]:
    """A unit under way with a tracker, and the door open."""
    await convoy(flood)
    async with flood.world.store.write() as uow:
        resource = await uow.resources.get(1, 1)
        assert resource is not None
        assert resource.id is not None
        await uow.resources.device(
            resource_id=resource.id, name="GPS", secret=digest("right"),
            made_at=flood.world.moment, made_by=1,
        )  # fmt: skip
    knock = Knock(
        flood.world.store, flood.world.post, Means(), SHANGHAI, lambda: flood.world.moment
    )
    opened = Door(("127.0.0.1", 0), knock, routes)
    port = await opened.open()
    async with aiohttp.ClientSession() as session:
        yield AtDoor(flood, session, f"http://127.0.0.1:{port}", "right")
    await opened.close()


async def test_a_tracker_with_its_token_moves_its_unit(door: AtDoor) -> None:
    assert await door.post("/track/right", json=door.position(NORTH)) == 200
    assert "40 km/h" in await shown(door.desk)
    door.desk.world.moment += timedelta(minutes=1)
    moved = door.position(NORTH - 0.01)
    assert (
        await door.post(
            "/owntracks",
            json=moved,
            headers={"Authorization": "Basic " + b64encode(b"u:right").decode()},
        )
        == 200
    )
    assert "31.40040" in await shown(door.desk)
    door.desk.world.moment += timedelta(minutes=1)
    when = str(int(door.desk.world.moment.timestamp()))
    query = {"id": "right", "lat": "31.39", "lon": "121.4737", "timestamp": when}
    assert await door.post("/traccar", params=query) == 200
    assert "31.39000" in await shown(door.desk)


async def test_a_spoofed_report_changes_nothing_and_who_guesses_is_barred(door: AtDoor) -> None:
    before, commits = await door.desk.ledger(), door.desk.world.commits
    assert await door.post("/track", json=door.position(31.0)) == 403
    for guess in range(19):
        assert await door.post(f"/track/wrong{guess}", json=door.position(31.0)) == 403
    assert await door.post("/track/another", json=door.position(31.0)) == 429
    assert await door.desk.ledger() == before
    assert door.desk.world.commits == commits, "who guesses keeps no writer waiting"
    assert "min ago" not in await shown(door.desk)
    assert await door.post("/track/right", json=door.position(NORTH)) == 200
    assert "31.41040" in await shown(door.desk), "others behind that address are heard"


async def test_one_tracker_with_a_wrong_token_is_one_guess(door: AtDoor) -> None:
    for _time in range(30):
        assert await door.post("/track/stale", json=door.position(31.0)) == 403


async def test_what_nobody_vouches_for_ends_in_no_failure(door: AtDoor) -> None:
    huge = b'{"_type": "location", "lat": 1' + b"0" * 400 + b', "lon": 2, "tst": 1}'
    assert await door.post("/track/wrong", data=huge) == 403
    assert await door.post("/track/right", data=huge) == 400
    early = {"lat": "1", "lon": "1", "timestamp": "0001-01-01T00:00:00+14:00"}
    assert await door.post("/track/right", params=early) == 400
    odd = {"Content-Type": "application/x-www-form-urlencoded; charset=none"}
    assert await door.post("/track/right", data=b"lat=1", headers=odd) == 400
    assert await door.post("/track/%FF%FE", data=b"lat=1") == 403


async def test_a_tracker_taken_away_while_it_waits_for_the_incident_moves_nothing(
    door: AtDoor,
) -> None:
    world = door.desk.world
    async with world.store.write() as uow:
        incident = await uow.incidents.locked(1)
        assert incident is not None
        posting = asyncio.create_task(door.post("/track/right", json=door.position(NORTH)))
        await asyncio.sleep(0.3)
        resource = await uow.resources.get(1, 1)
        assert resource is not None
        await devices.untrack(
            uow, resource, person_id=None, by=By(None, None, "Li"), now=world.moment
        )
    assert await posting == 403
    async with world.store.read() as uow:
        assert await uow.resources.tracks(1) == {}


async def test_what_cannot_be_read_is_refused_and_an_old_position_moves_nothing(
    door: AtDoor,
) -> None:
    assert await door.post("/track/right", data=b"{", headers={"Content-Type": "text/json"}) == 400
    assert await door.post("/track/right", json={"_type": "location", "lat": 99}) == 400
    assert await door.post("/track/right", json={"_type": "lwt", "tst": 1}) == 200
    assert await door.post("/track/right", data=b"x" * 70_000) == 413
    assert await door.post("/track/right", json=door.position(NORTH)) == 200
    old = {**door.position(31.0), "tst": int(door.desk.world.moment.timestamp()) - 3600}
    assert await door.post("/track/right", json=old) == 200
    assert "31.41040" in await shown(door.desk)


async def test_a_tracker_that_was_taken_away_is_refused(door: AtDoor) -> None:
    await door.desk.say(A, "/资源 停止跟踪 U1")
    assert await door.post("/track/right", json=door.position(NORTH)) == 403


async def test_without_a_door_a_tracker_is_refused_with_what_works_instead(flood: Desk) -> None:
    await joined(flood, "Wang")
    await convoy(flood)
    await flood.say(A, "/资源 设备 U1")
    assert "/资源 跟踪 U1" in last(flood)
