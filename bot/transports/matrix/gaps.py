"""After a long outage: how much was not fetched, and where people can read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from bot.transports.base import SendFault, Skipped
from bot.transports.matrix.calls import API
from bot.transports.matrix.client import Client
from bot.transports.matrix.shapes import Body, is_event, listing, mapping, moment, text, whole

PAGE = 1000
COUNT_PAGES = 10
"""Of messages that are counted but not carried; beyond them their number stays unknown."""

_WRITTEN = ("m.room.message", "m.room.encrypted", "m.sticker")
_FILTER = json.dumps({"types": list(_WRITTEN), "lazy_load_members": True})


def permalink(room: str, event_id: str, sender: str) -> str:
    """Where an event can be read: "matrix.to navigation", appendices of the specification."""
    server = quote(sender.partition(":")[2], safe="")
    return f"https://matrix.to/#/{quote(room, safe='')}/{quote(event_id, safe='')}?via={server}"


async def skipped(
    client: Client,
    room: str,
    since: str,
    rest: str,
    oldest: Body,
    now: Callable[[], datetime],
) -> Skipped | None:
    """What lies between the sync token `since` and the place `rest`, as far as people wrote it.

    `rest` is empty where the server gave no place; `oldest` is the first event that is carried.
    None if nobody wrote anything. Never raises a fault: what cannot be learnt is left out.
    """
    until = moment(whole(oldest, "origin_server_ts"), now())
    if not rest:
        return Skipped(None, None, until)
    count, first = 0, None
    query = {"dir": "b", "to": since, "limit": str(PAGE), "filter": _FILTER}
    place: str | None = rest
    try:
        for _page in range(COUNT_PAGES):
            page = await _messages(client, room, {**query, "from": place or ""})
            for raw in _written(page, client.user_id):
                count, first = count + 1, raw
            after = text(page, "end")
            place = after if after and after != place else None
            if place is None:
                break
        if place is not None:
            count = 0
            forward = {"dir": "f", "from": since, "limit": "50", "filter": _FILTER}
            found = _written(await _messages(client, room, forward), client.user_id)
            first = next(iter(found), None)
    except SendFault:
        return Skipped(None, None, until)
    if first is None:
        return None if place is None else Skipped(None, None, until)
    return Skipped(
        count or None,
        moment(whole(first, "origin_server_ts"), now()),
        until,
        permalink(room, text(first, "event_id"), text(first, "sender")),
    )


async def _messages(client: Client, room: str, query: dict[str, str]) -> Body:
    return await client.call("GET", f"{API}/rooms/{quote(room)}/messages", query=query)


def _written(page: Body, own: str) -> list[Body]:
    """Messages of people: neither edits nor what the bot wrote."""
    return [
        mapping(raw)
        for raw in listing(page.get("chunk"))
        if is_event(raw)
        and text(mapping(raw), "sender") != own
        and text(mapping(mapping(mapping(raw).get("content")).get("m.relates_to")), "rel_type")
        != "m.replace"
    ]
