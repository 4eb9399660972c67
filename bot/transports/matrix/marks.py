"""Other people's reactions by the bot, and pins.

What stands on a message is asked of the homeserver, so that nothing has to be remembered and a
crash between two calls leaves nothing behind that the next change would not mend.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import structlog

from bot.transports.base import Rejected, RoomGone, Sending, TargetGone
from bot.transports.matrix.calls import API
from bot.transports.matrix.client import Client
from bot.transports.matrix.reading import RELAYED
from bot.transports.matrix.shapes import Body, is_event, listing, mapping, text
from workflows.text import Json

_log = structlog.get_logger(__name__)

PINNED = "m.room.pinned_events"
MOST_PAGES = 10
MOST_PINNED = 100
PRESENTED = "\ufe0f"


async def react(client: Client, sending: Sending) -> None:
    """Make the bot's relayed reactions on the target exactly those of the payload.

    Where people of the room write an emoji with another variation selector, theirs is used:
    clients count each spelling for itself.
    """
    room, target = sending.room.removeprefix("matrix:"), _target(sending)
    wanted = {_bare(key): key for key in map(str, listing(sending.payload.get("reactions")))}
    standing: dict[str, str] = {}
    async for raw in _reactions(client, room, target):
        key = text(mapping(mapping(raw.get("content")).get("m.relates_to")), "key")
        if text(raw, "sender") != client.user_id:
            if _bare(key) in wanted:
                wanted[_bare(key)] = key
        elif mapping(raw.get("content")).get(RELAYED) is True:
            standing[key] = text(raw, "event_id")
    try:
        for key, event_id in standing.items():
            if key not in wanted.values():
                path = f"{API}/rooms/{quote(room)}/redact/{quote(event_id)}"
                await client.call(
                    "PUT", f"{path}/{quote(f'{sending.txn}-{event_id}', safe='')}", {}
                )
        for number, key in enumerate(wanted.values(), 1):
            if key not in standing:
                await _put(client, room, target, key, f"{sending.txn}-{number}")
    except RoomGone as fault:
        raise Rejected(fault.reason) from fault


async def _put(client: Client, room: str, target: str, key: str, txn: str) -> None:
    relation: Json = {"rel_type": "m.annotation", "event_id": target, "key": key}
    try:
        await client.send(room, "m.reaction", {"m.relates_to": relation, RELAYED: True}, txn)
    except Rejected as fault:
        # One that is there already (M_DUPLICATE_ANNOTATION), or that this server does not take.
        _log.info("matrix.reaction.left_out", room=room, reason=fault.reason)


async def _reactions(client: Client, room: str, target: str) -> AsyncIterator[Body]:
    path = f"/_matrix/client/v1/rooms/{quote(room)}/relations/{quote(target)}"
    query = {"limit": "100"}
    for _page in range(MOST_PAGES):
        page = await client.call("GET", f"{path}/m.annotation/m.reaction", query=query)
        for raw in listing(page.get("chunk")):
            if is_event(raw):
                yield mapping(raw)
        if not (following := text(page, "next_batch")):
            return
        query["from"] = following


async def pin(client: Client, sending: Sending, *, pinned: bool) -> None:
    """Add the target to what the room has pinned, or take it out. `Rejected` without the right."""
    room, target = sending.room.removeprefix("matrix:"), _target(sending)
    path = f"{API}/rooms/{quote(room)}/state/{PINNED}/"
    try:
        held = await client.call("GET", path)
    except TargetGone:
        held = {}
    now = [each for each in listing(held.get("pinned")) if isinstance(each, str)]
    if (target in now) == pinned:
        return
    others: list[Json] = [*(each for each in now if each != target)]
    then = others[-MOST_PINNED:]
    try:
        await client.call("PUT", path, {**held, "pinned": [*then, target] if pinned else then})
    except RoomGone as fault:
        # Pinning needs more power than writing.
        raise Rejected(fault.reason) from fault


def _target(sending: Sending) -> str:
    if sending.target is None:
        raise TargetGone("no event to mark")
    return sending.target


def _bare(key: str) -> str:
    return key.replace(PRESENTED, "")
