"""Two agencies reported the same emergency: one incident takes the other over, and nothing that is
open is left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.dispatch.desk import A, B, C, Desk, choice
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_orders import pass_on
from tests.integration.dispatch.test_organisation import private
from workflows.incidents.replay import replay
from workflows.objectives import service as objectives
from workflows.orders import changing as orders
from workflows.requests import keeping
from workflows.resources import service as resources


@pytest.fixture
async def twice(each_desk: Desk) -> Desk:
    """I1 of the fire brigade in rooms A and B, where Li commands; I2 of the police in room C,
    where Wang commands and much is open."""
    desk = each_desk
    await desk.bridge("fire", a="zh", b="en")
    await desk.bridge("police", c="en")
    for name in ("Li", "Han"):
        await joined(desk, name)
    for name in ("Wang", "Zhou"):
        await joined(desk, name, "公安")
    await desk.say(A, "/事件 新建 3号阀室泄漏 类型=管道", by="li")
    await desk.say(A, "/目标 新建 关阀 截止=18:00 标准=压力为零", by="li")
    await desk.say(A, "/需求 3 抢修车", by="han")
    await desk.say(C, "/incident new Leak by the road", by="wang")
    await desk.say(C, "/objective new close the road by=18:00 measure=no cars", by="wang")
    await desk.say(C, "/order new @zhou stop the traffic by=+2h objective=O1", by="wang")
    await desk.say(C, "/request 5 barrier to north gate objective=O1", by="zhou")
    await desk.say(C, "/resource new Patrol 1", by="wang")
    await desk.say(C, "/resource assign U1 Turn cars away until=18:00", by="wang")
    await desk.say(C, "/custody new 20 cones unit=U1 from=depot to=gate", by="wang")
    await desk.say(C, "/safety hazard gas at the road", by="wang")
    await desk.say(C, "/checkin people=4", by="zhou")
    await desk.say(C, "/alert keep away from the road", by="wang")
    await desk.say(C, "/sitrep status: smell of gas\ncasualties: 3 injured", by="wang")
    return desk


async def merged(desk: Desk) -> None:
    """Li asks, Wang agrees."""
    room = await private(desk, "wang")
    await desk.say(A, "/事件 合并 I2", by="li")
    await desk.take(desk.pressed(room, desk.choices(room)["Agree"], by="wang"))


async def test_all_that_is_open_goes_on_under_numbers_of_the_one_that_is_kept(
    twice: Desk,
) -> None:
    await merged(twice)
    told = next(text for text in twice.texts(A) if "转入本事件" in text)
    for pair in ("O1 → O2", "T1 → T1", "R1 → R2", "U1 → U1", "C1 → C1", "H1 → H1", "W1 → W1"):
        assert pair in told
    assert "转入签到人员：Zhou" in told
    assert "I2的报告" in told
    async with twice.world.store.read() as uow:
        (_first, aim) = await uow.objectives.all(1)
        (order,) = await uow.orders.all(1)
        assert order.objective_id == aim.id
        (_mine, asked) = await uow.requests.all(1)
        assert asked.objective == aim.number == 2
        (unit,) = await uow.resources.all(1)
        (booking,) = await uow.resources.booked(1)
        assert booking.resource_id == unit.id
        (goods,) = await uow.custody.all(1)
        assert goods.unit_number == unit.number
        assert [each.text for each in await uow.safety.hazards(1)] == ["gas at the road"]
        assert sum(each.people for each in await uow.roster.all(1)) == 4
        for known in (uow.objectives, uow.orders, uow.requests, uow.resources, uow.custody):
            assert not await known.all(2)
        told_of = replay(await uow.ledger.entries())
        incident = await uow.incidents.get(1)
        assert incident is not None
        whole = await keeping.load(uow, incident, asked)
        assert told_of["I1-O2"] == objectives.fields(aim)
        assert told_of["I1-T1"] == orders.fields(order)
        assert told_of["I1-R2"] == whole.fields()
        assert told_of["I1-U1"].items() >= resources.fields(unit).items()
        assert await uow.ledger.first_bad() is None


async def test_buttons_and_references_of_before_reach_what_went_over(twice: Desk) -> None:
    room = await private(twice, "zhou")
    await twice.say(C, "/order new @zhou keep people back", by="wang")
    await merged(twice)
    await twice.take(twice.pressed(room, choice(twice, room, "Acknowledge"), by="zhou"))
    await twice.say(C, "/request approve I2-R1", by="li")
    async with twice.world.store.read() as uow:
        states = {each.text: each.state for each in await uow.orders.all(1)}
        assert states["keep people back"] == "acknowledged"
        assert [each.state for each in await uow.requests.all(1)][1] != "need"
    await twice.say(C, "/order new @zhou go home incident=I2", by="wang")
    assert "merged into I1" in last(twice, C)
    await twice.say(B, "/audit show I2-T1", by="li")
    assert "I1-T1" in last(twice, B)


async def test_what_was_waited_for_is_waited_for_still(twice: Desk) -> None:
    await merged(twice)
    await pass_on(twice, 130)
    assert any("T1" in text and "⏰" in text for text in twice.texts(B))
    assert any("W1" in text and "not acknowledged by" in text for text in twice.texts(C))
    assert any("Zhou" in text and "Not heard of" in text for text in twice.texts(B))


async def test_nothing_is_merged_before_both_commanders_agree(twice: Desk) -> None:
    await twice.say(A, "/事件 合并 I2", by="li")
    assert "I2由Wang指挥，已请其在" in last(twice, A)
    await twice.say(A, "/事件 合并 I2", by="li")
    await twice.say(C, "/incident merge I2 incident=I1", by="zhou")
    assert "Only the Incident Commander" in last(twice, C)
    async with twice.world.store.read() as uow:
        other = await uow.incidents.get(2)
        assert other is not None
        assert other.merged_into is None
    await pass_on(twice, 31)
    assert any("Nobody agreed in time that I1 takes over I2" in text for text in twice.texts(C))
    await twice.say(C, "/incident merge I2 incident=I1", by="wang")
    assert "Li commands I1 and was asked to agree" in last(twice, C)
    await twice.say(A, "/事件 合并 I2", by="li")
    assert any("转入本事件" in text for text in twice.texts(A))


async def test_who_asked_and_commands_no_more_has_not_agreed(twice: Desk) -> None:
    await twice.say(A, "/事件 合并 I2", by="li")
    await twice.say(A, "/角色 移交 总指挥 Han", by="li")
    await twice.say(B, "/role accept", by="han")
    await twice.say(C, "/incident merge I2 incident=I1", by="wang")
    assert "Han commands I1 and was asked to agree" in last(twice, C)


async def test_who_is_checked_in_twice_is_counted_once(twice: Desk) -> None:
    twice.world.moment += timedelta(minutes=1)
    await twice.say(A, "/签到 人数=6", by="zhou")
    await merged(twice)
    async with twice.world.store.read() as uow:
        assert [each.people for each in await uow.roster.all(1)] == [6]
    await twice.say(B, "/roster", by="li")
    assert "6" in last(twice, B)


async def test_stock_on_scene_is_on_scene_of_the_one_that_is_kept(twice: Desk) -> None:
    await twice.say(C, "/stock depot new Police store place=38.9,121.6 agency=公安", by="wang")
    await twice.say(C, "/stock add 60 tents at D1", by="wang")
    await twice.say(C, "/stock take 20 tents from D1 to scene", by="wang")
    await merged(twice)
    async with twice.world.store.read() as uow:
        held = {(each.sort, each.number): each.milli for each in await uow.stock.held()}
    assert held["scene", 1] == 20_000
    assert ("scene", 2) not in held
    await twice.say(C, "/stock put 20 tents at D1", by="wang")
    assert "on scene → D1 Police store. 0 pcs left there" in last(twice, C)


async def test_the_choice_behind_a_card_is_of_the_kept_incident(twice: Desk) -> None:
    await merged(twice)
    await twice.take(twice.pressed(C, choice(twice, C, "Approve"), by="li"))
    async with twice.world.store.read() as uow:
        assert "need" not in [each.state for each in await uow.requests.all(1)][1:]
