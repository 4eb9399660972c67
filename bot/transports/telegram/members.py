"""Who came and went in a chat: Telegram tells it by service messages, and administrators also by
member updates. Both become the same values, so that whoever counts them can count once."""

from __future__ import annotations

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Message

from bot.richtext import safe_text
from bot.transports.base import Change, Passed
from bot.transports.presence import PassageKind
from bot.transports.telegram.ids import account


def came_or_went(message: Message, own: int) -> Passed | None:
    """What a service message tells of people; None for any other message, or about us."""
    if message.new_chat_members:
        came = [each for each in message.new_chat_members if each.id != own]
        changes = [Change("joined", account(u.id), safe_text(u.full_name)) for u in came]
        return Passed(tuple(changes)) if changes else None
    gone = message.left_chat_member
    if gone is None or gone.id == own:
        return None
    by_themselves = message.from_user is None or message.from_user.id == gone.id
    kind: PassageKind = "left" if by_themselves else "removed"
    return Passed((Change(kind, account(gone.id), safe_text(gone.full_name)),))


def standing_changed(member: ChatMemberUpdated, own: int) -> Passed | None:
    """What a `chat_member` update tells of people: https://core.telegram.org/bots/api#update.

    None where somebody only got or lost a right, or about us.
    """
    user = member.new_chat_member.user
    was, now = _present(member.old_chat_member), _present(member.new_chat_member)
    if user.id == own or was == now:
        return None
    name = safe_text(user.full_name)
    if now:
        return Passed((Change("joined", account(user.id), name),))
    kind: PassageKind = "left" if member.from_user.id == user.id else "removed"
    return Passed((Change(kind, account(user.id), name),))


def _present(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in (ChatMember.LEFT, ChatMember.BANNED)
