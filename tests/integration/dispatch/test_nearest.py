"""Who could bring it soonest: asked in a room, promised by a tap."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from bot.routing import Routing
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import belongs, last
from tests.servers.process import free_port

SCENE = "31.2304, 121.4737"
DEPOTS = (
    ("North", "31.30, 121.50", "消防", "60 m"),
    ("East", "31.25, 121.60", "水务", "300 m"),
    ("South", "31.00, 121.40", "公安", "500 m"),
    ("Far", "39.90, 116.40", "消防", "5000 m"),
)


@pytest.fixture
async def store(each_desk: Desk) -> Desk:
    """An incident that Li of 消防 commands, and boom in four depots of three agencies."""
    desk = each_desk
    await desk.bridge("leak", a="zh", b="en")
    await belongs(desk, "Li", "消防")
    await belongs(desk, "Han", "水务")
    await desk.say(A, "/单位 新建 公安", by="admin")
    await desk.say(A, f"/事件 新建 3号阀室泄漏 类型=管道 等级=III 地点=北岸 {SCENE}")
    for name, place, agency, quantity in DEPOTS:
        await desk.say(B, f"/stock depot new {name} place={place} agency={agency}", by="admin")
        await desk.say(B, f"/stock add {quantity} boom at {name}", by="admin")
    return desk


async def test_sources_are_ranked_by_when_they_could_be_there_with_the_reasons(
    store: Desk,
) -> None:
    await store.say(B, "/stock nearest boom", by="li")
    shown = last(store, B)
    places = [shown.index(name) for name in ("D1 North", "D2 East", "D3 South", "D4 Far")]
    assert places == sorted(places)
    assert "Nearest sources of boom for 北岸" in shown
    assert "60 m, 8.1 km away, there in 45 minutes" in shown
    assert "消防: own stock" in shown
    assert "水务: no agreement: has to be asked" in shown
    assert "Estimates: straight line × 1.4 at 50 km/h" in shown
    assert "Nearest" not in last(store, A), "asked for this room alone"


async def test_together_the_soonest_give_all_of_it_and_each_part_is_promised_by_a_tap(
    store: Desk,
) -> None:
    await store.say(B, "/stock nearest 350 m boom", by="li")
    shown = last(store, B)
    assert "All of it soonest" in shown
    assert "60 m from D1 North" in shown
    assert "290 m from D2 East" in shown
    assert "All of it from one: D3 South" in shown
    await store.take(store.pressed(B, store.choices(B)["Promise 60 m from D1"], by="li"))
    assert "60 m of boom in D1 North are promised now." in last(store, B)
    await store.say(B, "/stock nearest boom", by="li")
    assert "D1 North" not in last(store, B), "what is promised is nobody else's"


async def test_what_can_be_made_may_complete_it_and_is_not_taken_for_goods_on_the_shelf(
    store: Desk,
) -> None:
    await store.say(B, "/stock capacity add production 1000 m boom per=10h at=D1 agency=消防")
    await store.say(B, "/stock nearest 2000 m boom", by="li")
    shown = last(store, B)
    assert "All of it from one: D4 Far" in shown
    head = shown.index("With what can be made, all of it in")
    assert "1,140 m that 消防 has yet to make: none of it is on the shelf" in shown[head:]
    assert "60 m from D1 North" in shown[head:]
    assert not [each for each in store.choices(B) if "1,140" in each], "nothing of it is promised"
    await store.say(B, "/stock nearest 50 m boom", by="li")
    assert "With what can be made" not in last(store, B), "what lies near is there before"


async def test_an_agreement_shortens_the_way_to_another_agencys_stock(store: Desk) -> None:
    await store.say(B, "/stock agreement 水务 with=消防 lead=10min until=2099-01-01", by="admin")
    assert "Mutual aid: 水务 and 消防, agreed within 10 minutes" in last(store, B)
    await store.say(B, "/stock nearest 200 m boom", by="li")
    shown = last(store, B)
    assert "水务: mutual aid agreement" in shown
    assert "10 minutes until agreed" in shown
    await store.say(B, "/stock agreements", by="li")
    assert "2099-01-01" in last(store, B)
    await store.say(B, "/stock agreement 水务 with=消防 end=yes", by="admin")
    await store.say(B, "/stock nearest 200 m boom", by="li")
    assert "mutual aid agreement" not in last(store, B)


async def test_for_a_request_what_is_open_is_looked_for_and_committed_by_a_tap(
    store: Desk,
) -> None:
    await store.say(B, "/request 250 m boom", by="li")
    await store.say(B, "/request approve R1", by="li")
    await store.say(B, "/stock nearest request=R1", by="li")
    shown = last(store, B)
    assert "I1-R1: nearest sources of 250 m of boom" in shown
    await store.take(store.pressed(B, store.choices(B)["Promise 60 m from D1"], by="li"))
    await store.say(B, "/request show R1", by="li")
    assert "190 open" in last(store, B)
    assert "消防" in last(store, B)
    async with store.world.store.read() as uow:
        held = await uow.stock.held(sort="promised")
        parts = await uow.requests.parts_of(1)
    assert [each.milli for each in held] == [60_000]
    assert [(part.quantity, part.note) for _request, part in parts] == [(60_000, "D1 North")]


async def test_what_all_know_together_may_be_too_little_and_that_is_said(store: Desk) -> None:
    await store.say(B, "/stock nearest 9 km boom", by="li")
    assert "3,140 m are lacking" in last(store, B)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/stock nearest", "Say of what"),
        ("/stock nearest boomm", "Did you mean boom"),
        ("/stock nearest 3 t boom", "does not convert"),
        ("/stock nearest 0 m boom", "more than zero"),
        ("/stock nearest boom at 99, 200", "not on Earth"),
        ("/stock nearest boom at 48.85, 2.35", "If that is meant"),
        ("/stock nearest request=R9", "There is no request R9"),
        ("/stock reserve 100 m boom from=North", "There is only 60 m"),
        ("/stock agreement 消防 with=消防", "with itself"),
        ("/stock agreement 消防 with=nobody", "There is no agency"),
    ],
)
async def test_what_cannot_be_answered_says_what_to_type(
    store: Desk, typed: str, answer: str
) -> None:
    await store.say(B, typed, by="admin" if "agreement" in typed else "li")
    assert answer in last(store, B)


class Osrm:
    """A routing server's table service over a socket."""

    def __init__(self) -> None:
        self.seconds: list[float | None] = [600, 5400, 1200, None]
        self.asked: list[str] = []
        self.broken = False

    async def table(self, request: web.Request) -> web.Response:
        """So many seconds for each source."""
        self.asked.append(request.match_info["places"])
        if self.broken:
            return web.Response(status=500, text="down")
        count = len(request.query["sources"].split(";"))
        rows = [[each] for each in self.seconds[:count]]
        return web.Response(text=json.dumps({"code": "Ok", "durations": rows}))


@pytest.fixture
async def osrm() -> AsyncIterator[tuple[Osrm, Routing]]:
    """A server, and who asks it."""
    server, app, port = Osrm(), web.Application(), free_port()
    app.router.add_get("/table/v1/driving/{places}", server.table)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    routing = Routing(f"http://127.0.0.1:{port}", 5.0)
    yield server, routing
    await routing.aclose()
    await runner.cleanup()


async def looked(desk: Desk, routing: Routing) -> None:
    """The server has said what it says, and the timer rings."""
    async with asyncio.timeout(10):
        await routing.settled()
    desk.world.moment += timedelta(seconds=2)
    await desk.clock.ring()
    await desk.delivered()


async def test_times_by_road_follow_the_estimates_and_change_the_order(
    store: Desk, osrm: tuple[Osrm, Routing]
) -> None:
    server, routing = osrm
    store.means = replace(store.means, routes=routing)
    store.restart()
    await store.say(B, "/stock nearest boom", by="li")
    assert "Times by road are being asked for and follow." in last(store, B)
    await looked(store, routing)
    shown = last(store, B)
    assert shown.index("D3 South") < shown.index("D2 East")
    assert "time by road from the routing server" in shown
    assert shown.count("estimate\n") == 1, "no road leads to the far one"
    assert server.asked == [
        "121.500000,31.300000;121.600000,31.250000;121.400000,31.000000;116.400000,39.900000;"
        "121.473700,31.230400"
    ]
    await store.say(B, "/stock nearest boom", by="li")
    assert "time by road" in last(store, B), "known ways are not asked for again"
    assert len(server.asked) == 1


async def test_a_server_that_fails_is_told_of_and_the_estimates_stand(
    store: Desk, osrm: tuple[Osrm, Routing]
) -> None:
    server, routing = osrm
    server.broken = True
    store.means = replace(store.means, routes=routing)
    store.restart()
    await store.say(B, "/stock nearest boom", by="li")
    await looked(store, routing)
    assert "The routing server did not answer" in last(store, B)
    await store.say(B, "/stock nearest boom", by="li")
    assert "gives no times now" in last(store, B)
