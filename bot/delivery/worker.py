"""All lanes: a room with something to be sent has one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta

import structlog

from bot.delivery.files import Files
from bot.delivery.lane import Alive, Calling, Lane, Means
from bot.delivery.outcomes import Announcer
from bot.delivery.priority import Priority
from bot.delivery.quota import Quota, Shared, Sliding, Window
from bot.delivery.settler import GATHER_SECONDS, Settler
from bot.transports.base import Transport
from storage import Store, StoreUnavailable
from storage.tables import OutboxRow

log = structlog.get_logger(__name__)

RESTART_SECONDS = 1.0

STOP_SECONDS = 5.0
"""How long calls under way may take when the process is to end."""

OUTCOME_SECONDS = 2.0
"""How long the writing of their outcomes may take after that."""

CATCH_UP_SECONDS = 1.0
"""How long an answer to an unknown message may wait for the calls that could make it known."""

LONGEST_WINDOW = timedelta(minutes=5)
"""How far back sent messages are counted when a lane's quota is set up."""


class Delivery:
    """Starts a lane for each room that is woken; lanes never wait for one another."""

    def __init__(
        self,
        store: Store,
        transports: Mapping[str, Transport],
        announcer: Announcer,
        now: Callable[[], datetime],
        calling: Calling = nullcontext,
        *,
        gather_seconds: float = GATHER_SECONDS,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`gather_seconds`: how long an outcome that nobody waits for lets others join it;
        `steady`: seconds on a clock that nobody sets."""
        self._store = store
        self._transports = transports
        self.settler = Settler(store, gather_seconds)
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._quotas: dict[str, tuple[Sliding, ...]] = {}
        self._together = {
            name: Shared(Window(*transport.limits.together))
            for name, transport in transports.items()
            if transport.limits.together
        }
        self._now = now
        self._means = Means(
            store=store,
            settler=self.settler,
            announcer=announcer,
            open_media=Files(transports).open,
            now=now,
            alive={name: Alive() for name in transports},
            follow=self._follow,
            calling=calling,
            halts={},
            stopping=asyncio.Event(),
            steady=steady,
        )

    async def run(self) -> None:
        """Send what a former run has left, then whatever is woken, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.settler.run())
            while True:
                try:
                    async with self._store.read() as uow:
                        rooms = await uow.outbox.open_rooms()
                    break
                except StoreUnavailable as error:
                    log.warning("the outbox cannot be read, trying again", error=str(error))
                    await asyncio.sleep(RESTART_SECONDS)
            self.wake(rooms)

    def wake(self, rooms: Iterable[str], fresh: Sequence[OutboxRow] = ()) -> None:
        """There is something new to be sent to these rooms.

        `fresh` are rows just committed, which a lane that has nothing else need not read again.
        """
        for room in rooms:
            mine = sorted(
                (row for row in fresh if row.room == room), key=lambda row: (row.priority, row.id)
            )
            if (lane := self._lanes.get(room)) is not None:
                lane.more(mine)
            elif room in self._tasks or self._means.stopping.is_set():
                continue
            elif room.partition(":")[0] in self._transports:
                self._begin(room, mine)

    def reached(self, network: str) -> None:
        """The network answers again after an outage: what waits for no more than that goes now."""
        for room, lane in self._lanes.items():
            if room.partition(":")[0] == network:
                lane.reached()

    def is_free(self, room: str, priority: Priority) -> bool:
        """Whether a call to the room, queued now, would be made at once."""
        if room in self._lanes or room in self._tasks or self._means.stopping.is_set():
            return False
        quota, halts = self._known_quota(room), self._means.halts
        if quota is None or room not in halts:
            return False
        halt = halts[room]
        return (halt is None or halt.left(self._now(), self._means.steady()) <= 0.0) and (
            quota.wait(time.monotonic(), priority.reserve) <= 0.0
        )

    def _begin(self, room: str, fresh: Sequence[OutboxRow]) -> None:
        quota = self._known_quota(room)
        if fresh and quota is not None and room in self._means.halts:
            transport = self._transports[room.partition(":")[0]]
            self._lanes[room] = Lane(room, transport, quota, self._means, fresh)
        self._tasks[room] = asyncio.create_task(self._run_lane(room), name=f"lane {room}")

    def _known_quota(self, room: str) -> Quota | None:
        own = self._quotas.get(room.partition("/")[0])
        return None if own is None else Quota(own, self._together.get(room.partition(":")[0]))

    async def caught_up(self, room: str) -> None:
        """Wait until a call under way to the room is made and noted, `CATCH_UP_SECONDS` at most."""
        if (lane := self._lanes.get(room)) is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await lane.between.wait()
                await self.settler.settled()

    async def stop(self) -> None:
        """Let calls under way end and their outcomes be written; start nothing new.

        Once: a second call returns at once.
        """
        if self._means.stopping.is_set():
            return
        self._means.stopping.set()
        for lane in self._lanes.values():
            lane.poked.set()
        if tasks := tuple(self._tasks.values()):
            _done, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            async with asyncio.timeout(OUTCOME_SECONDS):
                await self.settler.settled()
        except TimeoutError:
            log.warning("outcomes not written at the end; the next start resolves them")

    async def _run_lane(self, room: str) -> None:
        transport = self._transports[room.partition(":")[0]]
        try:
            while True:
                try:
                    lane = self._lanes.get(room)
                    if lane is None:
                        quota = await self._quota(room, transport)
                        lane = self._lanes[room] = Lane(room, transport, quota, self._means)
                    await lane.run()
                    return
                except StoreUnavailable as error:
                    log.warning("lane stopped, starting again", room=room, error=str(error))
                except Exception:
                    log.exception("lane stopped, starting again", room=room)
                await asyncio.sleep(RESTART_SECONDS)
        finally:
            poked = (ended := self._lanes.pop(room, None)) is not None and ended.poked.is_set()
            self._tasks.pop(room, None)
            if poked:
                self.wake([room])

    async def _quota(self, room: str, transport: Transport) -> Quota:
        """Windows are shared by the topics of a room and know what was sent before a restart."""
        whole, limits = room.partition("/")[0], transport.limits
        if (own := self._quotas.get(whole)) is None:
            windows = [Window(*each) for each in limits.each]
            if limits.group:
                async with self._store.read() as uow:
                    known = await uow.rooms.get(room)
                if known is None or not known.private:
                    windows += [Window(*each) for each in limits.group]
            past: list[float] = []
            if windows:
                now, monotonic = self._now(), time.monotonic()
                async with self._store.read() as uow:
                    sent = await uow.outbox.sent_since(whole, now - LONGEST_WINDOW)
                past = [monotonic - max(0.0, (now - at).total_seconds()) for at in sent]
            # Another topic's lane may have been faster.
            made = tuple(Sliding(window, past) for window in windows)
            own = self._quotas.setdefault(whole, made)
        together = self._together.get(transport.network)
        return Quota(own, together)

    async def _follow(self, old: str, new: str) -> None:
        async with self._store.write() as uow:
            await uow.rooms.rekey(old, new)
        self.wake([new])
