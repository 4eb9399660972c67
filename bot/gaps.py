"""What an outage has taken for good is told to those who would look for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.post import Post
from bot.richtext import safe_name
from bot.transports.base import Forgets, Skipped, Transport
from handlers.document import Document, Link, Para, Span, say
from storage import Store, UnitOfWork
from storage.tables import Room
from workflows.text import _, ngettext

log = structlog.get_logger(__name__)

NOTED_EVERY = timedelta(minutes=5)
"""How exactly the beginning of an outage is known after a restart."""


@dataclass
class Gaps:
    """Notes when networks that forget were heard, and tells what they have forgotten."""

    store: Store
    post: Post
    _heard: dict[str, datetime] = field(default_factory=dict)
    _noted: dict[str, datetime] = field(default_factory=dict)

    async def heard(self, transport: Transport) -> None:
        """The network has just answered; call it before what it said is dealt with.

        After an outage longer than the network keeps things, the rooms on both sides are told,
        once. Raises `StoreUnavailable`: then nothing was noted.
        """
        if not isinstance(transport, Forgets):
            return
        network, now = transport.network, self.post.now()
        last = self._heard.get(network)
        if last is None:
            async with self.store.read() as uow:
                last = await uow.contacts.last(network)
        gone = last is not None and now - last > transport.kept
        if gone or now - self._noted.get(network, datetime.min.replace(tzinfo=now.tzinfo)) >= (
            NOTED_EVERY
        ):
            async with self.store.write() as uow:
                if gone and last is not None:
                    await self._tell(uow, network, last, now - transport.kept)
                await uow.contacts.note(network, now)
            self._noted[network] = now
        self._heard[network] = now

    async def _tell(self, uow: UnitOfWork, network: str, since: datetime, until: datetime) -> None:
        log.error("gap", network=network, since=since.isoformat(), until=until.isoformat())
        for room_id in await uow.contacts.rooms(network, until):
            room = await uow.rooms.get(room_id)
            text = _(
                "⚠ Lianzhi was cut off from {room} for too long: what was written there from "
                "{since} to {until} cannot be fetched any more and is missing in the linked "
                "rooms.",
                room=_name(room, room_id),
                since=since,
                until=until,
            )
            rooms = (room_id, *await uow.bridges.linked(room_id))
            await self.post.tell(uow, rooms, say(text))


async def tell_skipped(post: Post, uow: UnitOfWork, room: Room, skipped: Skipped) -> None:
    """After a long outage only the latest was fetched: what lies before it, and where to read
    it."""
    name, until = _name(room, room.id), skipped.until
    if skipped.count is not None and skipped.since is not None:
        text = ngettext(
            "⚠ After an outage {n} message was not carried from {room}, written {since}.",
            "⚠ After an outage {n} messages were not carried from {room}, written from {since} "
            "to {until}.",
            skipped.count,
            since=skipped.since,
            room=name,
            until=until,
        )
    else:
        text = _(
            "⚠ After an outage what was written in {room} before {until} was not carried; nobody "
            "knows how much it is.",
            room=name,
            until=until,
        )
    blocks = [Para(text)]
    if skipped.link is not None:
        first = Link(skipped.link, skipped.link)
        blocks.append(Para(Span((_("Read on from here:"), " ", first))))
    rooms = (room.id, *await uow.bridges.linked(room.id))
    await post.tell(uow, rooms, Document(tuple(blocks)))


def _name(room: Room | None, fallback: str) -> str:
    return safe_name(room.title if room is not None else "", fallback=fallback)
