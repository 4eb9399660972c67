"""`lianzhi check` for Matrix: the login, each room, the homeserver's limits, the clocks."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import quote

from bot.transports.base import Finding, RateLimited, SendFault, TargetGone
from bot.transports.matrix.calls import API
from bot.transports.matrix.client import Client
from bot.transports.matrix.shapes import Body, mapping, text, whole
from workflows.errors import Refusal
from workflows.text import _

_NO_LIMIT = '{"messages_per_second": 0, "burst_count": 0}'
SKEW = timedelta(seconds=30)
TRIES = 15
"""Events in a row that a bridge must be able to post; a fresh Synapse takes 10."""


async def check(
    client: Client, rooms: tuple[str, ...], now: Callable[[], datetime]
) -> tuple[Finding, ...]:
    """What was looked at, in the order in which a person would mend it."""
    try:
        await client.connect()
    except Refusal as refusal:
        return (
            Finding(
                "matrix.login",
                False,
                refusal.text,
                _(
                    "Put the right user_id and access_token (or password) into [matrix]; "
                    "lianzhi init asks for them."
                ),
            ),
        )
    except SendFault as fault:
        return (
            Finding(
                "matrix.homeserver",
                False,
                _("The homeserver does not answer: {reason}", reason=fault.reason),
                _(
                    "Check matrix.homeserver: {url} must open in a browser.",
                    url=f"{client.homeserver}/_matrix/client/versions",
                ),
            ),
        )
    found = [
        Finding(
            "matrix.login",
            True,
            _(
                "Logged in as {user} on device {device}.",
                user=client.user_id,
                device=client.device_id,
            ),
        )
    ]
    found.append(_store(client))
    found.append(await _clock(client, now))
    found.append(await _limits(client))
    for room in rooms:
        found += await _room(client, room.removeprefix("matrix:"))
    return tuple(found)


def _store(client: Client) -> Finding:
    part, path = "matrix.store", client.store_path
    if not client.encryption:
        return Finding(part, True, _("Encryption is off: encrypted rooms cannot be served."))
    if os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return Finding(part, True, _("Encryption keys are kept in {path}.", path=str(path)))
    return Finding(
        part,
        False,
        _("{path} cannot be written to.", path=str(path)),
        _("Give it to the user that Lianzhi runs as: chown -R USER {path}", path=str(path)),
    )


async def _clock(client: Client, now: Callable[[], datetime]) -> Finding:
    part = "matrix.clock"
    try:
        began = monotonic()
        async with client.exchange("GET", "/_matrix/client/versions") as answer:
            theirs = parsedate_to_datetime(answer.headers["Date"])
        slow = timedelta(seconds=monotonic() - began)
    except (SendFault, KeyError, ValueError):
        return Finding(part, True, _("The homeserver does not tell its time."))
    skew = abs(now() - theirs)
    if skew <= SKEW + slow:
        return Finding(part, True, _("This machine's clock agrees with the homeserver's."))
    return Finding(
        part,
        False,
        _("This machine's clock and the homeserver's differ by {skew}.", skew=skew),
        _("Switch on time synchronisation (timedatectl set-ntp true)."),
    )


async def _limits(client: Client) -> Finding:
    """Whether a burst is limited, measured in a room of our own that nobody else sees."""
    part = "matrix.limits"
    unknown = Finding(part, True, _("The homeserver's limits could not be measured."))
    try:
        made = await client.call("POST", f"{API}/createRoom", {"preset": "private_chat"})
    except SendFault:
        return unknown
    room = quote(text(made, "room_id"))
    try:
        return await _burst(client, part, room)
    except SendFault:
        return unknown
    finally:
        for verb in ("leave", "forget"):
            with suppress(SendFault):
                await client.call("POST", f"{API}/rooms/{room}/{verb}", {})


async def _burst(client: Client, part: str, room: str) -> Finding:
    for number in range(TRIES):
        try:
            path = f"{API}/rooms/{room}/send/org.lianzhi.check/{number}"
            await client.call("PUT", path, {"number": number})
        except RateLimited as limit:
            user = quote(client.user_id, safe="@:")
            return Finding(
                part,
                False,
                _(
                    "The homeserver stops the bot after {number} messages in a row for {wait}: "
                    "too few for a bridge.",
                    number=number,
                    wait=limit.after,
                ),
                _(
                    "An admin of the homeserver lifts the limit with: {command}",
                    command=f"curl -X POST -H 'Authorization: Bearer ADMIN_TOKEN' -d "
                    f"'{_NO_LIMIT}' {client.homeserver}/_synapse/admin/v1/users/{user}"
                    "/override_ratelimit",
                ),
            )
    return Finding(part, True, _("{number} messages in a row were not limited.", number=TRIES))


async def _room(client: Client, room: str) -> list[Finding]:
    part = f"matrix:{room}"
    try:
        joined = await client.call("GET", f"{API}/joined_rooms")
        rooms = joined.get("joined_rooms")
        if not isinstance(rooms, list) or room not in rooms:
            return [
                Finding(
                    part,
                    False,
                    _("The bot is not in the room."),
                    _("Invite {user} to the room while Lianzhi runs.", user=client.user_id),
                )
            ]
        found = [await _power(client, part, room), await _encryption(client, part, room)]
        if tomb := await _state(client, room, "m.room.tombstone"):
            to = text(tomb, "replacement_room")
            found.append(
                Finding(
                    part,
                    False,
                    _("The room goes on as {room}.", room=to),
                    _("Put {room} in its place in the configuration.", room=f"matrix:{to}"),
                )
            )
    except SendFault as fault:
        return [
            Finding(part, False, _("The room cannot be looked at: {reason}", reason=fault.reason))
        ]
    return found


async def _state(client: Client, room: str, kind: str) -> Body:
    try:
        return await client.call("GET", f"{API}/rooms/{quote(room)}/state/{kind}/")
    except TargetGone:
        return {}


async def _power(client: Client, part: str, room: str) -> Finding:
    """Whether the bot may speak and take others' words back (Matrix: default levels 0 and 50)."""
    if await _created(client, room):
        return Finding(part, True, _("The bot made the room and may do everything in it."))
    levels = await _state(client, room, "m.room.power_levels")
    own = whole(mapping(levels.get("users")), client.user_id)
    if own is None:
        own = whole(levels, "users_default") or 0
    events = mapping(levels.get("events"))

    def needed(kind: str, default: int) -> int:
        level = whole(events, kind)
        if level is None:
            level = whole(levels, "events_default")
        return default if level is None else level

    speak = max(needed("m.room.message", 0), needed("m.reaction", 0))
    if await client.is_encrypted(room):
        speak = max(speak, needed("m.room.encrypted", 0))
    if own < speak:
        return Finding(
            part,
            False,
            _(
                "The bot may not write: it has power level {own} and needs {needed}.",
                own=own,
                needed=speak,
            ),
            _(
                "Give {user} power level {needed} in the room.",
                user=client.user_id,
                needed=speak,
            ),
        )
    redact = whole(levels, "redact")
    if own < (50 if redact is None else redact):
        return Finding(
            part,
            True,
            _("The bot may write; it can take back only its own messages."),
        )
    return Finding(part, True, _("The bot may write and take messages back."))


async def _created(client: Client, room: str) -> bool:
    """Whether the bot made the room: from version 12 on, power levels do not show its makers."""
    state = await client.state(room)
    made = next((raw for raw in state if text(raw, "type") == "m.room.create"), {})
    content = mapping(made.get("content"))
    version = text(content, "room_version")
    if version.isdigit() and int(version) < 12:
        return False
    others = content.get("additional_creators")
    also = isinstance(others, list) and client.user_id in others
    return text(made, "sender") == client.user_id or also


async def _encryption(client: Client, part: str, room: str) -> Finding:
    encrypted = await client.is_encrypted(room)
    if encrypted and not client.encryption:
        return Finding(
            part,
            False,
            _("The room is encrypted and matrix.encryption is false."),
            _("Set encryption = true in [matrix]."),
        )
    return Finding(
        part, True, _("The room is encrypted.") if encrypted else _("The room is not encrypted.")
    )
