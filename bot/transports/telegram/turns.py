"""Sends of a chat, and looking for one of them: never at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.transports.base import AnswerLost

PATIENCE_SECONDS = 5.0


class Turns:
    """Many at once may send to a chat, and its topics; who looks for a message is alone with it.

    Looking edits what stands at unknown ids: a message that has just arrived, and whose id is not
    yet told, must not be there.
    """

    def __init__(self) -> None:
        self._sending: dict[int, int] = {}
        self._looking: set[int] = set()
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def sending(self, chat: int) -> AsyncIterator[None]:
        """Wait until nobody looks for anything in the chat."""
        if chat in self._looking:
            async with self._changed:
                await self._changed.wait_for(lambda: chat not in self._looking)
        self._sending[chat] = self._sending.get(chat, 0) + 1
        try:
            yield
        finally:
            self._sending[chat] -= 1
            if not self._sending[chat]:
                del self._sending[chat]
                await self._tell()

    @asynccontextmanager
    async def looking(self, chat: int) -> AsyncIterator[None]:
        """Wait until nothing is sent to the chat and nobody else looks there; AnswerLost where that
        lasts, as while a large file is sent."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
                await self._changed.wait_for(
                    lambda: chat not in self._sending and chat not in self._looking
                )
                self._looking.add(chat)
        except TimeoutError as error:
            raise AnswerLost("others are sent to the chat all the time") from error
        try:
            yield
        finally:
            self._looking.discard(chat)
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
