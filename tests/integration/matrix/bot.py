"""A bot under test: the transport with a store of its own, and what it took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bot.catalogues import Catalogues
from bot.richtext import Html
from bot.transports.base import (
    Batch,
    Inbound,
    Media,
    Outgoing,
    Payload,
    RoomWish,
    Sending,
    Wiring,
)
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.transport import MatrixTransport
from storage import Store
from tests.servers.synapse import Account, Homeserver


@dataclass
class Bot:
    """One account of one installation. Its folder outlives `running`, as a disk does."""

    account: Account
    url: str
    folder: Path
    admins: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    encryption: bool = False
    token: bool = True
    device_id: str | None = None
    gap_events: int = 1000
    cursor: str | None = None
    taken: list[Inbound] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    failing: int = 0
    """How many batches are still to be refused, as by a database that is locked."""
    listened: BaseException | None = None
    transport: MatrixTransport = field(init=False)
    _store: Store = field(init=False)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _number: int = 0

    @property
    def user_id(self) -> str:
        return self.account.user_id

    @property
    def settings(self) -> MatrixSettings:
        return MatrixSettings(
            homeserver=self.url,
            user_id=self.user_id,
            access_token=SecretStr(self.account.access_token) if self.token else None,
            password=None if self.token else SecretStr(self.account.password),
            device_id=self.device_id,
            encryption=self.encryption,
            gap_events=self.gap_events,
        )

    @asynccontextmanager
    async def made(self) -> AsyncIterator[MatrixTransport]:
        """The transport, started, not listening."""
        store = self._store = await Store.open(f"sqlite+aiosqlite:///{self.folder / 'bot.db'}")
        wiring = Wiring(
            section=self.settings,
            rooms=tuple(RoomWish(f"matrix:{room}", "en") for room in self.rooms),
            admins=tuple(f"matrix:{user}" for user in self.admins),
            store=store,
            catalogues=Catalogues({"zh": {}, "en": {}}),
            now=lambda: datetime.now(UTC),
            data=self.folder / "data",
        )
        self.transport = MatrixTransport(wiring)
        try:
            await self.transport.start()
            yield self.transport
        finally:
            await self.transport.aclose()
            await self.transport.aclose()
            await store.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[MatrixTransport]:
        """As `made`, listening from the cursor that was taken last; restarted when it fails."""
        async with self.made() as transport:
            loop = asyncio.create_task(self._supervise(transport))
            try:
                await self.until(lambda: self.cursor is not None)
                yield transport
            finally:
                loop.cancel()
                with suppress(asyncio.CancelledError):
                    await loop

    async def _supervise(self, transport: MatrixTransport) -> None:
        while True:
            try:
                await transport.listen(self.cursor, self._take)
            except Exception as error:
                async with self._changed:
                    self.listened = error
                    self._changed.notify_all()
                await asyncio.sleep(0.05)

    async def _take(self, batch: Batch) -> None:
        async with self._changed:
            self.batches.append(batch)
            self._changed.notify_all()
            if self.failing and batch.inbounds:
                self.failing -= 1
                raise OSError("the disk is full")
            if batch.alongside is not None:
                async with self._store.write() as uow:
                    await batch.alongside(uow)
            known = {inbound.key for inbound in self.taken}
            self.taken += [inbound for inbound in batch.inbounds if inbound.key not in known]
            self.cursor = batch.cursor

    async def until(self, holds: Callable[[], bool], *, timeout: float = 20) -> None:
        """Wait for something that a batch or a failure of the loop brings about."""
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(holds)
        except TimeoutError:
            raise AssertionError(f"not within {timeout} s; taken: {self.taken[-20:]}") from None

    async def heard(self, kind: type, count: int = 1, *, room: str | None = None) -> list[Inbound]:
        """The first `count` things of that kind, as soon as they are taken."""

        def found() -> list[Inbound]:
            return [
                inbound
                for inbound in self.taken
                if isinstance(inbound.event, kind) and room in (None, inbound.room[7:])
            ]

        await self.until(lambda: len(found()) >= count)
        return found()

    async def sees(self, user: str, room: str) -> None:
        """Until the encryption knows that somebody has joined: it shares keys with nobody else."""

        def joined() -> bool:
            known = self.transport._client._nio.rooms.get(room)
            return known is not None and user in known.users and user not in known.invited_users

        await self.until(joined)

    def row(
        self,
        room: str,
        payload: Payload,
        *,
        txn: str | None = None,
        reply_to: str | None = None,
        target: str | None = None,
        data: bytes | None = None,
    ) -> Sending:
        """An outbox row for that room."""
        self._number += 1

        async def opened(_media: Media) -> AsyncIterator[bytes]:
            content = data or b""
            for start in range(0, len(content), 1000):
                yield content[start : start + 1000]

        return Sending(
            f"matrix:{room}",
            payload,
            txn or f"row-{self._number}",
            reply_to=reply_to,
            target=target,
            open_media=opened,
        )

    async def say(
        self, room: str, text: str, *, txn: str | None = None, reply_to: str | None = None
    ) -> str:
        """Send a line of text; its event id."""
        (payload,) = self.transport.compose(Outgoing(Html(text), "en"))
        return await self.transport.send(self.row(room, payload, txn=txn, reply_to=reply_to))


async def new_bot(
    hs: Homeserver,
    folder: Path,
    *,
    admins: tuple[str, ...] = (),
    rooms: tuple[str, ...] = (),
    encryption: bool = False,
) -> Bot:
    """A bot with an account of its own on the homeserver."""
    account = await hs.register("bot", display_name="Lianzhi")
    return Bot(account, hs.url, folder, admins=admins, rooms=rooms, encryption=encryption)
