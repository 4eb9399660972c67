"""One room's calls, in order, one at a time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import structlog

from bot.delivery.calls import Calls
from bot.delivery.decoration import decorates, giving_way, optional
from bot.delivery.halt import Halt
from bot.delivery.joining import Call, alone
from bot.delivery.lines import Lines
from bot.delivery.outage import Outage
from bot.delivery.outcomes import Announcer, arrived, described, given_up, put_back
from bot.delivery.priority import Priority
from bot.delivery.quota import Quota
from bot.delivery.retry import PATIENCE, Action, Again, Done, Follow, GiveUp, decide
from bot.delivery.settler import Settler
from bot.delivery.threads import close, leave, said_anew
from bot.richtext import safe_text
from bot.transports.base import (
    AnswerLost,
    MediaUnavailable,
    OpenMedia,
    RateLimited,
    Rejected,
    RoomGone,
    SendFault,
    ThreadGone,
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

CLAIM_SECONDS = 0.04
"""A try is stored this long before the window of all rooms lets it go: a commit takes time."""

CALL_SECONDS = 120.0
"""A call that takes longer has lost its answer; uploads of large files fit."""


Calling = Callable[[], AbstractAsyncContextManager[None]]
"""What each call to a network is made in: it may wait, and may raise a `SendFault`."""


@dataclass
class Alive:
    """When a network last took a call, on the steady clock."""

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
    halts: dict[str, Halt | None]
    """How long each room was told to wait, as far as lanes have read or written it."""
    stopping: asyncio.Event
    """Once set, lanes end after the call that they are making."""
    steady: Callable[[], float]
    """Seconds on a clock that nobody sets."""


class Lane:
    """Runs until the room has nothing left to be sent."""

    def __init__(
        self,
        room: str,
        transport: Transport,
        quota: Quota,
        means: Means,
        fresh: Sequence[OutboxRow] = (),
    ) -> None:
        """`fresh` are rows just committed, the first that the room has: they go without being read
        again."""
        self.room = room
        self.poked = asyncio.Event()
        self.between = asyncio.Event()
        """Set while no call is under way."""
        self.between.set()
        self._transport = transport
        self._quota = quota
        self._means = means
        self._unsettled: dict[int, asyncio.Future[None]] = {}
        self._unwritten: set[int] = set()
        self._first_try: dict[int, float] = {}
        self._halt: Halt | None = None
        self._lines = Lines(transport, quota, means.store, means.settler, means.now)
        self._calls = Calls(room, transport, means.store, means.open_media, self._lines)
        self._early = 0.0 if transport.idempotent else CLAIM_SECONDS
        self._taken = 0.0
        self._made = Call((), {})
        self._outage = Outage()
        self._fresh = fresh
        self._claimed: set[int | None] = set()
        """Rows that were stored as tried when they were queued, and are not tried yet."""
        self._claim(fresh)

    def more(self, fresh: Sequence[OutboxRow]) -> None:
        """There is more to be sent; `fresh` are rows just committed."""
        self._claim(fresh)
        self.poked.set()

    def reached(self) -> None:
        """The network is reached again after an outage."""
        self._outage.ended()
        self.poked.set()

    def _claim(self, fresh: Sequence[OutboxRow]) -> None:
        self._claimed.update(row.id for row in fresh if row.state == "sending")

    async def run(self) -> None:
        """Empty the lane; returns when nothing is left and nobody has poked meanwhile."""
        halts = self._means.halts
        self._halt = halts.get(self.room)
        while True:
            rows, self._fresh = self._fresh, ()
            if not (handed := bool(rows)):
                self.poked.clear()
                async with self._means.store.read() as uow:
                    but = (*self._unsettled, *self._unwritten)
                    rows = await uow.outbox.next(self.room, AHEAD, but=but)
                    if self.room not in halts:
                        room = await uow.rooms.get(self.room)
                        until = room.halted_until if room else None
                        self._halt = halts[self.room] = Halt(until) if until else None
            for row in rows:
                if row.id in self._unsettled or row.id in self._unwritten:
                    continue  # it went with the one before
                if self._means.stopping.is_set() or not await self._ready(row):
                    break
                self.between.clear()
                try:
                    carried = await self._carry(row)
                finally:
                    self.between.set()
                if not carried or self.poked.is_set():
                    break
            else:
                # All that was read is on its way: only a poke can tell of more.
                if not handed and len(rows) < AHEAD and await self._settled_unpoked():
                    return
            if self._means.stopping.is_set():
                return

    async def _settled_unpoked(self) -> bool:
        """Wait until every outcome is written; False as soon as somebody pokes."""
        if self._unsettled and not self.poked.is_set():
            poke = asyncio.ensure_future(self.poked.wait())
            try:
                settled = asyncio.gather(*self._unsettled.values(), return_exceptions=True)
                await asyncio.wait((poke, settled), return_when=asyncio.FIRST_COMPLETED)
            finally:
                poke.cancel()
        self._forget_settled()
        return not self._unsettled and not self.poked.is_set()

    async def _ready(self, row: OutboxRow) -> bool:
        """Wait for the row's turn; False if a poke came first and the order may have changed.

        The turn is taken at once: other lanes share the windows.
        """
        shared, reserve = self._quota.shared, Priority(row.priority).reserve
        ticket: tuple[float, int] | None = None
        try:
            while True:
                now, monotonic = self._means.now(), time.monotonic()
                waits = [self._quota.wait_own(monotonic, reserve)]
                since = row.tried_at or row.made_at
                # After the clock was set back nothing waits that did so for its own sake.
                if row.not_before and now >= since and not self._outage.is_over(row.id):
                    waits.append((row.not_before - now).total_seconds())
                if self._halt is not None:
                    waits.append(self._halt.left(now, self._means.steady(), since))
                if (wait := max(waits)) <= 0 and shared is not None:
                    wait = shared.wait(monotonic, reserve) - self._early
                    if wait > 0:
                        ticket = ticket or shared.enter(reserve)
                        wait += shared.ahead(ticket)
                if wait <= 0:
                    self._taken = monotonic + self._quota.wait(monotonic, reserve)
                    self._quota.take(self._taken)
                    return True
                try:
                    async with asyncio.timeout(min(wait, 30.0)):
                        await self.poked.wait()
                except TimeoutError:
                    continue
                return False
        finally:
            if shared is not None and ticket is not None:
                shared.leave(ticket)

    async def _carry(self, row: OutboxRow) -> bool:
        """Make one call and hand its outcome over; False if the rows must be read again."""
        assert row.id is not None
        self._first_try.setdefault(row.id, self._means.steady())
        self._made, self._calls.relined = alone(row), None
        self._outage.trying()
        if not self._transport.idempotent:
            mark: str | None = None
            if row.id in self._claimed:
                self._claimed.discard(row.id)
                row.attempts = 0
            elif row.state == "sending" and row.action == "send":
                self._made = await self._lines.recalled(row)
                try:
                    resolving = self._resolve(row)
                    known = await (
                        giving_way(resolving, self.poked) if decorates(row) else resolving
                    )
                except SendFault as fault:
                    row.attempts += 1
                    return await self._failed(row, fault, unresolved=True)
                if isinstance(known, (str, tuple)):
                    await self._sent(row, known)
                    return True
                if known and "mark" not in row.payload:
                    async with self._means.store.read() as uow:
                        mark = await self._means.announcer.repeat_line(uow, self.room)
                await self._lines.repeat(row, self._made, mark)
            elif (call := await self._lines.claim(row, time.monotonic())) is not None:
                self._made = call
                row.payload = call.rows[0].payload
            else:
                self._quota.unused(self._taken)
                self._first_try.pop(row.id, None)
                return False
        if (early := self._taken - time.monotonic()) > 0:
            await asyncio.sleep(early)
        row.attempts += 1
        row.tried_at = self._means.now()
        begun = time.monotonic()
        self._quota.begun(self._taken, begun)
        try:
            async with self._means.calling(), asyncio.timeout(CALL_SECONDS):
                making = self._calls.make(row, self._made)
                remote = await (giving_way(making, self.poked) if decorates(row) else making)
        except SendFault as fault:
            return await self._failed(row, fault)
        except TimeoutError:
            return await self._failed(row, AnswerLost("no answer in time"))
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("a call failed in a way nobody foresaw", row=row.id, room=self.room)
            return await self._failed(row, SendFault(type(error).__name__))
        finally:
            self._quota.ended(begun, time.monotonic())
        self._means.alive[self._transport.network].at = self._means.steady()
        await self._sent(row, remote)
        return self._calls.relined is None or self._calls.relined.beside is None

    async def _resolve(self, row: OutboxRow) -> str | tuple[str, ...] | bool:
        """Where a call is shown whose answer was lost; raises the faults after which asking again
        may tell more."""
        try:
            async with self._means.calling(), asyncio.timeout(CALL_SECONDS):
                return await self._calls.find(row, self._made)
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

    async def _sent(self, row: OutboxRow, remote: str | tuple[str, ...] | None) -> None:
        call, relined = self._made, self._calls.relined
        ids = [each.id for each in call.rows if each.id is not None]
        # Where a repeated call is shown once, losing the note of one costs nothing.
        urgent = not self._transport.idempotent or relined is not None
        change = arrived(row, call, remote, relined, self._means.now())
        settled = self._means.settler.settle(change, urgent=urgent)
        if relined is not None and row.message_id is not None:
            self._calls.arrived.pop((row.message_id, row.part), None)
            if relined.beside is not None:
                await settled
                return
        self._unsettled.update(dict.fromkeys(ids, settled))
        for row_id in ids:
            self._first_try.pop(row_id, None)
        if remote is not None:
            shown = remote if isinstance(remote, tuple) else (remote,) * len(call.rows)
            at = (
                (each.message_id, each.part, id) for each, id in zip(call.rows, shown, strict=True)
            )
            self._calls.arrived.update({(of, part): id for of, part, id in at if of is not None})
        if len(self._unsettled) >= UNSETTLED:
            await asyncio.wait(self._unsettled.values(), return_when=asyncio.FIRST_COMPLETED)
        self._forget_settled()

    def _forget_settled(self) -> None:
        done = [row_id for row_id, future in self._unsettled.items() if future.done()]
        for row_id in done:
            # A call that was made is not made again only since that cannot be noted.
            if self._unsettled.pop(row_id).exception() is not None:
                self._unwritten.add(row_id)
        if not self._unsettled and len(self._calls.arrived) > UNSETTLED:
            self._calls.arrived.clear()

    async def _failed(self, row: OutboxRow, fault: SendFault, *, unresolved: bool = False) -> bool:
        assert row.id is not None
        fault.reason = safe_text(fault.reason)
        if isinstance(fault, ThreadGone) and await self._left_thread(row):
            return False
        alive, first = self._means.alive[self._transport.network].at, self._first_try[row.id]
        decision = decide(
            fault,
            cast(Action, row.action),
            row.attempts,
            others_pass=alive > first,
            tried_for=timedelta(seconds=self._means.steady() - first),
        )
        if optional(row) and isinstance(fault, RoomGone):
            decision = GiveUp()
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
            case GiveUp() if isinstance(fault, (Rejected, MediaUnavailable)) and self._lines.part(
                self._made
            ):
                await self._settle(row, state="queued")
            case GiveUp():
                await self._give_up(row, fault, whole_room=decision.room)
        return False

    async def _left_thread(self, row: OutboxRow) -> bool:
        """Note that the row's thread is gone, or the room if that is a topic: what is to be said
        there goes elsewhere. False if that is no news, or it is part of neither."""
        sent, now = row.action == "send", self._means.now()
        if not sent and (row.action != "edit" or optional(row)):
            return False
        again = put_back(row, self._made, "queued", not_before=None, error=None, halts=False)
        left: list[bool] = []

        async def settle(uow: UnitOfWork) -> None:
            left.clear()
            news = True
            if (thread_id := await leave(uow, row)) is not None:
                await self._means.announcer.thread_gone(uow, row.room, thread_id)
            elif self._calls.in_topic and await close(uow, row.room, now):
                await self._means.announcer.topic_gone(uow, row.room)
            else:
                news = False
            if sent and news:
                await again(uow)
            left.append(news if sent else await said_anew(uow, row, now))

        await self._means.settler.settle(settle)
        if left[0] and not sent and row.id is not None and row.message_id is not None:
            self._first_try.pop(row.id, None)
            self._calls.arrived.pop((row.message_id, row.part), None)
        return left[0]

    async def _again(
        self, row: OutboxRow, fault: SendFault, decision: Again, *, unresolved: bool
    ) -> None:
        wait = decision.wait
        self._outage.failed(self._made, fault)
        if not decision.halt:
            wait *= random.uniform(0.8, 1.2)
        moment = self._means.now() + wait
        # A fault of no known kind tells nothing of what has arrived.
        lost = unresolved or isinstance(fault, AnswerLost) or type(fault) is SendFault
        kept = lost and row.action == "send" and not self._transport.idempotent
        state = "sending" if kept else "queued"
        if decision.halt:
            ends = self._means.steady() + wait.total_seconds()
            self._halt = self._means.halts[self.room] = Halt(moment, ends)
        await self._settle(
            row, state=state, not_before=moment, error=described(fault), halt=decision.halt
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
        change = put_back(row, self._made, state, not_before=not_before, error=error, halts=halt)
        await self._means.settler.settle(change)

    async def _give_up(self, row: OutboxRow, fault: SendFault, *, whole_room: bool) -> None:
        assert row.id is not None
        self._first_try.pop(row.id, None)
        change = given_up(row, self._made, fault, self._means.announcer, whole_room=whole_room)
        await self._means.settler.settle(change)
