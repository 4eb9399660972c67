"""What became of a call, as changes to be written."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import structlog

from bot.delivery.decoration import optional
from bot.delivery.joining import Call, Relined
from bot.delivery.lines import note_relined, note_sent
from bot.delivery.settler import Change
from bot.transports.base import SendFault
from storage import StoreUnavailable, UnitOfWork
from storage.tables import OutboxRow

log = structlog.get_logger(__name__)


class Announcer(Protocol):
    """Tells people what became of their messages."""

    async def dead(self, uow: UnitOfWork, rows: list[OutboxRow]) -> None:
        """These calls were given up; they are marked so already, with the error."""

    async def thread_gone(self, uow: UnitOfWork, room: str, thread_id: int) -> None:
        """A room's place for a thread was closed or deleted; its words go to the main place."""

    async def topic_gone(self, uow: UnitOfWork, room: str) -> None:
        """The room, a topic, was closed or deleted; what is for it goes to the main place."""

    async def repeat_line(self, uow: UnitOfWork, room: str) -> str:
        """What stands above a message that may be there already, in the room's language."""


def arrived(
    row: OutboxRow,
    call: Call,
    remote: str | tuple[str, ...] | None,
    relined: Relined | None,
    sent: datetime,
) -> Change:
    """The call was made; `remote` is what it shows, `relined` what a joined message reads now."""
    attempts, tried = row.attempts, row.tried_at
    ids = [each.id for each in call.rows if each.id is not None]

    async def settle(uow: UnitOfWork) -> None:
        for row_id in ids:
            await uow.outbox.mark(
                row_id,
                state="sent",
                sent_at=sent,
                attempts=attempts,
                tried_at=tried,
                error=None,
                # The files of an album count each by itself.
                **({"joined": None} if call.album else {}),
            )
        if remote is not None:
            await note_sent(uow, call, row.room, remote)
        if relined is not None:
            await note_relined(uow, row, relined)

    return settle


def put_back(
    row: OutboxRow,
    call: Call,
    state: str,
    *,
    not_before: datetime | None,
    error: str | None,
    halts: bool,
) -> Change:
    """The call is to be made again, not before that moment; with `halts` no other of the room."""
    attempts, tried = row.attempts, row.tried_at

    async def settle(uow: UnitOfWork) -> None:
        for each in call.rows:
            assert each.id is not None
            await uow.outbox.mark(
                each.id,
                state=state,
                joined=call.joined if state == "sending" else None,
                attempts=attempts,
                tried_at=tried,
                not_before=not_before,
                error=error,
            )
        if halts and (known := await uow.rooms.get(row.room)) is not None:
            known.halted_until = not_before

    return settle


def given_up(
    row: OutboxRow, call: Call, fault: SendFault, announcer: Announcer, *, whole_room: bool
) -> Change:
    """The call is not made again, with `whole_room` none that waits behind it; people are told."""
    ids, room = [each.id for each in call.rows if each.id is not None], row.room

    async def settle(uow: UnitOfWork) -> None:
        rows = list(await uow.outbox.next(room, 10_000)) if whole_room else []
        others = {each.id for each in rows}
        mine = [await uow.outbox.get(each) for each in ids if each not in others]
        rows[:0] = [each for each in mine if each is not None]
        for each in rows:
            each.state = "dropped" if optional(each) else "dead"
            each.error = described(fault)
        known = await uow.rooms.get(room) if whole_room else None
        if known is not None and known.lost is None:
            known.lost = {"told": {}}
        try:
            async with uow.savepoint():
                await announcer.dead(uow, rows)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("nobody could be told of dead letters", row=ids[:1], room=room)

    return settle


def described(fault: SendFault) -> str:
    """As it is stored; `workflows.delivery.reason` puts its kind into words."""
    return f"{type(fault).__name__}: {fault.reason}"[:500]
