"""What happens in Matrix rooms reaches us, once and in order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.transports.base import (
    Deleted,
    Edited,
    Entered,
    Inbound,
    Lost,
    Moved,
    Reacted,
    Said,
)
from tests.integration.matrix.bot import Bot, new_bot
from tests.servers.person import Person
from tests.servers.proxy import Answer, Proxy, to
from tests.servers.synapse import Account, Homeserver
from workflows.text import Json


def words(taken: list[Inbound]) -> list[str]:
    """What was said, in the order in which it was taken."""
    return [each.event.content.text for each in taken if isinstance(each.event, Said)]


@pytest.fixture
async def alice(hs: Homeserver) -> Person:
    return await hs.user("alice", display_name="Alice")


@pytest.fixture
async def bot(hs: Homeserver, tmp_path: Path, alice: Person) -> Bot:
    return await new_bot(hs, tmp_path, admins=(alice.user_id,))


@pytest.fixture
async def room(bot: Bot, alice: Person) -> str:
    """A room that the bot has entered, with something said before it came."""
    room = await alice.create_room("Pump 3")
    await alice.say(room, "before the bot came")
    await alice.invite(room, bot.user_id)
    return room


@pytest.fixture
async def listening(bot: Bot, room: str) -> AsyncIterator[Bot]:
    async with bot.running():
        await bot.heard(Entered)
        yield bot


async def test_an_admins_invitation_is_followed_and_what_is_said_then_is_heard(
    listening: Bot, room: str, alice: Person
) -> None:
    event = await alice.say(
        room, "3号泵 <b> stopped", html="3号泵 &lt;b&gt; <strong>stopped</strong>"
    )
    (said,) = await listening.heard(Said)
    assert isinstance(said.event, Said)
    assert said.event.content.html == "3号泵 &lt;b&gt; <b>stopped</b>"
    assert said.event.content.text == "3号泵 <b> stopped"
    assert said.room == f"matrix:{room}"
    assert (said.key, said.remote) == (f"matrix:{event}", event)
    assert said.sender is not None
    assert (said.sender.account, said.sender.name) == (f"matrix:{alice.user_id}", "Alice")
    assert (said.title, said.private) == ("Pump 3", False)


async def test_what_was_said_before_the_bot_came_is_not_relayed(
    listening: Bot, room: str, alice: Person
) -> None:
    await alice.say(room, "now")
    await listening.heard(Said)
    assert words(listening.taken) == ["now"]


async def test_a_first_start_in_an_old_room_relays_nothing_said_before_it(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    account = await hs.user("bot")
    room = await alice.create_room("old", invite=(account.user_id,))
    await account.join(room)
    await alice.say(room, "old words")
    bot = Bot(Account(account.user_id, "", account.token, ""), hs.url, tmp_path)
    async with bot.running():
        await alice.say(room, "new words")
        await bot.heard(Said)
        assert [type(each.event) for each in bot.taken] == [Entered, Said]
        assert words(bot.taken) == ["new words"]


async def test_a_stranger_does_not_get_the_bot_into_a_room(hs: Homeserver, listening: Bot) -> None:
    mallory = await hs.user("mallory")
    room = await mallory.create_room("spam", invite=(listening.user_id,))
    await mallory.wait_for(
        room,
        lambda event: (
            event.type == "m.room.member"
            and event.state_key == listening.user_id
            and event.content.get("membership") == "leave"
        ),
    )
    assert await mallory.members(room) == {mallory.user_id}


async def test_a_configured_room_is_entered_whoever_invites(hs: Homeserver, tmp_path: Path) -> None:
    bob = await hs.user("bob")
    room = await bob.create_room("configured")
    bot = await new_bot(hs, tmp_path, rooms=(room,))
    async with bot.running():
        await bob.invite(room, bot.user_id)
        (entered,) = await bot.heard(Entered)
        assert entered.event == Entered("configured")


async def test_an_edit_a_reaction_and_a_deletion_name_their_message(
    listening: Bot, room: str, alice: Person
) -> None:
    event = await alice.say(room, "8 bar")
    await alice.edit(room, event, "9 bar")
    reaction = await alice.react(room, event, "👍")
    await alice.redact(room, reaction)
    await alice.redact(room, event)
    await listening.heard(Deleted, 2)
    edited, put, taken, deleted = (each.event for each in listening.taken[-4:])
    assert isinstance(edited, Edited)
    assert (edited.target, edited.content.html) == (event, "9 bar")
    assert put == Reacted(event, added=("👍",))
    assert taken == Deleted(reaction)
    assert deleted == Deleted(event)


async def test_an_edit_that_is_taken_back_leaves_what_was_said_before_it(
    listening: Bot, room: str, alice: Person
) -> None:
    """By its author: else the withdrawn wording would stand everywhere else."""
    event = await alice.say(room, "8 bar")
    first = await alice.edit(room, event, "9 bar")
    second = await alice.edit(room, event, "10 bar")
    answer = await alice.say(room, "seen", reply_to=second)
    await alice.redact(room, second)
    await listening.heard(Edited, 3)
    await alice.redact(room, first)
    edits = await listening.heard(Edited, 4)
    told = [(each.event.target, each.event.content.html) for each in edits
            if isinstance(each.event, Edited)]  # fmt: skip
    assert told == [(event, each) for each in ("9 bar", "10 bar", "9 bar", "8 bar")]
    assert {each.sender.account for each in edits if each.sender} == {f"matrix:{alice.user_id}"}
    said = (await listening.heard(Said, 2))[1]
    assert isinstance(said.event, Said)
    assert (said.remote, said.event.reply_to) == (answer, event)
    assert said.event.reply_author == "Alice"


async def test_an_edit_that_repeats_what_was_answered_is_shown_without_it(
    listening: Bot, room: str, alice: Person
) -> None:
    event = await alice.say(room, "yes")
    await alice.edit(room, event, f"> <{alice.user_id}> is it leaking?\n\nno")
    (edited,) = await listening.heard(Edited)
    assert isinstance(edited.event, Edited)
    assert (edited.event.content.html, edited.event.content.text) == ("no", "no")


async def test_an_edit_of_an_edit_is_shown_nowhere_and_an_answer_to_one_arrives(
    bot: Bot, room: str, alice: Person
) -> None:
    """As in everybody's client; known at once, and fetched by a process that knows nothing yet."""
    async with bot.running():
        await bot.heard(Entered)
        event = await alice.say(room, "8 bar")
        edit = await alice.edit(room, event, "9 bar")
        deeper = await alice.edit(room, edit, "10 bar")
        await alice.say(room, "one")
        await bot.heard(Said, 2)
    async with bot.running():
        deepest = await alice.edit(room, deeper, "11 bar")
        await alice.say(room, "two", reply_to=deepest)
        await bot.heard(Said, 3)
    assert words(bot.taken) == ["8 bar", "one", "two"]
    edits = [each.event for each in bot.taken if isinstance(each.event, Edited)]
    assert [(each.target, each.edit, each.content.text) for each in edits] == [
        (event, edit, "9 bar")
    ]


async def test_nobody_can_edit_another_persons_words(
    hs: Homeserver, listening: Bot, room: str, alice: Person
) -> None:
    mallory = await hs.user("mallory")
    await alice.invite(room, mallory.user_id)
    await mallory.join(room)
    event = await alice.say(room, "close the valve")
    await mallory.edit(room, event, "open the valve")
    await mallory.say(room, "done")
    heard = await listening.heard(Said, 2)
    assert [each.sender.name for each in heard if each.sender] == ["Alice", "mallory"]
    assert not [each for each in listening.taken if isinstance(each.event, Edited)]


async def test_a_reply_names_its_target_and_shows_its_words(
    hs: Homeserver, listening: Bot, room: str, alice: Person
) -> None:
    first = await alice.say(room, "is it leaking?")
    body = f"> <{alice.user_id}> is it leaking?\n\nyes"
    second = await alice.say(room, body, reply_to=first)
    _first, said = await listening.heard(Said, 2)
    assert said.remote == second
    assert isinstance(said.event, Said)
    assert (said.event.content.text, said.event.content.html) == ("yes", "yes")
    assert said.event.reply_to == first
    assert (said.event.reply_author, said.event.reply_html) == ("Alice", "is it leaking?")


async def test_a_reply_to_words_from_before_the_bot_came_fetches_them(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    room = await alice.create_room("open", public=True)
    old = await alice.say(room, "long ago")
    bot = await new_bot(hs, tmp_path, admins=(alice.user_id,))
    async with bot.running():
        await alice.invite(room, bot.user_id)
        await bot.heard(Entered)
        await alice.say(room, "still true", reply_to=old)
        (said,) = await bot.heard(Said)
        assert isinstance(said.event, Said)
        assert (said.event.reply_author, said.event.reply_html) == ("Alice", "long ago")


async def test_a_message_in_a_thread_is_an_ordinary_message(
    listening: Bot, room: str, alice: Person
) -> None:
    root = await alice.say(room, "thread root")
    relation: Json = {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": root},
    }
    inside: dict[str, Json] = {"msgtype": "m.text", "body": "inside", "m.relates_to": relation}
    await alice.send(room, "m.room.message", inside)
    began, said = await listening.heard(Said, 2)
    assert isinstance(said.event, Said)
    assert (said.event.content.text, said.event.reply_to) == ("inside", None)
    assert (said.thread, said.topic) == (root, "thread root")
    assert (began.thread, began.topic) == (None, "")


async def test_an_answer_inside_a_thread_names_both(
    listening: Bot, room: str, alice: Person
) -> None:
    """The root may be from before the bot came: its words are fetched."""
    root = next(e.id for e in await alice.messages(room) if e.body == "before the bot came")
    asked = await alice.say(room, "how much?")
    relation: Json = {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": asked},
    }
    inside: dict[str, Json] = {"msgtype": "m.text", "body": "8 bar", "m.relates_to": relation}
    await alice.send(room, "m.room.message", inside)
    said = (await listening.heard(Said, 2))[1]
    assert isinstance(said.event, Said)
    assert (said.thread, said.event.reply_to) == (root, asked)
    assert said.topic == "before the bot came"


async def test_a_mention_is_known_by_its_account(listening: Bot, room: str, alice: Person) -> None:
    pill = f'<a href="https://matrix.to/#/{alice.user_id}">Alice</a>: come'
    await alice.say(room, "Alice: come", html=pill, mentions=(alice.user_id,))
    (said,) = await listening.heard(Said)
    assert isinstance(said.event, Said)
    assert said.event.content.mentions == ((0, 5, f"matrix:{alice.user_id}"),)
    assert f'data-account="matrix:{alice.user_id}"' in said.event.content.html


@pytest.mark.parametrize(
    ("kind", "content", "says"),
    [
        ("m.sticker", {"body": "cat", "info": {}}, "Sticker {emoji}"),
        (
            "m.room.message",
            {"msgtype": "m.location", "body": "here", "geo_uri": "geo:1,2"},
            "Location {latitude}, {longitude}",
        ),
        (
            "org.matrix.msc3381.poll.start",
            {"org.matrix.msc3381.poll.start": {"question": {"body": "Stay?"}}},
            "Poll: {question} Choices: {options}",
        ),
        ("m.room.encrypted", {"algorithm": "x"}, "A message that could not be decrypted"),
        (
            "m.room.message",
            {"msgtype": "m.text", "body": " \u200b\n", "formatted_body": "<img>"},
            "A kind of message that cannot be shown here",
        ),
    ],
)
async def test_what_cannot_be_carried_says_what_it_was(
    listening: Bot, room: str, alice: Person, kind: str, content: dict[str, Json], says: str
) -> None:
    await alice.send(room, kind, content)
    (said,) = await listening.heard(Said)
    assert isinstance(said.event, Said)
    assert said.event.content.uncarried is not None
    assert said.event.content.uncarried.id == says


async def test_own_words_and_those_of_another_lianzhi_are_left_alone(
    listening: Bot, room: str, alice: Person
) -> None:
    await listening.say(room, "ours")
    relayed: dict[str, Json] = {
        "msgtype": "m.text",
        "body": "theirs",
        "org.lianzhi.relayed": True,
    }
    await alice.send(room, "m.room.message", relayed)
    await alice.say(room, "hers")
    (said,) = await listening.heard(Said)
    assert isinstance(said.event, Said)
    assert said.event.content.text == "hers"


async def test_being_put_out_of_a_room_is_told_with_the_reason(
    listening: Bot, room: str, alice: Person
) -> None:
    await alice.say(room, "last words")
    await alice.kick(room, listening.user_id, "drill over")
    (lost,) = await listening.heard(Lost)
    assert isinstance(lost.event, Lost)
    assert lost.event.reason.param("reason") == "drill over"
    assert [type(each.event) for each in listening.taken] == [Entered, Said, Lost]


async def test_an_upgraded_room_goes_on_in_its_replacement(
    listening: Bot, room: str, alice: Person
) -> None:
    new = await alice.create_room("Pump 3 (new)", public=True)
    await alice.tombstone(room, new)
    (moved,) = await listening.heard(Moved)
    assert moved.event == Moved(f"matrix:{new}")
    await alice.say(new, "here now")
    (said,) = await listening.heard(Said, room=new)
    assert said.room == f"matrix:{new}"


async def test_a_replacement_that_cannot_be_entered_is_a_lost_room(
    listening: Bot, room: str, alice: Person
) -> None:
    closed = await alice.create_room("closed")
    await alice.tombstone(room, closed)
    (lost,) = await listening.heard(Lost)
    assert lost.room == f"matrix:{room}"


async def test_a_nameless_room_of_two_is_private(bot: Bot, alice: Person) -> None:
    async with bot.running():
        room = await alice.create_room(direct=True, invite=(bot.user_id,))
        await bot.heard(Entered)
        await alice.say(room, "hello")
        (said,) = await bot.heard(Said)
        assert said.private


async def test_a_limited_sync_is_filled_in_order_and_no_further_back(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    account = await hs.register("bot")
    room = await alice.create_room("old", invite=(account.user_id,))
    await hs.person(account).join(room)
    await alice.say(room, "before the first start")
    bot = Bot(account, hs.url, tmp_path)
    async with bot.running():
        await alice.say(room, "start")
        await bot.heard(Said)
    for number in range(250):
        await alice.say(room, f"n{number}")
    async with bot.running():
        await bot.until(lambda: words(bot.taken)[-1:] == ["n249"])
    assert words(bot.taken) == ["start", *(f"n{number}" for number in range(250))]
    offered = [each.key for batch in bot.batches for each in batch.inbounds]
    assert len(offered) == len(set(offered))


async def test_a_sync_that_was_not_taken_is_offered_again(
    listening: Bot, room: str, alice: Person
) -> None:
    listening.failing = 1
    await alice.say(room, "keep this")
    (said,) = await listening.heard(Said)
    offered = [batch for batch in listening.batches if said in batch.inbounds]
    assert len(offered) >= 1
    assert isinstance(listening.listened, OSError)
    keys = [each.key for batch in listening.batches for each in batch.inbounds]
    assert keys.count(said.key) == 2


@pytest.mark.parametrize(
    "nonsense",
    [
        Answer.garbage(),
        Answer(200, b"[]"),
        Answer(200, b'{"rooms": {}}'),
        Answer(200, b'{"next_batch": 5}'),
        Answer(200, b'{"next_batch": "s1", "rooms": {"join": []}}'),
        Answer(200, b'{"next_batch": "s1", "rooms": {"join": {"!r:hs": 3}}}'),
        Answer(502, b"<html>Bad gateway</html>", (("Content-Type", "text/html"),)),
        Answer(404, b"not here", (("Content-Type", "text/plain"),)),
        Answer.limit(50),
    ],
)
async def test_a_homeserver_that_answers_nonsense_is_asked_again_and_nothing_is_lost(
    hs: Homeserver,
    tmp_path: Path,
    alice: Person,
    proxy: Callable[[int], Awaitable[Proxy]],
    nonsense: Answer,
) -> None:
    between = await proxy(hs.synapse.port)
    bot = await new_bot(hs, tmp_path, admins=(alice.user_id,))
    bot.url = between.url
    async with bot.running():
        room = await alice.create_room("x", invite=(bot.user_id,))
        await bot.heard(Entered)
        rule = between.break_(nonsense, to("GET", "/sync"), times=2)
        await alice.say(room, "before")
        await rule.hit.wait()
        cursor = bot.cursor
        await alice.say(room, "after")
        heard = await bot.heard(Said, 2)
        texts = [each.event.content.text for each in heard if isinstance(each.event, Said)]
        assert texts == ["before", "after"]
        assert bot.listened is not None
        assert cursor != "s1"


async def test_poisoned_events_stop_neither_the_loop_nor_their_neighbours(
    hs: Homeserver, tmp_path: Path, alice: Person, proxy: Callable[[int], Awaitable[Proxy]]
) -> None:
    between = await proxy(hs.synapse.port)
    bot = await new_bot(hs, tmp_path, admins=(alice.user_id,), encryption=True)
    bot.url = between.url
    async with bot.running():
        room = await alice.create_room("x", invite=(bot.user_id,))
        await bot.heard(Entered)
        await alice.say(room, "before")
        await bot.heard(Said)
        poison = Answer(200, json.dumps(poisoned(room, alice.user_id, bot.cursor)).encode())
        rule = between.break_(poison, to("GET", "/sync"), times=1)
        await alice.say(room, "a\u202eb \u0000" + "x" * 30_000, html="<b>" * 2000)
        await rule.hit.wait()
        await alice.say(room, "after")
        await bot.until(lambda: words(bot.taken)[-1:] == ["after"])
        assert bot.listened is None
        assert {"hello 0", "hello 1"} <= set(words(bot.taken))


def poisoned(room: str, sender: str, cursor: str | None) -> dict[str, object]:
    """An answer to /sync in which hardly anything has the right shape."""
    contents: list[object] = [
        {},
        None,
        [],
        {"msgtype": 7},
        {"msgtype": "m.text", "body": "\ud800 lone", "formatted_body": "\udfff<b>"},
        {"msgtype": "m.image", "url": 5, "info": "x", "body": []},
        {"msgtype": "m.image", "file": {"url": "mxc://a/b", "key": 1}, "body": "x"},
        {"msgtype": "m.text", "body": "x", "m.relates_to": [1]},
        {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "m.replace"}},
        {"msgtype": "m.text", "body": "x", "formatted_body": {"a": 1}, "format": 3},
        {"msgtype": "m.file", "body": "x", "url": "mxc://../../etc", "filename": "../../x"},
        {"msgtype": "m.audio", "body": "x", "url": "mxc://a/b", "info": {"duration": 1e300}},
    ]
    events: list[object] = [
        {"type": "m.room.message", "event_id": f"$poison-{n}", "sender": sender, "content": each}
        for n, each in enumerate(contents)
    ]
    events += [None, "x", {}, {"type": 5, "event_id": [], "sender": {}, "content": {}}]
    for n, when in enumerate((10**30, "soon")):
        said = {"msgtype": "m.text", "body": f"hello {n}"}
        well = {"type": "m.room.message", "event_id": f"$well-{n}", "sender": sender}
        events.append({**well, "content": said, "origin_server_ts": when})
    for kind in ("m.room.member", "m.room.name", "m.room.encrypted", "m.reaction", "m.room.create"):
        odd = {"type": kind, "event_id": f"${kind}", "sender": sender, "content": {"name": 5}}
        events += [{**odd, "state_key": ""}, odd]
    sealed = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "k", "ciphertext": {}}
    keys: list[object] = [{"type": "m.room.encrypted", "sender": sender, "content": sealed}, {}, 5]
    return {
        "next_batch": cursor,
        "rooms": {"join": {room: {"timeline": {"events": events}, "summary": 5}}},
        "to_device": {"events": keys},
        "device_lists": {"changed": [5], "left": "x"},
        "device_one_time_keys_count": {"signed_curve25519": "many"},
    }


async def test_a_room_left_long_ago_is_not_told_again_at_each_start(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    account = await hs.register("bot")
    room = await alice.create_room("old", invite=(account.user_id,))
    await hs.person(account).join(room)
    await alice.say(room, "old words")
    await alice.kick(room, account.user_id)
    bot = Bot(account, hs.url, tmp_path, admins=(alice.user_id,))
    async with bot.running():
        here = await alice.create_room("new", invite=(account.user_id,))
        await bot.heard(Entered)
    async with bot.running():
        await alice.say(here, "now")
        await bot.heard(Said)
    assert [each.room for each in bot.taken] == [f"matrix:{here}"] * 2


async def test_a_room_that_is_entered_again_goes_on_without_what_was_said_between(
    bot: Bot, room: str, alice: Person
) -> None:
    async with bot.running():
        await bot.heard(Entered)
        await alice.say(room, "one")
        await bot.heard(Said)
    await alice.say(room, "two")
    await alice.kick(room, bot.user_id)
    await alice.say(room, "not for the bot")
    async with bot.running():
        await bot.heard(Lost)
        await alice.invite(room, bot.user_id)
        await bot.heard(Entered, 2)
        await alice.say(room, "three")
        await bot.heard(Said, 3)
    assert words(bot.taken) == ["one", "two", "three"]
    assert [type(each.event) for each in bot.taken] == [Entered, Said, Said, Lost, Entered, Said]
