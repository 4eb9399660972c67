"""What was said before, as replies, edits and redactions need it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import structlog

from bot.richtext import Html, from_matrix
from bot.transports.base import RateLimited, SendFault, Unreachable
from bot.transports.matrix.calls import API
from bot.transports.matrix.client import Client
from bot.transports.matrix.rooms import Rooms
from bot.transports.matrix.shapes import Body, Lately, is_event, mapping, pointed, text
from storage import Store

_log = structlog.get_logger(__name__)

FETCH_SECONDS = 10.0
LONGEST = 2000
"""Characters of a message that is remembered with its words."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message: who wrote it, and its words."""

    sender: str
    name: str
    html: Html


class Earlier:
    """Remembers a bounded number of messages and edits; the store and the homeserver know more."""

    def __init__(self, client: Client, rooms: Rooms, store: Store) -> None:
        self._client = client
        self._rooms = rooms
        self._store = store
        self._written: Lately[str, Written] = Lately(1000)
        self._edits: Lately[str, str] = Lately(1000)
        """By the id of an edit: what it changes."""

    def said(self, room: str, raw: Body, html: Html) -> None:
        """A message was read."""
        sender = text(raw, "sender")
        shown = html if len(html) <= LONGEST else Html("")
        written = Written(sender, self._rooms.name(room, sender), shown)
        self._written.put(text(raw, "event_id"), written)

    async def edit(self, room: str, raw: Body, target: str) -> bool:
        """An edit of `target` was read. False if nobody's client shows it: one of somebody else's
        words, or of an edit."""
        known = self._written.get(target) or await self._fetched(room, target)
        mine = known is not None and known.sender == text(raw, "sender")
        if not mine or self._edits.get(target) is not None:
            return False
        self._edits.put(text(raw, "event_id"), target)
        return True

    async def edited(self, room: str, event_id: str) -> str | None:
        """The message of which the event is an edit; None if it is none, or not known as one."""
        if (began := self._edits.get(event_id)) is not None:
            return began
        async with self._store.read() as uow:
            return await uow.messages.edit_of(f"matrix:{room}", event_id)

    def meant(self, event_id: str) -> str:
        """The message that is answered: whoever answers an edit answers what it changes."""
        return self._edits.get(event_id) or event_id

    async def quoted(self, room: str, event_id: str) -> Written | None:
        """The message that is answered, unless the store knows it."""
        return await self._unstored(room, self.meant(event_id), edit=True)

    async def event_of(self, room: str, event_id: str) -> Body:
        """An event as it stands, opened if it can be; empty if it is not there."""
        path = f"{API}/rooms/{quote(room)}/event/{quote(event_id)}"
        try:
            raw = await self._client.call("GET", path, timeout=FETCH_SECONDS)
        except (Unreachable, RateLimited):
            raise
        except SendFault as fault:
            # One event that the server cannot give must not stop the loop.
            _log.info("matrix.event.not_found", room=room, reason=fault.reason)
            return {}
        if not is_event(raw):
            return {}
        if text(raw, "type") == "m.room.encrypted":
            raw = self._client.opened(room, raw) or raw
        return raw

    async def content_of(self, room: str, event_id: str) -> Body:
        """The content of an event; empty if it is not there."""
        return mapping((await self.event_of(room, event_id)).get("content"))

    async def _unstored(self, room: str, event_id: str, *, edit: bool) -> Written | None:
        known = self._written.get(event_id)
        if known is not None:
            return known
        async with self._store.read() as uow:
            if await uow.messages.find_copy(f"matrix:{room}", event_id) is not None:
                return None
        return await self._fetched(room, event_id, edit=edit)

    async def _fetched(self, room: str, event_id: str, *, edit: bool = True) -> Written | None:
        """The message, or that of which the event is an `edit`; of no edit of an edit."""
        raw = await self.event_of(room, event_id)
        if not raw:
            return None
        content = mapping(raw.get("content"))
        relation = mapping(content.get("m.relates_to"))
        if text(relation, "rel_type") == "m.replace" and (began := pointed(relation, "event_id")):
            self._edits.put(event_id, began)
            return await self._unstored(room, began, edit=False) if edit else None
        formatted = text(content, "formatted_body") or None
        html = from_matrix(text(content, "body"), formatted, reply_fallback=True)
        sender = text(raw, "sender")
        written = Written(sender, self._rooms.name(room, sender), html)
        self._written.put(event_id, written)
        return written
