"""The clock of an incident as people meet it: periods, their meetings, what slips, tiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_orders import pass_on
from workflows.incidents.replay import replay
from workflows.periods import meetings, service

EIGHT = datetime(2026, 7, 18, 0, 0, tzinfo=UTC)
"""08:00 in Shanghai."""


@pytest.fixture
async def flood(each_desk: Desk) -> Desk:
    """A Chinese and an English room, an incident that Li commands, Han of the same agency."""
    await ready(each_desk)
    return each_desk


async def ready(desk: Desk, at: datetime = EIGHT) -> None:
    """The rooms, the people and the incident, at that moment."""
    desk.world.moment = at
    await desk.bridge("flood", a="zh", b="en")
    await joined(desk, "Li")
    await joined(desk, "Han")
    await desk.say(B, "hello", by="wang")
    await desk.say(A, "/事件 新建 沿江洪水 类型=洪涝")


async def test_a_period_of_twelve_hours_runs_and_the_next_is_planned_with_its_meetings(
    flood: Desk,
) -> None:
    await flood.say(A, "/周期 开始 小时=12")
    assert "行动周期P1 · 进行中" in last(flood, A)
    english = last(flood, B)
    assert "Operational period P1 · running" in english
    assert "Sat, Jul 18 08:00 – Sat, Jul 18 20:00, 12 h" in english
    assert "Then P2: Sat, Jul 18 20:00 – Sun, Jul 19 08:00, 12 h" in english
    assert "Sat, Jul 18 14:00 tactics meeting" in english
    async with flood.world.store.read() as uow:
        current, planned = await uow.periods.current(1), await uow.periods.planned(1)
        assert current is not None
        assert planned is not None
        assert (current.number, planned.number) == (1, 2)
        assert planned.starts_at == current.ends_at == EIGHT + timedelta(hours=12)
        known = await uow.periods.meetings(1)
    assert [each.kind for each in known] == [
        *("objectives", "strategy", "tactics", "planning", "approval", "briefing")
    ]


async def test_the_record_makes_periods_and_meetings_again(flood: Desk) -> None:
    await flood.say(A, "/period start")
    await flood.say(A, "/meeting move tactics 15:30")
    await flood.say(A, "/meeting skip strategy reason=all agreed")
    await pass_on(flood, 60 * 12)
    await flood.say(A, "/meeting minutes We hold the dike meeting=planning")
    await flood.say(A, "/period next at=22:00 hours=8")
    await pass_on(flood, 60 * 3)
    await flood.say(A, "/period end")
    async with flood.world.store.read() as uow:
        things = replay(await uow.ledger.entries())
        for period in await uow.periods.all(1):
            assert things[f"I1-P{period.number}"] == service.fields(period)
        for meeting in await uow.periods.meetings(1):
            assert things[f"I1-M{meeting.number}"] == meetings.fields(meeting)
