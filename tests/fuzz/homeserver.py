"""A homeserver that says what it is told to say, and keeps what the bridge sends.

Enough of the Matrix client-server API for one bot. The answer to each `/sync` is made
beforehand: token `s<n>` gets the n-th, as often as it is asked for.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.fuzz.mutation import Body
from workflows.text import Json

USER, DEVICE, TOKEN = "@lianzhi:fuzz.test", "FUZZ", "a-token"


class ScriptedHomeserver:
    """Answers `/sync` from `script`, and other questions with what `odd` gives."""

    def __init__(self, odd: Callable[[str], Json], chance: random.Random) -> None:
        self.script: list[Body] = []
        """What `/sync` answers; each is given its `next_batch`."""
        self.nonsense: dict[int, Json] = {}
        """Said once, before the answer of that number."""
        self.sent: dict[str, list[str]] = {}
        """By room: what the bridge has posted, in order, each transaction once."""
        self.reached = 0
        """How many answers the bridge has taken."""
        self._events: dict[tuple[str, str], str] = {}
        self._odd = odd
        self._chance = chance
        self._more = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def say(self, answer: Body) -> None:
        """Add an answer while the bridge waits for one."""
        async with self._more:
            self.script.append(answer)
            self._more.notify_all()

    async def taken(self, count: int, seconds: float) -> None:
        """Wait until the bridge has asked for what follows the first `count` answers."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(lambda: self.reached >= count)

    async def until(self, wanted: Callable[[], bool], seconds: float) -> None:
        """Wait until `wanted()` holds after something was sent or asked for."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(wanted)

    async def _answer(self, request: web.Request) -> web.Response:
        path, method = request.path, request.method
        if path.endswith("/sync"):
            return await self._sync(request.query)
        if method == "PUT" and "/rooms/" in path:
            return await self._put(path, await request.read())
        if path.endswith("/whoami"):
            return _json({"user_id": USER, "device_id": DEVICE})
        if path.endswith("/keys/upload"):
            return _json({"one_time_key_counts": {"signed_curve25519": 50}})
        if path.endswith("/config"):
            return _json({"m.upload.size": 50_000_000})
        if path.endswith("/upload"):
            await request.read()
            return _json({"content_uri": "mxc://fuzz.test/file"})
        if "/download/" in path:
            return web.Response(body=b"bytes", content_type="application/octet-stream")
        for part in ("/event/", "/messages", "/relations/"):
            if part in path and self._chance.random() < 0.7:
                return _json(self._odd(part))
        return _json({"errcode": "M_NOT_FOUND", "error": "Not found"}, 404)

    async def _sync(self, query: object) -> web.Response:
        assert hasattr(query, "get")
        since = query.get("since")
        number = int(since[1:]) if since else 0
        async with self._more:
            self.reached = max(self.reached, number)
            self._more.notify_all()
            try:
                async with asyncio.timeout(int(query.get("timeout", "0")) / 1000):
                    await self._more.wait_for(lambda: number < len(self.script))
            except TimeoutError:
                return _json({"next_batch": f"s{number}"})
        if number in self.nonsense:
            return _json(self.nonsense.pop(number))
        return _json({**self.script[number], "next_batch": f"s{number + 1}"})

    async def _put(self, path: str, body: bytes) -> web.Response:
        _head, _rooms, rest = path.partition("/rooms/")
        room, _slash, call = rest.partition("/")
        event = self._events.get((room, call))
        if event is None:
            event = self._events[room, call] = f"$sent{len(self._events)}"
            content = json.loads(body)
            async with self._more:
                self.sent.setdefault(room, []).append(str(content.get("body", "")))
                self._more.notify_all()
        return _json({"event_id": event})


def _json(value: Json, status: int = 200) -> web.Response:
    # Escaped: a lone surrogate has no UTF-8.
    return web.Response(status=status, text=json.dumps(value), content_type="application/json")
