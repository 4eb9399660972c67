"""Where in its room a message goes that is part of a thread."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from bot.delivery.joining import THREAD
from bot.transports.base import Payload, Sending
from storage import Store, UnitOfWork
from storage.tables import OutboxRow

Remote = Callable[[int, int], Awaitable[str | None]]
"""The network's id of a part of a message in the room, None if it is not there."""

SIGN = "🧵"
"""Before the name of a thread that the room has no place for."""


def threaded(payload: Payload, thread_id: int | None) -> Payload:
    """The payload as a part of a thread."""
    return payload if thread_id is None else {**payload, THREAD: thread_id}


def label(title: str) -> str:
    """A line that names the thread of what stands in the main conversation."""
    return f"{SIGN} {title}"


async def in_thread(sending: Sending, row: OutboxRow, store: Store, remote: Remote) -> Sending:
    """The call with its thread; where the room has none, it answers what the thread hangs on or
    bears its name."""
    thread_id = row.payload.get(THREAD)
    if not isinstance(thread_id, int):
        return sending
    async with store.read() as uow:
        place = await uow.threads.place(thread_id, row.room)
        thread = await uow.threads.get(thread_id)
    if place is None or thread is None:
        return sending
    at = place.remote
    if at is None and place.opening is not None:
        at = await remote(place.opening, 0)
    if at is not None and not place.gone:
        return replace(sending, thread=at)
    hangs_on = None if thread.message_id is None else await remote(thread.message_id, 0)
    # An answer to what stands in a closed topic would go there, too.
    answered = None if place.gone else sending.reply_to
    names = hangs_on is None and (place.gone or place.opening is not None)
    marks = [sending.mark or "", label(thread.title) if names else ""]
    return replace(
        sending, reply_to=answered or hangs_on, mark=" · ".join(filter(None, marks)) or None
    )


async def in_main(sending: Sending, main: str, store: Store) -> Sending:
    """The call to a topic that is a room of its own; while that is closed, to the `main`
    conversation under the topic's name."""
    async with store.read() as uow:
        room = await uow.rooms.get(sending.room)
        if room is None or room.closed_at is None:
            return sending
        title = await uow.threads.title(main, sending.room.partition("/")[2])
    marks = (sending.mark or "", label(title or room.title.rpartition(" / ")[2]))
    # An answer to what stands in a closed topic would go there, too.
    return replace(sending, room=main, reply_to=None, mark=" · ".join(filter(None, marks)))


async def leave(uow: UnitOfWork, row: OutboxRow) -> int | None:
    """Note that the row's thread is gone from its room; the thread's id if that is new."""
    thread_id = row.payload.get(THREAD)
    if not isinstance(thread_id, int):
        return None
    place = await uow.threads.place(thread_id, row.room)
    if place is None or place.gone or (place.remote is None and place.opening is None):
        return None
    place.gone = True
    return thread_id


async def close(uow: UnitOfWork, room_id: str, now: datetime) -> bool:
    """Note that the room, a topic, is closed; False if that is no news."""
    room = await uow.rooms.get(room_id)
    if room is None or room.closed_at is not None:
        return False
    room.closed_at = now
    return True


async def said_anew(uow: UnitOfWork, row: OutboxRow, now: datetime) -> bool:
    """Make the row, a correction of what stands in a closed topic, a message of its own, which
    goes to the main conversation; what it corrects is taken back, where that is allowed.

    False if the row stands in no closed topic. One that corrects what is not to be seen any more
    is dropped.
    """
    if row.message_id is None or not await _is_shut(uow, row):
        return False
    assert row.id is not None
    message = await uow.messages.get(row.message_id)
    parts = {copy.part for copy in await uow.messages.copies(row.message_id, row.room)}
    if message is None or message.deleted_at is not None or row.part not in parts:
        await uow.outbox.mark(row.id, state="dropped")
        return True
    outdated = await uow.messages.renew(row.message_id, row.room, row.part)
    new = {"action": "send", "state": "queued", "attempts": 0, "not_before": None, "error": None}
    await uow.outbox.mark(row.id, **new)
    if outdated is None:
        return True
    gone = {
        "room": row.room,
        "priority": row.priority,
        "action": "delete",
        "payload": {},
        "txn": f"lz{uuid.uuid4().hex}",
        "message_id": row.message_id,
        "part": outdated,
        "origin_room": row.origin_room,
        "made_at": now,
    }
    await uow.outbox.add([gone])
    return True


async def _is_shut(uow: UnitOfWork, row: OutboxRow) -> bool:
    """Whether what the row is for goes to the main conversation since its topic is closed."""
    thread_id = row.payload.get(THREAD)
    if isinstance(thread_id, int):
        place = await uow.threads.place(thread_id, row.room)
        if place is not None and place.gone:
            return True
    room = await uow.rooms.get(row.room)
    return room is not None and room.closed_at is not None
