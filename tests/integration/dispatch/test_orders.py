"""Orders as those who give, get and decide them see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.transports.base import Batch
from tests.integration.dispatch.desk import A, B, C, Desk, choice
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_marks import later
from tests.integration.dispatch.test_organisation import private
from workflows.incidents.replay import replay
from workflows.orders.changing import fields


@pytest.fixture
async def fire(each_desk: Desk) -> Desk:
    """A Chinese and an English room, an incident that Li commands, Han of the same agency."""
    desk = each_desk
    await ready(desk)
    return desk


async def ready(desk: Desk) -> None:
    """The rooms, the people and the incident."""
    await desk.bridge("fire", a="zh", b="en")
    await joined(desk, "Li")
    await joined(desk, "Han")
    await desk.say(B, "hello", by="wang")
    await desk.say(A, "/事件 新建 化工厂火灾 类型=火灾")


def card(desk: Desk, number: int, room: str = B) -> str:
    """The newest card of that order as the room shows it now."""
    return next(text for text in reversed(desk.texts(room)) if f" T{number} · " in text)


async def pass_on(desk: Desk, minutes: float) -> None:
    """Time goes by, and what is due rings."""
    desk.world.moment += timedelta(minutes=minutes)
    await desk.clock.ring()
    await desk.delivered()


async def react(desk: Desk, target: str, emoji: str, *, by: str) -> None:
    """Somebody reacts to a message; what that causes elsewhere is gathered, then shown."""
    batch = Batch((desk.reacted(B, target, emoji, by=by),))
    await desk.dispatcher.take("loopback", batch)
    await later(desk)


async def test_an_order_is_shown_in_each_room_with_who_has_not_read_it_back(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀 截止=18:00 地点=3号阀室 资源=2号消防车")
    assert "📣 T1 · 关闭3号阀" in card(fire, 1)
    assert "To Han, from Li (消防)" in card(fire, 1)
    assert "Place: 3号阀室" in card(fire, 1)
    assert "⏳ Han not yet acknowledged" in card(fire, 1)
    assert "尚未收到" in card(fire, 1, A)


async def test_it_is_seen_then_acknowledged_then_done_and_its_card_says_so(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    await fire.say(B, "/order seen T1", by="han")
    assert "👀 Han seen" in card(fire, 1)
    await fire.take(fire.pressed(B, choice(fire, B, "Acknowledge"), by="han"))
    assert "👌 T1" in card(fire, 1)
    assert "✅ Han acknowledged" in card(fire, 1)
    await fire.say(B, "/order done T1", by="han")
    assert "✅ T1" in card(fire, 1)
    assert "Han: T1 is done" in last(fire, B)
    assert len([text for text in fire.texts(B) if " T1 · " in text]) == 1


async def test_a_tick_on_the_card_acknowledges_and_eyes_say_that_it_was_read(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    target = fire.remote(B, " T1 · ")
    before = fire.texts(B)
    for emoji in ("👀", "✅"):
        await react(fire, target, emoji, by="wang")
    assert fire.texts(B) == before
    assert "not yet acknowledged" in card(fire, 1)
    await react(fire, target, "👀", by="han")
    assert "👀 Han seen" in card(fire, 1)
    await react(fire, target, "✅", by="han")
    assert "✅ Han acknowledged" in card(fire, 1)


async def test_two_who_tap_the_same_button_have_one_effect(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    token = choice(fire, B, "Acknowledge")
    await fire.take(fire.pressed(B, token, by="han"))
    before = await fire.ledger()
    await fire.take(fire.pressed(B, token, by="han"))
    assert "noted already" in last(fire, B)
    assert await fire.ledger() == before
    await fire.take(fire.pressed(B, token, by="wang"))
    assert "T1 is for Han, not for you" in last(fire, B)


async def test_declined_with_a_reason_its_giver_is_told(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    await fire.say(B, "/order decline T1", by="han")
    assert "Why is it declined?" in last(fire, B)
    await fire.say(B, "no foam left", by="han")
    assert "❌ T1" in card(fire, 1)
    assert "no foam left" in card(fire, 1)
    assert "no foam left" in last(fire, A)
    await fire.say(B, "/order ack T1", by="han")
    assert "T1 is declined already" in last(fire, B)


async def test_it_is_passed_up_the_chain_step_by_step_each_of_them_once(fire: Desk) -> None:
    await fire.say(A, "/角色 任命 作业部 Han")
    await fire.say(A, "/单位 联络官 admin 单位=消防", by="admin")
    await fire.say(B, "/agency join 消防", by="wang")
    await fire.say(A, "/单位 批准 Wang", by="admin")
    await fire.say(A, "/角色 任命 分支 Wang")
    await fire.say(A, "/指令 新建 Wang 关闭3号阀")
    await pass_on(fire, 9)
    assert "escalated" not in str(await fire.ledger())
    await pass_on(fire, 2)
    assert "T1 has not been acknowledged by Wang" in fire.texts(B)[-1] + fire.texts(B)[-2]
    assert "Passed up the chain 1 time without" in card(fire, 1)
    fire.restart()
    await pass_on(fire, 11)
    await pass_on(fire, 11)
    await pass_on(fire, 60)
    codes = [code for code in await fire.ledger() if code.startswith("order.")]
    assert codes == ["order.given", "order.escalated", "order.escalated", "order.unanswered"]
    await fire.say(B, "/order ack T1", by="han")
    assert "✅ Han acknowledged" in card(fire, 1)


async def test_the_steps_go_from_the_deputy_up_to_command_and_end_with_the_liaison_officer(
    fire: Desk,
) -> None:
    """Wang is told; his deputy, the section chief, the commander and the liaison officer follow."""
    for name in ("Wang", "Zhao", "Qian", "Sun"):
        await fire.say(A, "在", by=name.lower())
        await joined(fire, name)
    await fire.say(A, "/角色 任命 作业部 Han")
    await fire.say(A, "/角色 任命 分支 Wang")
    await fire.say(A, "/角色 任命 分支 Zhao 副职=是")
    await fire.say(A, "/角色 任命 安全官 Qian")
    await fire.say(A, "/角色 任命 联络官 Sun")
    await fire.say(A, "/指令 新建 Wang 停止内攻", by="qian")
    for _step in range(6):
        await pass_on(fire, 11)
    async with fire.world.store.read() as uow:
        steps = [
            (entry.params["step"], len(entry.params["people"]))
            for entry in await uow.ledger.entries()
            if entry.code == "order.escalated"
        ]
    assert steps == [("deputy", 1), ("up operations/", 1), ("up commander/", 1), ("liaison", 1)]


async def test_who_gets_it_has_it_in_private_too_and_that_card_is_kept_up_to_date(
    fire: Desk,
) -> None:
    room = await private(fire, "han")
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    assert "📣 T1" in card(fire, 1, room)
    await fire.take(fire.pressed(room, choice(fire, room, "Acknowledge"), by="han"))
    assert "👌 T1" in card(fire, 1, room)
    assert "✅ Han acknowledged" in card(fire, 1)
    assert "Han acknowledged T1" in last(fire, room)


async def test_in_a_unified_command_each_leads_its_own_and_decides_nothing_of_its_own_alone(
    fire: Desk,
) -> None:
    await joined(fire, "Wang", "公安")
    await fire.say(A, "/联合指挥 加入 公安 人=Wang")
    await fire.say(A, "/指令 新建 公安 封锁滨江路")
    assert "⏸️ T1" in card(fire, 1)
    assert "until Wang decides" in last(fire, B)
    await fire.say(B, "/order decide T1 keep=stand", by="li")
    assert "You gave one of these orders, so that Wang decides" in last(fire, B)
    await fire.say(B, "/order decide T1 keep=both", by="wang")
    assert "keep=stand or keep=withdraw" in last(fire, B)
    await fire.say(B, "/order decide T1 keep=withdraw", by="wang")
    assert "✖️ T1" in card(fire, 1)


async def test_whose_role_has_ended_gives_no_more_orders(fire: Desk) -> None:
    await joined(fire, "Wang", "公安")
    await fire.say(A, "/角色 任命 作业部 Han")
    await fire.say(A, "/角色 任命 分支 Wang")
    await fire.say(B, "/order new Wang Search floor 3", by="han")
    assert "📣 T1" in card(fire, 1)
    await fire.say(A, "/角色 解除 作业部 Han")
    await fire.say(B, "/order new Wang Search floor 4", by="han")
    assert "people with a role in this incident" in last(fire, B)


async def test_of_a_team_the_order_stands_until_all_have_declined(fire: Desk) -> None:
    await joined(fire, "Wang", "公安")
    for name in ("wang", "han"):
        await fire.say(B, "/checkin team=一队", by=name)
    await fire.say(A, "/指令 新建 一队 搜救三楼")
    await fire.say(B, "/order decline T1 reason=smoke", by="wang")
    assert "📣 T1" in card(fire, 1)
    assert "❌ Wang declined" in card(fire, 1)
    await fire.say(B, "/order decline T1 reason=smoke, too", by="han")
    assert "❌ T1" in card(fire, 1)


async def test_a_name_of_several_is_asked_about(fire: Desk) -> None:
    await joined(fire, "Wang", "公安")
    await fire.say(B, "/checkin team=公安", by="wang")
    await fire.say(B, "/order new 公安 Search floor 3", by="li")
    assert "is the name of several: an agency and a team" in last(fire, B)
    await fire.say(B, "/order new 公安 Search floor 3 kind=team", by="li")
    assert "To team 公安" in card(fire, 1)


async def test_what_was_acknowledged_is_not_passed_on(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    await fire.say(B, "/order ack T1", by="han")
    await pass_on(fire, 60)
    assert "order.escalated" not in await fire.ledger()


async def test_what_is_not_done_in_time_is_called_overdue_once(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀 截止=18:00")
    await fire.say(B, "/order ack T1", by="han")
    await pass_on(fire, 60 * 5)
    assert "overdue since" in card(fire, 1)
    assert any("T1 is overdue" in text for text in fire.texts(B))
    await pass_on(fire, 60 * 5)
    assert (await fire.ledger()).count("order.overdue") == 1


async def test_orders_that_contradict_each_other_wait_for_who_commands(fire: Desk) -> None:
    await joined(fire, "Wang", "公安")
    await fire.say(A, "/单位 联络官 Wang 单位=公安", by="admin")
    await fire.say(A, "/指令 新建 Han 打开3号阀")
    await fire.say(B, "/order new Wang Close valve 3", by="li")
    assert "⏸️ T2" in card(fire, 2)
    assert "They contradict each other" in last(fire, B)
    assert "T2 is held back until Li decides" in last(fire, B)
    await fire.say(B, "/order ack T2", by="wang")
    assert "held back until its conflict is decided" in last(fire, B)
    await fire.take(fire.pressed(A, choice(fire, A, "保留T2"), by="han"))
    assert "由总指挥裁定" in last(fire, A)
    token = choice(fire, B, "Keep T2")
    await fire.take(fire.pressed(B, token, by="li"))
    assert "✖️ T1" in card(fire, 1)
    assert "📣 T2" in card(fire, 2)
    assert "Li decided: T2 stands, T1 is withdrawn" in last(fire, A) + last(fire, B)
    await fire.take(fire.pressed(B, token, by="li"))
    assert "Li has decided this already" in last(fire, B)
    await fire.say(B, "/order ack T2", by="wang")
    assert "✅ Wang acknowledged" in card(fire, 2)


async def test_one_person_is_not_sent_to_two_places_at_once_without_a_word(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 前往3号阀室")
    await fire.say(A, "/指令 新建 Han 前往北门")
    assert "two places at the same time" in last(fire, B)
    await fire.say(A, "/指令 裁定 T2 对=T1 保留=都保留")
    assert "📣 T2" in card(fire, 2)
    assert "📣 T1" in card(fire, 1)


async def test_at_different_times_one_person_goes_to_two_places(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 前往3号阀室 截止=15:00")
    await fire.say(A, "/指令 新建 Han 前往北门 开始=16:00 截止=18:00")
    assert "📣 T2" in card(fire, 2)


async def test_a_resource_is_not_promised_twice_without_a_word(fire: Desk) -> None:
    await joined(fire, "Wang", "公安")
    await fire.say(A, "/指令 新建 Han 灭火 资源=2号消防车 地点=北门")
    await fire.say(A, "/指令 新建 Wang 冷却 资源=2号消防车 地点=南门")
    assert "two places at the same time" in last(fire, B)


async def test_a_conflict_is_void_once_one_of_the_orders_ends(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 前往3号阀室")
    await fire.say(A, "/指令 新建 Han 前往北门")
    await fire.say(A, "/指令 完成 T1", by="han")
    assert "📣 T2" in card(fire, 2)
    assert "conflict.void" in await fire.ledger()
    await fire.say(A, "/指令 裁定 T2 对=T1 保留=前者")
    assert "已作废" in last(fire, A)


async def test_a_conflict_that_nobody_decides_is_told_again_once(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 前往3号阀室")
    await fire.say(A, "/指令 新建 Han 前往北门")
    await pass_on(fire, 11)
    await pass_on(fire, 60)
    assert (await fire.ledger()).count("conflict.waiting") == 1


async def test_an_order_outside_ones_authority_waits_for_who_leads(fire: Desk) -> None:
    await fire.say(A, "/角色 任命 后勤部 Han")
    await joined(fire, "Wang", "公安")
    await fire.say(B, "/order new Wang Close the road", by="han")
    assert "does not lead whom it goes to" in last(fire, B)
    assert "⏸️ T1" in card(fire, 1)
    await fire.take(fire.pressed(A, choice(fire, A, "允许T1生效"), by="li"))
    assert "📣 T1" in card(fire, 1)


async def test_an_agency_acknowledges_by_any_of_its_people(fire: Desk) -> None:
    await joined(fire, "Wang", "公安")
    await fire.say(A, "/单位 联络官 Wang 单位=公安", by="admin")
    await fire.say(A, "/指令 新建 公安 封锁滨江路")
    assert "To 公安, from Li" in card(fire, 1)
    await fire.say(B, "/order ack T1", by="wang")
    assert "✅ Wang acknowledged" in card(fire, 1)


async def test_a_role_is_told_whoever_holds_it_and_who_gave_it_up_answers_no_more(
    fire: Desk,
) -> None:
    await joined(fire, "Wang", "公安")
    await fire.say(A, "/角色 任命 安全官 Han")
    await fire.say(A, "/指令 新建 安全官 检查呼吸器")
    assert "To Safety Officer, from Li" in card(fire, 1)
    await fire.say(A, "/角色 解除 安全官 Han")
    await fire.say(A, "/角色 任命 安全官 Wang")
    await fire.say(B, "/order ack T1", by="han")
    assert "T1 is for Safety Officer, not for you" in last(fire, B)
    await fire.say(B, "/order ack T1", by="wang")
    assert "✅ Wang acknowledged" in card(fire, 1)


async def test_a_team_is_told_once_it_has_checked_in(fire: Desk) -> None:
    await joined(fire, "Wang", "公安")
    await fire.say(A, "/指令 新建 一队 搜救三楼")
    assert "一队" in last(fire, A)
    await fire.say(B, "/checkin team=一队", by="wang")
    await fire.say(A, "/指令 新建 一队 搜救三楼")
    assert "To team 一队, from Li" in card(fire, 1)
    assert "⏳ Wang not yet acknowledged" in card(fire, 1)


async def test_an_order_hangs_on_an_objective_that_is_open(fire: Desk) -> None:
    await fire.say(A, "/目标 新建 堵住泄漏")
    await fire.say(A, "/指令 新建 Han 关闭3号阀 目标=O1")
    assert "For objective O1: 堵住泄漏" in card(fire, 1)
    await fire.say(B, "/objective show O1")
    assert "Orders that serve it: T1" in last(fire, B)
    await fire.say(A, "/目标 完成 O1")
    await fire.say(B, "/order new Han Open valve 4 objective=O1", by="li")
    assert "O1 is reached. Name an open objective" in last(fire, B)


async def test_the_giver_takes_it_back_and_others_do_not(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    await fire.say(B, "/order withdraw T1", by="han")
    assert "Only who gave T1, Li" in last(fire, B)
    await fire.say(A, "/指令 撤销 T1 不再需要")
    assert "✖️ T1" in card(fire, 1)
    assert "Reason: 不再需要" in card(fire, 1)


async def test_orders_are_shown_to_latecomers_and_listed(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀 截止=18:00")
    await fire.say(A, "/指令 新建 Han 检查呼吸器")
    await fire.say(A, "/指令 撤销 T2")
    await fire.say(B, "/order", by="wang")
    assert "T1 Han: 关闭3号阀 — given · until" in last(fire, B)
    assert "T2" not in last(fire, B)
    await fire.say(B, "/order list", by="wang")
    assert "T2 Han: 检查呼吸器 — withdrawn" in last(fire, B)
    await fire.say(B, "/status", by="wang")
    assert "T1 Han: 关闭3号阀 — given" in last(fire, B)


@pytest.mark.parametrize(
    ("typed", "by", "told"),
    [
        ("/order new Li Close valve 3", "li", "would go to yourself"),
        ("/order new me Close valve 3", "li", "would go to yourself"),
        ("/order new Nobody Close valve 3", "li", "I know no person, role, agency"),
        ("/order new @nobody Close valve 3", "li", "I know nobody called"),
        ("/order new Han 🔥", "li", "Say in words what is to be done"),
        ("/order new Han " + "x" * 501, "li", "yours has 501"),
        ("/order new Han Close valve 3 by=15:00 start=16:00", "li", "but begins at"),
        ("/order new Han Close valve 3 objective=O9", "li", "There is no objective O9"),
        ("/order new safety Close valve 3", "li", "you answer for it yourself"),
        ("/order new Han Close valve 3", "wang", "people with a role in this incident"),
        ("/order ack T9", "han", "There is no order T9"),
        ("/order ack T99999999999", "han", "reference"),
        ("/order ack O1", "han", "reference"),
        ("/order ack I9-T1", "han", "There is no incident I9"),
        ("/order ack T1", "wang", "T1 is for Han, not for you"),
        ("/order ack T1", "li", "T1 is for Han, not for you"),
        ("/order decide T1 keep=stand", "li", "has no such conflict"),
        ("/order decide T1 keep=stand", "wang", "decided by the Incident Commander"),
        ("/order decide T1 against=T1 keep=both", "li", "T1 and T1 do not contradict"),
        ("/order decline T1 reason=🔥", "han", "A reason is told in words"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(
    desk: Desk, typed: str, by: str, told: str
) -> None:
    await ready(desk)
    await desk.say(A, "/指令 新建 Han 检查呼吸器")
    before = await desk.ledger()
    await desk.say(B, typed, by=by)
    assert told in last(desk, B)
    assert await desk.ledger() == before


async def test_nothing_is_ordered_or_answered_in_a_closed_incident(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    token = choice(fire, B, "Acknowledge")
    await fire.say(A, "/事件 关闭")
    await fire.take(fire.pressed(B, token, by="han"))
    assert "is closed" in last(fire, B)
    await fire.say(B, "/order new Han Open valve 4", by="li")
    assert "is closed" in last(fire, B)
    await pass_on(fire, 60)
    assert "order.escalated" not in await fire.ledger()


async def test_a_button_from_yesterday_still_says_what_it_can_and_cannot_do(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    token = choice(fire, B, "Acknowledge")
    await fire.say(A, "/指令 撤销 T1")
    fire.world.moment += timedelta(days=1)
    before = await fire.ledger()
    await fire.take(fire.pressed(B, token, by="han"))
    assert await fire.ledger() == before


async def test_an_order_is_answered_from_another_room_by_its_whole_reference(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 关闭3号阀")
    await fire.bridge("other", c="en")
    await fire.say(C, "/order ack I1-T1", by="han")
    assert "✅ Han acknowledged" in card(fire, 1)


async def test_the_ledger_makes_an_order_again(fire: Desk) -> None:
    await fire.say(A, "/指令 新建 Han 前往3号阀室 截止=18:00")
    await fire.say(A, "/指令 新建 Han 前往北门")
    await fire.say(A, "/指令 裁定 T2 对=T1 保留=后者")
    await fire.say(B, "/order ack T2", by="han")
    await fire.say(B, "/order done T2", by="han")
    async with fire.world.store.read() as uow:
        things = replay(await uow.ledger.entries())
        for number in (1, 2):
            order = await uow.orders.get(1, number)
            assert order is not None
            assert things[f"I1-T{number}"] == fields(order)
        assert await uow.ledger.first_bad() is None
