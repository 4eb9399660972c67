"""Files that lie on Telegram, as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
from telegram import Bot

from bot.asking import trusted
from bot.transports.base import AnswerLost, Media, Rejected, Unreachable
from bot.transports.telegram.connection import CONNECT_SECONDS
from bot.transports.telegram.faults import translated

_CHUNK = 65_536


class Downloads:
    """Streams files, without holding one whole."""

    def __init__(self, bot: Bot, base_url: str, token: str, answer_seconds: float) -> None:
        self._bot = bot
        self._base = f"{base_url}/file/bot{token}"
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(answer_seconds, connect=CONNECT_SECONDS),
            follow_redirects=False,
            verify=trusted(),
        )

    async def open(self, media: Media) -> AsyncIterator[bytes]:
        """The bytes of the file. A path is good for an hour, so it is asked for each time.

        https://core.telegram.org/bots/api#getfile. Raises `SendFault`.
        """
        with translated():
            file = await self._bot.get_file(dict(media.ref).get("file_id", ""))
            address = str(file.file_path or "")
        if not address:
            raise Rejected("Telegram has no path for the file")
        if "://" not in address:
            address = f"{self._base}/{address.lstrip('/')}"
        try:
            async with self._client.stream("GET", address) as answer:
                if answer.status_code >= 500 or answer.status_code == 429:
                    raise AnswerLost(f"HTTP {answer.status_code} for the file")
                if answer.status_code != 200:
                    raise Rejected(f"HTTP {answer.status_code} for the file")
                async for chunk in answer.aiter_bytes(_CHUNK):
                    yield chunk
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise AnswerLost(type(error).__name__) from error

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()
