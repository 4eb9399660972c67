"""Reports of a flood, from the first to the final one: the fire brigade on Telegram in Chinese, the
water bureau on Matrix in English, and one text that is handed in upward."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.places import Place
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

BEGAN = timedelta(minutes=100)
"""Ago: the first report of a natural disaster is due after 120."""


@pytest.mark.timeout(240)
async def test_two_agencies_report_a_flood_from_first_to_final(
    shared: World, places: dict[str, Place]
) -> None:
    """Warned before the deadline, reported, corrected, settled, handed in, over."""
    fire, bureau = places["telegram"], places["matrix"]
    mark = secrets.token_hex(2)
    title = f"北河{mark}漫堤"
    await fire.command(f"/单位 新建 消{mark}")
    await fire.command(f"/单位 加入 消{mark}")
    await fire.command(f"/单位 新建 水{mark}")
    await bureau.command(f"/agency join 水{mark}")
    began = (datetime.now(UTC) - BEGAN).astimezone(ZoneInfo("Asia/Shanghai"))
    declared = await fire.command(
        f"/事件 新建 {title} 类型=洪水 等级=III 地点=北河大桥 时间={began:%H:%M}"
    )
    number = re.search(r"I(\d+) · ", declared.text)
    assert number is not None

    # What the rule asks for is there before anybody asks: by when, and by which rule.
    owed = await fire.command("/报告 时限")
    assert "自然灾害情况统计调查制度" in owed.text
    assert "首报" in owed.text
    assert "until" in (await bureau.command("/sitrep due")).text

    # It is time to be reminded: who commands is told, in the rooms where they have no private chat.
    remind = re.compile(rf"initial report is due at .*in \d+ minutes.*{title}", re.DOTALL)
    await bureau.see(lambda shown: shown.bot and remind.search(shown.text) is not None)

    # The first report: in one message; what is missing is named and holds nothing up.
    first = await fire.command(
        "/报告 首报\n态势：北堤漫溢，正在封堵\n伤亡：2人受伤\n需求：编织袋5000条"
    )
    assert "按时报送" in first.text
    assert "尚不清楚：" in first.text
    reference = re.search(r"S(\d+) · ", first.text)
    assert reference is not None
    english = await bureau.see_text(f"S{reference[1]} · initial report\nI{number[1]} · ")
    assert "injured: 2" in english.text
    assert "Needs: 编织袋5000条" in english.text
    await fire.attach("document", b"the dike", "dike.txt", "text/plain",
                      caption=f"/报告 附图 S{reference[1]}")  # fmt: skip
    await fire.see(lambda shown: shown.id == first.id and "附照片或文件1份" in shown.text)

    # The bureau counts otherwise; nobody averages; a wrong figure asks, and keeps the rest.
    asked = await bureau.command("/sitrep status: dike holds injured: -5")
    assert "cannot be a number" in asked.text
    await bureau.say("5")
    await bureau.see(lambda shown: shown.bot and "Situation: dike holds" in shown.text)
    figures = await fire.command("/报告 数据")
    assert "受伤：各方不一" in figures.text
    falling = await bureau.command("/sitrep injured: 4")
    assert "Smaller than you reported before" in falling.text
    await bureau.say("one was counted twice")
    await bureau.see(lambda shown: shown.bot and "one was counted twice" in shown.text)
    settled = await fire.command("/报告 核定 受伤 4 已与医院名单核对")
    assert "指挥部于" in settled.text

    # The follow-up says only what is new, and its text is ready to be handed in.
    follow = await fire.command("/报告 续报 态势：缺口已封堵")
    assert "续报（第1期）" in follow.text
    assert "编织袋" not in follow.text
    await fire.choose(follow, 1)
    text = await fire.see(
        lambda shown: shown.bot and shown.text.startswith(f"关于{title}的续报（第1期）")
    )
    assert "受伤由2人增至4人" in text.text
    assert f"报告单位：消{mark}" in text.text
    file = await fire.see(lambda shown: shown.bot and shown.name.endswith(".txt"))
    assert (await fire.content(file)).decode("utf-8-sig").splitlines() == text.text.splitlines()

    # The last one; then nothing more is owed.
    final = await fire.command("/报告 终报 态势：险情解除 善后：群众已返回")
    assert "终报" in final.text
    await bureau.see(lambda shown: shown.bot and "final report" in shown.text)
    left = await bureau.command("/sitrep due")
    assert "Nobody owes a report" in left.text
    await fire.command("/事件 关闭 险情解除")
