"""The proxy breaks a connection in the way it is told to, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from tests.servers.proxy import Answer, Fault, Proxy, to

NewProxy = Callable[[int], Awaitable[Proxy]]


class Upstream:
    """A server that remembers what reached it."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.port = 0
        self.polled = asyncio.Event()
        self.left = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.text())
        if request.path == "/poll":
            self.polled.set()
            try:
                await asyncio.sleep(60)
            finally:
                self.left.set()
        if request.path == "/chunked":
            answer = web.StreamResponse()
            await answer.prepare(request)
            for piece in (b"one ", b"two ", b"three"):
                await answer.write(piece)
            return answer
        return web.Response(text=f"heard {self.bodies[-1]}")


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    server = Upstream()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.answer)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    yield server
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def link(proxy: NewProxy, upstream: Upstream) -> Proxy:
    return await proxy(upstream.port)


async def post(http: aiohttp.ClientSession, url: str, text: str) -> str:
    async with http.post(url, data=text) as answer:
        return await answer.text()


async def test_requests_pass_unharmed_and_are_recorded(
    link: Proxy, http: aiohttp.ClientSession
) -> None:
    assert await post(http, f"{link.url}/a?b=1", "you") == "heard you"
    assert await post(http, f"{link.url}/chunked", "") == "one two three"
    assert [(each.method, each.path, each.status) for each in link.requests] == [
        ("POST", "/a?b=1", 200),
        ("POST", "/chunked", 200),
    ]


@pytest.mark.parametrize(
    ("fault", "reached"),
    [(Fault.RESET, []), (Fault.LOSE, ["1"]), (Fault.CUT, ["1"])],
)
async def test_a_broken_request_fails_and_reaches_the_server_only_if_it_should(
    fault: Fault,
    reached: list[str],
    link: Proxy,
    upstream: Upstream,
    http: aiohttp.ClientSession,
) -> None:
    link.break_(fault, to("POST", "/send"), times=1)
    with pytest.raises(aiohttp.ClientError):
        # A method that is repeatable would be sent again by the client itself.
        await post(http, f"{link.url}/send", "1")
    assert upstream.bodies == reached
    assert await post(http, f"{link.url}/send", "2") == "heard 2"


@pytest.mark.parametrize(("fault", "reached"), [(Fault.HANG, []), (Fault.STALL, ["1"])])
async def test_a_hanging_request_ends_when_the_fault_is_lifted(
    fault: Fault,
    reached: list[str],
    link: Proxy,
    upstream: Upstream,
    http: aiohttp.ClientSession,
) -> None:
    rule = link.break_(fault)
    asked = asyncio.create_task(post(http, f"{link.url}/", "1"))
    await rule.hit.wait()
    assert upstream.bodies == reached
    assert not asked.done()
    rule.lift()
    with pytest.raises(aiohttp.ClientError):
        await asked


async def test_a_client_that_leaves_a_long_poll_leaves_the_server(
    link: Proxy, upstream: Upstream, http: aiohttp.ClientSession
) -> None:
    polling = asyncio.create_task(post(http, f"{link.url}/poll", ""))
    await upstream.polled.wait()
    polling.cancel()
    async with asyncio.timeout(5):
        await upstream.left.wait()


async def test_requests_sent_ahead_are_answered_in_turn(link: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    for number in (1, 2, 3):
        writer.write(
            b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n%d" % ((number,) * 2)
        )
    await writer.drain()
    for number in (1, 2, 3):
        async with asyncio.timeout(5):
            await reader.readuntil(b"heard %d" % number)
    writer.close()


async def test_an_answer_of_its_own_does_not_reach_the_server(
    link: Proxy, upstream: Upstream, http: aiohttp.ClientSession
) -> None:
    link.break_(Answer.limit(250), to(path="/limited"))
    async with http.get(f"{link.url}/limited") as answer:
        assert answer.status == 429
        assert (await answer.json())["retry_after_ms"] == 250
    link.heal()
    assert await post(http, f"{link.url}/limited", "x") == "heard x"
    assert upstream.bodies == ["x"]


async def test_a_refused_address_comes_back_on_the_same_port(
    link: Proxy, http: aiohttp.ClientSession
) -> None:
    url = link.url
    await post(http, url, "before")
    await link.refuse()
    with pytest.raises(aiohttp.ClientConnectionError):
        await post(http, url, "during")
    await link.accept()
    assert await post(http, url, "after") == "heard after"


async def test_waiting_for_a_request_ends_when_it_comes_or_says_what_came(
    link: Proxy, http: aiohttp.ClientSession
) -> None:
    waiting = asyncio.create_task(link.wait_for(to(path="/b"), 2))
    await post(http, f"{link.url}/a", "")
    await post(http, f"{link.url}/b", "1")
    assert not waiting.done()
    await post(http, f"{link.url}/b", "2")
    assert [each.body for each in await waiting] == [b"1", b"2"]
    with pytest.raises(AssertionError, match="POST /a"):
        await link.wait_for(to(path="/c"), timeout=0.05)
