"""The homeserver and the people on it do what the other tests take for granted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.servers.matrixevents import Event, Refused
from tests.servers.person import Person
from tests.servers.synapse import Homeserver, Synapse


def says(text: str) -> Callable[[Event], bool]:
    return lambda event: event.body == text


async def pair(hs: Homeserver) -> tuple[Person, Person, str]:
    alice, bob = await hs.user("alice"), await hs.user("bob")
    room = await alice.create_room("Room", invite=(bob.user_id,))
    assert await bob.invitations() == {room}
    await bob.join(room)
    return alice, bob, room


async def test_people_write_answer_edit_react_and_delete(hs: Homeserver) -> None:
    alice, bob, room = await pair(hs)
    said = await alice.say(room, "*one*", html="<b>one</b>")
    answer = await bob.say(room, "two", reply_to=said)
    edit = await bob.edit(room, answer, "three")
    reaction = await bob.react(room, said, "👍")

    seen = {event.id: event for event in await alice.timeline(room)}
    assert (seen[said].body, seen[said].html) == ("*one*", "<b>one</b>")
    assert seen[answer].reply_to == said
    assert (seen[edit].replaces, seen[edit].new_body) == (answer, "three")
    assert seen[reaction].key == "👍"

    redaction = await alice.redact(room, said)
    assert (await bob.event(room, said)).redacted
    assert (await bob.event(room, redaction)).redacts == said


async def test_a_transaction_id_makes_one_event(hs: Homeserver) -> None:
    alice, bob, room = await pair(hs)
    first = await alice.say(room, "once", txn="t1")
    assert await alice.say(room, "once", txn="t1") == first
    assert len(list(filter(says("once"), await bob.messages(room)))) == 1


async def test_files_come_back_as_they_were_sent(hs: Homeserver) -> None:
    alice, bob, room = await pair(hs)
    await alice.send_file(room, b"\x00\xff", "图.png", "image/png", msgtype="m.image")
    event = await bob.wait_for(room, lambda event: event.msgtype == "m.image")
    assert event.body == "图.png"
    assert await bob.download(str(event.content["url"])) == b"\x00\xff"


async def test_waiting_finds_what_was_there_and_what_comes(hs: Homeserver) -> None:
    alice, bob, room = await pair(hs)
    await alice.say(room, "past")
    assert (await bob.wait_for(room, says("past"))).sender == alice.user_id
    waiting = asyncio.create_task(bob.wait_for(room, says("future")))
    await alice.say(room, "future")
    assert (await waiting).body == "future"
    with pytest.raises(AssertionError, match="past"):
        await bob.wait_for(room, says("never"), timeout=0.1)


async def test_power_kicks_and_bans_are_enforced(hs: Homeserver) -> None:
    alice, bob, room = await pair(hs)
    await alice.set_power(room, {"events_default": 50})
    with pytest.raises(Refused, match="M_FORBIDDEN"):
        await bob.say(room, "not allowed")
    await alice.kick(room, bob.user_id)
    assert await alice.members(room) == {alice.user_id}
    await alice.ban(room, bob.user_id)
    with pytest.raises(Refused, match="403"):
        await bob.join(room)


async def test_a_homeserver_keeps_its_rooms_over_an_outage(
    new_synapse: Callable[..., Synapse],
) -> None:
    server = await asyncio.to_thread(new_synapse)
    async with Homeserver(server) as hs:
        alice = await hs.user("alice")
        room = await alice.create_room()
        await alice.say(room, "before")
        await asyncio.to_thread(server.kill)
        with pytest.raises(OSError, match="Cannot connect"):
            await alice.say(room, "during")
        await asyncio.to_thread(server.start)
        assert [event.body for event in await alice.messages(room)] == ["before"]


async def test_default_limits_are_those_of_a_fresh_homeserver(
    new_synapse: Callable[..., Synapse],
) -> None:
    server = await asyncio.to_thread(lambda: new_synapse(default_limits=True))
    async with Homeserver(server) as hs:
        alice = await hs.user("alice")
        room = await alice.create_room()

        async def flood() -> None:
            for number in range(20):
                await alice.say(room, str(number))

        with pytest.raises(Refused, match="M_LIMIT_EXCEEDED"):
            await flood()
        await hs.lift_limits(await hs.register("operator", admin=True), alice.user_id)
        await flood()


async def test_a_frozen_homeserver_hears_and_answers_later(
    new_synapse: Callable[..., Synapse],
) -> None:
    server = await asyncio.to_thread(new_synapse)
    async with Homeserver(server) as hs:
        alice = await hs.user("alice")
        room = await alice.create_room()
        server.freeze()
        saying = asyncio.create_task(alice.say(room, "slow"))
        finished, _waiting = await asyncio.wait((saying,), timeout=0.3)
        assert not finished
        server.thaw()
        await saying
        assert [event.body for event in await alice.messages(room)] == ["slow"]
