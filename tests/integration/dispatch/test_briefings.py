"""Briefings: made from the record, to whom they go, acknowledged by name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import pytest

from handlers.context import Means
from handlers.issuing import FETCH
from tests.integration.dispatch.briefs import at, briefings, ready, until
from tests.integration.dispatch.desk import A, B, C, Desk
from tests.integration.dispatch.leak import belongs, last
from tests.integration.dispatch.test_alerts import put
from workflows.briefings.service import PATIENCE, fields, schedule_fields
from workflows.briefings.weather import Forecast, Hour
from workflows.incidents.replay import replay


@pytest.fixture
async def leak(each_desk: Desk) -> Desk:
    """An incident that Li commands in a Chinese and an English room; Han is its safety officer."""
    return await ready(each_desk)


async def test_a_briefing_tells_each_room_the_same_in_its_language(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏 截止=+3h")
    await leak.say(A, "/目标 进展 O1 40%")
    await leak.say(A, "/指令 新建 Han 关闭3号阀")
    await leak.say(A, "/安全 禁止明火")
    await leak.say(A, "/简报 立即")
    (english,), (chinese,) = briefings(leak, B), briefings(leak, A)
    assert "Briefing B1 · I1" in english
    assert "Objectives: 1 open, 0 overdue, 0 reached" in english
    assert "Orders: 1 open, 0 overdue, 1 not acknowledged" in english
    assert "Safety: 禁止明火" in english
    assert "Not yet by 1: Han" in english
    assert "目标：进行中1，逾期0，已达成0" in chinese
    assert "指令：未完成1，逾期0，未回复收到1" in chinese


async def test_what_changed_since_the_one_before_is_told(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/简报 立即")
    await leak.say(A, "/目标 进展 O1 40%")
    await leak.say(A, "/指令 新建 Han 关闭3号阀")
    await leak.say(A, "/角色 任命 作业部 Li")
    await leak.say(A, "/简报 立即")
    english = briefings(leak)[-1]
    assert "What changed: 3 changes" in english
    assert "O1 堵住泄漏: 40 %, was 0 %" in english
    assert "T1 new order: 关闭3号阀" in english
    assert "Operations Section Chief: Li has taken over" in english


async def test_with_nothing_to_say_it_is_one_line_and_nobody_has_to_acknowledge(
    leak: Desk,
) -> None:
    await leak.say(A, "/简报 立即")
    await leak.say(A, "/简报 立即")
    text = briefings(leak)[-1]
    assert text.count("\n") == 0
    assert "nothing has changed since B1" in text
    async with leak.world.store.read() as uow:
        row = await uow.briefings.get(1, 2)
    assert row is not None
    assert row.asked == []


async def test_each_part_is_read_by_its_button(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/简报 立即")
    await leak.take(leak.pressed(B, leak.choices(B)["Objectives"], by="han"))
    assert "O1 堵住泄漏: 0 %" in last(leak, B)
    assert "Organisation" not in last(leak, B)
    await leak.say(B, "/brief show B1 part=all", by="han")
    assert "Safety Officer: Han (水务)" in last(leak, B)
    await leak.say(B, "/brief show B1 part=weather", by="han")
    assert "nothing about that" in last(leak, B)


@pytest.mark.parametrize("way", ["✅", "👀", "button", "command", "last"])
async def test_it_is_acknowledged_by_name_in_whichever_way(leak: Desk, way: str) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/简报 立即")
    if way == "button":
        await leak.take(leak.pressed(B, leak.choices(B)["✅ Acknowledge"], by="han"))
    elif way == "command":
        await leak.say(B, "/brief ack B1", by="han")
    elif way == "last":
        await leak.say(B, "/brief ack", by="han")
    else:
        await put(leak, leak.reacted(B, leak.remote(B, "Briefing B1"), way, by="han"))
    assert "Acknowledged by 1: Han" in briefings(leak)[0]
    assert "Not yet" not in briefings(leak)[0]
    assert "已收到 1 人：Han" in briefings(leak, A)[0]
    await leak.say(B, "/brief ack B1", by="han")
    assert "You have acknowledged B1 already" in last(leak, B)
    assert (await leak.ledger()).count("briefing.acknowledged") == 1


async def test_who_does_not_answer_is_reminded_and_then_named_to_the_commander(
    leak: Desk,
) -> None:
    private = "loopback:li-private"
    await leak.take(replace(leak.said(private, "/me", by="li"), private=True))
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/简报 立即")
    await until(leak, leak.world.moment + PATIENCE)
    assert "You have not acknowledged briefing B1" in last(leak, B)
    assert "Han" in last(leak, B)
    leak.restart()
    await until(leak, leak.world.moment + PATIENCE)
    assert "B1" in last(leak, private)
    assert "Han" in last(leak, private)
    await until(leak, at(leak, 5))
    codes = await leak.ledger()
    assert (codes.count("briefing.reminded"), codes.count("briefing.unread")) == (1, 1)


@dataclass
class Vane:
    """A source of forecasts that answers when it is told to."""

    forecast: Forecast
    ready: bool = False
    wanted: list[tuple[float, float]] = field(default_factory=list)

    def known(self, lat: float, lon: float, now: datetime) -> Forecast | None:
        """The forecast once it is ready."""
        return self.forecast if self.ready else None

    def want(self, lat: float, lon: float) -> None:
        """Note what was asked for."""
        self.wanted.append((lat, lon))


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("how", ["now", "schedule"])
async def test_the_weather_is_waited_for_a_moment_and_never_longer(
    leak: Desk, how: str, answers: bool
) -> None:
    hour = Hour(leak.world.moment, Decimal("8.4"), Decimal(0), Decimal("4.1"), None, 45, 61)
    vane = Vane(Forecast(leak.world.moment, "weather.example", hour))
    leak.means = Means(weather=vane)
    leak.restart()
    await leak.say(A, "/事件 新建 二号点 地点=31.2304,121.4737")
    await leak.say(A, "/目标 新建 堵住泄漏")
    if how == "now":
        await leak.say(A, "/brief now")
        assert "正在获取天气" in last(leak, A)
    else:
        await leak.say(A, "/brief schedule every=1h")
        await until(leak, at(leak, 1))
    assert vane.wanted == [(31.2304, 121.4737)]
    assert briefings(leak) == []
    vane.ready = answers
    await until(leak, leak.world.moment + FETCH)
    (shown,) = briefings(leak)
    assert ("Weather: rain, 8.4 °C, wind 4.1 m/s from the northeast" in shown) is answers
    assert "Late" not in shown


async def test_it_goes_to_roles_and_persons_in_private_and_nowhere_else(leak: Desk) -> None:
    private = "loopback:han-private"
    await leak.take(replace(leak.said(private, "/me", by="han"), private=True))
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/简报 立即 对象=安全官")
    assert briefings(leak) == []
    assert "Briefing B1" in str(briefings(leak, private)) or "简报B1" in str(
        briefings(leak, private)
    )
    async with leak.world.store.read() as uow:
        row = await uow.briefings.get(1, 1)
        han = (await uow.people.named("Han"))[0]
    assert row is not None
    assert row.asked == [han.id]


async def test_who_has_said_no_language_is_told_in_both(desk: Desk) -> None:
    leak, private = await ready(desk), "loopback:han-private"
    hello = leak.said(private, "/me", by="han")
    assert hello.sender is not None
    unknown = replace(hello, private=True, sender=replace(hello.sender, language=None))
    await leak.take(unknown)
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/简报 立即 对象=安全官")
    (shown,) = briefings(leak, private)
    assert "简报B1" in shown
    assert "Briefing B1" in shown


async def test_who_has_no_role_makes_none(leak: Desk) -> None:
    await leak.say(B, "hello", by="wang")
    await leak.say(B, "/brief now", by="wang")
    assert briefings(leak) == []
    await leak.say(C, "/brief show I1-B1", by="wang")
    assert "belong" in last(leak, C) or "不属于" in last(leak, C)


async def test_the_ledger_alone_gives_the_same_schedules_and_briefings(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule every=1h")
    await until(leak, at(leak, 1))
    await leak.say(B, "/brief ack B2", by="han")
    await leak.say(A, "/brief stop B2")
    async with leak.world.store.read() as uow:
        things = replay(await uow.ledger.entries())
        (plan,) = await uow.briefings.schedules(1)
        (row,) = await uow.briefings.latest(1)
        (receipt,) = await uow.briefings.receipts(row.id or 0)
    assert things["I1-B1"] == schedule_fields(plan)
    noted = {f"acknowledged by {receipt.person_id}": receipt.at.isoformat()}
    assert things["I1-B2"] == fields(row) | noted


async def test_the_list_shows_what_is_due_and_what_was_sent(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule at=07:30 to=commander,Han")
    await leak.say(A, "/简报 立即")
    await leak.say(B, "/brief")
    shown = last(leak, B)
    assert "B1 every day at 07:30, to Incident Commander and Han" in shown
    assert "acknowledged by 0, not yet by 1" in shown
    await belongs(leak, "Zhao", "医疗")
