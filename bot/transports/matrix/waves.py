"""Messages for many rooms set out together while the homeserver is busy with ours.

Synapse does part of its work once for all events that it has stored since it looked last. What
arrives in step costs it a tenth less than the same messages spread out, and lanes that wait for
its answers stay in step once they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

FEW = 6
"""Calls under way with which nobody is held back."""
SHARE = 3
"""How many must be ready for each one that is still under way."""
PART = 0.3
"""Of the time that an answer takes, the most that a message is held back."""
LONGEST_SECONDS = 0.1
_SMOOTH = 8


class Waves:
    """Lets calls pass: at once while there are few, else with the others that are ready soon."""

    def __init__(self) -> None:
        self._flying = 0
        self._held: list[asyncio.Future[None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._lasts = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Around a call; begins at most `LONGEST_SECONDS` late."""
        loop = asyncio.get_running_loop()
        if self._flying >= FEW:
            await self._together(loop)
        self._flying += 1
        began = loop.time()
        try:
            yield
        finally:
            self._flying -= 1
            self._lasts += (loop.time() - began - self._lasts) / _SMOOTH
            self._look()

    async def _together(self, loop: asyncio.AbstractEventLoop) -> None:
        gate: asyncio.Future[None] = loop.create_future()
        self._held.append(gate)
        if self._timer is None:
            self._timer = loop.call_later(min(PART * self._lasts, LONGEST_SECONDS), self._go)
        self._look()
        try:
            await gate
        finally:
            if gate in self._held:
                self._held.remove(gate)

    def _look(self) -> None:
        ready = len(self._held)
        if ready and (self._flying < FEW or ready >= SHARE * self._flying):
            self._go()

    def _go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        held, self._held = self._held, []
        for gate in held:
            if not gate.done():
                gate.set_result(None)
