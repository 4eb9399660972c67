"""Situation reports as those who hand them in, owe them and read them see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.richtext import from_plain
from bot.transports.base import Content, Media, Said
from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.leak import declared, last, timeline
from tests.integration.dispatch.test_orders import pass_on
from tests.integration.dispatch.test_organisation import private
from workflows.incidents.replay import replay
from workflows.sitreps.figures import Code
from workflows.sitreps.service import fields, standing_figures

REPORT = "/报告\n态势：泄漏已控制八成\n伤亡：1人死亡、2人受伤\n损失：1座储罐受损\n需求：围油栏200米"


@pytest.fixture
async def leak(desk: Desk) -> Desk:
    """A Chinese and an English room; Li of 消防 commands, Han is of 水务."""
    return await declared(desk)


@pytest.fixture
async def each_leak(each_desk: Desk) -> Desk:
    """The same on each database."""
    return await declared(each_desk)


def card(desk: Desk, number: int, room: str = A) -> str:
    """The newest card of that report as the room shows it now."""
    return next(text for text in reversed(desk.texts(room)) if f" S{number} · " in text)


async def test_one_message_with_fields_is_a_report_in_each_rooms_language(each_leak: Desk) -> None:
    leak = each_leak
    await leak.say(A, REPORT)
    assert "📋 S1 · 态势报告" in card(leak, 1)
    assert "死亡：1" in card(leak, 1)
    assert "需求：围油栏200米" in card(leak, 1)
    assert "situation report" in card(leak, 1, B)
    assert "injured: 2" in card(leak, 1, B)
    assert "Needs: 围油栏200米" in card(leak, 1, B)
    assert len(await timeline(leak, "sitrep.report")) == 1


async def test_alone_it_asks_one_thing_after_the_other_and_offers_what_was_said_before(
    leak: Desk,
) -> None:
    await leak.say(A, REPORT)
    await leak.say(A, "/报告")
    assert "目前态势如何？" in last(leak)
    assert "上次：泄漏已控制八成" in last(leak)
    await leak.say(A, "泄漏已控制")
    assert "上次：死亡1人、受伤2人" in last(leak)
    await leak.take(leak.pressed(A, choice(leak, A, "同上次：死亡1人、受伤2人")))
    await leak.say(A, "跳过")
    await leak.take(leak.pressed(A, choice(leak, A, "直接报送")))
    shown = card(leak, 2)
    assert "态势：泄漏已控制" in shown
    assert "围油栏" not in shown
    assert "死亡" not in shown
    await leak.say(A, "/报告 查看 S2 全部=是")
    assert "需求：围油栏200米" in last(leak)
    assert "死亡：1" in last(leak)


async def test_a_fall_asks_for_its_reason_and_loses_nothing(each_leak: Desk) -> None:
    leak = each_leak
    await leak.say(A, REPORT)
    before = await leak.ledger()
    await leak.say(A, "/报告 态势：复核完毕 死亡：0 需求：泵2台")
    assert "死亡由1降至0" in last(leak)
    assert await leak.ledger() == before
    await leak.say(A, "重复统计")
    shown = card(leak, 2)
    assert "死亡：0（此前1；重复统计）" in shown
    assert "需求：泵2台" in shown
    async with leak.world.store.read() as uow:
        rows = [
            (row.value, row.reason) for row in await uow.sitreps.figures(1) if row.code == "dead"
        ]
    assert rows == [(1, None), (0, "重复统计")]


@pytest.mark.parametrize(
    ("typed", "asked", "answer"),
    [
        ("/sitrep status: x dead: -3", "“-3” cannot be a number", "3"),
        ("/sitrep status: x dead: 2.5", "“2.5” cannot be a number", "3"),
        ("/sitrep status: x casualties: dead -3", "not understood as a number", "3 dead"),
        ("/sitrep status: x dead: 999999999999", "more than there can be", "3"),
        ("/sitrep status: x dead: 3 affected: 2", "more than the 2 affected", "30"),
        ("/sitrep status: x dead: 3 injured: 1 severe: 2", "more than the 1 injured", "1"),
        ("/sitrep status: x dead: many", "“many” cannot be a number", "3"),
    ],
)
async def test_what_cannot_be_is_asked_again_and_all_else_is_kept(
    leak: Desk, typed: str, asked: str, answer: str
) -> None:
    await leak.say(B, typed, by="han")
    assert asked in last(leak, B)
    assert not await timeline(leak, "sitrep.report")
    await leak.say(B, answer, by="han")
    assert "Situation: x" in card(leak, 1, B)
    assert "dead: 3" in card(leak, 1, B)


async def test_agencies_that_differ_are_shown_side_by_side_until_command_settles_it(
    each_leak: Desk,
) -> None:
    leak = each_leak
    await leak.say(A, "/报告 死亡：2 受伤：3")
    await leak.say(B, "/sitrep dead: 4 injured: 3", by="han")
    await leak.say(B, "/sitrep figures", by="han")
    shown = last(leak, B)
    assert "⚠️ dead: not agreed: 消防 2" in shown
    assert "水务 4" in shown
    assert "injured: 3 (消防 3" in shown
    async with leak.world.store.read() as uow:
        counted = await standing_figures(uow, 1)
    assert counted[Code.DEAD].value is None
    assert (counted[Code.DEAD].least, counted[Code.DEAD].most) == (2, 4)
    await leak.say(B, "/sitrep settle dead 4 lists compared", by="han")
    assert "Figures are settled by" in last(leak, B)
    await leak.say(A, "/报告 核定 死亡 4 名单已核对")
    assert "死亡：4，指挥部于" in last(leak)
    await leak.say(A, "/报告 死亡：5")
    await leak.say(A, "/报告 数据")
    assert "死亡：各方不一" in last(leak)
    assert "此前核定为4" in last(leak)


async def test_first_follow_up_and_final_are_numbered_and_say_only_what_changed(
    each_leak: Desk,
) -> None:
    leak = each_leak
    await leak.say(A, "/报告 首报 态势：输油管泄漏，已警戒 伤亡：0 来源：119接警")
    assert "1️⃣ S1 · 首报" in card(leak, 1)
    assert "按时报送" in card(leak, 1)
    assert "尚不清楚：" in card(leak, 1)
    assert "初步原因" in card(leak, 1)
    await leak.say(B, "/sitrep injured: 2 measures: valves shut", by="han")
    await leak.say(A, "/报告 续报 态势：已堵漏")
    shown = card(leak, 3)
    assert "续报（第1期）" in shown
    assert "处置措施：valves shut" in shown
    assert "来源" not in shown
    await leak.say(A, "/报告 续报 下一步：清污")
    assert "续报（第2期）" in card(leak, 4)
    await leak.say(A, "/报告 终报 态势：管线已修复 善后：居民已返回")
    assert "🏁 S5 · 终报" in card(leak, 5)
    async with leak.world.store.read() as uow:
        assert [each.kind for each in await uow.sitreps.duties(1)] == []
        state = replay(await uow.ledger.entries())
        for each in await uow.sitreps.all(1):
            assert state[f"I1-S{each.number}"] == fields(each)


async def test_the_text_to_hand_in_is_official_chinese_in_any_room_also_as_a_file(
    leak: Desk,
) -> None:
    await leak.say(A, "/报告 首报 态势：输油管泄漏，已警戒 伤亡：2人受伤 来源：119接警")
    await leak.say(B, "/sitrep text S1", by="han")
    text = last(leak, B)
    assert text.startswith("关于3号阀室泄漏的")
    assert "在北岸发生管道泄漏" in text
    assert "初步判定为较大（Ⅲ级）" in text
    assert "人员伤亡：受伤2人。" in text
    assert "正在核实，将及时续报" in text
    assert "报告单位：消防" in text
    async with leak.world.store.read() as uow:
        (paper,) = [each for each in await uow.timers.due(leak.world.moment + timedelta(days=1))
                    if each.kind == "paper"]  # fmt: skip
    assert paper.data["paper"]["format"] == "txt"
    assert paper.data["paper"]["data"]["text"] == text
    await leak.say(A, "/报告 受伤：5")
    await leak.say(A, "/报告 续报")
    await leak.take(leak.pressed(A, choice(leak, A, "直接报送")))
    await leak.say(A, "/报告 文本 S3")
    text = last(leak)
    assert "续报（第1期）" in text
    assert "受伤由2人增至5人" in text
    assert "119" not in text


async def test_two_who_hand_in_the_first_report_at_once_are_both_kept_and_told(
    each_leak: Desk,
) -> None:
    leak = each_leak
    await leak.take(
        leak.said(A, "/报告 首报 态势：泄漏"),
        leak.said(B, "/sitrep first status: leak seen from the north", by="han"),
    )
    assert "首报" in card(leak, 1)
    assert "follow-up report 1" in card(leak, 2, B)
    told = "\n".join(leak.texts(B))
    assert "There is a first report already. Yours is kept as S2, follow-up 1." in told
    assert "Li handed in S1 just before you" in told


async def test_photos_come_in_the_caption_or_in_the_message_that_is_replied_to(leak: Desk) -> None:
    photo = Media("loopback", "photo", "valve.jpg", "image/jpeg", (("id", "1"),), 10)
    sent = leak.said(A, "看现场")
    content = Content(from_plain("看现场"), text="看现场", media=(photo,))
    await leak.take(leak.event(A, Said(content, None), remote="p1"))
    await leak.say(A, "/报告 态势：见图", reply_to="p1")
    assert "附照片或文件1份" in card(leak, 1)
    caption = "/报告 附图 S1"
    content = Content(from_plain(caption), text=caption, media=(photo,))
    await leak.take(leak.event(A, Said(content, None), remote="p2"))
    assert "附照片或文件2份" in card(leak, 1)
    await leak.say(A, "/报告 查看 S1 全部=是")
    shown = [call.sending.reply_to for call in leak.world.net.calls[-3:]]
    assert {"p1", "p2"} <= set(shown)
    await leak.say(A, "/报告 附图 S1", reply_to=sent.remote)
    assert "不是照片" in last(leak)


async def test_the_clock_warns_before_the_deadline_at_it_and_then_goes_up_each_once(
    each_leak: Desk,
) -> None:
    leak = each_leak
    room = await private(leak, "li")
    await pass_on(leak, 44)
    assert not leak.texts(room)
    await pass_on(leak, 1)
    (warned,) = leak.texts(room)
    assert "⏳ initial report is due at Sat, Jul 18 15:00, in 15 minutes" in warned
    assert "State Council Decree 493" in warned
    assert "Not known yet: Source of the report, Unit concerned, Situation" in warned
    await pass_on(leak, 15)
    assert "⏰ initial report is due now" in leak.texts(room)[-1]
    await pass_on(leak, 0.2)
    assert len(leak.texts(room)) == 2
    await pass_on(leak, 15)
    assert "Situation Unit Leader (Li) has not handed in" in last(leak, B)
    assert "Nobody is left to be told" in last(leak, B)
    assert len(await timeline(leak, "sitrep.overdue")) == 1
    assert len(await timeline(leak, "sitrep.escalated")) == 1


async def test_a_grave_level_brings_the_deadline_forward_and_a_report_ends_it(leak: Desk) -> None:
    room = await private(leak, "li")
    await leak.say(A, "/事件 新建 溢油 类型=溢油 等级=IV")
    async with leak.world.store.read() as uow:
        before = max(each.due_at for each in await uow.sitreps.duties(2))
    await leak.say(A, "/报告 时限 work-safety 停止=无人员作业")
    await leak.say(A, "/事件 定级 I")
    async with leak.world.store.read() as uow:
        (after,) = await uow.sitreps.duties(2)
    assert after.due_at - leak.world.moment == timedelta(hours=2)
    assert before - after.due_at == timedelta(hours=2)
    await leak.say(A, "/报告 首报 态势：溢油")
    await pass_on(leak, 300)
    assert not [text for text in leak.texts(room) if "溢油" in text]


async def test_what_comes_again_is_reminded_of_and_passed_up_each_time(each_leak: Desk) -> None:
    leak = each_leak
    han = await private(leak, "han")
    await leak.say(A, "/报告 应报 Han 每=2小时")
    for hours in (16, 18, 20):
        for _quarter in range(8):
            await pass_on(leak, 15)
        due = f"Sat, Jul 18 {hours}:00"
        assert any("is due at " + due in text for text in leak.texts(han)), hours
        assert any("is due now, at " + due in text for text in leak.texts(han)), hours
    assert len(await timeline(leak, "sitrep.missed")) == 2
    await leak.say(B, "/sitrep update status: road closed", by="han")
    await leak.say(B, "/sitrep due", by="han")
    assert "situation report — until Sat, Jul 18 22:00" in last(leak, B)


@pytest.mark.parametrize(
    ("report", "by"),
    [
        ("/sitrep update status: road closed", "han"),
        ("/sitrep status: road closed", "han"),
        ("/sitrep update status: road closed for=水务", "li"),
    ],
)
async def test_what_an_agency_owes_is_settled_by_any_report_of_its_people_or_in_its_name(
    leak: Desk, report: str, by: str
) -> None:
    await leak.say(A, "/报告 首报 态势：泄漏")
    await leak.say(A, "/报告 应报 水务 每=2小时")
    await pass_on(leak, 110)
    await leak.say(B, report, by=by)
    await leak.say(B, "/sitrep due", by="han")
    assert "水务: situation report — until Sat, Jul 18 18:00" in last(leak, B)
    assert not await timeline(leak, "sitrep.overdue")


async def test_what_comes_again_goes_on_after_a_miss_and_a_close(leak: Desk) -> None:
    han = await private(leak, "han")
    await leak.say(A, "/报告 时限 work-safety 停止=演练")
    await leak.say(A, "/报告 时限 environment 停止=演练")
    await leak.say(A, "/报告 应报 Han 每=2小时")
    for _half in range(5):
        await pass_on(leak, 30)
    await leak.say(A, "/事件 关闭 原因=误报")
    await pass_on(leak, 90)
    await leak.say(A, "/事件 重开 原因=复燃")
    for _half in range(8):
        await pass_on(leak, 15)
    told = " ".join(leak.texts(han))
    assert "is due now, at Sat, Jul 18 20:00" in told


async def test_each_line_of_the_list_has_what_its_report_said_itself(leak: Desk) -> None:
    await leak.say(A, "/报告 首报 态势：泄漏")
    await leak.say(B, "/sitrep update status: 下游水质超标", by="han")
    await leak.say(A, "/报告 续报 受伤=5 死亡=2")
    await leak.say(B, "/sitrep injured=3", by="han")
    await leak.say(A, "/报告 续报 措施：已关阀")
    await leak.say(A, "/报告 列表")
    lines = [each.partition(" — ")[2] for each in last(leak).splitlines() if " · 消防" in each]
    assert lines == ["泄漏", "死亡：2 · 受伤：5", "已关阀"]
    lines = [each.partition(" — ")[2] for each in last(leak).splitlines() if " · 水务" in each]
    assert lines == ["下游水质超标", "受伤：3"]


async def test_what_the_record_adds_has_the_punctuation_of_each_language(leak: Desk) -> None:
    for at, text in enumerate(("关阀（东侧）", "撤离"), 1):
        await leak.say(A, f"/指令 新建 Han {text}")
        await leak.say(B, f"/order ack T{at}", by="han")
    await leak.say(A, "/报告 首报 态势：泄漏（2吨）；已警戒")
    assert "到场领导：Li（消防）" in card(leak, 1)
    assert "处置措施：关阀（东侧）；撤离" in card(leak, 1)
    assert "Leaders on scene: Li (消防)" in card(leak, 1, B)
    assert "关阀（东侧）; 撤离" in card(leak, 1, B)
    assert "Situation: 泄漏（2吨）；已警戒" in card(leak, 1, B)


async def test_typing_what_the_button_of_an_earlier_answer_says_is_pressing_it(leak: Desk) -> None:
    await leak.say(A, REPORT)
    await leak.say(A, "/报告")
    await leak.say(A, "同上次:泄漏已控制八成")
    await leak.say(A, "As before: 死亡1人、受伤2人")
    await leak.say(A, "直接报送")
    await leak.say(A, "/报告 文本 S2")
    await leak.say(A, "/报告 查看 S2 全部=是")
    assert "态势：泄漏已控制八成" in last(leak)
    assert "同上次" not in last(leak)


async def test_where_a_reason_is_needed_nothing_goes_on_without_it(leak: Desk) -> None:
    await leak.say(A, REPORT)
    await leak.say(A, "/报告 态势：复核完毕 死亡：0")
    assert "死亡由1降至0" in last(leak)
    (asked,) = [
        each.sending.payload
        for each in leak.world.net.calls
        if each.sending.room == A and "死亡由1降至0" in str(each.sending.payload)
    ]
    assert "取消" in str(asked["choices"])
    assert "直接报送" not in str(asked["choices"])
    assert "跳过" not in str(asked["choices"])


async def test_deadlines_that_could_run_are_offered_by_name_in_the_rooms_language(
    leak: Desk,
) -> None:
    await leak.say(A, "/报告 时限")
    assert choice(leak, A, "自然灾害情况报告")
    await leak.say(B, "/sitrep clock", by="han")
    assert choice(leak, B, "natural disaster")
    await leak.take(leak.pressed(B, choice(leak, B, "natural disaster"), by="li"))
    assert "natural disaster (System of statistics" in last(leak, B)


async def test_who_owes_is_set_reminded_snoozes_and_is_passed_up(each_leak: Desk) -> None:
    leak = each_leak
    han, li = await private(leak, "han"), await private(leak, "li")
    await leak.say(A, "/报告 应报 水务 每=1小时", by="han")
    assert "由谁报告" in last(leak)
    await leak.say(A, "/报告 应报 Han 每=1小时")
    assert "Han：态势报告" in last(leak)
    await pass_on(leak, 45)
    assert "⏳ situation report is due at" in leak.texts(han)[-1]
    await leak.take(leak.pressed(han, choice(leak, han, "In 10 minutes"), by="han"))
    assert "You will be reminded again at Sat, Jul 18 14:55" in leak.texts(han)[-1]
    count = len(leak.texts(han))
    await pass_on(leak, 10)
    assert len(leak.texts(han)) == count + 1
    await pass_on(leak, 5)
    assert "⏰ situation report is due now" in leak.texts(han)[-1]
    await pass_on(leak, 15)
    assert any("Han has not handed in what was due" in text for text in leak.texts(li))
    await leak.say(B, "/sitrep status: on site", by="han")
    assert "⚠️ 15 minutes late" in card(leak, 1, B)
    await leak.say(B, "/sitrep due", by="han")
    assert "situation report — until Sat, Jul 18 16:00, then every 60 minutes" in last(leak, B)
    await leak.say(A, "/报告 应报 Han 停止=是")
    assert "Han不再需要报告" in last(leak)


async def test_reports_before_the_time_of_a_deadline_has_begun_do_not_move_it(leak: Desk) -> None:
    await leak.say(A, "/报告 应报 Han 每=4小时")
    begun = leak.world.moment
    dues: list[timedelta] = []
    for minutes in (10, 10, 10, 211):
        await pass_on(leak, minutes)
        await leak.say(B, "/sitrep status: unchanged", by="han")
        async with leak.world.store.read() as uow:
            (owed,) = [each for each in await uow.sitreps.duties(1) if each.every]
        dues.append(owed.due_at - begun)
    assert dues == [timedelta(hours=each) for each in (8, 8, 8, 12)]
    for minutes in (451, 40):
        await pass_on(leak, minutes)
    missed = await timeline(leak, "sitrep.overdue")
    assert any("Han" in str(entry.content) for entry in missed)


async def test_a_reminder_is_put_off_by_who_owes_it_and_by_command_in_its_incident(
    each_leak: Desk,
) -> None:
    leak = each_leak
    await leak.say(A, "/报告 应报 Han 每=1小时")
    await leak.say(A, "/事件 新建 停电 类型=其他")
    async with leak.world.store.read() as uow:
        (owed,) = [each for each in await uow.sitreps.duties(1) if each.every]
    before = await leak.ledger()
    await leak.say(B, f"/sitrep snooze {owed.id} incident=I1", by="wang")
    assert "Only who owes that report, and command," in last(leak, B)
    for by in ("han", "li"):
        await leak.say(B, f"/sitrep snooze {owed.id} incident=I2", by=by)
        assert "no longer owed" in last(leak, B)
    assert await leak.ledger() == before
    for by in ("han", "li"):
        await leak.say(B, f"/sitrep snooze {owed.id} incident=I1", by=by)
        assert "You will be reminded again" in last(leak, B)
    assert (await leak.ledger()).count("sitrep.snoozed") == 2


async def test_casualties_that_change_after_the_first_report_make_a_follow_up_due(
    leak: Desk,
) -> None:
    await leak.say(A, "/报告 首报 态势：泄漏 伤亡：0")
    await leak.say(B, "/sitrep dead: 1", by="han")
    assert any("a follow-up is due by" in text for text in leak.texts(B))
    async with leak.world.store.read() as uow:
        due = [each.due_at for each in await uow.sitreps.duties(1) if each.kind == "update"]
    assert min(due) - leak.world.moment == timedelta(hours=12)
    await leak.say(A, "/报告 续报 态势：1人死亡")
    async with leak.world.store.read() as uow:
        later = [each.due_at for each in await uow.sitreps.duties(1) if each.kind == "update"]
    assert later
    assert min(later) > min(due)


async def test_a_local_plan_wants_a_call_first_and_the_call_is_noted(leak: Desk) -> None:
    room = await private(leak, "li")
    await leak.say(A, "/事件 新建 停电 类型=其他")
    await pass_on(leak, 15)
    assert "⏳ report by telephone is due" in leak.texts(room)[-1]
    await leak.take(leak.pressed(room, choice(leak, room, "Done by telephone")))
    assert "gave the report by telephone" in "\n".join(leak.texts(room))
    await leak.say(A, "/报告 已电话报告")
    assert "已登记" in last(leak)


async def test_what_fell_due_while_it_was_down_is_told_late_and_once_and_says_so(
    each_leak: Desk,
) -> None:
    leak = each_leak
    room = await private(leak, "li")
    leak.world.moment += timedelta(hours=2, minutes=10)
    leak.restart()
    for _again in range(3):
        await pass_on(leak, 0)
        leak.restart()
    late = [text for text in leak.texts(room) if "initial report was due at" in text]
    assert ["70 minutes ago" in text for text in late] == [True]
    assert not [text for text in leak.texts(room) if text.startswith("⏳ initial report is due")]
    assert len(await timeline(leak, "sitrep.overdue")) == 1


async def test_over_three_days_of_restarts_every_deadline_fires_once(leak: Desk) -> None:
    await private(leak, "han")
    await leak.say(A, "/报告 首报 态势：泄漏 伤亡：0")
    await leak.say(A, "/报告 应报 Han 每=12小时")
    began = leak.world.moment
    for hour in range(72):
        await pass_on(leak, 60)
        leak.restart()
        if hour % 24 == 20:
            await leak.say(B, f"/sitrep status: hour {hour}", by="han")
    missed = await timeline(leak, "sitrep.overdue")
    due = [entry.at - began for entry in missed if "Han" in str(entry.content)]
    # Reported after 21, 45 and 69 hours; each time it is the next one that counts.
    assert due == [timedelta(hours=each) for each in (12, 24, 48, 72)]


async def test_a_report_can_be_owed_at_the_end_of_each_operational_period(leak: Desk) -> None:
    await leak.say(A, "/周期 开始 小时=12")
    await leak.say(A, "/报告 应报 Han 周期=是")
    async with leak.world.store.read() as uow:
        period = await uow.periods.current(1)
        (owed,) = [each for each in await uow.sitreps.duties(1) if each.periodic]
    assert period is not None
    assert owed.due_at == period.ends_at
    await leak.say(B, "/sitrep status: quiet", by="han")
    async with leak.world.store.read() as uow:
        (owed,) = [each for each in await uow.sitreps.duties(1) if each.periodic]
    assert owed.due_at == period.ends_at + timedelta(hours=12)


async def test_an_agency_of_two_words_reports_in_its_name_and_an_unknown_one_is_refused(
    leak: Desk,
) -> None:
    await leak.say(A, "/agency new Harbour Fire Brigade short=Harbour Fire", by="admin")
    await leak.say(A, "/报告 首报 态势：起火 名义=Harbour Fires")
    assert "Harbour Fire" in last(leak, A).partition("现有")[2]
    async with leak.world.store.read() as uow:
        assert await uow.sitreps.get(1, 1) is None
    await leak.say(A, "/报告 首报 态势：起火 名义=Harbour Fire Brigade")
    async with leak.world.store.read() as uow:
        found = await uow.sitreps.get(1, 1)
    assert found is not None
    assert found.line == "Harbour Fire"


async def test_what_an_agency_must_report_by_itself_runs_beside_the_incidents(leak: Desk) -> None:
    await leak.say(A, "/报告 时限 local 名义=水务")
    await leak.say(B, "/sitrep first status: pumps ready", by="han")
    assert "水务" in card(leak, 1, B)
    async with leak.world.store.read() as uow:
        found = await uow.sitreps.get(1, 1)
        left = {(each.line, each.kind) for each in await uow.sitreps.duties(1)}
    assert found is not None
    assert found.line == "水务"
    assert ("", "first") in left
    assert ("水务", "first") not in left
    assert ("水务", "phone") in left


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/sitrep shwo S5", "Did you mean /sitrep show S5?"),
        ("/sitrep show S9", "There is no report S9"),
        ("/sitrep due Han every=1m", "5 minutes"),
        ("/sitrep due Han", "By when, or how often?"),
        ("/sitrep due Han period=yes", "No operational period is running"),
        ("/sitrep due Nobody every=2h", "I know no person, role"),
        ("/sitrep clock moon", "There is no reporting pack “moon”"),
        ("/sitrep snooze 99", "no longer owed"),
        ("/sitrep settle dead 3", "Why that one?"),
        ("/sitrep photo S1", "There is no report S1"),
        ("/sitrep incident=I9", "There is no incident I9"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(leak: Desk, typed: str, told: str) -> None:
    before = await leak.ledger()
    await leak.say(B, typed)
    assert told in last(leak, B)
    assert await leak.ledger() == before
