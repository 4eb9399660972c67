"""One fire, three agencies on three networks, and orders that contradict each other."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass

import pytest

from tests.acceptance.places import Place, Shown, TelegramPlace
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Agencies:
    """The short names of fire, police and environment, and of the village, in this test alone."""

    fire: str
    police: str
    green: str
    village: str


async def ready(shared: World, places: dict[str, Place]) -> tuple[Agencies, Place]:
    """李雷 commands for the fire brigade on Telegram, 韩梅梅 speaks for the police there, Anna on
    Matrix and Wang at the page are of the environment bureau; Anna and 李雷 are administrators."""
    mark = secrets.token_hex(2)
    names = Agencies(f"消防{mark}", f"公安{mark}", f"环保{mark}", f"村{mark}")
    telegram, matrix, web = places["telegram"], places["matrix"], places["web"]
    han = TelegramPlace(shared, shared.group, shared.han)
    for short in (names.fire, names.police, names.green):
        await telegram.command(f"/单位 新建 {short}")
    await telegram.command(f"/单位 加入 {names.fire}")
    await han.command(f"/单位 加入 {names.police}")
    await telegram.command("/单位 批准 @hanmei")
    await telegram.command(f"/单位 联络官 @hanmei 单位={names.police}")
    await matrix.command(f"/agency join {names.green}")
    await web.command(f"/agency join {names.green}")
    await matrix.command("/agency approve Wang")
    return names, han


def of(words: str, *more: str) -> re.Pattern[str]:
    """All of these words, in this order."""
    return re.compile(".*".join(map(re.escape, (words, *more))), re.DOTALL)


async def see(place: Place, words: str, *more: str) -> Shown:
    """Lianzhi's message that reads so now."""
    pattern = of(words, *more)
    return await place.see(lambda shown: shown.bot and pattern.search(shown.text) is not None)


async def test_conflicting_orders_of_three_agencies_are_found_told_and_decided(
    shared: World, places: dict[str, Place]
) -> None:
    """Nothing is overridden in silence: who gave, who got and who commands all see it, each in
    their room's language, until the commander decides by a tap."""
    telegram, matrix, web = places["telegram"], places["matrix"], places["web"]
    names, han = await ready(shared, places)
    declared = await telegram.command(f"/事件 新建 油罐火灾{names.village} 类型=火灾")
    assert "总指挥：李雷" in declared.text

    # The commander has the village cleared; the police read it back.
    first = await telegram.command(f"/指令 新建 @hanmei 疏散{names.village}居民 截止=+2h")
    assert "📣 T1" in first.text
    assert "尚未收到" in first.text
    assert "not yet acknowledged" in (await see(matrix, "📣 T1")).text
    shared.group.react(shared.han, int(first.id), "👌")
    await see(matrix, "👌 T1", "acknowledged")
    await see(telegram, "👌 T1", "收到")

    # The environment bureau wants the same people to stay where they are.
    answer = await matrix.command(f"/order new Wang Hold residents in {names.village}")
    assert "They contradict each other" in answer.text
    card = await see(matrix, "⏸️ T2")
    assert "With T1" in card.text
    conflict = await see(telegram, "指令冲突", "两条指令相互矛盾")
    assert "T2 暂缓" in conflict.text
    await see(web, "指令冲突")
    held = await web.command("/order ack T2")
    assert "held back until its conflict is decided" in held.text

    # The police may not decide it; the commander and an administrator tap at the same moment.
    await han.choose(conflict, 1)
    await see(telegram, "此事由 李雷 裁定")
    await asyncio.gather(telegram.choose(conflict, 1), matrix.choose(answer, 1))
    await see(matrix, "decided: T1 stands, T2 is withdrawn")
    await see(telegram, "裁定：T1 生效，T2 撤销")
    await see(web, "✖️ T2")
    decided = [each for each in await telegram.all() if "裁定：T1 生效" in each.text and each.bot]
    assert len(decided) == 1

    # The police close the road that the commander's tankers need.
    await telegram.command(f"/指令 新建 {names.green} 打开{names.village}滨江路")
    third = await han.command(f"/指令 新建 {names.police} 封锁{names.village}滨江路")
    assert "对象是您自己" in third.text
    fourth = await han.command(f"/指令 新建 {names.green} 封锁{names.village}滨江路")
    assert "指令冲突" in fourth.text
    await see(matrix, "⏸️ T4", "With T3", "contradict")
    await see(matrix, "⏸️ T4", "does not lead whom it goes to")

    # Whoever comes late reads what was ordered and decided, and where that stands in the ledger.
    status = await matrix.command("/status")
    assert of("T1", "acknowledged", "T3", "given", "T4", "held back").search(status.text)
    assert re.search(r"decided: T1 stands, T2 is withdrawn \[L\d+, ledger \d+\]", status.text)
