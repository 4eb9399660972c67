"""A second bridge in a room must not send words around for ever.

Our own messages are dropped by each transport. Another bridge may still repeat them, and what
people write, in a room that it shares with us: such an echo carries the same text behind its
author's name, soon after it was written. What people say to each other must never be taken for
one, so the name has to stand as a bridge writes it: `<Li> text`, `Li: text`, `[Li] text`; and
whoever writes it must be one that nearly always writes so. Who calls a roll does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from bot.richtext import to_plain, told_apart
from bot.stored import load
from storage import UnitOfWork
from storage.tables import Message

WITHIN = timedelta(minutes=2)
"""How soon an echo comes; later the same words may be said again."""

LOOKED_AT = 20
"""Messages of the linked rooms that are compared."""

HISTORY, SEEN = timedelta(days=1), 200
"""How far back a room is looked through for what else somebody wrote there."""

CARRIED = 2 / 3
"""Whoever names somebody in more than this part of what they write carries others' words."""

_SIGN = re.compile(r"[:：>\])】»|\n]")
"""What a bridge writes between a name and the text; without one there is no question."""

_LINE = re.compile(r"\W?[^\n]{1,60}?" + _SIGN.pattern)
"""How a bridge begins whatever it carries."""

_AFTER_NAME = re.compile(r"\s*(?:[(\[（【][^\n]{0,60}[)\]）】])?\s*(?:[:：>\])】»|]|\n)\s*")


async def is_echo(uow: UnitOfWork, message: Message, rooms: Sequence[str]) -> bool:
    """Whether the message repeats, behind its author's name, what was just said in its own room
    or in a linked one."""
    text = _plain(to_plain(load(message.content).html))
    if _SIGN.search(text) is None:
        return False
    since = message.taken_at - WITHIN
    heard = await uow.messages.recent((message.room, *rooms), since, LOOKED_AT)
    for _account, author, content in heard:
        name = _plain(author)
        if not name or name not in text:
            continue
        html = load(content).html
        # As it was written, or as we have shown it.
        if any(_repeats(text, name, _plain(to_plain(each))) for each in (html, told_apart(html))):
            return await _carries(uow, message)
    return False


async def _carries(uow: UnitOfWork, message: Message) -> bool:
    """Whether the message's author writes as a bridge does. One that does so by mistake ends a loop
    itself: each round makes it more of a bridge."""
    since = message.taken_at - HISTORY
    heard = await uow.messages.recent((message.room,), since, SEEN)
    texts = (to_plain(load(content).html) for by, _, content in heard if by == message.account)
    # Files and the like, which say nothing, tell nothing.
    theirs = [text for each in texts if (text := each.strip())]
    named = sum(_LINE.match(text) is not None for text in theirs)
    return named > CARRIED * len(theirs)


def _repeats(text: str, name: str, said: str) -> bool:
    if not said or not text.endswith(said):
        return False
    head = text[: len(text) - len(said)]
    place = head.rfind(name)
    if place < 0 or (place > 0 and head[place - 1].isalnum()):
        return False
    return _AFTER_NAME.fullmatch(head, place + len(name)) is not None


def _plain(text: str) -> str:
    """In small letters, blanks and empty lines left out."""
    lines = (" ".join(line.split()) for line in text.casefold().splitlines())
    return "\n".join(line for line in lines if line)
