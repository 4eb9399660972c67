"""Who comes, goes, changes their name or closes the room is told by what the room's state says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.transports.base import Change, Entered, Passed, Said, Secured
from tests.integration.matrix.bot import Bot, new_bot
from tests.servers.person import Person
from tests.servers.synapse import Homeserver


@pytest.fixture
async def alice(hs: Homeserver) -> Person:
    return await hs.user("alice", display_name="Alice")


@pytest.fixture
async def wang(hs: Homeserver) -> Person:
    return await hs.user("wang", display_name="Wang")


@pytest.fixture
async def bot(hs: Homeserver, tmp_path: Path, alice: Person) -> Bot:
    return await new_bot(hs, tmp_path, admins=(alice.user_id,))


@pytest.fixture
async def room(bot: Bot, alice: Person) -> str:
    """A public room in which Alice was before the bot."""
    return await alice.create_room("Pump 3", public=True, invite=(bot.user_id,))


@pytest.fixture
async def listening(bot: Bot, room: str) -> AsyncIterator[Bot]:
    async with bot.running():
        await bot.heard(Entered)
        yield bot


def changes(bot: Bot) -> list[Change]:
    """All changes of people, in order."""
    return [
        change
        for each in bot.taken
        if isinstance(each.event, Passed)
        for change in each.event.changes
    ]


async def settled(bot: Bot, room: str, alice: Person) -> None:
    """Until all that happened before is taken."""
    event = await alice.say(room, "that is all")
    await bot.until(lambda: any(each.remote == event for each in bot.taken))


async def test_joins_leaves_removals_and_new_names_are_told(
    listening: Bot, room: str, alice: Person, wang: Person
) -> None:
    who = f"matrix:{wang.user_id}"
    await wang.join(room)
    await wang.set_display_name("Wang Wu")
    await alice.wait_for(room, lambda each: each.content.get("displayname") == "Wang Wu")
    await wang.leave(room)
    await wang.join(room)
    await alice.kick(room, wang.user_id, "wrong room")
    await alice.ban(room, wang.user_id)
    await settled(listening, room, alice)
    assert changes(listening) == [
        Change("joined", who, "Wang"),
        Change("renamed", who, "Wang Wu", "Wang"),
        Change("left", who, "Wang Wu"),
        Change("joined", who, "Wang Wu"),
        Change("removed", who, "Wang Wu"),
    ]


async def test_who_was_there_before_the_bot_and_the_bot_itself_are_no_news(
    bot: Bot, room: str, alice: Person, wang: Person
) -> None:
    """Neither at the first sync nor at a restart; an invitation and a picture are none either."""
    await wang.join(room)
    for _start in range(2):
        async with bot.running():
            await bot.heard(Entered)
            await settled(bot, room, alice)
    async with bot.running():
        await alice.invite(room, "@nobody:" + alice.user_id.partition(":")[2])
        await wang.request(
            "PUT", f"/profile/{wang.user_id}/avatar_url", {"avatar_url": "mxc://hs/x"}
        )
        await settled(bot, room, alice)
    assert changes(bot) == []


async def test_who_came_while_the_bot_was_away_is_told_of_at_its_return(
    bot: Bot, room: str, alice: Person, wang: Person
) -> None:
    async with bot.running():
        await bot.heard(Entered)
    await wang.join(room)
    async with bot.running():
        await settled(bot, room, alice)
    assert changes(bot) == [Change("joined", f"matrix:{wang.user_id}", "Wang")]


async def test_a_room_that_is_encrypted_later_is_known_to_be_from_the_next_event_on(
    listening: Bot, room: str, alice: Person
) -> None:
    before = await alice.say(room, "readable")
    await alice.set_state(room, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    after = await alice.say(room, "written by a careless client")
    await listening.heard(Secured)
    said = {each.remote: each.encrypted for each in await listening.heard(Said, 2)}
    assert said == {before: False, after: True}


async def test_that_a_room_is_encrypted_is_known_from_the_start_on(bot: Bot, alice: Person) -> None:
    """Also after a restart, before anybody writes there."""
    sealed = await alice.create_room("Sealed", encrypted=True, invite=(bot.user_id,))
    async with bot.running():
        (entered,) = await bot.heard(Entered, room=sealed)
    assert entered.encrypted
    bot.taken.clear()
    async with bot.running():
        await bot.heard(Secured, room=sealed)
        await alice.send(sealed, "m.room.message", {"msgtype": "m.text", "body": "careless"})
        (said,) = await bot.heard(Said, room=sealed)
    assert said.encrypted
