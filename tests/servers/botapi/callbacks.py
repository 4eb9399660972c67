"""Pressed buttons and the bot's answers to them."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass

from tests.servers.botapi.clock import Clock
from tests.servers.botapi.errors import ApiError, bad_request

LIFETIME = 60.0


@dataclass(frozen=True)
class Answer:
    """What answerCallbackQuery said."""

    text: str = ""
    show_alert: bool = False
    url: str = ""
    cache_time: int = 0


@dataclass(eq=False)
class Press:
    """A button that a person pressed; `answered` waits for the bot."""

    id: str
    bot_id: int
    time: float
    answer: asyncio.Future[Answer]

    async def answered(self, timeout: float = 10.0) -> Answer:
        """The bot's answer; TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            return await asyncio.shield(self.answer)


class Callbacks:
    """Open callback queries; one older than a minute, or answered, is too old."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(4_000_000_000_000_000_001)
        self._open: dict[str, Press] = {}

    def press(self, bot_id: int) -> Press:
        """A new query for that bot."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        press = Press(str(next(self._numbers)), bot_id, self._clock.now(), future)
        self._open[press.id] = press
        return press

    def answer(self, bot_id: int, query_id: str, answer: Answer) -> None:
        """Records the answer; 400 if the query is unknown, another bot's, too old or answered."""
        press = self._open.get(query_id)
        if press is None or press.bot_id != bot_id or self._clock.now() > press.time + LIFETIME:
            raise _too_old()
        del self._open[query_id]
        if not press.answer.done():
            press.answer.set_result(answer)


def _too_old() -> ApiError:
    return bad_request("query is too old and response timeout expired or query ID is invalid")
