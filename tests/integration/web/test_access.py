"""Who may come in: loopback, other sites, other machines, invitations."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from pydantic import ValidationError

from bot.transports.base import Said
from bot.transports.web import WebSettings, invites
from bot.transports.web.access import cookie_name
from tests.integration.web.world import World, world
from workflows.errors import Refusal

PUBLIC = "https://rooms.example.org"


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[World]:
    """Open to this machine alone."""
    async with world(tmp_path) as made:
        yield made


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[World]:
    """Behind a proxy, by invitation."""
    async with world(tmp_path, public_url=PUBLIC) as made:
        yield made


async def invite(rooms: World, name: str = "陈静", room: str = "zh") -> tuple[str, dict[str, str]]:
    """An invitation's id, and the cookies of whoever followed its link."""
    made, token = await invites.make(rooms.store, name=name, room=room, now=rooms.clock())
    return made.id, {cookie_name(f"web:{room}"): token}


REBINDING = [
    {"Host": "evil.example"},
    {"Host": "evil.example:8080"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost.evil.example"},
    {"Host": "10.0.0.5:8080"},
    {"Host": ""},
    {"X-Forwarded-For": "203.0.113.9"},
    {"Forwarded": "for=203.0.113.9"},
    {"X-Real-IP": "203.0.113.9"},
]


@pytest.mark.parametrize("headers", REBINDING)
async def test_loopback_answers_only_requests_that_were_meant_for_it(
    rooms: World, headers: dict[str, str]
) -> None:
    """A rebound name or a reverse proxy gets nothing, not even the page."""
    async with aiohttp.ClientSession(headers=headers) as http:
        for path in ("/", "/boot", "/static/app.js"):
            async with http.get(rooms.url + path) as answer:
                assert answer.status == 403


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1", "[::1]:80", "127.1.2.3:80"])
async def test_every_name_of_this_machine_is_fine(rooms: World, host: str) -> None:
    """A forwarded port of an SSH session too."""
    async with (
        aiohttp.ClientSession(headers={"Host": host}) as http,
        http.get(rooms.url + "/boot") as answer,
    ):
        assert [room["name"] for room in (await answer.json())["rooms"]] == ["zh", "en"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1"])
async def test_another_site_can_neither_listen_nor_write(rooms: World, origin: str) -> None:
    """A page elsewhere in the same browser cannot open the socket, upload or join."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with rooms.page("zh", headers={"Origin": origin}):
            pass
    assert refused.value.status == 403
    async with aiohttp.ClientSession(headers={"Origin": origin}) as http:
        for path in ("/upload/zh", "/join"):
            async with http.post(rooms.url + path, data=b"x") as answer:
                assert answer.status == 403


async def test_every_answer_is_strict(rooms: World) -> None:
    """Also an error carries the policy, and the page may load nothing from elsewhere."""
    async with aiohttp.ClientSession() as http:
        for path in ("/", "/static/app.js", "/boot", "/nowhere", "/static/..%2fsettings.py"):
            async with http.get(rooms.url + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none'")
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                if "nowhere" in path or ".." in path:
                    assert answer.status == 404


async def test_behind_a_proxy_nobody_comes_in_without_an_invitation(guarded: World) -> None:
    """Although it listens on loopback: the proxy brings everybody."""
    async with aiohttp.ClientSession() as http, http.get(guarded.url + "/boot") as answer:
        assert (await answer.json())["rooms"] == []
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with guarded.page("zh"):
            pass
    assert refused.value.status == 403


async def test_a_link_gives_the_name_and_the_room(guarded: World) -> None:
    """Following it sets a cookie that scripts cannot read; the name cannot be changed."""
    _made, token = await invites.make(guarded.store, name="陈静", room="zh", now=guarded.clock())
    assert invites.link(PUBLIC + "/", token).startswith(PUBLIC + "/join#")
    async with (
        aiohttp.ClientSession(headers={"Origin": PUBLIC}) as http,
        http.post(guarded.url + "/join", data=token) as answer,
    ):
        assert (await answer.json())["go"] == "/room/zh"
        cookie = answer.cookies[cookie_name("web:zh")]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Strict", True)
    cookies = {cookie.key: cookie.value}
    async with guarded.page("zh", name="冒名", cookies=cookies, headers={"Origin": PUBLIC}) as zh:
        assert zh.welcome["fixed"] is True
        await zh.send(op="name", name="总指挥")
        await zh.say("c1", "到")
    sender = guarded.taken[0].sender
    assert sender is not None
    assert (sender.name, sender.account) == ("陈静", f"web:invite-{_made.id}")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with guarded.page("en", cookies={cookie_name("web:en"): cookie.value}):
            pass


async def test_a_revoked_invitation_closes_open_pages_and_stays_closed(guarded: World) -> None:
    """Within moments, and for files too; others go on."""
    first, cookies = await invite(guarded)
    _second, others = await invite(guarded, "李雷")
    async with guarded.page("zh", cookies=cookies) as zh, guarded.page("zh", cookies=others) as on:
        await invites.revoke(guarded.store, first, guarded.clock())
        await zh.until("ended")
        with pytest.raises(ConnectionError):
            await zh.until("event")
        assert zh.socket.close_code == 4403
        await on.say("c1", "仍在")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with guarded.page("zh", cookies=cookies):
            pass
    with pytest.raises(Refusal):
        await invites.revoke(guarded.store, first, guarded.clock())


async def test_who_connects_and_says_nothing_keeps_no_access(guarded: World) -> None:
    """The invitation is asked for again with the first word."""
    made, cookies = await invite(guarded)
    page = guarded.page("zh", cookies=cookies)
    async with aiohttp.ClientSession(cookies=cookies) as session:
        url, headers = f"{guarded.url}/ws/zh", {"Origin": guarded.url}
        async with session.ws_connect(url, headers=headers) as socket:
            await invites.revoke(guarded.store, made, guarded.clock())
            await socket.send_json(page._hello)
            assert await socket.receive_json() == {"op": "ended"}
            await socket.receive()
            assert socket.close_code == 4403
    await page._session.close()


@pytest.mark.parametrize("charset", ["utf-8", "klingon", "utf-16"])
async def test_a_link_that_is_no_text_is_no_invitation(guarded: World, charset: str) -> None:
    headers = {"Origin": guarded.url, "Content-Type": f"text/plain; charset={charset}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{guarded.url}/join", data=b"\xff\xfe\x00x") as answer,
    ):
        assert answer.status == 403


async def test_an_invitation_ends_at_its_time(guarded: World) -> None:
    """Open pages are closed then."""
    until = guarded.clock() + timedelta(hours=1)
    _made, token = await invites.make(
        guarded.store, name="A", room="zh", now=guarded.clock(), until=until
    )
    async with guarded.page("zh", cookies={cookie_name("web:zh"): token}) as zh:
        guarded.clock.ahead = timedelta(hours=2)
        await zh.until("ended")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with guarded.page("zh", cookies={cookie_name("web:zh"): token}):
            pass


@pytest.mark.parametrize("change", ["", "x", ".", "a.b", "{}", "\u4e2d.\u4e2d"])
async def test_a_forged_link_opens_nothing(guarded: World, change: str) -> None:
    """Nor does a right one whose name, room or signature was touched."""
    _made, token = await invites.make(guarded.store, name="A", room="zh", now=guarded.clock())
    body, _dot, signature = token.partition(".")
    forged = [change, body + "." + signature[:-2], body + "A." + signature, body]
    async with aiohttp.ClientSession(headers={"Origin": PUBLIC}) as http:
        for each in forged:
            async with http.post(guarded.url + "/join", data=each.encode()) as answer:
                assert answer.status == 403


async def test_files_of_a_room_need_its_invitation(guarded: World) -> None:
    """Knowing the address is not enough."""
    _made, cookies = await invite(guarded)
    async with aiohttp.ClientSession(cookies=cookies, headers={"Origin": PUBLIC}) as http:
        form = aiohttp.FormData()
        form.add_field("file", b"secret", filename="plan.txt")
        async with http.post(guarded.url + "/upload/zh", data=form) as answer:
            handle = (await answer.json())["handle"]
        async with guarded.page("zh", cookies=cookies) as zh:
            said = await zh.say("c1", "", files=[handle])
        async with http.get(f"{guarded.url}/media/{said}/0") as answer:
            assert await answer.read() == b"secret"
        form = aiohttp.FormData()
        form.add_field("file", b"secret", filename="plan.txt")
        async with http.post(guarded.url + "/upload/en", data=form) as answer:
            assert answer.status == 403
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{guarded.url}/media/{said}/0") as answer,
    ):
        assert answer.status == 404


async def test_the_link_to_a_file_opens_that_file_alone_until_it_is_taken_back(
    guarded: World,
) -> None:
    """It stands in other networks' rooms in place of a file that they cannot take."""
    _made, cookies = await invite(guarded)
    async with aiohttp.ClientSession(cookies=cookies, headers={"Origin": PUBLIC}) as http:
        handles = []
        for content in (b"large", b"other"):
            form = aiohttp.FormData()
            form.add_field("file", content, filename="plan.txt")
            async with http.post(guarded.url + "/upload/zh", data=form) as answer:
                handles.append((await answer.json())["handle"])
    async with guarded.page("zh", cookies=cookies) as zh, aiohttp.ClientSession() as http:
        said = await zh.say("c1", "", files=handles)
        event = guarded.taken[0].event
        assert isinstance(event, Said)
        first = event.content.media[0]
        assert first.sha256 == hashlib.sha256(b"large").hexdigest()
        assert first.link is not None
        assert first.link.startswith(f"{PUBLIC}/media/{said}/0?key=")
        address = first.link.replace(PUBLIC, guarded.url)

        async def status(url: str) -> int:
            async with http.get(url) as answer:
                return answer.status

        async with http.get(address) as answer:
            assert await answer.read() == b"large"
        assert await status(address.replace("/0?", "/1?")) == 404
        assert await status(address[:-1]) == 404
        assert await status(address + "&x=1") == 404
        await zh.send(op="delete", cid="c2", id=said)
        await zh.until("ack", cid="c2")
        assert await status(address) == 404


async def test_the_operators_list_tells_open_from_revoked(guarded: World) -> None:
    """Newest first, with the names."""
    first, _cookies = await invite(guarded, "甲")
    guarded.clock.ahead = timedelta(minutes=1)
    await invite(guarded, "乙")
    await invites.revoke(guarded.store, first, guarded.clock())
    listed = await invites.listing(guarded.store)
    shown = [(each.name, each.room, each.holds(guarded.clock())) for each in listed]
    assert shown == [("乙", "web:zh", True), ("甲", "web:zh", False)]


async def test_the_default_port_gives_way_to_a_free_one(tmp_path: Path) -> None:
    """And the transport says that it moved; whoever has the port is left alone."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            other.bind(("127.0.0.1", 8080))
            other.listen()
        async with world(tmp_path, listen=None) as rooms:
            assert rooms.transport.moved
            assert not rooms.url.endswith(":8080")
            async with rooms.page("zh") as zh:
                await zh.say("c1", "在")


async def test_a_configured_port_that_is_taken_stops_the_start(tmp_path: Path) -> None:
    """In a sentence that names the setting."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(Refusal) as refused:
            async with world(tmp_path, listen=f"127.0.0.1:{other.getsockname()[1]}"):
                pass
    assert refused.value.code == "web-listen"


@pytest.mark.parametrize(
    "section",
    [
        {"listen": "8080"},
        {"listen": "127.0.0.1:99999"},
        {"listen": "127.0.0.1:"},
        {"public_url": "rooms.example.org"},
        {"public_url": "https://rooms.example.org/lianzhi"},
        {"public_url": "ftp://rooms.example.org"},
        {"port": 8080},
    ],
)
def test_a_setting_that_cannot_work_is_refused(section: dict[str, object]) -> None:
    """Before anything starts."""
    with pytest.raises(ValidationError):
        WebSettings.model_validate(section)


@pytest.mark.parametrize(
    ("section", "is_open"),
    [
        ({}, True),
        ({"listen": "[::1]:8080"}, True),
        ({"listen": "localhost:8080"}, True),
        ({"public_url": "http://127.0.0.1:9000"}, True),
        ({"listen": "0.0.0.0:8080"}, False),
        ({"listen": "192.0.2.1:8080"}, False),
        ({"listen": "rooms.example.org:8080"}, False),
        ({"public_url": PUBLIC}, False),
    ],
)
def test_only_loopback_is_open(section: dict[str, object], is_open: bool) -> None:
    """Any other address asks for an invitation."""
    assert WebSettings.model_validate(section).open is is_open


async def test_check_says_how_people_come_in(guarded: World) -> None:
    """And finds a room that is used but not set up, and a folder that cannot be written."""
    found = await guarded.transport.check(("web:zh", "web:other"))
    assert [each.ok for each in found] == [True, True, True, False]
    (guarded.data / "media").rmdir()
    (guarded.data / "media").write_text("in the way")
    found = await asyncio.wait_for(guarded.transport.check(("web:zh",)), 5)
    assert [each.ok for each in found] == [True, True, False]
    assert all(each.mend is not None for each in found if not each.ok)
