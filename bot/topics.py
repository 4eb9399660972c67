"""Topics that are rooms of their own: closed or deleted, and open again.

While one is closed, what is for it goes to the general topic under its name
(`bot.delivery.threads`): the same people read it there, and in an emergency words that wait help
nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.administrators import Administrators
from bot.post import Post
from handlers.document import say
from storage import UnitOfWork
from storage.tables import Room
from workflows.text import _

TRIED_AGAIN = timedelta(hours=1)
"""After that somebody's words in the topic are reason to try it again: those who may can write in
a closed topic, too, and that it was opened again may never have been told."""


@dataclass(frozen=True)
class Topics:
    """Tells those who write for a topic, or in it."""

    post: Post
    admins: Administrators = field(default_factory=Administrators)

    async def gone(self, uow: UnitOfWork, room_id: str) -> None:
        """The network takes nothing for the topic any more: both sides and the administrators
        learn it."""
        group, topic = await names(uow, room_id)
        told = (room_id, *await uow.bridges.linked(room_id), *await self.admins.rooms(uow))
        await self.post.tell(
            uow,
            tuple(dict.fromkeys(told)),
            say(
                _(
                    "⚠ The topic “{topic}” of {room} is closed or deleted. What is written for it "
                    "elsewhere appears in the general topic there.",
                    topic=topic,
                    room=group,
                ),
                _(
                    "Answers in the general topic are not carried back. Open the topic again, or "
                    "link another one with /bridge."
                ),
            ),
        )

    async def opened(self, uow: UnitOfWork, room: Room) -> None:
        """The topic was opened again: what is for it goes there, and both sides learn it."""
        if room.closed_at is None:
            return
        room.closed_at = None
        group, topic = await names(uow, room.id)
        text = _("The topic “{topic}” of {room} is open again.", topic=topic, room=group)
        await self.post.tell(uow, (room.id, *await uow.bridges.linked(room.id)), say(text))


def written_in(room: Room, now: datetime) -> None:
    """Somebody wrote in the topic."""
    if room.closed_at is not None and now - room.closed_at >= TRIED_AGAIN:
        room.closed_at = None


async def names(uow: UnitOfWork, room_id: str) -> tuple[str, str]:
    """What the group and its topic are called."""
    whole, _slash, remote = room_id.partition("/")
    known = await uow.rooms.get(room_id)
    title = known.title if known is not None and known.title else room_id
    topic = await uow.threads.title(whole, remote)
    group = title.removesuffix(f" / {topic}") if topic else title.rpartition(" / ")[0]
    return group or title, topic or title.rpartition(" / ")[2]
