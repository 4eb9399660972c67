"""One open page's socket: reading what it asks, within bounds, and writing what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import WSMsgType, web

from bot.catalogues import Catalogues
from bot.transports.web import protocol
from bot.transports.web.access import Gate, Guest
from bot.transports.web.hub import Client, Hub
from bot.transports.web.rooms import Rooms
from bot.transports.web.words import TOO_LONG, said
from storage import StoreUnavailable
from workflows.errors import Refusal
from workflows.text import Msg, _

HEARTBEAT_SECONDS = 20.0
HELLO_SECONDS = 10.0
BURST = 40
PER_SECOND = 8.0
"""Frames that one page may send at once, and on average."""
PATIENCE = 400
"""Refused or unreadable frames after which a page is cut off."""
TOO_MANY = 1008
"""The close code for that (RFC 6455, 7.4.1: policy violation)."""
ENDED = 4403
"""The close code when the invitation holds no more; from the range for private use."""

Submit = Callable[[Client, protocol.Action], Awaitable[int]]


class Busy(Exception):
    """Too much waits to be taken; again a little later."""


class Bucket:
    """Allows `PER_SECOND` frames a second on average and `BURST` at once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tokens = float(BURST)
        self._at = clock()

    def wait(self) -> float:
        """0 if a frame may pass now, else the seconds until one may."""
        now = self._clock()
        self._tokens = min(BURST, self._tokens + (now - self._at) * PER_SECOND)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / PER_SECOND


class Session:
    """From the handshake to the close."""

    def __init__(
        self, gate: Gate, hub: Hub, rooms: Rooms, catalogues: Catalogues, submit: Submit
    ) -> None:
        self._gate = gate
        self._hub = hub
        self._rooms = rooms
        self._catalogues = catalogues
        self._submit = submit

    async def run(self, request: web.Request, room: str, guest: Guest) -> web.WebSocketResponse:
        """Serve the socket until it closes."""
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_SECONDS, max_msg_size=protocol.FRAME_LIMIT
        )
        await socket.prepare(request)
        hello = await self._hello(socket)
        if hello is None or (guest.invitation is None and not hello.secret):
            await socket.close(code=TOO_MANY, message=b"hello expected")
            return socket
        invitation = guest.invitation
        if await self._gate.guest(request, room) is None:
            # It ended between the handshake and the first word.
            await socket.send_json({"op": "ended"})
            await socket.close(code=ENDED)
            return socket
        client = Client(
            number=self._hub.number(),
            room=room,
            account=self._gate.account(room, guest, hello.secret),
            name=invitation.name if invitation else hello.name,
            invite=invitation.id if invitation else None,
            drop=lambda: _cut(request),
        )
        self._hub.enter(client)
        writer = None
        try:
            await self._welcome(client)
            writer = asyncio.create_task(_write(socket, client))
            await self._read(socket, client)
        except StoreUnavailable:
            await socket.close(code=1011)
        finally:
            self._hub.leave(client)
            if writer is not None:
                writer.cancel()
                with suppress(asyncio.CancelledError, ConnectionError):
                    await writer
        return socket

    async def _hello(self, socket: web.WebSocketResponse) -> protocol.Hello | None:
        try:
            message = await socket.receive(HELLO_SECONDS)
            if message.type is not WSMsgType.TEXT:
                return None
            frame = protocol.read(message.data)
        except (TimeoutError, protocol.Unreadable):
            return None
        return frame if isinstance(frame, protocol.Hello) else None

    async def _welcome(self, client: Client) -> None:
        face = await self._rooms.face(client.room)
        shown, more = await self._rooms.page(client.room, client.account)
        client.welcome(
            {
                "op": "welcome",
                "room": face.name,
                "title": face.title,
                "agency": face.agency,
                "language": face.language,
                "words": self._rooms.words(face.language),
                "me": {"account": client.account, "name": client.name},
                "fixed": client.invite is not None,
                "commands": self._rooms.commands(face.language),
                "events": shown,
                "more": more,
            }
        )

    async def _read(self, socket: web.WebSocketResponse, client: Client) -> None:
        bucket = Bucket(asyncio.get_running_loop().time)
        patience = PATIENCE
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                patience -= 1
            elif wait := bucket.wait():
                patience -= 1
                with suppress(protocol.Unreadable):
                    frame = protocol.read(message.data)
                    await self._refuse(client, getattr(frame, "cid", ""), _TOO_FAST, wait)
            else:
                try:
                    await self._answer(client, protocol.read(message.data))
                except protocol.Unreadable as error:
                    patience -= 1
                    long = isinstance(error, protocol.TooLong)
                    await self._refuse(client, error.cid, TOO_LONG if long else _UNREADABLE)
            if patience <= 0:
                await socket.close(code=TOO_MANY, message=b"too many")

    async def _answer(self, client: Client, frame: protocol.Frame) -> None:
        if isinstance(frame, protocol.Rename):
            if client.invite is None:
                client.name = frame.name
        elif isinstance(frame, protocol.More):
            shown, more = await self._rooms.page(client.room, client.account, frame.before)
            client.tell({"op": "history", "events": shown, "more": more})
        elif not isinstance(frame, protocol.Hello):
            try:
                done = await self._submit(client, frame)
            except Refusal as refusal:
                await self._refuse(client, frame.cid, refusal.text)
            except (Busy, StoreUnavailable):
                await self._refuse(client, frame.cid, _BUSY, 2.0)
            else:
                client.tell({"op": "ack", "cid": frame.cid, "id": done})

    async def _refuse(
        self, client: Client, cid: str, text: Msg, again: float | None = None
    ) -> None:
        try:
            language = (await self._rooms.face(client.room)).language
        except StoreUnavailable:
            language = "both"
        text_shown = said(self._catalogues, text, language)
        client.tell({"op": "refused", "cid": cid, "text": text_shown, "again": again})


_TOO_FAST = _("That was too fast. It will be sent in a moment.")
_UNREADABLE = _("The page sent something that could not be read. Reload it.")
_BUSY = _("It cannot be stored just now. It will be sent again in a moment.")


async def _write(socket: web.WebSocketResponse, client: Client) -> None:
    while (frame := await client.frames.get()) is not None:
        await socket.send_str(frame)
    await socket.close(code=ENDED)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
