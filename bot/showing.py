"""What a command can cause in rooms: things said, cards that are kept up to date, people told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.delivery.priority import Priority
from bot.post import Post
from bot.richtext import Html, to_plain
from bot.stored import load
from handlers.document import Document, Mention, Para
from storage import UnitOfWork
from workflows.text import Json


@dataclass(frozen=True)
class Showing:
    """`handlers.context.Actions` by means of outbox rows."""

    post: Post

    def plain(self, content: Mapping[str, Json]) -> str:
        """The words of a message's content as plain text."""
        held = load(content)
        more = () if held.uncarried is None else (self.post.speech.text(held.uncarried, "both"),)
        names = tuple(media.name for media in held.media if media.name)
        return "\n".join(filter(None, (to_plain(Html(held.html)), *more, *names)))

    async def tell(
        self,
        uow: UnitOfWork,
        rooms: tuple[str, ...],
        document: Document,
        *,
        reply_to: int | None = None,
        urgent: bool = False,
    ) -> int:
        """Say something in rooms; the message's id."""
        priority = Priority.ALERT if urgent else Priority.REPLY
        return await self.post.tell(uow, rooms, document, reply_to=reply_to, priority=priority)

    async def erase(self, uow: UnitOfWork, message_id: int) -> tuple[str, ...]:
        """Take a message back wherever it stands, the original included; the rooms."""
        return await self.post.erase(uow, message_id)

    async def wake(self, uow: UnitOfWork, rooms: tuple[str, ...]) -> None:
        """Queued calls of these rooms can go on once the transaction is committed."""
        await self.post.wake(uow, rooms)

    async def show(self, uow: UnitOfWork, rooms: tuple[str, ...], document: Document) -> None:
        """Edit the card where it stands, and say it in those of `rooms` where it does not."""
        thing = document.card
        assert thing is not None
        live = await uow.cards.live(thing.incident, thing.letter, thing.number)
        standing: set[str] = set()
        for message_id, shown_in in live.items():
            await self.post.redraw(uow, message_id, tuple(shown_in), document)
            standing.update(shown_in)
        new = tuple(room for room in dict.fromkeys(rooms) if room not in standing)
        if new:
            await self.post.tell(uow, new, document)

    async def tell_person(
        self,
        uow: UnitOfWork,
        person_id: int,
        document: Document,
        *,
        otherwise: tuple[str, ...] = (),
        urgent: bool = False,
    ) -> int | None:
        """Tell somebody in the private chat that is best, else by a mention in `otherwise`."""
        private = await uow.people.private_rooms(person_id)
        if private:
            return await self.tell(uow, (private[0],), document, urgent=urgent)
        accounts = await uow.people.accounts(person_id)
        if not otherwise or not accounts:
            return None
        named = Para(Mention(accounts[0].id, accounts[0].name))
        return await self.tell(
            uow, otherwise, replace(document, blocks=(named, *document.blocks)), urgent=urgent
        )
