"""One Telegram update as one `Inbound`, or as none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zlib import crc32

import structlog
from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
    MessageReactionUpdated,
    ReactionType,
    ReactionTypeEmoji,
    ReactionTypePaid,
    Update,
    User,
)

from bot.richtext import Html, safe_text
from bot.transports.base import (
    Content,
    Edited,
    Entered,
    Event,
    Inbound,
    Lost,
    Moved,
    Passed,
    Pinned,
    Pressed,
    Reacted,
    Said,
    Sender,
    TopicTold,
)
from bot.transports.telegram.contents import (
    Known,
    chat_account,
    content_of,
    is_service,
    origin_name,
    quoted,
    shown_anew,
    title_of,
)
from bot.transports.telegram.ids import account, room
from bot.transports.telegram.members import came_or_went, standing_changed
from bot.transports.telegram.soundness import is_sound
from workflows.text import Msg, _

_REMEMBERED = 4096
_EMOJI = 64
"""Characters that a reaction may have."""
_log = structlog.get_logger(__name__)


class Reader:
    """Reads updates in order. Knows its own messages and drops them."""

    def __init__(self, known: Known, now: Callable[[], datetime]) -> None:
        self._known = known
        self._now = now
        self._seen: OrderedDict[tuple[int, int], int] = OrderedDict()

    def read(self, update: Update) -> Inbound | None:
        """What happened, or None for what concerns nobody. Never raises."""
        try:
            inbound = self._read(update)
            if inbound is not None and not is_sound(inbound):
                raise TypeError("a field of another type")
            return inbound
        except Exception as error:  # one poison update must not stop those behind it
            _log.warning(
                "telegram.update_unreadable", update=update.update_id, error=type(error).__name__
            )
            return self._remnant(update)

    def _read(self, update: Update) -> Inbound | None:
        if message := update.message or update.channel_post:
            return self._message(update, message)
        if message := update.edited_message or update.edited_channel_post:
            return self._edited(update, message)
        if query := update.callback_query:
            return self._pressed(update, query)
        if reaction := update.message_reaction:
            return self._reacted(update, reaction)
        if member := update.my_chat_member:
            return self._membership(update, member)
        if member := update.chat_member:
            people = standing_changed(member, self._known.bot_id)
            return (
                None if people is None else self._passed(update, member.chat, member.date, people)
            )
        return None

    def _message(self, update: Update, message: Message) -> Inbound | None:
        if message.migrate_to_chat_id:
            moved = Moved(room(message.migrate_to_chat_id))
            return self._inbound(update, message, moved, remote=False)
        if message.migrate_from_chat_id:
            return Inbound(
                key=self._key(update),
                room=room(message.migrate_from_chat_id),
                at=message.date,
                event=Moved(room(message.chat.id)),
                title=title_of(message.chat),
            )
        if (people := came_or_went(message, self._known.bot_id)) is not None:
            return self._inbound(update, message, people, remote=False)
        if (told := self._topic_told(message)) is not None:
            return self._topic(update, message, told)
        if self._is_own(message.from_user):
            return None
        if message.pinned_message is not None:
            pinned = Pinned(added=(str(message.pinned_message.message_id),))
            return self._inbound(update, message, pinned, remote=False)
        if message.new_chat_title:
            return self._passed(update, message.chat, message.date, Passed(()))
        if message.video_chat_started is not None:
            # The others would look for those who talk there and not write.
            call = Content(Html(""), uncarried=_("A call"))
            return self._inbound(update, message, Said(call))
        if (shown := shown_anew(message)) is not None:
            return self._anew(update, message, shown)
        if is_service(message):
            return None
        if message.chat.type == Chat.PRIVATE and message.from_user is None:
            raise ValueError("nobody wrote it")
        content = content_of(message, self._known)
        self._changed(message, content)
        target = message.reply_to_message
        if target is not None and _is_topic_root(message, target):
            target = None
        said = Said(
            content,
            reply_to=str(target.message_id) if target else self._external(message),
            reply_author=self._reply_author(message, target),
            reply_html=quoted(message, self._known) if target or message.quote else None,
        )
        return self._inbound(update, message, said)

    def _topic_told(self, message: Message) -> TopicTold | None:
        """What a service message tells of a topic."""
        ours = self._is_own(message.from_user)
        if message.forum_topic_created is not None:
            return TopicTold(safe_text(message.forum_topic_created.name), ours=ours)
        if message.forum_topic_edited is not None:
            return TopicTold(safe_text(message.forum_topic_edited.name or ""), ours=ours)
        if message.forum_topic_closed is not None:
            return TopicTold(closed=True, ours=ours)
        if message.forum_topic_reopened is not None:
            return TopicTold(closed=False, ours=ours)
        return None

    def _topic(self, update: Update, message: Message, told: TopicTold) -> Inbound | None:
        """Our own topics are told when they are opened: the answer to that may have been lost."""
        if told.ours and message.forum_topic_created is None:
            return None
        thread = message.message_thread_id or message.message_id
        title = _title(message.chat)
        return Inbound(
            key=self._key(update),
            room=room(message.chat.id, thread),
            at=message.date,
            event=told,
            title=f"{title} / {told.title}" if told.title else "",
            topic=told.title,
        )

    def _edited(self, update: Update, message: Message) -> Inbound | None:
        if is_service(message) or self._is_own(message.from_user):
            return None
        content = content_of(message, self._known)
        if not self._changed(message, content):
            return None
        return self._inbound(update, message, Edited(str(message.message_id), content))

    def _anew(self, update: Update, message: Message, shown: Message) -> Inbound | None:
        """Whoever ticks or adds: it is its author's message that reads otherwise."""
        content = content_of(shown, self._known)
        if not self._changed(shown, content):
            return None
        edited = Edited(str(shown.message_id), content)
        inbound = self._inbound(update, message, edited, remote=False)
        author = _sender(shown.from_user, shown.sender_chat)
        return replace(inbound, sender=author or inbound.sender)

    def _pressed(self, update: Update, query: CallbackQuery) -> Inbound | None:
        message = query.message
        if message is None or query.data is None:
            return None
        thread = _thread(message) if isinstance(message, Message) else None
        return Inbound(
            key=self._key(update),
            room=room(message.chat.id, thread),
            at=self._now(),
            event=Pressed(
                token=safe_text(query.data), target=str(message.message_id), press=query.id
            ),
            sender=_person(query.from_user),
            private=message.chat.type == Chat.PRIVATE,
            title=_title(message.chat),
        )

    def _reacted(self, update: Update, reaction: MessageReactionUpdated) -> Inbound | None:
        old, new = _emoji(reaction.old_reaction), _emoji(reaction.new_reaction)
        sender = _sender(reaction.user, reaction.actor_chat)
        added = tuple(each for each in new if each not in old)
        removed = tuple(each for each in old if each not in new)
        if self._is_own(reaction.user) or not (added or removed):
            return None
        return Inbound(
            key=self._key(update),
            room=room(reaction.chat.id),
            at=reaction.date,
            event=Reacted(str(reaction.message_id), added, removed),
            sender=sender,
            private=reaction.chat.type == Chat.PRIVATE,
            title=_title(reaction.chat),
        )

    def _membership(self, update: Update, member: ChatMemberUpdated) -> Inbound | None:
        could, can = _may_write(member.old_chat_member), _may_write(member.new_chat_member)
        if could == can:
            return None
        event: Event
        if can:
            event = Entered(_title(member.chat))
        else:
            event = Lost(_loss(member.new_chat_member, member.from_user, member.chat))
        return Inbound(
            key=self._key(update),
            room=room(member.chat.id),
            at=member.date,
            event=event,
            sender=_person(member.from_user),
            private=member.chat.type == Chat.PRIVATE,
            title=_title(member.chat),
        )

    def _passed(self, update: Update, chat: Chat, at: datetime, people: Passed) -> Inbound:
        """People are of the chat, not of one of its topics."""
        return Inbound(
            key=self._key(update), room=room(chat.id), at=at, event=people, title=_title(chat)
        )

    def _remnant(self, update: Update) -> Inbound | None:
        """That there was a message, where nothing else could be read."""
        message = update.message or update.channel_post
        if message is None or self._is_own(message.from_user):
            return None
        lost = Content(Html(""), uncarried=_("A kind of message that cannot be shown here"))
        try:
            inbound = self._inbound(update, message, Said(lost))
            return inbound if is_sound(inbound) else None
        except Exception:  # not even a sender: logged above, and the next one is read
            return None

    def _inbound(
        self, update: Update, message: Message, event: Event, *, remote: bool = True
    ) -> Inbound:
        edited = message.edit_date if isinstance(event, Edited) else None
        at: object = edited or message.date
        # What is said is shown, as of the whole chat where nobody is named.
        nobody = _sender(None, message.chat) if isinstance(event, (Said, Edited)) else None
        return Inbound(
            key=self._key(update),
            room=room(message.chat.id, _thread(message)),
            at=at if isinstance(at, datetime) else self._now(),
            event=event,
            sender=_sender(message.from_user, message.sender_chat) or nobody,
            remote=str(int(message.message_id)) if remote else None,
            private=message.chat.type == Chat.PRIVATE,
            title=_room_title(message),
            topic=_topic_name(message),
        )

    def _key(self, update: Update) -> str:
        return f"{account(self._known.bot_id)}:{update.update_id}"

    def _is_own(self, user: User | None) -> bool:
        return user is not None and user.id == self._known.bot_id

    def _reply_author(self, message: Message, target: Message | None) -> str | None:
        if target is not None:
            if self._is_own(target.from_user):
                return None
            author = _sender(target.from_user, target.sender_chat)
            return author.name if author else None
        if message.external_reply is not None:
            return safe_text(origin_name(message.external_reply.origin))
        return None

    def _external(self, message: Message) -> str | None:
        """A reply across topics of one forum is external to Telegram, not to us."""
        other = message.external_reply
        if other is None or other.chat is None or other.chat.id != message.chat.id:
            return None
        return str(other.message_id) if other.message_id else None

    def _changed(self, message: Message, content: Content) -> bool:
        """Whether this content is new; Telegram also reports edits that change nothing visible."""
        mark = crc32(
            repr((content.html, content.media, content.uncarried)).encode("utf-8", "replace")
        )
        key = (message.chat.id, message.message_id)
        same = self._seen.get(key) == mark
        self._seen[key] = mark
        self._seen.move_to_end(key)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return not same


def _is_topic_root(message: Message, target: Message) -> bool:
    """Every message of a topic that answers nothing answers the topic's first service message."""
    return bool(message.is_topic_message) and target.message_id == message.message_thread_id


def _thread(message: Message) -> int | None:
    """Replies in plain supergroups have a thread id too; only topics are rooms."""
    return message.message_thread_id if message.is_topic_message else None


def _title(chat: Chat) -> str:
    return safe_text(title_of(chat))


def _room_title(message: Message) -> str:
    title, topic = _title(message.chat), _topic_name(message)
    return f"{title} / {topic}" if topic else title


def _topic_name(message: Message) -> str:
    root = message.reply_to_message
    if root is not None and root.forum_topic_created and _is_topic_root(message, root):
        return safe_text(root.forum_topic_created.name)
    return ""


def _sender(user: User | None, chat: Chat | None) -> Sender | None:
    """Who wrote: anonymous administrators and channels speak as their chat."""
    if chat is not None:
        return Sender(chat_account(chat), _title(chat), _text(chat.username))
    return _person(user) if user else None


def _person(user: User) -> Sender:
    return Sender(
        account(user.id),
        safe_text(user.full_name),
        _text(user.username),
        _text(user.language_code),
    )


def _text(value: str | None) -> str | None:
    """The library does not check types: what is no text must not reach the store."""
    return value if isinstance(value, str) else None


def _emoji(reactions: tuple[ReactionType, ...]) -> tuple[str, ...]:
    """Emoji of reactions; a group's own custom ones have no character and are left out."""
    found = []
    for each in reactions:
        if isinstance(each, ReactionTypeEmoji):
            found.append(safe_text(str(each.emoji))[:_EMOJI])
        elif isinstance(each, ReactionTypePaid):
            found.append("⭐")
    return tuple(found)


def _may_write(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return member.status not in (ChatMember.LEFT, ChatMember.BANNED)


def _loss(member: ChatMember, by: User, chat: Chat) -> Msg:
    name = safe_text(by.full_name)
    if chat.type == Chat.PRIVATE:
        return _("{name} has blocked the bot.", name=name)
    if isinstance(member, ChatMemberRestricted) and member.is_member:
        return _("{name} has taken the bot's right to write here.", name=name)
    return _("{name} has removed the bot from this group.", name=name)
