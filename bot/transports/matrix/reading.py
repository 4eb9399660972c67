"""From room events to what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

import structlog

from bot.richtext import Html, excerpt, from_matrix, safe_text
from bot.transports.base import (
    UNREAD,
    UNREADABLE,
    Content,
    Deleted,
    Edited,
    Event,
    Inbound,
    Pinned,
    RateLimited,
    Reacted,
    Said,
    Sender,
    SendFault,
    Unreachable,
)
from bot.transports.matrix.calls import API
from bot.transports.matrix.client import Client
from bot.transports.matrix.content import content_of, other_of, sticker_of
from bot.transports.matrix.gaps import permalink
from bot.transports.matrix.places import BEACONS, beginning_of, end_of, is_live, point_of
from bot.transports.matrix.polls import ENDS, RESPONSES, STARTS, Poll, poll_of
from bot.transports.matrix.rooms import Rooms
from bot.transports.matrix.shapes import (
    Body,
    Lately,
    is_event,
    is_id,
    listing,
    mapping,
    moment,
    pointed,
    text,
    thread_of,
    whole,
)
from bot.transports.matrix.waiting import Waiting
from storage import Store

_log = structlog.get_logger(__name__)

RELAYED = "org.lianzhi.relayed"
"""In the content of all that a Lianzhi posts, so that another one leaves it alone."""
FETCH_SECONDS = 10.0
MOST_PINS = 20
"""Pinned or unpinned by one event; more at once is no person's doing."""
_WRITTEN = ("m.room.message", "m.sticker")
LATE_TRIES = 3
"""To read what a key has opened, before it is called unreadable."""
POLL_PAGES = 20
"""Of 100 votes each, that are counted again after a restart."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message as replies and edits need it."""

    sender: str
    name: str
    html: Html


class Reader:
    """Reads events one by one, in the order of their room.

    Remembers a bounded number of them: who wrote what, and what could not be decrypted yet.
    """

    def __init__(
        self, client: Client, rooms: Rooms, store: Store, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._rooms = rooms
        self._store = store
        self._now = now
        self._written: Lately[str, Written] = Lately(1000)
        self._beacons: Lately[str, tuple[Body, Content | None]] = Lately(200)
        self._edits: Lately[str, str] = Lately(1000)
        """By the id of an edit: what it changes."""
        self._polls: Lately[str, Poll] = Lately(200)
        self._tried: Lately[str, int] = Lately(500)
        self.waiting = Waiting(store, now)
        """Events whose keys have not come."""

    async def read(self, room: str, raw: Body) -> Inbound | None:
        """What `raw` means for people; None for what is not for them, or is our own."""
        sender, event_id = text(raw, "sender"), text(raw, "event_id")
        if sender == self._client.user_id or "state_key" in raw:
            return None
        if "redacted_because" in mapping(raw.get("unsigned")):
            return None
        if text(raw, "type") == "m.room.encrypted":
            if not self._rooms.get(room).encrypted:
                # Anybody can send such an event anywhere: the room's state says what it is.
                self._rooms.get(room).encrypted = await self._client.is_encrypted(room)
            opened = self._client.opened(room, raw)
            if opened is None:
                return self._undecryptable(room, raw)
            raw = opened
        if mapping(raw.get("content")).get(RELAYED) is True:
            return None
        if text(raw, "type") in (*RESPONSES, *ENDS):
            return await self._voted(room, raw, event_id)
        if text(raw, "type") == "m.room.redaction" and (began := self._edits.get(_redacted(raw))):
            return await self._restored(room, raw, began)
        event = await self._event(room, raw)
        if event is None:
            return None
        topic = await self._topic(room, raw) if isinstance(event, Said) else ""
        return self._inbound(room, raw, event, event_id, topic=topic)

    async def _topic(self, room: str, raw: Body) -> str:
        """How the thread begins that an event is part of, where only its network knows that."""
        root = thread_of(raw)
        if root is None:
            return ""
        async with self._store.read() as uow:
            if await uow.threads.at(f"matrix:{room}", root) is not None:
                return ""
        began = await self._quoted(room, root)
        return "" if began is None else excerpt(began.html) or began.name

    def pinned(self, room: str, raw: Body) -> Inbound | None:
        """What a change of the pinned events (`m.room.pinned_events`) pins and unpins."""
        if text(raw, "sender") == self._client.user_id:
            return None
        now = _listed(mapping(raw.get("content")))
        before = _listed(mapping(mapping(raw.get("unsigned")).get("prev_content")))
        added = tuple(each for each in now if each not in before)
        removed = tuple(each for each in before if each not in now)
        if not (added or removed):
            return None
        event = Pinned(added[:MOST_PINS], removed[:MOST_PINS])
        return self._inbound(room, raw, event, text(raw, "event_id"))

    async def late(self) -> list[Inbound]:
        """Messages whose keys have come since they were shown as unreadable."""
        found = []
        for room, raw in self.waiting.values():
            opened = self._client.opened(room, raw)
            if opened is None:
                continue
            event_id = text(raw, "event_id")
            relayed = mapping(opened.get("content")).get(RELAYED) is True
            try:
                event = None if relayed else await self._event(room, opened)
            except SendFault:
                raise
            except Exception:
                _log.exception("matrix.event.unreadable", room=room, event_id=event_id)
                tries = (self._tried.get(event_id) or 0) + 1
                self._tried.put(event_id, tries)
                if tries < LATE_TRIES:
                    continue
                event = Said(Content(Html(""), uncarried=UNREADABLE))
            self.waiting.opened(event_id)
            # What is no message by itself, such as an edit, takes its stand-in away.
            stands: Event = Deleted(event_id)
            if isinstance(event, Said):
                stands = Edited(event_id, event.content)
            found.append(self._inbound(room, opened, stands, f"{event_id}/opened"))
            if isinstance(event, Edited):
                found.append(self._inbound(room, opened, event, f"{event_id}/meant"))
        return found

    def _inbound(
        self,
        room: str,
        raw: Body,
        event: Event,
        key: str,
        *,
        sender: str = "",
        topic: str = "",
    ) -> Inbound:
        """`sender` is whose words the event is about, if not its own sender's."""
        known, sender = self._rooms.get(room), sender or text(raw, "sender")
        return Inbound(
            key=f"matrix:{key}",
            room=f"matrix:{room}",
            at=moment(whole(raw, "origin_server_ts"), self._now()),
            event=event,
            sender=Sender(
                f"matrix:{sender}",
                self._rooms.name(room, sender),
                handle=sender,
                named_here=True,
            ),
            remote=text(raw, "event_id"),
            private=known.private,
            title=known.title,
            encrypted=known.encrypted,
            thread=thread_of(raw),
            topic=topic,
        )

    def _undecryptable(self, room: str, raw: Body) -> Inbound | None:
        event_id = text(raw, "event_id")
        relation = mapping(mapping(raw.get("content")).get("m.relates_to"))
        if text(relation, "rel_type") in ("m.annotation", "m.reference"):
            return None
        self.waiting.put(event_id, room, raw)
        lost = Content(Html(""), uncarried=UNREAD)
        # What it answers stands outside of what is encrypted.
        said = Said(lost, _answered(relation) or None)
        return self._inbound(room, raw, said, event_id)

    async def _event(self, room: str, raw: Body) -> Event | None:
        kind, content = text(raw, "type"), mapping(raw.get("content"))
        if kind in _WRITTEN:
            return await self._message(room, raw, content)
        if kind == "m.room.redaction":
            target = _redacted(raw)
            return Deleted(target) if target else None
        if kind == "m.reaction":
            return self._reaction(content)
        if kind in BEACONS:
            return await self._beacon(room, content)
        if kind in STARTS:
            poll = poll_of(raw)
            self._polls.put(text(raw, "event_id"), poll)
            return Said(poll.content())
        other = other_of(kind)
        return None if other is None else Said(Content(Html(""), uncarried=other))

    def beacon_info(self, room: str, raw: Body) -> Inbound | None:
        """A live location begins or ends; None for what is not for people, or is our own."""
        sender, event_id, info = text(raw, "sender"), text(raw, "event_id"), mapping(raw["content"])
        if sender == self._client.user_id or text(raw, "state_key") != sender:
            return None
        if is_live(info):
            self._beacons.put(event_id, (info, None))
            return self._inbound(room, raw, Said(beginning_of(info)), event_id)
        began = pointed(mapping(raw.get("unsigned")), "replaces_state")
        if not began:
            return None
        _info, last = self._beacons.pop(began) or ({}, None)
        return self._inbound(room, raw, Edited(began, end_of(last)), event_id)

    async def _beacon(self, room: str, content: Body) -> Event | None:
        began = pointed(mapping(content.get("m.relates_to")), "event_id")
        info, _last = self._beacons.get(began) or (await self._content_of(room, began), None)
        point = point_of(content, info) if is_live(info) else None
        if point is None:
            return None
        self._beacons.put(began, (info, point))
        return Edited(began, point)

    async def _voted(self, room: str, raw: Body, event_id: str) -> Inbound | None:
        """A vote, or the end: the poll's own message reads otherwise then."""
        began = pointed(mapping(mapping(raw.get("content")).get("m.relates_to")), "event_id")
        poll = self._polls.get(began) or await self._counted(room, began)
        if poll is None or not poll.take(raw):
            return None
        edited = Edited(began, poll.content())
        return self._inbound(room, raw, edited, event_id, sender=poll.author)

    async def _counted(self, room: str, event_id: str) -> Poll | None:
        """A poll that began before this process did, with the votes of then."""
        raw = await self._event_of(room, event_id) if event_id else {}
        if text(raw, "type") not in STARTS:
            return None
        poll, query = poll_of(raw), {"limit": "100", "dir": "f"}
        path = f"/_matrix/client/v1/rooms/{quote(room)}/relations/{quote(event_id)}/m.reference"
        for _page in range(POLL_PAGES):
            try:
                page = await self._client.call("GET", path, query=query, timeout=FETCH_SECONDS)
            except (Unreachable, RateLimited):
                raise
            except SendFault as fault:
                _log.info("matrix.poll.not_counted", room=room, reason=fault.reason)
                break
            for each in filter(is_event, listing(page.get("chunk"))):
                found = mapping(each)
                if text(found, "type") == "m.room.encrypted":
                    found = self._client.opened(room, found) or found
                poll.take(found)
            if not (after := text(page, "next_batch")):
                break
            query["from"] = after
        self._polls.put(event_id, poll)
        return poll

    async def _message(self, room: str, raw: Body, content: Body) -> Event | None:
        relation = mapping(content.get("m.relates_to"))
        target = pointed(relation, "event_id")
        if text(relation, "rel_type") == "m.replace" and target:
            if not await self._wrote(room, target, text(raw, "sender")):
                return None
            self._edits.put(text(raw, "event_id"), target)
            new = mapping(content.get("m.new_content")) or content
            # Some clients repeat there what was answered.
            return Edited(target, self._content(room, raw, new, reply=True))
        answers = bool(pointed(mapping(relation.get("m.in_reply_to")), "event_id"))
        reply_to = _answered(relation)
        said = self._content(room, raw, content, reply=answers)
        self._remember(room, raw, said)
        if not reply_to:
            return Said(said)
        quoted = await self._quoted(room, self._edits.get(reply_to) or reply_to)
        # Whoever answers an edit answers the message.
        reply_to = self._edits.get(reply_to) or reply_to
        return Said(
            said,
            reply_to,
            quoted.name if quoted else None,
            quoted.html if quoted else None,
        )

    def _content(self, room: str, raw: Body, content: Body, *, reply: bool = False) -> Content:
        sender, event_id = text(raw, "sender"), text(raw, "event_id")
        if text(raw, "type") == "m.sticker":
            found = sticker_of(content)
        else:
            found = content_of(content, self._rooms.name(room, sender), reply=reply)
        link = permalink(room, event_id, sender)
        return replace(found, media=tuple(replace(each, link=link) for each in found.media))

    def _remember(self, room: str, raw: Body, said: Content) -> None:
        sender = text(raw, "sender")
        html = said.html if len(said.html) <= 2000 else Html("")
        written = Written(sender, self._rooms.name(room, sender), html)
        self._written.put(text(raw, "event_id"), written)

    async def _restored(self, room: str, raw: Body, began: str) -> Inbound | None:
        """An edit was taken back: its message reads again as before, by the edit that is left."""
        message = await self._event_of(room, began)
        content = mapping(message.get("content"))
        if not content:
            return None
        unsigned = mapping(message.get("unsigned"))
        latest = mapping(mapping(unsigned.get("m.relations")).get("m.replace"))
        if text(latest, "type") == "m.room.encrypted":
            latest = self._client.opened(room, latest) or {}
        new = mapping(mapping(latest.get("content")).get("m.new_content"))
        event = Edited(began, self._content(room, message, new or content, reply=True))
        author = text(message, "sender")
        return self._inbound(room, raw, event, text(raw, "event_id"), sender=author)

    def _reaction(self, content: Body) -> Event | None:
        relation = mapping(content.get("m.relates_to"))
        target, key = pointed(relation, "event_id"), safe_text(text(relation, "key"))
        if text(relation, "rel_type") != "m.annotation" or not target or not key:
            return None
        return Reacted(target, added=(key[:64],))

    async def _quoted(self, room: str, event_id: str) -> Written | None:
        """The message replied to, unless the store knows it."""
        known = self._written.get(event_id)
        if known is not None:
            return known
        async with self._store.read() as uow:
            if await uow.messages.find_copy(f"matrix:{room}", event_id) is not None:
                return None
        return await self._fetched(room, event_id)

    async def _wrote(self, room: str, event_id: str, sender: str) -> bool:
        """Whether `sender` wrote the event: anybody can post an edit of anybody's message."""
        known = self._written.get(event_id) or await self._fetched(room, event_id)
        return known is not None and known.sender == sender

    async def _event_of(self, room: str, event_id: str) -> Body:
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

    async def _content_of(self, room: str, event_id: str) -> Body:
        """The content of an event; empty if it is not there."""
        return mapping((await self._event_of(room, event_id)).get("content"))

    async def _fetched(self, room: str, event_id: str) -> Written | None:
        raw = await self._event_of(room, event_id)
        if not raw:
            return None
        content = mapping(raw.get("content"))
        relation = mapping(content.get("m.relates_to"))
        if text(relation, "rel_type") == "m.replace" and (began := pointed(relation, "event_id")):
            self._edits.put(event_id, began)
            return await self._quoted(room, began)
        formatted = text(content, "formatted_body") or None
        html = from_matrix(text(content, "body"), formatted, reply_fallback=True)
        sender = text(raw, "sender")
        written = Written(sender, self._rooms.name(room, sender), html)
        self._written.put(event_id, written)
        return written


def _redacted(raw: Body) -> str:
    """What a redaction takes back. Room version 11 moved the key into the content."""
    return pointed(mapping(raw.get("content")), "redacts") or pointed(raw, "redacts")


def _answered(relation: Body) -> str:
    """What somebody has answered; empty where a client only shows the end of a thread."""
    if text(relation, "rel_type") == "m.thread" and relation.get("is_falling_back") is True:
        return ""
    return pointed(mapping(relation.get("m.in_reply_to")), "event_id")


def _listed(content: Body) -> list[str]:
    return [
        each
        for each in listing(content.get("pinned"))
        if isinstance(each, str) and is_id(each, "$")
    ]
