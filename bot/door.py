"""A small web server for other programs: trackers that report positions, feeds, scanned codes.

What it serves is given to it as routes, made by those who know them:

    def routes(knock: Knock) -> list[web.RouteDef]: ...

It proves nothing by itself: each route asks for a token or a signature (`Gate.sign`) and answers
403 for a wrong one with `refused`, which also counts: who guesses is soon told 429. Who shows a
right one is always heard: many trackers may stand behind one address with one that guesses.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.post import Post
from handlers.context import Means
from storage import Store, StoreUnavailable
from workflows.errors import Refusal
from workflows.text import _

log = structlog.get_logger(__name__)

LARGEST = 64 * 1024
"""Bytes of what may be posted."""

GUESSES = 20
"""Different wrong tokens of one address in `MINUTE` after which its wrong ones are barred."""

MINUTE = 60.0

ADDRESSES = 1000
"""Addresses that are remembered for their guesses."""


@dataclass
class Guesses:
    """Who has shown wrong tokens lately, by address."""

    clock: Callable[[], float] = time.monotonic
    known: OrderedDict[str, dict[int, float]] = field(default_factory=OrderedDict)

    def count(self, address: str, token: str) -> None:
        """One more; the same again counts once."""
        times = self.known.setdefault(address, {})
        seen = hash(token)
        times.pop(seen, None)
        times[seen] = self.clock()
        if len(times) > GUESSES:
            del times[next(iter(times))]
        self.known.move_to_end(address)
        while len(self.known) > ADDRESSES:
            self.known.popitem(last=False)

    def barred(self, address: str) -> bool:
        """Whether it has shown too many lately."""
        times = self.known.get(address, {})
        return len(times) >= GUESSES and self.clock() - next(iter(times.values())) < MINUTE


@dataclass(frozen=True)
class Knock:
    """What routes are made with."""

    store: Store
    post: Post
    means: Means
    zone: ZoneInfo
    now: Callable[[], datetime]
    guesses: Guesses = field(default_factory=Guesses)

    def refused(self, request: web.Request, token: str) -> web.Response:
        """The answer to a wrong token, empty if none was shown."""
        address = request.remote or "?"
        barred = self.guesses.barred(address)
        self.guesses.count(address, token)
        if barred:
            return web.Response(status=429, headers={"Retry-After": "60"})
        log.warning("a wrong token at the door", path=request.match_info.route.name or "?",
                    address=address)  # fmt: skip
        return web.Response(status=403, text="forbidden\n")


Routes = Callable[[Knock], Sequence[web.RouteDef]]


class Door:
    """The HTTP server of `[door]`."""

    def __init__(self, address: tuple[str, int], knock: Knock, *makers: Routes) -> None:
        self._address = address
        self._knock = knock
        self._makers = makers
        self._runner: web.AppRunner | None = None

    async def open(self) -> int:
        """Listen; the port. Raises `Refusal` where that cannot be."""
        app = web.Application(client_max_size=LARGEST, middlewares=[self._guarded()])
        for make in self._makers:
            app.add_routes(make(self._knock))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        host, port = self._address
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self.close()
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise Refusal(
                "door-listen",
                _(
                    "[door] listen: {address} cannot be used ({reason}). Choose another port"
                    " there, or end the program that has it.",
                    address=f"{host}:{port}",
                    reason=reason,
                ),
            ) from None
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Close the port; safe to call twice."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _guarded(self) -> Middleware:
        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                response = await handler(request)
            except StoreUnavailable:
                # Who reports a position tries again; a failure must not look like a success.
                return web.Response(status=503, headers={"Retry-After": "5"})
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
            response.headers.setdefault("Referrer-Policy", "no-referrer")
            return response

        return guarded


@asynccontextmanager
async def served(
    address: tuple[str, int] | None, knock: Knock, *makers: Routes
) -> AsyncIterator[int | None]:
    """The door while inside, if one is wanted; the port. Raises `Refusal`."""
    if address is None:
        yield None
        return
    door = Door(address, knock, *makers)
    try:
        yield await door.open()
    finally:
        await door.close()
