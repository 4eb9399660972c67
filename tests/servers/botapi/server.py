"""The server as a test uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from aiohttp import web

from tests.servers.botapi.clock import Clock
from tests.servers.botapi.endpoint import CallRecord, Handler, cut
from tests.servers.botapi.faults import Faults, Flood
from tests.servers.botapi.world import World

T = TypeVar("T")


class BotApi(World):
    """A Bot API server on a loopback port; a world to build and a state that outlives bots.

    `port` 0 takes a free one. Methods are at `url`/bot<TOKEN>/<method>, files at
    `url`/file/bot<TOKEN>/<path>.
    """

    def __init__(self, port: int = 0, clock: Clock | None = None, host: str = "127.0.0.1") -> None:
        super().__init__(clock or Clock())
        self.faults = Faults()
        self.flood = Flood(self.clock)
        self._host = host
        self._port = port
        self._handler = Handler(self, self.faults, self.flood)
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The address, such as http://127.0.0.1:40001."""
        return f"http://{self._host}:{self._port}"

    @property
    def port(self) -> int:
        """The port, known once the server has started."""
        return self._port

    @property
    def calls(self) -> list[CallRecord]:
        """Every call that reached the server, oldest first."""
        return self._handler.calls

    def calls_of(self, method: str) -> list[CallRecord]:
        """The calls of one method."""
        return [each for each in self.calls if each.method.lower() == method.lower()]

    async def until(self, condition: Callable[[], T | None], timeout: float = 10.0) -> T:
        """The first true value of `condition`, tried after each change."""
        return await self.signals.until(condition, timeout)

    async def wait_call(
        self, method: str, count: int = 1, timeout: float = 10.0
    ) -> list[CallRecord]:
        """The calls of a method, once there are at least `count`."""

        def enough() -> list[CallRecord] | None:
            found = self.calls_of(method)
            return found if len(found) >= count else None

        return await self.until(enough, timeout)

    async def confirmed(self, timeout: float = 10.0) -> None:
        """Waits until no bot has an update left that it has not confirmed."""
        await self.until(lambda: not any(len(each.queue) for each in self.bots.values()), timeout)

    async def start(self) -> None:
        """Begins to listen."""
        self._runner = web.AppRunner(
            self._handler.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await self._runner.setup()
        await self.recover()

    async def close(self) -> None:
        """Ends everything and frees the port."""
        await self.outage()
        await self._handler.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def outage(self) -> None:
        """Refuses connections from now on and cuts those that there are; keeps the state."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        server = self._runner.server if self._runner is not None else None
        for connection in list(server.connections) if server is not None else []:
            cut(connection.transport, reset=True)

    async def recover(self) -> None:
        """Listens again, on the same port."""
        if self._listener is not None or self._runner is None or self._runner.server is None:
            return
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._runner.server, self._host, self._port, reuse_address=True
        )
        self._port = self._listener.sockets[0].getsockname()[1]

    async def __aenter__(self) -> BotApi:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
