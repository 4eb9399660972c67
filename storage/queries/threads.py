"""Conversations beside the main ones, and where rooms have them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import BridgeRoom, Copy, Thread, ThreadPlace, Topic


class Threads(Queries):
    """The durable map between threads and what each network calls them."""

    async def get(self, thread_id: int) -> Thread | None:
        """The thread."""
        return await self.by_key(Thread, thread_id)

    async def begin(self, title: str, now: datetime, *, message_id: int | None = None) -> int:
        """A new thread without a place; its id."""
        thread = Thread(title=title, message_id=message_id, made_at=now)
        self.session.add(thread)
        await self.session.flush()
        assert thread.id is not None
        return thread.id

    async def place(self, thread_id: int, room: str) -> ThreadPlace | None:
        """The thread's place in a room, None where it was never looked for."""
        return await self.by_key(ThreadPlace, (thread_id, room))

    async def places(self, thread_id: int) -> Sequence[ThreadPlace]:
        """The thread's places, by room."""
        found = select(ThreadPlace).where(ThreadPlace.thread_id == thread_id)
        return (await self.session.exec(found.order_by(ThreadPlace.room))).all()

    async def put(
        self,
        thread_id: int,
        room: str,
        *,
        remote: str | None = None,
        opening: int | None = None,
    ) -> None:
        """Note where the thread is, or that the room has no place for it."""
        place = ThreadPlace(thread_id=thread_id, room=room, remote=remote, opening=opening)
        self.session.add(place)
        await self.session.flush()

    async def at(self, room: str, remote: str) -> ThreadPlace | None:
        """The place that the network calls `remote`."""
        found = select(ThreadPlace).where(ThreadPlace.room == room, ThreadPlace.remote == remote)
        if (known := (await self.session.exec(found)).first()) is not None:
            return known
        opened = (
            select(ThreadPlace)
            .join(Copy, col(Copy.message_id) == col(ThreadPlace.opening))
            .where(ThreadPlace.room == room, Copy.room == room, Copy.remote == remote)
        )
        return (await self.session.exec(opened)).first()

    async def labels(self, thread_id: int, rooms: Sequence[str]) -> dict[str, str]:
        """The thread's title for those of the rooms that have neither a place for it nor the
        message that it hangs on."""
        thread = await self.get(thread_id)
        nowhere = select(ThreadPlace.room).where(
            ThreadPlace.thread_id == thread_id,
            col(ThreadPlace.room).in_(list(rooms)),
            col(ThreadPlace.remote).is_(None),
            col(ThreadPlace.opening).is_(None),
        )
        bare = set((await self.session.exec(nowhere)).all())
        if thread is None or not bare:
            return {}
        hangs = select(Copy.room).where(
            Copy.message_id == thread.message_id, col(Copy.room).in_(bare)
        )
        bare -= set((await self.session.exec(hangs)).all())
        return dict.fromkeys(bare, thread.title)

    async def is_own_room(self, room: str) -> bool:
        """Whether the topic `room` is to be a room of its own: it is in a bridge itself, or the
        room that it is part of is in none."""
        whole = room.partition("/")[0]
        found = select(BridgeRoom.room).where(col(BridgeRoom.room).in_((room, whole)))
        linked = set((await self.session.exec(found)).all())
        return room in linked or whole not in linked

    async def name(
        self, room: str, remote: str, title: str, now: datetime, *, ours: bool = False
    ) -> None:
        """The network calls a topic so."""
        topic = await self.session.get(Topic, (room, remote))
        if topic is None:
            topic = Topic(room=room, remote=remote, title=title, ours=ours, at=now)
        topic.title = title
        self.session.add(topic)
        await self.session.flush()

    async def title(self, room: str, remote: str) -> str:
        """How the network calls a topic; empty if it was never told."""
        topic = await self.session.get(Topic, (room, remote))
        return "" if topic is None else topic.title

    async def unclaimed(self, room: str, title: str) -> str | None:
        """The newest topic that the bot has opened under that title without knowing of it."""
        here = (Topic.room == room, Topic.title == title, col(Topic.ours))
        found = (
            select(Topic.remote)
            .outerjoin(
                Copy, (col(Copy.room) == col(Topic.room)) & (col(Copy.remote) == col(Topic.remote))
            )
            .where(*here, col(Copy.id).is_(None))
            .order_by(col(Topic.at).desc())
        )
        return (await self.session.exec(found)).first()
