"""Ends work that has silently stopped working."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine

import structlog

log = structlog.get_logger(__name__)

PATIENCE = 50.0
"""Seconds without any answer after which listening counts as hung: what networks are asked for
is answered within 30 (telegram.poll_seconds, Matrix's sync), and a hang is to be noticed
within 60."""

LONGEST_PATIENCE = 400.0
"""What patience grows to while nothing at all is heard: a first sync of a large account is slow
and must be able to end."""

ENDING_SECONDS = 5.0
"""How long cancelled work may take to end before it is left behind."""


class Hung(Exception):
    """The work did nothing for too long and was cancelled."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"nothing happened for {seconds:.0f} s")
        self.seconds = seconds


def patience(hangs: int, first: float = PATIENCE) -> float:
    """Seconds to wait for a sign after so many hangs in a row."""
    return min(first * float(2 ** min(hangs, 10)), max(first, LONGEST_PATIENCE))


async def watched(
    work: Coroutine[object, object, None],
    last_sign: Callable[[], float],
    limit: float,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Await `work`; raises what it raises, and `Hung` once its last sign is `limit` seconds ago.

    The work is over when this returns, unless it refuses to be cancelled: then it is left.
    """
    begun = clock()
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            left = max(last_sign(), begun) + limit - clock()
            if left <= 0:
                raise Hung(limit)
            await asyncio.wait((task,), timeout=left)
    finally:
        if not task.done():
            task.cancel()
            done, _late = await asyncio.wait((task,), timeout=ENDING_SECONDS)
            if not done:
                log.error("work cannot be ended and is left behind")
            elif not task.cancelled():
                task.exception()  # it was to end; how it did is of no interest
    await task
