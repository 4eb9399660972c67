"""Relayed talk and files are forgotten after the days that the operator chose.

The record is never touched. A run is many small transactions, each of which sets the timer of
the next, so that those who deliver wait for none of them, and a killed process carries on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from bot.settings.model import Retention as Wish
from storage import Store, StoreUnavailable, UnitOfWork
from storage.queries.upkeep import Step
from storage.tables import Timer

log = structlog.get_logger(__name__)

TIMER = "retention"
SUBJECT = "daily"
HOUR = time(3, 30)
"""When a day's run begins, in the installation's zone."""

ROWS = 500
"""Rows of one transaction; a message brings its places with it, so that fewer make one."""
MESSAGES = 100
FILES = 200

PAUSE = timedelta(seconds=0.2)
"""Between two transactions."""

LEAST_KEYS = timedelta(days=30)
"""How long it is known which updates were taken: Telegram offers an update for 24 hours, Matrix
what lies behind the stored token, which an outage keeps where it was."""


class Retention:
    """Forgets what is old enough. The names in the ledger entry are the phases."""

    phases = ("messages", "outbox", "web_events", "failed_updates", "inbox", "files")

    def __init__(
        self, wish: Wish, media: Path, zone: ZoneInfo, now: Callable[[], datetime]
    ) -> None:
        self._wish = wish
        self._media = media
        self._zone = zone
        self._now = now

    async def arrange(self, uow: UnitOfWork) -> None:
        """Set the timer of the next run if there is to be one; a run under way goes on."""
        if not self._wish.talk_days and not self._wish.media_days:
            if await uow.timers.get(TIMER, SUBJECT) is not None:
                await uow.timers.drop(TIMER, SUBJECT)
        elif await uow.timers.get(TIMER, SUBJECT) is None:
            await uow.timers.set(TIMER, SUBJECT, self._tomorrow())

    def _tomorrow(self) -> datetime:
        local = self._now().astimezone(self._zone)
        today = datetime.combine(local.date(), HOUR, self._zone)
        return today if today > local else today + timedelta(days=1)

    async def ring(self, uow: UnitOfWork, timer: Timer) -> None:
        """One small part of a run."""
        try:
            async with uow.savepoint():
                await self._part(uow, timer)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("clearing failed; it begins again at the next run")
            removed = {name: int(timer.data.get(name, 0)) for name in self.phases}
            await uow.timers.set(TIMER, SUBJECT, self._tomorrow(), dict(removed))

    async def _part(self, uow: UnitOfWork, timer: Timer) -> None:
        number = int(timer.data.get("phase", 0))
        after = int(timer.data.get("after", 0))
        removed = {name: int(timer.data.get(name, 0)) for name in self.phases}
        phase = self.phases[number]
        step = await self._step(uow, phase, after)
        removed[phase] += step.removed
        if step.finished:
            number, after = number + 1, 0
        else:
            after = step.after
        if number < len(self.phases):
            data = {"phase": number, "after": after, **removed}
            await uow.timers.set(TIMER, SUBJECT, self._now() + PAUSE, data)
            return
        await uow.timers.set(TIMER, SUBJECT, self._tomorrow())
        if any(removed.values()):
            await uow.ledger.append(
                "retention.cleared",
                self._now(),
                actor=None,
                room=None,
                talk_days=self._wish.talk_days,
                media_days=self._wish.media_days,
                **removed,
            )
            log.info("old talk was cleared away", **removed)

    async def _step(self, uow: UnitOfWork, phase: str, after: int) -> Step:
        talk = timedelta(days=self._wish.talk_days)
        media = timedelta(days=self._wish.media_days)
        now, upkeep = self._now(), uow.upkeep
        if phase == "files":
            return await self._files(uow, now - media) if media else Step(0, 0, True)
        if not talk:
            return Step(0, 0, True)
        match phase:
            case "messages":
                return await upkeep.clear_messages(now - talk, after, MESSAGES)
            case "outbox":
                return await upkeep.clear_outbox(now - talk, after, ROWS)
            case "web_events":
                return await upkeep.clear_web(now - talk, after, ROWS)
            case "failed_updates":
                return await upkeep.clear_failed(now - talk, after, ROWS)
        return await upkeep.clear_inbox(now - max(talk, LEAST_KEYS), after, ROWS)

    async def _files(self, uow: UnitOfWork, before: datetime) -> Step:
        """A file counts from its last upload. What is still to be sent keeps its files."""
        waiting = json.dumps(list(await uow.upkeep.open_payloads(before)))
        removed = await asyncio.to_thread(_remove_old, self._media, before.timestamp(), waiting)
        return Step(0, removed, removed < FILES)


def _remove_old(folder: Path, before: float, waiting: str) -> int:
    removed = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if removed >= FILES:
            break
        if path.is_file() and path.stat().st_mtime < before and path.name not in waiting:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


async def arrange(store: Store, retention: Retention) -> None:
    """`Retention.arrange` in a transaction of its own."""
    async with store.write() as uow:
        await retention.arrange(uow)
