"""The server in another process, and its control API as a client."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from types import TracebackType

import aiohttp

from tests.servers.botapi.errors import Json

ROOT = Path(__file__).parents[3]


class RemoteBotApi:
    """A server process: started on entering, ended on leaving.

    `url` and `token` are for the bot; `do("user", name="李雷")`, `act(chat_id, "say", person=…,
    text=…)` are the operations of `tests.servers.botapi.control`.
    """

    def __init__(self, token: str = "7000001:AAbotapi-test-token") -> None:
        self.token = token
        self.url = ""
        self.control = ""
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None

    async def do(self, operation: str, /, **arguments: object) -> object:
        """Runs an operation and returns its result; RuntimeError with the server's complaint."""
        assert self._session is not None
        async with self._session.post(f"{self.control}/{operation}", json=arguments) as response:
            body: Json = await response.json()
        if "error" in body:
            raise RuntimeError(body["error"])
        return body["result"]

    async def make(self, operation: str, /, **arguments: object) -> int:
        """Runs an operation that makes an account or chat, and returns its id."""
        made = await self.do(operation, **arguments)
        assert isinstance(made, dict)
        identifier = made["id"]
        assert isinstance(identifier, int)
        return identifier

    async def act(self, chat_id: int, act: str, /, **arguments: object) -> object:
        """Someone does something in a chat; `data` may be bytes."""
        data = arguments.get("data")
        if isinstance(data, bytes):
            arguments["data"] = base64.b64encode(data).decode()
        return await self.do(f"chat/{chat_id}/{act}", **arguments)

    async def messages(self, chat_id: int) -> list[Json]:
        """The visible messages of a chat."""
        found = await self.act(chat_id, "messages")
        assert isinstance(found, list)
        return found

    async def __aenter__(self) -> RemoteBotApi:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.servers.botapi",
            "--token",
            self.token,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        ready = json.loads(await self._process.stdout.readline())
        self.url, self.control = ready["url"], ready["control"]
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()
