"""A calendar that keeps itself up to date, for whoever has the address and nobody else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from icalendar import Calendar

from bot.door import Door, Knock
from bot.feeds import routes
from handlers.context import Gate, Means
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_incidents import last
from tests.integration.dispatch.test_organisation import private
from tests.integration.dispatch.test_periods import ready
from tests.unit.delivery.world import SHANGHAI


@pytest.fixture
async def door(desk: Desk) -> AsyncIterator[Desk]:
    """A desk with an incident whose period runs, and its door open."""
    await ready(desk)
    world = desk.world
    knock = Knock(world.store, world.post, Means(), SHANGHAI, lambda: world.moment)
    opened = Door(("127.0.0.1", 0), knock, routes)
    port = await opened.open()
    desk.means = Means(gate=Gate(f"http://127.0.0.1:{port}", b"secret"))
    desk.restart()
    await desk.say(A, "/period start")
    yield desk
    await opened.close()


async def get(address: str, **headers: str) -> tuple[int, bytes, str]:
    """Status, content and tag of what lies at an address."""
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as found:
        return found.status, await found.read(), found.headers.get("ETag", "")


def address(desk: Desk, room: str) -> str:
    """The address that was told last."""
    found = re.findall(r"http://\S+\.ics", "\n".join(desk.texts(room)))
    return str(found[-1])


async def test_the_address_is_told_in_private_and_follows_what_is_moved(door: Desk) -> None:
    chat = await private(door, "li")
    await door.say(A, "/会议 订阅")
    assert not any(".ics" in text for text in (*door.texts(A), *door.texts(B)))
    where = address(door, chat)
    assert len(where.rpartition("/")[2]) > 40
    status, content, tag = await get(where)
    assert status == 200
    names = [str(each["SUMMARY"]) for each in Calendar.from_ical(content).walk("VEVENT")]
    assert "Operational period P1" in " ".join(names)
    assert "tactics meeting M3" in names
    assert (await get(where, **{"If-None-Match": tag}))[0] == 304
    await door.say(A, "/meeting move tactics 15:30")
    status, content, other = await get(where, **{"If-None-Match": tag})
    assert (status, tag != other) == (200, True)
    assert b"DTSTART;TZID=Asia/Shanghai:20260718T153000" in content


async def test_a_wrong_or_ended_address_gives_nothing_and_who_guesses_is_barred(
    door: Desk,
) -> None:
    chat = await private(door, "li")
    await door.say(chat, "/meeting feed incident=I1")
    first = address(door, chat)
    await door.say(chat, "/meeting feed incident=I1")
    second = address(door, chat)
    assert first != second
    assert (await get(first))[0] == 403, "a new address ends the old one"
    assert (await get(second))[0] == 200
    await door.say(chat, "/meeting feed off incident=I1")
    assert (await get(second))[0] == 403
    odd = first.rpartition("/")[0] + "/%FF%ED%A0%80.ics"
    assert (await get(odd))[0] == 403
    guesses = [(await get(second[:-8] + f"{n:04d}.ics"))[0] for n in range(25)]
    assert guesses[0] == 403
    assert guesses[-1] == 429


async def test_the_store_has_no_token_and_the_ledger_neither(door: Desk) -> None:
    chat = await private(door, "li")
    await door.say(chat, "/meeting feed incident=I1")
    token = address(door, chat).rpartition("/")[2].removesuffix(".ics")
    async with door.world.store.read() as uow:
        feeds = await uow.periods.feeds_of(1, 1)
        assert token not in str(feeds)
        assert token not in str([each.params for each in await uow.ledger.entries()])


async def test_who_cannot_be_told_in_private_and_a_bot_without_a_door_say_what_to_do(
    door: Desk,
) -> None:
    await door.say(B, "/meeting feed")
    assert "write to me in private" in last(door, B)
    async with door.world.store.read() as uow:
        assert not await uow.periods.feeds_of(1, 1)
    door.means = Means()
    door.restart()
    await door.say(B, "/meeting feed")
    assert "/meeting calendar" in last(door, B)
    door.world.moment += timedelta(minutes=1)
    await door.say(B, "/meeting feed off")
    assert "You have no calendar address" in last(door, B)
