"""Ten trucks, asked for in a Telegram group, approved in a Matrix room, from four agencies.

The fire brigade and the police write on Telegram, the environment bureau reads English on Matrix,
the power company sits at the page.
"""

from __future__ import annotations

import secrets

import pytest

from tests.acceptance.places import Place, TelegramPlace
from tests.acceptance.test_three_agencies import see
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ready(shared: World, places: dict[str, Place], mark: str) -> Place:
    """李雷 commands for the fire brigade, Anna of the environment bureau leads Operations; Wang is
    of the power company, and 韩梅梅, whom this gives, of the police."""
    telegram, matrix, web = places["telegram"], places["matrix"], places["web"]
    han = TelegramPlace(shared, shared.group, shared.han)
    for short in ("消", "公", "环", "电"):
        await telegram.command(f"/单位 新建 {short}{mark}")
    await telegram.command(f"/单位 加入 消{mark}")
    await han.command(f"/单位 加入 公{mark}")
    await telegram.command("/单位 批准 @hanmei")
    await matrix.command(f"/agency join 环{mark}")
    await web.command(f"/agency join 电{mark}")
    await matrix.command("/agency approve Wang")
    await telegram.command(f"/事件 新建 阀室{mark}泄漏 类型=管道")
    await telegram.command("/角色 任命 作业部 Anna")
    return han


@pytest.mark.timeout(240)
async def test_a_request_is_approved_in_another_network_and_met_by_four_agencies(
    shared: World, places: dict[str, Place]
) -> None:
    """Its one card in each room says what it waits for and on whom, until all of it is back."""
    telegram, matrix, web = places["telegram"], places["matrix"], places["web"]
    mark = secrets.token_hex(2)
    han = await ready(shared, places, mark)

    asked = await han.command("/request 10 抢修车 to 3号阀室 by +3h priority=urgent")
    assert "🆕 ❗ R1 · 10 抢修车" in asked.text
    assert "等待所属部批准 — 作业部部长：Anna" in asked.text
    card = await see(matrix, "🆕 ❗ R1 · 10 抢修车", "To: 3号阀室", "Needed by")
    await see(web, "R1 · 10 抢修车")

    # Who may not, may not; who may, approves by a tap, wherever it was typed.
    refused = await han.command("/需求 批准 R1")
    assert "Anna" in refused.text
    await matrix.choose(card, 1)
    waits = await see(telegram, "🔎 ❗ R1", "资源单元核查", "李雷")
    await telegram.choose(waits, 2)
    await see(matrix, "🤝 ❗ R1", "a commitment of 10 抢修车 by any agency")

    # Four agencies on three networks; nobody promises more than is open.
    await telegram.command("/需求 承诺 R1 4")
    await han.command("/需求 承诺 R1 三辆")
    await matrix.command("/request commit R1 2 eta=+1h")
    assert "1 抢修车" in (await telegram.command("/需求 承诺 R1 2")).text
    await web.command("/request commit R1")
    await see(matrix, "🚚 ❗ R1", "10 promised", "Part 4: 1 抢修车 from 电")

    # On the way, there, counted: one truck is damaged and wanted again.
    for place, line in (
        (telegram, "/需求 发运 R1"), (han, "/需求 发运 R1"), (matrix, "/request ship R1"),
        (web, "/request ship R1"), (matrix, "/request arrive R1"),
        (matrix, "/request accept R1 3 part=1 damaged=1 condition=no brakes"),
        (matrix, "/request accept R1"),
    ):  # fmt: skip
        assert "R1" in (await place.command(line)).text
    await see(telegram, "🤝 ❗ R1", "未落实 1", "no brakes")
    twice = await matrix.command("/request accept R1")
    assert "9 on hand" in twice.text
    await web.command("/request commit R1")
    await web.command("/request arrive R1")
    await han.command("/需求 验收 R1")
    await see(matrix, "📦 ❗ R1", "10 on hand")

    # Used, returned; the bad one went back, too; the record holds.
    await matrix.command("/request assign R1 part=2 to 抢修一队")
    await see(telegram, "由 抢修一队 使用")
    await matrix.command("/request return R1")
    await see(telegram, "✅ ❗ R1", "已归还 10")
    await matrix.command("/request return R1")
    await see(web, "✅ ❗ R1", "损坏已退回")
    verified = await matrix.command("/audit verify")
    assert "R1" not in verified.text
    assert (await telegram.command("/需求")).text.count("R1") == 0
