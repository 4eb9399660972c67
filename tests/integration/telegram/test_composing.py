"""What is composed is what a group then shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.richtext import Html, clean, from_plain, utf16_length
from bot.transports.base import (
    RENEWED,
    Author,
    Choice,
    Media,
    MediaKind,
    MediaUnavailable,
    Outgoing,
    Payload,
    Sending,
    Target,
)
from tests.integration.telegram.conftest import Side, order
from tests.servers.botapi import PNG, BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person
from tests.servers.botapi.messages import Message

ZHANG = Author("张三", "消防", "matrix", "matrix:@zhang:hs")


async def show(side: Side, chat: Chat, outgoing: Outgoing, data: bytes = PNG) -> list[Message]:
    """Compose, send in order, and look."""

    async def opened(media: Media) -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65_536):
            yield data[start : start + 65_536]

    shown: list[Message] = []
    for number, payload in enumerate(side.transport.compose(outgoing)):
        reply_to = str(shown[-1].id) if payload.get("continues") else None
        sending = Sending(
            f"telegram:{chat.id}", payload, f"t{number}", reply_to=reply_to, open_media=opened
        )
        shown.append(chat.message(int(await side.transport.send(sending))))
    return shown


def media(kind: MediaKind, name: str, mime: str, size: int | None = None) -> Media:
    """A file on another network."""
    return Media("matrix", kind, name, mime, (("mxc", "mxc://hs/1"),), size=size)


def kinds(message: Message) -> list[tuple[object, str]]:
    """Entity types with the text that each covers."""
    units = message.text.encode("utf-16-le")
    found = []
    for each in message.entities:
        start, length = each["offset"], each["length"]
        assert isinstance(start, int)
        assert isinstance(length, int)
        found.append((each["type"], units[start * 2 : (start + length) * 2].decode("utf-16-le")))
    return found


async def test_a_relayed_text_begins_with_its_author(side: Side, group: Chat) -> None:
    """Name and agency in bold, then the words with their markup."""
    (message,) = await show(side, group, Outgoing(clean("水位 <b>上涨</b>"), "zh", author=ZHANG))
    assert message.text == "【消防】张三：水位 上涨"
    assert kinds(message) == [("bold", "【消防】张三"), ("bold", "上涨")]


async def test_mark_and_quote_stand_before_the_author(side: Side, group: Chat) -> None:
    """In the order in which people need them."""
    outgoing = Outgoing(
        from_plain("好"), "zh", author=ZHANG, quote=("李四", from_plain("几点")), mark="迟到的消息"
    )
    (message,) = await show(side, group, outgoing)
    assert message.text == "迟到的消息\n李四：几点\n【消防】张三：好"
    assert ("blockquote", "李四：几点") in kinds(message)


async def test_a_mention_reaches_the_account_of_this_network(
    side: Side, group: Chat, li: Person
) -> None:
    """Who has none here is a bold name."""
    html = clean('<a data-account="matrix:@li:hs">Li</a> <a data-account="matrix:@x:hs">小赵</a>')
    target = Target(f"telegram:{li.id}", "李雷", "lilei")
    (message,) = await show(side, group, Outgoing(html, "zh", mentions={"matrix:@li:hs": target}))
    assert kinds(message) == [("text_mention", "李雷"), ("bold", "小赵")]
    assert message.entities[0]["user"] == li.to_json()


async def test_a_long_text_goes_on_in_parts_that_answer_the_one_before(
    side: Side, group: Chat
) -> None:
    """No part above the limit, nothing lost, markup whole in each."""
    html = Html("<b>" + "水位上涨🚒。" * 2000 + "</b>")
    parts = await show(side, group, Outgoing(html, "zh", author=ZHANG))
    assert len(parts) == 4
    assert all(utf16_length(part.text) <= 4096 for part in parts)
    assert "".join(part.text for part in parts) == "【消防】张三：" + "水位上涨🚒。" * 2000
    assert [part.reply_to for part in parts] == [None, *(part.id for part in parts[:-1])]
    assert all(part.entities for part in parts)


@pytest.mark.parametrize(
    ("given", "name", "mime", "shown"),
    [
        ("photo", "图.png", "image/png", "photo"),
        ("photo", "图.svg", "image/svg+xml", "document"),
        ("photo", "转.gif", "image/gif", "animation"),
        ("sticker", "贴.webp", "image/webp", "photo"),
        ("animation", "动.mp4", "video/mp4", "animation"),
        ("animation", "动.webm", "video/webm", "document"),
        ("document", "a.pdf", "application/pdf", "document"),
        ("voice", "v.ogg", "audio/ogg; codecs=opus", "voice"),
        ("voice", "v.mp3", "audio/mpeg", "audio"),
        ("voice", "v.wav", "audio/wav", "document"),
        ("audio", "s.mp3", "audio/mpeg", "audio"),
        ("video", "v.mp4", "video/mp4", "video"),
        ("video", "v.webm", "video/webm", "document"),
    ],
)
async def test_a_file_goes_as_the_kind_that_telegram_takes(
    side: Side, group: Chat, given: MediaKind, name: str, mime: str, shown: str
) -> None:
    """With its name and the author in the caption."""
    outgoing = Outgoing(from_plain("看"), "zh", author=ZHANG, media=(media(given, name, mime),))
    (message,) = await show(side, group, outgoing)
    assert (message.kind, message.text) == (shown, "【消防】张三：看")
    held = message.content[shown]
    if shown == "document":
        assert isinstance(held, dict)
        assert held["file_name"] == name


async def test_a_picture_that_telegram_cannot_read_goes_as_a_file(side: Side, group: Chat) -> None:
    """A refusal means that it was not shown, so it may be sent again at once."""
    outgoing = Outgoing(Html(""), "zh", author=ZHANG, media=(media("photo", "x.png", "image/png"),))
    (message,) = await show(side, group, outgoing, b"no picture at all")
    assert (message.kind, message.text) == ("document", "【消防】张三")


async def test_a_large_picture_goes_as_a_file(side: Side, group: Chat) -> None:
    """Above 10 MB, also where that shows only when it is fetched."""
    outgoing = Outgoing(Html(""), "zh", author=ZHANG, media=(media("photo", "x.png", "image/png"),))
    (message,) = await show(side, group, outgoing, PNG + b"\0" * 11_000_000)
    assert message.kind == "document"


async def test_a_long_caption_goes_on_in_a_reply(side: Side, group: Chat) -> None:
    """1024 units with the picture, the rest below it; more pictures follow."""
    picture = media("photo", "图.png", "image/png")
    outgoing = Outgoing(from_plain("长" * 3000), "zh", author=ZHANG, media=(picture, picture))
    first, second, rest = await show(side, group, outgoing)
    assert (first.kind, second.kind, rest.kind) == ("photo", "photo", "text")
    assert utf16_length(first.text) <= 1024
    assert rest.reply_to is not None
    assert first.text + rest.text == "【消防】张三：" + "长" * 3000


async def test_buttons_stand_under_the_last_part(side: Side, group: Chat) -> None:
    """Short ones side by side, long ones below each other."""
    choices = tuple(Choice(f"tok{n}", label) for n, label in enumerate(["收到", "谢绝", "x" * 40]))
    parts = await show(side, group, Outgoing(from_plain("令" * 5000), "zh", choices=choices))
    assert parts[0].buttons == []
    assert [[each["text"] for each in row] for row in parts[-1].buttons] == [
        ["收到", "谢绝"],
        ["x" * 40],
    ]
    assert parts[-1].buttons[0][0]["callback_data"] == "tok0"


async def test_a_file_above_the_upload_limit_becomes_a_line(side: Side, group: Chat) -> None:
    """Told by its size; nothing is fetched for it."""
    big = media("document", "大.zip", "application/zip", size=60 * 1_048_576)
    (message,) = await show(side, group, Outgoing(Html(""), "en", author=ZHANG, media=(big,)))
    assert message.kind == "text"
    assert "大.zip" in message.text
    assert "60.0" in message.text
    known = replace(big, sha256="ab" * 32, link="https://rooms.example.org/media/1/0?key=x")
    (message,) = await show(side, group, Outgoing(Html(""), "en", author=ZHANG, media=(known,)))
    assert ("code", "ab" * 32) in kinds(message)
    assert known.link is not None
    assert known.link in message.text


async def test_a_file_that_turns_out_too_large_becomes_a_line(side: Side, group: Chat) -> None:
    """Its size was not known before; what was said with it still arrives."""
    link = "https://matrix.to/#/!r/$e"
    unknown = replace(media("document", "大.bin", "application/zip"), link=link)
    outgoing = Outgoing(clean("看<b>图</b>"), "zh", author=ZHANG, media=(unknown,))
    (message,) = await show(side, group, outgoing, b"x" * 53_000_000)
    assert message.text.startswith("【消防】张三：看图\n")
    assert ("bold", "图") in kinds(message)
    assert ("text_link", link) in kinds(message) or ("url", link) in kinds(message)
    known = replace(unknown, size=1000)
    lied = Outgoing(clean("看"), "en", author=ZHANG, media=(known,))
    (message,) = await show(side, group, lied, b"x" * 53_000_000)
    assert message.text.endswith("看\nFile that could not be brought over: 大.bin, 1.0 KB")


async def test_a_file_from_another_telegram_group_goes_by_its_id(
    side: Side, api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    """Nothing is downloaded or uploaded."""
    other = api.supergroup("别处", li, bot)
    side.listen()
    await api.wait_call("getUpdates")
    group.send(li, "photo", PNG)
    inbound = await side.inbox.next()
    content = getattr(inbound.event, "content", None)
    assert content is not None
    (payload,) = side.transport.compose(Outgoing(Html(""), "zh", author=ZHANG, media=content.media))
    remote = await side.transport.send(order(other, payload))
    assert other.message(int(remote)).kind == "photo"
    assert api.calls_of("getFile") == []
    assert api.calls_of("sendPhoto")[0].files == []


async def test_an_edit_fits_what_it_edits(side: Side, group: Chat) -> None:
    """A text under a picture is its caption, whatever the payload was composed as."""
    picture = media("photo", "图.png", "image/png")
    (shown,) = await show(side, group, Outgoing(from_plain("旧"), "zh", media=(picture,)))
    (text,) = side.transport.compose(Outgoing(from_plain("新"), "zh"))
    await side.transport.edit(order(group, text, target=shown.id))
    assert group.message(shown.id).text == "新"
    (caption,) = side.transport.compose(Outgoing(from_plain("更新"), "zh", media=(picture,)))
    await side.transport.edit(order(group, caption, target=shown.id))
    assert group.message(shown.id).text == "更新"


def replacing(side: Side, chat: Chat, target: Message, outgoing: Outgoing, data: bytes) -> Sending:
    """The edit of a message whose file is now another."""

    async def opened(_media: Media) -> AsyncIterator[bytes]:
        yield data

    payload = {**side.transport.compose(outgoing)[0], RENEWED: True}
    return replace(order(chat, payload, target=target.id), open_media=opened)


@pytest.mark.parametrize("before", ["photo", "document", "video", "audio", None])
@pytest.mark.parametrize("after", ["photo", "document", "video", "audio", "animation", "voice"])
async def test_a_file_that_was_replaced_is_replaced_with_its_words(
    side: Side, api: BotApi, group: Chat, before: MediaKind | None, after: MediaKind
) -> None:
    """Not the old plan under the new one's name; a text can become a file as well."""
    mimes = {"photo": "image/png", "video": "video/mp4", "audio": "audio/mpeg"}
    mimes |= {"animation": "video/mp4", "voice": "audio/ogg"}
    old = () if before is None else (media(before, "old", mimes.get(before, "text/plain")),)
    (shown,) = await show(side, group, Outgoing(clean("旧"), "zh", author=ZHANG, media=old))
    new = media(after, "new", mimes.get(after, "text/plain"))
    outgoing = Outgoing(clean("<b>新</b>"), "zh", author=ZHANG, media=(new,))
    sending = replacing(side, group, shown, outgoing, PNG + b"new")
    await side.transport.edit(sending)
    await side.transport.edit(sending)
    message = group.message(shown.id)
    assert message.kind == {"voice": "audio"}.get(after, after)
    assert message.text == "【消防】张三：新"
    held = message.content[message.kind]
    held = held[-1] if isinstance(held, list) else held
    assert isinstance(held, dict)
    file = api.files.get(str(held["file_id"]))
    assert file is not None
    assert file.data == PNG + b"new"


async def test_a_picture_that_telegram_cannot_read_replaces_one_as_a_file(
    side: Side, group: Chat
) -> None:
    picture = media("photo", "图.png", "image/png")
    outgoing = Outgoing(clean("新"), "zh", author=ZHANG, media=(picture,))
    (shown,) = await show(side, group, outgoing)
    await side.transport.edit(replacing(side, group, shown, outgoing, b"no picture"))
    assert group.message(shown.id).kind == "document"
    assert group.message(shown.id).text == "【消防】张三：新"


async def test_a_voice_message_cannot_be_replaced_and_its_words_say_so(
    side: Side, group: Chat
) -> None:
    """https://core.telegram.org/bots/api#editmessagemedia names what can."""
    voice = media("voice", "old.ogg", "audio/ogg")
    (shown,) = await show(side, group, Outgoing(clean("旧"), "en", author=ZHANG, media=(voice,)))
    new = replace(voice, name="new.ogg")
    outgoing = Outgoing(clean("新"), "en", author=ZHANG, media=(new,))
    assert group.message(shown.id).kind == "voice"
    await side.transport.edit(replacing(side, group, shown, outgoing, b"ogg"))
    line = "File that could not be brought over: new.ogg"
    assert group.message(shown.id).text == f"【消防】张三：新\n{line}"


async def test_a_file_that_telegram_refuses_leaves_its_words(
    side: Side, api: BotApi, group: Chat
) -> None:
    """Whatever a file is, what was said with it arrives."""
    file = media("document", "图.pdf", "application/pdf", 51200)
    api.faults.next("sendDocument", "400", description="Bad Request: wrong file type")
    (message,) = await show(side, group, Outgoing(clean("<b>撤</b>"), "en", ZHANG, media=(file,)))
    line = "File that could not be brought over: 图.pdf, 50.0 KB"
    assert message.text == f"【消防】张三：撤\n{line}"


@pytest.mark.parametrize("covered", [True, False])
async def test_a_covered_picture_stays_covered(side: Side, group: Chat, covered: bool) -> None:
    """Also when another takes its place."""
    picture = replace(media("photo", "图.png", "image/png"), covered=covered)
    outgoing = Outgoing(clean("伤者"), "zh", author=ZHANG, media=(picture,))
    (shown,) = await show(side, group, outgoing)
    assert ("has_media_spoiler" in shown.content) is covered
    uncovered = replace(outgoing, media=(replace(picture, covered=not covered),))
    await side.transport.edit(replacing(side, group, shown, uncovered, PNG))
    assert ("has_media_spoiler" in group.message(shown.id).content) is not covered


@pytest.mark.parametrize("mark", ["可能重复", "也许已发送过 " * 40])
async def test_a_repeat_says_so_and_still_fits(side: Side, group: Chat, mark: str) -> None:
    """The mark is a line of its own, and moves the markup behind it."""
    html = Html("<b>" + "水" * 6000 + "</b>")
    payloads: list[Payload] = side.transport.compose(Outgoing(html, "zh"))
    sending = Sending(f"telegram:{group.id}", payloads[0], "t1", mark=mark)
    message = group.message(int(await side.transport.send(sending)))
    line, _, words = message.text.partition("\n")
    assert mark.startswith(line.rstrip("…").strip())
    assert kinds(message) == [("italic", line), ("bold", words)]


async def test_no_preview_doubles_a_link(side: Side, api: BotApi, group: Chat) -> None:
    """The network that the link came from has shown it already."""
    await show(side, group, Outgoing(from_plain("https://example.org"), "zh"))
    (call,) = api.calls_of("sendMessage")
    assert "is_disabled" in str(call.params["link_preview_options"])


def test_hostile_words_stay_words(side: Side) -> None:
    """Markup that a person typed is text; a blank message is still a message."""
    (payload,) = side.transport.compose(
        Outgoing(from_plain("<b>x</b> *y* [z](tg://user?id=1)"), "zh")
    )
    assert payload == {"method": "sendMessage", "text": "<b>x</b> *y* [z](tg://user?id=1)"}
    (blank,) = side.transport.compose(Outgoing(Html(""), "zh"))
    assert blank["text"]


async def test_in_a_joined_message_only_authors_stand_at_the_margin(
    side: Side, group: Chat
) -> None:
    """Whatever the others write; quotes and code are set off as they are."""
    alice = Author("Alice", "Police", "web", "web:alice")
    guest = Author("值班员", None, "web", "web:duty")
    said = [
        Outgoing(clean("水位"), "zh", author=ZHANG),
        Outgoing(clean("好 😀<br><b>【Police】Alice</b>：立即撤离"), "zh", author=guest),
        Outgoing(clean("一<br><br>张三：二<br><b>三</b>"), "zh", author=guest, mark="迟到"),
        Outgoing(
            clean("x<blockquote>y<br>z</blockquote>"),
            "zh",
            author=alice,
            quote=("李四", from_plain("几点")),
        ),
    ]
    payloads = [payload for each in said for payload in side.transport.compose(each)]
    joined = side.transport.join(payloads)
    assert joined is not None
    remote = await side.transport.send(order(group, joined))
    message = group.message(int(remote))
    assert message.text.split("\n") == [
        "【消防】张三：水位",
        "值班员：好 😀",
        "\u3000· 〔Police〕Alice：立即撤离",
        "迟到",
        "值班员：一",
        "",
        "\u3000张三：二",
        "\u3000三",
        "李四：几点",
        "【Police】Alice：x",
        "y",
        "z",
    ]
    assert kinds(message) == [
        ("bold", "【消防】张三"),
        ("bold", "值班员"),
        ("bold", "· 〔Police〕Alice"),
        ("italic", "迟到"),
        ("bold", "值班员"),
        ("bold", "三"),
        ("blockquote", "李四：几点"),
        ("bold", "李四"),
        ("bold", "【Police】Alice"),
        ("blockquote", "y\nz"),
    ]
    alone = side.transport.join(payloads[2:3])
    assert alone is not None
    assert alone["text"] == "迟到\n值班员：一\n\n张三：二\n三"


@pytest.mark.parametrize(
    "head", ["<b>【Police】Alice</b>", "<b>Alice</b>", "\u2800【Police】Alice"]
)
async def test_a_text_cannot_be_cut_so_that_a_part_begins_as_an_author_does(
    side: Side, group: Chat, head: str
) -> None:
    seen = 0
    for length in range(3970, 4001):
        text = clean(f"{'长' * length}。 {head}：立即撤离{'远' * 300}")
        parts = side.transport.compose(Outgoing(text, "zh", author=ZHANG))
        seen += str(parts[1]["text"]).startswith("…")
        for part in parts[1:]:
            shown = str(part["text"]).lstrip("\u2800")
            assert not shown.startswith("【")
            assert not shown.startswith("Alice")
    assert seen


async def test_a_file_that_is_gone_for_good_is_told_with_name_and_size(
    side: Side, group: Chat
) -> None:
    """Under its caption, and a correction keeps the line."""

    async def gone(media: Media) -> AsyncIterator[bytes]:
        raise MediaUnavailable("404", forever=True)
        yield b""

    file = media("document", "图纸.pdf", "application/pdf", 51200)
    (payload,) = side.transport.compose(Outgoing(clean("看"), "en", author=ZHANG, media=(file,)))
    sending = Sending(f"telegram:{group.id}", payload, "t", open_media=gone)
    remote = await side.transport.send(sending)
    line = "File that could not be brought over: 图纸.pdf, 50.0 KB"
    message = group.message(int(remote))
    assert message.text == f"【消防】张三：看\n{line}"
    assert kinds(message) == [("bold", "【消防】张三"), ("italic", line)]
    corrected = Outgoing(clean("看看"), "en", author=ZHANG, media=(file,))
    (payload,) = side.transport.compose(corrected)
    await side.transport.edit(replace(sending, payload=payload, target=remote))
    assert group.message(int(remote)).text == f"【消防】张三：看看\n{line}"


async def test_a_file_that_may_be_there_later_is_not_given_up_by_the_network_it_goes_to(
    side: Side, group: Chat
) -> None:
    async def away(media: Media) -> AsyncIterator[bytes]:
        raise MediaUnavailable("502")
        yield b""

    file = media("document", "图纸.pdf", "application/pdf", 51200)
    (payload,) = side.transport.compose(Outgoing(clean("看"), "en", author=ZHANG, media=(file,)))
    with pytest.raises(MediaUnavailable):
        await side.transport.send(Sending(f"telegram:{group.id}", payload, "t", open_media=away))
