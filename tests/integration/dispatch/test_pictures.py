"""A document's picture: it holds nobody up, is told of when it is slow, and survives a restart."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.clock import Clock
from bot.post import PAPER
from bot.printing import SLOW, STARTS, TOO_LONG, Printing
from bot.tiles import Tiles
from bot.transports.web.files import FileStore
from handlers.printed.press import NotPrinted, Press
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_incidents import joined
from tests.unit.operation.test_tiles import serving
from workflows.text import Json


class SlowPress(Press):
    """Draws once it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def make(self, template: str, form: str, data: Mapping[str, Json]) -> bytes:
        """As a busy machine would."""
        self.go.wait(20)
        return super().make(template, form, data)


class BrokenPress(Press):
    """Has no paper."""

    def make(self, template: str, form: str, data: Mapping[str, Json]) -> bytes:
        """Never draws."""
        raise NotPrinted("no paper")


@dataclass
class Studio:
    """A desk whose pictures are drawn by `press` into `files`."""

    desk: Desk
    files: FileStore
    press: Press = field(default_factory=Press)
    printing: Printing = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """The process is another one; what was being drawn is lost."""
        self.printing = Printing(self.desk.world.post, self.press, self.files)
        self.clock = Clock(
            self.desk.world.store, {PAPER: self.printing.ring}, lambda: self.desk.world.moment
        )

    async def ring(self, after: timedelta = timedelta(0)) -> None:
        """Time passes; what is due rings, and what it causes is delivered."""
        self.desk.world.moment += after
        await self.clock.ring()
        await self.desk.delivered()

    async def drawn(self) -> None:
        """Wait for the drawings under way, then for what they cause."""
        for drawing in list(self.printing.drawings.values()):
            await drawing
        await self.ring(timedelta(seconds=1))

    async def pictures(self) -> list[dict[str, str]]:
        """The files of messages that were sent."""
        found: list[dict[str, str]] = []
        async with self.desk.world.store.read() as uow:
            for row in await self.desk.rows():
                message = None if row.message_id is None else await uow.messages.get(row.message_id)
                found += [] if message is None else message.content.get("media", [])
        return found


@pytest.fixture
async def studio(desk: Desk, tmp_path: Path) -> Studio:
    """An incident in two rooms, one of each language."""
    await desk.bridge("leak", a="zh", b="en")
    await joined(desk, "Li")
    await desk.say(A, "/事件 新建 3号阀室泄漏")
    return Studio(desk, FileStore(tmp_path / "media"))


async def test_a_picture_follows_its_words_in_each_language(studio: Studio) -> None:
    await studio.desk.say(A, "/架构")
    assert "总指挥 — Li" in studio.desk.texts(A)[-1]
    await studio.ring()
    assert len(studio.printing.drawings) == 2
    await studio.drawn()
    assert studio.desk.texts(A)[-1].startswith("组织架构：I1")
    assert studio.desk.texts(B)[-1].startswith("Organisation of I1")
    assert {each["mime"] for each in await studio.pictures()} == {"image/png"}
    assert not studio.printing.drawings
    assert await studio.clock.ring() is None


class PickyPress(Press):
    """Cannot draw map tiles: what came is no picture, whatever its beginning said."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: list[bool] = []

    def make(self, template: str, form: str, data: Mapping[str, Json]) -> bytes:
        """Fails with a map and draws without."""
        self.tried.append("map" in data)
        if "map" in data:
            raise NotPrinted("no such pixels")
        return super().make(template, form, data)


async def test_a_map_is_drawn_without_tiles_that_cannot_be_read(studio: Studio) -> None:
    async def give(request: web.Request) -> web.Response:
        return web.Response(body=b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + b"\0\0\1\0" * 2)

    studio.press = press = PickyPress()
    studio.restart()
    async with serving(give) as address:
        studio.printing.tiles = Tiles(address, "", 10.0)
        await studio.desk.say(A, "/事件 地点 31.2304, 121.4737")
        await studio.desk.say(A, "/资源 分布图")
        await studio.ring()
        await studio.drawn()
    assert press.tried == [True, False]
    assert {each["mime"] for each in await studio.pictures()} == {"image/png"}


async def test_a_slow_picture_holds_nobody_up_and_is_told_of_once(studio: Studio) -> None:
    studio.press = slow = SlowPress()
    studio.restart()
    await studio.desk.say(A, "/架构")
    await studio.ring()
    await studio.desk.say(A, "/事件 启动")
    assert "处置中" in studio.desk.texts(A)[-1]
    for _time in range(4):
        await studio.ring(SLOW)
    told = [text for text in studio.desk.texts(B) if text == "The picture is being drawn."]
    assert len(told) == 1
    slow.go.set()
    await studio.drawn()
    assert await studio.pictures()


async def test_a_picture_that_was_being_drawn_at_a_crash_is_drawn_again(studio: Studio) -> None:
    await studio.desk.say(A, "/架构")
    await studio.ring()
    await studio.printing.aclose()
    studio.restart()
    await studio.ring(timedelta(seconds=1))
    await studio.drawn()
    first = await studio.pictures()
    assert first
    await studio.desk.say(A, "/架构")
    await studio.ring()
    await studio.drawn()
    assert {each["name"] for each in await studio.pictures()} == {"org-I1.png"}


async def test_a_picture_that_cannot_be_drawn_leaves_the_words_and_says_so(studio: Studio) -> None:
    studio.press = BrokenPress()
    studio.restart()
    await studio.desk.say(A, "/架构")
    await studio.ring()
    with pytest.raises(NotPrinted):
        await studio.drawn()
    await studio.ring(timedelta(seconds=1))
    assert "The picture could not be drawn" in studio.desk.texts(B)[-1]
    assert await studio.clock.ring() is None


async def test_a_drawing_that_never_ends_is_given_up_and_told_of(studio: Studio) -> None:
    studio.press = slow = SlowPress()
    studio.restart()
    await studio.desk.say(A, "/架构")
    await studio.ring()
    await studio.ring(SLOW)
    await studio.ring(TOO_LONG)
    assert "The picture could not be drawn" in studio.desk.texts(B)[-1]
    assert await studio.clock.ring() is None
    slow.go.set()


async def test_a_drawing_that_ends_the_process_is_not_begun_for_ever(studio: Studio) -> None:
    studio.press = slow = SlowPress()
    await studio.desk.say(A, "/架构")
    for _start in range(STARTS):
        studio.restart()
        await studio.ring(timedelta(hours=1))
        assert studio.printing.drawings
        await studio.printing.aclose()
    studio.restart()
    await studio.ring(timedelta(seconds=10))
    assert "The picture could not be drawn" in studio.desk.texts(B)[-1]
    assert not studio.printing.drawings
    assert await studio.clock.ring() is None
    slow.go.set()
