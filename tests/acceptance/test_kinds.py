"""Stickers, places, polls, albums and large files reach the two other networks."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.places import MatrixPlace, Place, Shown, TelegramPlace, WebPlace
from tests.acceptance.test_commands import code_in
from tests.acceptance.test_relaying import JPEG, MP4, others, unique
from tests.servers.matrixevents import mapping
from tests.servers.person import Person
from tests.world import World
from workflows.text import Json

pytestmark = pytest.mark.asyncio(loop_scope="module")

Places = dict[str, Place]
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "


async def picture_with(place: Place, data: bytes) -> Shown:
    """The message of Lianzhi that shows exactly these bytes."""
    seen: set[str] = set()
    while True:
        shown = await place.see(
            lambda each: each.bot and each.kind != "text" and each.id not in seen
        )
        seen.add(shown.id)
        if await place.content(shown) == data:
            return shown


async def test_a_sticker_is_shown_as_its_picture_under_its_sender(
    shared: World, places: Places
) -> None:
    """A still one from Telegram and from Matrix."""
    data = WEBP + secrets.token_bytes(8)
    shared.group.send(shared.li, "sticker", data, extra={"emoji": "👍"})
    for place in others(places, "telegram"):
        shown = await picture_with(place, data)
        assert shown.kind in ("photo", "sticker")
        assert shown.text.rstrip("：") == "【消防】李雷"
        assert shown.name == "👍.webp"
    data = JPEG + secrets.token_bytes(8)
    mxc = await shared.anna.upload(data, "cat.jpg", "image/jpeg")
    info: Json = {"mimetype": "image/jpeg", "size": len(data), "w": 64, "h": 64}
    await shared.anna.send(shared.room, "m.sticker", {"body": "cat", "url": mxc, "info": info})
    for place in others(places, "matrix"):
        shown = await picture_with(place, data)
        assert shown.kind in ("photo", "sticker")
        assert shown.text.rstrip("：") == "【环保】Anna"


async def test_an_animation_moves_on_every_network(shared: World, places: Places) -> None:
    """Telegram's as a film that plays by itself; a GIF picture as Telegram's animation."""
    data, caption = MP4 + secrets.token_bytes(8), unique("动")
    shared.group.send(shared.li, "animation", data, caption=caption)
    shown = await places["matrix"].see_text(caption)
    content = (await shared.anna.event(shared.room, shown.id)).content
    assert content["msgtype"] == "m.video"
    assert isinstance(content["info"], dict)
    assert content["info"]["fi.mau.gif"] is True
    assert (await places["web"].see_text(caption)).kind == "animation"
    gif, words = b"GIF89a" + secrets.token_bytes(8), unique("gif")
    for source in ("matrix", "web"):
        await places[source].attach("photo", gif, "x.gif", "image/gif", words + source)
        shown = await places["telegram"].see_text(words + source)
        assert shown.kind == "animation"
        assert await places["telegram"].content(shown) == gif


async def test_a_file_above_what_telegram_hands_out_is_named_with_a_link(
    shared: World, places: Places
) -> None:
    """20 MB is the limit for bots; members of the group can follow the link."""
    name = unique("大") + ".zip"
    sent = shared.group.send(
        shared.li, "document", b"x", name=name, size=31_457_280, caption="回放"
    )
    for place in others(places, "telegram"):
        shown = await place.see_text(name)
        assert shown.kind == "text"
        assert "回放" in shown.text
        assert "30.0 MB" in shown.text
        assert f"https://t.me/c/{str(shared.group.id).removeprefix('-100')}/{sent.id}" in shown.text


async def test_a_file_above_what_a_network_takes_is_named_with_its_sum(
    shared: World, places: Places
) -> None:
    """51 MB from the page: more than Telegram and this homeserver take."""
    data = secrets.token_bytes(1024) * 1024 * 51
    name = unique("录像") + ".bin"
    await places["web"].attach("document", data, name, "application/octet-stream")
    for place in others(places, "web"):
        shown = await place.see_text(name)
        assert shown.kind == "text"
        assert "51.0 MB" in shown.text
        assert hashlib.sha256(data).hexdigest() in shown.text


@pytest.mark.parametrize("source", ["web", "matrix"])
async def test_a_large_file_passes_without_being_held_in_memory(
    shared: World, places: Places, source: str
) -> None:
    """48 MB, just below what Telegram and this homeserver take: the process stays small."""
    data = secrets.token_bytes(1024) * 1024 * 48
    words = unique("整段")
    pid = shared.bridge.pid
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # forget the peak: proc(5)
    before = resident(pid, "VmRSS")
    await places[source].attach("document", data, "leak.bin", "application/octet-stream", words)
    for place in others(places, source):
        shown = await place.see(lambda each: each.bot and words in each.text, 60)
        assert hashlib.sha256(await place.content(shown)).digest() == hashlib.sha256(data).digest()
    assert resident(pid, "VmHWM") - before < 24 * 1024


def resident(pid: int, key: str) -> int:
    """Kilobytes of a process's memory, now (VmRSS) or at their peak (VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))


async def test_a_place_stands_on_the_map_of_every_network(shared: World, places: Places) -> None:
    """In words below its author, and as the network's own kind of place."""
    at = f"31.{secrets.randbelow(900_000) + 100_000}"
    shared.group.send_venue(shared.li, float(at), 121.5, "三号库", "江边路1号")
    words = f"({at}, 121.500000)"
    for place in others(places, "telegram"):
        shown = await place.see_text(words)
        assert "三号库, 江边路1号" in shown.text.replace("，", ", ")
        assert shown.text.startswith("【消防】李雷：")
    await shared.anna.wait_for(
        shared.room, lambda each: each.content.get("geo_uri") == f"geo:{at},121.500000"
    )
    await web_place(places, f"geo:{at},121.500000")
    at = f"32.{secrets.randbelow(900_000) + 100_000}"
    uri = f"geo:{at}123456789,121.25;u=35"
    content = {"msgtype": "m.location", "body": "here", "geo_uri": uri}
    await shared.anna.send(shared.room, "m.room.message", content)
    for place in others(places, "matrix"):
        assert (await place.see_text(f"{at}, 121.250000")).text.startswith("【环保】Anna：")
    pin = await shared.group.wait_for(lambda each: each.kind == "location" and each.sender.is_bot)
    assert pin.content["location"] == {"latitude": float(f"{at}123456789"), "longitude": 121.25}
    assert shared.group.message(pin.reply_to or 0).text.startswith("【环保】Anna：")
    await web_place(places, f"geo:{at},121.250000")


@pytest.mark.parametrize("typed", ["geo:91,5", "geo:1,2 see there", "geo:1"])
async def test_what_is_no_place_stays_text(places: Places, typed: str) -> None:
    """Only an address of a place on Earth, and nothing else, is put on a map."""
    mark = unique("!")
    await places["web"].say(typed + mark)
    shown = await places["telegram"].see_text(typed + mark)
    assert shown.kind == "text"


async def test_a_place_typed_at_the_page_stands_on_the_maps(shared: World, places: Places) -> None:
    """As a `geo:` address."""
    at = 60 + secrets.randbelow(9_000) / 1000
    await places["web"].say(f"geo:{at},11.5")
    spot = {"latitude": at, "longitude": 11.5}
    pin = await shared.group.wait_for(lambda each: each.content.get("location") == spot)
    words = shared.group.message(pin.reply_to or 0).text
    assert words == f"Wang：geo:{at},11.5"


async def web_place(places: Places, uri: str) -> None:
    """Wait until the page shows that place."""
    page = places["web"]
    assert isinstance(page, WebPlace)
    await page.browser.wait_for(lambda each: each.get("place") == uri)


async def test_a_live_location_moves_its_copies_and_its_end_is_told(
    shared: World, places: Places
) -> None:
    """From Telegram: the words change in place, on Matrix and on the page."""
    at = 40 + secrets.randbelow(9_000) / 1000
    walk = shared.group.send_location(shared.li, at, 100.0, live_period=900)
    copies = {p.network: await p.see_text(f"{at:.6f}, 100.0") for p in others(places, "telegram")}
    shared.group.move_location(walk.id, at, 100.5)
    for place in others(places, "telegram"):
        assert (await place.see_text(f"{at:.6f}, 100.5")).id == copies[place.network].id
    shared.group.stop_location(walk.id)
    for place in others(places, "telegram"):
        shown = await place.see(
            lambda each: each.bot and "100.5" in each.text and "ended" in each.text
        )
        assert shown.id == copies[place.network].id


@pytest.mark.parametrize("prefix", ["m.", "org.matrix.msc3672."])
async def test_a_beacon_of_matrix_is_a_live_location_on_telegram(
    shared: World, places: Places, prefix: str
) -> None:
    """It begins, moves and ends; the map below the words moves too."""
    anna, room, group = shared.anna, shared.room, shared.group
    at = f"5{secrets.randbelow(10)}.{secrets.randbelow(900_000) + 100_000}"
    now = int(time.time() * 1000)
    info: dict[str, Json] = {
        "live": True,
        "timeout": 600_000,
        "org.matrix.msc3488.ts": now,
        "m.ts": now,
    }
    begun = await anna.set_state(room, f"{prefix}beacon_info", info, anna.user_id)

    async def move(longitude: str) -> None:
        located: Json = {"uri": f"geo:{at},{longitude}"}
        relation: Json = {"rel_type": "m.reference", "event_id": begun}
        content: dict[str, Json] = {
            "m.location": located,
            "org.matrix.msc3488.location": located,
            "m.ts": now,
        }
        await anna.send(room, f"{prefix}beacon", {**content, "m.relates_to": relation})

    await move("7.5")
    words = await places["telegram"].see_text(f"{at}, 7.500000")
    pin = await group.wait_for(
        lambda each: each.kind == "location" and each.reply_to == int(words.id)
    )
    await move("7.6")
    assert (await places["telegram"].see_text(f"{at}, 7.600000")).id == words.id
    spot = {"latitude": float(at), "longitude": 7.6, "live_period": 600}
    await group.wait_for(lambda each: each.id == pin.id and each.content["location"] == spot)
    await anna.set_state(room, f"{prefix}beacon_info", {**info, "live": False}, anna.user_id)
    await group.wait_for(
        lambda each: each.id == pin.id and "live_period" not in str(each.content["location"])
    )
    last = group.message(int(words.id)).text
    assert at in last
    assert "共享至" not in last


async def test_a_mention_reaches_the_persons_account_in_each_room(
    shared: World, places: Places
) -> None:
    """韩梅梅 has one account on each network; whoever of them is named, all are reached."""
    carol = await shared.hs.user("carol", display_name="Carol")
    await shared.anna.invite(shared.room, carol.user_id)
    await carol.join(shared.room)
    han = TelegramPlace(shared, shared.group, shared.han)
    matrix = MatrixPlace(shared, shared.room, carol, "Carol")
    async with shared.browser("Han at the desk") as browser:
        page = WebPlace(shared, browser, "Han at the desk")
        me = mapping(browser.welcome["me"])["account"]
        for other in (matrix, page):
            await join(han, other)

        words = unique("你来")
        await places["telegram"].say(f"@hanmei {words}")
        seen = await shared.anna.wait_for(shared.room, lambda e: words in str(e.content))
        assert seen.content["m.mentions"] == {"user_ids": [carol.user_id]}
        event = await browser.wait_for(lambda e: words in str(e.get("html")))
        named = mapping(mapping(event["mentioned"])[f"telegram:{shared.han.id}"])
        assert named["account"] == me

        words = unique("come")
        pill = f'<a href="https://matrix.to/#/{carol.user_id}">Carol</a> {words}'
        await shared.anna.say(shared.room, f"Carol {words}", html=pill)
        await reaches_han(shared, words)

        words, wang = unique("请来"), places["web"]
        assert isinstance(wang, WebPlace)
        named_here = [["Han at the desk", me]]
        text = f"@Han at the desk {words}"
        await page.say(unique("在"))
        await wang.browser.do("say", text=text, reply_to=None, files=[], mentions=named_here)
        await reaches_han(shared, words)
        seen = await shared.anna.wait_for(shared.room, lambda e: words in str(e.content))
        assert seen.content["m.mentions"] == {"user_ids": [carol.user_id]}


async def join(han: TelegramPlace, other: Place) -> None:
    """Make the other account that of the same person."""
    code = code_in((await han.command("/我 验证码")).text)
    before = {shown.id for shown in await han.all()}
    await other.say(f"/me link {code}")
    asked = await han.see(lambda shown: len(shown.buttons) == 2 and shown.id not in before)
    await han.choose(asked, 1)
    await han.see(lambda shown: shown.bot and shown.reply_to == asked.id)


async def reaches_han(shared: World, words: str) -> None:
    """Wait for the words in the group, and look whom they notify."""
    message = await shared.group.wait_for(lambda each: each.sender.is_bot and words in each.text)
    users = [mapping(each.get("user")).get("id") for each in message.entities]
    assert shared.han.id in users or "@hanmei" in message.text


async def test_forwarded_words_are_shown_as_their_first_authors(
    shared: World, places: Places
) -> None:
    """One line before them, in each room's language."""
    other = shared.api.supergroup("别处", shared.li, shared.han)
    mark = unique("撤离")
    shared.group.forward(shared.li, other.say(shared.api.user("赵\n六"), mark))
    lines = {"matrix": ["Forwarded from 赵 六"], "web": ["转发自 赵 六 / Forwarded from 赵 六"]}
    for place in others(places, "telegram"):
        shown = await place.see_text(mark)
        origin, words = shown.text.removeprefix("【消防】李雷：").split("\n")
        assert words == mark
        assert origin in lines[place.network]


async def following(place: Place, first: Shown, count: int) -> list[Shown]:
    """The message and what stands below it, once there are `count`."""

    def tail(seen: list[Shown]) -> list[Shown] | None:
        at = next((at for at, each in enumerate(seen) if each.id == first.id), len(seen))
        return seen[at:] if len(seen) - at >= count else None

    return await place.until(tail)


async def test_an_album_arrives_in_order_each_picture_mapped(shared: World, places: Places) -> None:
    """From Telegram with its caption on the first; from the page as pictures in a row."""
    caption = unique("三张")
    pictures = [JPEG + secrets.token_bytes(8) for _number in range(3)]
    album = shared.group.album(shared.li, [("photo", each) for each in pictures], caption)
    for place in others(places, "telegram"):
        first = await place.see_text(caption)
        shown = [await picture_with(place, each) for each in pictures]
        assert shown[0].id == first.id
        order = [each.id for each in await place.all()]
        assert [each.id for each in shown] == sorted((s.id for s in shown), key=order.index)
        answer = unique("第三张")
        await place.say(answer, reply_to=shown[2].id)
        assert (await places["telegram"].see_text(answer)).reply_to == str(album[2].id)
    page, words = places["web"], unique("两张")
    assert isinstance(page, WebPlace)
    handles = [
        await page.browser.upload(shared.http, shared.bridge.web, each, "p.jpg", "image/jpeg")
        for each in pictures[:2]
    ]
    said = await page.browser.say(words + "长" * 1200, files=tuple(handles))
    for place in others(places, "web"):
        first = await place.see_text(words)
        assert await place.content(first) == pictures[0]
        seen = await following(place, first, 3 if place.network == "telegram" else 2)
        assert await place.content(seen[1]) == pictures[1]
        answer = unique("第二张")
        await place.say(answer, reply_to=seen[1].id)
        assert (await page.see_text(answer)).reply_to == str(said)
        if place.network == "telegram":
            assert seen[2].text.strip("长") == ""
            assert seen[2].reply_to == first.id


async def test_the_result_of_a_telegram_poll_is_told_at_its_end(
    shared: World, places: Places
) -> None:
    """Telegram tells it when the poll is stopped; the relayed line reads so then, in place."""
    mark = unique("谁值夜？")
    poll = shared.group.send_poll(shared.li, mark, ["甲", "乙"])
    copies = {place.network: await place.see_text(mark) for place in others(places, "telegram")}
    shared.group.stop_poll(poll, [3, 1])
    for place in others(places, "telegram"):
        shown = await place.see_text("甲 (3) / 乙 (1)")
        assert shown.id == copies[place.network].id
        assert shown.text.startswith("【消防】李雷：")


@pytest.mark.parametrize("prefix", ["m.", "org.matrix.msc3381."])
async def test_votes_of_a_matrix_poll_are_counted_as_they_come(
    shared: World, places: Places, prefix: str
) -> None:
    """Each person's last vote counts, after a restart too; only the asker can end it."""
    anna, room = shared.anna, shared.room
    bob = await shared.hs.user(f"bob{secrets.token_hex(3)}", display_name="Bob")
    await anna.invite(room, bob.user_id)
    await bob.join(room)
    mark = unique("Which gate?")
    answers: list[Json] = [
        {"id": each, "m.id": each, "m.text": [{"body": words}], "org.matrix.msc1767.text": words}
        for each, words in (("n", "north"), ("s", "south"))
    ]
    question: Json = {"m.text": [{"body": mark}], "org.matrix.msc1767.text": mark}
    start: Json = {"question": question, "answers": answers, "kind": f"{prefix}poll.disclosed"}
    begun = await anna.send(room, f"{prefix}poll.start", {f"{prefix}poll.start": start})

    async def vote(person: Person, kind: str, *chosen: str) -> None:
        relation: Json = {"rel_type": "m.reference", "event_id": begun}
        given: Json = {"answers": list(chosen)}
        content: dict[str, Json] = {f"{prefix}poll.{kind}": given, "m.selections": list(chosen)}
        await person.send(room, f"{prefix}poll.{kind}", {**content, "m.relates_to": relation})

    def reads(votes: str) -> Callable[[Shown], bool]:
        return lambda shown: shown.bot and mark in shown.text and votes in shown.text

    telegram = places["telegram"]
    first = await telegram.see_text(mark)
    assert "north / south" in first.text
    await vote(anna, "response", "n")
    await vote(bob, "response", "n")
    assert (await telegram.see(reads("north (2) / south (0)"))).id == first.id
    await shared.bridge.stop()
    await shared.bridge.start()
    await vote(bob, "response", "s")
    assert (await telegram.see(reads("north (1) / south (1)"))).id == first.id
    await vote(bob, "end")
    await vote(bob, "response", "n")
    await telegram.see(reads("north (2) / south (0)"))
    await vote(anna, "end")
    await telegram.see(lambda s: reads("north (2)")(s) and ("结束" in s.text or "ended" in s.text))
    assert first.text.startswith("【环保】Anna：")
