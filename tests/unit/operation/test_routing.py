"""The routing server: what it says is kept, what it does not say holds nobody up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.routing import AT_ONCE, FAULT_SECONDS, KEPT_SECONDS, Routing, durations
from tests.servers.process import free_port
from workflows.geo.points import Point

HERE = Point(31.2304, 121.4737)
THERE = [Point(31.3, 121.5), Point(31.25, 121.6)]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server whose table service is `handler`; its address."""
    app, port = web.Application(), free_port()
    app.router.add_get("/osrm/table/v1/{profile}/{places}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/osrm/"
    finally:
        await runner.cleanup()


def said(*seconds: float | None) -> web.Response:
    """An answer of the table service."""
    return web.json_response({"code": "Ok", "durations": [[each] for each in seconds]})


async def test_what_is_not_known_is_asked_for_meanwhile_and_known_the_next_time() -> None:
    asked: list[str] = []

    async def table(request: web.Request) -> web.StreamResponse:
        asked.append(str(request.rel_url))
        return said(600, None)

    async with serving(table) as url:
        routing = Routing(url, 5.0, "truck")
        assert routing.look(THERE, HERE).waiting
        assert routing.look(THERE, HERE).waiting
        await routing.settled()
        roads = routing.look(THERE, HERE)
    assert dict(roads.seconds) == {THERE[0]: 600.0}, "to the second no road leads"
    assert not roads.waiting
    assert len(asked) == 1
    assert asked[0].startswith("/osrm/table/v1/truck/121.500000,31.300000;121.600000,31.250000;")
    assert "sources=0" in asked[0]
    assert "destinations=2" in asked[0]


async def test_roads_are_asked_about_again_after_a_while() -> None:
    answers, clock = iter((said(600), said(900))), [0.0]

    async def table(request: web.Request) -> web.StreamResponse:
        return next(answers)

    async with serving(table) as url:
        routing = Routing(url, 5.0, clock=lambda: clock[0])
        routing.look(THERE[:1], HERE)
        await routing.settled()
        clock[0] += KEPT_SECONDS + 1
        assert routing.look(THERE[:1], HERE).waiting
        await routing.settled()
        assert routing.look(THERE[:1], HERE).seconds == {THERE[0]: 900.0}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "down"),
        (200, "not json"),
        (400, json.dumps({"code": "TooBig", "message": "Too many coordinates"})),
        (200, json.dumps({"code": "Ok", "durations": [[1]]})),
        (200, json.dumps({"code": "Ok", "durations": [[1], [-5]]})),
        (200, json.dumps({"code": "Ok", "durations": [[1], ["x"]]})),
        (200, json.dumps({"code": "Ok", "durations": "x" * 1_100_000})),
        (302, ""),
    ],
)
async def test_a_server_that_fails_is_left_alone_for_a_while(status: int, body: str) -> None:
    asked, clock = [0], [0.0]

    async def table(request: web.Request) -> web.StreamResponse:
        asked[0] += 1
        return web.Response(status=status, text=body)

    async with serving(table) as url:
        routing = Routing(url, 5.0, clock=lambda: clock[0])
        routing.look(THERE, HERE)
        await routing.settled()
        roads = routing.look(THERE, HERE)
        assert roads.fault is not None
        assert not roads.waiting
        assert asked[0] == 1
        clock[0] += FAULT_SECONDS + 1
        assert routing.look(THERE, HERE).waiting
        await routing.settled()
    assert asked[0] == 2


async def test_a_silent_server_is_waited_for_no_longer_than_was_said() -> None:
    release = asyncio.Event()

    async def table(request: web.Request) -> web.StreamResponse:
        await release.wait()
        return said(1, 1)

    async with serving(table) as url:
        routing = Routing(url, 0.2)
        routing.look(THERE, HERE)
        async with asyncio.timeout(5):
            await routing.settled()
        assert routing.look(THERE, HERE).fault == "no answer in time"
        release.set()


async def test_many_places_are_asked_for_in_several_questions() -> None:
    counts: list[int] = []

    async def table(request: web.Request) -> web.StreamResponse:
        count = len(request.query["sources"].split(";"))
        counts.append(count)
        return said(*[1.0] * count)

    many = [Point(30 + n / 1000, 121) for n in range(AT_ONCE + 10)]
    async with serving(table) as url:
        routing = Routing(url, 5.0)
        routing.look(many, HERE)
        await routing.settled()
        assert len(routing.look(many, HERE).seconds) == len(many)
    assert sorted(counts) == [10, AT_ONCE]


async def test_closing_ends_what_is_being_asked() -> None:
    async def table(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async with serving(table) as url:
        routing = Routing(url, 30.0)
        routing.look(THERE, HERE)
        async with asyncio.timeout(5):
            await routing.aclose()


def test_an_answer_is_read_as_it_is_documented() -> None:
    body = json.dumps({"code": "Ok", "durations": [[12.5], [None]], "sources": []}).encode()
    assert durations(body, 200, 2) == [12.5, None]
