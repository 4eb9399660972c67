"""Rooms of an incident's own: a topic in the forum, a room on Matrix, one channel at once."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest

from tests.acceptance.places import MatrixPlace, TelegramPlace
from tests.servers.matrixevents import mapping, text_of
from tests.servers.person import Person
from tests.servers.synapse import Homeserver, Synapse
from tests.world import World


async def invitation(person: Person) -> str:
    """The first room to which this person is invited, now or soon."""
    query = {"timeout": "0"}
    async with asyncio.timeout(30):
        while True:
            answer = await person.request("GET", "/sync", query=query)
            query = {"timeout": "5000", "since": text_of(answer, "next_batch")}
            for room in mapping(mapping(answer.get("rooms")).get("invite")):
                return room


@pytest.mark.timeout(240)
async def test_an_incident_gets_a_topic_and_a_room_to_which_its_people_are_invited(
    tmp_path: Path, synapse: Synapse
) -> None:
    """What is said in one is heard in the other and not beside them; who joins is told."""
    async with Homeserver(synapse) as hs, World(tmp_path, hs) as world:
        chat = world.api.supergroup("应急论坛", world.li, admins=[world.bot], forum=True)
        chat.say(world.li, "建群")
        world.bridge.configure(
            world.toml()
            + f"""
[[room]]
id = "telegram:{chat.id}"
language = "zh"
[[bridge]]
name = "forum"
rooms = ["telegram:{chat.id}", "matrix:{world.room}"]
"""
        )
        await world.bridge.start()
        await world.anna.wait_for(
            world.room,
            lambda e: (
                e.state_key == world.matrix_bot.user_id and e.content.get("membership") == "join"
            ),
        )
        mark = secrets.token_hex(3)
        forum = TelegramPlace(world, chat, world.li)
        bureau = MatrixPlace(world, world.room, world.anna)
        await forum.command(f"/单位 新建 消{mark}")
        await forum.command(f"/单位 加入 消{mark}")
        await forum.command(f"/事件 新建 阀室{mark}泄漏")
        await bureau.see_text(f"· 阀室{mark}泄漏")
        await bureau.command("/checkin")
        await forum.command("/事件 频道")

        room = await invitation(world.anna)
        await world.anna.join(room)
        own = MatrixPlace(world, room, world.anna)
        (topic,) = [each for each in chat.topics.values() if f"阀室{mark}" in each.name]
        card = await own.see_text(f"· 阀室{mark}泄漏")
        assert "Incident Commander: 李雷" in card.text

        await own.say(f"pressure {mark}")
        heard = await chat.wait_for(lambda message: f"pressure {mark}" in message.text, 15)
        assert heard.thread == topic.id
        chat.say(world.li, f"压力{mark}正常", thread=topic.id)
        await own.see(lambda shown: f"压力{mark}正常" in shown.text)
        assert not await bureau.count(f"压力{mark}正常")

        logged = await own.command("/log valve is shut")
        assert "valve is shut [L" in logged.text
        told = await own.see(lambda shown: "who has just come" in shown.text, seconds=60)
        assert "Anna" in told.text
