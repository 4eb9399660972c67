"""A TCP connection through which one process reaches a server, and that can break for it alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Relay:
    """Listens on `port` of 127.0.0.1 and passes bytes to and from `upstream`, a port there."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._open.set()
        self.port = 0

    async def start(self) -> None:
        """Begin to listen; the port is chosen at the first start and kept."""
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse connections and end those that exist."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._passing):
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    def hang(self) -> None:
        """Connections stay, and new ones are made, but nothing comes through."""
        self._open.clear()

    async def heal(self) -> None:
        """As if nothing had been."""
        self._open.set()
        if self._server is None:
            await self.start()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        ends = [writer]
        try:
            other_reader, other = await asyncio.open_connection("127.0.0.1", self._upstream)
            ends.append(other)
            ways = [
                asyncio.ensure_future(self._pass(reader, other)),
                asyncio.ensure_future(self._pass(other_reader, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            return  # asyncio prints what ends a connection's task
        finally:
            for end in ends:
                end.transport.abort()
            self._passing.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
