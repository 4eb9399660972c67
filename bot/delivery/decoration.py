"""Calls that nobody waits for: they give way to talk and are left out where they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from bot.delivery.priority import Priority
from bot.transports.base import AnswerLost
from storage.tables import OutboxRow

SECONDS = 5.0
"""How long a call that decorates may take."""

GRACE = 0.3
"""How much longer it may take once there is something else to do in its room."""

_T = TypeVar("_T")


def decorates(row: OutboxRow) -> bool:
    """Whether nobody is told when the call fails."""
    return row.priority >= Priority.DECORATION


def optional(row: OutboxRow) -> bool:
    """Whether the call is dropped, and never a dead letter, once it has failed for good."""
    return decorates(row) or row.action in ("pin", "unpin")


async def giving_way(call: Coroutine[Any, Any, _T], poked: asyncio.Event) -> _T:
    """Make a call, but hold up nothing: `AnswerLost` where it takes longer than is bearable."""
    calling = asyncio.create_task(call)
    waiting = asyncio.create_task(poked.wait())
    try:
        await asyncio.wait((calling, waiting), timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not calling.done():
            await asyncio.wait((calling,), timeout=GRACE)
        if not calling.done():
            raise AnswerLost("left for what is more urgent")
        return calling.result()
    finally:
        calling.cancel()
        waiting.cancel()
        await asyncio.gather(calling, waiting, return_exceptions=True)
