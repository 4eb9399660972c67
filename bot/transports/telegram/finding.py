"""Whether a send whose answer was lost arrived.

The Bot API has no idempotency key and no way to read a chat. But in a supergroup ids are the
chat's own and sequential, and an edit tells what is at an id without changing it, if the edit
is identical: "message is not modified" (it is ours and reads so), "message to edit not found"
(nothing is there), "message can't be edited" (somebody else's). See
https://core.telegram.org/bots/api#editmessagetext and Client.cpp of tdlib/telegram-bot-api.

Limits. A message of ours that the caller does not know and that reads otherwise would be changed
by the probe, and is then taken for the one sought; there is none as long as the caller knows all
ids that it was told, and no other send of the chat is under way or in doubt. An own message that
was deleted looks like one that never was. Ids of basic groups and private chats count per account,
so that nothing can be told there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import structlog
from telegram.error import BadRequest, TelegramError

from bot.transports.base import KnownIds, Sending
from bot.transports.telegram.calls import Calls
from bot.transports.telegram.faults import (
    NO_CAPTION,
    NO_TEXT,
    NOT_FOUND,
    NOT_MODIFIED,
    NOT_OURS,
    fault_of,
    says,
)
from bot.transports.telegram.ids import place

_log = structlog.get_logger(__name__)

MAX_CANDIDATES = 120
"""Ids that are tried before giving up."""
BEFORE_MET = 40
"""Ids before the first that is known of a new chat, where none is known from before the call: the
message sought may stand before what people have written since."""
MAX_EMPTY = 6
"""Ids in a row at which nothing is: deleted messages leave holes, the end leaves only these."""


async def find_sent(
    calls: Calls,
    sending: Sending,
    known: KnownIds,
    met: Collection[int],
    floor: int | None = None,
    note: Callable[[int], object] = lambda stranger: None,
) -> str | bool:
    """The id of the message if it arrived, False if surely not, True if that cannot be told.

    `met` are ids of the chat that this process has seen; neither they nor those known are touched.
    `floor` is the highest of them when the send began: only what lies above it and above what was
    stored before the call can be ours. `note` is told of each id at which somebody else's words
    are. Raises `SendFault` when a probe gets no answer.
    """
    told = {int(each) for each in known.remotes if each.isdecimal()}
    taken = {*told, *met}
    if not place(sending.room).is_supergroup:
        _log.info("telegram.not_to_be_found_out", room=sending.room)
        return True
    if not taken:
        _log.info("telegram.no_id_known", room=sending.room)
        return True
    before = int(known.before) if known.before is not None else None
    floor = max((each for each in (floor, before) if each is not None), default=None)
    if floor is None and not known.new:
        _log.info("telegram.nothing_known_before", room=sending.room)
        return True
    if floor is None:
        floor = max(0, min(taken) - BEFORE_MET)
    if told and not known.whole and floor < min(told) - 1:
        _log.warning("telegram.too_much_since", room=sending.room, floor=floor, known=min(told))
        return True
    end = max(taken)
    candidate, tried, empty = floor, 0, 0
    while tried < MAX_CANDIDATES:
        candidate += 1
        if candidate in taken:
            continue
        tried += 1
        try:
            await calls.probe(replace(sending, target=str(candidate)))
        except BadRequest as error:
            if says(error, NOT_MODIFIED):
                return str(candidate)
            if says(error, *NOT_FOUND):
                empty = empty + 1 if candidate > end else 0
                if empty >= MAX_EMPTY:
                    return False
            elif says(error, *NOT_OURS, NO_TEXT, NO_CAPTION):
                note(candidate)
                empty = 0
            else:
                raise fault_of(error) from error
        except TelegramError as error:
            raise fault_of(error) from error
        else:
            return str(candidate)
    _log.warning(
        "telegram.not_found_out", room=sending.room, floor=floor, end=end, tried=tried, at=candidate
    )
    return True
