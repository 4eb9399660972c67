"""Operational periods as people on each network meet them, in the running process."""

from __future__ import annotations

import secrets

import pytest
from icalendar import Calendar

from tests.acceptance.places import Place

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_period_begun_on_one_network_is_read_and_put_into_calendars_on_all(
    places: dict[str, Place],
) -> None:
    telegram, matrix, web = places["telegram"], places["matrix"], places["web"]
    short = f"P{secrets.token_hex(3)}"
    await telegram.command(f"/单位 新建 {short}")
    await telegram.command(f"/单位 加入 {short}")
    await telegram.command("/事件 新建 沿江洪水 时区=乌鲁木齐")
    card = await telegram.command("/周期 开始 小时=12")
    assert "行动周期P1 · 进行中" in card.text
    assert "（UTC+6）" in card.text
    for place in (matrix, web):
        shown = await place.see(lambda shown: shown.bot and "P1 · running" in shown.text)
        assert "tactics meeting" in shown.text
        assert "(UTC+6)" in shown.text
    await telegram.command("/会议 推迟 战术会议")
    await matrix.see(lambda shown: shown.bot and "moved the tactics meeting" in shown.text)
    await telegram.command("/会议 日历")
    file = await telegram.see(lambda shown: shown.bot and shown.kind == "document")
    calendar = Calendar.from_ical(await telegram.content(file))
    assert [str(each["TZID"]) for each in calendar.walk("VTIMEZONE")] == ["Asia/Urumqi"]
    names = [str(each["SUMMARY"]) for each in calendar.walk("VEVENT")]
    assert sum("战术会议" in each for each in names) == 1
    await telegram.command("/周期 结束")
    await matrix.see(lambda shown: shown.bot and "P1 · ended" in shown.text)
