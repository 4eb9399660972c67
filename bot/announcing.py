"""What people are told of calls that were given up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.administrators import Administrators
from bot.delivery.decoration import optional
from bot.delivery.priority import Priority
from bot.post import Post
from bot.richtext import excerpt
from bot.stored import load
from bot.topics import Topics
from bot.wording import QUOTE_GRAPHEMES
from handlers.document import say
from storage import UnitOfWork
from storage.tables import OutboxRow, Room
from workflows.delivery import reason
from workflows.text import Msg, _, ngettext

TOLD_AGAIN = timedelta(minutes=10)
"""How often a room is told that what it writes does not arrive in one that is lost."""

ADMINS = "admins"
"""The administrators, among those who are told of a room that is lost."""


@dataclass(frozen=True)
class Announcing:
    """Tells rooms what became of their messages; see `bot.delivery.lane.Announcer`."""

    post: Post
    admins: Administrators = field(default_factory=Administrators)

    async def dead(self, uow: UnitOfWork, rows: list[OutboxRow]) -> None:
        """Tell the rooms in which the messages were written that they did not arrive."""
        by_origin: dict[str, list[OutboxRow]] = {}
        for row in rows:
            if optional(row):
                await self._unpinned(uow, row)
            elif row.origin_room and row.origin_room != row.room and await _is_missed(uow, row):
                by_origin.setdefault(row.origin_room, []).append(row)
        for origin, lost in by_origin.items():
            target = await uow.rooms.get(lost[0].room)
            if not _due(target, origin, self.post.now()):
                continue
            await self.post.tell(
                uow,
                (origin,),
                say(
                    _undelivered(lost, target),
                    _("Send again: /retry send. Let it be: /retry drop."),
                ),
                reply_to=lost[0].message_id,
            )

        await self._cut_off(uow, [row for each in by_origin.values() for row in each])
        left = {
            (row.message_id, row.room): row
            for row in rows
            if row.action == "delete" and not optional(row)
        }
        for row in left.values():
            await self._still_there(uow, row)

    async def _cut_off(self, uow: UnitOfWork, lost: list[OutboxRow]) -> None:
        """Administrators learn of a room that takes nothing any more, if they do not know it."""
        room = await uow.rooms.get(lost[0].room) if lost else None
        if room is None or room.lost is None or "reason" in room.lost:
            return
        told = [each for each in await self.admins.rooms(uow) if each not in {r.room for r in lost}]
        if told and _due(room, ADMINS, self.post.now()):
            await self.post.tell(uow, tuple(told), say(_undelivered(lost, room)))

    async def _still_there(self, uow: UnitOfWork, row: OutboxRow) -> None:
        """Whoever took a message back learns where it stands nevertheless."""
        standing = await uow.rooms.get(row.room)
        origin = row.origin_room or row.room
        await self.post.tell(
            uow,
            (origin, *await uow.bridges.linked(origin)),
            say(
                _(
                    "⚠ A message that was taken back still stands in {room}: {reason}",
                    room=_name(standing, row.room),
                    reason=reason(row.error),
                ),
                _("Somebody with the right to do so has to delete it there by hand."),
            ),
        )

    async def _unpinned(self, uow: UnitOfWork, row: OutboxRow) -> None:
        """Where we may not pin a message, a line says that somebody else did."""
        if row.action == "pin" and row.message_id is not None:
            await tell_pinned(
                self.post, uow, row.room, str(row.payload.get("by", "")), row.message_id
            )

    async def thread_gone(self, uow: UnitOfWork, room: str, thread_id: int) -> None:
        """Both sides learn that what is said in a topic goes on in the general one."""
        thread, place = await uow.threads.get(thread_id), await uow.rooms.get(room)
        if thread is None:
            return
        told = (room, *await uow.bridges.linked(room), *await self.admins.rooms(uow))
        await self.post.tell(
            uow,
            tuple(dict.fromkeys(told)),
            say(
                _(
                    "⚠ The topic “{topic}” of {room} is closed or deleted. What is written in it "
                    "elsewhere appears in the general topic there.",
                    topic=thread.title,
                    room=_name(place, room),
                )
            ),
        )

    async def topic_gone(self, uow: UnitOfWork, room: str) -> None:
        """See `bot.topics`."""
        await Topics(self.post, self.admins).gone(uow, room)

    async def repeat_line(self, uow: UnitOfWork, room: str) -> str:
        """What stands above a message that may be there already, in the room's language."""
        known = await uow.rooms.get(room)
        return self.post.speech.text(
            _("Possibly repeated: the first answer was lost"), known.language if known else "both"
        )


async def tell_pinned(
    post: Post, uow: UnitOfWork, room: str, name: str, message_id: int | None
) -> None:
    """A line about a message that was pinned elsewhere and is not pinned here."""
    message = None if message_id is None else await uow.messages.get(message_id)
    said = "" if message is None else excerpt(load(message.content).html, QUOTE_GRAPHEMES)
    text = (
        _("📌 {name} pinned: {excerpt}", name=name, excerpt=said)
        if said
        else _("📌 {name} pinned a message that has no words here.", name=name)
    )
    await post.tell(uow, (room,), say(text), reply_to=message_id, priority=Priority.TALK)


async def _is_missed(uow: UnitOfWork, row: OutboxRow) -> bool:
    """Whether people would not read what they wrote; of a message that is corrected again and
    again, such as a live location, the first correction that is refused tells enough."""
    if row.action == "edit":
        return not await uow.outbox.was_refused(row)
    return row.action == "send"


def _undelivered(lost: list[OutboxRow], room: Room | None) -> Msg:
    if all(row.action == "edit" for row in lost):
        return _(
            "⚠ A correction did not arrive in {room}, the old words stand there: {reason}",
            room=_name(room, lost[0].room),
            reason=reason(lost[0].error),
        )
    return ngettext(
        "⚠ {n} message was not delivered to {room}: {reason}",
        "⚠ {n} messages were not delivered to {room}: {reason}",
        len({row.message_id for row in lost}),
        room=_name(room, lost[0].room),
        reason=reason(lost[0].error),
    )


def _due(room: Room | None, origin: str, now: datetime) -> bool:
    """Whether people in `origin` are to be told (again) that nothing arrives in `room`."""
    if room is None:
        return True
    told = dict((room.lost or {}).get("told", {}))
    last = told.get(origin)
    if last is not None and now - datetime.fromisoformat(last) < TOLD_AGAIN:
        return False
    if room.lost is not None:
        room.lost = {**room.lost, "told": {**told, origin: now.isoformat()}}
    return True


def _name(room: Room | None, fallback: str) -> str:
    return room.title if room is not None and room.title else fallback
