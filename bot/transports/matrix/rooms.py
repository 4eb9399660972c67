"""What is known of the rooms: their titles and the names of who writes there."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from bot.richtext import safe_text
from bot.transports.matrix.shapes import Body, is_event, is_id, listing, mapping, text, whole
from workflows.text import Json

_log = structlog.get_logger(__name__)

WATCHED = (
    "m.room.member",
    "m.room.name",
    "m.room.canonical_alias",
    "m.room.encryption",
    "m.room.create",
)
"""State that a sync tells us of rooms."""
_LONGEST_NAME = 255


def shows_open(held: Body) -> bool:
    """Whether a room, synced with its whole state, is seen to be unencrypted.

    That its creation is there proves that the state is. Whatever may be an encryption event,
    also a malformed one, proves the contrary.
    """
    told = (
        *listing(mapping(held.get("state")).get("events")),
        *listing(mapping(held.get("timeline")).get("events")),
    )
    kinds = [mapping(raw).get("type") for raw in told]
    return (
        "m.room.create" in kinds
        and "m.room.encryption" not in kinds
        and all(isinstance(kind, str) for kind in kinds)
    )


def is_encryption(raw: Body) -> bool:
    """Whether the event makes its room an encrypted one, which nothing undoes."""
    return text(raw, "type") == "m.room.encryption" and raw.get("state_key") == ""


@dataclass(slots=True)
class Room:
    """One room as its state tells."""

    name: str = ""
    alias: str = ""
    members: int | None = None
    invited: int = 0
    encrypted: bool = False
    names: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call the room; empty for a nameless one."""
        return self.name or self.alias

    @property
    def private(self) -> bool:
        """A nameless room of two, the guests not yet come included.

        `is_direct` stands only in the invitation and `m.direct` only in the other's account,
        so that neither can be relied on after a restart.
        """
        return not self.title and self.members is not None and self.members + self.invited <= 2


class Rooms:
    """All rooms of the bot, kept by the sync loop."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}

    def get(self, room: str) -> Room:
        """The room; an empty one if nothing is known."""
        return self._rooms.setdefault(room, Room())

    def forget(self, room: str) -> None:
        """The bot is not there any more."""
        self._rooms.pop(room, None)

    def name(self, room: str, user: str) -> str:
        """The display name in the room; the user id's own part where there is none."""
        return self.get(room).names.get(user) or user.removeprefix("@").partition(":")[0]

    def apply(self, room: str, raw: Body) -> None:
        """Take a state event into account."""
        kind, content, known = text(raw, "type"), mapping(raw.get("content")), self.get(room)
        if kind == "m.room.member":
            if text(content, "membership") in ("join", "invite"):
                known.names[text(raw, "state_key")] = _called(content, "displayname")
        elif is_encryption(raw):
            known.encrypted = True
        elif kind == "m.room.name":
            known.name = _called(content, "name")
        elif kind == "m.room.canonical_alias":
            known.alias = _called(content, "alias")

    def apply_all(self, room: str, held: Body) -> None:
        """Take in the `state` and `summary` of a synced room."""
        for raw in listing(mapping(held.get("state")).get("events")):
            if is_event(raw):
                self.apply(room, mapping(raw))
        summary, known = mapping(held.get("summary")), self.get(room)
        members = whole(summary, "m.joined_member_count")
        if members is not None:
            known.members = members
        invited = whole(summary, "m.invited_member_count")
        if invited is not None:
            known.invited = invited


def _called(content: Body, key: str) -> str:
    """A name as it can be shown and stored."""
    return safe_text(text(content, key))[:_LONGEST_NAME]


def drop_nameless(rooms: Json) -> None:
    """Take what is no room out of a part of a sync: nothing could be asked or stored."""
    for room in [each for each in mapping(rooms) if not is_id(each, "!")]:
        _log.warning("matrix.room.nameless", room=ascii(room)[:100])
        mapping(rooms).pop(room)
