"""Whether we can write in a room, and under which id: told to those who hear it, and to
administrators."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.administrators import Administrators
from bot.post import Post
from bot.richtext import safe_name
from bot.transports.base import Entered, Inbound, Lost, Moved
from handlers.document import Bold, Document, Para, say
from storage import UnitOfWork
from storage.tables import Room
from workflows.text import _


@dataclass(frozen=True)
class Reach:
    """Keeps which rooms can be written in."""

    post: Post
    admins: Administrators = field(default_factory=Administrators)

    async def entered(self, uow: UnitOfWork, inbound: Inbound, event: Entered, room: Room) -> None:
        """We can write in the room, and in its topics; its people are told what we are."""
        if event.title:
            room.title = event.title
        await uow.rooms.regained(room.id)
        if inbound.private:
            return
        linked = await uow.bridges.of_room(room.id)
        document = Document(
            (
                Para(Bold(_("Lianzhi is here: it joins this room with others."))),
                Para(
                    _("This room is linked already. /help shows what you can do.")
                    if linked
                    else _("An administrator links rooms with /bridge. /help shows more.")
                ),
            )
        )
        await self.post.tell(uow, (room.id,), document)
        await self.post.wake(uow, (room.id,))

    async def lost(self, uow: UnitOfWork, event: Lost, room: Room) -> None:
        """The rooms that hear this one, or a topic of it, learn that it is cut off."""
        if room.lost is not None and "reason" in room.lost:
            return
        room.lost = {"told": {}, "reason": event.reason.to_json()}
        if told := await self._hearing(uow, room.id, alone=room.private):
            document = say(
                _(
                    "⚠ {room} is cut off: {reason} What is written here does not arrive there.",
                    room=room.title or room.id,
                    reason=event.reason,
                )
            )
            await self.post.tell(uow, told, document)

    async def moved(self, uow: UnitOfWork, old: str, event: Moved) -> None:
        """The room goes on under another id, with its bridges and its queue."""
        known = await uow.rooms.get(old)
        title = safe_name(known.title if known is not None else "", fallback=old)
        await uow.rooms.rekey(old, event.to)
        uow.outbox.forget()
        # The lane of the old id looks again, too, and finds that nothing is left to it.
        await self.post.wake(uow, (old, event.to))
        if known is not None and (told := await self._hearing(uow, event.to, alone=False)):
            text = _(
                "{room} was replaced by a new room of its network. The bridge has followed; there "
                "is nothing to do.",
                room=title,
            )
            await self.post.tell(uow, told, say(text))

    async def _hearing(self, uow: UnitOfWork, room: str, *, alone: bool) -> tuple[str, ...]:
        """Who hears a room or one of its topics, and the administrators; nobody, if it is in no
        bridge and nothing but somebody's talk with the bot `alone`."""
        places = await uow.passages.bridged(room)
        heard = [other for place in places for other in await uow.bridges.linked(place)]
        found = [other for other in heard if other not in places]
        if not alone or places:
            found += [each for each in await self.admins.rooms(uow) if each != room]
        return tuple(dict.fromkeys(found))
