"""A proxy on loopback through which a server looks broken in the ways that networks break.

Between the process under test and a real server, it forwards HTTP/1.1 and does to chosen
requests what it is told: refuses, resets, hangs, forwards and drops the answer, or answers
something else itself. All requests are recorded.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from time import monotonic
from typing import TypeAlias

_HEAD_END = b"\r\n\r\n"


class Fault(Enum):
    """What happens to a request instead of being answered."""

    RESET = auto()
    """The connection is reset before the server sees the request."""

    HANG = auto()
    """Nothing is forwarded and nothing is answered until the fault is lifted."""

    LOSE = auto()
    """The server carries it out; its answer is thrown away and the connection reset."""

    STALL = auto()
    """The server carries it out; its answer never comes, the connection stays open."""

    CUT = auto()
    """The server carries it out; the connection is reset in the middle of its answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that the proxy gives itself; the server sees nothing."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)

    @classmethod
    def limit(cls, retry_after_ms: int) -> Answer:
        """A Matrix 429."""
        text = f'{{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": {retry_after_ms}}}'
        return cls(429, text.encode())

    @classmethod
    def garbage(cls) -> Answer:
        """200 with a body that is no JSON."""
        return cls(200, b"<html>\xff\xfe not what you asked for", (("Content-Type", "text/html"),))

    def encode(self) -> bytes:
        """As bytes on the wire."""
        lines = [f"HTTP/1.1 {self.status} .", *(f"{name}: {text}" for name, text in self.headers)]
        lines += [f"Content-Length: {len(self.body)}", "Connection: close"]
        return "\r\n".join(lines).encode() + _HEAD_END + self.body


@dataclass(slots=True)
class Request:
    """One request that came through."""

    method: str
    path: str
    """With the query, as sent."""
    body: bytes
    began: float
    """When its head had come; `time.monotonic()` seconds."""
    status: int | None = None
    """Of the answer passed on; None while there is none, and where it was lost."""
    ended: float | None = None
    fault: Fault | Answer | None = None


Condition: TypeAlias = Callable[[Request], bool]
Forward: TypeAlias = Callable[[], Awaitable[bytes]]


@dataclass(slots=True)
class Rule:
    """What happens to requests that match, `times` times at most."""

    fault: Fault | Answer
    matches: Condition
    times: int | None = None
    met: int = 0
    lifted: asyncio.Event = field(default_factory=asyncio.Event)
    hit: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first request has met this rule."""

    def lift(self) -> None:
        """No request meets this rule any more; what hangs is reset."""
        self.times = self.met
        self.lifted.set()

    @property
    def open(self) -> bool:
        """Whether another request would meet it."""
        return self.times is None or self.met < self.times


def to(method: str = "", path: str = "") -> Condition:
    """Requests of that method (any, if empty) whose path the regular expression is found in."""
    pattern = re.compile(path)
    return lambda request: (
        method in ("", request.method) and pattern.search(request.path) is not None
    )


class Proxy:
    """Listens on `port` of 127.0.0.1 and forwards to `upstream`, a port of 127.0.0.1.

        rule = proxy.break_(Fault.LOSE, to("PUT", "/send/"), times=1)
        await rule.hit.wait()

    `refuse()` closes the listening socket, so that connecting fails; `accept()` opens it again
    on the same port.
    """

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._rules: list[Rule] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self.port = 0
        self.requests: list[Request] = []

    @property
    def url(self) -> str:
        """The address to give to the process under test."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Begin to listen; the port is chosen at the first start and kept."""
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end every connection."""
        for rule in self._rules:
            rule.lift()
        await self.refuse()

    async def refuse(self) -> None:
        """The host is down: connections are refused, and those that exist are reset."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def accept(self) -> None:
        """The host is up again, on the same port."""
        if self._server is None:
            await self.start()

    def break_(
        self, fault: Fault | Answer, matches: Condition | None = None, *, times: int | None = None
    ) -> Rule:
        """From now on, do this to matching requests (all, by default); rules are tried in order."""
        rule = Rule(fault, matches or to(), times)
        self._rules.append(rule)
        return rule

    def heal(self) -> None:
        """Lift all rules."""
        for rule in self._rules:
            rule.lift()
        self._rules.clear()

    def seen(self, matches: Condition) -> list[Request]:
        """The requests so far that match, the oldest first."""
        return list(filter(matches, self.requests))

    async def wait_for(
        self, matches: Condition, count: int = 1, *, timeout: float = 15
    ) -> list[Request]:
        """Until `count` matching requests have come; AssertionError after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: len(self.seen(matches)) >= count)
        except TimeoutError:
            paths = "\n".join(f"{each.method} {each.path}"[:200] for each in self.requests[-20:])
            raise AssertionError(
                f"{len(self.seen(matches))} of {count} requests in {timeout:g} s; seen:\n{paths}"
            ) from None
        return self.seen(matches)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            _reset(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(
            "127.0.0.1", self._upstream, limit=1 << 20
        )
        ahead = b""
        try:
            while True:
                head, body = await _message(reader, request=True)
                head, ahead = ahead + head, b""
                method, path, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
                request = Request(method, path, body, monotonic())
                await self._record(request)

                async def forward(head: bytes = head, body: bytes = body) -> bytes:
                    up_writer.write(head + body)
                    await up_writer.drain()
                    answer, rest = await _message(up_reader, request=False)
                    return answer + rest

                answering = asyncio.create_task(self._answer(request, forward, writer))
                ahead = await _until_done_or_gone(answering, reader)
                if not await answering:
                    return
        finally:
            up_writer.close()

    async def _record(self, request: Request) -> None:
        async with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    async def _answer(
        self, request: Request, forward: Forward, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection goes on."""
        rule = next((each for each in self._rules if each.open and each.matches(request)), None)
        if rule is None:
            await _pass_on(request, await forward(), writer)
            return True
        rule.met += 1
        request.fault = rule.fault
        if isinstance(rule.fault, Answer):
            rule.hit.set()
            await _pass_on(request, rule.fault.encode(), writer)
            return False
        await self._fail(rule, rule.fault, forward, writer)
        _reset(writer)
        request.ended = monotonic()
        return False

    async def _fail(
        self, rule: Rule, fault: Fault, forward: Forward, writer: asyncio.StreamWriter
    ) -> None:
        answer = b"" if fault in (Fault.RESET, Fault.HANG) else await forward()
        rule.hit.set()
        if fault is Fault.CUT:
            writer.write(answer[: len(answer) - max(1, len(answer) // 4)])
            await writer.drain()
        if fault in (Fault.HANG, Fault.STALL):
            await rule.lifted.wait()


async def _until_done_or_gone(answering: asyncio.Task[bool], reader: asyncio.StreamReader) -> bytes:
    """Wait for the answer; a client that leaves meanwhile is left by the server's side too.

    Otherwise a killed client's long poll would live on. Gives what the client sent ahead.
    """
    listening = asyncio.create_task(reader.read(1))
    try:
        await asyncio.wait((answering, listening), return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        answering.cancel()
        raise
    finally:
        arrived = listening.done()
        listening.cancel()
        await asyncio.wait((listening,))
    ahead = b"" if not arrived or listening.exception() else listening.result()
    if arrived and not ahead:
        answering.cancel()
    return ahead


async def _pass_on(request: Request, answer: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(answer)
    await writer.drain()
    request.status = int(answer.split(b" ", 2)[1])
    request.ended = monotonic()


async def _message(reader: asyncio.StreamReader, *, request: bool) -> tuple[bytes, bytes]:
    """One HTTP/1.1 message: its head and its body, as they came (RFC 9112, section 6)."""
    head = await reader.readuntil(_HEAD_END)
    lines = head.decode("latin-1").split("\r\n")
    fields = {
        name.strip().lower(): text.strip()
        for name, _colon, text in (line.partition(":") for line in lines[1:])
    }
    if not request and lines[0].split(" ")[1] in ("204", "304"):
        return head, b""
    if "chunked" in fields.get("transfer-encoding", "").lower():
        return head, await _chunks(reader)
    length = fields.get("content-length")
    if length is not None:
        return head, await reader.readexactly(int(length))
    return head, b"" if request else await reader.read()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    whole = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        data = await reader.readexactly(int(size.split(b";")[0], 16) + 2)
        whole += size + data
        if data == b"\r\n":
            return whole


def _reset(writer: asyncio.StreamWriter) -> None:
    """Send RST instead of FIN (SO_LINGER with zero seconds)."""
    with suppress(OSError):
        connected: socket.socket | None = writer.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
