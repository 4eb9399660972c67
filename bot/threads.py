"""Topics and threads: what is said in one room's is shown in its place in the other rooms.

A thread is opened in a room when it is first needed there: as a topic, as a thread on the message
that it hangs on, or on a message of Lianzhi's that names it. Where that cannot be, what is said
in it answers the message that it hangs on, or bears its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.delivery.priority import Priority
from bot.post import Post
from bot.richtext import excerpt, from_plain, safe_text
from bot.stored import load
from bot.topics import Topics
from bot.transports.base import HasThreads, Inbound, TopicTold
from storage import UnitOfWork
from storage.tables import Room, Thread

TITLE_GRAPHEMES = 60
"""Of the message that a thread hangs on, as its name."""


async def folded(uow: UnitOfWork, inbound: Inbound, own: frozenset[str]) -> Inbound:
    """What happened in a topic, as part of the whole room; `own` are topics that are configured
    as rooms of their own, as any other topic can be by being linked."""
    whole, slash, topic = inbound.room.partition("/")
    if not slash or inbound.room in own or await uow.threads.is_own_room(inbound.room):
        return inbound
    title = inbound.title.removesuffix(f" / {inbound.topic}") if inbound.topic else inbound.title
    return replace(inbound, room=whole, title=title, thread=topic)


@dataclass(frozen=True)
class Threads:
    """Finds, opens and names threads."""

    post: Post

    async def of(self, uow: UnitOfWork, room: Room, inbound: Inbound) -> int | None:
        """The thread in which something was said, noted at its first use; None for the main
        conversation."""
        if (remote := inbound.thread) is None:
            return None
        if (place := await uow.threads.at(room.id, remote)) is not None:
            place.remote = remote
            return place.thread_id
        hangs_on = await uow.messages.find(room.id, remote)
        title = _title(inbound.topic) or await uow.threads.title(room.id, remote)
        if not title and hangs_on is not None:
            words = excerpt(load(hangs_on.content).html, TITLE_GRAPHEMES)
            title = _title(words) or _title(hangs_on.author or "")
        message_id = None if hangs_on is None else hangs_on.id
        made = await uow.threads.begin(
            title or f"#{_title(remote)}", self.post.now(), message_id=message_id
        )
        await uow.threads.put(made, room.id, remote=remote)
        return made

    async def open(self, uow: UnitOfWork, thread_id: int, rooms: Sequence[str]) -> None:
        """See that each room has a place for the thread, or has been found to have none."""
        thread = await uow.threads.get(thread_id)
        assert thread is not None
        for room in rooms:
            place = await uow.threads.place(thread_id, room)
            if place is None:
                opening = await self._opening(uow, thread, room)
                await uow.threads.put(thread_id, room, opening=opening)
            elif place.remote is None and place.opening is not None:
                place.remote = await uow.messages.remote(place.opening, room)

    async def _opening(self, uow: UnitOfWork, thread: Thread, room: str) -> int | None:
        """The message by which the thread is opened, queued unless it stands there already."""
        transport = self.post.transport(room)
        if not isinstance(transport, HasThreads):
            return None
        hangs_on = thread.message_id
        if (
            transport.any_message
            and hangs_on is not None
            and await uow.messages.copies(hangs_on, room)
        ):
            return hangs_on
        known = await uow.rooms.get(room)
        payload = transport.compose_thread(room, thread.title, known.language if known else "both")
        if payload is None:
            return None
        now = self.post.now()
        opening = await uow.messages.add(
            room=room, content={"html": from_plain(thread.title)}, at=now, taken_at=now
        )
        await uow.messages.place(opening, room)
        await self.post.order(uow, room, "send", payload, opening, priority=Priority.TALK)
        return opening

    async def told(self, uow: UnitOfWork, inbound: Inbound, told: TopicTold) -> None:
        """A topic has a new name, or is open again; it is called so wherever we have opened it."""
        if told.closed is False and (itself := await uow.rooms.get(inbound.room)) is not None:
            await Topics(self.post).opened(uow, itself)
        whole, _slash, topic = inbound.room.partition("/")
        remote = inbound.thread or topic
        if not remote:
            return
        title = _title(told.title)
        if title:
            await uow.threads.name(whole, remote, title, self.post.now(), ours=told.ours)
        place = await uow.threads.at(whole, remote)
        if place is None or told.ours:
            return
        if told.closed is False:
            place.gone = False
        thread = await uow.threads.get(place.thread_id)
        if thread is None or not title or thread.title == title:
            return
        thread.title = title
        linked = set(await uow.bridges.linked(whole))
        for each in await uow.threads.places(place.thread_id):
            transport = self.post.transport(each.room)
            ours = each.opening not in (None, thread.message_id) and each.room in linked
            if each.opening is None or not ours or not isinstance(transport, HasThreads):
                continue
            known = await uow.rooms.get(each.room)
            language = known.language if known else "both"
            payload = transport.compose_thread(each.room, title, language)
            if payload is not None:
                await self.post.order(
                    uow, each.room, "edit", payload, each.opening, priority=Priority.TALK
                )


def _title(words: str) -> str:
    return excerpt(from_plain(" ".join(safe_text(words).split())), TITLE_GRAPHEMES)
