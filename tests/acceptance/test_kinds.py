"""Stickers, places, polls, albums and large files reach the two other networks."""

from __future__ import annotations

import hashlib
import secrets

import pytest

from tests.acceptance.places import Place, Shown
from tests.acceptance.test_relaying import JPEG, MP4, others, unique
from tests.world import World

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
    info = {"mimetype": "image/jpeg", "size": len(data), "w": 64, "h": 64}
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
