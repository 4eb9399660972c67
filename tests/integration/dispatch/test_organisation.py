"""Positions, hand-overs and unified command, as the rooms of a bridge see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from storage.tables import Person, Position
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_incidents import joined, last
from workflows.incidents.replay import replay
from workflows.organisation.rules import OFFER_LIFE

TITLE = "3号阀室泄漏"
HAN = "loopback:private-han"


@pytest.fixture
async def leak(each_desk: Desk) -> Desk:
    """A Chinese and an English room; Li of Fire commands, Han of Fire and Wang of Police help."""
    desk = each_desk
    await desk.bridge("leak", a="zh", b="en")
    await joined(desk, "Li", "消防")
    await desk.say(B, "here", by="han")
    await joined(desk, "Han", "消防")
    await joined(desk, "Wang", "公安")
    await desk.say(A, f"/事件 新建 {TITLE} 类型=管道")
    return desk


async def private(desk: Desk, name: str) -> str:
    """A private chat of that person, in English; the room."""
    room = f"loopback:private-{name}"
    async with desk.world.store.write() as uow:
        await uow.rooms.see(room, desk.world.moment, title="", private=True, language="en")
        account = await uow.people.account(f"loopback:{name}")
        assert account is not None
        account.private_room = room
    return room


async def held(desk: Desk, role: str | None = None) -> Sequence[tuple[Position, Person]]:
    """Who holds what now."""
    async with desk.world.store.read() as uow:
        return await uow.organisation.held(1, desk.world.moment, role=role)


async def commanders(desk: Desk) -> list[str]:
    """Who commands now."""
    return [
        person.name for position, person in await held(desk, "commander") if not position.deputy
    ]


async def test_who_is_assigned_is_told_in_private_what_the_role_may_and_must_do(
    leak: Desk,
) -> None:
    room = await private(leak, "han")
    await leak.say(A, "/角色 任命 安全官 Han")
    assert "Han现任安全官" in last(leak)
    assert "Han is now Safety Officer." in last(leak, B)
    assert "you are Safety Officer" in last(leak, room)
    assert "Stop at once" in last(leak, room)
    await leak.say(B, "/role release safety Han", by="li")
    assert "Nobody holds Safety Officer; Incident Commander answers for it: Li" in last(leak, B)
    assert "no longer is Safety Officer" in last(leak, room)


async def test_the_groups_of_a_chinese_headquarters_are_positions_by_other_names(
    leak: Desk,
) -> None:
    await leak.say(A, "/角色 任命 医疗救护组 @han")
    assert [person.name for _position, person in await held(leak, "medical")] == ["Han"]
    await leak.say(A, "/架构 工作组")
    assert "医疗卫生组 医疗单元长 — Han" in last(leak)


async def test_who_has_no_private_chat_is_mentioned_where_the_incident_is(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 联络官 Wang")
    assert any("Wang" in text and "您的职责" in text for text in leak.texts(A))


async def test_a_role_ends_and_with_it_what_it_allowed(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 作业部部长 Han")
    await leak.say(B, "/org expand division label=A", by="han")
    assert "Set up: Division Supervisor A" in last(leak, B)
    await leak.say(B, "/role assign planning Wang", by="han")
    assert "not in your section" in last(leak, B)
    await leak.say(A, "/角色 解除 作业部部长")
    await leak.say(B, "/org expand division label=B", by="han")
    assert "Only command, or a Section Chief" in last(leak, B)


async def test_who_is_in_two_agencies_holds_a_role_for_the_one_that_is_named(leak: Desk) -> None:
    await joined(leak, "Han", "公安")
    await leak.say(A, "/角色 任命 安全官 Han 单位=公安")
    await leak.say(A, "/角色 任命 联络官 Han")
    agencies = {position.role: position.agency for position, _person in await held(leak)}
    assert agencies["safety"] == "公安"
    assert agencies["liaison"] == "消防"


async def test_an_offer_that_ends_in_a_closed_incident_is_told_to_nobody(leak: Desk) -> None:
    await leak.say(A, "/角色 移交 总指挥 Han")
    await leak.say(A, "/事件 关闭 结束")
    before = len(leak.texts(B))
    leak.world.moment += OFFER_LIFE
    await leak.clock.ring()
    await leak.delivered()
    assert len(leak.texts(B)) == before
    await leak.say(B, "/role accept H1", by="han")
    assert "I1 is closed" in last(leak, B)


async def test_a_deputy_may_do_what_the_commander_may(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 总指挥 Han 副职=是")
    await leak.say(B, "/incident level II", by="han")
    assert "event level II" in "".join(leak.texts(B))
    assert await commanders(leak) == ["Li"]


async def test_a_deputy_is_named_by_the_title_that_people_use(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 副总指挥 Han")
    await leak.say(B, "/role assign deputy ops Wang", by="li")
    await leak.say(A, "/角色 任命 计划部部长 Han")
    found = [(each.role, each.deputy, who.name) for each, who in await held(leak)]
    assert ("commander", True, "Han") in found
    assert ("operations", True, "Wang") in found
    await leak.say(A, "/角色 解除 作业部副部长")
    await leak.say(A, "/角色 解除 计划部副部长")
    assert "计划部部长没有这样的副职" in last(leak)
    found = [(each.role, each.deputy, who.name) for each, who in await held(leak)]
    assert ("planning", False, "Han") in found
    assert "operations" not in [role for role, _deputy, _name in found]


async def test_command_passes_by_a_button_in_one_step_and_everybody_is_told(leak: Desk) -> None:
    room = await private(leak, "han")
    await leak.say(A, "/角色 移交 总指挥 Han")
    assert "Briefing:" in last(leak, room)
    assert TITLE in last(leak, room)
    assert await commanders(leak) == ["Li"]
    await leak.take(leak.pressed(room, leak.choices(room)["Accept"], by="han"))
    assert await commanders(leak) == ["Han"]
    assert "Transfer of command: Han commands" in last(leak, B)
    assert "总指挥：Han" in "".join(leak.texts(A))
    await leak.say(A, "/事件 定级 I")
    assert "Han" in last(leak)
    await leak.take(leak.pressed(room, leak.choices(room)["Accept"], by="han"))
    assert "was accepted already" in last(leak, room)
    async with leak.world.store.read() as uow:
        things = replay(await uow.ledger.entries())
        rows = await uow.organisation.held(1, leak.world.moment, role="commander")
    (position, _person) = rows[0]
    assert things[f"I1-position {position.id}"]["person_id"] == position.person_id
    assert things["I1-handover 1"]["to_id"] == position.person_id
    assert "I1-H1" not in things, "H1 is a hazard"


async def test_an_offer_that_is_accepted_after_its_end_changes_nothing(leak: Desk) -> None:
    room = await private(leak, "han")
    await leak.say(A, "/角色 移交 总指挥 Han")
    token = leak.choices(room)["Accept"]
    leak.world.moment += OFFER_LIFE
    await leak.take(leak.pressed(room, token, by="han"))
    assert "has expired" in last(leak, room)
    assert "Li can offer the role again" in last(leak, room)
    await leak.clock.ring()
    await leak.delivered()
    assert "Han did not answer in time" in last(leak, B)
    assert await commanders(leak) == ["Li"]
    await leak.clock.ring()
    await leak.take(leak.pressed(room, token, by="han"))
    assert "has expired" in last(leak, room)


async def test_a_transfer_for_later_takes_effect_at_its_moment(leak: Desk) -> None:
    await leak.say(A, "/角色 移交 总指挥 Han 生效=18:00")
    await leak.say(B, "/role accept", by="han")
    assert "Until then Li goes on" in last(leak, B)
    assert await commanders(leak) == ["Li"]
    await leak.say(A, "/角色 移交 总指挥 Wang")
    assert "已定于" in last(leak)
    leak.world.moment += timedelta(hours=4)
    assert await commanders(leak) == ["Han"]
    await leak.clock.ring()
    await leak.delivered()
    assert "Transfer of command: Han commands" in last(leak, B)


async def test_an_offer_is_declined_with_a_reason_or_withdrawn_by_a_new_one(leak: Desk) -> None:
    await leak.say(A, "/角色 移交 总指挥 Han")
    await leak.say(B, "/role decline off duty", by="han")
    assert "Han declined: Incident Commander. Li goes on." in last(leak, B)
    assert "off duty" in last(leak, B)
    await leak.say(A, "/角色 移交 总指挥 Han")
    await leak.say(A, "/角色 移交 总指挥 Wang")
    await leak.say(B, "/role accept H2", by="han")
    assert "was withdrawn" in last(leak, B)
    await leak.say(B, "/role accept H3", by="han")
    assert "offered to Wang" in last(leak, B)


async def test_two_people_press_the_same_button_and_one_is_told(leak: Desk) -> None:
    room = await private(leak, "han")
    await leak.say(A, "/角色 移交 总指挥 Han")
    token = leak.choices(room)["Accept"]
    await leak.take(leak.pressed(room, token, by="han"), leak.pressed(room, token, by="han"))
    assert await commanders(leak) == ["Han"]
    assert len([text for text in leak.texts(B) if "Transfer of command" in text]) == 1


async def test_agencies_command_together_and_approve_the_same_text(leak: Desk) -> None:
    await leak.say(A, "/联合指挥 加入 公安 人=Wang")
    assert await commanders(leak) == ["Li", "Wang"]
    assert "Unified Command: Li (消防) and Wang (公安)" in "".join(leak.texts(B))
    await leak.say(A, "/联合指挥 征询 撤离北岸居民")
    token = leak.choices(B)["Approve"]
    await leak.take(leak.pressed(B, token, by="li"))
    assert "Still waiting for: 公安" in last(leak, B)
    await leak.say(A, "/联合指挥 征询 撤离南岸居民")
    await leak.take(leak.pressed(B, token, by="wang"))
    assert "replaced by a newer one" in last(leak, B)
    newer = leak.choices(B)["Approve"]
    await leak.say(B, "/unified approve 2 00000000", by="wang")
    assert "not the text that is asked about now" in last(leak, B)
    await leak.take(leak.pressed(B, newer, by="wang"))
    assert "Still waiting for: 消防" in last(leak, B)
    await leak.take(leak.pressed(B, newer, by="li"))
    assert "approved by everybody who commands" in last(leak, B)


async def test_who_leaves_the_unified_command_is_no_longer_waited_for(leak: Desk) -> None:
    await leak.say(A, "/联合指挥 加入 公安 人=Wang")
    await leak.say(A, "/联合指挥 征询 撤离北岸居民")
    await leak.take(leak.pressed(B, leak.choices(B)["Approve"], by="li"))
    await leak.say(A, "/联合指挥 退出 公安")
    assert "公安" in last(leak)
    assert await commanders(leak) == ["Li", "Wang"]
    await leak.say(B, "/unified leave 公安", by="wang")
    assert "公安 no longer commands." in last(leak, B)
    assert await commanders(leak) == ["Li"]
    assert "approval.approved" in await leak.ledger()
    await leak.say(A, "/联合指挥 退出 消防")
    assert "不在联合指挥中" in last(leak)


async def test_the_liaison_officer_of_an_agency_asks_and_command_agrees(leak: Desk) -> None:
    await leak.say(A, "/单位 联络官 Wang 单位=公安", by="admin")
    await leak.say(B, "/unified join 公安", by="wang")
    assert "Those who command decide" in last(leak, B)
    assert await commanders(leak) == ["Li"]
    await leak.take(leak.pressed(B, leak.choices(B)["Agree"], by="li"))
    assert await commanders(leak) == ["Li", "Wang"]


async def test_an_assessment_proposes_with_reasons_and_a_person_confirms(leak: Desk) -> None:
    await leak.say(
        A, "/事件 评估 阀室周边200米 失联=4 受伤=2 疏散=600 复杂=危险物质、多单位 危险=可能起火"
    )
    assert "event level III" in last(leak, B)
    assert "Safety Officer — there are hazards" in last(leak, B)
    assert "Not known yet: dead" in last(leak, B)
    assert "reporting pack: work safety" in last(leak, B)
    token = leak.choices(B)["Confirm"]
    await leak.take(leak.pressed(B, token, by="wang"))
    assert "Only the Incident Commander or a deputy" in last(leak, B)
    await leak.take(leak.pressed(B, token, by="li"))
    assert "positions were proposed and are set up" in last(leak, B)
    assert "confirmed the initial assessment A1. It is now: event level III, serious" in last(
        leak, B
    )
    await leak.say(B, "/status", by="li")
    assert "Li set what the assessment proposed: event level III, serious" in last(leak, B)
    await leak.take(leak.pressed(B, token, by="li"))
    assert "Li confirmed this at" in last(leak, B)
    async with leak.world.store.read() as uow:
        made = await uow.assessments.latest(1)
    assert made is not None
    assert made.answers["missing"] == 4
    assert made.answers["complexity"] == ["hazmat", "agencies"]


async def test_an_assessment_is_a_form_that_asks_one_thing_at_a_time(leak: Desk) -> None:
    await leak.say(B, "/incident assess", by="li")
    assert "How far does it reach?" in last(leak, B)
    await leak.say(B, "200 m", by="li")
    assert "How many dead?" in last(leak, B)
    for answer in ("many", "0", "skip", "2", "skip", "skip", "skip", "skip", "hazmat"):
        await leak.say(B, answer, by="li")
    assert "What limits control?" in last(leak, B)
    for _question in range(4):
        await leak.say(B, "skip", by="li")
    assert "Initial assessment A1" in last(leak, B)
    assert "injured: 2" in last(leak, B)


async def test_too_many_under_one_are_shared_out_by_a_button(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 作业部部长 Han")
    for label in "ABCDEFGH":
        await leak.say(A, f"/架构 增设 片区 编号={label}")
    assert "leads 8" in last(leak, B)
    assert "Proposal: Branch Director I with" in last(leak, B)
    token = leak.choices(B)["Share out: Operations Section Chief"]
    await leak.take(leak.pressed(B, token, by="wang"))
    assert "Only command, or a Section Chief" in last(leak, B)
    await leak.take(leak.pressed(B, token, by="han"))
    await leak.say(B, "/org", by="li")
    assert "Division Supervisor E (under Branch Director II)" in last(leak, B)
    assert "leads 8" not in last(leak, B)
    await leak.say(B, "/org collapse branch label=I", by="li")
    assert "still has parts" in last(leak, B)


async def test_the_organisation_is_told_in_words(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 安全官 Han")
    await leak.say(A, "/架构")
    assert "安全官 — Han（消防）" in last(leak)
    assert "Safety Officer — Han (消防)" in last(leak, B)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/role assign safety Nobody", "I know nobody called “Nobody”"),
        ("/role assign chef Han", "chef"),
        ("/role assign safety Stranger", "belongs to no agency"),
        ("/role assign commander Han", "hand-over that the other accepts"),
        ("/role assign safety Han label=A", "There is only one Safety Officer"),
        ("/role assign division Han label=“" + "x" * 50 + "”", "at most 20 characters"),
        ("/role assign safety Han agency=公安", "Han does not belong to 公安"),
        ("/role release commander", "never without a commander"),
        ("/role release safety", "Nobody holds Safety Officer"),
        ("/role handover commander Li", "Li is Incident Commander already"),
        ("/role handover commander Stranger", "belongs to no agency"),
        ("/role handover safety Han", "Nobody holds Safety Officer"),
        ("/role accept", "No role is offered to you"),
        ("/role accept H9", "There is no offer H9"),
        ("/org collapse medical", "Medical Unit Leader is not set up"),
        ("/org expand commander", "Incident Commander is there already"),
        ("/org expand group under=branch", "Branch Director I is not set up"),
        ("/org split operations", "nothing to be shared out"),
        ("/unified join Nobody", "There is no agency “Nobody”"),
        ("/unified join 公安", "Say who commands for 公安"),
        ("/unified join 公安 person=Han", "Han does not belong to 公安"),
        ("/unified join 消防 person=Han", "消防 commands here already"),
        ("/unified leave 消防", "not in the unified command"),
        ("/unified ask 🔥", "A text to be approved has words"),
        ("/unified approve 7 12345678", "There is no such text"),
        ("/incident confirm A9", "There is no assessment A9"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(desk: Desk, typed: str, told: str) -> None:
    await desk.bridge("leak", a="zh", b="en")
    await joined(desk, "Li", "消防")
    await joined(desk, "Han", "消防")
    await joined(desk, "Wang", "公安")
    await desk.say(B, "hello", by="stranger")
    await desk.say(A, f"/事件 新建 {TITLE}")
    before = await desk.ledger()
    await desk.say(B, typed, by="li")
    assert told in last(desk, B)
    assert await desk.ledger() == before


async def test_in_a_closed_incident_nobody_is_assigned(leak: Desk) -> None:
    await leak.say(A, "/事件 关闭 结束")
    for typed in ("/role assign safety Han", "/org expand planning", "/role handover commander Han",
                  "/unified join 公安 person=Wang", "/incident assess 200 m"):  # fmt: skip
        await leak.say(B, typed, by="li")
        assert "I1 is closed" in last(leak, B), typed


async def test_who_leaves_an_agency_is_told_what_he_still_holds_and_goes_on_commanding(
    leak: Desk,
) -> None:
    await leak.say(B, "/agency leave 消防", by="li")
    assert "You still hold" in last(leak, B)
    assert "I1: Incident Commander" in last(leak, B)
    await leak.say(B, "/objective new Close valve 3 by=18:00", by="li")
    await leak.say(B, "/log The wind turns", by="li")
    assert "Only people of an agency" not in "".join(leak.texts(B))
    assert "Close valve 3" in "".join(leak.texts(B))


async def test_who_leaves_an_agency_and_holds_nothing_for_it_is_told_just_that(leak: Desk) -> None:
    await leak.say(B, "/agency leave 公安", by="wang")
    assert last(leak, B) == "You belong to 公安 no longer."
