"""Real servers, each a process of its own, behind proxies that tell when a request came."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.servers.botapi.remote import RemoteBotApi
from tests.servers.parts import ROOT, need
from tests.servers.person import Person
from tests.servers.proxy import Proxy, Request, to
from tests.servers.synapse import Account, Homeserver, Synapse
from tests.world import Bridge

SENT_TO_MATRIX = to("PUT", "/send/m.room.message/")
SENT_TO_TELEGRAM = to("POST", "/sendMessage")


class Stage:
    """`pairs` Telegram supergroups, each bridged with a Matrix room."""

    def __init__(self, pairs: int = 1, *, encrypted: bool = False) -> None:
        self.pairs = pairs
        self.encrypted = encrypted
        self.api = RemoteBotApi()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        self.synapse = Synapse(need("synapse"))
        self._stack.callback(self.synapse.close)
        await asyncio.to_thread(self.synapse.start)
        self.hs = await enter(Homeserver(self.synapse))
        await enter(self.api)
        self.telegram = await self._proxy(urlsplit(self.api.url).port or 0)
        self.matrix = await self._proxy(self.synapse.port)
        self.bridge = Bridge(Path(self._stack.enter_context(tempfile.TemporaryDirectory())))
        self._stack.push_async_callback(self.bridge.kill)
        self.li = await self.api.make("user", name="李雷", username="lilei")
        bot = int(self.api.token.partition(":")[0])
        self.account = await self.hs.register("lianzhi")
        self.bare_account = await self.hs.register("bare")
        self.anna: Person = await self.hs.user("anna", display_name="Anna")
        self.groups = [
            await self.api.make("supergroup", title=f"组{n}", members=[self.li], admins=[bot])
            for n in range(self.pairs)
        ]
        self.rooms = [await self.room(self.account, n) for n in range(self.pairs)]
        self.bare_rooms = [await self.room(self.bare_account, n) for n in range(self.pairs)]
        bare = self.hs.person(self.bare_account)
        for room in self.bare_rooms:
            await bare.join(room)
        self.bridge.configure(self.toml())
        return self

    async def __aexit__(self, *_failed: object) -> None:
        await self._stack.aclose()

    async def _proxy(self, port: int) -> Proxy:
        proxy = Proxy(port)
        await proxy.start()
        self._stack.push_async_callback(proxy.close)
        return proxy

    async def room(self, account: Account, number: int) -> str:
        """A room of Anna's to which that account is invited."""
        return await self.anna.create_room(
            name=f"room {number}", invite=(account.user_id,), encrypted=self.encrypted
        )

    def toml(self) -> str:
        """The configuration."""
        text = f"""
[telegram]
token = "{self.api.token}"
api_base_url = "{self.telegram.url}"
quotas = {{ per_second = 10000, per_chat_second = 10000, per_group_minute = 1000000 }}
[matrix]
homeserver = "{self.matrix.url}"
user_id = "{self.account.user_id}"
password = "{self.account.password}"
[web]
listen = "127.0.0.1:0"
"""
        for number, (group, room) in enumerate(zip(self.groups, self.rooms, strict=True)):
            ids = f'"telegram:{group}", "matrix:{room}"'
            text += f'[[room]]\nid = "telegram:{group}"\nlanguage = "zh"\n'
            text += f'[[room]]\nid = "matrix:{room}"\nlanguage = "en"\n'
            text += f'[[bridge]]\nname = "b{number}"\nrooms = [{ids}]\n'
        return text

    async def up(self) -> None:
        """Start Lianzhi and wait until it is in every room and listens to both networks."""
        await self.bridge.start()
        for room in self.rooms:
            async with asyncio.timeout(60):
                while self.account.user_id not in await self.anna.members(room):  # noqa: ASYNC110 - only asking tells
                    await asyncio.sleep(0.1)
        polls = len(self.telegram.seen(to("POST", "/getUpdates")))
        syncs = len(self.matrix.seen(to("GET", "timeout=30000")))
        if not polls:
            await self.telegram.wait_for(to("POST", "/getUpdates"))
        await self.matrix.wait_for(to("GET", "timeout=30000"), max(1, syncs))

    async def say(self, text: str, pair: int = 0) -> None:
        """A person writes in a Telegram group."""
        await self.api.act(self.groups[pair], "say", person=self.li, text=text)

    def order(self, rooms: list[str], **more: object) -> str:
        """What a bare process is told."""
        return json.dumps(
            {
                "homeserver": self.matrix.url,
                "user_id": self.bare_account.user_id,
                "access_token": self.bare_account.access_token,
                "device_id": self.bare_account.device_id,
                "api": self.telegram.url,
                "token": self.api.token,
                "chat": self.groups[0],
                "room": rooms[0],
                "rooms": rooms,
                **more,
            }
        )

    async def run_bare(self, what: str, order: str) -> asyncio.subprocess.Process:
        """Start a baseline."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.bare", what, order),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    @asynccontextmanager
    async def bare_relay(self) -> AsyncIterator[None]:
        """A relay without a store, in place of Lianzhi."""
        self.telegram.requests.clear()
        process = await self.run_bare("relay", self.order(self.bare_rooms))
        try:
            await self.telegram.wait_for(to("POST", "/getUpdates"), timeout=30)
            await self.matrix.wait_for(to("GET", "timeout=30000"), timeout=30)
            yield
        finally:
            process.kill()
            await process.wait()


def resident_mb(pid: int) -> float:
    """The resident memory of a process, in megabytes of 2^20 bytes, as systemd and Docker count."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(pid)


def last_answer_before(requests: list[Request], moment: float) -> float:
    """When the last of these requests was answered before that moment."""
    return max(each.ended for each in requests if each.ended is not None and each.ended <= moment)
