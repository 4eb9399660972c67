"""Times are read and shown in the zone of the incident, or in a person's own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.post import PAPER
from bot.printing import in_language
from handlers.document import Paper
from storage.tables import Timer
from tests.integration.dispatch.desk import A, B, C, D, Desk
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_organisation import private

NOON = datetime(2026, 7, 18, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai, 10:00 in Urumqi, 00:00 in New York."""


@pytest.fixture
async def rooms(each_desk: Desk) -> Desk:
    """Two bridges of a Chinese and an English room, and Li."""
    desk = each_desk
    desk.world.moment = NOON
    await desk.bridge("coast", a="zh", b="en")
    await desk.bridge("desert", c="zh", d="en")
    await joined(desk, "Li")
    await joined(desk, "Han")
    return desk


async def due(desk: Desk, incident: int, number: int = 1) -> datetime | None:
    """Until when an objective is to be reached."""
    async with desk.world.store.read() as uow:
        found = await uow.objectives.get(incident, number)
        assert found is not None
        return found.due


async def test_an_incident_in_the_zone_of_the_installation_names_no_zone(rooms: Desk) -> None:
    await rooms.say(A, "/事件 新建 海上溢油")
    await rooms.say(A, "/objective new Stop the spill by=18:00")
    assert "until Sat, Jul 18 18:00" in last(rooms, B)
    assert "UTC" not in last(rooms, B)


async def test_times_of_an_incident_elsewhere_are_read_and_shown_in_its_zone_with_its_name(
    rooms: Desk,
) -> None:
    await rooms.say(C, "/事件 新建 沙漠管道泄漏 时区=乌鲁木齐")
    await rooms.say(C, "/目标 新建 堵住泄漏 截止=18:00")
    assert await due(rooms, 1) == datetime(2026, 7, 18, 12, 0, tzinfo=UTC)
    assert "7月18日周六 18:00（UTC+6）" in last(rooms, C)
    assert "until Sat, Jul 18 18:00 (UTC+6)" in last(rooms, D)


async def test_a_command_that_names_an_incident_elsewhere_is_read_in_that_zone(
    rooms: Desk,
) -> None:
    await rooms.say(A, "/事件 新建 沙漠管道泄漏 时区=新疆时间")
    await rooms.say(A, "/事件 新建 海上溢油 时区=北京时间")
    await rooms.say(A, "/objective new Close the valve by=18:00 incident=I1")
    assert await due(rooms, 1) == datetime(2026, 7, 18, 12, 0, tzinfo=UTC)
    assert "18:00 (UTC+6)" in last(rooms, B)
    await rooms.say(A, "/objective new Stop the spill by=18:00")
    assert await due(rooms, 2) == datetime(2026, 7, 18, 10, 0, tzinfo=UTC)


async def test_an_answer_in_a_form_about_an_incident_elsewhere_is_read_in_that_zone(
    rooms: Desk,
) -> None:
    await rooms.say(A, "/事件 新建 沙漠管道泄漏 时区=Asia/Urumqi")
    await rooms.say(A, "/period start")
    await rooms.say(A, "/事件 新建 海上溢油 时区=北京时间")
    await rooms.say(A, "/meeting move incident=I1")
    await rooms.say(A, "tactics")
    await rooms.say(A, "17:00")
    async with rooms.world.store.read() as uow:
        moved = [each.at for each in await uow.periods.meetings(1) if each.kind == "tactics"]
    assert moved == [datetime(2026, 7, 18, 11, 0, tzinfo=UTC)]


async def test_the_zone_of_an_incident_changes_and_what_is_planned_stays_at_its_moment(
    rooms: Desk,
) -> None:
    await rooms.say(A, "/事件 新建 海上溢油")
    await rooms.say(A, "/目标 新建 围住油污 截止=18:00")
    before = await due(rooms, 1)
    await rooms.say(A, "/事件 时区 UTC+6")
    assert "Asia/Urumqi" not in last(rooms, B)
    assert "UTC+6" in last(rooms, B)
    assert await due(rooms, 1) == before
    await rooms.say(A, "/目标 查看 O1")
    assert "until Sat, Jul 18 16:00 (UTC+6)" in last(rooms, B)
    await rooms.say(A, "/incident zone UTC+6")
    assert "UTC+6" in last(rooms, A)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Urumki", "Asia/Urumqi"),
        ("乌鲁木奇", "Asia/Urumqi"),
        ("Zzyzx", "Shanghai"),
        ("UTC+15", "Shanghai"),
    ],
)
async def test_a_zone_that_nobody_knows_is_refused_with_those_that_are_near(
    rooms: Desk, typed: str, said: str
) -> None:
    await rooms.say(A, "/事件 新建 海上溢油")
    await rooms.say(B, f"/incident zone {typed}")
    assert said in last(rooms, B)
    async with rooms.world.store.read() as uow:
        assert await uow.zones.of_incident(1) == "Asia/Shanghai"


async def test_somebody_with_a_zone_of_their_own_reads_and_types_it_in_private(
    rooms: Desk,
) -> None:
    await rooms.say(A, "/事件 新建 海上溢油")
    chat = await private(rooms, "li")
    await rooms.say(chat, "/me zone New York", by="li")
    assert "America/New_York" in last(rooms, chat)
    await rooms.say(chat, "/objective new Stop the spill by=02:00 incident=I1", by="li")
    assert await due(rooms, 1) == datetime(2026, 7, 18, 6, 0, tzinfo=UTC)
    assert "02:00 (UTC−4)" in last(rooms, chat).replace("（", " (").replace("）", ")")
    await rooms.say(A, "/objective show O1")
    assert "14:00 (UTC+8)" in last(rooms, B), "who commands reads another clock: it is named"
    await rooms.say(chat, "/me zone incident", by="li")
    await rooms.say(A, "/objective show O1")
    assert "UTC" not in last(rooms, B)


async def test_two_names_of_the_same_hour_need_no_zone_named(rooms: Desk) -> None:
    await rooms.say(A, "/事件 新建 海上溢油 时区=Singapore")
    await rooms.say(A, "/目标 新建 围住油污 截止=18:00")
    assert "UTC" not in last(rooms, B)


async def test_a_paper_reads_the_incidents_clock_wherever_it_is_asked_for(rooms: Desk) -> None:
    """One copy goes from hand to hand; who asks from elsewhere reads their own on the card."""
    await rooms.say(A, "/事件 新建 沙漠管道泄漏 时区=乌鲁木齐")
    await rooms.say(A, "/目标 新建 堵住泄漏 截止=18:00")
    chat = await private(rooms, "li")
    await rooms.say(chat, "/me zone New York", by="li")
    await rooms.say(chat, "/brief now to=me incident=I1", by="li")
    (timer,) = await papers(rooms)
    paper = Paper.from_json(timer.data["paper"])
    zone = ZoneInfo(str(timer.data["zone"]))
    speech = rooms.world.post.speech.local(zone, named=bool(timer.data["named"]))
    printed = str(in_language(paper, "en", speech))
    assert "10:00 (UTC+6)" in printed
    assert "UTC−4" not in printed
    assert any("00:00 (UTC−4)" in text for text in rooms.texts(chat))


async def papers(desk: Desk) -> list[Timer]:
    """The papers that wait to be drawn."""
    async with desk.world.store.read() as uow:
        return [each for each in await uow.timers.due(desk.world.moment) if each.kind == PAPER]
