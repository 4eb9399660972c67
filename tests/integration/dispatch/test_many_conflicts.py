"""An order in conflict with many others: one message that fits a phone, and a way to the rest."""

from __future__ import annotations

import pytest

from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.leak import last
from tests.integration.dispatch.test_orders import card, pass_on, ready
from tests.integration.dispatch.test_organisation import private

MANY = 30
NEW = f"T{MANY + 1}"
LONG = "，注意风向和二次爆炸" * 40
"""A text near the longest that an order may have."""


@pytest.fixture
async def crowded(desk: Desk) -> Desk:
    """Li has sent Han to thirty places at once, and has valve 3 opened."""
    await ready(desk)
    async with desk.world.store.write() as uow:
        han, li = [await uow.people.account(f"loopback:{name}") for name in ("han", "li")]
        assert han is not None
        assert li is not None
        for number in range(1, MANY + 1):
            opens = number == 3
            await uow.orders.add(
                incident_id=1,
                number=await uow.incidents.next_number(1, "T"),
                text="打开3号阀" if opens else f"前往{number}号楼{LONG}",
                kind="person",
                assignee=str(han.person_id),
                by_id=li.person_id,
                given_at=desk.world.moment,
                starts_at=desk.world.moment,
                state_at=desk.world.moment,
                action="open" if opens else "go",
                place=None if opens else f"{number}号楼",
            )
    return desk


async def test_thirty_conflicts_are_one_message_with_the_weightiest_and_the_way_to_the_rest(
    crowded: Desk,
) -> None:
    rooms = [await private(crowded, name) for name in ("han", "li")]
    before = {room: len(crowded.texts(room)) for room in (*rooms, A, B)}
    await crowded.say(B, "/order new Han Close valve 3 place=north gate", by="li")
    for room in (*rooms, B):
        told = [text for text in crowded.texts(room)[before[room] :] if "conflicts" in text]
        told = [text for text in told if f" {NEW} · " not in text]
        assert len(told) == 1, room
        assert len(told[0]) < 900
    said = last(crowded, B)
    assert f"{NEW} is in {MANY} conflicts" in said
    assert "T3 to Han: 打开3号阀. They contradict each other." in said
    assert said.count("to Han: 前往") == 4
    assert f"and {MANY - 5} more: /order list conflicts" in said
    assert f"{NEW} is held back until Li decides." in said
    assert f"另有 {MANY - 5} 项：/指令 列表 冲突" in last(crowded, A)
    assert len(card(crowded, MANY + 1)) < 1000
    assert f"and {MANY - 5} more: /order list conflicts" in card(crowded, MANY + 1)


async def test_a_conflict_of_many_is_a_tap_away_from_its_choices(crowded: Desk) -> None:
    await crowded.say(B, "/order new Han Close valve 3 place=north gate", by="li")
    assert len(crowded.choices(B)) == 6
    await crowded.take(crowded.pressed(B, choice(crowded, B, f"{NEW} ↔ T3"), by="li"))
    assert "Orders in conflict" in last(crowded, B)
    await crowded.take(crowded.pressed(B, choice(crowded, B, "Keep T3"), by="li"))
    assert f"✖️ {NEW}" in card(crowded, MANY + 1)
    await crowded.say(B, "/order list conflicts", by="han")
    assert "No order is in conflict with another" in last(crowded, B)


async def test_the_list_of_conflicts_is_cut_off_and_says_so(crowded: Desk) -> None:
    await crowded.say(B, "/order new Han Close valve 3 place=north gate", by="li")
    await crowded.say(A, "/指令 列表 冲突", by="han")
    said = last(crowded, A)
    assert said.count(NEW) == 15
    assert len(said) < 2000
    assert f"{NEW} ↔ T3" in crowded.choices(A)
    await crowded.take(crowded.pressed(A, choice(crowded, A, f"{NEW} ↔ T3"), by="han"))
    assert "指令冲突" in last(crowded, A)


async def test_thirty_that_nobody_decides_are_told_again_together_and_once(crowded: Desk) -> None:
    await crowded.say(B, "/order new Han Close valve 3 place=north gate", by="li")
    before = len(crowded.texts(B))
    await pass_on(crowded, 11)
    told = crowded.texts(B)[before:]
    assert len(told) == 1
    assert f"{MANY} conflicts still wait for a decision" in told[0]
    assert f"and {MANY - 5} more: /order list conflicts" in told[0]
    await pass_on(crowded, 60)
    assert (await crowded.ledger()).count("conflict.waiting") == 1


async def test_a_card_forgets_the_conflict_with_an_order_that_has_ended(desk: Desk) -> None:
    await ready(desk)
    await desk.say(A, "/指令 新建 Han 前往3号阀室")
    await desk.say(A, "/指令 新建 Han 前往北门")
    assert "With T2" in card(desk, 1)
    await desk.say(A, "/指令 撤销 T2")
    assert "With T2" not in card(desk, 1)
