"""Sends of which it is not sure whether they arrived, and the search for them."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from bot.transports.base import AnswerLost, AskKnown, KnownIds, SendFault, Sending
from bot.transports.telegram.albums import AlbumCalls
from bot.transports.telegram.calls import Calls
from bot.transports.telegram.finding import find_sent
from bot.transports.telegram.ids import NETWORK, place
from bot.transports.telegram.turns import Turns
from storage import Store

_CHATS, _IDS, _DOUBTS = 2000, 200, 10_000
NO_ID_SECONDS = 5.0
"""A lost answer waits that long for the first id of its chat: somebody writes, or what was written
is handed over again. Then it cannot be told."""
ARRIVAL_SECONDS = 1.0
"""So long after a send began it is looked for at the earliest."""


class _Doubt(NamedTuple):
    """A send that is under way or whose answer was lost."""

    floor: int
    """Up to which id the chat was known when it began; 0 where none was."""
    begun: float
    """In monotonic seconds."""


class Doubts:
    """What one process knows of the ids of its chats and of its own sends."""

    def __init__(self, calls: Calls, album_calls: AlbumCalls) -> None:
        self._calls = calls
        self._album_calls = album_calls
        self._turns = Turns()
        self._met: OrderedDict[int, OrderedDict[int, None]] = OrderedDict()
        self._doubts: OrderedDict[str, _Doubt] = OrderedDict()
        self._inherited: frozenset[str] = frozenset()
        self._unknown_since: dict[int, float] = {}

    async def inherit(self, store: Store) -> None:
        """Read which sends another process has left in doubt; before the first send."""
        async with store.read() as uow:
            self._inherited = await uow.outbox.sending_on(NETWORK)

    def meet(self, chat: int, message_id: int) -> None:
        """Remember the latest ids of the latest chats: no probe may touch them."""
        ids = self._met.setdefault(chat, OrderedDict())
        self._met.move_to_end(chat)
        ids[message_id] = None
        if len(ids) > _IDS:
            ids.popitem(last=False)
        if len(self._met) > _CHATS:
            self._met.popitem(last=False)

    @asynccontextmanager
    async def sending(self, sending: Sending) -> AsyncIterator[None]:
        """Note up to which id the chat is known while it is not sure whether this arrives."""
        chat = place(sending.room).chat
        async with self._turns.sending(chat):
            floor = max(self._met.get(chat, ()), default=0)
            self._doubts[sending.txn] = _Doubt(floor, time.monotonic())
            if len(self._doubts) > _DOUBTS:
                self._doubts.popitem(last=False)
            try:
                yield
            except SendFault as fault:
                if type(fault) not in (SendFault, AnswerLost):
                    self._doubts.pop(sending.txn, None)
                raise
            self._doubts.pop(sending.txn, None)

    async def find(self, sending: Sending, known: AskKnown) -> str | bool:
        """See `finding`: certain in supergroups, True elsewhere and where another send to the chat
        is in doubt as well."""
        chat = place(sending.room).chat
        async with self._alone(sending):
            ids, met = await known(), self._met.get(chat, OrderedDict())
            if self._doubted(ids):
                return True
            if not met and not ids.remotes and place(sending.room).is_supergroup:
                since = self._unknown_since.setdefault(chat, time.monotonic())
                if time.monotonic() - since < NO_ID_SECONDS:
                    raise AnswerLost("no id of the chat is known yet")
            note, floor = partial(self.meet, chat), self._floor(sending)
            found = await find_sent(self._calls, sending, ids, tuple(met), floor, note)
            if isinstance(found, str):
                self._doubts.pop(sending.txn, None)
                self.meet(chat, int(found))
        return found

    async def find_album(
        self, sendings: Sequence[Sending], known: AskKnown
    ) -> tuple[str, ...] | bool:
        """As `find`, file by file."""
        first = sendings[0]
        chat = place(first.room).chat
        async with self._alone(first):
            if self._doubted(ids := await known()):
                return True
            met = tuple(self._met.get(chat, OrderedDict()))
            note, floor = partial(self.meet, chat), self._floor(first)
            found = await self._album_calls.find(sendings, ids, met, floor, note)
            if isinstance(found, tuple):
                self._doubts.pop(first.txn, None)
                for remote in found:
                    self.meet(chat, int(remote))
        return found

    @asynccontextmanager
    async def _alone(self, sending: Sending) -> AsyncIterator[None]:
        """What was cut off a moment ago may still be on its way: it is let arrive first."""
        if (doubt := self._doubts.get(sending.txn)) is not None:
            await asyncio.sleep(doubt.begun + ARRIVAL_SECONDS - time.monotonic())
        async with self._turns.looking(place(sending.room).chat):
            yield

    def _floor(self, sending: Sending) -> int | None:
        doubt = self._doubts.get(sending.txn)
        return (doubt.floor or None) if doubt else None

    def _doubted(self, known: KnownIds) -> bool:
        """Whether other words of ours may stand in the chat without our knowing where: a probe
        could change them."""
        return known.strays or any(
            txn in self._doubts or txn in self._inherited for txn in known.others
        )
