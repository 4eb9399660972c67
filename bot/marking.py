"""Emoji on messages and changes of messages, handed to the families that want them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Self

import structlog

from bot.conversation import Conversation, Speaker
from bot.delivery.priority import Priority
from bot.showing import Showing
from bot.transports.location import Location
from handlers.marking import (
    Change,
    Changes,
    Located,
    Mark,
    Marks,
    OnMark,
    OnPlace,
    Place,
    bare,
    discover_changes,
    discover_located,
    discover_marks,
)
from storage import StoreUnavailable, UnitOfWork
from storage.tables import Account, Card, Message
from workflows.incidents.record import By
from workflows.text import Json

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Marking:
    """Finds out what a mark means and carries it out."""

    conversation: Conversation
    marks: Marks
    changes: Changes
    places: Located

    @classmethod
    def over(cls, conversation: Conversation, families: ModuleType) -> Self:
        """With all that the modules of `families` want."""
        return cls(
            conversation,
            discover_marks(families),
            discover_changes(families),
            discover_located(families),
        )

    def knows(self, emoji: str) -> bool:
        """Whether the emoji means something on some message."""
        return any(bare(emoji) == each for each, _letter in self.marks)

    def meaning(self, card: Card | None, emoji: str) -> OnMark | None:
        """What the emoji does on a message that shows that card, None for nothing."""
        found = None if card is None else self.marks.get((bare(emoji), card.letter))
        return found or self.marks.get((bare(emoji), None))

    async def marked(
        self, uow: UnitOfWork, speaker: Speaker, message: Message, emoji: str, *, put: bool
    ) -> bool:
        """Do what the emoji stands for; False if it stands for nothing."""
        if not self.knows(emoji):
            return False
        assert message.id is not None
        card = await uow.cards.of_message(message.id)
        act = self.meaning(card, emoji)
        if act is None:
            return False
        context = await self.conversation.context(
            uow,
            speaker,
            reply_to=message.id,
            named=None if card is None else card.incident_id,
        )
        context.narrow()
        mark = Mark(context, message, bare(emoji), put, None if card is None else card.number)

        async def carried_out() -> None:
            answer = await act(mark)
            if answer is not None:
                await self.conversation.say_here(uow, speaker, answer)

        await self.conversation.safely(uow, speaker, carried_out, f"mark {emoji}")
        return True

    async def located(
        self, uow: UnitOfWork, speaker: Speaker, location: Location, *, again: bool = False
    ) -> None:
        """Tell the families where somebody says that they are, or have moved to."""
        for act in self.places:
            context = await self.conversation.context(uow, speaker, reply_to=speaker.message_id)
            place = Place(
                context,
                location.latitude,
                location.longitude,
                named=bool(location.title or location.address),
                again=again,
            )
            await self.conversation.safely(uow, speaker, self._answering(act, place, speaker))

    def _answering(
        self, act: OnPlace, place: Place, speaker: Speaker
    ) -> Callable[[], Awaitable[None]]:
        async def carried_out() -> None:
            answer = await act(place)
            if answer is not None:
                uow, here = place.context.uow, speaker.room.id
                rooms = (here, *await uow.bridges.linked(here))
                await self.conversation.post.tell(
                    uow, rooms, answer, reply_to=speaker.message_id, elsewhere=Priority.TALK
                )

        return carried_out

    async def changed(
        self,
        uow: UnitOfWork,
        message: Message,
        before: dict[str, Json],
        account: Account | None,
        *,
        gone: bool = False,
    ) -> None:
        """Tell the families that a message was edited or taken back, by `account` if known."""
        if not self.changes:
            return
        actions = Showing(self.conversation.post)
        change = Change(
            uow=uow,
            now=self.conversation.post.now(),
            actions=actions,
            message=message,
            before=actions.plain(before),
            after="" if gone else actions.plain(message.content),
            gone=gone,
            by=By(
                None if account is None else account.person_id,
                None if account is None else account.id,
                (message.author or "") if account is None else account.name,
                message.agency,
                message.room,
            ),
        )
        for act in self.changes:
            try:
                async with uow.savepoint():
                    await act(change)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("a change of a message was not noted")
                await uow.restore(message)
