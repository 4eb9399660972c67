"""What a long outage leaves behind is told with its number and a link to where it begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.transports.base import Entered, Inbound, Said, Skipped
from tests.integration.matrix.bot import Bot, new_bot
from tests.servers.person import Person
from tests.servers.proxy import Answer, Proxy, to
from tests.servers.synapse import Homeserver


def words(taken: list[Inbound]) -> list[str]:
    """What was said, in the order in which it was taken."""
    return [each.event.content.text for each in taken if isinstance(each.event, Said)]


@pytest.fixture
async def alice(hs: Homeserver) -> Person:
    return await hs.user("alice", display_name="Alice")


@pytest.fixture
async def bot(hs: Homeserver, tmp_path: Path, alice: Person) -> Bot:
    made = await new_bot(hs, tmp_path, admins=(alice.user_id,))
    made.gap_events = 100
    return made


@pytest.fixture
async def room(bot: Bot, alice: Person) -> str:
    """A room that the bot has entered; it is away again."""
    room = await alice.create_room("Pump 3", invite=(bot.user_id,))
    async with bot.running():
        await bot.heard(Entered)
    return room


async def test_what_lies_before_the_fetched_is_counted_and_can_be_found(
    bot: Bot, room: str, alice: Person
) -> None:
    """Edits and reactions count as nothing of their own, nor does what the bot wrote."""
    first = await alice.say(room, "n0")
    await alice.edit(room, first, "n0, put right")
    await alice.react(room, first, "👍")
    async with bot.made():
        await bot.say(room, "from another room")
    for number in range(1, 320):
        await alice.say(room, f"n{number}")
    async with bot.running():
        await bot.until(lambda: words(bot.taken)[-1:] == ["n319"])
    carried = words(bot.taken)
    assert carried == [f"n{number}" for number in range(320 - len(carried), 320)]
    (told,) = await bot.heard(Skipped)
    assert bot.taken.index(told) < bot.taken.index((await bot.heard(Said))[0])
    assert isinstance(told.event, Skipped)
    assert told.event.count == 320 - len(carried)
    assert told.event.since is not None
    assert told.event.since < told.event.until <= (await bot.heard(Said))[0].at
    assert told.event.link is not None
    shown = unquote(told.event.link.removeprefix("https://matrix.to/#/")).partition("?")[0]
    assert shown == f"{room}/{first}"


async def test_a_gap_in_which_nobody_wrote_is_none(bot: Bot, room: str, alice: Person) -> None:
    for number in range(130):
        await alice.set_state(room, "org.example.level", {"metres": number})
    for number in range(200):
        await alice.say(room, f"n{number}")
    async with bot.running():
        await bot.until(lambda: words(bot.taken)[-1:] == ["n199"])
    assert words(bot.taken) == [f"n{number}" for number in range(200)]
    assert not [each for each in bot.taken if isinstance(each.event, Skipped)]


async def test_a_gap_that_cannot_be_counted_is_told_all_the_same(
    bot: Bot, room: str, alice: Person, hs: Homeserver, proxy: Callable[[int], Awaitable[Proxy]]
) -> None:
    between = await proxy(hs.synapse.port)
    bot.url = between.url
    for number in range(320):
        await alice.say(room, f"n{number}")
    between.break_(Answer(500, b'{"errcode": "M_UNKNOWN"}'), to("GET", "limit=1000"))
    async with bot.running():
        (told,) = await bot.heard(Skipped)
    assert isinstance(told.event, Skipped)
    assert (told.event.count, told.event.since, told.event.link) == (None, None, None)
