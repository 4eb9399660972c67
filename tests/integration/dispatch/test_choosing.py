"""A room without an incident: one tap chooses among the open ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.dispatch.desk import A, B, C, Desk
from tests.integration.dispatch.leak import last


@pytest.fixture
async def elsewhere(desk: Desk) -> Desk:
    """Li and Han of 消防, and two rooms without an incident, one in each language."""
    await desk.bridge("north", c="zh")
    await desk.bridge("new", a="zh", b="en")
    await desk.take(
        *(desk.said(C, "在", by=name) for name in ("li", "han")),
        desk.said(C, "/单位 新建 消防", by="admin"),
        desk.said(C, "/单位 联络官 Li 单位=消防", by="admin"),
    )
    return desk


async def declared(desk: Desk, *titles: str) -> None:
    """Incidents that Li declares elsewhere, one after the other."""
    await desk.take(*(desk.said(C, f"/事件 新建 {each}") for each in titles))


@pytest.mark.parametrize("typed", ["/incident", "/status", "/order new han Close valve 3"])
async def test_the_open_incidents_are_offered_and_a_tap_makes_the_room_about_one(
    elsewhere: Desk, typed: str
) -> None:
    await declared(elsewhere, "Leak", "Fire", "Flood")
    await elsewhere.say(C, "/事件 关闭", by="li")
    await elsewhere.say(B, typed)
    offered = elsewhere.choices(B)
    assert [each for each in offered if each.startswith("I")] == ["I2 Fire", "I1 Leak"]
    await elsewhere.take(elsewhere.pressed(B, offered["I1 Leak"]))
    assert "I1 · 2026-001 · Leak" in last(elsewhere, B)
    await elsewhere.say(B, "/status")
    assert "I1 · 2026-001 · Leak" in last(elsewhere, B)
    await elsewhere.say(A, "/态势")
    assert "I1 · 2026-001 · Leak" in last(elsewhere, A)


@pytest.mark.parametrize("typed", ["/incident", "/status"])
async def test_of_many_the_newest_are_offered_and_where_the_others_are_is_said(
    elsewhere: Desk, typed: str
) -> None:
    await declared(elsewhere, *(f"Fire {number}" for number in range(1, 8)))
    await elsewhere.say(B, typed)
    offered = [each for each in elsewhere.choices(B) if each.startswith("I")]
    assert offered == [f"I{number} Fire {number}" for number in (7, 6, 5, 4, 3)]
    assert "There are more: /incident list" in last(elsewhere, B)
    await elsewhere.say(B, "/incident list")
    assert "I1 · 2026-001 · Fire 1" in last(elsewhere, B)


async def test_incidents_that_are_over_do_not_crowd_out_the_open_ones(elsewhere: Desk) -> None:
    await declared(elsewhere, "Leak")
    for number in range(2, 8):
        await elsewhere.take(
            elsewhere.said(C, "/事件 新建 演练"), elsewhere.said(C, f"/事件 关闭 事件=I{number}")
        )
    for typed in ("/incident", "/incident list"):
        await elsewhere.say(B, typed)
        assert [each for each in elsewhere.choices(B) if each.startswith("I")] == ["I1 Leak"]


@pytest.mark.parametrize("typed", ["/incident", "/status"])
async def test_where_none_is_open_it_says_how_to_make_one(elsewhere: Desk, typed: str) -> None:
    await elsewhere.say(B, typed)
    assert "/incident new TITLE declares one" in last(elsewhere, B)
    await elsewhere.say(A, typed)
    assert "/事件 新建 标题" in last(elsewhere, A)


async def test_where_none_is_open_a_tap_begins_the_form_for_a_new_one(elsewhere: Desk) -> None:
    await elsewhere.say(B, "/incident")
    await elsewhere.take(elsewhere.pressed(B, elsewhere.choices(B)["New incident"]))
    assert "What happened, and where?" in last(elsewhere, B)


async def test_the_choice_is_for_who_asked_and_for_people_of_an_agency(elsewhere: Desk) -> None:
    await declared(elsewhere, "Leak")
    await elsewhere.say(B, "/status")
    token = elsewhere.choices(B)["I1 Leak"]
    shown = len(elsewhere.texts(B))
    await elsewhere.take(elsewhere.pressed(B, token, by="han"))
    assert elsewhere.world.net.answered[-1] == ("press han", "This choice is for somebody else.")
    assert len(elsewhere.texts(B)) == shown
    await elsewhere.say(B, "/incident", by="han")
    assert "People of an agency choose or declare one" in last(elsewhere, B)
    assert "Leak" not in last(elsewhere, B)


async def test_in_a_private_chat_a_tap_chooses_for_that_chat_alone(elsewhere: Desk) -> None:
    await declared(elsewhere, "Leak", "Fire")
    room = "loopback:li-private"
    for typed in ("/lang en", "/status"):
        await elsewhere.take(replace(elsewhere.said(room, typed), private=True))
    token = elsewhere.choices(room)["I2 Fire"]
    await elsewhere.take(replace(elsewhere.pressed(room, token), private=True))
    assert "What you type here is now about I2 · 2026-002 · Fire" in last(elsewhere, room)
    await elsewhere.say(B, "/incident")
    assert "This room has no incident" in last(elsewhere, B)


async def test_a_long_title_is_cut_short_on_the_button_and_in_the_line(elsewhere: Desk) -> None:
    await declared(elsewhere, "Long " * 20)
    await elsewhere.say(B, "/status")
    assert "I1 Long Long Long Long…" in elsewhere.choices(B)
    assert len(last(elsewhere, B)) < 300
