"""Encrypted rooms in bridges: what their people are told until an administrator confirms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.post import Post
from handlers.mixing import stays, waits
from storage import UnitOfWork
from storage.tables import Room
from workflows import mixing

TOLD_AGAIN = timedelta(minutes=10)
"""How often people are told that what they write does not leave their room."""


@dataclass(frozen=True)
class Sealing:
    """Seals a room once it is known to be encrypted, and says so."""

    post: Post

    async def encrypted(self, uow: UnitOfWork, room: Room) -> None:
        """The network says that the room is encrypted. Nothing leaves it from now on, unless
        that was confirmed."""
        if room.encrypted:
            return
        await uow.seals.encrypted(room.id)
        room.encrypted = True
        await self._tell(uow, await mixing.waiting(uow, room.id))

    async def tell(self, uow: UnitOfWork) -> None:
        """Tell of every bridge that waits and of which nobody was told, as after a change of the
        configuration."""
        await self._tell(uow, await mixing.waiting(uow))

    async def _tell(self, uow: UnitOfWork, waiting: list[mixing.Mixed]) -> None:
        for mixed in waiting:
            if mixed.told_at is None:
                await self.post.tell(uow, mixed.rooms, waits(mixed))
                await uow.seals.tell(mixed.bridge_id, self.post.now())

    async def stayed(self, uow: UnitOfWork, room: str, message_id: int) -> None:
        """What was just written in an encrypted room went nowhere: its people are told, not at
        every message."""
        now = self.post.now()
        for mixed in await mixing.waiting(uow, room):
            shut = any(sealed == room for sealed, _title in mixed.sealed)
            if shut and (mixed.told_at is None or now - mixed.told_at >= TOLD_AGAIN):
                await self.post.tell(uow, (room,), stays(mixed), reply_to=message_id)
                await uow.seals.tell(mixed.bridge_id, now)
