"""An incident from its declaration to its end, as the rooms of a bridge see it."""

from __future__ import annotations

import pytest

from tests.integration.dispatch.desk import A, B, C, Desk, choice
from workflows.incidents.replay import replay
from workflows.incidents.service import fields

TITLE = "3号阀室泄漏"


@pytest.fixture
async def leak(each_desk: Desk) -> Desk:
    """A Chinese and an English room, an agency, and an incident declared by its Li."""
    desk = each_desk
    await desk.bridge("leak", a="zh", b="en")
    await joined(desk, "Li")
    await desk.say(A, f"/事件 新建 {TITLE} 类型=管道 等级=III 地点=北岸")
    return desk


async def joined(desk: Desk, name: str, agency: str = "消防") -> None:
    """That person belongs to the agency, which is there."""
    await desk.say(A, f"/单位 新建 {agency}", by="admin")
    await desk.say(A, f"/单位 加入 {agency}", by=name.lower())
    await desk.say(A, f"/单位 批准 {name}", by="admin")


def card(desk: Desk, room: str, title: str = TITLE) -> str:
    """The incident's first card as the room shows it now."""
    cards = [text for text in desk.texts(room) if title in text and "·" in text]
    return cards[0]


def last(desk: Desk, room: str = A) -> str:
    """What the room was told last."""
    return desk.texts(room)[-1]


async def test_its_card_stands_in_each_room_in_its_language(leak: Desk) -> None:
    assert f"🟠 I1 · 2026-001 · {TITLE}" in card(leak, A)
    assert "总指挥：Li（消防）" in card(leak, A)
    assert "管道泄漏" in card(leak, A)
    assert "Incident Commander: Li (消防)" in card(leak, B)
    assert "pipeline leak · event level III, serious" in card(leak, B)
    assert "Place: 北岸" in card(leak, B)


async def test_a_change_edits_the_card_in_place_and_is_told_in_every_room(leak: Desk) -> None:
    await leak.say(A, "/事件 定级 II 响应=III 预警=橙 原因=两人受伤")
    assert "event level II, major · Level III response · orange warning" in card(leak, B)
    assert "II, major" in last(leak, B)
    assert "两人受伤" in last(leak, B)
    assert len([text for text in leak.texts(B) if "Incident Commander" in text]) == 1


async def test_a_tap_on_the_card_moves_the_incident_on_and_an_old_choice_is_over(
    leak: Desk,
) -> None:
    token = leak.choices(A)["启动处置"]
    await leak.take(leak.pressed(A, token))
    assert "State: active" in card(leak, B)
    before = await leak.ledger()
    await leak.take(leak.pressed(A, token))
    assert await leak.ledger() == before


async def test_only_its_commander_changes_it_and_others_are_told_whom_to_ask(leak: Desk) -> None:
    await leak.say(B, "/incident close", by="han")
    assert "Only the Incident Commander or a deputy may do this. Ask Li." in last(leak, B)
    assert "State: declared" in card(leak, B)


async def test_who_belongs_to_no_agency_declares_nothing(leak: Desk) -> None:
    await leak.say(B, "/incident new Fire", by="han")
    assert "/agency join NAME" in last(leak, B)


async def test_closed_then_refused_then_reopened_with_a_reason(leak: Desk) -> None:
    await leak.say(A, "/事件 关闭 人员已撤回")
    assert "✅" in card(leak, A)
    await leak.say(A, "/事件 定级 I")
    assert "已关闭" in last(leak)
    await leak.say(A, "/事件 关闭")
    assert "/事件 重开" in last(leak)
    await leak.say(A, "/事件 重开")
    assert "为什么重开？" in last(leak)
    await leak.say(A, "再次泄漏")
    assert "处置中" in last(leak)
    assert "再次泄漏" in last(leak, B)
    assert "🔴" in card(leak, B)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/incident level V", "level"),
        ("/incident level", "Say the level"),
        ("/incident show I99", "There is no incident I99"),
        ("/incident show I999999999", "There is no incident"),
        ("/incident new 🔥🔥🔥", "A title needs words"),
        ("/incident new " + "x" * 5000, "5,000"),
        ("/incident new Fire place=99.5,200", "not on Earth"),
        ("/incident new Fire type=party", "type"),
        ("/incident merge I1", "I1 is this very incident"),
        ("/incident reopen because", "Only a closed one can be reopened"),
        ("/agency join Nobody", "There is no agency “Nobody”"),
        ("/agency approve Nobody", "I know nobody called “Nobody”"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(desk: Desk, typed: str, told: str) -> None:
    await desk.bridge("leak", a="zh", b="en")
    await joined(desk, "Li")
    await desk.say(A, f"/事件 新建 {TITLE}")
    await desk.say(B, "/agency liaison Li agency=消防", by="admin")
    before = await desk.ledger()
    await desk.say(B, typed)
    assert told in last(desk, B)
    assert await desk.ledger() == before


async def test_markup_in_a_title_is_shown_as_it_was_typed(leak: Desk) -> None:
    await leak.say(B, "/incident new <b>Fire</b> & *smoke*")
    assert "<b>Fire</b> & *smoke*" in last(leak, B)


async def test_a_duplicate_is_merged_and_its_rooms_go_on_with_the_other(leak: Desk) -> None:
    await leak.bridge("other", c="en")
    await leak.say(C, "/incident new Leak again")
    assert "I2 · 2026-002" in last(leak, C)
    await leak.say(A, "/事件 合并 I2")
    assert "Goes on as I1" in card(leak, C, "Leak again")
    assert "Leak again" in last(leak, B)
    await leak.say(C, "/incident level I")
    assert "event level I" in card(leak, A) or "event level I" in card(leak, B)
    await leak.say(C, "/incident level I incident=I2")
    assert "merged into I1" in last(leak, C)
    await leak.say(C, "/status I2")
    assert "declared by Li" in last(leak, C)


async def test_a_room_that_is_not_the_incidents_may_not_change_it(leak: Desk) -> None:
    await leak.bridge("other", c="en")
    await leak.say(C, "/incident close incident=I1")
    assert "does not belong to the incident" in last(leak, C)
    await leak.say(C, "/incident use I1")
    assert "I1 · 2026-001" in last(leak, C)
    await leak.say(C, "/incident close")
    assert "✅" in card(leak, C)
    assert "✅" in card(leak, A)


async def test_a_reply_to_a_card_means_its_incident(leak: Desk) -> None:
    first = leak.remote(A, TITLE)
    await leak.say(A, "/事件 新建 另一起")
    await leak.say(A, "/事件 受控 阀门已关", reply_to=first)
    assert "State: contained" in card(leak, B)
    assert "State: declared" in card(leak, B, "另一起")


async def test_a_latecomer_reads_what_happened_with_its_place_in_the_ledger(leak: Desk) -> None:
    await leak.say(A, "/事件 定级 II")
    await leak.say(B, "/status", by="han")
    said = last(leak, B)
    assert "declared by Li [L1, ledger" in said
    assert "event level II, major [L3, ledger" in said


async def test_the_ledger_makes_the_incident_again(leak: Desk) -> None:
    await leak.say(A, "/事件 定级 II 响应=III")
    await leak.say(A, "/事件 地点 31.2304, 121.4737")
    await leak.say(A, "/事件 关闭")
    async with leak.world.store.read() as uow:
        incident = await uow.incidents.get(1)
        assert incident is not None
        again = replay(await uow.ledger.entries())
        assert again["I1"] == fields(incident)
        assert await uow.ledger.first_bad() is None


async def test_somebody_in_two_agencies_speaks_for_the_one_joined_last_by_name(
    leak: Desk,
) -> None:
    await joined(leak, "Li", "水务")
    await leak.say(B, "/me")
    assert "You belong to: 消防 and 水务" in last(leak, B)
    assert "You speak for: 消防" in last(leak, B)
    await leak.say(A, "/单位 加入 水务")
    await leak.say(B, "/me")
    assert "You speak for: 水务" in last(leak, B)


async def test_a_liaison_officer_lets_people_in_and_nobody_twice(leak: Desk) -> None:
    await leak.say(B, "/agency liaison Li agency=消防", by="admin")
    await leak.say(B, "/agency join 消防", by="han")
    await leak.say(B, "/agency approve Han", by="wang")
    assert "Liaison Officer" in last(leak, B)
    await leak.say(B, "/agency approve Han", by="li")
    assert "Han belongs to 消防" in last(leak, B)
    await leak.say(B, "/agency approve Han", by="li")
    assert "Han has not asked to join, or has been answered" in last(leak, B)
    await leak.say(B, "/agency join 消防", by="han")
    assert "You speak for 消防" in last(leak, B)


async def test_without_an_incident_a_command_names_those_to_choose_from(leak: Desk) -> None:
    await leak.bridge("other", c="en")
    await leak.say(C, "/incident level I")
    assert f"I1 {TITLE}" in last(leak, C)
    assert "/incident use I1" in last(leak, C)


async def test_rooms_hear_that_they_are_about_another_incident_now_and_go_back_by_a_tap(
    leak: Desk,
) -> None:
    await leak.say(A, "/事件 新建 另一起")
    for room, before, after in (
        (A, "此前针对I1 · 2026-001", "均针对I2"),
        (B, "was about I1 · 2026-001", "is about I2"),
    ):
        (told,) = [each for each in leak.texts(room) if before in each]
        assert after in told
    await leak.say(B, "/incident list", by="li")
    (here,) = [each for each in last(leak, B).splitlines() if "this room's" in each]
    assert "I2 ·" in here
    await leak.take(leak.pressed(B, choice(leak, B, "Back to I1"), by="li"))
    await leak.say(B, "/incident list", by="li")
    (here,) = [each for each in last(leak, B).splitlines() if "this room's" in each]
    assert "I1 ·" in here


async def test_where_no_incident_was_open_a_new_one_says_nothing_of_another(leak: Desk) -> None:
    await leak.say(A, "/事件 关闭 原因=误报")
    await leak.say(A, "/事件 新建 另一起")
    assert not [each for each in leak.texts(B) if "Until now" in each]
