"""Encrypted events that cannot be read yet: kept as they came until the key comes, across
restarts."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.transports.matrix.shapes import Body, Lately, mapping
from storage import Store, UnitOfWork

MOST = 500
"""Events that wait; of more, the newest."""

LONGEST = 100_000
"""Characters of an event that is kept across a restart; a homeserver takes no larger one."""

Change = Callable[[UnitOfWork], Awaitable[None]]


class Waiting:
    """What is put in or opened while a batch is read is stored with that batch."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._held: Lately[str, tuple[str, Body]] = Lately(MOST)
        self._new: dict[str, tuple[str, Body]] = {}
        self._opened: list[str] = []

    async def load(self) -> None:
        """Those that a former run, or a batch before this one, has stored."""
        self._new.clear()
        self._opened.clear()
        async with self._store.read() as uow:
            known = await uow.unread.latest(MOST)
        for each in known:
            self._held.put(each.id, (each.room, mapping(json.loads(each.body))))

    def put(self, event_id: str, room: str, raw: Body) -> None:
        """Its key has not come."""
        self._held.put(event_id, (room, raw))
        self._new[event_id] = (room, raw)

    def opened(self, event_id: str) -> None:
        """Its key has come."""
        self._opened.append(event_id)

    def values(self) -> tuple[tuple[str, Body], ...]:
        """The room and the event of each, the oldest first."""
        return self._held.values()

    def change(self) -> Change | None:
        """What is to be stored with the batch; None for nothing."""
        if not self._new and not self._opened:
            return None
        # Escaped, since what came may hold characters that no database takes.
        kept = [
            (event_id, room, body)
            for event_id, (room, raw) in self._new.items()
            if len(body := json.dumps(raw, separators=(",", ":"))) <= LONGEST
        ]
        opened = tuple(self._opened)

        async def store(uow: UnitOfWork) -> None:
            await uow.unread.keep(kept, self._now())
            await uow.unread.forget(opened)

        return store

    def taken(self) -> None:
        """The batch is stored."""
        for event_id in self._opened:
            self._held.pop(event_id)
        self._opened.clear()
        self._new.clear()
