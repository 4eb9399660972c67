"""One room's calls, in order, one at a time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, cast

import structlog

from bot.delivery.quota import Quota
from bot.delivery.retry import PATIENCE, Again, Done, Follow, GiveUp, decide
from bot.delivery.settler import Settler
from bot.richtext import safe_text
from bot.transports.base import (
    AnswerLost,
    OpenMedia,
    RateLimited,
    SendFault,
    Sending,
    Transport,
    Unreachable,
)
from storage import Store, StoreUnavailable, UnitOfWork
from storage.tables import OutboxRow

log = structlog.get_logger(__name__)

AHEAD = 20
"""Rows read at a time."""

UNSETTLED = 100
"""Outcomes that may wait for their commit before the lane waits too."""

CALL_SECONDS = 120.0
"""A call that takes longer has lost its answer; uploads of large files fit."""


Calling = Callable[[], AbstractAsyncContextManager[None]]
"""What each call to a network is made in: it may wait, and may raise a `SendFault`."""


class Announcer(Protocol):
    """Tells people what became of their messages."""

    async def dead(self, uow: UnitOfWork, rows: list[OutboxRow]) -> None:
        """These calls were given up; they are marked so already, with the error."""

    async def repeat_line(self, uow: UnitOfWork, room: str) -> str:
        """What stands above a message that may be there already, in the room's language."""


@dataclass
class Alive:
    """When a network last took a call, in monotonic seconds."""

    at: float = field(default_factory=lambda: float("-inf"))


@dataclass(frozen=True)
class Means:
    """What a lane works with, shared by all lanes."""

    store: Store
    settler: Settler
    announcer: Announcer
    open_media: OpenMedia
    now: Callable[[], datetime]
    alive: Mapping[str, Alive]
    follow: Callable[[str, str], Awaitable[None]]
    """Re-key a room (old, new) and carry on in the new lane."""
    calling: Calling
    stopping: asyncio.Event
    """Once set, lanes end after the call that they are making."""


class Lane:
    """Runs until the room has nothing left to be sent."""

    def __init__(self, room: str, transport: Transport, quota: Quota, means: Means) -> None:
        self.room = room
        self.poked = asyncio.Event()
        self._transport = transport
        self._quota = quota
        self._means = means
        self._unsettled: dict[int, asyncio.Future[None]] = {}
        self._unwritten: set[int] = set()
        self._arrived: dict[tuple[int, int], str] = {}
        self._first_try: dict[int, float] = {}
        self._halted_until: datetime | None = None

    async def run(self) -> None:
        """Empty the lane; returns when nothing is left and nobody has poked meanwhile."""
        known = False
        while True:
            self.poked.clear()
            async with self._means.store.read() as uow:
                but = (*self._unsettled, *self._unwritten)
                rows = await uow.outbox.next(self.room, AHEAD, but=but)
                if not known:
                    room = await uow.rooms.get(self.room)
                    self._halted_until, known = room.halted_until if room else None, True
            for row in rows:
                if self._means.stopping.is_set() or not await self._ready(row):
                    break
                if not await self._carry(row) or self.poked.is_set():
                    break
            if self._means.stopping.is_set():
                return
            if not rows and not self.poked.is_set():
                if not self._unsettled:
                    return
                await asyncio.wait(self._unsettled.values())
                self._forget_settled()

    async def _ready(self, row: OutboxRow) -> bool:
        """Wait for the row's turn; False if a poke came first and the order may have changed.

        The turn is taken at once: other lanes share the windows.
        """
        while True:
            now, monotonic = self._means.now(), time.monotonic()
            waits = [self._quota.wait(monotonic)]
            waits += [
                (moment - now).total_seconds()
                for moment in (row.not_before, self._halted_until)
                if moment is not None
            ]
            if (wait := max(waits)) <= 0:
                self._quota.take(monotonic)
                return True
            try:
                await asyncio.wait_for(self.poked.wait(), min(wait, 30.0))
            except TimeoutError:
                continue
            return False

    async def _carry(self, row: OutboxRow) -> bool:
        """Make one call and hand its outcome over; False if the rows must be read again."""
        assert row.id is not None
        payload = row.payload
        self._first_try.setdefault(row.id, time.monotonic())
        if not self._transport.idempotent and row.action == "send":
            if row.state == "sending":
                try:
                    known = await self._resolve(row)
                except SendFault as fault:
                    row.attempts += 1
                    return await self._failed(row, fault, unresolved=True)
                if isinstance(known, str):
                    await self._sent(row, known)
                    return True
                if known and "mark" not in payload:
                    async with self._means.store.read() as uow:
                        line = await self._means.announcer.repeat_line(uow, self.room)
                    payload = {**payload, "mark": line}
            tried = self._means.now()
            attempts, row_id = row.attempts + 1, row.id

            async def mark(uow: UnitOfWork) -> None:
                await uow.outbox.mark(
                    row_id, state="sending", attempts=attempts, tried_at=tried, payload=payload
                )

            await self._means.settler.settle(mark)
        row.payload = payload
        row.attempts += 1
        row.tried_at = self._means.now()
        try:
            async with self._means.calling(), asyncio.timeout(CALL_SECONDS):
                remote = await self._call(row)
        except SendFault as fault:
            return await self._failed(row, fault)
        except TimeoutError:
            return await self._failed(row, AnswerLost("no answer in time"))
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("a call failed in a way nobody foresaw", row=row.id, room=self.room)
            return await self._failed(row, SendFault(type(error).__name__))
        self._means.alive[self._transport.network].at = time.monotonic()
        await self._sent(row, remote)
        return True

    async def _resolve(self, row: OutboxRow) -> str | bool:
        """`find_sent`; raises the faults after which asking again may tell more."""
        async with self._means.store.read() as uow:
            known = await uow.messages.latest_remotes(self.room)
        try:
            async with self._means.calling(), asyncio.timeout(CALL_SECONDS):
                return await self._transport.find_sent(await self._sending(row), known)
        except (Unreachable, RateLimited):
            raise
        except AnswerLost:
            if row.attempts < PATIENCE:
                raise
        except StoreUnavailable:
            raise
        except Exception as error:
            log.warning("a lost answer cannot be looked for", row=row.id, error=repr(error)[:300])
        return True

    async def _call(self, row: OutboxRow) -> str | None:
        sending = await self._sending(row)
        match row.action:
            case "send":
                return await self._transport.send(sending)
            case "edit" | "delete" if sending.target is None:
                return None
            case "edit":
                await self._transport.edit(sending)
            case "delete":
                await self._transport.delete(sending)
        return None

    async def _sending(self, row: OutboxRow) -> Sending:
        reply_to = target = None
        if row.reply_to is not None:
            reply_to = await self._remote(row.reply_to, 0)
        if row.action != "send" and row.message_id is not None:
            target = await self._remote(row.message_id, row.part)
        mark = row.payload.get("mark")
        return Sending(
            room=self.room,
            payload={key: value for key, value in row.payload.items() if key != "mark"},
            txn=row.txn,
            reply_to=reply_to,
            target=target,
            open_media=self._means.open_media,
            mark=mark if isinstance(mark, str) else None,
        )

    async def _remote(self, message_id: int, part: int) -> str | None:
        if (remote := self._arrived.get((message_id, part))) is not None:
            return remote
        async with self._means.store.read() as uow:
            return await uow.messages.remote(message_id, self.room, part)

    async def _sent(self, row: OutboxRow, remote: str | None) -> None:
        assert row.id is not None
        row_id, message_id, room, part = row.id, row.message_id, self.room, row.part
        sent, attempts, tried = self._means.now(), row.attempts, row.tried_at
        self._first_try.pop(row_id, None)
        if remote is not None and message_id is not None:
            self._arrived[message_id, part] = remote

        async def settle(uow: UnitOfWork) -> None:
            await uow.outbox.mark(
                row_id, state="sent", sent_at=sent, attempts=attempts, tried_at=tried, error=None
            )
            if remote is not None and message_id is not None:
                try:
                    async with uow.savepoint():
                        await uow.messages.arrived(message_id, room, part, remote)
                except StoreUnavailable:
                    raise
                except Exception:
                    log.exception("a remote id cannot be kept", row=row_id, remote=remote)

        self._unsettled[row_id] = self._means.settler.settle(settle)
        if len(self._unsettled) >= UNSETTLED:
            await asyncio.wait(self._unsettled.values(), return_when=asyncio.FIRST_COMPLETED)
        self._forget_settled()

    def _forget_settled(self) -> None:
        done = [row_id for row_id, future in self._unsettled.items() if future.done()]
        for row_id in done:
            # A call that was made is not made again only since that cannot be noted.
            if self._unsettled.pop(row_id).exception() is not None:
                self._unwritten.add(row_id)
        if not self._unsettled and len(self._arrived) > UNSETTLED:
            self._arrived.clear()

    async def _failed(self, row: OutboxRow, fault: SendFault, *, unresolved: bool = False) -> bool:
        assert row.id is not None
        fault.reason = safe_text(fault.reason)
        alive = self._means.alive[self._transport.network].at
        decision = decide(
            fault,
            cast(Literal["send", "edit", "delete"], row.action),
            row.attempts,
            others_pass=alive > self._first_try[row.id],
        )
        log.info(
            "call not done",
            row=row.id,
            room=self.room,
            fault=type(fault).__name__,
            reason=fault.reason[:200],
            tries=row.attempts,
            decision=type(decision).__name__,
        )
        match decision:
            case Done():
                await self._sent(row, None)
                return True
            case Again():
                await self._again(row, fault, decision, unresolved=unresolved)
            case Follow():
                await self._settle(row, state="queued")
                await self._means.follow(self.room, decision.to)
            case GiveUp():
                await self._give_up(row, fault, whole_room=decision.room)
        return False

    async def _again(
        self, row: OutboxRow, fault: SendFault, decision: Again, *, unresolved: bool
    ) -> None:
        wait = decision.wait
        if not decision.halt:
            wait *= random.uniform(0.8, 1.2)
        moment = self._means.now() + wait
        # A fault of no known kind tells nothing of what has arrived.
        lost = unresolved or isinstance(fault, AnswerLost) or type(fault) is SendFault
        kept = lost and row.action == "send" and not self._transport.idempotent
        state = "sending" if kept else "queued"
        if decision.halt:
            self._halted_until = moment
        await self._settle(
            row, state=state, not_before=moment, error=_error(fault), halt=decision.halt
        )

    async def _settle(
        self,
        row: OutboxRow,
        *,
        state: str,
        not_before: datetime | None = None,
        error: str | None = None,
        halt: bool = False,
    ) -> None:
        assert row.id is not None
        row_id, attempts, tried, room = row.id, row.attempts, row.tried_at, self.room

        async def settle(uow: UnitOfWork) -> None:
            await uow.outbox.mark(
                row_id,
                state=state,
                attempts=attempts,
                tried_at=tried,
                not_before=not_before,
                error=error,
            )
            if halt and (known := await uow.rooms.get(room)) is not None:
                known.halted_until = not_before

        await self._means.settler.settle(settle)

    async def _give_up(self, row: OutboxRow, fault: SendFault, *, whole_room: bool) -> None:
        assert row.id is not None
        row_id, room = row.id, self.room
        self._first_try.pop(row_id, None)

        async def settle(uow: UnitOfWork) -> None:
            first = await uow.outbox.get(row_id)
            rows = list(await uow.outbox.next(room, 10_000)) if whole_room else []
            if first is not None and all(each.id != row_id for each in rows):
                rows.insert(0, first)
            for each in rows:
                each.state, each.error = "dead", _error(fault)
            try:
                async with uow.savepoint():
                    await self._means.announcer.dead(uow, rows)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("nobody could be told of dead letters", row=row_id, room=room)

        await self._means.settler.settle(settle)


def _error(fault: SendFault) -> str:
    """As it is stored; `workflows.delivery.reason` puts its kind into words."""
    return f"{type(fault).__name__}: {fault.reason}"[:500]
