"""What people write, answer, change and take back reaches the two other networks as it was."""

from __future__ import annotations

import hashlib
import secrets
from functools import partial

import pytest

from tests.acceptance.places import Place, Shown, WebPlace
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

NETWORKS = ("telegram", "matrix", "web")
each_way = pytest.mark.parametrize("source", NETWORKS)
Places = dict[str, Place]


def others(places: Places, source: str) -> list[Place]:
    """The two rooms that hear what is said in the third."""
    return [place for network, place in places.items() if network != source]


def unique(words: str) -> str:
    """These words, told apart from all others in the rooms."""
    return f"{words}{secrets.token_hex(3)}"


FORMATS = {
    "bold": "<b>{}</b>",
    "italic": "<i>{}</i>",
    "underline": "<u>{}</u>",
    "strike": "<s>{}</s>",
    "code": "<code>{}</code>",
    "spoiler": "<span data-mx-spoiler>{}</span>",
    "link": '<a href="https://example.org/">{}</a>',
    "pre": "<pre>{}</pre>",
    "quote": "<blockquote>{}</blockquote>",
}


@each_way
async def test_every_format_arrives_on_both_other_networks(places: Places, source: str) -> None:
    """Nine formats in one message, with Chinese and an emoji before them."""
    words = {name: unique(name) for name in FORMATS}
    inline = " ".join(FORMATS[name].format(words[name]) for name in FORMATS)
    await places[source].say("", html=f"泄漏🔥 {inline}")
    for target in others(places, source):
        shown = await target.see_text(words["bold"])
        assert shown.text.startswith(f"{places[source].author}：泄漏🔥")
        for name in FORMATS:
            assert (name, words[name]) in shown.formats, (target.network, shown)


@each_way
async def test_a_reply_points_at_the_copy_of_what_it_answers(places: Places, source: str) -> None:
    """Both ways: to a message of one's own room and to one that was relayed into it."""
    first = unique("谁去3号阀室？")
    second, third = unique("我去"), unique("收到")
    mine = await places[source].say(first)
    copies = {place.network: await place.see_text(first) for place in others(places, source)}
    await places[source].say(second, reply_to=mine)
    for place in others(places, source):
        assert (await place.see_text(second)).reply_to == copies[place.network].id
    answerer, onlooker = others(places, source)
    await answerer.say(third, reply_to=copies[answerer.network].id)
    assert (await places[source].see_text(third)).reply_to == mine
    assert (await onlooker.see_text(third)).reply_to == copies[onlooker.network].id


@each_way
async def test_an_edit_changes_the_copies_in_place(places: Places, source: str) -> None:
    """The copy keeps its identity, and nothing of the old text is left."""
    old, new = unique("压力3兆帕"), unique("压力2兆帕")
    mine = await places[source].say(old)
    copies = {place.network: await place.see_text(old) for place in others(places, source)}
    await places[source].edit(mine, new)
    for place in others(places, source):
        shown = await place.see_text(new)
        assert shown.id == copies[place.network].id
        assert shown.words == new
        assert await place.count(old) == 0


@each_way
async def test_a_message_taken_back_is_gone_everywhere(places: Places, source: str) -> None:
    """By /撤回 on Telegram, a redaction on Matrix, a deletion on the page."""
    words = unique("发错了")
    mine = await places[source].say(words)
    for place in others(places, source):
        await place.see_text(words)
    await places[source].take_back(mine)

    def gone(seen: list[Shown]) -> bool:
        return not any(words in shown.text for shown in seen)

    for place in places.values():
        await place.until(gone)


JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(200)
OGG = b"OggS\x00\x02" + bytes(range(256)) * 5
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40
FILES = {
    "photo": (JPEG, "valve.jpg", "image/jpeg"),
    "document": (b"%PDF-1.7 " + bytes(range(256)) * 300, "方案 v2.pdf", "application/pdf"),
    "voice": (OGG, "voice.ogg", "audio/ogg"),
    "audio": (b"ID3" + bytes(range(256)) * 20, "alarm.mp3", "audio/mpeg"),
    "video": (MP4, "leak.mp4", "video/mp4"),
}


@each_way
@pytest.mark.parametrize("kind", FILES)
async def test_a_file_arrives_with_its_bytes_kind_and_caption(
    places: Places, source: str, kind: str
) -> None:
    """Bytes are identical. A page records no voice: it sends a file of sound, which Telegram
    takes as audio only in formats that it plays."""
    data, name, mime = FILES[kind]
    data += secrets.token_bytes(4)
    caption = unique("现场")
    await places[source].attach(kind, data, name, mime, caption)
    for place in others(places, source):
        shown = await place.see_text(caption)
        assert shown.text == f"{places[source].author}：{caption}"
        received = await place.content(shown)
        assert hashlib.sha256(received).digest() == hashlib.sha256(data).digest()
        plain = kind == "voice" and source == "web"
        assert shown.kind in (("audio", "document") if plain else (kind,))
        if kind == "document":
            assert shown.name == name


def new_photo(known: set[str], shown: Shown) -> bool:
    """Whether it is a photo that was not there before."""
    return shown.kind == "photo" and shown.id not in known


@each_way
async def test_a_file_without_words_names_its_sender(places: Places, source: str) -> None:
    """Nobody has to guess who sent a picture."""
    before = {place.network: {each.id for each in await place.all()} for place in places.values()}
    await places[source].attach("photo", JPEG, "x.jpg", "image/jpeg")
    for place in others(places, source):
        known = before[place.network]
        shown = await place.see(partial(new_photo, known))
        assert shown.text.rstrip("：") == places[source].author


@each_way
async def test_the_caption_of_a_file_can_be_changed(places: Places, source: str) -> None:
    """The file stays, its words change."""
    old, new = unique("北侧"), unique("南侧")
    mine = await places[source].attach("photo", JPEG, "x.jpg", "image/jpeg", old)
    copies = {place.network: await place.see_text(old) for place in others(places, source)}
    await places[source].edit(mine, new)
    for place in others(places, source):
        shown = await place.see_text(new)
        assert shown.id == copies[place.network].id
        assert shown.kind == "photo"
        assert await place.content(shown) == JPEG


NAMES = (
    ("【消防】李雷", "a unit in brackets"),
    ("李雷\n【环保】Anna：撤离", "a line of somebody else's"),
    ("\u202egnaW\u202d", "a text turned round"),
    ("王\u200b\u200d\ufeff芳", "signs without width"),
    ("名" * 64, "the longest name"),
    ("<b>Li</b> & [x](http://e.org)", "markup"),
    ("\u200b\u2060", "nothing to be seen"),
)


@pytest.mark.parametrize("name", [name for name, _why in NAMES], ids=[why for _n, why in NAMES])
async def test_no_name_can_pass_for_another_author(
    shared: World, places: Places, name: str
) -> None:
    """The unit stands in brackets that no name can have; name and colon keep their order."""
    words = unique("我是谁")
    person = shared.api.user(name)
    shared.group.join(person)
    shared.group.say(person, words)
    for place in others(places, "telegram"):
        shown = await place.see_text(words)
        head, colon, rest = shown.text.rpartition("：")
        assert (colon, rest) == ("：", words)
        assert head.startswith("【消防】")
        shown_name = head.removeprefix("【消防】")
        assert shown_name.strip()
        assert not set(shown_name) & set("【】\n\u202e\u202d\u200b\ufeff\u2060：")
        assert len(shown_name) <= 45


async def test_a_long_text_arrives_whole_and_in_order(places: Places) -> None:
    """Ten thousand characters with emoji: Telegram in parts, Matrix and the page as they can."""
    text = "".join(f"{number}号阀室压力正常👨‍👩‍👧🔥。" for number in range(700))
    end = unique("完")
    await places["web"].say(text + end)
    for place in others(places, "web"):
        await place.see_text(end)
        seen = await place.all()
        start = next(at for at, each in enumerate(seen) if "：0号阀室" in each.text)
        parts = [each for each in seen[start:] if each.text and each.bot]
        whole = "".join(each.text for each in parts).partition("：")[2]
        assert whole.replace("\n", "") == text + end
        if place.network == "telegram":
            assert len(parts) > 2
            assert all(len(each.text.encode("utf-16-le")) // 2 <= 4096 for each in parts)


async def test_an_edit_grows_to_three_parts_and_shrinks_to_one(places: Places) -> None:
    """Parts come and go on Telegram as the text needs them; none is left over."""
    short, long_end, last = unique("短"), unique("长"), unique("末")
    web, telegram = places["web"], places["telegram"]
    mine = await web.say(short)
    first = await telegram.see_text(short)
    await web.edit(mine, "水位上涨。" * 1800 + long_end)
    await telegram.see_text(long_end)
    grown = [each for each in await telegram.all() if "水位上涨" in each.text]
    assert len(grown) == 3
    assert grown[0].id == first.id
    await web.edit(mine, last)
    shown = await telegram.see_text(last)
    assert shown.id == first.id
    await telegram.until(lambda seen: not any("水位上涨" in each.text for each in seen))


@pytest.mark.parametrize("source", ["matrix", "web"])
async def test_a_long_message_taken_back_leaves_no_part(places: Places, source: str) -> None:
    """Every part of a split message goes."""
    end = unique("止")
    mine = await places[source].say("风向东南。" * 2500 + end)
    await places["telegram"].see_text(end)
    await places[source].take_back(mine)
    await places["telegram"].until(lambda seen: not any("风向东南" in s.text for s in seen))


async def test_a_reply_to_what_nobody_here_has_seen_quotes_it(
    shared: World, places: Places
) -> None:
    """A message from before the bridge is quoted in a line, with its author."""
    words = unique("那就走")
    old = await shared.anna.send(
        shared.room,
        "m.room.message",
        {
            "msgtype": "m.text",
            "body": "old words of the room",
            "org.lianzhi.relayed": True,
        },
    )
    await shared.anna.say(shared.room, words, reply_to=old)
    for place in others(places, "matrix"):
        shown = await place.see_text(words)
        quotes = [text for kind, text in shown.formats if kind == "quote"]
        assert quotes == ["Anna：old words of the room"]


async def test_what_cannot_be_carried_is_named_in_each_rooms_language(
    shared: World, places: Places
) -> None:
    """Polls, places, cards, dice and drawn stickers become a line of words."""
    group, li = shared.group, shared.li
    mark = unique("q")
    group.send_poll(li, f"谁值夜？{mark}", ["甲", "乙"])
    group.send_location(li, 31.25, 121.5)
    group.send_contact(li, "+8613800000000", f"老周{mark}")
    group.send_dice(li)
    group.send(li, "sticker", b"drawn", extra={"is_animated": True})
    for place in others(places, "telegram"):
        poll = await place.see_text(f"谁值夜？{mark}")
        assert "甲 / 乙" in poll.text
        await place.see_text("31.250000, 121.500000")
        card = await place.see_text(f"老周{mark}")
        assert "+8613800000000" in card.text
        dice = await place.see_text("🎲")
        assert dice.text.startswith("【消防】李雷：")
        if place.network == "matrix":
            assert "Poll:" in poll.text
            assert "Contact:" in card.text
            await place.see_text("Sticker")
    question = unique("Who?")
    await shared.anna.send(
        shared.room,
        "m.poll.start",
        {"m.poll.start": {"question": {"m.text": [{"body": question}], "body": question}}},
    )
    assert question in (await places["telegram"].see_text(question)).text


async def test_a_room_that_also_holds_an_echoing_bridge_does_not_loop(
    shared: World, places: Places
) -> None:
    """Another bridge repeats all that it sees, in its own way: nothing goes round."""
    bridge = await shared.hs.user("otherbridge", display_name="Bridge")
    await shared.anna.invite(shared.room, bridge.user_id)
    await bridge.join(shared.room)
    matrix = places["matrix"]
    words = unique("回声")
    await places["telegram"].say(words)
    copy = await matrix.see_text(words)
    await bridge.say(shared.room, copy.text)
    await bridge.say(shared.room, f"<tg/李雷> {words}")
    end = unique("barrier")
    await matrix.say(end)
    await places["telegram"].see_text(end)
    await places["web"].see_text(end)
    assert sum(words in shown.text for shown in await places["telegram"].all()) == 1
    assert sum(words in shown.text for shown in await places["web"].all()) == 1
    own = unique("桥那边的话")
    await bridge.say(shared.room, f"Bridge user: {own}")
    await places["telegram"].see_text(own)
    await bridge.leave(shared.room)


async def test_what_is_typed_stays_text(places: Places) -> None:
    """HTML and Markdown of one network is no markup on the next."""
    raw = "<b>fett<b> <script>alert(1)<script> &lt; *x* _y_ [z](tg://user?id=1)"
    mark = unique("!")
    for source in ("telegram", "matrix"):
        await places[source].say(raw + mark + source)
        for place in others(places, source):
            shown = await place.see_text(mark + source)
            assert shown.words == raw + mark + source
            kinds = {kind for kind, words in shown.formats if words != places[source].author}
            assert kinds <= {"link"}, (place.network, shown)


async def test_html_of_matrix_brings_nothing_but_formats(places: Places) -> None:
    """Scripts, handlers, foreign links and pictures do not pass."""
    mark = unique("safe")
    html = (
        f'<b onclick="x()">{mark}</b><script>alert(1)</script><img src="http://e.org/x.png" '
        'alt="bild"><a href="javascript:alert(1)">klick</a><iframe src="//e.org"></iframe>'
    )
    await places["matrix"].say("", html=html)
    for place in others(places, "matrix"):
        shown = await place.see_text(mark)
        assert "alert" not in shown.text
        assert ("bold", mark) in shown.formats
        assert not any(kind == "link" for kind, _words in shown.formats)
    browser = places["web"]
    assert isinstance(browser, WebPlace)
    events = browser.browser.events
    assert not any("onclick" in str(e) or "javascript:" in str(e) for e in events.values())


async def test_each_message_is_shown_once_in_every_room(places: Places) -> None:
    """The end of it all: nothing that was said above has been doubled."""
    for source in NETWORKS:
        words = unique("一次")
        await places[source].say(words)
        for place in others(places, source):
            await place.see_text(words)
        end = unique("end")
        await places[source].say(end)
        for place in others(places, source):
            await place.see_text(end)
            assert await place.count(words) == 1


async def test_an_answer_to_lianzhi_itself_says_so_in_the_other_rooms(places: Places) -> None:
    """What Lianzhi said in one room alone is quoted under its name."""
    card = await places["matrix"].command("/me")
    words = unique("not my unit")
    await places["matrix"].say(words, reply_to=card.id)
    shown = await places["telegram"].see_text(words)
    (quote,) = [text for kind, text in shown.formats if kind == "quote"]
    name, colon, rest = quote.partition("：")
    assert name in ("Lianzhi", "联指")
    assert colon
    assert rest.startswith("You are Anna")
