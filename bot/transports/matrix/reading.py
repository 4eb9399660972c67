"""From room events to what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import structlog

from bot.richtext import Html, excerpt, safe_text
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
from bot.transports.matrix.client import Client
from bot.transports.matrix.content import content_of, other_of, sticker_of
from bot.transports.matrix.earlier import FETCH_SECONDS, Earlier
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
MOST_PINS = 20
"""Pinned or unpinned by one event; more at once is no person's doing."""
_WRITTEN = ("m.room.message", "m.sticker")
LATE_TRIES = 3
"""To read what a key has opened, before it is called unreadable."""
POLL_PAGES = 20
"""Of 100 votes each, that are counted again after a restart."""


class Reader:
    """Reads events one by one, in the order of their room.

    Remembers a bounded number of them: polls, live places, and what could not be decrypted yet.
    """

    def __init__(
        self, client: Client, rooms: Rooms, store: Store, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._rooms = rooms
        self._store = store
        self._now = now
        self._earlier = Earlier(client, rooms, store)
        self._beacons: Lately[str, tuple[Body, Content | None]] = Lately(200)
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
        if text(raw, "type") == "m.room.redaction":
            began = await self._earlier.edited(room, _redacted(raw))
            if began is not None:
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
        began = await self._earlier.quoted(room, root)
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
        info, _last = self._beacons.get(began) or (
            await self._earlier.content_of(room, began),
            None,
        )
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
        raw = await self._earlier.event_of(room, event_id) if event_id else {}
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
            if not await self._earlier.edit(room, raw, target):
                return None
            new = mapping(content.get("m.new_content")) or content
            # Some clients repeat there what was answered.
            shown = self._content(room, raw, new, reply=True)
            return Edited(target, shown, edit=text(raw, "event_id"))
        answers = bool(pointed(mapping(relation.get("m.in_reply_to")), "event_id"))
        reply_to = _answered(relation)
        said = self._content(room, raw, content, reply=answers)
        self._earlier.said(room, raw, said.html)
        if not reply_to:
            return Said(said)
        quoted = await self._earlier.quoted(room, reply_to)
        return Said(
            said,
            self._earlier.meant(reply_to),
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

    async def _restored(self, room: str, raw: Body, began: str) -> Inbound | None:
        """An edit was taken back: its message reads again as before, by the edit that is left."""
        message = await self._earlier.event_of(room, began)
        if not message.get("content"):
            return None
        relations = mapping(mapping(message.get("unsigned")).get("m.relations"))
        latest = mapping(relations.get("m.replace"))
        stands = latest if is_event(latest) else message
        if text(stands, "type") == "m.room.encrypted":
            stands = self._client.opened(room, stands) or stands
        if text(stands, "type") == "m.room.encrypted":
            shown = Content(Html(""), uncarried=UNREAD)
        else:
            content = mapping(stands.get("content"))
            new = mapping(content.get("m.new_content")) or content
            shown = self._content(room, stands, new, reply=True)
        author = text(message, "sender")
        return self._inbound(room, raw, Edited(began, shown), text(raw, "event_id"), sender=author)

    def _reaction(self, content: Body) -> Event | None:
        relation = mapping(content.get("m.relates_to"))
        target, key = pointed(relation, "event_id"), safe_text(text(relation, "key"))
        if text(relation, "rel_type") != "m.annotation" or not target or not key:
            return None
        return Reacted(target, added=(key[:64],))


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
