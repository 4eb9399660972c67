"""Requests as those who ask, approve, supply and receive see them."""

from __future__ import annotations

import asyncio

import pytest

from bot.transports.base import Batch
from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_orders import pass_on
from tests.integration.dispatch.test_organisation import private
from workflows.incidents.replay import replay
from workflows.requests import keeping


@pytest.fixture
async def leak(each_desk: Desk) -> Desk:
    """A Chinese and an English room, an incident that Han commands; Li of the fire brigade, Anna
    who leads its Operations, Wang of the police."""
    desk = each_desk
    await ready(desk)
    return desk


async def ready(desk: Desk) -> None:
    """The rooms, the people and the incident."""
    await desk.bridge("leak", a="zh", b="en")
    for name in ("Han", "Li", "Anna"):
        await joined(desk, name)
    await joined(desk, "Wang", "公安")
    await desk.say(A, "/事件 新建 3号阀室泄漏 类型=管道", by="han")
    await desk.say(A, "/角色 任命 作业部 Anna", by="han")


ASKED = "/request 3 抢修车 to 3号阀室 by 18:00 priority=urgent"


def card(desk: Desk, number: int, room: str = B) -> str:
    """The newest card of that request as the room shows it now."""
    return next(text for text in reversed(desk.texts(room)) if f" R{number} · " in text)


async def open_for_commitments(desk: Desk, typed: str = ASKED) -> None:
    """Li asks; Anna approves; Han, who alone answers for the rest, says that it is ordered."""
    await desk.say(A, typed, by="li")
    await desk.say(B, "/request approve R1", by="anna")
    await desk.say(B, "/request check R1 none", by="han")


async def test_a_request_is_shown_in_each_room_with_what_it_waits_for_and_on_whom(
    leak: Desk,
) -> None:
    await leak.say(A, ASKED, by="li")
    shown = card(leak, 1)
    assert "🆕 ❗ R1 · 3 抢修车" in shown
    assert "To: 3号阀室" in shown
    assert "Needed by" in shown
    assert "Asked for by Li (消防)" in shown
    assert "priority urgent" in shown
    assert "Waits for the section’s approval — Operations Section Chief: Anna" in shown
    assert "等待" in card(leak, 1, A)


async def test_it_is_approved_by_a_tap_in_the_other_room_by_who_may(leak: Desk) -> None:
    await leak.say(A, ASKED, by="li")
    token = choice(leak, B, "Approve")
    await leak.take(leak.pressed(B, token, by="wang"))
    assert "That is for Operations Section Chief (Anna) to say" in last(leak, B)
    await leak.take(leak.pressed(B, token, by="anna"))
    assert "🔎 ❗ R1" in card(leak, 1)
    assert "Waits for the Resources check" in card(leak, 1)
    assert "approved for the section: Anna" in card(leak, 1)
    assert "Anna approved R1" in last(leak, A) + last(leak, B)


async def test_where_one_person_answers_for_the_next_steps_they_are_taken_at_once(
    leak: Desk,
) -> None:
    await leak.say(A, ASKED, by="li")
    await leak.say(B, "/request approve R1", by="han")
    assert "🤝" in card(leak, 1)
    assert "Waits for a commitment of 3 抢修车 by any agency" in card(leak, 1)
    assert "ordered by Logistics: Han" in card(leak, 1)


async def test_what_resources_has_needs_no_order(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 资源单元 Li", by="han")
    await leak.say(A, ASKED, by="li")
    assert "Incident Commander: Han" in card(leak, 1), "Li is of the Planning Section now"
    await leak.say(B, "/request approve R1", by="han")
    await leak.take(leak.pressed(B, choice(leak, B, "We have it"), by="li"))
    assert "R1 is on hand and needs no order" in last(leak, B) + last(leak, A)
    assert "🤝" in card(leak, 1)
    assert "request.ordered" not in await leak.ledger()


async def test_a_request_is_followed_from_the_promise_to_the_return(leak: Desk) -> None:
    await open_for_commitments(leak)
    await leak.say(B, "/request commit R1 2 eta=17:00", by="wang")
    assert "3 抢修车 — 1 open · 2 promised" in card(leak, 1)
    assert "Part 1: 2 抢修车 from 公安" in card(leak, 1)
    await leak.take(leak.pressed(B, choice(leak, B, "Commit all that is open"), by="li"))
    assert "🚚" in card(leak, 1)
    await leak.say(B, "/request ship R1", by="wang")
    assert "2 on the way" in card(leak, 1)
    await leak.take(leak.pressed(B, choice(leak, B, "Part 1 has arrived"), by="wang"))
    await leak.say(B, "/request accept R1 1 damaged=1 condition=bumper dented", by="li")
    assert "Li accepted 1 抢修车 (公安) for R1; 1 damaged" in last(leak, A) + last(leak, B)
    assert "1 open" in card(leak, 1)
    assert "bumper dented" in card(leak, 1)
    await leak.say(B, "/request commit R1", by="wang")
    for verb in ("arrive R1 part=2", "arrive R1 part=3", "accept R1"):
        await leak.say(B, f"/request {verb}", by="li")
    assert "📦" in card(leak, 1)
    await leak.say(B, "/request assign R1 1 part=1 to 一队", by="anna")
    assert "with 一队" in card(leak, 1)
    await leak.say(B, "/request return R1", by="anna")
    assert "✅" in card(leak, 1)
    await leak.say(B, "/request return R1", by="anna")
    assert "damaged, was sent back" in last(leak, B) + last(leak, A)
    await leak.say(B, "/request return R1", by="anna")
    assert "Nothing of R1 can be noted so" in last(leak, B)


async def test_a_request_is_split_over_four_agencies(leak: Desk) -> None:
    for name, agency in (("Zhao", "交通"), ("Qian", "环保"), ("Sun", "电力")):
        await leak.say(A, "在", by=name.lower())
        await joined(leak, name, agency)
    await open_for_commitments(leak, "/需求 10辆 抢修车 送到=3号阀室 截止=18:00 优先=紧急")
    for by, amount in (("wang", 4), ("zhao", 3), ("qian", 2)):
        await leak.say(A, f"/需求 承诺 R1 {amount}辆", by=by)
    assert "1 open · 9 promised" in card(leak, 1)
    await leak.say(A, "/需求 承诺 R1 2辆", by="sun")
    assert "只" in last(leak, A)
    await leak.say(A, "/需求 承诺 R1", by="sun")
    assert "10 promised" in card(leak, 1)
    for by in ("wang", "zhao", "qian", "sun"):
        await leak.say(A, "/需求 发运 R1", by=by)
        assert "R1" in last(leak, A)
    assert "10 on the way" in card(leak, 1)
    await leak.say(A, "/需求 到达 R1", by="anna")
    await leak.say(A, "/需求 验收 R1", by="anna")
    assert "📦" in card(leak, 1)
    await leak.say(A, "/需求 归还 R1", by="anna")
    assert "✅" in card(leak, 1)


async def test_several_lines_make_one_request_each_with_its_own_quantity(leak: Desk) -> None:
    await leak.say(A, "/需求 3辆 抢修车 送到=3号阀室\n围油栏200米\n2.5 吨 吸油毡", by="li")
    shown = card(leak, 1)
    assert "R1 · 3 辆 抢修车, 200 米 围油栏, 2.5 吨 吸油毡" in shown
    assert "To: 3号阀室" in shown
    await leak.say(A, "/需求 批准 R1", by="han")
    await leak.say(B, "/request commit R1 1", by="wang")
    assert "R1 has several lines. Which one? line=1: 3 辆 抢修车" in last(leak, B)
    await leak.say(A, "/需求 承诺 R1 1", by="wang")
    assert "项=1：3 辆 抢修车" in last(leak, A)
    await leak.say(B, "/request commit R1 50 line=2", by="wang")
    assert "2. 200 米 围油栏 — 150 open · 50 promised" in card(leak, 1)
    await leak.say(B, "/request commit R1", by="wang")
    assert "🚚" in card(leak, 1)


async def test_two_agencies_that_ask_for_the_same_are_asked_to_join_by_a_tap(leak: Desk) -> None:
    await leak.say(A, "/request 3 抢修车 to 3号阀室", by="li")
    await leak.say(B, "/request 2 抢修车 by 18:00 priority=urgent", by="wang")
    assert "May be the same as R1. Join them?" in card(leak, 2)
    assert "May be the same as R2. Join them?" in card(leak, 1)
    await leak.say(A, "/需求 批准 R1", by="han")
    await leak.take(leak.pressed(B, choice(leak, B, "Join R2 into R1"), by="wang"))
    assert "🔗" in card(leak, 2)
    assert "Goes on as R1" in card(leak, 2)
    shown = card(leak, 1)
    assert "2. 2 抢修车 · for 公安" in shown
    assert "🆕 ❗ R1" in shown, "what was not approved is approved first"
    assert "Needed by" in shown


async def test_requests_that_look_alike_can_be_two(leak: Desk) -> None:
    await leak.say(A, "/request 3 抢修车", by="li")
    await leak.say(B, "/request 2 抢修车", by="wang")
    await leak.take(leak.pressed(B, choice(leak, B, "R1 and R2 are different"), by="wang"))
    assert "May be the same" not in card(leak, 2)
    assert "May be the same" not in card(leak, 1)
    await leak.say(B, "/request 2 抢修车 to 北门", by="wang")
    await leak.say(B, "/request 2 抢修车 to 3号阀室", by="wang")
    assert "May be the same as R1 and R2. Join them?" in card(leak, 4)


async def test_what_is_open_is_split_off_and_replaced(leak: Desk) -> None:
    await open_for_commitments(leak)
    await leak.say(B, "/request commit R1 1", by="wang")
    await leak.say(B, "/request split R1 1", by="li")
    assert "R2 · 1 抢修车" in card(leak, 2)
    assert "Split from R1" in card(leak, 2)
    assert "🤝" in card(leak, 2)
    assert "2 抢修车 — 1 open · 1 promised" in card(leak, 1)
    await leak.say(B, "/request substitute R1 2 tow truck", by="han")
    assert "2. 2 tow truck — 2 open · instead of line 1" in card(leak, 1)
    await leak.say(B, "/request split R2 1", by="li")
    assert "That is all of R2" in last(leak, B)


async def test_what_is_wanted_no_more_is_no_part_of_the_heading_and_keeps_its_number(
    leak: Desk,
) -> None:
    await open_for_commitments(leak)
    await leak.say(B, "/request commit R1 4", by="wang")
    assert last(leak, B) == "Only 3 抢修车 of R1 is open."
    await leak.say(B, "/request substitute R1 2 tow truck", by="han")
    assert "R1 · 2 tow truck" in card(leak, 1)
    assert "1. 3 抢修车 — not wanted here any more" in card(leak, 1)
    assert "1. 3 抢修车 — 此处已不再需要" in card(leak, 1, A)
    await leak.say(B, "/request commit R1 1 line=1", by="wang")
    assert last(leak, B) == "Nothing of R1 is open any more."
    await leak.say(A, "/需求 5 水泵", by="li")
    await leak.say(A, "/需求 费用 R2 900", by="li")
    await leak.say(B, "/request cancel R2", by="li")
    assert "✖️ R2 · 5 水泵" in card(leak, 2)
    assert "0.00" not in card(leak, 2)


async def test_cancelling_calls_off_what_was_not_sent_and_keeps_what_was(leak: Desk) -> None:
    await open_for_commitments(leak)
    await leak.say(B, "/request commit R1 1", by="wang")
    await leak.say(B, "/request commit R1 1", by="li")
    await leak.say(B, "/request ship R1", by="wang")
    await leak.say(B, "/request cancel R1 valve is shut", by="li")
    shown = card(leak, 1)
    assert "Reason: valve is shut" in shown
    assert "1 on the way" in shown
    assert "1 withdrawn" in shown
    assert "open" not in shown
    await leak.say(B, "/request arrive R1", by="wang")
    await leak.say(B, "/request accept R1", by="li")
    await leak.say(B, "/request return R1", by="li")
    assert "✅" in card(leak, 1)


async def test_a_rejection_says_why_and_ends_it(leak: Desk) -> None:
    room = await private(leak, "li")
    await leak.say(A, ASKED, by="li")
    await leak.take(leak.pressed(B, choice(leak, B, "Reject"), by="anna"))
    assert "Why is it rejected?" in last(leak, B)
    await leak.say(B, "two are there", by="anna")
    assert "❌" in card(leak, 1)
    assert "Reason: two are there" in last(leak, room)
    await leak.say(B, "/request approve R1", by="anna")
    assert "R1 is rejected now. Nothing was changed." in last(leak, B)


async def test_who_approves_has_it_in_private_with_the_button(leak: Desk) -> None:
    room = await private(leak, "anna")
    await leak.say(A, ASKED, by="li")
    await leak.take(leak.pressed(room, choice(leak, room, "Approve"), by="anna"))
    assert "🔎" in card(leak, 1)
    assert "🔎" in card(leak, 1, room)


async def test_above_the_limit_finance_approves_and_money_is_added_up(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 财务部 Anna", by="han")
    await leak.say(B, "/request limit approval=1000 total=30000", by="anna")
    await leak.say(A, ASKED, by="li")
    await leak.say(A, "/需求 批准 R1", by="han")
    assert "💰" in card(leak, 1), "no estimate and a limit: Finance is asked"
    await leak.say(B, "/request cost R1 25000", by="han")
    await leak.say(B, "/request approve R1", by="wang")
    assert "Finance/Administration Section Chief (Anna) to say" in last(leak, B)
    await leak.take(leak.pressed(B, choice(leak, B, "Approve the cost"), by="anna"))
    assert "🤝" in card(leak, 1)
    assert "Cost: estimated 25,000.00 yuan" in card(leak, 1)
    assert any("83" in text or "80 % of the limit" in text for text in leak.texts(B))
    await leak.say(B, "/request commit R1", by="wang")
    await leak.say(B, "/request cost R1 31000.50 part=1", by="anna")
    assert any("100 % of the limit are reached: 31,000.50" in text for text in leak.texts(B))
    await leak.say(B, "/request limit")
    assert "消防: estimated 25,000.00 yuan, actual 31,000.50 yuan" in last(leak, B)
    assert (await leak.ledger()).count("request.limit-reached") == 2


async def test_below_the_limit_nobody_is_asked_for_money(leak: Desk) -> None:
    await leak.say(B, "/request limit approval=1000", by="han")
    await leak.say(A, "/角色 任命 后勤部 Li", by="han")
    await leak.say(A, ASKED, by="li")
    await leak.say(A, "/需求 批准 R1", by="han")
    await leak.say(A, "/需求 订购 R1 费用=1000", by="li")
    assert "🤝" in card(leak, 1)


async def test_people_are_warned_before_it_is_needed_and_when_it_is_too_late(leak: Desk) -> None:
    room = await private(leak, "anna")
    await leak.say(A, ASKED, by="li")
    await pass_on(leak, 121)
    assert "request.running-out" in await leak.ledger()
    assert any("is needed by" in text and "not there yet" in text for text in leak.texts(room))
    await pass_on(leak, 75)
    await pass_on(leak, 60)
    assert (await leak.ledger()).count("request.running-out") == 2
    assert (await leak.ledger()).count("request.late") == 1
    assert "⚠️ It was needed by" in card(leak, 1)


async def test_who_does_not_answer_is_reminded(leak: Desk) -> None:
    room = await private(leak, "anna")
    await leak.say(A, ASKED, by="li")
    await pass_on(leak, 11)
    assert "⏰ R1 waits for the section’s approval: Anna" in last(leak, room)
    before = len(leak.texts(B))
    await pass_on(leak, 11)
    assert any("Han" in text and "⏰ R1 waits" in text for text in leak.texts(B)[before:])
    await leak.say(B, "/request approve R1", by="han")
    before = len(leak.texts(room))
    await pass_on(leak, 30)
    assert len(leak.texts(room)) == before


async def test_what_is_there_is_not_warned_about(leak: Desk) -> None:
    await open_for_commitments(leak)
    for verb in ("commit R1", "ship R1", "arrive R1"):
        await leak.say(B, f"/request {verb}", by="wang")
    await pass_on(leak, 60 * 5)
    assert "request.late" not in await leak.ledger()


async def test_the_list_has_the_urgent_first_and_what_is_over_on_demand(leak: Desk) -> None:
    await leak.say(A, "/request 3 抢修车", by="li")
    await leak.say(A, "/request 5 水泵 priority=urgent", by="li")
    await leak.say(A, "/request 7 帐篷 priority=low", by="li")
    await leak.say(A, "/request cancel R3", by="li")
    await leak.say(B, "/request", by="wang")
    shown = last(leak, B)
    assert shown.index("R2") < shown.index("R1")
    assert "waits for the section’s approval (Anna)" in shown
    assert "R3" not in shown
    await leak.say(B, "/request list", by="wang")
    assert "R3" in last(leak, B)


@pytest.mark.parametrize(
    ("typed", "by", "told"),
    [
        ("/request -3 抢修车", "li", "not understood"),
        ("/request 0 抢修车", "li", "more than zero"),
        ("/request 99999999999 抢修车", "li", "more than can be meant"),
        ("/request 2.5 抢修车", "li", "whole pieces"),
        ("/request 半 辆 抢修车", "li", "whole pieces"),
        ("/request 0.0001 t sand", "li", "finer than a thousandth"),
        ("/request 3 🔥", "li", "Say in 1 to 80 characters"),
        ("/request 3 抢修车 by 2026-07-01 08:00", "li", "already past"),
        ("/request 3 抢修车\n水泵", "li", "“水泵” says no quantity"),
        ("/request 3 抢修车 objective=O9", "li", "There is no objective O9"),
        ("/request 3 抢修车", "zhou", "Only people of an agency"),
        ("/request approve R9", "anna", "There is no request R9"),
        ("/request approve R1", "wang", "That is for Operations Section Chief (Anna)"),
        ("/request order R1", "han", "R1 is asked for, not approved yet now"),
        ("/request commit R1", "wang", "R1 is asked for, not approved yet now"),
        ("/request cancel R1", "wang", "That is for who asked for R1"),
        ("/request commit R2 3", "wang", "Only 2 水泵 of R2 is open"),
        ("/request commit R2 1 from=环保", "wang", "You commit for your own agency"),
        ("/request commit R2 1米", "wang", "counted in pieces here, not in 米"),
        ("/request commit R2 1 line=7", "wang", "R2 has no line 7"),
        ("/request commit R2 1.5", "wang", "whole pieces"),
        ("/request ship R2 2", "wang", "cannot be noted so"),
        ("/request ship R2", "li", "That is for 公安 or Logistics to say"),
        ("/request ship R2 part=9", "wang", "R2 has no part 9"),
        ("/request accept R2", "li", "Nothing of R2 can be noted so"),
        ("/request return R2", "li", "Nothing of R2 can be noted so"),
        ("/request lost R2 1 reason=x", "li", "Nothing of R2 can be noted so"),
        ("/request cost R2 -5", "li", "out of range"),
        ("/request cost R2 1.234", "li", "two decimals"),
        ("/request limit approval=5", "wang", "Limits are set by Finance"),
        ("/request join R1 into=R1", "li", "not joined into itself"),
        ("/request join R1 into=R2", "li", "committed for R2 already"),
        ("/request add R2 1 pump", "li", "R2 is approved as it stands"),
        ("/request split R1", "li", "That is all of R1"),
        ("/request reject R1 🔥", "anna", "A reason is told in words"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(
    desk: Desk, typed: str, by: str, told: str
) -> None:
    await ready(desk)
    await desk.say(A, ASKED, by="li")
    await desk.say(A, "/request 3 水泵 to 北门", by="li")
    await desk.say(B, "/request approve R2", by="han")
    await desk.say(B, "/request commit R2 1", by="wang")
    before = await desk.ledger()
    await desk.say(B, typed, by=by)
    assert told in last(desk, B)
    assert await desk.ledger() == before


async def test_accepting_twice_and_more_than_came_is_refused(leak: Desk) -> None:
    await open_for_commitments(leak)
    await leak.say(B, "/request commit R1", by="wang")
    await leak.say(B, "/request arrive R1 2", by="wang")
    await leak.say(B, "/request accept R1 3", by="li")
    assert "Only 2 抢修车 has arrived" in last(leak, B)
    await leak.say(B, "/request accept R1", by="li")
    await leak.say(B, "/request accept R1", by="li")
    assert "Nothing of R1 can be noted so: 1 promised and 2 on hand" in last(leak, B)
    await leak.say(B, "/request return R1 3", by="li")
    assert "Of part 1 by 公安 3 cannot be noted so: 1 promised and 2 on hand" in last(leak, B)


async def test_an_old_button_does_nothing_twice(leak: Desk) -> None:
    await open_for_commitments(leak)
    token = choice(leak, B, "Commit all that is open")
    await leak.take(leak.pressed(B, token, by="wang"), leak.pressed(A, token, by="li"))
    before = await leak.ledger()
    assert before.count("request.committed") == 1
    await leak.take(leak.pressed(B, token, by="wang"))
    assert await leak.ledger() == before


async def test_in_a_closed_incident_nothing_is_asked_or_warned(leak: Desk) -> None:
    await leak.say(A, ASKED, by="li")
    await leak.say(B, "/status", by="wang")
    assert "Requests not settled:" in last(leak, B)
    await leak.say(A, "/指令 新建 Wang 封路", by="han")
    await leak.say(A, "/资源 新建 抢修车1", by="han")
    await leak.say(A, "/事件 关闭", by="han")
    told = next(text for text in leak.texts(B) if text.startswith("Closed, and not everything"))
    assert "Orders that nobody has called done: T1." in told
    assert "Requests that are not settled: R1." in told
    assert "Units that were not released: U1 抢修车1." in told
    await leak.say(B, "/request approve R1", by="anna")
    assert "is closed" in last(leak, B)
    await pass_on(leak, 60 * 5)
    assert "request.late" not in await leak.ledger()
    assert "request.waiting" not in await leak.ledger()


async def test_two_who_commit_the_last_at_the_same_moment_do_not_both(leak: Desk) -> None:
    await open_for_commitments(leak)
    batch = [
        leak.dispatcher.take("loopback", Batch((leak.said(B, "/request commit R1 2", by=by),), "1"))
        for by in ("wang", "li")
    ]
    await asyncio.gather(*batch)
    await leak.delivered()
    assert (await leak.ledger()).count("request.committed") == 1
    assert "1 open · 2 promised" in card(leak, 1)


async def test_the_ledger_makes_each_request_again(leak: Desk) -> None:
    await open_for_commitments(leak)
    await leak.say(B, "/request commit R1 2", by="wang")
    await leak.say(B, "/request arrive R1", by="wang")
    await leak.say(B, "/request accept R1 1 damaged=1", by="li")
    await leak.say(B, "/request split R1 1", by="li")
    await leak.say(B, "/request 2 抢修车", by="wang")
    await leak.say(B, "/request join R3 into=R2", by="wang")
    async with leak.world.store.read() as uow:
        entries = await uow.ledger.entries()
        things = replay(entries)
        incident = await uow.incidents.get(1)
        assert incident is not None
        for number in (1, 2, 3):
            whole = await keeping.named(uow, incident, number)
            assert things[f"I1-R{number}"] == whole.fields()
        assert await uow.ledger.first_bad() is None
