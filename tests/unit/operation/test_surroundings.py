"""What `lianzhi check` finds around the bot: each data file, the fonts, servers of others."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from bot import surroundings
from bot.catalogues import Catalogues
from bot.routing import Routing
from bot.terminal import Terminal
from bot.tiles import Tiles
from bot.transports.base import Finding
from handlers.printed.press import Press
from tests.servers.process import free_port
from tests.unit.operation import test_routing as roads, test_tiles as maps
from workflows.geo.points import Point
from workflows.text import _

TERMINAL = Terminal("en", Catalogues.load())


def said(finding: Finding) -> str:
    """The line."""
    return TERMINAL.text(finding.text)


def test_our_own_data_files_can_be_used() -> None:
    (finding,) = surroundings.data(None)
    assert finding.ok


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("stock", 'warn_days = ["soon"]', "warn_days: 'soon' is no number of days"),
        ("stock", "days = [3]", "'warn_days' is missing"),
        ("stock", "warn_days = 30", "warn_days is a list"),
        ("reminders", "[answer]\nurgent = 10\nroutine = 60", "'low' is missing"),
        ("reminders", "[answer]\nurgent = -1\nroutine = 60\nlow = 9", "urgent = -1"),
        ("travel", "road_factor = 1.2", "'speed' is missing"),
        ("rest", "[default]\nwork = 60\nrest = 30\n[team]\nwork = 60", "for team"),
        ("units", '[unit.t]\nzh = "吨"\nen = "t"\nbase = "kg"', "no such base unit: kg"),
        (
            "units",
            '[unit.kg]\nzh = "千克"\nen = "kg"\nbase = "kg"\npint = "kilogram"\n'
            '[unit.m]\nzh = "米"\nen = "m"\nbase = "kg"\npint = "metre"',
            "m: ",
        ),
        ("codes", '[[code]]\ncode = "1"\nzh = "a"', "'en' is missing"),
        ("zones", '[zones]\n"Asia/Nowhere" = ["x"]', "no time zone Asia/Nowhere"),
        ("zones", '[zones]\n"Asia/Shanghai" = "x"', "Asia/Shanghai is no list"),
        ("checkout", '[[box]]\ncode = "x"', "'title' is missing"),
        ("cycle", "usual = 12", "meeting is missing"),
        ("assessment", "scale = []\npack = []", "'expert_types' is missing"),
        (
            "headquarters",
            'source = {zh="a", en="b"}\n[[agency]]\nagency = "X"\n[[agency.group]]\n'
            'name = {zh="a", en="b"}\nrole = "wizard"',
            "no position wizard",
        ),
        ("pack-flood", 'type = "flood"', "'title' is missing"),
        ("clock-ours", 'types = ["flood"]', "'name' is missing"),
    ],
)
def test_a_data_file_with_a_wrong_value_is_named_with_its_key(
    name: str, text: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    (finding,) = surroundings.data(tmp_path)
    assert not finding.ok
    assert str(tmp_path / f"{name}.toml") in said(finding)
    assert told in said(finding)


def test_a_data_file_that_nothing_reads_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "stok.toml").write_text("warn_days = [3]", "utf-8")
    (finding,) = surroundings.data(tmp_path)
    assert not finding.ok
    assert said(finding) == 'nothing reads stok.toml (did you mean "stock.toml"?)'


def test_every_data_file_of_ours_is_looked_at() -> None:
    """Whoever adds one adds its reader."""
    ours = {
        each.stem for each in Path(surroundings.__file__).parents[1].glob("workflows/**/*.toml")
    }
    others = {each for each in ours if each.startswith(("pack-", "clock-"))}
    assert ours - others == set(surroundings.DATA)


def test_a_missing_font_is_told_of(tmp_path: Path) -> None:
    assert surroundings.fonts().ok
    finding = surroundings.fonts(Press(tmp_path))
    assert not finding.ok
    assert "Noto Sans CJK SC" in said(finding)


async def test_a_routing_server_is_asked_for_a_way() -> None:
    async def other_country(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"code": "NoSegment"}, status=400)

    async def page(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>hello")

    async def table(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"code": "Ok", "durations": [[0, 1], [1, 0]]})

    async def other_profile(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"code": "InvalidUrl"}, status=400)

    for handler, ok in (
        (table, True),
        (other_country, True),
        (page, False),
        (other_profile, False),
    ):
        async with roads.serving(handler) as url:
            found = await surroundings.answers("routing", Routing(url, 10.0).tried, _("Units"))
        assert found.ok is ok
    gone = Routing(f"http://127.0.0.1:{free_port()}", 5.0)
    assert not (await surroundings.answers("routing", gone.tried, _("Units"))).ok


async def test_one_tile_of_the_map_server_is_tried() -> None:
    asked: list[web.Request] = []
    async with maps.serving(maps.painter(Point(0, 0), asked)) as address:
        found = await surroundings.answers("map", Tiles(address, "", 10.0).one, _("Units"))
    assert found.ok
    assert [each.match_info["z"] for each in asked] == ["0"]
    found = await surroundings.answers("map", Tiles(address, "", 10.0).one, _("Units"))
    assert not found.ok
    assert "ConnectError" in said(found)
    assert "hush" not in said(found)
