"""Briefings by schedule: each moment once, late and said so, whatever happens to processes."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.showing import Showing
from handlers import families
from handlers.ringing import Wake, discover_rings
from tests.integration.dispatch.briefs import asleep, at, briefings, ready, until
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import declared, last
from tests.unit.delivery.world import SHANGHAI
from workflows.briefings.moments import ON_TIME, grace
from workflows.briefings.service import DUE, rule


@pytest.fixture
async def leak(each_desk: Desk) -> Desk:
    """An incident that Li commands in a Chinese and an English room; Han is its safety officer."""
    return await ready(each_desk)


class Killed(BaseException):
    """The process is no more."""


async def test_a_schedule_by_times_of_day_fires_once_at_each_of_them_for_three_days(
    leak: Desk,
) -> None:
    leak.world.moment = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    await leak.say(A, "/简报 定时 时间=07:30,19:30")
    assert "B1" in last(leak, A)
    assert "19:30" in last(leak, A)
    await leak.say(A, "/目标 新建 堵住泄漏")
    for hour in range(1, 73):
        if hour % 7 == 0:
            leak.restart()
        await until(leak, datetime(2026, 11, 22, 2, 0, tzinfo=UTC) + timedelta(hours=hour))
    async with leak.world.store.read() as uow:
        sent = await uow.briefings.latest(1, limit=100)
    shown = sorted((each.due_at, each.made_at) for each in sent)
    first = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    assert [due for due, _made in shown] == [first + n * timedelta(hours=12) for n in range(6)]
    assert all(made == due for due, made in shown)
    assert len(briefings(leak)) == 6


async def test_missed_while_down_it_is_sent_late_and_says_so_once(leak: Desk) -> None:
    leak.world.moment = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule every=1h at=11:00")
    await asleep(leak, datetime(2026, 11, 22, 6, 10, tzinfo=UTC))
    (shown,) = briefings(leak)
    assert "Late: it was due at Sun, Nov 22 14:00" in shown
    assert "briefing.missed" in await leak.ledger()
    await asleep(leak, datetime(2026, 11, 22, 6, 20, tzinfo=UTC))
    assert len(briefings(leak)) == 1
    await until(leak, datetime(2026, 11, 22, 7, 0, tzinfo=UTC))
    assert len(briefings(leak)) == 2
    assert "Late" not in briefings(leak)[1]


async def test_what_is_later_than_the_grace_is_left_out_and_the_commander_hears_of_it(
    leak: Desk,
) -> None:
    leak.world.moment = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    await leak.say(A, "/brief schedule at=12:00")
    await asleep(leak, datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    assert briefings(leak) == []
    assert "could not be sent in time" in leak.texts(B)[-1]
    assert "Mon, Nov 23 12:00" in leak.texts(B)[-1]


@pytest.mark.parametrize("seed", range(2))
async def test_over_three_days_with_outages_each_moment_is_sent_once_or_counted_as_missed(
    desk: Desk, seed: int
) -> None:
    """Two processes at a time, both gone for minutes or hours at moments that nobody chose."""
    chance = random.Random(seed)
    await declared(desk)
    await desk.say(A, "/目标 新建 堵住泄漏")
    await desk.say(A, "/brief schedule every=45m")
    await desk.say(A, "/brief schedule at=07:30,19:30,23:50")
    begun = desk.world.moment
    while desk.world.moment < begun + timedelta(days=3):
        other, awake = Desk(desk.world), desk.world.moment + minutes(chance, 20, 400)
        while desk.world.moment < awake:
            async with desk.world.store.read() as uow:
                following = await uow.timers.next() or awake
            desk.world.moment = min(max(desk.world.moment, following), awake)
            await asyncio.gather(desk.clock.ring(), other.clock.ring())
        desk.world.moment += minutes(chance, 1, 600)
        desk.restart()
    await desk.clock.ring()
    async with desk.world.store.read() as uow:
        incident = await uow.incidents.get(1)
        assert incident is not None
        entries = await uow.ledger.entries()
        for schedule in await uow.briefings.schedules(1):
            how = rule(schedule, incident)
            assert how is not None
            sent = await uow.briefings.latest(1, schedule_id=schedule.id, limit=500)
            assert len({each.due_at for each in sent}) == len(sent)
            for each in sent:
                late = each.made_at - each.due_at
                assert timedelta(0) <= late <= grace(each.due_at, how.after(each.due_at))
                assert (each.content["due"] is not None) is (late > ON_TIME)
            missed = [
                int(each.params["count"])
                for each in entries
                if each.code == "briefing.missed"
                and each.params["thing"] == f"I1-B{schedule.number}"
            ]
            moments, last = 0, how.after(begun)
            while last <= desk.world.moment:
                moments, last = moments + 1, how.after(last)
            assert len(sent) + sum(missed) == moments
            assert sent
            assert missed


def minutes(chance: random.Random, least: int, most: int) -> timedelta:
    """So many minutes, and some seconds."""
    return timedelta(seconds=chance.randint(least * 60, most * 60))


async def test_of_two_processes_that_ring_at_once_one_sends(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule every=1h")
    leak.world.moment += timedelta(hours=1)
    other = Desk(leak.world)
    await asyncio.gather(leak.clock.ring(), other.clock.ring())
    await leak.delivered()
    assert len(briefings(leak)) == 1
    assert (await leak.ledger()).count("briefing.sent") == 1


async def test_killed_before_the_commit_it_is_sent_once_by_the_next_process(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule every=1h")
    leak.world.moment += timedelta(hours=1)
    rings = discover_rings(families)
    store, moment = leak.world.store, leak.world.moment

    async def killed() -> None:
        async with store.write() as uow:
            (timer,) = [each for each in await uow.timers.due(moment) if each.kind == DUE]
            assert await uow.timers.take(timer, moment)
            await rings[DUE](Wake(uow, moment, SHANGHAI, Showing(leak.world.post), timer))
            raise Killed

    with pytest.raises(Killed):
        await killed()
    leak.restart()
    await leak.clock.ring()
    await leak.delivered()
    assert len(briefings(leak)) == 1
    await leak.clock.ring()
    await leak.delivered()
    assert len(briefings(leak)) == 1


async def test_a_clock_that_is_set_back_sends_nothing_twice(leak: Desk) -> None:
    leak.world.moment = datetime(2026, 11, 22, 3, 50, tzinfo=UTC)
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule at=12:00")
    await until(leak, datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
    leak.world.moment = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    await leak.clock.ring()
    await until(leak, datetime(2026, 11, 22, 5, 0, tzinfo=UTC))
    assert len(briefings(leak)) == 1


async def test_stopped_it_comes_no_more_and_neither_after_the_incident_is_closed(
    leak: Desk,
) -> None:
    await leak.say(A, "/brief schedule every=1h")
    await leak.say(A, "/brief schedule every=2h")
    await leak.say(A, "/brief stop B1")
    assert "B1" in last(leak, A)
    await leak.say(A, "/简报 停止 B1")
    assert "停止" in last(leak, A)
    await until(leak, at(leak, 1.5))
    assert briefings(leak) == []
    await leak.say(A, "/事件 启动")
    await leak.say(A, "/事件 控制")
    await leak.say(A, "/事件 结束 险情已排除")
    await until(leak, at(leak, 5))
    assert briefings(leak) == []
    async with leak.world.store.read() as uow:
        assert await uow.briefings.schedules(1, running=True) == []


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("every=0m", "every=12h"),
        ("every=0", "every=12h"),
        ("every=5m", "every=12h"),
        ("every=30d", "every=12h"),
        ("every=soon", "every=12h"),
        ("", "every=12h"),
        ("at=2020-11-20 08:00", "already past"),
        ("every=1h at=07:30,19:30", "one way"),
        ("every=12h at=07:30,19:00", "one way"),
        ("every=1h before=period", "one way"),
        ("before=3 days", "12 hours"),
        ("before=dawn", "before=30m"),
        ("at=08:00,08:05", "at least"),
        ("every=1h to=Nobody", "Nobody"),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused_with_what_to_do(
    leak: Desk, typed: str, answer: str
) -> None:
    await leak.say(B, f"/brief schedule {typed}", by="han")
    assert answer in last(leak, B)
    assert "briefing.scheduled" not in await leak.ledger()


@pytest.mark.parametrize("said", ["every=12h at=07:30,19:30", "every=8h at=06:00,14:00,22:00"])
async def test_a_step_and_the_times_of_day_that_agree_with_it_are_one_schedule(
    leak: Desk, said: str
) -> None:
    await leak.say(B, f"/brief schedule {said}", by="han")
    async with leak.world.store.read() as uow:
        (made,) = await uow.briefings.schedules(1, running=True)
    assert made.every_s is None
    assert ",".join(made.clocks) == said.partition("at=")[2]


async def test_the_same_schedule_twice_is_refused(leak: Desk) -> None:
    await leak.say(A, "/brief schedule at=07:30,19:30")
    await leak.say(B, "/brief schedule at=19:30,07:30", by="han")
    assert "B1 says the same" in last(leak, B)


async def test_before_each_operational_period_wherever_it_is_moved(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule before=period")
    assert "等待行动周期" in last(leak, A)
    now = leak.world.moment
    async with leak.world.store.write() as uow:
        await uow.periods.add(
            incident_id=1,
            number=1,
            starts_at=now + timedelta(hours=2),
            ends_at=now + timedelta(hours=14),
            minutes=720,
            zone="Asia/Shanghai",
            made_at=now,
            carried={},
        )
    await until(leak, now + timedelta(minutes=89))
    assert briefings(leak) == []
    leak.restart()
    await until(leak, now + timedelta(minutes=91))
    assert len(briefings(leak)) == 1
    async with leak.world.store.write() as uow:
        period = await uow.periods.planned(1)
        assert period is not None
        period.starts_at += timedelta(minutes=10)
        await uow.periods.save(period)
    await until(leak, now + timedelta(minutes=130))
    assert len(briefings(leak)) == 1


@pytest.mark.parametrize("typed", ["/period next at=10:20", "/period next now"])
async def test_before_a_period_that_comes_sooner_than_it_was_to_its_briefing_goes_out_at_once(
    desk: Desk, typed: str
) -> None:
    desk.world.moment = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 where they are
    leak = await ready(desk)
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/period start hours=12")
    await leak.say(A, "/brief schedule before=period")
    begun = leak.world.moment
    await until(leak, begun + timedelta(minutes=6))
    assert briefings(leak) == []
    await leak.say(A, typed)
    await until(leak, begun + timedelta(minutes=7))
    (shown,) = briefings(leak)
    assert "Late" not in shown
    leak.restart()
    await until(leak, begun + timedelta(minutes=40))
    assert len(briefings(leak)) == 1
    async with leak.world.store.read() as uow:
        (schedule,) = await uow.briefings.schedules(1, running=True)
        period = await uow.periods.planned(1)
    assert period is not None
    assert schedule.next_at == period.starts_at - timedelta(minutes=30)


async def test_a_period_planned_after_the_schedule_and_too_near_is_briefed_at_once(
    desk: Desk,
) -> None:
    leak = await ready(desk)
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule before=period")
    await until(leak, leak.world.moment + timedelta(minutes=2))
    await leak.say(A, "/period start hours=12")
    await until(leak, leak.world.moment + timedelta(minutes=1))
    assert len(briefings(leak)) == 1
    await until(leak, leak.world.moment + timedelta(hours=11, minutes=20))
    assert len(briefings(leak)) == 1
    await until(leak, leak.world.moment + timedelta(minutes=10))
    assert len(briefings(leak)) == 2


async def test_before_a_period_that_is_postponed_its_briefing_waits(desk: Desk) -> None:
    leak = await ready(desk)
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/period start hours=2")
    await leak.say(A, "/brief schedule before=period")
    begun = leak.world.moment
    await until(leak, begun + timedelta(minutes=80))
    await leak.say(A, "/period next at=+2h")
    await until(leak, begun + timedelta(minutes=165))
    assert briefings(leak) == []
    await until(leak, begun + timedelta(minutes=171))
    assert len(briefings(leak)) == 1


async def test_before_a_period_that_is_not_to_be_there_is_no_briefing(desk: Desk) -> None:
    leak = await ready(desk)
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/period start hours=2")
    await leak.say(A, "/brief schedule before=period")
    await until(leak, leak.world.moment + timedelta(minutes=80))
    await leak.say(A, "/period end")
    await until(leak, leak.world.moment + timedelta(hours=3))
    assert briefings(leak) == []
    assert "briefing.missed" not in await leak.ledger()


async def test_put_off_until_its_period_has_begun_a_briefing_is_counted_as_missed(
    desk: Desk,
) -> None:
    """A timer that failed rings again, some of them long after."""
    leak = await ready(desk)
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/period start hours=2")
    await leak.say(A, "/brief schedule before=period")
    again = leak.world.moment + timedelta(minutes=135)
    async with leak.world.store.write() as uow:
        (schedule,) = await uow.briefings.schedules(1, running=True)
        await uow.timers.set(DUE, str(schedule.id), again)
    await asleep(leak, again)
    assert briefings(leak) == []
    assert (await leak.ledger()).count("briefing.missed") == 1
    assert any("could not be sent in time" in each for each in leak.texts(B))


async def test_stopped_at_the_very_moment_when_it_is_due_both_end_well(leak: Desk) -> None:
    await leak.say(A, "/目标 新建 堵住泄漏")
    await leak.say(A, "/brief schedule every=1h")
    leak.world.moment += timedelta(hours=1)
    async with asyncio.timeout(30):
        await asyncio.gather(leak.clock.ring(), leak.say(A, "/brief stop B1"))
    sent = (await leak.ledger()).count("briefing.sent")
    assert sent <= 1
    assert (await leak.ledger()).count("briefing.stopped") == 1
    await until(leak, at(leak, 5))
    assert (await leak.ledger()).count("briefing.sent") == sent
