"""A second bridge in a room must not send our own words around for ever.

Our own messages are dropped by each transport. Another bridge may still repeat them in a room
that it shares with us, under its own name: such an echo carries our text behind an author's
name, soon after we have written it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.post import load
from bot.richtext import to_plain
from storage import UnitOfWork
from storage.tables import Message

WITHIN = timedelta(minutes=2)
"""How soon an echo comes; later the same words may be said again."""

LOOKED_AT = 20
"""Messages of the linked rooms that are compared."""


async def is_echo(uow: UnitOfWork, message: Message, rooms: Sequence[str]) -> bool:
    """Whether the message repeats, behind its author's name, what a linked room has just said."""
    text = _letters(message.content)
    if not text:
        return False
    since = message.taken_at - WITHIN
    for account, author, content in await uow.messages.recent(rooms, since, LOOKED_AT):
        name = _fold(author)
        if account == message.account or not name or name not in text:
            continue
        said = _letters(content)
        if said and text.endswith(said) and name in text[: len(text) - len(said)]:
            return True
    return False


def _letters(content: Mapping[str, Any]) -> str:
    return _fold(to_plain(load(content).html))


def _fold(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
