"""People on Telegram, on Matrix and in a browser talk as if they were in one room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers.synapse import Homeserver
from tests.world import World


@pytest.fixture
async def world(tmp_path: Path, hs: Homeserver) -> AsyncIterator[World]:
    """The rooms, with Lianzhi running."""
    async with World(tmp_path, hs) as made:
        await made.bridge.start()
        yield made


async def test_what_is_said_in_one_room_appears_once_in_each_other(world: World) -> None:
    """Each network to the two others, with author, agency and formatting."""
    async with world.browser("Wang") as wang:
        world.group.say(world.li, "3号阀室泄漏")
        event = await world.anna.wait_for(world.room, lambda e: "3号阀室泄漏" in e.body)
        assert event.body.startswith("【消防】李雷：")
        await wang.wait_for(lambda e: "3号阀室泄漏" in str(e.get("html")))

        await world.anna.say(world.room, "Air **clean**", html="Air <b>clean</b>")
        relayed = await world.group.wait_for(lambda m: "Air clean" in m.text)
        assert relayed.text == "【环保】Anna：Air clean"
        assert {entity["type"] for entity in relayed.entities} == {"bold"}
        await wang.wait_for(lambda e: "Air <b>clean</b>" in str(e.get("html")))

        await wang.say("两辆车已出发")
        await world.group.wait_for(lambda m: m.text == "Wang：两辆车已出发")
        await world.anna.wait_for(world.room, lambda e: e.body == "Wang：两辆车已出发")

        assert [m.text for m in world.group.from_bots].count("Wang：两辆车已出发") == 1
        assert sum("两辆车" in e.body for e in await world.anna.messages(world.room)) == 1
