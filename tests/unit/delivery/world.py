"""Everything between a fetched batch and a network, with a settable time and no waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.announcing import Announcing
from bot.catalogues import Catalogues
from bot.delivery.priority import Priority
from bot.delivery.worker import Delivery
from bot.post import Post
from bot.richtext import from_plain
from bot.speech import Speech
from storage import Store, UnitOfWork
from storage.tables import OutboxRow, Room
from tests.unit.delivery.loopback import Loopback

catalogues = cache(Catalogues.load)
"""Read once: they never change while tests run."""

START = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Watch:
    """Wakes whoever waits for something to be so each time that something has happened."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def note(self) -> None:
        """Something has happened."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(
        self, holds: Callable[[], Awaitable[bool] | bool], meanwhile: Callable[[], None]
    ) -> None:
        """Wait until `holds`; call `meanwhile` after each thing that happens before."""
        async with asyncio.timeout(20):
            while True:
                event = self._event
                found = holds()
                if found is True or (not isinstance(found, bool) and await found):
                    return
                await event.wait()
                meanwhile()


@dataclass
class World:
    """A store, one loopback network and the delivery between them."""

    store: Store
    net: Loopback
    speech: Speech
    watch: Watch
    moment: datetime = START
    set_by: timedelta = timedelta()
    """How far somebody has set the clock; that passes no time."""
    commits: int = 0
    post: Post = field(init=False)
    delivery: Delivery = field(init=False)
    _running: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        transports = {self.net.network: self.net}
        self.post = Post(
            transports,
            self.speech,
            lambda: self.moment + self.set_by,
            lambda rooms, rows: self.delivery.wake(rooms, rows),
            lambda room, priority: self.delivery.is_free(room, priority),
        )
        self.delivery = self.new_delivery()

    def new_delivery(self) -> Delivery:
        """A delivery over the same rows, as after a restart."""
        return Delivery(
            self.store,
            {self.net.network: self.net},
            Announcing(self.post),
            lambda: self.moment + self.set_by,
            gather_seconds=0.0,
            steady=lambda: time.monotonic() + (self.moment - START).total_seconds(),
        )

    def start(self) -> None:
        """Begin to deliver."""
        self._running = asyncio.create_task(self.delivery.run())

    async def stop(self) -> None:
        """End as the process does."""
        if self._running is not None:
            await self.delivery.stop()
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None

    async def crash(self) -> None:
        """End as SIGKILL does: nothing is waited for, nothing more is written."""
        tasks = [*self.delivery._tasks.values()]
        if self._running is not None:
            tasks.append(self._running)
        self._running = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.delivery = self.new_delivery()

    async def rooms(self, *rooms: str, language: str = "en") -> None:
        """Rooms that are known."""
        async with self.store.write() as uow:
            for room in rooms:
                await uow.rooms.see(room, self.moment, title=room, private=False, language=language)

    async def say(
        self,
        room: str,
        *texts: str,
        origin: str = "loopback:origin",
        priority: Priority = Priority.TALK,
    ) -> list[int]:
        """Queue somebody's words for the room; the messages' ids."""
        made = []
        async with self.store.write() as uow:
            for text in texts:
                made.append(await self.message(uow, origin, text))
                message = await uow.messages.get(made[-1])
                assert message is not None
                await self.post.relay(uow, message, [room])
                for row in await uow.outbox.of_message(made[-1]):
                    if row.id is not None and priority != Priority.TALK:
                        await uow.outbox.mark(row.id, priority=int(priority))
        return made

    async def message(self, uow: UnitOfWork, room: str, text: str) -> int:
        """Somebody's words in a room, queued for nobody."""
        return await uow.messages.add(
            room=room,
            content={"html": from_plain(text)},
            at=self.moment,
            taken_at=self.moment,
            account=f"{room}-writer",
            author="Li",
        )

    async def until(
        self, holds: Callable[[], Awaitable[bool] | bool], *, time_passes: bool = True
    ) -> None:
        """Wait until `holds`. Whenever something happens, the clock goes on by an hour."""

        def on() -> None:
            if time_passes:
                self.moment += timedelta(hours=1)
                self.delivery.wake(tuple(self.delivery._tasks))

        await self.watch.until(holds, on)

    async def idle(self, *, time_passes: bool = True) -> None:
        """Wait until nothing is left to be sent."""

        async def quiet() -> bool:
            async with self.store.read() as uow:
                return not await uow.outbox.open_rooms()

        await self.until(quiet, time_passes=time_passes)

    async def rows(self, room: str | None = None) -> Sequence[OutboxRow]:
        """Every outbox row, of the room or of all."""
        async with self.store.read() as uow:
            found = select(OutboxRow).order_by(col(OutboxRow.id))
            if room is not None:
                found = found.where(OutboxRow.room == room)
            return (await uow.outbox.session.exec(found)).all()

    async def states(self, room: str | None = None) -> list[str]:
        """The states of those rows."""
        return [row.state for row in await self.rows(room)]

    async def room(self, room: str) -> Room | None:
        """The room as it is stored."""
        async with self.store.read() as uow:
            return await uow.rooms.get(room)


@asynccontextmanager
async def opened(
    url: str, make: type[Loopback] = Loopback, **loopback: Any
) -> AsyncIterator[World]:
    """A world over the store at `url`; `loopback` are fields of the network."""
    store = await Store.open(url)
    watch = Watch()
    net = make(noticed=watch.note, **loopback)
    world = World(store, net, Speech(catalogues(), SHANGHAI), watch)
    write = store.write

    @asynccontextmanager
    async def watched() -> AsyncIterator[UnitOfWork]:
        async with write() as uow:
            yield uow
        world.commits += 1
        watch.note()

    vars(store)["write"] = watched
    try:
        yield world
    finally:
        await world.stop()
        await store.close()
