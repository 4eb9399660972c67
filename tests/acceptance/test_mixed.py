"""Encrypted rooms, people and gaps through the real process: what leaves, what is told, once."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.matrix.friend import Friend
from tests.servers.parts import ROOT
from tests.servers.synapse import Homeserver
from tests.world import World

PHRASE = "正确 horse battery"


def lines(world: World, *words: str) -> list[str]:
    """What the bot has posted in the group with all these words in it."""
    return [each.text for each in world.group.from_bots if all(word in each.text for word in words)]


async def shown(world: World, *words: str, count: int = 1, seconds: float = 20) -> list[str]:
    """The same, once there are `count`."""
    return await world.api.until(
        lambda: found if len(found := lines(world, *words)) >= count else None, seconds
    )


async def told(world: World, *words: str, seconds: float = 20) -> str:
    """What the bot has posted in Anna's room with all these words in it."""
    event = await world.anna.wait_for(
        world.room,
        lambda e: (
            e.sender == world.matrix_bot.user_id
            and all(word in str(e.content.get("body")) for word in words)
        ),
        timeout=seconds,
    )
    return str(event.content["body"])


async def count(world: World, *words: str) -> int:
    """How many messages of the bot in Anna's room hold these words."""
    messages = await world.anna.messages(world.room)
    return sum(
        e.sender == world.matrix_bot.user_id
        and all(word in str(e.content.get("body")) for word in words)
        for e in messages
    )


async def linked(world: World, mark: str) -> None:
    """A message from each side has reached the other."""
    bot = world.matrix_bot.user_id
    await world.anna.wait_for(
        world.room, lambda e: e.state_key == bot and e.content.get("membership") == "join"
    )
    await world.anna.say(world.room, f"{mark} from Anna")
    await shown(world, f"{mark} from Anna")
    world.group.say(world.li, f"{mark} from Li")
    await told(world, f"{mark} from Li")


@asynccontextmanager
async def sealed_world(home: Path, hs: Homeserver) -> AsyncIterator[tuple[World, Friend, str]]:
    """The group linked with an encrypted room, in which Friend is."""
    async with (
        World(home, hs) as world,
        Friend(hs.url, await hs.register("friend"), home / "friend") as friend,
    ):
        room = await friend.create_encrypted_room(world.matrix_bot.user_id)
        bridge = f'[[bridge]]\nname = "sealed"\nrooms = ["{world.telegram_room}", "matrix:{room}"]'
        alone = world.toml().partition("[[bridge]]")[0]
        world.bridge.configure(f"{alone}\n{bridge}\n")
        await world.bridge.start()
        yield world, friend, room


async def notice(friend: Friend, words: str) -> dict[str, object]:
    """The first message with these words, decrypted."""
    found: dict[str, object] = await friend._wait(
        lambda event: words in str(event["content"].get("body", ""))
    )
    return found


async def test_an_encrypted_room_is_heard_in_the_group_only_once_that_is_confirmed(
    tmp_path: Path, hs: Homeserver
) -> None:
    """Both sides are told; the group is heard in the room; a restart changes nothing."""
    async with sealed_world(tmp_path, hs) as (world, friend, room):
        await notice(friend, "/bridge confirm sealed")
        (text,) = await shown(world, "sealed", "/桥接 确认")
        await friend.say(room, "secret")
        world.group.say(world.li, "到了没有")
        await notice(friend, "到了没有")
        await world.bridge.kill()
        await world.bridge.start()
        await friend.say(room, "secret too")
        world.group.say(world.li, "再问一次")
        await notice(friend, "再问一次")
        assert lines(world, "secret") == []
        assert lines(world, "sealed", "/桥接 确认") == [text]
        asked = next(each for each in world.group.from_bots if each.text == text)
        await world.group.press(world.li, asked.id, "确认")
        await notice(friend, "has confirmed the bridge")
        await friend.say(room, "for all")
        await shown(world, "for all")
        await world.bridge.kill()
        await world.bridge.start()
        await friend.say(room, "still for all")
        await shown(world, "still for all")
        assert lines(world, "secret") == []


async def test_keys_are_taken_out_and_brought_into_a_new_installation(
    tmp_path: Path, hs: Homeserver
) -> None:
    """The command runs beside the process to write, and refuses to read beside it."""

    async def keys(way: str, *more: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "keys", way, "keys.txt", *more),
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(60):
            printed, _none = await process.communicate()
        return process.returncode, printed.decode()

    (tmp_path / "phrase").write_text(f"{PHRASE}\n", encoding="utf-8")
    phrase = ("--passphrase-file", "phrase")
    async with sealed_world(tmp_path, hs) as (world, friend, room):
        await notice(friend, "/bridge confirm sealed")
        await friend.say(room, "with a key")
        world.group.say(world.li, "收到")
        await notice(friend, "收到")
        code, printed = await keys("export", *phrase)
        assert (code, "keys.txt" in printed) == (0, True), printed
        assert (await keys("export", *phrase))[0] == 2  # what is there is never overwritten
        code, printed = await keys("import", *phrase)
        assert (code, str(world.bridge.pid) in printed) == (2, True), printed
        await world.bridge.stop()
        store = next(tmp_path.glob("**/matrix-store"))
        shutil.rmtree(store)
        (tmp_path / "wrong").write_text("wrong")
        assert (await keys("import", "--passphrase-file", "wrong"))[0] == 2
        code, printed = await keys("import", *phrase)
        assert code == 0, printed
        (tmp_path / "keys.txt").rename(tmp_path / "old.txt")
        assert (await keys("export", *phrase))[0] == 0
        assert (tmp_path / "keys.txt").stat().st_size > 400


@pytest.mark.timeout(240)
async def test_people_who_come_and_go_are_one_line_on_the_other_side_across_a_kill(
    tmp_path: Path, hs: Homeserver
) -> None:
    async with World(tmp_path, hs) as world:
        await world.bridge.start()
        await linked(world, "begin")
        people = [world.api.user(f"人{number:02}") for number in range(30)]
        for person in people:
            world.group.join(person)
        world.group.leave(world.han)
        wang = await hs.user("wang", display_name="Wang")
        await world.anna.invite(world.room, wang.user_id)
        await wang.join(world.room)
        await linked(world, "behind them")
        await world.bridge.kill()
        now = str(datetime.now(UTC).replace(tzinfo=None))
        with closing(sqlite3.connect(next(tmp_path.glob("**/lianzhi.db")))) as database:
            # The minute in which they are gathered is over.
            ended = database.execute("UPDATE timer SET due_at = ? WHERE kind = 'passages'", (now,))
            assert ended.rowcount == 2
            database.commit()
        await world.bridge.start()
        line = await told(world, "👥", "joined", seconds=30)
        assert "人00, 人01" in line
        assert "22 others" in line
        assert "left: 韩梅梅" in line
        (other,) = await shown(world, "👥", "加入：Wang", seconds=30)
        assert "Environment" in other
        await linked(world, "end")
        assert await count(world, "👥") == 1
        assert len(lines(world, "👥")) == 1


async def test_an_outage_longer_than_telegram_keeps_updates_is_told_on_both_sides_once(
    tmp_path: Path, hs: Homeserver
) -> None:
    async with World(tmp_path, hs) as world:
        await world.bridge.start()
        await linked(world, "begin")
        await world.bridge.stop()
        database = next(tmp_path.glob("**/lianzhi.db"))
        with sqlite3.connect(database) as connection:
            (at,) = connection.execute("SELECT at FROM contact").fetchone()
            back = datetime.fromisoformat(at) - timedelta(hours=30)
            connection.execute("UPDATE contact SET at = ?", (str(back),))
            joined = str(back - timedelta(days=1))
            connection.execute("UPDATE bridge_room SET joined_at = ?", (joined,))
        connection.close()
        for mark in ("after", "after another start"):
            await world.bridge.start()
            await linked(world, mark)
            await world.bridge.stop()
        assert len(lines(world, "中断过久", "消防指挥群")) == 1
        assert await count(world, "was cut off from 消防指挥群") == 1


async def test_what_a_long_outage_of_matrix_leaves_out_is_told_on_both_sides_with_a_link(
    tmp_path: Path, hs: Homeserver
) -> None:
    async with World(tmp_path, hs) as world:
        world.bridge.configure(world.toml().replace("[matrix]\n", "[matrix]\ngap_events = 100\n"))
        await world.bridge.start()
        await linked(world, "begin")
        await world.bridge.kill()
        first = await world.anna.say(world.room, "n0")
        for number in range(1, 320):
            await world.anna.say(world.room, f"n{number}")
        await world.bridge.start()
        (text,) = await shown(world, "⚠", "Environment", seconds=40)
        await shown(world, "n319", seconds=60)
        carried = len(lines(world, "【环保】Anna：n"))
        body = await told(world, "messages were not carried from Environment")
        for each in (text, body):
            assert f" {320 - carried} " in each
            assert "matrix.to/#/" in each
            assert first.removeprefix("$") in each
        assert lines(world, "Anna：n0") == []
