"""Choices of a message, taken by number or by reaction where a network has no buttons."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import ButtonRow
from workflows.text import Msg, _

LIFE = timedelta(hours=24)
"""How long `!1` without a reply means the choices shown last."""

_NUMBER = re.compile(r"([!！]?)\s*+([0-9０-９]{1,2})\s*+[.。)）]?")
_MARKS = {"✅": 1, "👍": 1, "❌": 2, "👎": 2}


async def marked(uow: UnitOfWork, message_id: int, emoji: str) -> ButtonRow | None:
    """The choice of a message that a reaction stands for."""
    buttons = await uow.buttons.of_message(message_id)
    number = _MARKS.get(emoji.replace("\ufe0f", "")) if len(buttons) == 2 else None
    if "\u20e3" in emoji and emoji[0].isdigit():
        number = int(emoji[0])
    if emoji == "\U0001f51f":
        number = 10
    return next((each for each in buttons if each.number == number), None)


async def chosen(
    uow: UnitOfWork, room: str, text: str, reply_to: int | None, now: datetime
) -> ButtonRow | Msg | None:
    """The choice that `text` makes in a room by its number: as a reply to it, or `!1` for those
    shown last; what to say to a number that none of them has. It is a press, not something said:
    it concerns no other room."""
    if (match := _NUMBER.fullmatch(text.strip())) is None:
        return None
    if reply_to is not None:
        buttons = await uow.buttons.of_message(reply_to)
    elif match[1]:
        buttons = await uow.buttons.latest(room, now - LIFE)
    else:
        return None
    number = int(match[2])
    found = next((each for each in buttons if each.number == number), None)
    if found is not None or not buttons or not match[1]:
        return found
    return _(
        "There is no choice {number} here. Choose from {first} to {last}.",
        number=number,
        first=f"!{min(each.number for each in buttons)}",
        last=f"!{max(each.number for each in buttons)}",
    )
