"""What is posted to Matrix, and what each failure means."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.richtext import Html
from bot.transports.base import (
    RENEWED,
    AnswerLost,
    Author,
    Choice,
    Entered,
    Media,
    MediaKind,
    MediaUnavailable,
    Outgoing,
    RateLimited,
    Reacted,
    Rejected,
    RoomGone,
    Said,
    SendFault,
    Target,
    TargetGone,
    Unreachable,
)
from bot.transports.matrix.composing import KEYCAPS, compose
from bot.transports.matrix.content import COVERED
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.shapes import mapping
from tests.integration.matrix.bot import Bot, new_bot
from tests.servers.person import Person
from tests.servers.proxy import Answer, Fault, Proxy, to
from tests.servers.synapse import Account, Homeserver, Synapse
from workflows.errors import Refusal
from workflows.text import Json, Msg

LI = Author("Li Wei", "Fire Brigade", "telegram", "telegram:1")


@pytest.fixture
async def alice(hs: Homeserver) -> Person:
    return await hs.user("alice", display_name="Alice")


@pytest.fixture
async def between(hs: Homeserver, proxy: Callable[[int], Awaitable[Proxy]]) -> Proxy:
    return await proxy(hs.synapse.port)


@pytest.fixture
async def idle(hs: Homeserver, tmp_path: Path, between: Proxy) -> Bot:
    bot = await new_bot(hs, tmp_path)
    bot.url = between.url
    return bot


@pytest.fixture
async def room(idle: Bot, hs: Homeserver, alice: Person) -> str:
    room = await alice.create_room("Pump 3", invite=(idle.user_id,))
    await _person(hs, idle).join(room)
    return room


@pytest.fixture
async def bot(idle: Bot) -> AsyncIterator[Bot]:
    """Started, not listening: the room is in no sync that it has seen."""
    async with idle.made():
        yield idle


def _person(hs: Homeserver, bot: Bot) -> Person:
    """The bot's account, acted for by hand."""
    return hs.person(bot.account)


def said(msg: Msg, language: str) -> str:
    return f"[{language}] {msg.id}"


def test_a_relayed_message_names_its_author_and_notifies_only_whom_it_mentions() -> None:
    html = Html('ask <a data-account="telegram:7">Bo</a> &amp; <b>go</b>')
    mentions = {"telegram:7": Target("matrix:@bo:hs", "Bo")}
    (payload,) = compose(Outgoing(html, "en", LI, mentions=mentions), said)
    content = payload["content"]
    assert isinstance(content, dict)
    assert content["msgtype"] == "m.text"
    assert content["body"] == "【Fire Brigade】Li Wei：ask Bo & go"
    assert content["m.mentions"] == {"user_ids": ["@bo:hs"]}
    assert content["org.lianzhi.relayed"] is True
    assert 'href="https://matrix.to/#/@bo:hs"' in str(content["formatted_body"])


def test_our_own_documents_are_notices_that_notify_nobody() -> None:
    (payload,) = compose(Outgoing(Html("@room done"), "en"), said)
    assert payload["content"] == {
        "msgtype": "m.notice",
        "body": "@room done",
        "m.mentions": {},
        "org.lianzhi.relayed": True,
    }


def test_choices_are_a_numbered_list_with_a_hint_and_reactions() -> None:
    choices = (Choice("a", "Yes <b>"), Choice("b", "No"))
    (payload,) = compose(Outgoing(Html("Sure?"), "zh", choices=choices), said)
    assert payload["reactions"] == ["1️⃣", "2️⃣"]
    content = payload["content"]
    assert isinstance(content, dict)
    lines = str(content["body"]).splitlines()
    assert lines[:3] == ["Sure?", "1. Yes <b>", "2. No"]
    assert lines[3].startswith("[zh] Answer with the number")


def test_a_mark_and_a_quote_stand_before_the_words() -> None:
    quote = ("Bo", Html("is it <b>leaking</b>?"))
    (payload,) = compose(Outgoing(Html("yes"), "en", LI, quote=quote, mark="late"), said)
    content = payload["content"]
    assert isinstance(content, dict)
    body = str(content["body"])
    assert body.index("late") < body.index("Bo：is it leaking?") < body.index("Li Wei：yes")


def test_a_text_too_long_for_one_event_becomes_several_that_fit() -> None:
    words = "\n".join(f"第{n}行" for n in range(20_000))
    payloads = compose(Outgoing(Html(words.replace("\n", "<br>")), "zh", LI), said)
    assert len(payloads) > 3
    bodies = []
    for payload in payloads:
        content = payload["content"]
        assert isinstance(content, dict)
        assert len(json.dumps(content, ensure_ascii=False).encode()) < 60_000
        bodies.append(str(content["body"]))
    assert "".join(bodies).replace("\n", "").endswith(words.replace("\n", ""))


async def test_a_message_goes_into_its_thread_and_answers_its_root_for_older_clients(
    bot: Bot, room: str, alice: Person
) -> None:
    """MSC3440: `is_falling_back` tells that from a real answer."""
    payload = bot.transport.compose_thread(f"matrix:{room}", "Pumps <1>", "en")
    root = await bot.transport.send(bot.row(room, payload))
    assert (await alice.event(room, root)).body == "🧵 Pumps <1>"
    (words,) = bot.transport.compose(Outgoing(Html("two"), "en", LI))
    first = await bot.transport.send(replace(bot.row(room, words), thread=root))
    event = await alice.event(room, first)
    assert (event.thread, event.reply_to) == (root, root)
    assert event.relation["is_falling_back"] is True
    answer = await bot.transport.send(replace(bot.row(room, words, reply_to=first), thread=root))
    event = await alice.event(room, answer)
    assert (event.thread, event.reply_to) == (root, first)
    assert event.relation["is_falling_back"] is False


async def test_a_message_is_posted_as_a_reply_and_repeating_it_shows_it_once(
    bot: Bot, room: str, alice: Person
) -> None:
    event = await alice.say(room, "is it leaking?")
    first = await bot.say(room, "no", txn="t1", reply_to=event)
    assert await bot.say(room, "no", txn="t1", reply_to=event) == first
    (found,) = [each for each in await alice.messages(room) if each.sender == bot.user_id]
    assert (found.id, found.body, found.reply_to) == (first, "no", event)


async def test_an_edit_replaces_and_a_deletion_removes_also_when_repeated(
    bot: Bot, room: str, alice: Person
) -> None:
    event = await bot.say(room, "8 bar")
    (payload,) = bot.transport.compose(Outgoing(Html("<b>9</b> bar"), "en"))
    row = bot.row(room, payload, target=event)
    await bot.transport.edit(row)
    await bot.transport.edit(row)
    edit = [each for each in await alice.messages(room) if each.replaces == event]
    assert [each.new_body for each in edit] == ["9 bar"]
    await bot.transport.delete(bot.row(room, {}, target=event))
    await bot.transport.delete(bot.row(room, {}, target=event))
    assert (await alice.event(room, event)).redacted


@pytest.mark.parametrize(
    ("kind", "name", "mime", "msgtype"),
    [
        ("photo", "泵 3.jpg", "image/jpeg", "m.image"),
        ("document", "plan.pdf", "application/pdf", "m.file"),
        ("audio", "a.ogg", "audio/ogg", "m.audio"),
        ("voice", "v.ogg", "audio/ogg", "m.audio"),
        ("video", "v.mp4", "video/mp4", "m.video"),
    ],
)
async def test_a_file_is_carried_there_and_back_with_its_caption(
    bot: Bot, room: str, alice: Person, kind: MediaKind, name: str, mime: str, msgtype: str
) -> None:
    data = bytes(range(256)) * 700
    media = Media("telegram", kind, name, mime, (), size=5, width=640, height=480, seconds=3)
    (payload,) = bot.transport.compose(Outgoing(Html("<b>see</b>"), "en", LI, media=(media,)))
    event = await bot.transport.send(bot.row(room, payload, data=data))
    found = await alice.event(room, event)
    assert (found.msgtype, found.content["filename"]) == (msgtype, name)
    assert found.body == "【Fire Brigade】Li Wei：see"
    assert ("org.matrix.msc3245.voice" in found.content) == (kind == "voice")
    info = found.content["info"]
    assert isinstance(info, dict)
    assert (info["size"], info["w"], info["duration"]) == (len(data), 640, 3000)
    assert await alice.download(str(found.content["url"])) == data
    (changed,) = bot.transport.compose(Outgoing(Html("saw"), "en", LI, media=(media,)))
    await bot.transport.edit(bot.row(room, changed, target=event))
    (edit,) = [each for each in await alice.messages(room) if each.replaces == event]
    new = edit.content["m.new_content"]
    assert isinstance(new, dict)
    assert new["url"] == found.content["url"]


async def test_a_file_that_was_replaced_is_replaced_and_stays_so(
    bot: Bot, room: str, alice: Person
) -> None:
    """Not the old plan under the new one's name, and the next correction keeps the new one."""
    old = Media("telegram", "document", "plan.pdf", "application/pdf", (("id", "1"),), size=3)
    new = replace(old, name="plan 2.pdf", ref=(("id", "2"),))
    (payload,) = bot.transport.compose(Outgoing(Html("see"), "en", LI, media=(old,)))
    event = await bot.transport.send(bot.row(room, payload, data=b"old"))
    (payload,) = bot.transport.compose(Outgoing(Html("look"), "en", LI, media=(new,)))
    await bot.transport.edit(bot.row(room, {**payload, RENEWED: True}, data=b"new", target=event))
    (payload,) = bot.transport.compose(Outgoing(Html("looked"), "en", LI, media=(new,)))
    await bot.transport.edit(bot.row(room, payload, target=event))
    edits = [each for each in await alice.messages(room) if each.replaces == event]
    contents = [mapping(each.content["m.new_content"]) for each in edits]
    assert [str(each["body"]).rpartition("：")[2] for each in contents] == ["look", "looked"]
    assert [each["filename"] for each in contents] == ["plan 2.pdf"] * 2
    assert [await alice.download(str(each["url"])) for each in contents] == [b"new"] * 2


async def test_a_covered_picture_stays_covered_both_ways(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    """MSC4193, by its unstable name."""
    bot = await new_bot(hs, tmp_path, admins=(alice.user_id,))
    async with bot.running():
        room = await alice.create_room("x", invite=(bot.user_id,))
        await bot.heard(Entered)
        url = await alice.upload(b"png", "x.png", "image/png")
        content: dict[str, Json] = {"msgtype": "m.image", "body": "x.png", "url": url}
        await alice.send(room, "m.room.message", {**content, COVERED: True})
        (said,) = await bot.heard(Said)
        assert isinstance(said.event, Said)
        assert [each.covered for each in said.event.content.media] == [True]
        (payload,) = bot.transport.compose(
            Outgoing(Html("see"), "en", LI, media=said.event.content.media)
        )
        event = await bot.transport.send(bot.row(room, payload, data=b"png"))
        assert (await alice.event(room, event)).content[COVERED] is True


async def test_a_text_can_become_a_file(bot: Bot, room: str, alice: Person) -> None:
    (payload,) = bot.transport.compose(Outgoing(Html("see"), "en", LI))
    event = await bot.transport.send(bot.row(room, payload))
    plan = Media("telegram", "document", "plan.pdf", "application/pdf", (("id", "1"),), size=3)
    (payload,) = bot.transport.compose(Outgoing(Html("see"), "en", LI, media=(plan,)))
    await bot.transport.edit(bot.row(room, {**payload, RENEWED: True}, data=b"new", target=event))
    (edit,) = [each for each in await alice.messages(room) if each.replaces == event]
    content = mapping(edit.content["m.new_content"])
    assert (content["msgtype"], content["filename"]) == ("m.file", "plan.pdf")
    assert await alice.download(str(content["url"])) == b"new"


async def test_a_file_that_the_homeserver_refuses_leaves_its_words(
    idle: Bot, room: str, between: Proxy, alice: Person
) -> None:
    async with idle.made() as transport:
        refusal = Answer(403, b'{"errcode": "M_FORBIDDEN", "error": "no uploads here"}')
        between.break_(refusal, to("POST", "/upload"), times=1)
        plan = Media("telegram", "document", "plan.pdf", "application/pdf", (("id", "1"),), size=3)
        (payload,) = transport.compose(Outgoing(Html("see"), "en", LI, media=(plan,)))
        event = await transport.send(idle.row(room, payload, data=b"pdf"))
    shown = await alice.event(room, event)
    line = "File that could not be brought over: plan.pdf, 0.1 KB"
    assert shown.body == f"【Fire Brigade】Li Wei：see\n{line}"


async def test_a_file_of_a_person_is_read_with_its_caption(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    bot = await new_bot(hs, tmp_path, admins=(alice.user_id,))
    async with bot.running():
        room = await alice.create_room("x", invite=(bot.user_id,))
        await bot.heard(Entered)
        data = b"\x00\x01" * 100_000
        await alice.send_file(room, data, "泵.png", "image/png", msgtype="m.image", caption="look")
        await alice.send_file(room, b"abc", "a.txt", "text/plain")
        with_caption, without = await bot.heard(Said, 2)
        assert isinstance(with_caption.event, Said)
        assert isinstance(without.event, Said)
        (media,) = with_caption.event.content.media
        assert (media.kind, media.name, media.mime) == ("photo", "泵.png", "image/png")
        assert with_caption.event.content.html == "look"
        assert without.event.content.html == ""
        assert b"".join([each async for each in bot.transport.open_media(media)]) == data
        gone = Media("matrix", "photo", "x", "image/png", (("url", "mxc://hs.test/absent"),))
        with pytest.raises(SendFault):
            _ = [each async for each in bot.transport.open_media(gone)]


async def test_choices_get_reactions_to_tap_which_are_heard_when_tapped(
    hs: Homeserver, tmp_path: Path, alice: Person
) -> None:
    bot = await new_bot(hs, tmp_path, admins=(alice.user_id,))
    async with bot.running():
        room = await alice.create_room("x", invite=(bot.user_id,))
        await bot.heard(Entered)
        choices = tuple(Choice(str(number), f"choice {number}") for number in range(12))
        (payload,) = bot.transport.compose(Outgoing(Html("Which?"), "en", choices=choices))
        event = await bot.transport.send(bot.row(room, payload))
        put = await alice.wait_for_all(room, lambda each: each.type == "m.reaction", 10)
        assert [each.key for each in put] == list(KEYCAPS)
        await alice.react(room, event, KEYCAPS[1])
        (tapped,) = await bot.heard(Reacted)
        assert tapped.event == Reacted(event, added=(KEYCAPS[1],))


async def test_reactions_that_hang_hold_up_no_message(
    bot: Bot, room: str, alice: Person, between: Proxy
) -> None:
    between.break_(Fault.HANG, to("PUT", "/send/m.reaction/"))
    (payload,) = bot.transport.compose(Outgoing(Html("?"), "en", choices=(Choice("a", "b"),)))
    async with asyncio.timeout(10):
        for _number in range(10):
            await bot.transport.send(bot.row(room, payload))
        await between.wait_for(to("PUT", "/send/m.reaction/"))
        await bot.transport.aclose()


ERROR = '{"errcode": "%s", "error": "no"}'


@pytest.mark.parametrize(
    ("failure", "fault"),
    [
        (Fault.RESET, AnswerLost),
        (Fault.LOSE, AnswerLost),
        (Fault.CUT, AnswerLost),
        (Answer(500, b"{}"), AnswerLost),
        (Answer(502, b"<html>", (("Content-Type", "text/html"),)), AnswerLost),
        (Answer(404, b"<html>", (("Content-Type", "text/html"),)), AnswerLost),
        (Answer.garbage(), AnswerLost),
        (Answer(200, b"{}"), AnswerLost),
        (Answer(200, b"[1]"), AnswerLost),
        (Answer.limit(1500), RateLimited),
        (Answer(429, b"slow down", (("Retry-After", "2"),)), RateLimited),
        (Answer(403, (ERROR % "M_FORBIDDEN").encode()), RoomGone),
        (Answer(413, (ERROR % "M_TOO_LARGE").encode()), Rejected),
        (Answer(400, (ERROR % "M_BAD_JSON").encode()), Rejected),
        (Answer(404, (ERROR % "M_NOT_FOUND").encode()), TargetGone),
        (Answer(401, (ERROR % "M_UNKNOWN_TOKEN").encode()), Unreachable),
    ],
)
async def test_each_failure_of_a_send_says_what_is_known(
    bot: Bot,
    room: str,
    alice: Person,
    between: Proxy,
    failure: Fault | Answer,
    fault: type[SendFault],
) -> None:
    await bot.say(room, "warm")
    # aiohttp itself repeats a PUT once where a connection that it had kept was reset.
    times = 2 if isinstance(failure, Fault) else 1
    between.break_(failure, to("PUT", "/send/"), times=times)
    with pytest.raises(fault) as caught:
        await bot.say(room, "hello", txn="t1")
    assert type(caught.value) is fault or fault is Unreachable
    if isinstance(caught.value, RateLimited):
        assert caught.value.after in (timedelta(milliseconds=1500), timedelta(seconds=2))
    await bot.say(room, "hello", txn="t1")
    bodies = [each.body for each in await alice.messages(room) if each.sender == bot.user_id]
    assert bodies == ["warm", "hello"]


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (403, ERROR % "M_FORBIDDEN", Rejected),
        (404, ERROR % "M_NOT_FOUND", Rejected),
        (410, "<html>", Rejected),
        (413, ERROR % "M_TOO_LARGE", Rejected),
        (451, "<html>", Rejected),
        (408, "<html>", AnswerLost),
        (429, ERROR % "M_LIMIT_EXCEEDED", RateLimited),
        (502, "<html>", AnswerLost),
        (504, ERROR % "M_NOT_YET_UPLOADED", AnswerLost),
    ],
)
async def test_what_the_media_server_says_of_a_file_is_its_last_word_or_passes(
    bot: Bot, between: Proxy, status: int, body: str, fault: type[SendFault]
) -> None:
    """A refusal says nothing of a room."""
    between.break_(Answer(status, body.encode()), to("GET", "/download/"), times=2)
    media = Media("matrix", "document", "x", "text/plain", (("url", "mxc://hs.test/gone"),))
    with pytest.raises(SendFault) as caught:
        _ = [each async for each in bot.transport.open_media(media)]
    assert type(caught.value) is fault


async def test_a_file_that_is_gone_for_good_is_told_with_name_and_size(
    bot: Bot, room: str, alice: Person
) -> None:
    media = Media("telegram", "document", "图纸.pdf", "application/pdf", (("id", "1"),), size=51200)

    async def gone(_media: Media) -> AsyncIterator[bytes]:
        raise MediaUnavailable("404", forever=True)
        yield b""

    (payload,) = bot.transport.compose(Outgoing(Html("<b>看</b>"), "en", LI, media=(media,)))
    event = await bot.transport.send(replace(bot.row(room, payload), open_media=gone))
    (shown,) = [each for each in await alice.messages(room) if each.id == event]
    lines = ["【Fire Brigade】Li Wei：看", "File that could not be brought over: 图纸.pdf, 50.0 KB"]
    assert shown.body == "\n".join(lines)
    assert shown.content["msgtype"] == "m.text"
    assert f"<em>{lines[1]}</em>" in str(shown.content["formatted_body"])
    corrected = Outgoing(Html("<b>看看</b>"), "en", LI, media=(media,))
    (payload,) = bot.transport.compose(corrected)
    await bot.transport.edit(bot.row(room, payload, target=event))
    last = (await alice.messages(room))[-1]
    new = last.content["m.new_content"]
    assert isinstance(new, dict)
    assert new["body"] == f"【Fire Brigade】Li Wei：看看\n{lines[1]}"


async def test_a_homeserver_that_is_down_is_unreachable_and_comes_back_by_itself(
    idle: Bot, room: str, between: Proxy, alice: Person
) -> None:
    await between.refuse()
    async with idle.made():
        with pytest.raises(Unreachable):
            await idle.say(room, "hello", txn="t1")
        await between.accept()
        await idle.say(room, "hello", txn="t1")
    assert [each.body for each in await alice.messages(room)] == ["hello"]


async def test_a_room_that_the_bot_was_put_out_of_is_gone(
    bot: Bot, room: str, alice: Person
) -> None:
    await alice.kick(room, bot.user_id)
    with pytest.raises(RoomGone):
        await bot.say(room, "hello?")


async def test_an_event_that_is_too_large_is_rejected(bot: Bot, room: str) -> None:
    body: Json = {"msgtype": "m.text", "body": "x" * 70_000}
    with pytest.raises(Rejected):
        await bot.transport.send(bot.row(room, {"content": body}))


async def test_rooms_are_served_side_by_side(bot: Bot, alice: Person, hs: Homeserver) -> None:
    account = _person(hs, bot)
    rooms = [await alice.create_room(f"r{n}", invite=(bot.user_id,)) for n in range(20)]
    for each in rooms:
        await account.join(each)

    async def fill(each: str) -> list[str]:
        return [await bot.say(each, f"n{n}", txn=f"{each}-{n}") for n in range(5)]

    await asyncio.gather(*map(fill, rooms))
    for each in rooms[::7]:
        bodies = [found.body for found in await alice.messages(each)]
        assert bodies == [f"n{n}" for n in range(5)]


async def test_a_password_login_keeps_one_device_for_ever(idle: Bot, room: str) -> None:
    idle.token = False
    devices = set()
    for number in range(3):
        async with idle.made() as transport:
            devices.add(transport.device_id)
            await idle.say(room, str(number))
    (device,) = devices
    assert device.startswith("LIANZHI")
    (file,) = (idle.folder / "data").glob("matrix-session.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_token_that_was_revoked_is_replaced_by_a_login_of_the_same_device(
    idle: Bot, room: str, hs: Homeserver
) -> None:
    idle.token = False
    async with idle.made() as transport:
        device = transport.device_id
        held = json.loads((idle.folder / "data" / "matrix-session.json").read_text())
        out = hs.person(Account(idle.user_id, "", held["access_token"], device))
        await out.request("POST", "/logout", {})
        with pytest.raises(Unreachable):
            await idle.say(room, "one", txn="t1")
        await idle.say(room, "one", txn="t1")
        assert transport.device_id == device


async def test_a_revoked_token_keeps_messages_waiting_until_it_is_mended(
    bot: Bot, room: str, hs: Homeserver
) -> None:
    await bot.say(room, "one")
    await _person(hs, bot).request("POST", "/logout", {})
    for _attempt in range(2):
        with pytest.raises(Unreachable):
            await bot.say(room, "two")


async def test_credentials_that_are_wrong_are_refused_at_the_start(idle: Bot) -> None:
    right = idle.account
    idle.token = False
    idle.account = Account(right.user_id, "wrong", "", "")
    with pytest.raises(Refusal) as refusal:
        async with idle.made():
            pass
    assert refusal.value.code == "matrix.password"
    idle.token = True
    idle.account = Account(right.user_id, "", "syt_wrong", "")
    with pytest.raises(Refusal) as refusal:
        async with idle.made():
            pass
    assert refusal.value.code == "matrix.token"
    idle.account, idle.device_id = right, "OTHER"
    with pytest.raises(Refusal) as refusal:
        async with idle.made():
            pass
    assert refusal.value.code == "matrix.device"


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"access_token": SecretStr("t"), "password": SecretStr("p")}, "password"),
        ({}, "access_token"),
        ({"access_token": SecretStr("t"), "homeserver": "hs.org"}, "homeserver"),
        ({"access_token": SecretStr("t"), "user_id": "bot"}, "user_id"),
        ({"access_token": SecretStr("t"), "tokn": "x"}, "tokn"),
    ],
)
def test_settings_that_contradict_themselves_name_the_key(
    keys: dict[str, object], place: str
) -> None:
    given = {"homeserver": "https://hs.org", "user_id": "@b:hs.org", **keys}
    with pytest.raises(ValidationError) as wrong:
        MatrixSettings.model_validate(given)
    (error,) = wrong.value.errors(include_url=False)
    assert place in str(error["loc"]) + str(error.get("ctx"))


async def test_check_finds_nothing_wrong_where_all_is_well(
    bot: Bot, room: str, alice: Person
) -> None:
    findings = await bot.transport.check((f"matrix:{room}",))
    assert [finding.part for finding in findings if not finding.ok] == []
    assert {"matrix.login", "matrix.limits", "matrix.clock", f"matrix:{room}"} <= {
        finding.part for finding in findings
    }


async def test_check_tells_how_to_mend_what_is_wrong_with_a_room(
    bot: Bot, room: str, alice: Person
) -> None:
    await alice.set_power(room, {"events_default": 50})
    sealed = await alice.create_room("sealed", encrypted=True, invite=(bot.user_id,))
    other = await alice.create_room("other")
    rooms = tuple(f"matrix:{each}" for each in (room, sealed, other))
    wrong = {each.part: each for each in await bot.transport.check(rooms) if not each.ok}
    assert set(wrong) == set(rooms)
    assert wrong[f"matrix:{room}"].text.param("needed") == 50
    assert wrong[f"matrix:{other}"].mend is not None


async def test_check_measures_limits_that_are_too_low_and_names_the_override(
    new_synapse: Callable[..., Synapse], tmp_path: Path
) -> None:
    server = await asyncio.to_thread(new_synapse, default_limits=True)
    async with Homeserver(server) as hs:
        bot = await new_bot(hs, tmp_path)
        async with bot.made() as transport:
            findings = {each.part: each for each in await transport.check(())}
            limits = findings["matrix.limits"]
            assert not limits.ok
            assert limits.mend is not None
            command = str(limits.mend.param("command"))
            assert "override_ratelimit" in command
            assert bot.user_id in command
            admin = await hs.register("admin", admin=True)
            await hs.lift_limits(admin, bot.user_id)
            findings = {each.part: each for each in await transport.check(())}
            assert findings["matrix.limits"].ok


async def test_check_says_that_a_homeserver_does_not_answer(idle: Bot, between: Proxy) -> None:
    await between.refuse()
    async with idle.made() as transport:
        (finding,) = await transport.check(())
    assert (finding.part, finding.ok) == ("matrix.homeserver", False)
