"""The sync loop: one answer of the homeserver is one batch, in the order of each room."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from urllib.parse import quote

import structlog

from bot.richtext import safe_text
from bot.transports.base import (
    AnswerLost,
    Batch,
    Entered,
    Event,
    Inbound,
    Lost,
    Moved,
    RateLimited,
    RoomGone,
    Secured,
    SendFault,
    Take,
    TargetGone,
    Unreachable,
)
from bot.transports.matrix.calls import API
from bot.transports.matrix.client import Client
from bot.transports.matrix.echoes import pause
from bot.transports.matrix.gaps import skipped
from bot.transports.matrix.members import passed
from bot.transports.matrix.places import INFOS
from bot.transports.matrix.reading import Reader
from bot.transports.matrix.rooms import WATCHED, Rooms, drop_nameless, is_encryption
from bot.transports.matrix.shapes import (
    Body,
    Lately,
    is_event,
    is_id,
    listing,
    mapping,
    moment,
    text,
    whole,
)
from workflows.text import Json, Msg, _

_log = structlog.get_logger(__name__)

POLL_SECONDS = 30
TIMELINE_LIMIT = 100
GAP_PAGES = 40
"""Pages that are asked for; a server may answer many that hold nothing."""
GAP_ATTEMPTS = 6
"""Answers without sense before a gap is told of instead of filled: a minute or so."""
JOIN_ATTEMPTS = 6

_NOTHING: Json = {"not_types": ["*"]}
FILTER: Json = {
    "room": {
        "timeline": {"limit": TIMELINE_LIMIT, "lazy_load_members": True},
        # Without redundant ones, nobody's name is told again after a restart.
        "state": {
            "types": list(WATCHED),
            "lazy_load_members": True,
            "include_redundant_members": True,
        },
        "ephemeral": _NOTHING,
        "account_data": _NOTHING,
    },
    "presence": _NOTHING,
    "account_data": _NOTHING,
}


class Listener:
    """Reads the account's rooms for ever, from a token on."""

    def __init__(
        self,
        client: Client,
        rooms: Rooms,
        reader: Reader,
        *,
        welcome: Callable[[str, str], bool],
        now: Callable[[], datetime],
        gap_limit: int,
    ) -> None:
        """`welcome(room, inviter)` says whether an invitation is followed; of one room at most
        about `gap_limit` events are fetched after an outage."""
        self._gap_limit = gap_limit
        self._client = client
        self._rooms = rooms
        self._reader = reader
        self._welcome = welcome
        self._now = now
        self._answering: dict[str, asyncio.Task[None]] = {}
        self._asked: Lately[str, bool] = Lately(500)
        self._gaps: Lately[tuple[str, str], int] = Lately(100)

    async def run(self, since: str | None, take: Take) -> None:
        """Hand over batches for ever; raises what stops it, with nothing skipped."""
        first, paused = True, False
        await self._reader.waiting.load()
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            asked = loop.time()
            answer = await self._sync(since, whole_state=first)
            # After a pause there is something to tell: the answer waits for nothing.
            cost = loop.time() - asked if paused else None
            await self._client.absorb(answer, whole_state=first)
            inbounds = await self._batch(answer, since, whole_state=first)
            since = text(answer, "next_batch")
            waiting = self._reader.waiting
            await take(Batch(tuple(inbounds), since, waiting.change()))
            waiting.taken()
            self._answer_invitations(answer)
            await self._client.upkeep()
            await self._ask_for_keys()
            if not first and not inbounds and (joined := mapping(answer.get("rooms")).get("join")):
                counts = [*_counts(mapping(joined)), 0]
                seconds = pause(sum(counts), max(counts), cost, asked - before)
                await asyncio.sleep(seconds)
                paused = True
            else:
                paused = False
            first, before = False, asked

    async def aclose(self) -> None:
        """Stop what runs beside the loop."""
        tasks = list(self._answering.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sync(self, since: str | None, *, whole_state: bool) -> Body:
        """One answer, its outer shape checked: a token in nonsense must never be kept."""
        query = {"filter": json.dumps(FILTER, separators=(",", ":")), "set_presence": "offline"}
        if since is not None:
            query["since"] = since
        if whole_state:
            query |= {"full_state": "true", "timeout": "0"}
        else:
            query["timeout"] = str(POLL_SECONDS * 1000)
        path = f"{API}/sync"
        answer = await self._client.call("GET", path, query=query, timeout=POLL_SECONDS + 30)
        rooms = answer.get("rooms", {})
        shaped = isinstance(rooms, dict) and all(
            isinstance(held, dict) and all(isinstance(each, dict) for each in held.values())
            for held in rooms.values()
        )
        if not text(answer, "next_batch") or not shaped:
            raise AnswerLost("the answer to /sync has no next_batch or unreadable rooms")
        for held in rooms.values() if isinstance(rooms, dict) else ():
            drop_nameless(held)
        return answer

    async def _batch(self, answer: Body, since: str | None, *, whole_state: bool) -> list[Inbound]:
        rooms = mapping(answer.get("rooms"))
        found: list[Inbound] = []
        for room, held in mapping(rooms.get("join")).items():
            self._rooms.apply_all(room, mapping(held))
            if since is None:
                found += self._standing(room, mapping(held))
            else:
                found += await self._timeline(room, mapping(held), since)
        if since is not None:
            for room, held in mapping(rooms.get("leave")).items():
                found += await self._timeline(room, mapping(held), since)
                self._rooms.forget(room)
            if whole_state or listing(mapping(answer.get("to_device")).get("events")):
                found += await self._reader.late()
        return found

    def _standing(self, room: str, held: Body) -> list[Inbound]:
        """At the very first sync: that we are there, whether others can read what is said, and
        nothing of what was said before."""
        found = self._secured(room, held)
        for raw in (
            *listing(mapping(held.get("state")).get("events")),
            *listing(mapping(held.get("timeline")).get("events")),
        ):
            if is_event(raw) and self._own_change(mapping(raw)) is True:
                return [*found, self._happened(room, mapping(raw), self._entered(room))]
        return found

    async def _timeline(self, room: str, held: Body, since: str) -> list[Inbound]:
        timeline = mapping(held.get("timeline"))
        events = [mapping(raw) for raw in listing(timeline.get("events"))]
        rest: str | None = None
        if timeline.get("limited") is True and not self._enters(events):
            before, rest = await self._missed(room, since, text(timeline, "prev_batch"))
            here = {text(raw, "event_id") for raw in events}
            events = [raw for raw in before if text(raw, "event_id") not in here] + events
        found = self._secured(room, held)
        if rest is not None:
            found += await self._gap(room, events, since, rest)
        changes = [change for raw in events if (change := self._own_change(raw)) is not None]
        inside = not (changes and changes[0])
        for raw in events:
            change = self._own_change(raw)
            if is_event(raw) and "state_key" in raw:
                self._rooms.apply(room, raw)
            try:
                if change is not None:
                    was, inside = inside, change
                    if was or inside:
                        event = self._entered(room) if inside else self._lost(raw)
                        found.append(self._happened(room, raw, event))
                elif inside:
                    found += await self._one(room, raw)
            except SendFault:
                raise
            except Exception:
                _log.exception("matrix.event.unreadable", room=room, event_id=text(raw, "event_id"))
        return found

    async def _one(self, room: str, raw: Body) -> list[Inbound]:
        if not is_event(raw):
            _log.warning("matrix.event.malformed", room=room)
            return []
        if "state_key" in raw:
            if text(raw, "type") == "m.room.tombstone" and text(raw, "state_key") == "":
                return [self._happened(room, raw, await self._moved(raw))]
            if text(raw, "type") == "m.room.pinned_events" and text(raw, "state_key") == "":
                pinned = self._reader.pinned(room, raw)
                return [] if pinned is None else [pinned]
            if is_encryption(raw):
                return [self._happened(room, raw, Secured())]
            if (people := passed(raw, self._client.user_id)) is not None:
                return [self._happened(room, raw, people)]
            if text(raw, "type") in INFOS:
                beacon = self._reader.beacon_info(room, raw)
                return [] if beacon is None else [beacon]
            return []
        inbound = await self._reader.read(room, raw)
        return [] if inbound is None else [inbound]

    def _own_change(self, raw: Body) -> bool | None:
        """True where the event lets us in, False where it puts us out, else None."""
        if text(raw, "type") != "m.room.member" or text(raw, "state_key") != self._client.user_id:
            return None
        now = text(mapping(raw.get("content")), "membership")
        unsigned = mapping(raw.get("unsigned"))
        before = text(mapping(unsigned.get("prev_content")), "membership")
        if now == "join":
            return True if before != "join" else None
        if now in ("leave", "ban"):
            return False if before in ("join", "") else None
        return None

    def _enters(self, events: list[Body]) -> bool:
        """Whether the first change of our membership among `events` lets us in."""
        changes = (self._own_change(raw) for raw in events)
        return next((change for change in changes if change is not None), None) is True

    async def _missed(self, room: str, since: str, end: str) -> tuple[list[Body], str | None]:
        """Events between the old token and the timeline, oldest first, and where those lie that
        come before them: None if there are none, empty if nobody knows."""
        found: list[Body] = []
        query = {
            "dir": "b",
            "to": since,
            "limit": str(TIMELINE_LIMIT),
            "filter": json.dumps({"lazy_load_members": True}),
        }
        for _page in range(GAP_PAGES):
            if not end or len(found) >= self._gap_limit:
                break
            path = f"{API}/rooms/{quote(room)}/messages"
            try:
                page = await self._client.call("GET", path, query={**query, "from": end})
            except (RoomGone, TargetGone):
                return found[::-1], ""
            except AnswerLost:
                if not self._gives_up(room, since):
                    raise
                return found[::-1], ""
            for raw in listing(page.get("state")):
                if is_event(raw):
                    self._rooms.apply(room, mapping(raw))
            chunk = [mapping(raw) for raw in listing(page.get("chunk"))]
            found += chunk
            if self._enters(chunk[::-1]):
                return found[::-1], None
            next_end = text(page, "end")
            if not next_end or next_end == end:
                return found[::-1], None
            end = next_end
        return found[::-1], end or None

    def _gives_up(self, room: str, since: str) -> bool:
        """Whether this was tried so often that one room would hold up all others."""
        tries = (self._gaps.get((room, since)) or 0) + 1
        self._gaps.put((room, since), tries)
        return tries >= GAP_ATTEMPTS

    async def _gap(self, room: str, events: list[Body], since: str, rest: str) -> list[Inbound]:
        oldest = next((raw for raw in events if is_event(raw)), None)
        if oldest is None:
            return []
        event = await skipped(self._client, room, since, rest, oldest, self._now)
        if event is None:
            return []
        _log.error("matrix.gap", room=room, fetched=len(events), missing=event.count)
        return [self._happened(room, oldest, event, key=f"gap:{text(oldest, 'event_id')}")]

    def _secured(self, room: str, held: Body) -> list[Inbound]:
        """That the room is encrypted, where the state before the timeline says so."""
        return [
            self._happened(room, mapping(raw), Secured())
            for raw in listing(mapping(held.get("state")).get("events"))
            if is_event(raw) and is_encryption(mapping(raw))
        ]

    def _happened(self, room: str, raw: Body, event: Event, *, key: str | None = None) -> Inbound:
        known = self._rooms.get(room)
        return Inbound(
            key=f"matrix:{key or text(raw, 'event_id')}",
            room=f"matrix:{room}",
            at=moment(whole(raw, "origin_server_ts"), self._now()),
            event=event,
            private=known.private,
            title=known.title,
            encrypted=known.encrypted,
        )

    def _entered(self, room: str) -> Entered:
        return Entered(self._rooms.get(room).title)

    def _lost(self, raw: Body) -> Lost:
        content, by = mapping(raw.get("content")), text(raw, "sender")
        why = safe_text(text(content, "reason"))[:200]
        if by == self._client.user_id:
            return Lost(_("The bot has left the room."))
        if text(content, "membership") == "ban":
            reason: Msg = _("{user} has banned the bot: {reason}", user=by, reason=why or "–")
        else:
            reason = _("{user} has removed the bot: {reason}", user=by, reason=why or "–")
        return Lost(reason)

    async def _moved(self, raw: Body) -> Event:
        """The replacement room, once we are in it."""
        to = text(mapping(raw.get("content")), "replacement_room")
        server = text(raw, "sender").partition(":")[2]
        if is_id(to, "!"):
            try:
                await self._client.join(to, via=server)
            except (Unreachable, RateLimited):
                raise
            except SendFault as fault:
                # Another server that never answers must not hold up all other rooms.
                if isinstance(fault, AnswerLost) and not self._gives_up(to, text(raw, "event_id")):
                    raise
                _log.warning("matrix.move.refused", to=to, reason=fault.reason)
            else:
                return Moved(f"matrix:{to}")
        shown = safe_text(to)[:255] or "?"
        return Lost(
            _("The room goes on as {room}, which the bot cannot enter; invite it.", room=shown)
        )

    def _answer_invitations(self, answer: Body) -> None:
        for room, held in mapping(mapping(answer.get("rooms")).get("invite")).items():
            inviter = ""
            for each in listing(mapping(mapping(held).get("invite_state")).get("events")):
                raw = mapping(each)
                if (
                    text(raw, "type") == "m.room.member"
                    and text(raw, "state_key") == self._client.user_id
                ):
                    inviter = text(raw, "sender")
            if self._welcome(room, inviter):
                server = inviter.partition(":")[2]
                self._start(room, partial(self._client.join, room, via=server))
            else:
                _log.warning("matrix.invitation.refused", room=room, inviter=inviter)
                self._start(room, partial(self._client.leave, room))

    def _start(self, room: str, call: Callable[[], Awaitable[None]]) -> None:
        if room not in self._answering:
            task = asyncio.create_task(self._insist(room, call))
            self._answering[room] = task
            task.add_done_callback(lambda _done: self._answering.pop(room, None))

    async def _insist(self, room: str, call: Callable[[], Awaitable[None]]) -> None:
        """Beside the loop: joining a room of a slow server may take minutes."""
        for attempt in range(JOIN_ATTEMPTS):
            try:
                await call()
                return
            except RateLimited as limit:
                wait = limit.after.total_seconds()
            except (Unreachable, AnswerLost):
                wait = 2.0**attempt
            except SendFault as fault:
                _log.warning("matrix.invitation.failed", room=room, reason=fault.reason)
                return
            await asyncio.sleep(wait)
        _log.error("matrix.invitation.given_up", room=room)

    async def _ask_for_keys(self) -> None:
        for room, raw in self._reader.waiting.values():
            session = text(mapping(raw.get("content")), "session_id")
            if self._asked.get(session) is None:
                self._asked.put(session, True)
                await self._client.ask_for_key(room, raw)


def _counts(joined: Body) -> list[int]:
    timelines = (mapping(mapping(held).get("timeline")) for held in joined.values())
    return [len(listing(timeline.get("events"))) for timeline in timelines]
