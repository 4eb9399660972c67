"""Which rows one call carries, stored before it is made and noted after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from bot.delivery.albums import MOST_FILES, fitting, gathered as gathered_files, whole
from bot.delivery.joining import (
    ALBUM,
    MOST_LINES,
    PATIENCE_SECONDS,
    Call,
    Join,
    Relined,
    alone,
    as_one,
    gathered,
    relined,
)
from bot.delivery.priority import Priority
from bot.delivery.quota import Quota
from bot.delivery.settler import Settler
from bot.transports.base import Albums, Joins, Transport
from storage import Store, StoreUnavailable, UnitOfWork
from storage.tables import OutboxRow

log = structlog.get_logger(__name__)


class Lines:
    """One room's rows as calls: alone, or joined where its quota would make them wait."""

    def __init__(
        self,
        transport: Transport,
        quota: Quota,
        store: Store,
        settler: Settler,
        now: Callable[[], datetime],
    ) -> None:
        self._join: Join | None = transport.join if isinstance(transport, Joins) else None
        self._quota = quota
        self._store = store
        self._settler = settler
        self._now = now
        self._albums: Albums | None = transport if isinstance(transport, Albums) else None
        self._apart: set[int] = set()

    async def claim(self, row: OutboxRow, monotonic: float) -> Call | None:
        """Store that the row is tried now, and with which others as one message; None if it was
        changed or taken back since it was read.

        Nothing is folded into a row that is stored as tried.
        """
        join, now = self._join, self._now()
        reserve = Priority(row.priority).reserve
        may_join = row.action == "send" and self._is_pressed(MOST_LINES, monotonic, reserve)
        limit = MOST_LINES if join is not None and may_join else 1
        if self._albums is not None and ALBUM in row.payload:
            limit = max(limit, MOST_FILES)
        made: list[Call] = []

        async def claim(uow: UnitOfWork) -> None:
            made.clear()
            found = await uow.outbox.behind(row, limit)
            if not found or (found[0].id, found[0].state) != (row.id, row.state):
                return
            call = self._album(found, monotonic, reserve) or alone(found[0])
            if not call.album and join is not None and may_join:
                lines = gathered(found, join, now, frozenset(self._apart))
                if self._is_pressed(len(lines), monotonic, reserve):
                    call = as_one(lines, join) or call
            for each in call.rows:
                await _mark_tried(uow, each, each.attempts + 1, now, call)
            made.append(call)

        await self._settler.settle(claim)
        if made and made[0].album:
            self._quota.take_more(monotonic, len(made[0].rows) - 1)
        return made[0] if made else None

    def _album(self, found: Sequence[OutboxRow], monotonic: float, reserve: float) -> Call | None:
        if self._albums is None or ALBUM not in found[0].payload:
            return None
        rows = gathered_files(found, self._albums, self._now(), frozenset(self._apart))
        count = fitting(len(rows), self._quota, monotonic, reserve)
        return whole(rows[:count]) if count > 1 else None

    async def repeat(self, row: OutboxRow, call: Call, mark: str | None) -> None:
        """Store that a call is tried again, with a mark that says so if there is one."""
        attempts, now = row.attempts + 1, self._now()
        if call.album:
            self._quota.take_more(time.monotonic(), len(call.rows) - 1)
        # Joined lines may be sent one by one after all; the files of an album say it once.
        marked = [each for each in call.rows if each.id == row.id or not call.album]
        if mark is not None:
            for each in (row, *marked):
                each.payload = {**each.payload, "mark": mark}

        async def claim(uow: UnitOfWork) -> None:
            for each in call.rows:
                await _mark_tried(uow, each, attempts, now, call)
            for each in marked:
                assert each.id is not None
                await uow.outbox.mark(each.id, payload=each.payload)

        await self._settler.settle(claim)

    async def recalled(self, row: OutboxRow) -> Call:
        """The call by which the row was, perhaps, sent."""
        if row.id is not None and row.joined == row.id and ALBUM in row.payload:
            async with self._store.read() as uow:
                return whole(await uow.outbox.joined(row.id))
        if row.id is not None and row.joined == row.id and self._join is not None:
            async with self._store.read() as uow:
                rows = await uow.outbox.joined(row.id)
            return as_one(rows, self._join) or alone(row)
        return alone(row)

    async def relined(self, row: OutboxRow, target: str | None) -> Relined | None:
        """What the joined message `target` reads by the row's edit or deletion; None if it is
        no joined message."""
        if self._join is None or target is None:
            return None
        async with self._store.read() as uow:
            return relined(await uow.messages.joined(row.room, target), row, self._join)

    def part(self, call: Call) -> bool:
        """Send the rows of a joined message one by one from now on; False if it is none."""
        if call.joined is not None:
            self._apart.update(row.id for row in call.rows if row.id is not None)
        return call.joined is not None

    def _is_pressed(self, lines: int, monotonic: float, reserve: float) -> bool:
        """Whether so many lines, sent one by one, would wait for the quota."""
        return self._quota.backlog(monotonic, lines - 1, reserve) > PATIENCE_SECONDS


async def _mark_tried(
    uow: UnitOfWork, row: OutboxRow, attempts: int, now: datetime, call: Call
) -> None:
    assert row.id is not None
    await uow.outbox.mark(
        row.id, state="sending", attempts=attempts, tried_at=now, joined=call.joined
    )


async def note_sent(uow: UnitOfWork, call: Call, room: str, remote: str | tuple[str, ...]) -> None:
    """Map each line of a message that arrived, or each message of an album."""
    remotes = remote if isinstance(remote, tuple) else (remote,) * len(call.rows)
    for number, (row, shown) in enumerate(zip(call.rows, remotes, strict=True)):
        if row.message_id is None:
            continue
        is_line = call.joined is not None and not call.album
        slot, line = (number, row.payload) if is_line else (0, None)
        try:
            async with uow.statement():
                await uow.messages.arrived(
                    row.message_id, room, row.part, shown, slot=slot, line=line
                )
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("a remote id cannot be kept", row=row.id, remote=shown)


async def note_relined(uow: UnitOfWork, row: OutboxRow, relined: Relined) -> None:
    """Map what a joined message shows after the row's edit or deletion.

    A line that does not fit any more becomes a message of its own, below the one that it was in.
    """
    assert row.message_id is not None
    assert row.id is not None
    stays = row.action == "edit" and relined.beside is None
    await uow.messages.arrived(
        row.message_id,
        row.room,
        row.part,
        relined.remote if stays else None,
        slot=relined.slot if stays else 0,
        line=row.payload if stays else None,
    )
    if relined.beside is not None:
        await uow.outbox.mark(
            row.id, state="queued", action="send", reply_to=relined.beside, attempts=0, error=None
        )
