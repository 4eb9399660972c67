"""Encrypted rooms, with another client that keeps its own keys."""

from __future__ import annotations

import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.richtext import Html
from bot.transports.base import (
    RENEWED,
    AnswerLost,
    Author,
    Deleted,
    Edited,
    Entered,
    Media,
    Outgoing,
    Reacted,
    Rejected,
    Said,
    Secured,
)
from tests.integration.matrix.bot import Bot, new_bot
from tests.integration.matrix.friend import Friend
from tests.servers.proxy import Answer, Proxy, to
from tests.servers.synapse import Homeserver
from workflows.errors import Refusal


@pytest.fixture
async def friend(hs: Homeserver, tmp_path: Path) -> AsyncIterator[Friend]:
    async with Friend(hs.url, await hs.register("friend"), tmp_path / "friend") as friend:
        yield friend


@pytest.fixture
async def bot(hs: Homeserver, tmp_path: Path, friend: Friend) -> Bot:
    return await new_bot(hs, tmp_path, admins=(friend.user_id,), encryption=True)


@pytest.fixture
async def room(bot: Bot, friend: Friend) -> str:
    return await friend.create_encrypted_room(bot.user_id)


async def test_words_go_both_ways_through_an_encrypted_room(
    bot: Bot, room: str, friend: Friend
) -> None:
    async with bot.running():
        await bot.heard(Entered)
        await friend.sync()
        event = await friend.say(room, "水位 3 米")
        (said,) = await bot.heard(Said)
        assert isinstance(said.event, Said)
        assert (said.remote, said.event.content.text) == (event, "水位 3 米")
        answer = await bot.say(room, "understood", reply_to=event)
        found = await friend.wait_for(room, answer)
        assert found["content"]["body"] == "understood"
        assert found["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == event


async def test_everything_that_is_sent_to_an_encrypted_room_is_encrypted_after_a_restart_too(
    bot: Bot, room: str, friend: Friend
) -> None:
    async with bot.running():
        await bot.heard(Entered)
        await friend.sync()
        await bot.say(room, "one")
    async with bot.made():
        sent = await bot.say(room, "two, before any sync")
        kinds = {each["event_id"]: each["type"] for each in await friend.raw(room)}
        assert kinds[sent] == "m.room.encrypted"
        found = await friend.wait_for(room, sent)
        assert found["content"]["body"] == "two, before any sync"


async def test_keys_and_words_survive_a_restart_and_a_batch_that_was_not_taken(
    bot: Bot, room: str, friend: Friend
) -> None:
    async with bot.running():
        await bot.heard(Entered)
        await friend.sync()
        bot.failing = 1
        await friend.say(room, "first")
        await bot.heard(Said)
    await friend.say(room, "while away")
    async with bot.running():
        heard = await bot.heard(Said, 2)
        texts = [each.event.content.text for each in heard if isinstance(each.event, Said)]
        assert texts == ["first", "while away"]


async def test_a_crash_before_the_batch_was_stored_loses_neither_key_nor_words(
    bot: Bot, room: str, friend: Friend
) -> None:
    async with bot.running():
        await bot.heard(Entered)
        await friend.sync()
        bot.failing = 1_000_000
        await friend.say(room, "between two lives")
        await bot.until(lambda: any(batch.inbounds for batch in bot.batches[-1:]))
    bot.failing = 0
    async with bot.running():
        (said,) = await bot.heard(Said)
        assert isinstance(said.event, Said)
        assert said.event.content.text == "between two lives"


async def test_keys_can_be_taken_out_with_a_passphrase_and_brought_to_another_store(
    hs: Homeserver, bot: Bot, room: str, friend: Friend
) -> None:
    file = bot.folder / "keys.txt"
    async with bot.running() as transport:
        await bot.heard(Entered)
        await friend.sync()
        await friend.say(room, "readable later too")
        await bot.heard(Said)
        await transport.export_keys(file, "correct horse")
    assert file.read_text().startswith("-----BEGIN MEGOLM SESSION DATA-----")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shutil.rmtree(bot.folder / "data" / "matrix-store")
    async with bot.made() as transport:
        with pytest.raises(Refusal):
            await transport.import_keys(file, "wrong")
        await transport.import_keys(file, "correct horse")
        await transport.export_keys(bot.folder / "again.txt", "x")
    assert (bot.folder / "again.txt").stat().st_size > 200


@pytest.mark.parametrize("html", ["{}", "<b>{}</b>"], ids=["plain", "formatted"])
async def test_a_long_chinese_text_fits_and_so_does_its_edit(
    bot: Bot, room: str, friend: Friend, html: str
) -> None:
    """As many characters as one event is given elsewhere: ciphertext takes a third more."""
    text = "险情通报。" * 1200
    async with bot.running():
        await bot.heard(Entered)
        await friend.sync()
        (payload,) = bot.transport.compose(Outgoing(Html(html.format(text)), "zh"))
        sent = await bot.transport.send(bot.row(room, payload))
        assert (await friend.wait_for(room, sent))["content"]["body"] == text
        (again,) = bot.transport.compose(Outgoing(Html(html.format("改" + text)), "zh"))
        await bot.transport.edit(bot.row(room, again, target=sent))
        found = await friend._wait(
            lambda event: event["content"].get("m.new_content", {}).get("body") == "改" + text
        )
        assert found["content"]["m.relates_to"]["event_id"] == sent


async def test_edits_reactions_and_files_work_in_an_encrypted_room(
    bot: Bot, room: str, friend: Friend
) -> None:
    async with bot.running():
        await bot.heard(Entered)
        await friend.sync()
        event = await friend.say(room, "8 bar")
        await friend.edit(room, event, "9 bar")
        await friend.react(room, event, "👀")
        (edited,) = await bot.heard(Edited)
        assert isinstance(edited.event, Edited)
        assert (edited.event.target, edited.event.content.html) == (event, "9 bar")
        assert (await bot.heard(Reacted))[0].event == Reacted(event, added=("👀",))

        data = bytes(range(256)) * 500
        await friend.send_file(room, data, "plan.pdf", "application/pdf")
        said = (await bot.heard(Said, 2))[1]
        assert isinstance(said.event, Said)
        (media,) = said.event.content.media
        assert (media.kind, media.name, media.size) == ("document", "plan.pdf", len(data))
        assert b"".join([chunk async for chunk in bot.transport.open_media(media)]) == data

        out = Media("telegram", "photo", "pump.jpg", "image/jpeg", ())
        (payload,) = bot.transport.compose(
            Outgoing(Html("see"), "en", Author("Li", None, "telegram", "telegram:1"), media=(out,))
        )
        sent = await bot.transport.send(bot.row(room, payload, data=data))
        found = await friend.wait_for(room, sent)
        assert found["content"]["filename"] == "pump.jpg"
        assert await friend.open_file(found["content"]) == data
        (again,) = bot.transport.compose(
            Outgoing(Html("saw"), "en", Author("Li", None, "telegram", "telegram:1"), media=(out,))
        )
        await bot.transport.edit(bot.row(room, again, target=sent))
        edit = await friend.wait_for_body(room, "* Li：saw")
        assert edit["content"]["m.new_content"]["file"] == found["content"]["file"]

        renewed = bot.row(room, {**again, RENEWED: True}, target=sent, data=b"another")
        await bot.transport.edit(renewed)
        author = Author("Li", None, "telegram", "telegram:1")
        (last,) = bot.transport.compose(Outgoing(Html("seen"), "en", author, media=(out,)))
        await bot.transport.edit(bot.row(room, last, target=sent))
        edit = await friend.wait_for_body(room, "* Li：seen")
        assert await friend.open_file(edit["content"]["m.new_content"]) == b"another"


async def test_an_edit_that_is_taken_back_in_an_encrypted_room_leaves_the_one_before_it(
    bot: Bot, room: str, friend: Friend
) -> None:
    async with bot.running():
        await bot.heard(Entered)
        await friend.sync()
        event = await friend.say(room, "8 bar")
        edits = [await friend.edit(room, event, each) for each in ("9 bar", "10 bar")]
        for number, edit in enumerate(reversed(edits), 3):
            await friend.redact(room, edit)
            await bot.heard(Edited, number)
    texts = [each.event.content.text for each in bot.taken if isinstance(each.event, Edited)]
    assert texts == ["9 bar", "10 bar", "9 bar", "8 bar"]


async def test_a_message_without_its_key_is_shown_and_put_right_when_the_key_comes(
    hs: Homeserver, bot: Bot, room: str, friend: Friend
) -> None:
    async with bot.running():
        await bot.heard(Entered)
    event = await friend.say_before_the_key(room, "early")
    async with bot.running():
        (said,) = await bot.heard(Said)
        assert isinstance(said.event, Said)
        assert said.event.content.uncarried is not None
        assert said.event.content.uncarried.id == "A message that could not be decrypted"
        bot.failing = 1
        await friend.bring_keys()
        (edited,) = await bot.heard(Edited)
        assert isinstance(edited.event, Edited)
        assert (edited.event.target, edited.event.content.text) == (event, "early")


async def test_an_edit_without_its_key_is_made_when_the_key_comes(
    hs: Homeserver, bot: Bot, room: str, friend: Friend
) -> None:
    """What stood in for it is taken back."""
    async with bot.running():
        await bot.heard(Entered)
    event = await friend.say_before_the_key(room, "early")
    edit = await friend.edit(room, event, "late")
    async with bot.running():
        await bot.heard(Said, 2)
        await friend.bring_keys()
        edits = [each.event for each in await bot.heard(Edited, 2)]
        assert [(e.target, e.content.text) for e in edits if isinstance(e, Edited)] == [
            (event, "early"),
            (event, "late"),
        ]
        assert [each.event for each in await bot.heard(Deleted)] == [Deleted(edit)]


async def test_a_key_that_comes_after_a_restart_is_still_waited_for(
    hs: Homeserver, bot: Bot, room: str, friend: Friend
) -> None:
    """What waits is stored with the batch that brought it, and no longer than it waits."""
    async with bot.running():
        await bot.heard(Entered)
    event = await friend.say_before_the_key(room, "early")
    async with bot.running():
        await bot.heard(Said)
    async with bot.running(), bot._store.read() as uow:
        assert [each.id for each in await uow.unread.latest(10)] == [event]
    await friend.bring_keys()
    async with bot.running():
        (edited,) = await bot.heard(Edited)
        assert isinstance(edited.event, Edited)
        assert (edited.event.target, edited.event.content.text) == (event, "early")
        async with bot._store.read() as uow:
            assert await uow.unread.latest(10) == ()


async def test_without_encryption_nothing_is_ever_sent_readable_to_an_encrypted_room(
    hs: Homeserver, tmp_path: Path, friend: Friend
) -> None:
    bot = await new_bot(hs, tmp_path, admins=(friend.user_id,))
    async with bot.running():
        room = await friend.create_encrypted_room(bot.user_id)
        await bot.heard(Entered)
        with pytest.raises(Rejected, match="encrypt"):
            await bot.say(room, "secret")
    async with bot.made():
        with pytest.raises(Rejected, match="encrypt"):
            await bot.say(room, "secret")
    assert not (tmp_path / "data" / "matrix-store").exists()


async def test_the_first_message_to_an_open_room_asks_nothing_and_is_sealed_once_the_room_is(
    hs: Homeserver,
    bot: Bot,
    friend: Friend,
    proxy: Callable[[int], Awaitable[Proxy]],
) -> None:
    between = await proxy(hs.synapse.port)
    bot.url = between.url
    owner = hs.person(await hs.register("owner"))
    room = await owner.create_room("Pump 3", invite=(bot.user_id,))
    await hs.person(bot.account).join(room)
    asked = to("GET", "/state/m.room.encryption")
    async with bot.running():
        open_ = await bot.say(room, "one")
        assert not between.seen(asked)
        await owner.set_state(room, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
        await bot.heard(Secured)
        sealed = await bot.say(room, "two")
    async with bot.running():
        later = await bot.say(room, "three")
    kinds = {event.id: event.type for event in await owner.timeline(room)}
    assert [kinds[each] for each in (open_, sealed, later)] == [
        "m.room.message",
        "m.room.encrypted",
        "m.room.encrypted",
    ]


async def test_a_key_that_could_not_be_shared_is_shared_before_the_message_goes(
    hs: Homeserver,
    bot: Bot,
    room: str,
    friend: Friend,
    proxy: Callable[[int], Awaitable[Proxy]],
) -> None:
    between = await proxy(hs.synapse.port)
    bot.url = between.url
    async with bot.running():
        await bot.heard(Entered)
        await friend.sync()
        broken = Answer(500, b'{"errcode": "M_UNKNOWN", "error": "no"}')
        between.break_(broken, to("PUT", "/sendToDevice/"), times=1)
        with pytest.raises(AnswerLost):
            await bot.say(room, "hear me", txn="t1")
        sent = await bot.say(room, "hear me", txn="t1")
        assert (await friend.wait_for(room, sent))["content"]["body"] == "hear me"
        between.break_(broken, to("POST", "/keys/(claim|query)"), times=1)
        newcomer = await hs.register("late")
        await friend.invite(room, newcomer.user_id)
        async with Friend(hs.url, newcomer, bot.folder / "late") as late:
            await late.join(room)
            await bot.sees(late.user_id, room)
            sent = ""
            for _attempt in range(5):
                try:
                    sent = await bot.say(room, "welcome", txn="t2")
                    break
                except AnswerLost:
                    continue
            assert (await late.wait_for(room, sent))["content"]["body"] == "welcome"
