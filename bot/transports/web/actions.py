"""What people do at the page, waiting to be taken one by one."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from bot.transports.base import QUIET_SECONDS, Batch, Take
from bot.transports.web.desk import Desk
from bot.transports.web.hub import Client
from bot.transports.web.protocol import Action
from bot.transports.web.session import Busy
from workflows.errors import Refusal

WAITING_LIMIT = 1000
"""Actions that may wait to be taken; more are asked to come again."""
ATTEMPTS = 5
"""Offers of an action that fails before it makes way for the others."""


@dataclass(eq=False, slots=True)
class _Job:
    client: Client
    action: Action
    done: asyncio.Future[int]
    attempts: int = field(default=0)


class Actions:
    """They are taken in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: deque[_Job] = deque()
        self._arrived = asyncio.Event()

    async def submit(self, client: Client, action: Action) -> int:
        """Wait until the action is committed; the event's id. Raises `Refusal`, and `Busy` where
        too many wait or it fails again and again."""
        if len(self._waiting) >= WAITING_LIMIT:
            raise Busy
        job = _Job(client, action, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._arrived.set()
        return await job.done

    async def offer(self, desk: Desk, take: Take) -> None:
        """Have them carried out for ever. What fails is raised, and offered again later."""
        while True:
            while not self._waiting:
                self._arrived.clear()
                try:
                    async with asyncio.timeout(QUIET_SECONDS):
                        await self._arrived.wait()
                except TimeoutError:
                    await take(Batch(()))
            job = self._waiting[0]
            job.attempts += 1
            try:
                done = await desk.carry_out(job.client, job.action, take)
            except Refusal as refusal:
                self._settle(job, refusal)
            except Exception:
                if job.attempts >= ATTEMPTS:
                    self._settle(job, Busy())
                raise
            else:
                self._settle(job, done)

    def _settle(self, job: _Job, result: int | Exception) -> None:
        if self._waiting and self._waiting[0] is job:
            self._waiting.popleft()
        if not job.done.done():
            if isinstance(result, int):
                job.done.set_result(result)
            else:
                job.done.set_exception(result)
