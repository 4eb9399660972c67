"""What an incident of a type and level needs first: proposed, changed line by line, asked for."""

from __future__ import annotations

import pytest

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import declared, last


@pytest.fixture
async def leak(each_desk: Desk) -> Desk:
    """A pipeline leak of event level III; Li commands."""
    return await declared(each_desk)


async def lines(desk: Desk, number: int = 1) -> list[tuple[str, str, int]]:
    """Kind, unit and quantity of each line of a request."""
    async with desk.world.store.read() as uow:
        found = await uow.requests.lines(1)
    return [
        (each.kind, each.unit, each.quantity // 1000)
        for request, each in found
        if request.number == number
    ]


async def tap(desk: Desk, label: str, room: str = B) -> None:
    """Li taps a button of the last message with buttons."""
    await desk.take(desk.pressed(room, desk.choices(room)[label], by="li"))


async def test_the_list_for_type_and_level_is_asked_for_by_one_tap(leak: Desk) -> None:
    await leak.say(B, "/request", by="li")
    await tap(leak, "What this type and level need first")
    shown = last(leak, B)
    assert "Proposed for pipeline leak, event level III" in shown
    assert "containment boom — 200 m" in shown
    assert "GB 30077-2013" in shown
    assert "The quantities are examples" in shown
    assert await lines(leak) == []
    await tap(leak, "Ask for all 12 lines")
    made = await lines(leak)
    assert ("containment boom", "m", 200) in made
    assert len(made) == 12
    async with leak.world.store.read() as uow:
        (request,) = await uow.requests.all(1)
    assert request.priority == "urgent"


async def test_in_a_chinese_room_kinds_have_their_chinese_names(leak: Desk) -> None:
    await leak.say(A, "/需求 清单 II 确认=是", by="li")
    assert ("围油栏", "米", 600) in await lines(leak)


async def test_lines_are_changed_one_after_the_other_by_taps_and_by_typing(leak: Desk) -> None:
    await leak.say(B, "/request pack edit=1", by="li")
    assert "Line 1 of 12" in last(leak, B)
    await tap(leak, "Leave out")
    assert "Line 2 of 12" in last(leak, B)
    await tap(leak, "20 kits")
    assert "Line 3 of 12" in last(leak, B)
    await tap(leak, "Keep")
    await leak.say(B, "/request pack III change=1:0,2:20,4:750", by="li")
    shown = last(leak, B)
    assert "cordon tape — 750 m · usually 1,000" in shown
    assert "combustible gas detector — left out" in shown
    await tap(leak, "Ask for all 11 lines")
    made = await lines(leak)
    assert ("cordon tape", "m", 750) in made
    assert ("self-contained breathing apparatus", "kits", 20) in made
    assert not any(kind == "combustible gas detector" for kind, _unit, _amount in made)


async def test_what_was_asked_for_already_is_taken_off(leak: Desk) -> None:
    await leak.say(B, "/request 150 m containment boom", by="li")
    await leak.say(B, "/request pack", by="li")
    assert "containment boom — 50 m · 150 asked for already" in last(leak, B)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/request pack type=traffic", "There is no list for"),
        ("/request pack change=99:5", "changes no line"),
        ("/request pack change=3:-5", "changes no line"),
        ("/request pack change=3:many", "changes no line"),
        ("/request pack V", "a level from I"),
        ("/request pack type=flood change=" + ",".join(f"{n}:0" for n in range(1, 15))
         + " accept=yes", "nothing is asked for"),
    ],
)  # fmt: skip
async def test_what_makes_no_list_is_told_what_to_type(leak: Desk, typed: str, answer: str) -> None:
    await leak.say(B, typed, by="li")
    assert answer in last(leak, B)
    assert await lines(leak) == []


async def test_without_type_or_level_each_is_asked_by_buttons(each_desk: Desk) -> None:
    desk = await declared(each_desk)
    await desk.say(A, "/事件 新建 不明情况", by="li")
    await desk.say(B, "/incident use I2", by="li")
    await desk.say(B, "/request pack", by="li")
    assert "What kind of incident is it?" in last(desk, B)
    await tap(desk, "flood")
    assert "For which event level?" in last(desk, B)
    await tap(desk, "IV")
    assert "life jacket — 50 items" in last(desk, B)
