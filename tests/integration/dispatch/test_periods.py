"""The clock of an incident as people meet it: periods, their meetings, what slips, tiers."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from bot.clock import Clock, Ring
from bot.printing import in_language
from handlers.cards import calendar
from handlers.printed.press import Press
from storage import Store, UnitOfWork
from storage.tables import Timer
from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_orders import pass_on
from tests.integration.dispatch.test_organisation import private
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.replay import replay
from workflows.periods import meetings, service
from workflows.periods.cycle import cycle
from workflows.shelf import Shelf

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


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/period start 400", "A longer operation is several of them"),
        ("/period start 400h", "A longer operation is several of them"),
        ("/period start 0", "A period lasts 1 to 72 hours"),
        ("/period start -3", "out of range"),
        ("/period start 12 at=2026-07-17T08:00", "is past"),
        ("/period start 12 at=2026-09-17T08:00", "days away"),
        ("/period next", "/period start begins one"),
        ("/period end", "/period start begins one"),
        ("/period show P7", "There is no period P7"),
        ("/meeting minutes We agreed", "No meeting has begun yet"),
        ("/meeting move tactics 15:00", "No meeting is planned"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_to_do_instead(
    desk: Desk, typed: str, said: str
) -> None:
    await ready(desk)
    await desk.say(B, typed)
    assert said in last(desk, B)
    async with desk.world.store.read() as uow:
        assert not await uow.periods.all(1)


async def test_periods_do_not_overlap_however_many_people_begin_one_at_once(flood: Desk) -> None:
    store, now = flood.world.store, flood.world.moment
    by = By(1, "loopback:li", "Li", "消防", A)

    async def begin() -> str:
        try:
            async with store.write() as uow:
                await service.start(uow, 1, 720, None, cycle=cycle(Shelf()), by=by, now=now)
        except Refusal as refusal:
            return refusal.code
        return "begun"

    came = await asyncio.gather(*(begin() for _each in range(4)))
    assert sorted(came) == ["begun", *["period-overlap"] * 3]
    await flood.say(B, "/period start")
    assert "periods do not overlap" in last(flood, B)


async def test_only_command_and_planning_set_periods(flood: Desk) -> None:
    await flood.say(A, "/角色 任命 安全官 Han")
    await flood.say(B, "/period start", by="han")
    assert "Planning Section's Chief" in last(flood, B)
    await flood.say(A, "/角色 任命 计划部部长 Han")
    await flood.say(B, "/period start", by="han")
    assert "P1 · running" in last(flood, B)


async def test_at_its_end_a_period_gives_way_to_the_next_with_all_that_is_open_and_the_head(
    flood: Desk,
) -> None:
    await flood.say(A, "/period start")
    await flood.say(A, "/目标 新建 堵住决口 截止=18:00 衡量=口宽 目标值=0 优先=人员安全 可行=是")
    await flood.say(A, "/指令 新建 Han 运沙袋")
    await pass_on(flood, 60 * 12)
    said = flood.texts(B)
    assert any("Head of the ledger" in each for each in said)
    turned = next(each for each in said if "Operational period P2 · running" in each)
    assert "Taken over, still open:" in turned
    assert "O1" in turned
    assert "T1" in turned
    assert "Late" not in turned
    async with flood.world.store.read() as uow:
        ended = await uow.periods.get(1, 1)
        assert ended is not None
        assert (ended.state, ended.ended_at) == ("ended", EIGHT + timedelta(hours=12))


async def test_next_asks_when_there_is_time_left_and_goes_on_at_a_tap(flood: Desk) -> None:
    await flood.say(A, "/period start")
    await pass_on(flood, 60)
    await flood.say(B, "/period next")
    assert "Is P2 to begin now, or as planned?" in last(flood, B)
    await flood.take(flood.pressed(B, choice(flood, B, "Begin now")))
    assert "P2 · running" in last(flood, B)
    async with flood.world.store.read() as uow:
        current = await uow.periods.current(1)
        assert current is not None
        assert current.starts_at == EIGHT + timedelta(hours=1)
        states = {each.state for each in await uow.periods.meetings_of(current.id or 0)}
    assert states == {"cancelled"}, "what was to prepare it comes too late"


async def test_the_next_period_moves_and_its_meetings_go_with_it(flood: Desk) -> None:
    await flood.say(A, "/period start")
    await flood.say(A, "/meeting move planning 17:15")
    await flood.say(B, "/period next at=22:00 hours=8")
    assert "P2 is now from Sat, Jul 18 22:00 to Sun, Jul 19 06:00" in last(flood, B)
    async with flood.world.store.read() as uow:
        known = {each.kind: each.at for each in await uow.periods.meetings(1)}
        current = await uow.periods.current(1)
    assert current is not None
    assert current.ends_at == EIGHT + timedelta(hours=14)
    assert known["tactics"] == EIGHT + timedelta(hours=8)
    assert known["planning"] == EIGHT + timedelta(hours=9, minutes=15), "moved by hand: it stays"


async def test_the_end_of_a_period_without_a_next_cancels_what_was_planned_and_goes_on_later(
    flood: Desk,
) -> None:
    await flood.say(A, "/period start")
    await flood.say(A, "/目标 新建 堵住决口 截止=18:00")
    await pass_on(flood, 30)
    await flood.say(B, "/period end")
    ended = next(each for each in reversed(flood.texts(B)) if "P1 · ended" in each)
    assert "Still open:" in ended
    gone = ended.partition("These meetings fall away:")[2].partition("Still open:")[0]
    assert "tactics meeting" in gone
    assert "planning meeting" in gone
    async with flood.world.store.read() as uow:
        assert await uow.periods.current(1) is None
        assert {each.state for each in await uow.periods.meetings(1)} == {"cancelled"}
        due = await uow.timers.due(EIGHT + timedelta(days=300))
    assert not [each.kind for each in due if each.kind.startswith(("period", "meeting"))]
    await pass_on(flood, 60 * 24)
    await flood.say(B, "/period start 8h")
    assert "P2 · running" in last(flood, B), "the number of a period that never was is used"


async def test_a_period_of_a_closed_incident_ends_and_none_follows(flood: Desk) -> None:
    await flood.say(A, "/period start")
    await flood.say(A, "/事件 关闭 水位已退")
    said = len(flood.texts(B))
    await pass_on(flood, 60 * 30)
    async with flood.world.store.read() as uow:
        assert [each.state for each in await uow.periods.all(1)] == ["ended", "cancelled"]
    assert len(flood.texts(B)) == said, "nobody is called to a meeting of what is over"


async def test_who_must_attend_is_reminded_with_what_is_ready_and_what_is_missing(
    flood: Desk,
) -> None:
    await flood.say(A, "/角色 任命 作业部部长 Han")
    chat = await private(flood, "han")
    await flood.say(A, "/period start")
    await pass_on(flood, 60 * 5.5)
    reminded = next(each for each in flood.texts(chat) if "tactics meeting at" in each)
    assert "Sat, Jul 18 14:00" in reminded
    assert "Chair: Han (Operations Section Chief)" in reminded
    assert "Must attend: Li (Incident Commander)" in reminded
    assert "❗ Objectives are missing" in reminded
    assert "Ready:" in reminded
    here = [each for each in flood.texts(B) if "tactics meeting at" in each]
    assert len(here) == 1
    assert here[0].startswith("Li\n"), "who cannot be told in private is named in the rooms"
    count = len(flood.texts(chat))
    await pass_on(flood, 5)
    assert len(flood.texts(chat)) == count, "once"
    await pass_on(flood, 25)
    begun = [each for each in flood.texts(B) if "The tactics meeting begins" in each]
    assert len(begun) == 1


async def test_a_meeting_moves_in_bounds_is_skipped_and_minuted(flood: Desk) -> None:
    chat = await private(flood, "han")
    await flood.say(A, "/角色 任命 作业部部长 Han")
    await flood.say(A, "/period start")
    await flood.say(A, "/会议 改期 战术会议 15:30")
    assert "Li moved the tactics meeting from Sat, Jul 18 14:00 to Sat, Jul 18 15:30" in (
        last(flood, B)
    )
    assert "15:30" in last(flood, chat), "who must attend is told"
    for typed, said in (
        ("/meeting move tactics 2026-07-18T21:00", "prepares P2, which begins at"),
        ("/meeting move tactics 2026-07-17T21:00", "is past"),
        ("/meeting move dinner 15:00", "There is no meeting “dinner”"),
        ("/meeting move tactics", "When is it to be held?"),
    ):
        await flood.say(B, typed)
        assert said in last(flood, B), typed
    await flood.say(B, "cancel")
    await flood.say(B, "/meeting postpone approval")
    assert "from Sat, Jul 18 18:00 to Sat, Jul 18 18:30" in last(flood, B)
    await flood.say(B, "/meeting skip strategy reason=agreed on the spot")
    assert "skipped the strategy meeting. Reason: agreed on the spot" in last(flood, B)
    await flood.say(B, "/meeting skip strategy reason=again")
    assert "is skipped. Nothing was changed" in last(flood, B)
    await pass_on(flood, 60 * 7.5)
    await flood.say(B, "/meeting minutes Bags to the gap first\nHan brings pumps")
    assert "minutes of the tactics meeting" in last(flood, B)
    async with flood.world.store.read() as uow:
        (entry,) = await uow.timeline.entries(1, kinds=("meeting.minutes",))
    assert "Han brings pumps" in str(entry.content)


async def test_a_tactics_meeting_lists_what_slips_with_proposals_that_can_be_tapped(
    flood: Desk,
) -> None:
    await flood.say(A, "/period start")
    await flood.say(A, "/目标 新建 堵住决口 截止=20:00")
    await pass_on(flood, 60 * 3)
    await flood.say(A, "/目标 进展 O1 20%")
    await pass_on(flood, 60 * 3)
    compared = next(each for each in flood.texts(B) if "objectives slip" in each)
    assert "1 of 1 open objectives slip" in compared
    assert "at 20 %, by the time it should be 50 %" in compared
    assert "at this pace until Sat, Jul 18 23:00" in compared
    await flood.take(flood.pressed(B, choice(flood, B, "O1 until Sat, Jul 18 23:00")))
    async with flood.world.store.read() as uow:
        found = await uow.objectives.get(1, 1)
        assert found is not None
        assert found.due == EIGHT + timedelta(hours=15)
        (entry,) = [
            each for each in await uow.ledger.entries() if each.code == "objectives.compared"
        ]
    assert entry.params["slipping"] == [
        {"objective": "O1", "why": "behind", "progress": 20, "expected": 50}
    ]


async def test_the_tier_changes_by_decision_alone_and_is_proposed_when_its_objectives_are_over(
    flood: Desk,
) -> None:
    await flood.say(A, "/period start")
    await flood.say(A, "/目标 新建 救出屋顶被困人员 截止=12:00 层级=救人")
    await flood.say(A, "/目标 完成 O1")
    await flood.say(B, "/period compare")
    assert "All objectives of rescue are over. Is it resettlement now?" in last(flood, B)
    await flood.take(flood.pressed(B, choice(flood, B, "Go on to resettlement")))
    assert "Why now?" in last(flood, B)
    await flood.say(B, "everybody is off the roofs", by="li")
    assert "from rescue to resettlement. Reason: everybody is off the roofs" in last(flood, B)
    await flood.say(B, "/period tier resettlement again")
    assert "is about resettlement already" in last(flood, B)
    async with flood.world.store.read() as uow:
        assert [each.tier for each in await uow.periods.tiers(1)] == ["resettlement"]
        assert replay(await uow.ledger.entries())["I1-tier"]["tier"] == "resettlement"


async def test_a_calendar_has_the_zone_and_a_moved_meeting_is_a_later_version_of_the_same(
    flood: Desk,
) -> None:
    await flood.say(A, "/period start")
    before = await calendar_file(flood)
    await flood.say(A, "/meeting move tactics 15:30")
    after = await calendar_file(flood)
    (zone,) = after.walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    old, new = (
        next(each for each in one.walk("VEVENT") if "tactics meeting" in str(each["SUMMARY"]))
        for one in (before, after)
    )
    assert old["UID"] == new["UID"]
    assert int(str(new["SEQUENCE"])) > int(str(old["SEQUENCE"]))
    assert new.decoded("DTSTART") == EIGHT + timedelta(hours=7, minutes=30)
    assert "战术会议" in str(new["SUMMARY"])
    await flood.say(A, "/meeting skip tactics reason=agreed")
    skipped = next(
        each
        for each in (await calendar_file(flood)).walk("VEVENT")
        if "tactics meeting" in str(each["SUMMARY"])
    )
    assert skipped["STATUS"] == "CANCELLED"


async def calendar_file(desk: Desk) -> Calendar:
    """The calendar as a room of both languages gets it."""
    async with desk.world.store.read() as uow:
        incident = await uow.incidents.get(1)
        assert incident is not None
        paper = await calendar.paper(uow, incident, desk.world.moment)
    data = in_language(paper, "both", desk.world.post.speech)
    made = Press().make(paper.template, paper.format, data)
    assert made == Press().make(paper.template, paper.format, data)
    found = Calendar.from_ical(made)
    assert isinstance(found, Calendar)
    return found


class Killed(BaseException):
    """The process ends here."""


def killing(desk: Desk, at: int) -> Clock:
    """A clock whose process is killed when that many timers have rung, before they are stored."""
    rung = 0

    def deadly(ring: Ring) -> Ring:
        async def once(uow: UnitOfWork, timer: Timer) -> None:
            nonlocal rung
            await ring(uow, timer)
            rung += 1
            if rung >= at:
                raise Killed

        return once

    rings = {kind: deadly(ring) for kind, ring in desk.clock._rings.items()}
    return Clock(desk.world.store, rings, lambda: desk.world.moment)


async def test_over_three_days_with_restarts_at_bad_moments_every_deadline_fires_once(
    flood: Desk,
) -> None:
    await flood.say(A, "/角色 任命 作业部部长 Han")
    await flood.say(A, "/目标 新建 守住大堤 截止=07-21 08:00")
    await flood.say(A, "/period start")
    quarter = timedelta(minutes=15)
    down = [(11.5, 13.0), (29.0, 31.25), (41.0, 56.5)]
    killed = 0
    for step in range(1, 72 * 4 + 1):
        flood.world.moment = EIGHT + step * quarter
        hour = step / 4
        if any(since <= hour < until for since, until in down):
            continue
        if step % 3 == 0:
            try:
                await killing(flood, 1 + step % 2).ring()
            except Killed:
                killed += 1
        if step % 7 == 0:
            flood.restart()
        await flood.clock.ring()
    await flood.delivered()
    assert killed > 10
    async with flood.world.store.read() as uow:
        periods = await uow.periods.all(1)
        held = await uow.periods.meetings(1)
        entries = await uow.ledger.entries()
    times = Counter((each.code, each.params.get("thing")) for each in entries)
    running = periods[-2]
    assert [each.number for each in periods] == list(range(1, 9))
    assert [each.starts_at for each in periods] == [
        EIGHT + timedelta(hours=12) * n for n in range(8)
    ]
    for period in periods[:-1]:
        thing = f"I1-P{period.number}"
        assert times["period.begun", thing] == 1
        assert times["period.ended", thing] == (0 if period is running else 1)
    assert running.state == "running"
    assert periods[-1].state == "planned"
    for meeting in held:
        thing = f"I1-M{meeting.number}"
        fired = times["meeting.begun", thing] + times["meeting.missed", thing]
        assert fired == (0 if meeting.at > flood.world.moment else 1), thing
        assert times["meeting.reminded", thing] <= 1
    assert sum(each.state == "missed" for each in held) >= 6, "those of the night that we were down"
    spoken = Counter(flood.texts(B))
    assert not [text for text, n in spoken.items() if n > 1 and "begins" in text]
    assert any("Late: this was due at" in text for text in spoken)


async def test_with_two_processes_each_timer_fires_in_one_of_them(
    flood: Desk, ready_url: str
) -> None:
    await flood.say(A, "/period start")
    other = await Store.open(ready_url)
    try:
        for _hour in range(13):
            flood.world.moment += timedelta(hours=1)
            clocks = [
                Clock(store, flood.clock._rings, lambda: flood.world.moment)
                for store in (flood.world.store, other)
            ]
            await asyncio.gather(*(each.ring() for each in clocks))
    finally:
        await other.close()
    codes = Counter(await flood.ledger())
    assert codes["period.ended"] == 1
    assert codes["period.begun"] == 2
    assert codes["meeting.begun"] == 6


async def test_a_period_of_ten_days_ago_is_caught_up_with_in_no_more_steps_than_there_were(
    flood: Desk,
) -> None:
    await flood.say(A, "/period start 72")
    await pass_on(flood, 60 * 24 * 10)
    async with flood.world.store.read() as uow:
        current = await uow.periods.current(1)
    assert current is not None
    assert current.number == 4
    assert current.starts_at <= flood.world.moment < current.ends_at
