"""A fetched batch becomes rows, in one transaction with the cursor that acknowledges it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog

from bot.administrators import Administrators
from bot.gaps import tell_skipped
from bot.passages import Passages
from bot.post import Post
from bot.reach import Reach
from bot.relay import Relay
from bot.richtext import safe_text
from bot.sealing import Sealing
from bot.threads import folded
from bot.topics import written_in
from bot.transports.base import (
    Batch,
    Change,
    Deleted,
    Edited,
    Entered,
    Inbound,
    Lost,
    Moved,
    Passed,
    Pinned,
    Pressed,
    Reacted,
    Said,
    Secured,
    Sender,
    Skipped,
    TopicTold,
)
from handlers.document import say
from storage import Store, StoreUnavailable, UnitOfWork
from storage.tables import Account, Room
from workflows.text import _

log = structlog.get_logger(__name__)

NOBODY = "?"


TURNS = 4
"""of the loop between two messages: from bytes that came in to the request that follows them."""

TELLING = (Said, Reacted, Pressed, Pinned)
"""What its sender does now, under the name that they have now."""

SLICE = 20
"""Updates of one transaction: the first of a hundred need not wait for the last to be worked at."""


@dataclass(frozen=True)
class Dispatcher:
    """Takes batches. One bad update costs only itself; a database fault costs nothing."""

    store: Store
    post: Post
    relay: Relay
    admins: Administrators = field(default_factory=Administrators)
    """Who is told of a room that is lost."""
    caught_up: Callable[[str], Awaitable[None]] | None = None
    """Waits, not for long, until what was just sent to a room is noted as sent."""
    topics: frozenset[str] = frozenset()
    """Those that are configured as rooms of their own."""

    async def take(self, network: str, batch: Batch) -> None:
        """Commit everything that the batch causes and its cursor, a long one in slices: the cursor
        with the last, so that after a crash the network hands over again what is not taken.

        Raises `StoreUnavailable` if the database did not take it: then it wants to be handed over
        again, and what was taken is passed over.
        """
        for inbound in batch.inbounds:
            try:
                await self._await_target(inbound)
            except StoreUnavailable:
                raise
            except Exception as error:  # it is set aside below, if it cannot be stored either
                log.warning("a target cannot be looked for", error=type(error).__name__)
        for part in _sliced(batch):
            try:
                await self._take(network, part, careful=False)
            except StoreUnavailable:
                raise
            except Exception:
                # Nothing of it was kept. Once more, each update in a savepoint of its own.
                await self._take(network, part, careful=True)

    async def _take(self, network: str, batch: Batch, *, careful: bool) -> None:
        async with self.store.write() as uow:
            if batch.alongside is not None:
                await batch.alongside(uow)
            for inbound in batch.inbounds:
                if careful:
                    await self._one(uow, inbound)
                else:
                    await self._accept(uow, inbound)
                if len(batch.inbounds) > 1:
                    # A call that was answered meanwhile lets its lane go on.
                    for _turn in range(TURNS):
                        await asyncio.sleep(0)
            if batch.cursor is not None:
                await uow.inbox.advance(network, batch.cursor, self.post.now())

    async def _accept(self, uow: UnitOfWork, inbound: Inbound) -> None:
        if await uow.inbox.take(inbound.key, inbound.room, inbound.at, self.post.now()):
            await self._handle(uow, inbound)

    async def _await_target(self, inbound: Inbound) -> None:
        """People can answer a message before we have heard from the network that it was sent.

        A room that moves takes its queue along: the call under way ends first.
        """
        event = inbound.event
        if isinstance(event, Moved) and self.caught_up is not None:
            await self.caught_up(inbound.room)
            return
        if isinstance(event, Said):
            target = event.reply_to or inbound.thread or inbound.room.partition("/")[2] or None
        else:
            target = event.target if isinstance(event, Reacted) else None
            if isinstance(event, Pinned):
                target = next(iter(event.added), None)
        if target is None or self.caught_up is None:
            return
        whole = inbound.room.partition("/")[0]
        async with self.store.read() as uow:
            known = await uow.messages.find_anywhere(whole, target) is not None
            known = known or await uow.threads.at(whole, target) is not None
        if not known:
            for room in dict.fromkeys((inbound.room, whole)):
                await self.caught_up(room)

    async def _one(self, uow: UnitOfWork, inbound: Inbound) -> None:
        try:
            async with uow.savepoint():
                await self._accept(uow, inbound)
        except StoreUnavailable:
            raise
        except Exception as error:
            await self._keep_failed(uow, inbound, error)

    async def _keep_failed(self, uow: UnitOfWork, inbound: Inbound, error: Exception) -> None:
        """What cannot be dealt with is kept, and its room is told, with a number to ask by."""
        reference = secrets.token_hex(4)
        log.exception("an update could not be dealt with", key=inbound.key, reference=reference)
        try:
            # What cannot be dealt with may be what cannot be stored.
            key, room = safe_text(inbound.key)[:500], safe_text(inbound.room)[:500]
            now = self.post.now()
            async with uow.savepoint():
                kept = await uow.inbox.keep_failed(
                    key,
                    room,
                    inbound.at if inbound.at.tzinfo else now,
                    now,
                    f"{reference} {type(error).__name__}",
                    {"inbound": ascii(inbound)[:100_000]},
                )
                if kept and isinstance(inbound.event, (Said, Edited, Pressed)):
                    await self._tell_failed(uow, room, reference)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("nothing of an update could be kept", reference=reference)

    async def _tell_failed(self, uow: UnitOfWork, room: str, reference: str) -> None:
        document = say(
            _(
                "A message here could not be dealt with. It is kept; tell your operator the number "
                "{reference}.",
                reference=reference,
            )
        )
        try:
            async with uow.savepoint():
                await self.post.tell(uow, (room,), document)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("nobody could be told", reference=reference)

    @property
    def _reach(self) -> Reach:
        return Reach(self.post, self.admins)

    async def _handle(self, uow: UnitOfWork, inbound: Inbound) -> None:
        inbound = await folded(uow, inbound, self.topics)
        event = inbound.event
        if isinstance(event, Moved):
            await self._reach.moved(uow, inbound.room, event)
            return
        if isinstance(event, Said) and inbound.sender is not None:
            await uow.foresee(inbound.room, inbound.sender.account, inbound.remote or "")
        account = await self._account(uow, inbound)
        room = await self._room(uow, inbound, account)
        if inbound.encrypted:
            await Sealing(self.post).encrypted(uow, room)
        match event:
            case Passed():
                await Passages(self.post).passed(uow, room.id, event)
            case Skipped():
                await tell_skipped(self.post, uow, room, event)
            case Secured():
                await Sealing(self.post).encrypted(uow, room)
            case TopicTold():
                await self.relay.topic(uow, inbound, event)
            case Entered() | Lost() if room.id != inbound.room:
                log.info("a group that was replaced says nothing of its successor", room=room.id)
            case Entered():
                await self._reach.entered(uow, inbound, event, room)
            case Lost():
                await self._reach.lost(uow, event, room)
            case Said() if account is not None:
                written_in(room, self.post.now())
                await self.relay.said(uow, inbound, event, room, account)
            case Edited() if account is not None:
                await self.relay.edited(uow, inbound, event, account)
            case Deleted():
                await self.relay.deleted(uow, inbound, event)
            case Reacted() if account is not None:
                await self.relay.reacted(uow, inbound, event, room, account)
            case Pinned() if account is not None:
                await self.relay.pinned(uow, inbound, event, account)
            case Pressed() if account is not None:
                await self.relay.pressed(uow, inbound, event, room, account)
            case _:
                log.warning("an update without a sender was left", key=inbound.key)

    async def _account(self, uow: UnitOfWork, inbound: Inbound) -> Account | None:
        sender: Sender | None = inbound.sender
        if sender is None:
            return None
        known = await uow.people.account(sender.account)
        before = None if known is None or sender.named_here else known.name
        account = await uow.people.see(
            sender.account,
            self.post.now(),
            name=sender.name or NOBODY,
            handle=sender.handle,
            language=sender.language,
        )
        told = isinstance(inbound.event, TELLING) and not inbound.private
        if told and before not in (None, NOBODY, account.name):
            change = Change("renamed", account.id, account.name, before or "")
            await Passages(self.post).passed(uow, inbound.room, Passed((change,)))
        if inbound.private and account.private_room != inbound.room:
            account.private_room = inbound.room
        return account

    async def _room(self, uow: UnitOfWork, inbound: Inbound, account: Account | None) -> Room:
        language = "both"
        if inbound.private and account is not None and account.language:
            language = "zh" if account.language.casefold().startswith("zh") else "en"
        place, title = inbound.room, inbound.title
        if await uow.rooms.get(place) is None:
            # What was written before a group moved can come after we have heard of that.
            place = await uow.rooms.resolve(place)
            title = title if place == inbound.room else ""
        return await uow.rooms.see(
            place,
            self.post.now(),
            title=title,
            private=inbound.private,
            language=language,
        )


def _sliced(batch: Batch) -> list[Batch]:
    if len(batch.inbounds) <= SLICE or batch.alongside is not None:
        return [batch]
    parts: list[list[Inbound]] = [[]]
    for inbound in batch.inbounds:
        if len(parts[-1]) >= SLICE and not (_album(inbound) and _album(parts[-1][-1])):
            parts.append([])
        parts[-1].append(inbound)
    slices = [Batch(tuple(part)) for part in parts]
    return [*slices[:-1], replace(slices[-1], cursor=batch.cursor)]


def _album(inbound: Inbound) -> bool:
    """Whether it is a file among others, which stay together."""
    return isinstance(inbound.event, Said) and inbound.event.content.album is not None
