"""Two linked web rooms in one process, with a real server, a real store and a plain relay."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

from bot.catalogues import Catalogues
from bot.richtext import clean
from bot.transports.base import (
    Author,
    Batch,
    Choice,
    Deleted,
    Edited,
    Inbound,
    Outgoing,
    Pressed,
    RoomWish,
    Said,
    Sending,
    Wiring,
)
from bot.transports.web import WebSettings, WebTransport
from storage import Store

SECRETS = {"zh": "a" * 32, "en": "b" * 32}


class Clock:
    """The present, which a test may move."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class World:
    """What a test talks to. `taken` are the inbounds that were committed, each once."""

    transport: WebTransport
    store: Store
    clock: Clock
    data: Path
    taken: list[Inbound] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    faults: list[Exception] = field(default_factory=list)
    after_commit: list[Exception] = field(default_factory=list)
    copies: dict[tuple[str, str], str] = field(default_factory=dict)
    listening: asyncio.Task[None] | None = None
    relaying: bool = True

    @property
    def url(self) -> str:
        """Where the rooms are."""
        return self.transport.address

    async def take(self, batch: Batch) -> None:
        """Commit as the dispatcher does, then carry words to the other room."""
        if self.faults:
            raise self.faults.pop(0)
        fresh = []
        async with self.store.write() as uow:
            if batch.alongside is not None:
                await batch.alongside(uow)
            fresh = [inbound for inbound in batch.inbounds if inbound.key not in self.keys]
            self.keys.update(inbound.key for inbound in fresh)
        self.taken += fresh
        self.news.set()
        if self.after_commit:
            raise self.after_commit.pop(0)
        for inbound in fresh:
            if self.relaying:
                await self._relay(inbound)

    async def _relay(self, inbound: Inbound) -> None:
        other = "web:en" if inbound.room == "web:zh" else "web:zh"
        event, sender = inbound.event, inbound.sender
        assert sender is not None
        author = Author(sender.name, None, "web", sender.account)
        if isinstance(event, Said):
            assert inbound.remote is not None
            shown = Outgoing(event.content.html, other[4:], author, media=event.content.media)
            known = self.copies.get((inbound.room, event.reply_to or ""))
            sent = await self.post(other, shown, f"relay-{inbound.key}", reply_to=known)
            self.copies[inbound.room, inbound.remote] = sent
            self.copies[other, sent] = inbound.remote
            if event.content.text.startswith("/"):
                await self.answer(inbound.room, inbound.remote)
        elif isinstance(event, Edited):
            shown = Outgoing(event.content.html, other[4:], author)
            payload = self.transport.compose(shown)[0]
            target = self.copies[inbound.room, event.target]
            await self.transport.edit(Sending(other, payload, "edit", target=target))
        elif isinstance(event, Deleted):
            target = self.copies[inbound.room, event.target]
            await self.transport.delete(Sending(other, {}, "delete", target=target))
        elif isinstance(event, Pressed):
            await self.transport.answer_press(event.press, "OK " + event.token)

    async def answer(self, room: str, reply_to: str | None = None) -> str:
        """What the machine says, in the room's language, with a button."""
        zh = room == "web:zh"
        html = clean("<h3>帮助</h3>" if zh else "<h3>Help</h3>")
        choices = (Choice("token-1", "继续" if zh else "More"),)
        shown = Outgoing(html, room[4:], choices=choices)
        return await self.post(room, shown, f"answer-{room}-{reply_to}", reply_to=reply_to)

    async def post(
        self, room: str, outgoing: Outgoing, txn: str, *, reply_to: str | None = None
    ) -> str:
        """Deliver a message, as the delivery does."""
        payload = self.transport.compose(outgoing)[0]
        order = Sending(room, payload, txn, reply_to=reply_to, open_media=self.transport.open_media)
        return await self.transport.send(order)

    async def until_taken(self, count: int) -> list[Inbound]:
        """Wait until so many inbounds were taken."""
        async with asyncio.timeout(10):
            while len(self.taken) < count:
                self.news.clear()
                await self.news.wait()
        return self.taken

    async def listen(self) -> None:
        """Run the loop as the application does: what fails is started again."""
        while True:
            try:
                await self.transport.listen(None, self.take)
            except RuntimeError:
                await asyncio.sleep(0)

    def page(self, room: str, **options: Any) -> Page:
        """A page in a room, as a program that speaks the protocol."""
        return Page(self.url, room, **options)


@asynccontextmanager
async def world(
    data: Path, rooms: Mapping[str, str] | None = None, **section: Any
) -> AsyncIterator[World]:
    """Started rooms `web:zh` and `web:en` (or `rooms`: language by name) on a free port."""
    store = await Store.open(f"sqlite+aiosqlite:///{data / 'lianzhi.db'}")
    clock = Clock()
    wishes = tuple(
        RoomWish(f"web:{name}", language)
        for name, language in (rooms or {"zh": "zh", "en": "en"}).items()
    )
    given = {"listen": "127.0.0.1:0", **section}
    settings = WebSettings(**{key: value for key, value in given.items() if value is not None})
    catalogues = Catalogues({"zh": CHINESE, "en": {}})
    transport = WebTransport(Wiring(settings, wishes, (), store, catalogues, clock, data))
    made = World(transport, store, clock, data)
    try:
        await transport.start()
        made.listening = asyncio.create_task(made.listen())
        yield made
    finally:
        if made.listening is not None:
            made.listening.cancel()
        await transport.aclose()
        await store.close()


class Page:
    """One WebSocket that speaks the protocol; `async with` connects and says hello."""

    def __init__(
        self,
        url: str,
        room: str,
        *,
        name: str = "Li",
        secret: str | None = None,
        cookies: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self._url = url
        self._room = room
        self._hello = {"op": "hello", "client": secret or SECRETS.get(room, "c" * 32), "name": name}
        self._headers = {"Origin": url, **(headers or {})}
        self._session = aiohttp.ClientSession(cookies=cookies)
        self.welcome: dict[str, Any] = {}
        self.seen: list[dict[str, Any]] = []

    async def __aenter__(self) -> Page:
        try:
            self.socket = await self._session.ws_connect(
                f"{self._url}/ws/{self._room}", headers=self._headers, max_msg_size=2**24
            )
            await self.send(**self._hello)
            self.welcome = await self.until("welcome")
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.socket.close()
        await self._session.close()

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send_str(json.dumps(frame))

    async def until(self, op: str, **fields: Any) -> dict[str, Any]:
        """The next frame of that kind with these fields; others are kept in `seen`."""
        async with asyncio.timeout(10):
            while True:
                message = await self.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise ConnectionError(f"closed: {self.socket.close_code}")
                frame: dict[str, Any] = json.loads(message.data)
                self.seen.append(frame)
                if frame["op"] == op and all(frame.get(key) == fields[key] for key in fields):
                    return frame

    async def say(self, cid: str, text: str, **more: Any) -> int:
        """Say something; its id once it is committed."""
        await self.send(op="say", cid=cid, text=text, **more)
        made: int = (await self.until("ack", cid=cid))["id"]
        return made

    async def event(self, **fields: Any) -> dict[str, Any]:
        """The next event whose fields are these."""
        while True:
            event: dict[str, Any] = (await self.until("event"))["event"]
            if all(event.get(key) == fields[key] for key in fields):
                return event


CHINESE: dict[str, tuple[str, ...]] = {
    "Your name": ("您的姓名",),
    "Message": ("消息",),
    "Send": ("发送",),
    "Reply": ("回复",),
    "Enter your name first.": ("请先填写姓名。",),
    "Connection lost. Reconnecting…": ("断线，正在重连…",),
    "Only your own messages can be changed.": ("只能修改自己的消息。",),
}
