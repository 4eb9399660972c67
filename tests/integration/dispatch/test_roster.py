"""Check-in, roster, and who on scene has not been heard of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.richtext import Html
from bot.transports.base import Content, Edited, Said
from bot.transports.location import Location
from tests.integration.dispatch.desk import A, B, C, Desk
from tests.integration.dispatch.leak import declared, last
from workflows.incidents import roster
from workflows.incidents.replay import replay

SHORE = Location(31.2304, 121.4737)


@pytest.fixture
async def leak(desk: Desk) -> Desk:
    """An incident that was declared."""
    return await declared(desk)


async def shared(desk: Desk, room: str, location: Location, by: str, remote: str = "loc") -> None:
    """Somebody shares a location."""
    inbound = desk.event(room, Said(Content(Html("📍"), location=location)), by=by, remote=remote)
    await desk.take(inbound)


async def later(desk: Desk, minutes: float) -> None:
    """Time passes, and what is due rings."""
    desk.world.moment += timedelta(minutes=minutes)
    await desk.clock.ring()
    await desk.delivered()


async def test_people_check_in_with_team_and_number_and_leave(leak: Desk) -> None:
    await leak.say(B, "/checkin 6 team=Rescue 1", by="han")
    assert "Han and 5 others checked in, team Rescue 1" in last(leak, B)
    assert "I1 · 3号阀室泄漏" in last(leak, B)
    await leak.say(A, "/签到", by="wang")
    await leak.say(B, "/roster")
    shown = last(leak, B)
    assert "7 people on scene" in shown
    assert "水务 — 6 people" in shown
    assert "Han [Rescue 1] ×6" in shown
    assert "Of no agency — 1 person" in shown
    await leak.say(B, "/checkout", by="han")
    assert "Han checked out with 6 people" in last(leak, B)
    await leak.say(B, "/roster")
    assert "1 person on scene" in last(leak, B)


async def test_who_is_on_the_way_arrives_by_checking_in_again(leak: Desk) -> None:
    await leak.say(B, "/checkin people=3 eta=14:30", by="han")
    assert "Han and 2 others on the way, expected Sat, Jul 18 14:30" in last(leak, B)
    await leak.say(B, "/roster")
    assert "0 people on scene · 1 arrival awaited" in last(leak, B)
    await leak.take(leak.pressed(B, leak.choices(B)["I have arrived"], by="han"))
    await leak.say(B, "/roster")
    assert "3 people on scene" in last(leak, B)
    assert "×3" in last(leak, B)


async def test_nobody_else_can_tap_what_is_offered_to_who_checked_in(leak: Desk) -> None:
    await leak.say(B, "/checkin eta=14:30", by="han")
    before = await leak.ledger()
    await leak.take(leak.pressed(B, leak.choices(B)["I have arrived"], by="wang"))
    assert await leak.ledger() == before


async def test_who_is_still_checked_in_is_named_when_the_incident_is_closed(leak: Desk) -> None:
    await leak.say(B, "/checkin", by="han")
    await leak.say(A, "/事件 关闭")
    assert any("still checked in: Han" in text for text in leak.texts(B))


async def test_sharing_where_one_is_checks_in_and_moving_on_says_nothing_more(leak: Desk) -> None:
    await shared(leak, B, SHORE, "han")
    assert "Han checked in" in last(leak, B)
    told = len(leak.texts(A))
    moved = Content(Html("📍"), location=Location(31.24, 121.48, live=900))
    await leak.take(leak.event(B, Edited("loc", moved), by="han"))
    assert len(leak.texts(A)) == told
    await leak.say(B, "/roster")
    assert "(31.24000, 121.48000)" in last(leak, B)


async def test_a_named_place_a_stranger_and_a_room_without_an_incident_check_nobody_in(
    leak: Desk,
) -> None:
    await leak.bridge("other", c="en")
    await shared(leak, B, Location(31.2, 121.4, title="Valve 3"), "han", "one")
    await shared(leak, B, SHORE, "wang", "two")
    await shared(leak, C, SHORE, "han", "three")
    assert "checkin.in" not in await leak.ledger()


async def test_who_is_silent_on_scene_is_announced_once_until_heard_of_again(leak: Desk) -> None:
    await leak.say(A, "/人员 守望 20分钟")
    await leak.say(B, "/checkin team=Rescue 1", by="han")
    await leak.say(A, "/签到", by="li")
    await later(leak, 10)
    await leak.say(A, "valve is shut", by="li")
    await later(leak, 11)
    assert "⚠ Not heard of for 20 minutes" in last(leak, B)
    assert "Han [Rescue 1]" in last(leak, B)
    assert "Li" not in last(leak, B)
    told = len(leak.texts(B))
    await later(leak, 5)
    assert len(leak.texts(B)) == told
    await leak.say(B, "here", by="han")
    await later(leak, 5)
    await leak.say(B, "/roster", by="wang")
    assert "⚠ Li" in last(leak, B)
    assert "⚠ Han" not in last(leak, B)
    await later(leak, 16)
    assert "Han [Rescue 1]" in last(leak, B)


async def test_nobody_is_announced_after_the_incident_is_over(leak: Desk) -> None:
    await leak.say(B, "/checkin", by="han")
    await leak.say(A, "/事件 关闭")
    told = len(leak.texts(B))
    await later(leak, 60)
    assert len(leak.texts(B)) == told
    await leak.say(B, "/checkout", by="han")
    assert "Han checked out" in last(leak, B)


async def test_who_is_expected_is_missed_only_after_the_time_of_arrival(leak: Desk) -> None:
    await leak.say(B, "/checkin eta=15:00", by="han")
    told = len(leak.texts(B))
    await later(leak, 60)
    assert not any("on the way" in text for text in leak.texts(B)[told:])
    await later(leak, 31)
    missed = [text for text in leak.texts(B)[told:] if "on the way" in text]
    assert ["expected Sat, Jul 18 15:00" in text for text in missed] == [True]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/checkin 0", "from 1 to 10,000"),
        ("/checkin people=20000", "10,000"),
        ("/checkin team=🔥", "A team's name has 1 to 60 characters"),
        ("/checkin eta=yesterday", "The hour is missing"),
        ("/checkout", "You are not checked in at I1"),
        ("/roster watch 1min", "5 minutes"),
        ("/checkin incident=I99", "There is no incident I99"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(leak: Desk, typed: str, told: str) -> None:
    before = await leak.ledger()
    await leak.say(B, typed)
    assert told in last(leak, B)
    assert await leak.ledger() == before


async def test_the_record_makes_a_check_in_again(leak: Desk) -> None:
    await shared(leak, B, SHORE, "han")
    await leak.say(B, "/checkin 4", by="han")
    await leak.say(B, "/checkout", by="han")
    async with leak.world.store.read() as uow:
        (row,) = await uow.roster.all(1, present_only=False)
        assert replay(await uow.ledger.entries())[f"I1-checkin {row.id}"] == roster.fields(row)
