"""The web rooms as a program sees them: real server, real socket, real store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.richtext import clean
from bot.transports.base import (
    Author,
    Deleted,
    Edited,
    Media,
    OpenMedia,
    Outgoing,
    Pressed,
    Reacted,
    Said,
    Sending,
)
from bot.transports.web import hub, protocol
from tests.integration.web.world import Page, World, world


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def test_what_is_said_in_one_room_appears_in_the_other(rooms: World) -> None:
    """Under the speaker's name, once, and in the history of whoever comes later."""
    async with rooms.page("zh", name="王建国") as zh, rooms.page("en") as en:
        await zh.say("c1", "泄漏已控制")
        relayed = await en.event(kind="relayed")
        assert relayed["html"] == "泄漏已控制"
        assert relayed["author"]["name"] == "王建国"
    async with rooms.page("en") as later:
        assert [event["html"] for event in later.welcome["events"]] == ["泄漏已控制"]


async def test_a_repeated_message_is_one_message(rooms: World) -> None:
    """The same cid again, as after a lost acknowledgement, is acknowledged with the same id."""
    async with rooms.page("zh") as zh:
        first = await zh.say("c1", "一次")
    async with rooms.page("zh") as again:
        assert await again.say("c1", "一次") == first
        assert [event["id"] for event in again.welcome["events"]] == [first]
    assert len(rooms.taken) == 1


async def test_nothing_is_acknowledged_or_shown_before_it_is_taken(rooms: World) -> None:
    """A batch that could not be taken is offered again; people see the message then."""
    rooms.faults.append(RuntimeError("disk full"))
    async with rooms.page("zh") as zh, rooms.page("zh", secret="d" * 32) as other:
        await zh.say("c1", "终于")
        event = await other.event(kind="said")
        assert (event["html"], event["mine"]) == ("终于", False)
    assert [inbound.key.endswith(":c1") for inbound in rooms.taken] == [True]


async def test_a_message_that_was_never_taken_is_in_nobodys_history(tmp_path: Path) -> None:
    """Stored as pending while the dispatcher was down, it is hidden until it is sent again."""
    async with world(tmp_path) as rooms:
        rooms.faults += [RuntimeError("down")] * 1000
        async with rooms.page("zh") as zh:
            await zh.send(op="say", cid="c1", text="还没有")
            await zh.until("refused", cid="c1")
        async with rooms.page("zh") as again:
            assert again.welcome["events"] == []
            rooms.faults.clear()
            await again.say("c1", "还没有")
        assert len(rooms.taken) == 1


async def test_a_failure_after_the_commit_doubles_nothing(rooms: World) -> None:
    """The action is offered again, found to be known, and not relayed twice."""
    rooms.relaying = False
    rooms.after_commit.append(RuntimeError("killed between commit and answer"))
    async with rooms.page("zh") as zh:
        await zh.say("c1", "一次")
    assert len(rooms.taken) == 1
    async with rooms.page("zh") as again:
        assert len(again.welcome["events"]) == 1


async def test_replies_point_at_the_message_in_each_room(rooms: World) -> None:
    """The answering room is told whom and what is answered."""
    async with rooms.page("zh", name="王") as zh, rooms.page("en", name="Emma") as en:
        await zh.say("c1", "请回答")
        asked = await en.event(kind="relayed")
        await en.say("e1", "answer", reply_to=asked["id"])
        answer = await zh.event(kind="relayed")
        assert answer["reply_to"] == int(rooms.taken[0].remote or 0)
    said = rooms.taken[1].event
    assert isinstance(said, Said)
    assert (said.reply_to, said.reply_author) == (str(asked["id"]), "王")
    assert said.reply_html == "请回答"


async def test_edits_and_deletions_follow_the_message(rooms: World) -> None:
    """The other room shows the new words, then that it was taken back."""
    async with rooms.page("zh") as zh, rooms.page("en") as en:
        said = await zh.say("c1", "旧")
        await zh.send(op="edit", cid="c2", id=said, text="**新**")
        assert (await en.event(edited=True))["html"] == "<b>新</b>"
        await zh.send(op="delete", cid="c3", id=said)
        gone = await en.event(kind="deleted")
        assert "html" not in gone
    kinds = [type(inbound.event) for inbound in rooms.taken]
    assert kinds == [Said, Edited, Deleted]


@pytest.mark.parametrize("op", ["edit", "delete"])
async def test_nobody_changes_the_words_of_another(rooms: World, op: str) -> None:
    """The server checks the account, not the page, and says so in the room's language."""
    async with rooms.page("zh") as zh, rooms.page("zh", secret="d" * 32) as thief:
        said = await zh.say("c1", "我的")
        await thief.send(op=op, cid="c2", id=said, text="假的")
        refused = await thief.until("refused", cid="c2")
        assert refused["text"] == "只能修改自己的消息。"
        assert refused["again"] is None
    assert len(rooms.taken) == 1


async def test_a_message_of_another_room_cannot_be_reached(rooms: World) -> None:
    """Not by its number, and not to answer it."""
    async with rooms.page("zh") as zh, rooms.page("en") as en:
        said = await zh.say("c1", "这里")
        await en.send(op="react", cid="e1", id=said, emoji="✅", add=True)
        await en.until("refused", cid="e1")
        await en.say("e2", "there", reply_to=said)
    event = rooms.taken[-1].event
    assert isinstance(event, Said)
    assert event.reply_to is None


async def test_reactions_are_counted_by_person(rooms: World) -> None:
    """Putting the same on twice counts once; it can be taken off."""
    async with rooms.page("zh", name="王") as zh:
        said = await zh.say("c1", "收到请回复")
        for cid in ("c2", "c3"):
            await zh.send(op="react", cid=cid, id=said, emoji="✅", add=True)
            event = await zh.event(id=said)
        assert event["reactions"] == [{"emoji": "✅", "names": ["王"], "mine": True}]
        await zh.send(op="react", cid="c4", id=said, emoji="✅", add=False)
        assert "reactions" not in await zh.event(id=said)
    added = rooms.taken[1].event
    assert isinstance(added, Reacted)
    assert added.added == ("✅",)


async def test_a_pressed_button_is_answered_where_it_was_pressed(rooms: World) -> None:
    """With its token; a token that the message does not have is refused."""
    async with rooms.page("zh") as zh:
        card = int(await rooms.answer("web:zh"))
        await zh.event(kind="system")
        await zh.send(op="press", cid="c1", id=card, token="token-1")
        assert (await zh.until("toast"))["text"] == "OK token-1"
        await zh.send(op="press", cid="c2", id=card, token="invented")
        await zh.until("refused", cid="c2")
    assert [type(inbound.event) for inbound in rooms.taken] == [Pressed]


async def test_a_repeated_delivery_is_shown_once(rooms: World) -> None:
    """The same txn is the same message."""
    shown = Outgoing(clean("once"), "en", Author("A", "Fire", "telegram", "telegram:1"))
    assert await rooms.post("web:en", shown, "t1") == await rooms.post("web:en", shown, "t1")
    async with rooms.page("en") as en:
        assert len(en.welcome["events"]) == 1


async def test_mentions_reach_only_people_who_were_seen(rooms: World) -> None:
    """An invented account stays text; a known one becomes a mention with its offsets."""
    author = Author("Alice", "Fire", "telegram", "telegram:7")
    await rooms.post("web:en", Outgoing(clean("hi"), "en", author), "t1")
    async with rooms.page("en") as en:
        invented = [["Bob", "telegram:9"], ["Alice", "telegram:7"]]
        await en.say("e1", "@Bob and @Alice", mentions=invented)
    event = rooms.taken[0].event
    assert isinstance(event, Said)
    assert event.content.html == '@Bob and <a data-account="telegram:7">Alice</a>'
    assert event.content.mentions == ((9, 15, "telegram:7"),)


async def test_a_file_is_carried_whole_and_served_safely(rooms: World) -> None:
    """Both rooms serve its bytes, as a download that runs nothing."""
    content = b"<script>alert(1)</script>" * 9000
    async with rooms.page("zh") as zh, rooms.page("en") as en, aiohttp.ClientSession() as http:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", content, filename="../..\\图纸\u202e.html", content_type="text/html")
        address = f"{rooms.url}/upload/zh"
        async with http.post(address, data=form, headers={"Origin": rooms.url}) as answer:
            uploaded = await answer.json()
        assert uploaded["name"] == "图纸.html"
        await zh.say("c1", "", files=[uploaded["handle"]])
        (shown,) = (await en.event(kind="relayed"))["media"]
        async with http.get(rooms.url + shown["url"]) as answer:
            assert await answer.read() == content
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    said = rooms.taken[0].event
    assert isinstance(said, Said)
    (media,) = said.content.media
    opened = [chunk async for chunk in rooms.transport.open_media(media)]
    assert b"".join(opened) == content


async def test_another_file_has_another_address(rooms: World) -> None:
    """Else the browser would show the one that it has kept."""

    def held(data: bytes) -> OpenMedia:
        async def opened(_media: Media) -> AsyncIterator[bytes]:
            yield data

        return opened

    plan = Media("matrix", "document", "plan.txt", "text/plain", (("url", "mxc://h/x"),))
    async with rooms.page("zh") as zh, aiohttp.ClientSession() as http:
        (payload,) = rooms.transport.compose(Outgoing(clean("看"), "zh", media=(plan,)))
        sent = await rooms.transport.send(Sending("web:zh", payload, "t", open_media=held(b"old")))
        (first,) = (await zh.event())["media"]
        order = Sending("web:zh", payload, "e", target=sent, open_media=held(b"new"))
        await rooms.transport.edit(order)
        (second,) = (await zh.event())["media"]
        assert first["url"] != second["url"]
        async with http.get(rooms.url + second["url"]) as answer:
            assert await answer.read() == b"new"


async def test_a_picture_that_is_none_is_a_plain_file(rooms: World) -> None:
    """What a page claims of a file is not believed."""
    async with aiohttp.ClientSession(headers={"Origin": rooms.url}) as http:
        for name, content, kind in (
            ("a.png", b"\x89PNG\r\n\x1a\n....", "photo"),
            ("b.png", b"<html>", "document"),
        ):
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("file", content, filename=name, content_type="image/png")
            async with http.post(f"{rooms.url}/upload/zh", data=form) as answer:
                assert (await answer.json())["kind"] == kind


async def test_a_file_handle_is_good_for_its_room_alone(rooms: World) -> None:
    """A forged one, or one of another room, is refused."""
    async with aiohttp.ClientSession(headers={"Origin": rooms.url}) as http:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", b"x", filename="x")
        async with http.post(f"{rooms.url}/upload/zh", data=form) as answer:
            handle = (await answer.json())["handle"]
    async with rooms.page("en") as en:
        for cid, each in (("e1", handle), ("e2", "x.y"), ("e3", handle[:-2] + "AA")):
            await en.send(op="say", cid=cid, text="", files=[each])
            await en.until("refused", cid=cid)
    assert rooms.taken == []


async def test_a_file_of_a_deleted_message_is_not_served(rooms: World) -> None:
    """Taken back means taken back."""
    media = Media("web", "document", "x", "text/plain", (("sha256", "0" * 64),))
    sent = await rooms.post("web:en", Outgoing(clean("x"), "en", media=(media,)), "t1")
    await rooms.transport.delete(Sending("web:en", {}, "delete", target=sent))
    async with aiohttp.ClientSession() as http, http.get(f"{rooms.url}/media/{sent}/0") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        "null",
        '"say"',
        "[" * 5000,
        '{"op": "say"}',
        '{"op": "fly", "cid": "c1"}',
        '{"op": "say", "cid": "c1", "text": 5}',
        '{"op": "say", "cid": "../x", "text": "t"}',
        '{"op": "say", "cid": "c1", "text": "t", "files": "x"}',
        '{"op": "say", "cid": "c1", "text": "t", "reply_to": -1}',
        '{"op": "say", "cid": "c1", "text": "t", "reply_to": 1e400}',
        '{"op": "react", "cid": "c1", "id": 1, "emoji": "<b>"}',
        '{"op": "edit", "cid": "c1", "id": 99999999999999999999, "text": "t"}',
        *(
            json.dumps({"op": "say", "cid": "c1", "text": blank})
            for blank in (" \n", "\u200b\u200d", "\u3164", "\u2060\u00ad", "\u2800", "\ufe0f")
        ),
        '{"op": "edit", "cid": "c1", "id": 1, "text": "\u3164"}',
        *(
            json.dumps({"op": "react", "cid": "c1", "id": 1, "emoji": text})
            for text in ("абв", "好", "#", "12", "‽")
        ),
        json.dumps({"op": "say", "cid": "c1", "text": "x" * (protocol.TEXT_LIMIT + 1)}),
    ],
)
async def test_what_cannot_be_read_is_refused_and_the_page_goes_on(
    rooms: World, frame: str
) -> None:
    """Nonsense neither closes the socket nor reaches the room."""
    async with rooms.page("zh") as zh:
        await zh.socket.send_str(frame)
        assert (await zh.until("refused"))["text"]
        await zh.say("good", "还在")
    assert len(rooms.taken) == 1


async def test_hostile_characters_are_made_safe(rooms: World) -> None:
    """Lone surrogates, direction marks and an endless name become ordinary text."""
    async with rooms.page("zh", name="【指挥部】" + "长" * 5000) as zh:
        await zh.say("c1", "a\ud800b\u202ec\x00")
        (event,) = [frame["event"] for frame in zh.seen if frame["op"] == "event"]
        assert event["html"] == "a\ufffdbc"
    name = rooms.taken[0].sender.name if rooms.taken[0].sender else ""
    assert name.startswith("(指挥部)")
    assert len(name) <= protocol.NAME_LIMIT


async def flood(page: Page) -> None:
    """Send without end, as long as the server lets us."""
    number = 0
    while True:
        number += 1
        await page.send(op="say", cid=f"f{number}", text="flood")


async def test_a_flood_is_slowed_and_then_cut_off(rooms: World) -> None:
    """A page that sends without end is told to wait, then closed; the room goes on."""
    async with rooms.page("en") as en:
        sending = asyncio.create_task(flood(en))
        assert (await en.until("refused"))["again"] > 0
        with pytest.raises(ConnectionError, match="1008"):
            await en.until("never")
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert len(rooms.taken) < 200
    async with rooms.page("zh") as zh:
        await zh.say("c1", "照常")


async def test_a_page_that_does_not_read_is_dropped_and_reads_the_history_anew(
    rooms: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds up nobody and misses nothing."""
    monkeypatch.setattr(hub, "QUEUE_LIMIT", 8)
    text = clean("x" * 200_000)
    async with rooms.page("en", secret="e" * 32) as slow:
        transport = slow.socket.get_extra_info("transport") or slow.socket._writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        for number in range(90):
            await rooms.post("web:en", Outgoing(text, "en"), f"t{number}")
        assert list(rooms.transport._hub.clients()) == []
        transport.abort()
    async with rooms.page("en") as en:
        assert len(en.welcome["events"]) == 80
        assert en.welcome["more"] is True


async def test_older_messages_come_page_by_page(rooms: World) -> None:
    """Every message is reached once, in order."""
    for number in range(200):
        await rooms.post("web:en", Outgoing(clean(str(number)), "en"), f"t{number}")
    async with rooms.page("en") as en:
        shown, more = en.welcome["events"], en.welcome["more"]
        while more:
            await en.send(op="more", before=shown[0]["id"])
            page = await en.until("history")
            shown, more = page["events"] + shown, page["more"]
    assert [event["html"] for event in shown] == [str(number) for number in range(200)]


async def test_the_page_speaks_the_rooms_language_when_it_changes(rooms: World) -> None:
    """After the first answer in another language, the words around it change too."""
    async with rooms.page("zh") as zh:
        await rooms.transport.offer_commands(
            {"zh": (("帮助", "这里能做什么"),), "en": (("help", "?"),)}
        )
        assert (await zh.until("commands"))["commands"] == [["帮助", "这里能做什么"]]
        await rooms.post("web:zh", Outgoing(clean("ok"), "en"), "t1")
        assert (await zh.until("words"))["words"]["send"] == "Send"
        assert (await zh.until("commands"))["commands"] == [["help", "?"]]


async def test_the_store_survives_two_people_typing_at_once(rooms: World) -> None:
    """Each message is taken once, whoever is faster."""
    async with rooms.page("zh") as zh, rooms.page("en") as en:
        await asyncio.gather(
            *(page.send(op="say", cid=f"n{n}", text=str(n)) for n in range(10) for page in (zh, en))
        )
        await rooms.until_taken(20)
    assert len({inbound.key for inbound in rooms.taken}) == 20
