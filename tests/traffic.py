"""People who keep talking in every room while things break, and what must be true at the end."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp

from bot.transports.web.session import BURST, PER_SECOND
from tests.world import Bridge, World

ROOMS = "tmw"
"""Telegram, Matrix, web: the first letter of what is said there."""

REPEATED = "可能重复"
"""What Chinese rooms read above a message that may be there already."""

_WORD = re.compile(r"\b([tmw]\d{4})\b")


@dataclass(frozen=True)
class Tally:
    """What the three rooms show in the end. `lost`, `doubled` and `disordered` name word and
    room, as `m0007 in t`."""

    said: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    disordered: tuple[str, ...]
    marked: int
    """Telegram messages that say that they may be there already."""

    def doubled_in(self, room: str) -> int:
        """How many are shown more than once in that room."""
        return sum(each.endswith(f" in {room}") for each in self.doubled)


class Page:
    """A web page that sends one message after the other was acknowledged, and repeats, under
    the same cid, the one that was not when the connection ended."""

    def __init__(self, http: aiohttp.ClientSession, bridge: Bridge, name: str, room: str) -> None:
        self._http = http
        self._bridge = bridge
        self._hello = {"op": "hello", "client": secrets.token_hex(16), "name": name}
        self._room = room
        self._sent: dict[str, dict[str, object]] = {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def say(self, text: str) -> None:
        """Write something; it is sent now or when there is a connection again."""
        cid = secrets.token_hex(8)
        self._sent[cid] = {
            **{"op": "say", "cid": cid, "text": text},
            **{"reply_to": None, "files": [], "mentions": []},
        }
        if self._socket is not None and len(self._sent) == 1:
            with suppress(ConnectionError):
                await self._socket.send_json(self._sent[cid])

    @property
    def unacknowledged(self) -> int:
        """How many messages the server has not yet confirmed."""
        return len(self._sent)

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        while True:
            await self._bridge.up.wait()
            with suppress(aiohttp.ClientError, ConnectionError):
                await self._talk()
            self._socket = None
            await asyncio.sleep(0.05)

    async def _talk(self) -> None:
        url = self._bridge.web
        async with self._http.ws_connect(
            f"{url}/ws/{self._room}", headers={"Origin": url}
        ) as socket:
            await socket.send_json(self._hello)
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                frame = json.loads(message.data)
                match frame["op"]:
                    case "welcome":
                        self._socket = socket
                    case "ack":
                        self._sent.pop(frame["cid"], None)
                    case "refused":
                        await asyncio.sleep(frame["again"])
                    case _:
                        continue
                for first in list(self._sent.values())[:1]:
                    await socket.send_json(first)


@dataclass
class Traffic:
    """Numbered messages in all three rooms; `said` is what was written in which."""

    world: World
    pause: float = 0.3
    said: dict[str, list[str]] = field(default_factory=lambda: {room: [] for room in ROOMS})

    async def run(self, rooms: str = ROOMS, count: int | None = None) -> None:
        """Talk in these rooms at once until cancelled, or `count` messages each."""
        async with asyncio.TaskGroup() as group:
            for room in rooms:
                group.create_task(self._speak(room, count))

    def page(self) -> Page:
        """The page on which people of the web room write."""
        self._page = Page(self.world.http, self.world.bridge, "Wang", "post")
        return self._page

    async def say(self, room: str) -> str:
        """One message in one room; what it says."""
        word = f"{room}{len(self.said[room]) + 1:04d}"
        self.said[room].append(word)
        match room:
            case "t":
                self.world.group.say(self.world.li, word)
            case "m":
                await self.world.anna.say(self.world.room, word)
            case _:
                await self._page.say(word)
        return word

    async def _speak(self, room: str, count: int | None) -> None:
        while count is None or len(self.said[room]) < count:
            await self.say(room)
            await asyncio.sleep(self.pause)

    async def arrived(self, seconds: float) -> None:
        """Wait until every message stands in every room; AssertionError names those missing."""
        for room, look in self._looks().items():
            wanted = {word for each in ROOMS for word in self.said[each]}
            missing = wanted
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while missing := wanted - set(await look()):  # noqa: ASYNC110 - only asking tells
                        await asyncio.sleep(0.25)
            assert not missing, (
                f"missing in room {room}: {sorted(missing)}; not "
                f"acknowledged by the web room: {self._page.unacknowledged}\n{self.log()}"
            )

    async def tally(self, patience: float) -> Tally:
        """Once all has arrived, or when nothing more has for that many seconds."""
        wanted = {word for each in ROOMS for word in self.said[each]}
        missing, since = -1, time.monotonic()
        while True:
            seen = {room: await look() for room, look in self._looks().items()}
            lost = [f"{word} in {room}" for room in seen for word in wanted - set(seen[room])]
            if len(lost) != missing:
                missing, since = len(lost), time.monotonic()
            if not lost or time.monotonic() - since > patience:
                break
            await asyncio.sleep(0.5)
        return Tally(
            said=len(wanted),
            lost=tuple(sorted(lost)),
            doubled=tuple(
                f"{word} in {room}"
                for room, shown in seen.items()
                for word, count in sorted(Counter(shown).items())
                if count > 1
            ),
            disordered=tuple(
                f"{source} in {room}"
                for room, shown in seen.items()
                for source in ROOMS
                if (found := [word for word in dict.fromkeys(shown) if word[0] == source])
                != sorted(found)
            ),
            marked=sum(REPEATED in each for each in self.world.group.texts),
        )

    async def shown(self, word: str, room: str) -> None:
        """Wait until a room shows a message."""
        look = self._looks()[room]
        async with asyncio.timeout(10):
            while word not in await look():  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.1)

    async def check(self, *, marked: bool = False) -> None:
        """Nothing lost, nothing doubled, the order of each room kept.

        With `marked` Telegram may show a message twice where the second says that it may be a
        repetition.
        """
        for room, look in self._looks().items():
            words = await look()
            counts = Counter(words)
            doubled = {word for word, count in counts.items() if count > 1}
            if marked and room == "t":
                repeated = " ".join(each for each in self.world.group.texts if REPEATED in each)
                doubled -= set(_WORD.findall(repeated))
                words = list(dict.fromkeys(words))
            assert not doubled, f"doubled in room {room}: {sorted(doubled)}\n{self.log()}"
            for source in ROOMS:
                seen = [word for word in words if word[0] == source]
                assert seen == self.said[source], f"{source} in {room}: {seen}\n{self.log()}"
        if not marked:
            assert not [each for each in self.world.group.texts if REPEATED in each]

    def log(self) -> str:
        """The end of what the process has logged."""
        return self.world.bridge.log()[-4000:]

    def _looks(self) -> dict[str, Callable[[], Awaitable[list[str]]]]:
        return {"t": self._on_telegram, "m": self._on_matrix, "w": self._on_web}

    async def _on_telegram(self) -> list[str]:
        return words(self.world.group.texts)

    async def _on_matrix(self) -> list[str]:
        return words([event.body for event in await self.world.anna.messages(self.world.room)])

    async def _on_web(self) -> list[str]:
        return words(await history(self.world))


@asynccontextmanager
async def talking(world: World) -> AsyncIterator[Traffic]:
    """A running process, and a page on which the web room's people write."""
    traffic = Traffic(world)
    async with asyncio.TaskGroup() as group:
        page = group.create_task(traffic.page().run())
        await world.bridge.start()
        await world.api.wait_call("getUpdates", timeout=20)
        await world.anna.wait_for(world.room, lambda e: "Lianzhi is here" in e.body, timeout=20)
        yield traffic
        page.cancel()


def words(texts: Sequence[str]) -> list[str]:
    """The numbered words in these texts, in order."""
    return [word for text in texts for word in _WORD.findall(text)]


class Visited(Protocol):
    """What can be looked at: a running process, and a way to it."""

    bridge: Bridge
    http: aiohttp.ClientSession


async def history(there: Visited, room: str = "post") -> list[str]:
    """The HTML of every message that a web room shows on reload, in order."""
    url = there.bridge.web
    events: dict[int, str] = {}
    asked = 1
    async with there.http.ws_connect(f"{url}/ws/{room}", headers={"Origin": url}) as socket:
        hello = {"op": "hello", "client": secrets.token_hex(16), "name": "Guest"}
        await socket.send_json(hello)
        async for message in socket:
            frame = json.loads(message.data)
            if frame["op"] in ("welcome", "history"):
                events |= {each["id"]: str(each.get("html", "")) for each in frame["events"]}
                if not frame["more"]:
                    break
                if (asked := asked + 1) >= BURST:
                    # Whoever asks for pages faster is refused them.
                    await asyncio.sleep(1 / PER_SECOND)
                await socket.send_json({"op": "more", "before": min(events)})
    return [events[key] for key in sorted(events)]
