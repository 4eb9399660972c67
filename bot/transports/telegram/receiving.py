"""The two ways in: long polling and a webhook. Neither acknowledges what was not taken."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from telegram import Bot, Update

from bot.transports.base import QUIET_SECONDS, Batch, Inbound, Take
from bot.transports.telegram.connection import ALLOWED_UPDATES, read_json, readable
from bot.transports.telegram.faults import translated
from bot.transports.telegram.settings import TelegramSettings

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_BATCH = 100
_MAX_BODY = 4 * 1024 * 1024
_log = structlog.get_logger(__name__)

Read = Callable[[Sequence[Update]], Awaitable[tuple[Inbound, ...]]]


async def poll(bot: Bot, cursor: str | None, take: Take, read: Read, seconds: int) -> None:
    """Ask for updates for ever. The next offset is sent only once the batch was taken.

    `cursor` is that offset. The first answer is not kept back, so that the end of an outage is
    known at once. Raises `SendFault` (`AnotherPoller` on 409) and what `take` raises.
    """
    offset = int(cursor) if cursor else None
    with translated():
        await bot.delete_webhook(drop_pending_updates=False)
    wait = 0
    while True:
        with translated():
            updates = await bot.get_updates(
                offset=offset,
                limit=_BATCH,
                timeout=wait,
                allowed_updates=ALLOWED_UPDATES,
            )
        wait = seconds
        if updates:
            offset = max(update.update_id for update in updates) + 1
            await take(Batch(await read(updates), str(offset)))
        else:
            await take(Batch(()))


class Webhook:
    """An HTTP server that answers 200 once an update and all that it caused is stored."""

    def __init__(self, bot: Bot, settings: TelegramSettings, read: Read) -> None:
        self._bot = bot
        self._settings = settings
        self._read = read
        secret = settings.webhook_secret
        self._secret = secret.get_secret_value() if secret else ""
        self._waiting: list[tuple[Update, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()

    async def serve(self, take: Take) -> None:
        """Listen for ever. What arrives while a batch is being taken makes the next one."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_post(urlsplit(self._settings.webhook_url or "").path or "/", self._hear)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            host, port = self._settings.listen_address()
            await web.TCPSite(runner, host, port).start()
            with translated():
                await self._bot.set_webhook(
                    url=self._settings.webhook_url or "",
                    secret_token=self._secret,
                    allowed_updates=ALLOWED_UPDATES,
                    drop_pending_updates=False,
                )
            while True:
                try:
                    async with asyncio.timeout(QUIET_SECONDS):
                        await self._arrived.wait()
                except TimeoutError:
                    await take(Batch(()))
                    continue
                self._arrived.clear()
                await self._take_waiting(take)
        finally:
            for _update, future in self._waiting:
                future.cancel()
            self._waiting.clear()
            await runner.cleanup()

    async def _take_waiting(self, take: Take) -> None:
        batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
        if self._waiting:
            self._arrived.set()
        try:
            await take(Batch(await self._read([update for update, _ in batch])))
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        for _, future in batch:
            if not future.done():
                future.set_result(None)

    async def _hear(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            return web.Response(status=403)
        try:
            raw = readable(read_json(await request.read()))
        except ValueError:
            raw = None
        if raw is None:
            # Repeating it would not make it better, and would hold up those behind it.
            _log.warning("telegram.webhook_nonsense", bytes=request.content_length)
            return web.Response()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((Update.de_json(raw, self._bot), future))
        self._arrived.set()
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():
                raise
            return web.Response(status=503)
        return web.Response()
