"""Accounts and rooms of Telegram as Lianzhi names them."""

from __future__ import annotations

import re
from typing import NamedTuple

from workflows.text import Msg, _

NETWORK = "telegram"
_ROOM = re.compile(r"telegram:(-?\d{1,19})(?:/(\d{1,19}))?", re.ASCII)
_ACCOUNT = re.compile(r"telegram:(-?\d{1,19})", re.ASCII)
_GENERAL = 1
"""The id by which clients link to a forum's general topic; calls take no thread for it."""
_SUPERGROUPS = -1_000_000_000_000
"""Supergroups and channels lie below: https://core.telegram.org/api/bots/ids."""


class Place(NamedTuple):
    """A chat and, in a forum, a topic other than the general one."""

    chat: int
    thread: int | None = None

    @property
    def is_supergroup(self) -> bool:
        """Whether message ids here are the chat's own and sequential."""
        return self.chat < _SUPERGROUPS


def account(user_or_chat_id: int) -> str:
    """The account of a person, or of a chat that speaks for itself."""
    return f"{NETWORK}:{user_or_chat_id}"


def user_id(account: str) -> int | None:
    """The number of an account of Telegram; None for any other."""
    found = _ACCOUNT.fullmatch(account)
    return int(found[1]) if found else None


def room(chat_id: int, thread: int | None = None) -> str:
    """The room of a chat or of one of its topics; ValueError for what can be no chat's id."""
    topic = "" if thread is None or thread == _GENERAL else f"/{thread}"
    made = f"{NETWORK}:{chat_id}{topic}"
    if _ROOM.fullmatch(made) is None:
        raise ValueError("not the id of a chat")
    return made


def place(room: str) -> Place:
    """The chat and topic of a room; ValueError if it is none of Telegram's."""
    found = _ROOM.fullmatch(room)
    if found is None:
        raise ValueError(f"not a Telegram room: {room!r}")
    thread = int(found[2]) if found[2] else _GENERAL
    return Place(int(found[1]), None if thread == _GENERAL else thread)


def unfit(room: str) -> Msg | None:
    """What is wrong with a configured room."""
    found = _ROOM.fullmatch(room)
    if found is None:
        return _(
            '"{room}" is no Telegram room; write it as in {example}',
            room=room,
            example="telegram:-1001234567890",
        )
    if found[2] and int(found[2]) == _GENERAL:
        chat = room.partition("/")[0]
        return _('"{room}" is the general topic; write {chat}', room=room, chat=chat)
    return None
