"""A transport against its real server, a person on the other side, and what it has brought."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from bot.catalogues import Catalogues
from bot.richtext import Html
from bot.transports.base import (
    Author,
    Batch,
    Inbound,
    Media,
    Network,
    Outgoing,
    Payload,
    RoomWish,
    Sending,
    Transport,
    Wiring,
    networks,
)
from storage import Store
from tests.acceptance.places import Place
from tests.world import World

E = TypeVar("E")
AUTHOR = Author("Li", "FD", "elsewhere", "elsewhere:1")


def network(name: str) -> Network:
    """The network of that name, as the process finds it."""
    return next(each for each in networks() if each.name == name)


@dataclass
class Rig:
    """One account of one network; `place` is where its person sits."""

    name: str
    world: World
    store: Store
    data: Path
    section: Callable[[], BaseModel]
    room: str
    place: Place = field(init=False)
    transport: Transport = field(init=False)
    taken: list[Inbound] = field(default_factory=list)
    offered: list[tuple[str, ...]] = field(default_factory=list)
    refusing: int = 0
    cursor: str | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _number: int = 0
    _listening: asyncio.Task[None] | None = None

    def build(self, section: BaseModel | None = None) -> Transport:
        """A new instance, not started."""
        wiring = Wiring(
            section=section or self.section(),
            rooms=(RoomWish(self.room, "en"),),
            admins=(f"matrix:{self.world.anna.user_id}",),
            store=self.store,
            catalogues=Catalogues.load(),
            now=lambda: datetime.now(UTC),
            data=self.data,
        )
        return network(self.name).build(wiring)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Transport]:
        """A new instance that listens from the stored cursor, begun again when it fails."""
        self.transport = self.build()
        await self.transport.start()
        self._listening = asyncio.create_task(self._listen(self.transport))
        try:
            yield self.transport
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End the instance that runs now; safe to call twice."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        await self.transport.aclose()

    async def _listen(self, transport: Transport) -> None:
        while True:
            with suppress(OSError):
                await transport.listen(self.cursor, self.take)
            await asyncio.sleep(0.01)

    async def take(self, batch: Batch) -> None:
        """Commit as the dispatcher does; refuse as a full disk does while `refusing`."""
        keys = tuple(inbound.key for inbound in batch.inbounds)
        if keys:
            self.offered.append(keys)
        if self.refusing and keys:
            self.refusing -= 1
            raise OSError("the disk is full")
        async with self.store.write() as uow:
            if batch.alongside is not None:
                await batch.alongside(uow)
        self.cursor = batch.cursor or self.cursor
        async with self._changed:
            self.taken += batch.inbounds
            self._changed.notify_all()

    async def hear(self, wanted: Callable[[Inbound], bool], seconds: float = 15) -> Inbound:
        """The first thing taken, now or later, for which `wanted` holds."""
        found: list[Inbound] = []

        def look() -> bool:
            found[:] = filter(wanted, self.taken)
            return bool(found)

        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(look)
        except TimeoutError:
            raise AssertionError(f"not heard; there was: {self.taken[-8:]}") from None
        return found[0]

    async def hear_event(self, kind: type[E], remote: str | None = None) -> E:
        """The event of the first thing of that kind, of that remote id if given."""
        inbound = await self.hear(
            lambda each: isinstance(each.event, kind) and remote in (None, each.remote)
        )
        assert isinstance(inbound.event, kind)
        return inbound.event

    def row(
        self,
        payload: Payload,
        *,
        room: str | None = None,
        txn: str | None = None,
        reply_to: str | None = None,
        target: str | None = None,
        data: bytes = b"",
    ) -> Sending:
        """An outbox row."""
        self._number += 1

        async def opened(_media: Media) -> AsyncIterator[bytes]:
            for start in range(0, len(data), 700):
                yield data[start : start + 700]

        return Sending(
            room or self.room,
            payload,
            txn or f"lz{self.name}{self._number}",
            reply_to=reply_to,
            target=target,
            open_media=opened,
        )

    async def post(self, outgoing: Outgoing, *, data: bytes = b"") -> list[str]:
        """Compose and send; the remote ids."""
        return [
            await self.transport.send(self.row(payload, data=data))
            for payload in self.transport.compose(outgoing)
        ]

    async def say(self, html: str, *, reply_to: str | None = None, txn: str | None = None) -> str:
        """Send a relayed message of one part; its remote id."""
        (payload,) = self.transport.compose(Outgoing(Html(html), "en", AUTHOR))
        return await self.transport.send(self.row(payload, reply_to=reply_to, txn=txn))
