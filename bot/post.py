"""Everything that is said becomes rows here: documents, relayed messages, their changes."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.delivery.albums import GATHERED, in_album
from bot.delivery.joining import ALBUM
from bot.delivery.priority import Priority
from bot.delivery.threads import threaded
from bot.richtext import Html
from bot.speech import Speech, has_times
from bot.stored import dump, load
from bot.transports.base import (
    RENEWED,
    Albums,
    Content,
    Media,
    Outgoing,
    Payload,
    Transport,
)
from bot.wording import Rendered, Wording
from handlers.document import Document
from storage import UnitOfWork
from storage.tables import Message, OutboxRow

PAPER = "paper"
"""The timer that has a document's picture drawn once the document itself is stored."""

CLAIMED = 8
"""Calls that a transaction may store as tried: so few that no quota makes them wait afterwards,
since after a crash each would have to be looked for."""


@dataclass(frozen=True)
class Post:
    """Writes outbox rows; it sends nothing itself. `wake_lanes` is called after the commit, with
    the rooms and the rows that were written for them."""

    transports: Mapping[str, Transport]
    speech: Speech
    now: Callable[[], datetime]
    wake_lanes: Callable[[Collection[str], Sequence[OutboxRow]], None]
    is_free: Callable[[str, Priority], bool] = lambda _room, _priority: False
    """Whether a call to the room would be made at once."""
    answering: set[asyncio.Future[None]] = field(default_factory=set)
    wording: Wording = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wording", Wording(self.speech, self.now))

    def transport(self, room: str) -> Transport | None:
        """The network of the room, None if it is not connected."""
        return self.transports.get(room.partition(":")[0])

    async def wake(self, uow: UnitOfWork, rooms: tuple[str, ...]) -> None:
        """Queued calls of these rooms can go on once the transaction is committed."""
        if rooms:
            uow.committed.append(lambda: self.wake_lanes(rooms, uow.outbox.fresh(rooms)))

    async def tell(
        self,
        uow: UnitOfWork,
        rooms: tuple[str, ...],
        document: Document,
        *,
        reply_to: int | None = None,
        priority: Priority = Priority.REPLY,
        elsewhere: Priority | None = None,
        received_at: datetime | None = None,
        media: Mapping[str, tuple[Media, ...]] | None = None,
        about: int | None = None,
    ) -> int:
        """Say a document in rooms, each in its language; the message's id.

        `about` is the number of the incident whose time zone it has, if not that of its card or
        of each room's own. `elsewhere` is the priority in all rooms but the first: an answer must
        not overtake the relayed question there. `media` are files shown with it, by language; the
        document's own papers follow (`bot.printing`).
        """
        now = self.now()
        known = await uow.rooms.many(rooms)
        first = known.get(rooms[0]) if rooms else None
        language = first.language if first else "both"
        if document.card is not None:
            about = document.card.incident
        speeches = await self.wording.speeches(uow, rooms, about) if has_times(document) else {}
        speech = speeches.get(rooms[0], self.speech) if rooms else self.speech
        said = Rendered(document)
        content = Content(said.html(speech, language), (media or {}).get(language, ()))
        message_id = await uow.messages.add(
            room=rooms[0] if rooms else "",
            content=dump(content),
            at=now,
            taken_at=now,
            reply_to=reply_to,
        )
        await self._stay(uow, message_id, reply_to)
        if (thing := document.card) is not None:
            await uow.cards.shown(message_id, rooms, thing.incident, thing.letter, thing.number)
        tokens = [secrets.token_urlsafe(12) for _button in document.buttons]
        if tokens:
            await uow.buttons.add(message_id, now, _button_rows(document, tokens))
        printed = speech
        if document.papers:
            printed = await self.wording.printed(uow, about, speech, speeches)
        for number, paper in enumerate(document.papers):
            data = {
                "rooms": list(rooms),
                "paper": paper.to_json(),
                "zone": printed.zone.key,
                "named": printed.named,
            }
            await uow.timers.set(PAPER, f"{message_id}.{number}", now, data)
        outgoings = await self.wording.spoken(uow, rooms, said, tokens, speeches, media)
        first_room = rooms[0] if rooms else ""
        priorities = {
            room: priority if elsewhere is None or room == first_room else elsewhere
            for room in rooms
        }
        await self._queue(uow, message_id, outgoings, priorities, reply_to, received_at)
        return message_id

    async def redraw(
        self, uow: UnitOfWork, message_id: int, rooms: Sequence[str], document: Document
    ) -> None:
        """A document that was said reads otherwise now: it is edited in these rooms.

        A choice that stays keeps its token, so that a tap on what is just being edited counts.
        """
        message = await uow.messages.get(message_id)
        if message is None or message.deleted_at is not None:
            return
        offered = {
            (each.command, tuple(each.only)): each.token
            for each in await uow.buttons.of_message(message_id)
        }
        tokens = [
            offered.pop((button.command, button.only), "") or secrets.token_urlsafe(12)
            for button in document.buttons
        ]
        await uow.buttons.replace(message_id, self.now(), _button_rows(document, tokens))
        about = None if document.card is None else document.card.incident
        speeches = await self.wording.speeches(uow, rooms, about) if has_times(document) else {}
        said = Rendered(document)
        outgoings = await self.wording.spoken(uow, rooms, said, tokens, speeches)
        first = next(iter(outgoings.values()), None)
        if first is not None:
            await uow.messages.changed(message, {"html": first.html})
        await self._rewrite(uow, message, outgoings)

    async def _stay(self, uow: UnitOfWork, message_id: int, reply_to: int | None) -> None:
        """What answers a message is said in the same thread."""
        answered = None if reply_to is None else await uow.messages.get(reply_to)
        if answered is not None and answered.thread is not None:
            made = await uow.messages.get(message_id)
            assert made is not None
            made.thread = answered.thread

    async def relay(
        self,
        uow: UnitOfWork,
        message: Message,
        rooms: Sequence[str],
        *,
        quoted: tuple[str, Html] | None = None,
    ) -> None:
        """Show somebody's message in other rooms. `quoted` is what it answers, where the
        message map does not know that."""
        assert message.id is not None
        outgoings = await self.wording.relayed(uow, message, rooms, quoted)
        priorities = dict.fromkeys(rooms, Priority.TALK)
        await self._queue(
            uow, message.id, outgoings, priorities, message.reply_to, message.taken_at
        )

    async def _queue(
        self,
        uow: UnitOfWork,
        message_id: int,
        outgoings: Mapping[str, Outgoing],
        priorities: Mapping[str, Priority],
        reply_to: int | None,
        received_at: datetime | None,
    ) -> None:
        message_room = message = None
        rows: list[dict[str, object]] = []
        copies: list[dict[str, object]] = []
        for room, outgoing in outgoings.items():
            if (transport := self.transport(room)) is None:
                continue
            if message_room is None and (message := await uow.messages.get(message_id)):
                message_room = message.room
            claims = (
                not transport.idempotent
                and len(outgoings) <= CLAIMED
                and self.is_free(room, priorities[room])
                and uow.outbox.may_claim(room, CLAIMED)
            )
            for part, payload in enumerate(_parts(transport, outgoing, message)):
                row = self._row(
                    room, priorities[room], "send", payload, message_id, part, message_room
                ) | {
                    "reply_to": _answered(part, payload, message_id, reply_to),
                    "received_at": received_at,
                }
                if album := payload.get(ALBUM):
                    if album != _own_album(message_id):
                        row["not_before"] = self.now() + GATHERED
                elif claims and part == 0:
                    # The try is stored with the call itself: that spares it a commit of its own.
                    row |= {"state": "sending", "attempts": 1, "tried_at": self.now()}
                rows.append(row)
                copies.append({"message_id": message_id, "room": room, "part": part})
        await uow.messages.place_all(copies)
        await uow.outbox.add(rows)
        await self.wake(uow, tuple(outgoings))

    async def order(
        self,
        uow: UnitOfWork,
        room: str,
        action: str,
        payload: Payload,
        message_id: int,
        *,
        priority: Priority = Priority.DECORATION,
        origin_room: str | None = None,
        reply_to: int | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Queue one call that concerns a message in a room."""
        row = self._row(room, priority, action, payload, message_id, 0, origin_room)
        await uow.outbox.add([row | {"reply_to": reply_to, "not_before": not_before}])
        await self.wake(uow, (room,))

    def _row(
        self,
        room: str,
        priority: Priority,
        action: str,
        payload: Payload,
        message_id: int,
        part: int,
        origin_room: str | None,
    ) -> dict[str, object]:
        return {
            "room": room,
            "priority": int(priority),
            "action": action,
            "payload": payload,
            "txn": f"lz{uuid.uuid4().hex}",
            "message_id": message_id,
            "part": part,
            "origin_room": origin_room,
            "made_at": self.now(),
        }

    async def change(
        self,
        uow: UnitOfWork,
        message: Message,
        quoted: tuple[str, Html] | None = None,
        *,
        renewed: bool = False,
    ) -> None:
        """The message was edited: every copy is made to read what it says now. With `renewed` its
        files are others than before."""
        assert message.id is not None
        copies = await uow.messages.copies(message.id)
        rooms = list(dict.fromkeys(copy.room for copy in copies if not copy.origin))
        outgoings = await self.wording.relayed(uow, message, rooms, quoted)
        await self._rewrite(uow, message, outgoings, renewed=renewed)

    async def _rewrite(
        self,
        uow: UnitOfWork,
        message: Message,
        outgoings: Mapping[str, Outgoing],
        *,
        renewed: bool = False,
    ) -> None:
        assert message.id is not None
        # An edit that is dropped for this one may have had a file to bring.
        renewed = renewed or await uow.outbox.renews(message.id, RENEWED)
        parts: dict[str, list[int]] = {}
        for copy in await uow.messages.copies(message.id):
            if not copy.origin:
                parts.setdefault(copy.room, []).append(copy.part)
        rows: list[dict[str, object]] = []
        new: list[dict[str, object]] = []
        for room, outgoing in outgoings.items():
            if (transport := self.transport(room)) is None:
                continue
            payloads = _parts(transport, outgoing, message)
            there = parts.get(room, [])
            unused = await uow.messages.next_part(message.id, room)
            if renewed:
                payloads = [_renewed(each) for each in payloads]
            for at, payload in enumerate(payloads):
                action, part = ("edit", there[at]) if at < len(there) else ("send", unused)
                if await uow.outbox.amend_dead(message.id, room, part, payload):
                    continue
                if not transport.idempotent and await uow.outbox.fold_edit(
                    message.id, room, part, payload
                ):
                    continue
                rows.append(
                    self._row(room, Priority.TALK, action, payload, message.id, part, message.room)
                )
                if action == "send":
                    rows[-1]["reply_to"] = _answered(at, payload, message.id, None)
                    new.append({"message_id": message.id, "room": room, "part": part})
                    unused += 1
            surplus = there[len(payloads) :]
            rows += [
                self._row(room, Priority.TALK, "delete", {}, message.id, part, message.room)
                for part in surplus
                if not await self._never_sent(uow, message.id, room, part)
            ]
            await uow.messages.withdraw(message.id, room, surplus)
        await uow.messages.place_all(new)
        await uow.outbox.supersede_edits(message.id)
        await uow.outbox.add(rows)
        await self.wake(uow, tuple(outgoings))

    async def erase_copies(
        self, uow: UnitOfWork, message: Message, *, origin: bool
    ) -> tuple[str, ...]:
        """Take the message back in every room, in the original's only with `origin`."""
        assert message.id is not None
        copies = [
            copy
            for copy in await uow.messages.copies(message.id)
            if (origin or not copy.origin) and self.transport(copy.room) is not None
        ]
        await uow.outbox.add(
            [
                self._row(
                    copy.room, Priority.TALK, "delete", {}, message.id, copy.part, message.room
                )
                for copy in copies
                if not await self._never_sent(uow, message.id, copy.room, copy.part)
            ]
        )
        await uow.outbox.forget_dead(message.id)
        await uow.messages.deleted(message, self.now())
        for room, line in await uow.reactions.forget([message.id]):
            await self.order(uow, room, "delete", {}, line)
        rooms = tuple(dict.fromkeys(copy.room for copy in copies))
        await self.wake(uow, rooms)
        return rooms

    async def _never_sent(self, uow: UnitOfWork, message_id: int, room: str, part: int) -> bool:
        """Whether that part was still queued and is now dropped.

        Only where tries are stored before they are made: what a lane has read it may be sending.
        """
        transport = self.transport(room)
        if transport is None or transport.idempotent:
            return False
        return await uow.outbox.fold_delete(message_id, room, part)

    async def erase(self, uow: UnitOfWork, message_id: int) -> tuple[str, ...]:
        """Take a message back wherever it stands, the original included; the rooms."""
        message = await uow.messages.get(message_id)
        if message is None or message.deleted_at is not None:
            return ()
        return await self.erase_copies(uow, message, origin=True)

    def answer_press(self, room: str, press: str, text: str) -> None:
        """Answer a tap. Decoration: it neither waits nor fails."""
        if (transport := self.transport(room)) is not None:
            task = asyncio.ensure_future(transport.answer_press(press, text))
            self.answering.add(task)
            task.add_done_callback(self.answering.discard)


def _button_rows(
    document: Document, tokens: Sequence[str]
) -> list[tuple[str, int, str, tuple[str, ...], bool]]:
    return [
        (token, number, button.command, button.only, button.answers_form)
        for number, (token, button) in enumerate(zip(tokens, document.buttons, strict=True), 1)
    ]


def _parts(transport: Transport, outgoing: Outgoing, message: Message | None) -> list[Payload]:
    """The messages that show it, as parts of their thread and of their album."""
    payloads = transport.compose(outgoing)
    if message is None:
        return payloads
    album = None
    if outgoing.media and isinstance(transport, Albums):
        many = _own_album(message.id) if len(outgoing.media) > 1 else None
        album = load(message.content).album or many
    return [in_album(threaded(each, message.thread), album) for each in payloads]


def _renewed(payload: Payload) -> Payload:
    alone = isinstance(payload.get("media"), dict) or "file_id" in payload
    return {**payload, RENEWED: True} if alone else payload


def _own_album(message_id: int | None) -> str:
    """What the files of a message have in common that is an album by itself, and whole."""
    return f"m{message_id}"


def _answered(part: int, payload: Payload, message_id: int, reply_to: int | None) -> int | None:
    """What a part is sent as an answer to: the first to what the message answers, one that
    continues to the message itself."""
    if payload.get("continues"):
        return message_id
    return reply_to if part == 0 else None
