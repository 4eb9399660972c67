"""The ledger in the chat: verified, shown, its head posted where rewriting would be noticed."""

from __future__ import annotations

import re

import pytest

from tests.contract.store.samples import execute
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import declared, last


@pytest.fixture
async def leak(desk: Desk) -> Desk:
    """An incident that was declared."""
    return await declared(desk)


def posted(desk: Desk) -> str:
    """The head that was posted last."""
    found = re.findall(r"Head of the ledger: (\d+:[0-9a-f]+)", "\n".join(desk.texts(B)))
    return str(found[-1])


async def test_closing_and_reopening_post_the_head_into_every_room(leak: Desk) -> None:
    await leak.say(A, "/事件 关闭")
    first = posted(leak)
    await leak.say(A, "/事件 重开 再次泄漏")
    assert posted(leak) != first
    assert any(first in text for text in leak.texts(A))
    await leak.say(B, f"/audit verify {first}", by="han")
    assert "The ledger agrees with that head" in last(leak, B)


async def test_what_was_altered_is_named(leak: Desk) -> None:
    await leak.say(B, "/audit verify")
    assert "The record is whole" in last(leak, B)
    await execute(leak.world.store, "UPDATE ledger SET actor = 'loopback:eve' WHERE seq = 3")
    await leak.say(B, "/audit verify")
    assert "⚠ Entry 3 of the record was altered" in last(leak, B)


async def test_a_ledger_that_was_rewritten_does_not_agree_with_a_posted_head(leak: Desk) -> None:
    await leak.say(A, "/事件 关闭")
    head = posted(leak)
    seq = head.partition(":")[0]
    await execute(leak.world.store, f"UPDATE ledger SET hash = 'ff' WHERE seq = {seq}")
    await leak.say(B, f"/audit verify {head}")
    assert f"⚠ Entry {seq} does not agree" in last(leak, B)


async def test_what_the_ledger_has_about_a_thing_is_shown_with_its_fields(leak: Desk) -> None:
    await leak.say(A, "/事件 定级 II 原因=两人受伤")
    await leak.say(B, "/audit show")
    shown = last(leak, B)
    assert "Ledger: I1" in shown
    assert "incident.level Li\n" in shown
    assert "event level: II, major" in shown
    assert "reason: 两人受伤" in shown
    await leak.say(B, "/log valve shut")
    await leak.say(B, "/audit show L4")
    assert "text: valve shut" in last(leak, B)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/audit verify 3:abc", "A head looks like 41:3f2a9c"),
        ("/audit verify 999:" + "0" * 32, "does not agree"),
        ("/audit show O99", "has no entry about I1-O99"),
        ("/audit show entry=1", "has no entry 1 in the ledger"),
        ("/audit show L99", "There is no entry I1-L99"),
    ],
)
async def test_bad_input_is_answered(leak: Desk, typed: str, told: str) -> None:
    await leak.say(B, typed)
    assert told in last(leak, B)


async def test_what_is_not_shown_of_a_long_story_is_counted(leak: Desk) -> None:
    for level in ("I", "II") * 11:
        await leak.say(A, f"/事件 定级 {level}")
    await leak.say(B, "/audit show")
    assert "earlier entries" in "".join(leak.texts(B))


async def test_the_story_of_a_request_is_told_from_its_beginning(leak: Desk) -> None:
    await leak.say(B, "/request 3 pumps to Gate", by="li")
    for number in range(21):
        await leak.say(B, f"/request cost R1 {number + 1}", by="li")
    await leak.say(B, "/audit show R1")
    shown = "".join(leak.texts(B))
    assert "request.estimated" in shown
    assert "request.made" in shown
    assert "earlier entr" not in shown


async def test_numbers_and_times_are_as_people_write_them(leak: Desk) -> None:
    await leak.say(A, "/需求 2.5吨 沙子 截止=20:00")
    await leak.say(A, "/需求 费用 R1 12000.50")
    await leak.say(B, "/audit show R1")
    shown = last(leak, B)
    assert "line 1, quantity: 2.5" in shown
    assert "2500" not in shown
    assert "line 1, estimated cost: 12,000.50 yuan" in shown
    assert "needed by: Sat, Jul 18 20:00" in shown
    assert "+00:00" not in shown
    assert "Li: R1 is estimated to cost 12,000.50 yuan" in shown
    assert "_id" not in shown
    await leak.say(A, "/审计 查看 R1")
    assert "第1项，数量：2.5" in last(leak, A)


async def test_what_lies_inside_a_field_is_told_one_by_one(leak: Desk) -> None:
    await leak.say(A, "/交接 新建 100条毛毯 终点=学校")
    await leak.say(B, "/audit show C1")
    shown = last(leak, B)
    assert "{'" not in shown
    assert "holder: Li" in shown


async def test_promises_belong_to_the_story_of_a_unit(leak: Desk) -> None:
    await leak.say(B, "/resource new Pump 1 kind=pump", by="li")
    await leak.say(B, "/resource assign U1 North pier", by="li")
    await leak.say(B, "/audit show U1")
    assert "resource.booked" in "".join(leak.texts(B))


async def test_codes_and_people_are_told_in_the_words_of_the_room(leak: Desk) -> None:
    await leak.say(A, "/需求 2.5吨 沙子 送到=北门 优先=紧急")
    await leak.say(A, "/审计 查看 R1")
    shown = last(leak, A)
    assert "状态：已提出" in shown
    assert "审批人：总指挥" in shown
    for raw in ("loopback:", "urgent", "need\n", "section", "{"):
        assert raw not in shown, raw
    assert "优先级：紧急" in shown
    assert "第1项，数量：2.5 吨" in shown
    await leak.say(A, "/事件 定级 II 响应=III 预警=橙 原因=两人受伤")
    await leak.say(A, "/审计 查看")
    assert "事件分级：II 级" in last(leak, A)


async def test_hand_overs_are_told_by_who_and_what_shows_them(leak: Desk) -> None:
    await leak.say(A, "/交接 新建 100条毛毯 起点=东库 终点=学校")
    signature = await leak.say(B, "Received in good order, Han", by="han")
    await leak.say(B, "/custody take C1 note=2 torn", by="han", reply_to=signature.remote)
    await leak.say(B, "/audit show C1")
    shown = last(leak, B)
    assert "from: Li (消防)" in shown
    assert "to: Han (水务)" in shown
    assert "confirmed: by a tap" in shown
    await leak.say(B, "/custody deliver C1 all dry", by="han")
    await leak.say(B, "/audit show C1")
    assert "note: all dry" in last(leak, B)
    assert "reason" not in last(leak, B)
    assert "note: 2 torn" in shown
    assert "SHA-256: " in shown
    assert "state: on its way" in shown
    for raw in ("_agency", "step.", "loopback:"):
        assert raw not in shown, raw
