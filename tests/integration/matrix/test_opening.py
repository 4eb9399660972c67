"""Rooms that the bot opens on a homeserver: one for each key, with the people invited."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.transports.base import OpensRooms, Rejected
from tests.integration.matrix.bot import Bot, new_bot
from tests.servers.person import Person
from tests.servers.synapse import Homeserver


@pytest.fixture
async def alice(hs: Homeserver) -> Person:
    """Whom it concerns."""
    return await hs.user("alice", display_name="Alice")


async def together(alice: Person, bot: Bot) -> str:
    """A room in which both are; its id as ours."""
    room = await alice.create_room(invite=(bot.user_id,))
    await alice.wait_for(
        room,
        lambda e: e.state_key == bot.user_id and e.content.get("membership") == "join",
    )
    return f"matrix:{room}"


async def test_asking_again_with_the_same_key_gives_the_same_room(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    """As after an answer that was lost; another key gives another room."""
    bot = await new_bot(hs, tmp_path, admins=(alice.user_id,))
    invited = (f"matrix:{alice.user_id}",)
    async with bot.running():
        beside = await together(alice, bot)
        assert isinstance(bot.transport, OpensRooms)
        assert bot.transport.reopens
        made = [
            await bot.transport.open_room(beside, key, "I3 阀室泄漏", "zh", invited)
            for key in ("2026-003-1", "2026-003-1", "2026-003-2")
        ]
    assert made[0] == made[1] != made[2]
    room = made[0].removeprefix("matrix:")
    assert room in await alice.invitations()
    await alice.join(room)
    assert (await alice.state(room, "m.room.name"))["name"] == "I3 阀室泄漏"
    rules = await alice.state(room, "m.room.join_rules")
    assert rules["join_rule"] == "invite"


async def test_a_homeserver_that_refuses_is_told_of(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    """As for somebody who cannot be invited at all."""
    bot = await new_bot(hs, tmp_path, admins=(alice.user_id,))
    async with bot.running():
        beside = await together(alice, bot)
        with pytest.raises(Rejected):
            await bot.transport.open_room(beside, "k", "I3", "zh", ("matrix:nobody",))
