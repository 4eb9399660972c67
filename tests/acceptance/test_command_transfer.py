"""A transfer of command through the real process, killed between its steps."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.places import MatrixPlace, Place, Shown, TelegramPlace
from tests.servers.synapse import Homeserver
from tests.world import World

ROUNDS = 3
SOON = 0.25
"""Seconds within which a step is done or not yet when the process is killed."""


def terms(home: Path) -> list[tuple[str, str | None]]:
    """From when until when somebody commanded, in order, as the store has it."""
    with closing(sqlite3.connect(next(home.glob("**/lianzhi.db")))) as database:
        rows = database.execute(
            "SELECT since, until FROM position WHERE role = 'commander' AND NOT deputy "
            "ORDER BY since, id"
        )
        return [(str(since), until) for since, until in rows]


def check_one_at_every_instant(home: Path) -> int:
    """Each term ends at the very moment at which the next begins, the last one goes on; how many
    there are."""
    found = terms(home)
    for (_since, until), (following, _until) in pairwise(found):
        assert until == following
    assert [until for _since, until in found if until is None] == [None]
    assert found[-1][1] is None
    return len(found)


async def told(place: Place, words: str, times: int) -> None:
    """Wait until Lianzhi has shown these words so often in the room."""
    await place.until(lambda seen: sum(words in shown.text for shown in seen if shown.bot) >= times)


@pytest.mark.timeout(240)
async def test_killed_between_the_steps_there_is_one_commander_at_every_instant(
    tmp_path: Path, hs: Homeserver
) -> None:
    """Command goes back and forth between Telegram and Matrix; SIGKILL comes after each offer and
    after each acceptance, before or after it was taken. Nobody has to repeat anything."""
    moments = random.Random(20261122)
    async with World(tmp_path, hs) as world:
        await world.bridge.start()
        await world.anna.wait_for(
            world.room,
            lambda event: (
                event.state_key == world.matrix_bot.user_id
                and event.content.get("membership") == "join"
            ),
        )
        telegram: Place = TelegramPlace(world, world.group, world.li)
        matrix: Place = MatrixPlace(world, world.room, world.anna)
        await telegram.command("/单位 新建 Fire")
        await telegram.command("/单位 加入 Fire")
        await matrix.command("/agency join Fire")
        await telegram.command("/事件 新建 Valve 3")
        holder, other = (telegram, "Anna"), (matrix, "李雷")
        seen: set[str] = set()
        for number in range(1, ROUNDS + 1):
            (here, name), (there, giver) = holder, other
            await here.say(f"/role handover commander {name}")
            await asyncio.sleep(moments.uniform(0, SOON))
            await world.bridge.kill()
            assert check_one_at_every_instant(tmp_path) == number
            await world.bridge.start()

            def offered(shown: Shown, giver: str = giver) -> bool:
                meant = f"{giver} offers you" in shown.text or f"{giver}拟向您" in shown.text
                return shown.bot and meant and shown.id not in seen

            offer = await there.see(offered)
            seen.add(offer.id)
            choosing = asyncio.create_task(there.choose(offer, 1))
            await asyncio.sleep(moments.uniform(0, SOON))
            await world.bridge.kill()
            assert check_one_at_every_instant(tmp_path) in (number, number + 1)
            await world.bridge.start()
            await told(matrix, "Transfer of command:", number)
            await told(telegram, "指挥权移交：", number)
            await asyncio.gather(choosing, return_exceptions=True)
            assert check_one_at_every_instant(tmp_path) == number + 1
            holder, other = other, holder
        listed = await telegram.command("/role list")
        assert listed.text.count("总指挥") == 1
        announced = [each.text for each in await telegram.all() if "指挥权移交：" in each.text]
        assert len(announced) == ROUNDS, announced
