"""What people write, change and take back, carried into the linked rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot import choosing
from bot.conversation import Conversation, Speaker
from bot.echo import is_echo
from bot.marking import Marking
from bot.marks import Marks
from bot.post import Post
from bot.richtext import Html, excerpt, from_plain, to_plain, with_author
from bot.sealing import Sealing
from bot.stored import dump, load
from bot.threads import Threads
from bot.transports.base import (
    UNREAD,
    UNREADABLE,
    Content,
    Deleted,
    Edited,
    Inbound,
    Pinned,
    Pressed,
    Reacted,
    Said,
    TopicTold,
)
from handlers.document import say
from handlers.marking import PIN
from storage import StoreUnavailable, UnitOfWork
from storage.tables import Account, Message, Room
from workflows.text import Msg, _

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Relay:
    """One room's events become rows for the others, and commands are run."""

    post: Post
    conversation: Conversation
    marking: Marking

    @property
    def marks(self) -> Marks:
        """Reactions and pins."""
        return Marks(self.post)

    @property
    def threads(self) -> Threads:
        """Topics and threads."""
        return Threads(self.post)

    async def said(
        self, uow: UnitOfWork, inbound: Inbound, said: Said, room: Room, account: Account
    ) -> None:
        """A message: kept, mapped, relayed, and carried out if it is for us."""
        assert inbound.remote is not None
        if await uow.messages.is_known(inbound.room, inbound.remote):
            return
        target = await _answered(uow, inbound.room, said)
        person = await uow.people.person(account.person_id)
        now = self.post.now()
        message_id = await uow.messages.add(
            room=room.id,
            content=dump(said.content),
            at=inbound.at,
            taken_at=now,
            account=account.id,
            author=account.name,
            agency=(person.agency if person else None) or room.agency,
            reply_to=target.id if target else None,
        )
        # The ids of a group that has moved since mean nothing where it goes on.
        await uow.messages.place(message_id, inbound.room, remote=inbound.remote, origin=True)
        message = await uow.messages.get(message_id)
        assert message is not None
        if (thread := await self.threads.of(uow, room, inbound)) is not None:
            message.thread = thread
        rooms = await uow.bridges.linked(room.id)
        if rooms and await is_echo(uow, message, rooms):
            log.info("an echo of our own words was not relayed", room=room.id)
            return
        speaker = Speaker(account, room, message_id, now)
        if said.content.forwarded is not None:
            await self._passed_on(uow, speaker, said, message, rooms)
            return
        target_id = target.id if target else None
        chosen = await choosing.chosen(uow, room.id, said.content.text, target_id, now)
        if chosen is not None:
            refused = (
                chosen
                if isinstance(chosen, Msg)
                else await self.conversation.press(uow, speaker, chosen)
            )
            if refused is not None:
                await self.post.tell(uow, (room.id,), say(refused), reply_to=message_id)
            return
        try:
            answer = await self.conversation.reads(uow, speaker, said.content, target_id)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("a text could not be read as a command; it is relayed as talk")
            answer = None
        await self._carry(uow, said, message, rooms)
        if room.encrypted and answer is None:
            await Sealing(self.post).stayed(uow, room.id, message_id)
        if answer is not None:
            await self.conversation.safely(uow, speaker, answer)
        elif said.content.location is not None:
            await self.marking.located(uow, speaker, said.content.location)
        elif target is not None and self.marking.knows(said.content.text.strip()):
            # Where the network has no such reaction people answer with the emoji.
            about = Speaker(account, room, target.id, now)
            await self.marking.marked(uow, about, target, said.content.text.strip(), put=True)
        elif room.private and not rooms:
            await self.conversation.say_here(
                uow, speaker, say(_("In this private chat I only read commands. /help shows them."))
            )

    async def _carry(
        self, uow: UnitOfWork, said: Said, message: Message, rooms: Sequence[str]
    ) -> None:
        if not rooms:
            return
        if message.thread is not None:
            await self.threads.open(uow, message.thread, rooms)
        await self.post.relay(uow, message, rooms, quoted=_quoted(said))

    async def _passed_on(
        self, uow: UnitOfWork, speaker: Speaker, said: Said, message: Message, rooms: Sequence[str]
    ) -> None:
        """Forwarded words are somebody else's, perhaps of another day: shown, never carried out."""
        await self._carry(uow, said, message, rooms)
        if speaker.room.encrypted and message.id is not None:
            await Sealing(self.post).stayed(uow, speaker.room.id, message.id)
        if speaker.room.private and not rooms:
            text = _("What is forwarded is not carried out. Write the command yourself.")
            await self.conversation.say_here(uow, speaker, say(text))

    async def topic(self, uow: UnitOfWork, inbound: Inbound, told: TopicTold) -> None:
        """A topic was opened, named anew, closed or opened again."""
        await self.threads.told(uow, inbound, told)

    async def edited(
        self, uow: UnitOfWork, inbound: Inbound, edited: Edited, account: Account
    ) -> None:
        """A message reads otherwise now. Only its author can change it."""
        message = await uow.messages.find(inbound.room, edited.target)
        if message is None or message.deleted_at is not None or message.account != account.id:
            return
        if edited.edit is not None and message.id is not None:
            await uow.messages.edited_by(message.id, inbound.room, edited.edit)
        content = edited.content
        if not content.media and (kept := load(message.content).media):
            content = replace(content, media=kept)
        stored, before = dump(content), message.content
        if stored != before:
            await uow.messages.changed(message, stored)
            files = [[each.ref for each in of.media] for of in (load(before), content)]
            await self.post.change(uow, message, renewed=files[0] != files[1])
            await self.marking.changed(uow, message, before, account)
            room = await uow.rooms.get(message.room)
            if content.location is not None and room is not None and content.forwarded is None:
                speaker = Speaker(account, room, message.id, self.post.now())
                await self.marking.located(uow, speaker, content.location, again=True)
            if room is not None and load(before).uncarried == UNREAD:
                speaker = Speaker(account, room, message.id, self.post.now())
                await self._read_late(uow, speaker, content, message.reply_to)

    async def _read_late(
        self, uow: UnitOfWork, speaker: Speaker, content: Content, reply_to: int | None
    ) -> None:
        """Nobody knows what a command would do that is carried out long after it was written."""
        if content.uncarried == UNREADABLE:
            lost = _("This message could not be read. Please send it again.")
            await self.conversation.say_here(uow, speaker, say(lost))
            return
        if content.forwarded is not None:
            return
        try:
            meant = await self._chooses(uow, speaker, content.text, reply_to)
            meant |= await self.conversation.reads(uow, speaker, content, reply_to) is not None
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("a text that was read late could not be read as a command")
            return
        if meant:
            text = _("This could be read only now and was not carried out. Please send it again.")
            await self.conversation.say_here(uow, speaker, say(text))

    async def _chooses(
        self, uow: UnitOfWork, speaker: Speaker, text: str, reply_to: int | None
    ) -> bool:
        """Whether the text is a number or an emoji that stands for a choice."""
        now = speaker.received_at
        if await choosing.chosen(uow, speaker.room.id, text, reply_to, now) is not None:
            return True
        if reply_to is None or not self.marking.knows(text.strip()):
            return False
        card = await uow.cards.of_message(reply_to)
        return self.marking.meaning(card, text.strip()) is not None

    async def deleted(self, uow: UnitOfWork, inbound: Inbound, deleted: Deleted) -> None:
        """A message was taken back where it was written: everywhere else as well.

        The loss of a copy stays in its room: no moderator erases another agency's words.
        """
        copy = await uow.messages.find_copy(inbound.room, deleted.target)
        if copy is None:
            await self._taken_off(uow, inbound.room, deleted.target)
        if copy is None or not copy.origin:
            return
        message = await uow.messages.get(copy.message_id)
        if message is not None and message.deleted_at is None:
            before = message.content
            await self.post.erase_copies(uow, message, origin=False)
            await self.marking.changed(uow, message, before, None, gone=True)

    async def _taken_off(self, uow: UnitOfWork, room: str, remote: str) -> None:
        """A reaction that has an id of its own was taken off, if it is one."""
        taken = await self.marks.withdrawn(uow, room, remote)
        if taken is None:
            return
        message, by, emoji = taken
        account, here = await uow.people.account(by), await uow.rooms.get(room)
        if account is not None and here is not None:
            speaker = Speaker(account, here, message.id, self.post.now())
            await self.marking.marked(uow, speaker, message, emoji, put=False)

    async def reacted(
        self, uow: UnitOfWork, inbound: Inbound, reacted: Reacted, room: Room, account: Account
    ) -> None:
        """A reaction that stands for a choice makes it; any other is shown in the other rooms."""
        copy = await uow.messages.find_anywhere(inbound.room, reacted.target)
        message = None if copy is None else await uow.messages.get(copy.message_id)
        if copy is None or message is None or message.id is None:
            return
        # Telegram names no topic, but what is done in one is done in that room.
        room = await uow.rooms.get(copy.room) or room
        added, meant = [], []
        speaker = Speaker(account, room, message.id, self.post.now())
        card = await uow.cards.of_message(message.id)
        for emoji in reacted.added:
            if self.marking.meaning(card, emoji) is not None:
                meant.append(emoji)
                added.append(emoji)
                continue
            button = await choosing.marked(uow, message.id, emoji)
            if button is None:
                added.append(emoji)
                continue
            refused = await self.conversation.press(uow, speaker, button)
            if refused is not None:
                await self.post.tell(uow, (room.id,), say(refused), reply_to=message.id)
        await self.marks.reacted(
            uow,
            message,
            room.id,
            account,
            added=added,
            removed=reacted.removed,
            remote=inbound.remote,
        )
        for emoji in reacted.removed:
            await self.marking.marked(uow, speaker, message, emoji, put=False)
        for emoji in meant:
            await self.marking.marked(uow, speaker, message, emoji, put=True)

    async def pinned(
        self, uow: UnitOfWork, inbound: Inbound, pinned: Pinned, account: Account
    ) -> None:
        """What was pinned or unpinned here is so in the other rooms."""
        for target in pinned.removed:
            await self.marks.pinned(uow, inbound.room, account.name, target, pinned=False)
            await self._pin(uow, inbound, account, target, pinned=False)
        for target in pinned.added:
            await self.marks.pinned(uow, inbound.room, account.name, target, pinned=True)
            await self._pin(uow, inbound, account, target, pinned=True)

    async def _pin(
        self, uow: UnitOfWork, inbound: Inbound, account: Account, target: str, *, pinned: bool
    ) -> None:
        """Pinning counts as the emoji that shows it."""
        copy = await uow.messages.find_anywhere(inbound.room, target)
        message = None if copy is None else await uow.messages.get(copy.message_id)
        room = None if copy is None else await uow.rooms.get(copy.room)
        if message is not None and room is not None:
            speaker = Speaker(account, room, message.id, self.post.now())
            await self.marking.marked(uow, speaker, message, PIN, put=pinned)

    async def pressed(
        self, uow: UnitOfWork, inbound: Inbound, pressed: Pressed, room: Room, account: Account
    ) -> None:
        """A button was tapped; the tap is answered once its effect is committed."""
        button = await uow.buttons.get(pressed.token)
        told: Msg | None = _("This choice is over.")
        if button is not None:
            speaker = Speaker(account, room, button.message_id, self.post.now())
            told = await self.conversation.press(uow, speaker, button)
        text = "" if told is None else self.post.speech.text(told, room.language)
        uow.committed.append(lambda: self.post.answer_press(inbound.room, pressed.press, text))


async def _answered(uow: UnitOfWork, room: str, said: Said) -> Message | None:
    """The message that is answered: of joined ones that whose line is quoted, else the last."""
    if said.reply_to is None:
        return None
    lines = await uow.messages.joined(room, said.reply_to)
    quoted = " ".join(to_plain(said.reply_html or Html("")).split())
    if quoted and len(lines) > 1:
        for line in reversed(lines):
            message = await uow.messages.get(line.message_id)
            if message is not None and quoted in _as_line(message):
                return message
    return await uow.messages.find(room, said.reply_to)


def _as_line(message: Message) -> str:
    name, account = message.author or "", message.account or "?"
    html = with_author(name, message.agency, load(message.content).html, fallback=account)
    return " ".join(to_plain(html).split())


def _quoted(said: Said) -> tuple[str, Html] | None:
    if said.reply_author is None and said.reply_html is None:
        return None
    html = said.reply_html or Html("")
    return said.reply_author or "", Html(from_plain(excerpt(html)))
