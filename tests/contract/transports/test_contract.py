"""What every network does in the same way, seen from both of its sides."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.richtext import Html, clean, to_plain
from bot.transports.base import (
    Choice,
    Deleted,
    Edited,
    Media,
    MediaKind,
    Outgoing,
    Pressed,
    RateLimited,
    Reacted,
    RoomGone,
    Said,
    SendFault,
    Target,
    TargetGone,
    Unreachable,
)
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.telegram.settings import TelegramSettings
from tests.acceptance.places import TelegramPlace, read_html
from tests.contract.transports.rig import AUTHOR, Rig
from tests.servers.process import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORMATS = {
    "bold": ("<b>{}</b>", "<b>{}</b>"),
    "italic": ("<i>{}</i>", "<i>{}</i>"),
    "underline": ("<u>{}</u>", "<u>{}</u>"),
    "strike": ("<s>{}</s>", "<s>{}</s>"),
    "code": ("<code>{}</code>", "<code>{}</code>"),
    "spoiler": ("<span data-mx-spoiler>{}</span>", "<span data-mx-spoiler>{}</span>"),
    "link": ('<a href="https://example.org/">{}</a>', '<a href="https://example.org/">{}</a>'),
    "pre": ("<pre>{}</pre>", "<pre>{}</pre>"),
    "quote": ("<blockquote>{}</blockquote>", "<blockquote>{}</blockquote>"),
}
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(3000)
OGG = b"OggS\x00\x02" + bytes(range(256)) * 9
FILES: dict[str, tuple[MediaKind, bytes, str, str]] = {
    "photo": ("photo", JPEG, "x.jpg", "image/jpeg"),
    "document": ("document", b"%PDF" + bytes(range(256)) * 20, "方案.pdf", "application/pdf"),
    "voice": ("voice", OGG, "v.ogg", "audio/ogg"),
    "audio": ("audio", b"ID3" + bytes(range(256)) * 8, "a.mp3", "audio/mpeg"),
    "video": ("video", b"\x00\x00\x00\x18ftypmp42" + bytes(5000), "v.mp4", "video/mp4"),
}


def unique(words: str) -> str:
    """These words, told apart from all others in the room."""
    return f"{words}{secrets.token_hex(3)}"


async def typed(rig: Rig, remote: str) -> Said:
    """What was heard of the person's message with that id."""
    return await rig.hear_event(Said, remote)


async def test_every_format_goes_out(rig: Rig) -> None:
    """Nine formats, behind an author, with Chinese and emoji before them."""
    words = {name: unique(name) for name in FORMATS}
    html = "险🔥 " + " ".join(out.format(words[name]) for name, (out, _) in FORMATS.items())
    await rig.say(html)
    shown = await rig.place.see_text(words["bold"])
    assert shown.text.startswith("【FD】Li：险🔥")
    for name in FORMATS:
        assert (name, words[name]) in shown.formats


async def test_every_format_comes_in(rig: Rig) -> None:
    """As the neutral form, with the words as typed beside it."""
    words = {name: unique(name) for name in FORMATS}
    html = " ".join(out.format(words[name]) for name, (out, _) in FORMATS.items())
    said = await typed(rig, await rig.place.say("", html=html))
    for name, (_out, neutral) in FORMATS.items():
        assert neutral.format(words[name]) in said.content.html
        assert words[name] in said.content.text
    assert read_html(clean(said.content.html))[1] == read_html(said.content.html)[1]


async def test_who_wrote_what_and_where_is_told(rig: Rig) -> None:
    """Ids are the network's own, under its name."""
    remote = await rig.place.say(unique("你好"))
    inbound = await rig.hear(lambda each: each.remote == remote)
    assert inbound.room == rig.room
    assert inbound.key.startswith(f"{rig.name}:")
    assert inbound.sender is not None
    assert inbound.sender.account.startswith(f"{rig.name}:")
    assert inbound.sender.name in ("李雷", "Anna", "Wang")
    assert not inbound.private
    assert inbound.at.tzinfo is not None


async def test_replies_go_both_ways(rig: Rig) -> None:
    """Ours to theirs, theirs to ours, by the ids that each side was given."""
    theirs = await rig.place.say(unique("谁去"))
    await typed(rig, theirs)
    words = unique("我去")
    ours = await rig.say(words, reply_to=theirs)
    shown = await rig.place.see_text(words)
    assert shown.reply_to == theirs
    assert shown.id == ours
    back = await rig.place.say(unique("好"), reply_to=ours)
    assert (await typed(rig, back)).reply_to == ours


async def test_a_mention_reaches_the_persons_account(rig: Rig) -> None:
    """The name stands there; who is not on this network is a bold name."""
    accounts = {
        "telegram": f"telegram:{rig.world.li.id}",
        "matrix": f"matrix:{rig.world.anna.user_id}",
        "web": "web:somebody",
    }
    html = '<a data-account="elsewhere:7">小李</a> <a data-account="elsewhere:8">小王</a>'
    mark = unique("m")
    target = Target(accounts[rig.name], "李雷")
    await rig.post(Outgoing(Html(f"{html} {mark}"), "en", AUTHOR, mentions={"elsewhere:7": target}))
    shown = await rig.place.see_text(mark)
    assert "小王" in shown.text
    if rig.name != "web":
        assert any(kind == "mention" for kind, _words in shown.formats)


async def test_an_edit_changes_the_message_in_place(rig: Rig) -> None:
    """Out and in."""
    old, new = unique("旧"), unique("新")
    remote = await rig.say(old)
    (payload,) = rig.transport.compose(Outgoing(Html(new), "en", AUTHOR))
    await rig.transport.edit(rig.row(payload, target=remote))
    assert (await rig.place.see_text(new)).id == remote
    assert await rig.place.count(old) == 0
    theirs = await rig.place.say(unique("先"))
    await typed(rig, theirs)
    after = unique("后")
    await rig.place.edit(theirs, after)
    inbound = await rig.hear(
        lambda each: isinstance(each.event, Edited) and each.event.target == theirs
    )
    assert isinstance(inbound.event, Edited)
    assert to_plain(inbound.event.content.html) == after


async def test_a_deletion_twice_is_no_fault(rig: Rig) -> None:
    """What is gone is gone."""
    words = unique("删")
    remote = await rig.say(words)
    await rig.place.see_text(words)
    await rig.transport.delete(rig.row({}, target=remote))
    await rig.place.until(lambda seen: not any(words in each.text for each in seen))
    await rig.transport.delete(rig.row({}, target=remote))


async def test_a_persons_deletion_is_told_where_the_network_tells_it(rig: Rig) -> None:
    """Telegram reports none."""
    if rig.name == "telegram":
        pytest.skip("the Bot API reports no deletions: /redact stands in for them")
    remote = await rig.place.say(unique("收回"))
    await typed(rig, remote)
    await rig.place.take_back(remote)
    await rig.hear(lambda each: isinstance(each.event, Deleted) and each.event.target == remote)


@pytest.mark.parametrize("name", FILES)
async def test_a_file_goes_out_with_its_bytes(rig: Rig, name: str) -> None:
    """Kind, caption and every byte."""
    kind, data, file_name, mime = FILES[name]
    caption = unique("图")
    media = Media("elsewhere", kind, file_name, mime, (("id", "1"),), size=len(data), seconds=3)
    await rig.post(Outgoing(Html(caption), "en", AUTHOR, media=(media,)), data=data)
    shown = await rig.place.see_text(caption)
    assert shown.kind == kind
    assert digest(await rig.place.content(shown)) == digest(data)


@pytest.mark.parametrize("name", FILES)
async def test_a_file_comes_in_with_its_bytes(rig: Rig, name: str) -> None:
    """As a reference that this network opens, also after it was stored as JSON."""
    kind, data, file_name, mime = FILES[name]
    caption = unique("件")
    remote = await rig.place.attach(kind, data, file_name, mime, caption)
    said = await typed(rig, remote)
    assert to_plain(said.content.html) == caption
    (media,) = said.content.media
    media = Media.from_json(json.loads(json.dumps(media.to_json())))
    assert media.network == rig.name
    assert media.kind == ("audio" if (kind, rig.name) == ("voice", "web") else kind)
    received = b"".join([chunk async for chunk in rig.transport.open_media(media)])
    assert digest(received) == digest(data)


async def test_a_long_text_is_split_and_keeps_its_order(rig: Rig) -> None:
    """Ten thousand characters of Chinese and emoji, no grapheme broken, nothing lost."""
    start, end = unique("始"), unique("终")
    text = start + "泄漏👨‍👩‍👧🔥" * 1450 + end
    remotes = await rig.post(Outgoing(Html(text), "en", AUTHOR))
    await rig.place.see_text(end)
    shown = {each.id: each.text for each in await rig.place.all()}
    whole = "".join(shown[remote] for remote in remotes)
    assert whole.replace("\n", "").endswith(text)
    assert len(set(remotes)) == len(remotes)


async def test_choices_are_shown_and_can_be_taken(rig: Rig) -> None:
    """A tap, a press, a reaction with the number."""
    mark = unique("选")
    choices = (Choice(unique("tok"), "收到"), Choice(unique("tok"), "拒绝"))
    (remote,) = await rig.post(Outgoing(Html(mark), "zh", choices=choices))
    shown = await rig.place.see_text(mark)
    assert shown.buttons == ("收到", "拒绝")
    if rig.name == "matrix":
        await rig.world.anna.react(rig.world.room, remote, "2️⃣")
        inbound = await rig.hear(lambda each: isinstance(each.event, Reacted))
        assert isinstance(inbound.event, Reacted)
        assert (inbound.event.target, inbound.event.added) == (remote, ("2️⃣",))
        return
    if isinstance(rig.place, TelegramPlace):
        rig.place.chat.press_now(rig.place.person, int(shown.id), "拒绝")
    else:
        await rig.place.choose(shown, 2)
    pressed = await rig.hear_event(Pressed)
    assert (pressed.token, pressed.target) == (choices[1].token, remote)
    await rig.transport.answer_press(pressed.press, "好")
    await rig.transport.answer_press("no such press", "好")


async def test_own_messages_are_not_heard(rig: Rig) -> None:
    """Neither sends nor edits nor deletions of ours come back."""
    remote = await rig.say(unique("自己"))
    (payload,) = rig.transport.compose(Outgoing(Html(unique("改")), "en", AUTHOR))
    await rig.transport.edit(rig.row(payload, target=remote))
    await rig.transport.delete(rig.row({}, target=remote))
    last = await rig.place.say(unique("别人"))
    await typed(rig, last)
    assert not [
        each
        for each in rig.taken
        if each.remote == remote or getattr(each.event, "target", None) == remote
    ]


async def test_a_repeated_row_is_shown_once_where_the_network_promises_it(rig: Rig) -> None:
    """The same transaction, the same message, the same id."""
    if not rig.transport.idempotent:
        pytest.skip("this network has no transaction ids")
    words, txn = unique("一次"), unique("txn")
    first = await rig.say(words, txn=txn)
    assert await rig.say(words, txn=txn) == first
    await rig.say(unique("then"))
    await rig.place.see_text(words)
    assert await rig.place.count(words) == 1


async def test_composing_is_pure(rig: Rig) -> None:
    """The same JSON every time: what is stored is what is sent."""
    media = Media("elsewhere", "photo", "x.jpg", "image/jpeg", (("id", "1"),), size=5)
    outgoing = Outgoing(
        clean("<b>a</b>" + "长" * 9000),
        "both",
        AUTHOR,
        quote=("Wang", Html("before")),
        media=(media,),
        choices=(Choice("t", "好"),),
        mark="late",
    )
    payloads = rig.transport.compose(outgoing)
    assert payloads
    assert payloads == rig.transport.compose(outgoing)
    assert json.loads(json.dumps(payloads)) == payloads


async def test_faults_are_told_apart(rig: Rig) -> None:
    """No such room, no such message; each a `SendFault` of its own kind."""
    (payload,) = rig.transport.compose(Outgoing(Html("x"), "en", AUTHOR))
    nowhere = {"telegram": "telegram:-1009999999999", "matrix": "matrix:!no:hs.test"}
    with pytest.raises(RoomGone):
        await rig.transport.send(rig.row(payload, room=nowhere.get(rig.name, "web:nowhere")))
    gone = await rig.say(unique("weg"))
    await rig.transport.delete(rig.row({}, target=gone))
    if rig.name != "matrix":
        with pytest.raises(TargetGone):
            await rig.transport.edit(rig.row(payload, target=gone))
    assert issubclass(TargetGone, SendFault)


async def test_a_limit_is_told_with_its_time(rig: Rig) -> None:
    """Telegram's 429 and how long it asks to wait."""
    if rig.name != "telegram":
        pytest.skip("these servers do not limit us")
    (payload,) = rig.transport.compose(Outgoing(Html("x"), "en", AUTHOR))
    rig.world.api.faults.next("sendMessage", "429", retry_after=7)
    with pytest.raises(RateLimited) as raised:
        await rig.transport.send(rig.row(payload))
    assert raised.value.after == timedelta(seconds=7)


async def test_what_was_not_taken_is_offered_again_with_the_same_keys(rig: Rig) -> None:
    """Twice refused, once taken, never lost."""
    rig.refusing = 2
    words = unique("再来")
    remote = await rig.place.say(words)
    inbound = await rig.hear(lambda each: each.remote == remote)
    assert sum(inbound.key in keys for keys in rig.offered) == 3
    assert sum(each.remote == remote for each in rig.taken) == 1


async def test_unknown_things_are_named(rig: Rig) -> None:
    """What the neutral form has no place for becomes a line of words."""
    if rig.name == "web":
        pytest.skip("a page sends nothing of that kind")
    if isinstance(rig.place, TelegramPlace):
        remote = str(rig.place.chat.send_dice(rig.place.person).id)
    else:
        content = {"msgtype": "m.location", "body": "x", "geo_uri": "geo:31.2,121.5"}
        remote = await rig.world.anna.send(rig.world.room, "m.room.message", content)
    said = await typed(rig, remote)
    assert said.content.uncarried is not None


async def test_a_private_room_is_told_apart(rig: Rig) -> None:
    """A chat with the bot alone."""
    if rig.name == "web":
        pytest.skip("web rooms are for all")
    if rig.name == "telegram":
        said = rig.world.api.private(rig.world.li).say(rig.world.li, unique("密"))
        inbound = await rig.hear(lambda each: each.private and each.remote == str(said.id))
        assert inbound.room == f"telegram:{rig.world.li.id}"
        return
    anna, bot = rig.world.anna, rig.world.matrix_bot.user_id
    room = await anna.create_room(invite=(bot,), direct=True)
    await anna.wait_for(
        room, lambda e: e.state_key == bot and e.content.get("membership") == "join"
    )
    remote = await anna.say(room, unique("密"))
    inbound = await rig.hear(lambda each: each.remote == remote)
    assert inbound.private
    assert inbound.room == f"matrix:{room}"


async def test_a_network_that_is_down_does_not_stop_the_start(rig: Rig) -> None:
    """What is sent meanwhile is known not to have arrived."""
    dead = f"http://127.0.0.1:{free_port()}"
    if rig.name == "telegram":
        transport = rig.build(TelegramSettings(token=SecretStr("1:abc"), api_base_url=dead))
    elif rig.name == "matrix":
        transport = rig.build(
            MatrixSettings(
                homeserver=dead, user_id="@a:b", access_token=SecretStr("x"), encryption=False
            )
        )
    else:
        pytest.skip("for the web rooms we are the server")
    await transport.start()
    (payload,) = transport.compose(Outgoing(Html("x"), "en", AUTHOR))
    with pytest.raises(Unreachable):
        await transport.send(rig.row(payload))
    await transport.aclose()


def digest(data: bytes) -> str:
    """By which bytes are compared."""
    return hashlib.sha256(data).hexdigest()


async def test_a_new_instance_goes_on_where_the_last_one_was_committed(rig: Rig) -> None:
    """What was said while nobody listened comes once, in order; nothing comes twice.

    Last: the page of the web rooms goes with the instance.
    """
    if rig.name == "web":
        pytest.skip("for the web rooms we are the server: nothing is said while it is away")
    before = await rig.place.say(unique("前"))
    await typed(rig, before)
    await rig.stop()
    between = [await rig.place.say(unique("间")) for _ in range(3)]
    seen = len(rig.taken)
    async with rig.running():
        after = await rig.place.say(unique("后"))
        await typed(rig, after)
    said = [each for each in rig.taken[seen:] if isinstance(each.event, Said)]
    assert [each.remote for each in said if each.room == rig.room] == [*between, after]
