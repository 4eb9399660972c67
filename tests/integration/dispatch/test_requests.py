"""Requests as those who ask, approve, supply and receive see them."""

from __future__ import annotations

import pytest

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_orders import choice, pass_on
from tests.integration.dispatch.test_organisation import private


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
