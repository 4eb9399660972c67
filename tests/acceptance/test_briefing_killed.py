"""A briefing that is due while the process is dead, or dies with it, comes once or is counted."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from storage import Store
from tests.acceptance.places import Shown, TelegramPlace
from tests.world import World
from workflows.briefings.service import DUE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ago(world: World, late: timedelta) -> None:
    """Time goes by while nothing runs: the one schedule was due that long ago."""
    store = await Store.open(f"sqlite+aiosqlite:///{world.bridge.home / 'lianzhi.db'}")
    async with store.write() as uow:
        (schedule,) = await uow.briefings.schedules(1, running=True)
        schedule.begins_at = schedule.next_at = datetime.now(UTC) - late
        await uow.briefings.save(schedule)
        await uow.timers.set(DUE, str(schedule.id), schedule.next_at)
    await store.close()


def reads(words: str) -> bool:
    """Whether it is the card of a briefing."""
    return words.startswith("📋 简报B")


@pytest.mark.timeout(120)
async def test_a_briefing_whose_process_is_killed_comes_once_late_or_not_at_all(
    shared: World,
) -> None:
    """Killed before its moment; killed when it is stored and the network has it unanswered;
    started again when it is too late for it."""
    bridge, room = shared.bridge, TelegramPlace(shared, shared.group, shared.li)
    mark = secrets.token_hex(3)

    async def cards() -> list[Shown]:
        """The briefings that stand in the room once it has answered."""
        await room.command("/态势")
        return [each for each in await room.all() if each.bot and reads(each.text)]

    await room.command(f"/事件 新建 阀室{mark}泄漏")
    await room.command(f"/目标 新建 堵住{mark}泄漏 截止=+9h")
    await room.command("/brief schedule every=24h to=here")

    await bridge.kill()
    await ago(shared, timedelta(minutes=10))
    await bridge.start()
    first = await room.see(lambda each: each.bot and "简报B2" in each.text)
    assert "迟发：原定" in first.text
    assert len(await cards()) == 1

    await bridge.kill()
    await ago(shared, timedelta(seconds=2))
    fault = shared.api.faults.next("sendMessage", "lost_hang", chat=shared.group.id)
    await bridge.start()
    await shared.api.until(lambda: fault.hits == 1)
    assert "简报B3" in str(shared.api.calls_of("sendMessage")[-1].params["text"])
    await bridge.kill()
    await bridge.start()
    late, on_time = await cards()
    assert late.id == first.id
    assert "简报B3" in on_time.text
    assert "迟发" not in on_time.text

    await bridge.kill()
    await ago(shared, timedelta(hours=4))
    await bridge.start()
    await room.see(lambda each: each.bot and "未能按时发出" in each.text)
    assert len(await cards()) == 2
