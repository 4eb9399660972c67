"""Map tiles under a picture: each place on its own pixel, and no server holds a picture up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from typing import cast

import pytest
from aiohttp import web
from PIL import Image, ImageChops, ImageDraw
from structlog.testing import capture_logs

from bot.tiles import FAULT_SECONDS, LARGEST, MOST, Tiles, size_of
from handlers.printed.press import Press
from tests.servers.process import free_port
from workflows.geo.datum import Datum, from_wgs84
from workflows.geo.mercator import world
from workflows.geo.points import Point
from workflows.resources.sketch import SHEET, Sketch, Thing, draw
from workflows.text import Json

SIDE = 256
"""Pixels of the tiles here."""

WHITE, MARK = (255, 255, 255), (220, 0, 200)
SCENE = Point(31.2304, 121.4737)
FADED = (232, 89, 219)
"""The mark below a veil of 35 % white."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def tile(zoom: int, column: int, row: int, marked: Point) -> bytes:
    """A white tile with a spot where `marked` is, if it lies on it."""
    x, y = (each * 2**zoom * SIDE for each in world(marked))
    x, y = x - column * SIDE, y - row * SIDE
    image, kept = Image.new("RGB", (SIDE, SIDE), WHITE), BytesIO()
    ImageDraw.Draw(image).rectangle((x - 5, y - 5, x + 5, y + 5), fill=MARK)
    image.save(kept, "PNG")
    return kept.getvalue()


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server of tiles; its address with its key."""
    app, port = web.Application(), free_port()
    app.router.add_get("/t/{z}/{x}/{y}.png", handler)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/t/{{z}}/{{x}}/{{y}}.png?key=hush"
    finally:
        await runner.cleanup()


def painter(marked: Point, asked: list[web.Request]) -> Handler:
    """What serves white tiles with one marked place."""

    async def paint(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        z, x, y = (int(request.match_info[each]) for each in "zxy")
        return web.Response(body=tile(z, x, y, marked), content_type="image/png")

    return paint


def shown(made: Sketch) -> dict[str, Json]:
    """The data of a picture with nothing on it but what lies under it."""
    return {
        "lang": "en", "title": "I1", "under": ["now"], "side": SHEET, "size": 10.0,
        "grid_x": [], "grid_y": [], "ways": [], "marks": [], "labels": [],
        "bar": list(made.bar), "bar_says": "5 km", "legend": [], "left": [],
        "square": [made.square.x, made.square.y, made.square.side],
        "foot": ["A sketch"], "foot_of_map": ["A map"],
    }  # fmt: skip


def box_of(
    page: Image.Image, colour: tuple[int, int, int], about: int
) -> tuple[int, int, int, int]:
    """The box of all pixels of a colour, in pixels."""
    bands = [
        band.point([255 if abs(value - each) <= about else 0 for value in range(256)])
        for band, each in zip(page.split(), colour, strict=True)
    ]
    found = ImageChops.darker(ImageChops.darker(bands[0], bands[1]), bands[2]).getbbox()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("depot_at", "datum"),
    [
        pytest.param(Point(31.35, 121.6), Datum.WGS84, id="near"),
        pytest.param(Point(41.9, 119.0), Datum.WGS84, id="far"),
        pytest.param(Point(31.235, 121.478), Datum.GCJ02, id="a map that shifts places"),
    ],
)
async def test_a_place_of_the_map_lies_under_its_mark(depot_at: Point, datum: Datum) -> None:
    """The server marks the depot's place; on the picture it is where the depot is drawn."""
    made = draw([Thing("a", SCENE, "scene", "scene"), Thing("D1", depot_at, "depot", "depot")])
    depot = next(each for each in made.marks if each.sort == "depot")
    data, asked = shown(made), list[web.Request]()
    async with serving(painter(from_wgs84(depot_at, datum), asked)) as address:
        laid = await Tiles(address, "© Nobody", 10.0, datum=datum).under(data)
    assert isinstance(laid, dict)
    assert 4 <= len(asked) <= MOST
    assert asked[0].query["key"] == "hush", "what stands after the ? is asked for too"
    assert asked[0].headers["User-Agent"].startswith("Lianzhi")
    page = Press().make("where.typ", "png", {**data, "map": laid})
    picture = Image.open(BytesIO(page)).convert("RGB")
    left, top, right, bottom = box_of(picture, FADED, 40)
    sheet = box_of(picture, (0x9A, 0xA5, 0xB1), 0)
    # Two pixels a point; the frame lies half outside of the sheet.
    assert (left + right) / 4 - sheet[0] / 2 == pytest.approx(depot.x, abs=2)
    assert (top + bottom) / 4 - sheet[1] / 2 == pytest.approx(depot.y, abs=2)


async def test_tiles_are_fetched_once() -> None:
    data, asked = shown(draw([Thing("scene", SCENE, "scene", "scene")])), list[web.Request]()
    async with serving(painter(SCENE, asked)) as address:
        tiles = Tiles(address, "", 10.0)
        first = await tiles.under(data)
        number = len(asked)
        assert await tiles.under(data) == first
    assert len(asked) == number


async def _late(_request: web.Request) -> web.StreamResponse:
    """Nothing, until the client hangs up."""
    await asyncio.Event().wait()
    return web.Response()


def _answer(status: int, body: bytes) -> Handler:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body)

    return answer


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        pytest.param(_late, "no answer in time", id="slow"),
        pytest.param(_answer(404, b"no"), "status 404", id="not there"),
        pytest.param(_answer(302, b""), "status 302", id="elsewhere"),
        pytest.param(_answer(200, b"<html>"), "neither PNG nor JPEG", id="nonsense"),
        pytest.param(_answer(200, b"\xff\xd8\xff\xe0"), "neither PNG nor JPEG", id="cut off"),
        pytest.param(_answer(200, b"x" * (LARGEST + 1)), "too large", id="large"),
        pytest.param(
            _answer(200, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + b"\0\1\0\0" * 2), "too many pixels",
            id="bomb",
        ),
    ],
)  # fmt: skip
async def test_a_server_that_fails_leaves_the_picture_without_tiles(
    handler: Handler, reason: str
) -> None:
    data = shown(draw([Thing("scene", SCENE, "scene", "scene")]))
    moment = [0.0]
    async with serving(handler) as address:
        tiles = Tiles(address, "", 0.3 if handler is _late else 10.0, clock=lambda: moment[0])
        with capture_logs() as logs:
            assert await tiles.under(data) is None
            assert await tiles.under(data) is None, "it is left alone for a while"
    assert len(logs) == 1
    assert reason in str(logs[0])
    assert "hush" not in str(logs)
    moment[0] = FAULT_SECONDS + 1
    with capture_logs() as logs:
        assert await tiles.under(data) is None, "nobody is there any more"
    assert [each["log_level"] for each in logs] == ["warning"]


def lacking(column: int, how: Handler, asked: list[web.Request]) -> Handler:
    """White tiles, but for those of a column, to which `how` answers."""
    paint = painter(SCENE, asked)

    async def answer(request: web.Request) -> web.StreamResponse:
        lacks = int(request.match_info["x"]) % 2 == column
        return await (how if lacks else paint)(request)

    return answer


async def test_a_map_that_lacks_a_tile_is_laid_with_the_others() -> None:
    """As at sea, of which many servers have none."""
    data, asked = shown(draw([Thing("scene", SCENE, "scene", "scene")])), list[web.Request]()
    async with serving(lacking(0, _answer(404, b"no"), asked)) as address:
        tiles = Tiles(address, "", 10.0)
        with capture_logs() as logs:
            laid = await tiles.under(data)
            assert isinstance(laid, dict)
            there = len(asked)
            assert 0 < len(cast("list[Json]", laid["tiles"])) == there
            assert await tiles.under(data) == laid
        assert len(asked) == there, "what came is not fetched again"
    assert "status 404" in str(logs)
    page = Press().make("where.typ", "png", {**data, "map": laid})
    assert Image.open(BytesIO(page)).width > SHEET


async def test_what_came_before_the_server_fell_silent_is_laid_and_nobody_waits_again() -> None:
    data, asked = shown(draw([Thing("scene", SCENE, "scene", "scene")])), list[web.Request]()
    late: list[web.Request] = []

    async def silent(request: web.Request) -> web.StreamResponse:
        late.append(request)
        return await _late(request)

    async with serving(lacking(0, silent, asked)) as address:
        tiles = Tiles(address, "", 1.0)
        laid = await tiles.under(data)
        assert isinstance(laid, dict)
        waited_for = len(late)
        assert waited_for > 0
        assert await tiles.under(data) == laid
        assert len(late) == waited_for


async def test_a_picture_that_shows_no_place_asks_for_no_tiles() -> None:
    data: Mapping[str, Json] = {"title": "an organisation"}
    with capture_logs() as logs:
        assert await Tiles("http://127.0.0.1:1/{z}/{x}/{y}", "", 1.0).under(data) is None
    assert not logs


@pytest.mark.parametrize("place", [Point(0, 179.99), Point(84.9, 0), Point(-33.9, -179.95)])
async def test_the_date_line_and_the_far_north_have_tiles(place: Point) -> None:
    asked: list[web.Request] = []
    other = Point(place.lat - 0.05, place.lon)
    data = shown(draw([Thing("a", place, "unit", "out"), Thing("b", other, "unit", "out")]))
    async with serving(painter(place, asked)) as address:
        laid = await Tiles(address, "", 10.0).under(data)
    assert isinstance(laid, dict)
    for each in cast("list[dict[str, float]]", laid["tiles"]):
        assert -each["side"] < each["left"] < 1
        assert -each["side"] < each["top"] < 1
    for request in asked:
        zoom, column = int(request.match_info["z"]), int(request.match_info["x"])
        assert 0 <= column < 2**zoom


def test_the_size_of_a_jpeg_is_read() -> None:
    head = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x01\x00\x02\x00\x03"
    assert size_of(head) == (512, 256)
