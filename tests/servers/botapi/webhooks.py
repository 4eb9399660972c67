"""Delivery of updates by POST, as setWebhook asks for."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp

from tests.servers.botapi.accounts import BotAccount
from tests.servers.botapi.clock import Clock
from tests.servers.botapi.errors import Json, bad_request
from tests.servers.botapi.params import Params

_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Webhook:
    """The webhook of one bot: posts the oldest update until it gets a 2xx, then the next.

    Plain http is taken for loopback addresses only, where the real server wants https. A failed
    delivery is repeated after `retry_seconds`, doubled at each failure up to 20 times as much.
    """

    def __init__(self, bot: BotAccount, clock: Clock, retry_seconds: float = 0.05) -> None:
        self.url = ""
        self.secret = ""
        self._bot = bot
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._max_connections = 40
        self._last_error: tuple[int, str] | None = None
        self._task: asyncio.Task[None] | None = None

    async def set(self, params: Params) -> object:
        """setWebhook; an empty URL removes the webhook."""
        url, secret = params.text("url"), params.text("secret_token")
        if url:
            _check(url, secret)
        if not 1 <= params.integer("max_connections", 40) <= 100:
            raise bad_request("max_connections must be between 1 and 100")
        self._bot.queue.allow(params.array("allowed_updates"))
        await self.remove(drop=params.flag("drop_pending_updates"))
        if url:
            self.url, self.secret = url, secret
            self._max_connections = params.integer("max_connections", 40)
            self._last_error = None
            self._bot.queue.webhook_url = url
            self._bot.queue.end_poll()
            self._task = asyncio.create_task(self._deliver(), name=f"webhook {self._bot.id}")
        return True

    async def remove(self, *, drop: bool = False) -> None:
        """deleteWebhook"""
        if drop:
            self._bot.queue.clear()
        self.url = self._bot.queue.webhook_url = ""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def info(self) -> Json:
        """The `WebhookInfo` object."""
        queue = self._bot.queue
        result: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(queue),
        }
        if self.url:
            result["max_connections"] = self._max_connections
            result["ip_address"] = "127.0.0.1"
        if self._last_error is not None:
            result["last_error_date"], result["last_error_message"] = self._last_error
        if queue.asked is not None:
            result["allowed_updates"] = sorted(queue.asked)
        return result

    async def _deliver(self) -> None:
        queue = self._bot.queue
        delay = self._retry_seconds
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            while True:
                await queue.arrived()
                update = queue.first()
                if update is None:
                    continue
                error = await self._post(session, update.to_json(), headers)
                if not error:
                    queue.confirm_below(update.id + 1)
                    delay = self._retry_seconds
                    continue
                self._last_error = (int(self._clock.now()), error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 20 * self._retry_seconds)

    async def _post(
        self, session: aiohttp.ClientSession, body: Json, headers: dict[str, str]
    ) -> str:
        try:
            async with session.post(self.url, json=body, headers=headers) as response:
                await response.read()
                if response.ok:
                    return ""
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"Connection failed: {type(error).__name__}"


def _check(url: str, secret: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
