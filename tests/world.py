"""A Lianzhi process among real servers: a Bot API server, a homeserver, browsers.

`World` writes the configuration, runs the process as an operator does and can kill it at any
instant; the servers and the people live on.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import Person as TelegramPerson
from tests.servers.parts import ROOT
from tests.servers.person import Person
from tests.servers.synapse import Account, Homeserver

START_SECONDS = 30.0


class Bridge:
    """One run of `lianzhi run` after the other, with the same configuration."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.config = home / "lianzhi.toml"
        self.web = ""
        self.up = asyncio.Event()
        """Set while the process runs and its address is known."""
        self._process: asyncio.subprocess.Process | None = None
        self._log = home / "lianzhi.log"

    def configure(self, text: str) -> None:
        """Write the configuration."""
        self.config.write_text(text, encoding="utf-8")

    async def start(self, **environment: str) -> None:
        """Start the process; returns once it has told its address."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                "--config",
                str(self.config),
                cwd=self.home,
                env={**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **environment},
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            async for line in self._process.stdout:
                if b"http://" in line:
                    self.web = line.decode().split()[-1]
                    self.up.set()
                    return
        raise RuntimeError(f"lianzhi did not start:\n{self.log()}")

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.returncode is None

    def log(self) -> str:
        """What the process has logged last."""
        return self.whole_log()[-8000:]

    def whole_log(self) -> str:
        """All that it has logged."""
        return self._log.read_text(errors="replace")

    async def kill(self) -> None:
        """SIGKILL, at this instant."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, sign: signal.Signals) -> int:
        process = self._process
        if process is None:
            return 0
        self._process = None
        self.up.clear()
        if process.returncode is None:
            process.send_signal(sign)
        try:
            async with asyncio.timeout(20):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
        assert process.returncode is not None
        return process.returncode


@dataclass
class Browser:
    """A person in a web room, speaking the page's protocol over a real WebSocket."""

    socket: aiohttp.ClientWebSocketResponse
    events: dict[int, dict[str, object]] = field(default_factory=dict)
    acks: dict[str, int] = field(default_factory=dict)
    refusals: list[dict[str, object]] = field(default_factory=list)
    welcome: dict[str, object] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self) -> None:
        """Take in what the server says until the connection ends."""
        async for message in self.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            match frame["op"]:
                case "welcome":
                    self.welcome = frame
                    self.events = {event["id"]: event for event in frame["events"]}
                case "event":
                    self.events[frame["event"]["id"]] = frame["event"]
                case "ack":
                    self.acks[frame["cid"]] = frame["id"]
                case "refused":
                    self.refusals.append(frame)
            async with self._changed:
                self._changed.notify_all()

    async def do(self, op: str, **fields: object) -> int:
        """One action, acknowledged: the id that the server answers with."""
        cid = secrets.token_hex(8)
        await self.socket.send_json({"op": op, "cid": cid, **fields})
        await self.until(lambda: cid in self.acks)
        return self.acks[cid]

    async def say(self, text: str, reply_to: int | None = None, files: tuple[str, ...] = ()) -> int:
        """Write; the event's id."""
        fields = {"text": text, "reply_to": reply_to, "files": list(files), "mentions": []}
        return await self.do("say", **fields)

    @property
    def texts(self) -> list[str]:
        """The HTML of what the room shows, in order."""
        return [str(self.events[key].get("html", "")) for key in sorted(self.events)]

    async def upload(
        self, http: aiohttp.ClientSession, url: str, data: bytes, name: str, mime: str
    ) -> str:
        """Attach a file; the handle that `say` takes. `url` is the web rooms' address."""
        form = aiohttp.FormData(quote_fields=False)  # names go out as browsers write them
        form.add_field("file", data, filename=name, content_type=mime)
        room = str(self.welcome["room"]).removeprefix("web:")
        async with http.post(f"{url}/upload/{room}", data=form, headers={"Origin": url}) as answer:
            assert answer.status == 200, await answer.text()
            return str((await answer.json())["handle"])

    async def until(self, wanted: Callable[[], object], seconds: float = 15) -> None:
        """Wait until `wanted()`."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(wanted)

    async def wait_for(
        self, wanted: Callable[[dict[str, object]], bool], seconds: float = 15
    ) -> dict[str, object]:
        """The first event, there or to come, for which `wanted` holds."""
        found: list[dict[str, object]] = []

        def look() -> bool:
            found[:] = [self.events[key] for key in sorted(self.events) if wanted(self.events[key])]
            return bool(found)

        await self.until(look, seconds)
        return found[0]

    async def close(self) -> None:
        """Close the page."""
        await self.socket.close()


class World:
    """A pipeline leak's rooms: a Telegram group, a Matrix room, a web room, bridged."""

    def __init__(
        self,
        home: Path,
        hs: Homeserver,
        *,
        database: str | None = None,
        basic: bool = False,
    ) -> None:
        """`basic`: the Telegram group is a basic group, not a supergroup."""
        self.basic = basic
        self.bridge = Bridge(home)
        self.hs = hs
        self.api = BotApi()
        self.database = database
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.api)
        self.token = self.api.bot().token
        self.bot = self.api.bots[self.token]
        self.li: TelegramPerson = self.api.user("李雷", "lilei", "zh-hans")
        self.han: TelegramPerson = self.api.user("韩梅梅", "hanmei", "zh-hans")
        make = self.api.group if self.basic else self.api.supergroup
        self.group: Chat = make("消防指挥群", self.li, self.han, admins=[self.bot])
        self.matrix_bot: Account = await self.hs.register("lianzhi")
        self.anna: Person = await self.hs.user("anna", display_name="Anna")
        self.room = await self.anna.create_room(
            name="Environment", invite=(self.matrix_bot.user_id,)
        )
        self.http = await self._stack.enter_async_context(aiohttp.ClientSession())
        self._stack.push_async_callback(self.bridge.kill)
        self.bridge.configure(self.toml())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def telegram_room(self) -> str:
        """The group's room id."""
        return f"telegram:{self.group.id}"

    def toml(
        self,
        *,
        matrix_url: str | None = None,
        telegram_url: str | None = None,
        quick: bool = True,
    ) -> str:
        """The configuration; another address puts a proxy before a server.

        With `quick` Telegram's quotas, which real groups have, never make a test wait.
        """
        quotas = "quotas = { per_second = 1000, per_chat_second = 1000, per_group_minute = 100000 }"
        database = f'[database]\nurl = "{self.database}"\n' if self.database else ""
        return f"""
{database}
[telegram]
token = "{self.token}"
api_base_url = "{telegram_url or self.api.url}"
answer_seconds = 3
{quotas if quick else ""}
[matrix]
homeserver = "{matrix_url or self.hs.url}"
user_id = "{self.matrix_bot.user_id}"
password = "{self.matrix_bot.password}"
[web]
listen = "127.0.0.1:0"
[general]
admins = ["telegram:{self.li.id}", "matrix:{self.anna.user_id}"]
[[room]]
id = "{self.telegram_room}"
language = "zh"
agency = "消防"
[[room]]
id = "matrix:{self.room}"
language = "en"
agency = "环保"
[[room]]
id = "web:post"
language = "both"
[[room]]
id = "web:spare"
language = "zh"
[[bridge]]
name = "leak"
rooms = ["{self.telegram_room}", "matrix:{self.room}", "web:post"]
"""

    @asynccontextmanager
    async def browser(self, name: str, room: str = "post") -> AsyncIterator[Browser]:
        """A page of a web room, open."""
        socket = await self.http.ws_connect(
            f"{self.bridge.web}/ws/{room}", headers={"Origin": self.bridge.web}
        )
        browser = Browser(socket)
        reading = asyncio.create_task(browser.read())
        await socket.send_json({"op": "hello", "client": secrets.token_hex(16), "name": name})
        try:
            await browser.until(lambda: browser.welcome)
            yield browser
        finally:
            reading.cancel()
            await browser.close()
