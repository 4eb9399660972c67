"""A Bot API server with a bot, and the transport that talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from bot.catalogues import Catalogues
from bot.transports.base import AskKnown, Batch, Inbound, KnownIds, Payload, Said, Sending, Wiring
from bot.transports.telegram.settings import TelegramSettings
from bot.transports.telegram.transport import TelegramTransport
from storage import Store
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person

E = TypeVar("E")
TOKEN = "7000001:AAbotapi-test-token"


class Inbox:
    """Takes batches as the dispatcher would, and lets a test wait for what they hold."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.refuse: Exception | None = None
        self._changed = asyncio.Condition()

    async def take(self, batch: Batch) -> None:
        """Keeps the batch, or raises what a test has put into `refuse`."""
        if self.refuse is not None:
            raise self.refuse
        async with self._changed:
            self.batches.append(batch)
            self._changed.notify_all()

    @property
    def inbounds(self) -> list[Inbound]:
        """All that was taken, in order."""
        return [each for batch in self.batches for each in batch.inbounds]

    @property
    def cursor(self) -> str | None:
        """The newest cursor."""
        return next((each.cursor for each in reversed(self.batches) if each.cursor), None)

    async def until(self, count: int, seconds: float = 10) -> list[Inbound]:
        """What was taken, once there are at least `count`."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.inbounds) >= count)
        return self.inbounds

    async def said(self, count: int, seconds: float = 10) -> list[Inbound]:
        """What people said, once it is at least `count`: who came and went is left out."""

        def found() -> list[Inbound]:
            return [each for each in self.inbounds if isinstance(each.event, Said)]

        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(found()) >= count)
        return found()

    async def next(self, seconds: float = 10) -> Inbound:
        """The next one after those taken so far."""
        return (await self.until(len(self.inbounds) + 1, seconds))[-1]


class Side:
    """A transport with its listening task and what it has brought."""

    def __init__(self, transport: TelegramTransport, store: Store) -> None:
        self.transport = transport
        self.store = store
        self.inbox = Inbox()
        self.task: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The time as the transport is told it."""
        return datetime.now(UTC)

    def listen(self, cursor: str | None = None) -> asyncio.Task[None]:
        """Begin to listen."""
        self.task = asyncio.create_task(self.transport.listen(cursor, self.inbox.take))
        return self.task

    async def stop(self) -> None:
        """End the listening and let go of connections."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self.task
        await self.transport.aclose()


def event(inbound: Inbound, kind: type[E]) -> E:
    """The event, which must be of that kind."""
    assert isinstance(inbound.event, kind)
    return inbound.event


def order(
    chat: Chat,
    payload: Payload,
    *,
    txn: str = "t1",
    reply_to: int | None = None,
    target: int | str | None = None,
    thread: int | None = None,
) -> Sending:
    """An order for that chat."""
    return Sending(
        room=f"telegram:{chat.id}" + (f"/{thread}" if thread else ""),
        payload=payload,
        txn=txn,
        reply_to=None if reply_to is None else str(reply_to),
        target=None if target is None else str(target),
    )


def text(words: str) -> Payload:
    """A payload of plain words."""
    return {"method": "sendMessage", "text": words}


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """A Bot API server with one bot."""
    async with BotApi() as server:
        server.bot(TOKEN)
        yield server


@pytest.fixture
def bot(api: BotApi) -> BotAccount:
    """The bot's account."""
    return api.bots[TOKEN]


@pytest.fixture
def li(api: BotApi) -> Person:
    """Somebody who writes."""
    return api.user("李雷", "lilei", "zh-hans")


@pytest.fixture
def group(api: BotApi, bot: BotAccount, li: Person) -> Chat:
    """A supergroup with that person, in which the bot is an administrator."""
    return api.supergroup("指挥部", li, admins=[bot])


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'lianzhi.db'}")
    yield opened
    await opened.close()


@pytest.fixture
async def new_side(api: BotApi, store: Store, tmp_path: Path) -> AsyncIterator[Callable[..., Side]]:
    """Makes transports to that server; keyword arguments are settings, and `now` the clock."""
    made: list[Side] = []

    def make(now: Callable[[], datetime] = lambda: datetime.now(UTC), **settings: object) -> Side:
        section = {"token": TOKEN, "api_base_url": api.url, "answer_seconds": 2, **settings}
        wiring = Wiring(
            section=TelegramSettings.model_validate(section),
            rooms=(),
            admins=(),
            store=store,
            catalogues=Catalogues.load(),
            now=now,
            data=tmp_path,
        )
        made.append(Side(TelegramTransport(wiring), store))
        return made[-1]

    yield make
    for each in made:
        await each.stop()


@pytest.fixture
async def side(new_side: Callable[..., Side]) -> Side:
    """A transport that has started but does not listen yet."""
    made = new_side()
    await made.transport.start()
    return made


def stored(
    *remotes: str,
    before: str | None = None,
    whole: bool = True,
    others: Iterable[str] = (),
    strays: bool = False,
    new: bool = False,
) -> AskKnown:
    """What the message map is asked for: it knows these ids, the highest first, and if nothing
    else is said all of them from before the call."""
    highest = remotes[0] if remotes else None

    async def known() -> KnownIds:
        return KnownIds(remotes, whole, before or highest, frozenset(others), strays, new)

    return known
