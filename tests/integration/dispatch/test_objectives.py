"""Objectives as the rooms of a bridge see them."""

from __future__ import annotations

import pytest

from tests.integration.dispatch.desk import A, B, C, Desk
from tests.integration.dispatch.test_incidents import joined, last
from workflows.incidents.replay import replay
from workflows.objectives.service import fields


@pytest.fixture
async def fire(each_desk: Desk) -> Desk:
    """A Chinese and an English room with an incident that Li commands."""
    desk = each_desk
    await desk.bridge("fire", a="zh", b="en")
    await joined(desk, "Li")
    await desk.say(A, "/事件 新建 化工厂火灾 类型=火灾")
    return desk


def card(desk: Desk, number: int, room: str = B) -> str:
    """The card of that objective as the room shows it now."""
    return next(text for text in desk.texts(room) if f"O{number} " in text and "since" in text)


async def test_an_objective_is_kept_and_what_it_lacks_is_named_in_each_language(fire: Desk) -> None:
    await fire.say(A, "/目标 新建 堵住泄漏")
    assert "O1 堵住泄漏" in card(fire, 1)
    assert "measurable: by what is it seen?" in card(fire, 1)
    assert "time-bound" in card(fire, 1)
    assert "specific" not in card(fire, 1)
    assert "仍缺" in last(fire, A)


async def test_what_is_told_later_is_added_and_the_card_is_edited_in_place(fire: Desk) -> None:
    await fire.say(A, "/目标 新建 堵住泄漏")
    await fire.say(
        B, "/objective set O1 by=18:00 measure=flow target=0 priority=life achievable=yes", by="li"
    )
    assert "still lacks" not in card(fire, 1)
    assert "Measure: flow, target: 0" in card(fire, 1)
    assert "🔴 O1" in card(fire, 1)
    assert "Li changed objective O1" in last(fire, B)


async def test_its_progress_has_a_history_and_what_was_done_can_go_on(fire: Desk) -> None:
    await fire.say(A, "/目标 新建 堵住泄漏 截止=18:00")
    await fire.say(A, "/目标 进展 O1 八成 两队在场")
    await fire.say(A, "/目标 完成 O1")
    assert "reached since" in card(fire, 1)
    await fire.say(A, "/目标 进展 O1 90%")
    assert "open since" in card(fire, 1)
    assert "Li: 0 % → 80 %. 两队在场" in card(fire, 1)
    assert "80 % → 100 %" in card(fire, 1)
    assert "100 % → 90 %" in card(fire, 1)
    await fire.say(A, "/目标 放弃 O1 原因=已并入O2")
    assert "Reason: 已并入O2" in card(fire, 1)
    await fire.say(B, "/objective progress O1 50%")
    assert "O1 is dropped already" in last(fire, B)


async def test_they_are_listed_life_first_and_shown_to_latecomers(fire: Desk) -> None:
    for line in ("保护厂房 优先=财产", "防止污水入江 优先=环境", "救出被困人员 优先=人员安全"):
        await fire.say(A, f"/目标 新建 {line}")
    await fire.say(B, "/objective list")
    said = last(fire, B)
    assert said.index("O3") < said.index("O2") < said.index("O1")
    await fire.say(B, "/status", by="han")
    assert "O3 救出被困人员" in last(fire, B)


async def test_a_tap_tells_what_is_missing(fire: Desk) -> None:
    await fire.say(A, "/目标 新建 堵住泄漏 截止=18:00")
    await fire.take(fire.pressed(B, fire.choices(B)["Priority: life safety"]))
    assert "Priority: life safety" in card(fire, 1)
    assert "relevant" not in card(fire, 1)


@pytest.mark.parametrize(
    ("typed", "by", "told"),
    [
        ("/objective new 🔥", "li", "Say it in words"),
        ("/objective new " + "x" * 301, "li", "yours has 301"),
        ("/objective new 堵住泄漏", "li", "O1 says the same"),
        ("/objective new Another one", "han", "Ask Li"),
        ("/objective set O1", "li", "Say what is to be changed"),
        ("/objective done O9", "li", "There is no objective O9"),
        ("/objective done O99999999999", "li", "reference"),
        ("/objective progress O1 120%", "li", "out of range"),
        ("/objective progress O1 50%", "han", "with a role in this incident"),
        ("/objective done I9-O1", "li", "There is no incident I9"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(
    desk: Desk, typed: str, by: str, told: str
) -> None:
    await desk.bridge("fire", a="zh", b="en")
    await joined(desk, "Li")
    await desk.say(A, "/事件 新建 化工厂火灾")
    await desk.say(A, "/目标 新建 堵住泄漏")
    before = await desk.ledger()
    await desk.say(B, typed, by=by)
    assert told in last(desk, B)
    assert await desk.ledger() == before


async def test_nothing_is_set_in_a_closed_incident(fire: Desk) -> None:
    await fire.say(A, "/目标 新建 堵住泄漏")
    await fire.say(A, "/事件 关闭")
    await fire.say(B, "/objective done O1")
    assert "is closed" in last(fire, B)


async def test_an_objective_is_named_from_another_room_with_its_incident(fire: Desk) -> None:
    await fire.say(A, "/目标 新建 堵住泄漏")
    await fire.bridge("other", c="en")
    await fire.say(C, "/objective progress I1-O1 50%")
    assert "does not belong to the incident" in last(fire, C)


async def test_the_ledger_makes_an_objective_again(fire: Desk) -> None:
    await fire.say(A, "/目标 新建 堵住泄漏 截止=18:00 优先=人员安全")
    await fire.say(A, "/目标 进展 O1 八成")
    await fire.say(A, "/目标 完成 O1")
    async with fire.world.store.read() as uow:
        objective = await uow.objectives.get(1, 1)
        assert objective is not None
        assert replay(await uow.ledger.entries())["I1-O1"] == fields(objective)
