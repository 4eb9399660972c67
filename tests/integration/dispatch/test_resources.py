"""Units as those who lead, want and follow them see them."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.integration.dispatch.desk import A, B, C, Desk, choice
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_orders import pass_on
from tests.integration.dispatch.test_organisation import private
from workflows.incidents.record import By
from workflows.incidents.replay import replay
from workflows.resources import booking
from workflows.resources.booking import fields as booking_fields
from workflows.resources.rules import Span
from workflows.resources.service import fields


@pytest.fixture
async def flood(each_desk: Desk) -> Desk:
    """A Chinese and an English room, an incident that Li commands, Han of another agency."""
    desk = each_desk
    await desk.bridge("flood", a="zh", b="en")
    await joined(desk, "Li")
    await joined(desk, "Han", "水务")
    await desk.say(B, "hello", by="wang")
    await desk.say(A, "/事件 新建 城东内涝 类型=洪涝")
    await desk.say(A, "/事件 地点 31.2304, 121.4737")
    return desk


def card(desk: Desk, number: int, room: str = B) -> str:
    """The newest card of that unit as the room shows it now."""
    return next(text for text in reversed(desk.texts(room)) if f" U{number} · " in text)


async def test_a_unit_is_registered_and_its_card_stands_in_each_room(flood: Desk) -> None:
    await flood.say(
        A, "/资源 新建 运输一队 种类=运输车队 型号=8吨 人数=12 负责人=Han 联系方式=3频道"
    )
    assert "🟢 U1 · 运输一队" in card(flood, 1)
    assert "convoy: 运输车队, type 8吨 · 消防" in card(flood, 1)
    assert "Leader: Han · 12 people · Contact: 3频道" in card(flood, 1)
    assert "available since" in card(flood, 1)
    assert "负责人：Han" in card(flood, 1, A)
    assert "可用" in card(flood, 1, A)
    await flood.say(B, "/resource new 运输一队")
    assert "registered already" in last(flood, B)


async def test_a_unit_is_promised_for_a_place_on_the_map(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 冲锋舟1号 种类=冲锋舟")
    await flood.say(A, "/资源 分派 U1 转移学校师生 地点=31°54'00\"N 118°48'00\"E 截止=18:00")
    assert "31.9, 118.8" in card(flood, 1)
    await flood.say(A, "/事件 地点 31.9, 118.8")
    await flood.say(A, "/资源 新建 冲锋舟2号 种类=冲锋舟")
    await flood.say(B, "/resource assign U2 Rescue place=-31.9, -58.8")
    assert "🔵 U2" not in card(flood, 2)


async def test_a_unit_promised_twice_is_refused_and_both_sides_are_told(flood: Desk) -> None:
    chat = await private(flood, "li")
    await flood.say(A, "/资源 新建 冲锋舟1号 种类=冲锋舟")
    await flood.say(A, "/资源 新建 冲锋舟2号 种类=冲锋舟")
    await flood.say(A, "/资源 分派 U1 转移小学师生 截止=18:00")
    assert "🔵 U1" in card(flood, 1)
    await flood.say(A, "/角色 任命 operations Han")
    await flood.say(B, "/resource assign U1 Carry water until 17:00", by="han")
    for room in (A, B, chat):
        assert "Carry water" in last(flood, room)
        assert "转移小学师生" in last(flood, room)
    assert "U1 冲锋舟1号 cannot be promised twice" in last(flood, B)
    assert "Available instead: U2 冲锋舟2号" in last(flood, B)
    assert "resource.refused" in await flood.ledger()
    await flood.say(B, "/resource assign U1 Carry water start=18:00 until 19:00", by="han")
    assert "Carry water" in card(flood, 1)


async def test_one_thing_in_two_incidents_is_promised_to_one_of_them(flood: Desk) -> None:
    """Its agency and name say that it is the same."""
    await flood.bridge("other", c="en")
    await joined(flood, "Zhao")
    await flood.say(C, "/incident new Landslide", by="zhao")
    await flood.say(A, "/资源 新建 冲锋舟1号 种类=冲锋舟")
    await flood.say(C, "/resource new 冲锋舟 1号 kind=boat", by="zhao")
    await flood.say(A, "/资源 分派 U1 转移小学师生 截止=18:00")
    await flood.say(C, "/resource assign U1 Search the slope until 17:00", by="zhao")
    assert "promised in another incident, I1" in last(flood, C)
    assert "Search the slope" in last(flood, A)
    await flood.say(A, "/资源 收回 U1")
    await flood.say(C, "/resource assign U1 Search the slope until 17:00", by="zhao")
    assert "🔵 U1" in card(flood, 1, C)


async def test_of_two_who_want_the_last_unit_at_once_one_gets_it(flood: Desk) -> None:
    """In two incidents, so that no row of one incident keeps them apart."""
    await flood.bridge("other", c="en")
    await joined(flood, "Zhao")
    await flood.say(C, "/incident new Landslide", by="zhao")
    await flood.say(A, "/资源 新建 冲锋舟1号 种类=冲锋舟")
    await flood.say(C, "/resource new 冲锋舟1号 kind=boat", by="zhao")
    by = {
        1: By(1, "loopback:li", "Li", "消防"),
        2: By(1, "loopback:zhao", "Zhao", "消防"),
    }

    async def want(incident: int) -> bool:
        async with flood.world.store.write() as uow:
            made = await booking.assign(
                uow, incident, 1, booking.Task("now"), by=by[incident], now=flood.world.moment
            )
            return isinstance(made, booking.Booked)

    for _round in range(5):
        got = await asyncio.gather(want(1), want(2))
        assert sorted(got) == [False, True]
        await flood.say(A, "/资源 收回 U1")
        await flood.say(C, "/resource free U1", by="zhao")


async def test_orders_take_units_and_give_them_back(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 冲锋舟1号 种类=冲锋舟")
    await flood.say(A, "/指令 新建 Han 转移小学师生 截止=18:00 资源=U1")
    assert "[T1]" in card(flood, 1)
    await flood.say(A, "/指令 新建 wang 运水 截止=17:00 资源=冲锋舟1号")
    assert "不能同时" in last(flood) or "U1" in last(flood)
    async with flood.world.store.read() as uow:
        assert len(await uow.orders.all(1)) == 1
    await flood.say(B, "/order done T1", by="han")
    assert "🟢 U1" in card(flood, 1)


async def test_a_breakdown_tells_whom_it_was_promised_to_and_who_can_take_over(
    flood: Desk,
) -> None:
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队 单位=水务")
    await flood.say(A, "/资源 新建 运输二队 种类=运输车队")
    await flood.say(A, "/资源 派往 U1 现场 截止=+1小时")
    assert "Bound for" in card(flood, 1)
    await flood.say(B, "/resource status U1 out reason=engine failure", by="han")
    assert "engine failure" in last(flood, A)
    await flood.take(flood.pressed(A, choice(flood, A, "由 U2 运输二队 接替")))
    assert "🔵 U2" in card(flood, 2)
    assert "Bound for" in card(flood, 2)
    assert "🔴 U1" in card(flood, 1)
    assert "Bound for" not in card(flood, 1)


async def test_tired_units_are_pointed_out_rest_and_come_back(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 抢险一组 种类=抢险队 连续工作=2小时 休整=1小时")
    await flood.say(A, "/资源 分派 U1 加固堤坝")
    await pass_on(flood, 121)
    assert "A rest of 1 h is due" in last(flood, B)
    await flood.say(A, "/资源 轮休 U1")
    assert "接替" in last(flood)
    await flood.say(A, "/资源 收回 U1")
    await flood.say(A, "/资源 轮休 U1")
    assert "Rests until" in card(flood, 1)
    await flood.say(A, "/资源 分派 U1 加固堤坝")
    assert "休整" in last(flood)
    await pass_on(flood, 61)
    assert "has rested and is available" in last(flood, B)


async def test_who_is_late_is_announced_once(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队")
    await flood.say(A, "/资源 派往 U1 现场 截止=+30分钟")
    await pass_on(flood, 36)
    assert "U1 运输一队 is late" in last(flood, B)
    before = flood.texts(B)
    await pass_on(flood, 30)
    assert flood.texts(B) == before
    await flood.say(A, "/资源 到达 U1")
    assert "Arrived at" in card(flood, 1)
    await flood.say(A, "/资源 到达 U1")
    assert "未作改动" in last(flood)


async def test_the_ledger_makes_the_units_again(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队 人数=4")
    await flood.say(A, "/资源 新建 运输二队 种类=运输车队")
    await flood.say(A, "/资源 派往 U1 现场 截止=+1小时")
    await flood.say(A, "/资源 状态 U1 停用 原因=爆胎")
    await flood.say(A, "/资源 接替 U1 由 U2")
    await flood.say(A, "/资源 到达 U2")
    await flood.say(A, "/资源 收回 U2")
    await flood.say(A, "/资源 轮休 U2 2小时")
    async with flood.world.store.read() as uow:
        again = replay(await uow.ledger.entries())
        for each in await uow.resources.all(1):
            assert again[f"I1-U{each.number}"] == fields(each)
            assert each.id is not None
            for row in await uow.resources.bookings([each.id], open_only=False):
                assert again[f"I1-booking {row.id}"] == booking_fields(row, each)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/resource show U9", "There is no unit U9"),
        ("/resource new 🔥🔥", "Names, kinds and types are words"),
        ("/resource new Team people=99999", "99,999"),
        ("/resource new Team people=-3", "out of range"),
        ("/resource assign U1 Work start=18:00 until 17:00 ", "before it begins"),
        ("/resource status U1 out", "Why is it out of service?"),
        ("/resource relieve U1 by U1", "cannot relieve itself"),
        ("/resource arrive U1", "is not under way"),
        ("/resource rest U1 30d", "at most 7 days"),
        ("/resource send U1 to 95.5, 200", "not on Earth"),
        ("/resource assign U1 !!!", "Say in words"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(desk: Desk, typed: str, told: str) -> None:
    await desk.bridge("flood", a="zh", b="en")
    await joined(desk, "Li")
    await desk.say(A, "/事件 新建 城东内涝 类型=洪涝")
    await desk.say(A, "/资源 新建 抢险一组")
    before = await desk.ledger()
    await desk.say(B, typed)
    assert told in last(desk, B)
    assert await desk.ledger() == before


async def test_people_of_another_agency_without_a_role_do_not_say_how_it_is(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队")
    await flood.say(B, "/resource status U1 out reason=broken", by="han")
    assert "is of 消防" in last(flood, B)
    assert "🟢 U1" in card(flood, 1)
    await flood.say(B, "/resource assign U1 Work", by="wang")
    assert "people with a role" in last(flood, B)


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_people_do_nothing_is_promised_twice_and_the_ledger_replays(
    desk: Desk, seed: int
) -> None:
    """Two people, three units, forty commands in any order."""
    await desk.bridge("flood", a="zh", b="en")
    await joined(desk, "Li")
    await joined(desk, "Han")
    await desk.say(A, "/事件 新建 城东内涝 类型=洪涝")
    await desk.say(A, "/事件 地点 31.2304, 121.4737")
    await desk.say(A, "/角色 任命 operations Han")
    for number in (1, 2, 3):
        await desk.say(A, f"/资源 新建 冲锋舟{number}号 种类=冲锋舟")
    pick = random.Random(seed)
    for step in range(40):
        unit, other = pick.choice("123"), pick.choice("123")
        hour = pick.randrange(15, 22)
        line = pick.choice(
            (
                f"/resource assign U{unit} task {step} start={hour}:00 until {hour + 2}:00",
                f"/resource assign U{unit} task {step}",
                f"/resource free U{unit} all=yes",
                f"/resource free U{unit}",
                f"/resource status U{unit} out reason=broken",
                f"/resource status U{unit} available",
                f"/resource send U{unit} to 31.3, 121.5 by +2h",
                f"/resource arrive U{unit}",
                f"/resource rest U{unit} 1h",
                f"/resource relieve U{unit} by U{other}",
                f"/order new Li task {step} by={hour}:30 resource=U{unit}",
                f"/order done T{pick.randrange(1, 6)}",
                f"/resource demob U{unit} boxes=time",
            )
        )
        await desk.take(desk.said(B, line, by=pick.choice(("li", "han"))))
        assert "did not work" not in last(desk, B), line
        if step % 10 == 9:
            await pass_on(desk, pick.randrange(5, 50))
    async with desk.world.store.read() as uow:
        again = replay(await uow.ledger.entries())
        for each in await uow.resources.all(1):
            assert again[f"I1-U{each.number}"] == fields(each)
            assert each.id is not None
            rows = await uow.resources.bookings([each.id], open_only=False)
            for row in rows:
                assert again[f"I1-booking {row.id}"] == booking_fields(row, each)
            spans = [Span(row.starts_at, row.ends_at) for row in rows if row.state == "booked"]
            assert not any(
                one.overlaps(two) for at, one in enumerate(spans) for two in spans[at + 1 :]
            )


async def test_who_forgets_the_reason_is_asked_for_it_and_nothing_goes_on_without(
    flood: Desk,
) -> None:
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队")
    await flood.say(A, "/资源 状态 U1 停用")
    assert "停用原因是什么？" in last(flood)
    assert "🟢 U1" in card(flood, 1)
    await flood.say(A, "发动机故障")
    assert "发动机故障" in card(flood, 1)


async def test_a_relief_is_named_as_the_example_names_it_in_either_language(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队")
    await flood.say(A, "/资源 新建 运输二队 种类=运输车队")
    await flood.say(A, "/资源 分派 U1 运送沙袋")
    await flood.say(A, "/资源 接替 U1 由 U2")
    assert "运送沙袋" in card(flood, 2)
