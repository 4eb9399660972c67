"""Situation reports as those who hand them in, owe them and read them see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import declared, last, timeline
from workflows.incidents.replay import replay
from workflows.sitreps.service import fields, standing_figures


@pytest.fixture
async def leak(each_desk: Desk) -> Desk:
    """A Chinese and an English room; Li of 消防 commands, Han is of 水务."""
    return await declared(each_desk)


def card(desk: Desk, number: int, room: str = A) -> str:
    """The newest card of that report as the room shows it now."""
    return next(text for text in reversed(desk.texts(room)) if f" S{number} · " in text)


async def test_one_message_with_fields_is_a_report_in_each_rooms_language(leak: Desk) -> None:
    await leak.say(
        A,
        "/报告\n态势：泄漏已控制八成\n伤亡：1人死亡、2人受伤\n损失：1座储罐受损\n需求：围油栏200米",
        by="li",
    )
    assert "📋 S1 · 态势报告" in card(leak, 1)
    assert "死亡：1" in card(leak, 1)
    assert "需求：围油栏200米" in card(leak, 1)
    assert "situation report" in card(leak, 1, B)
    assert "injured: 2" in card(leak, 1, B)
    assert "Needs: 围油栏200米" in card(leak, 1, B)
    assert len(await timeline(leak, "sitrep.report")) == 1
