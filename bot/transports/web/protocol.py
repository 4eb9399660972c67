"""The words of the WebSocket at `/ws/ROOM`, one JSON object a frame.

From the browser, each action under a `cid` of its own, which makes a repetition harmless:

    {"op": "hello", "client": SECRET, "name": NAME}      first; the secret is kept by the browser
    {"op": "name", "name": NAME}
    {"op": "say", "cid", "text", "reply_to": ID|null, "files": [HANDLE],
     "mentions": [[NAME, ACCOUNT]]}
    {"op": "edit", "cid", "id", "text", "mentions"}      own messages only, as is delete
    {"op": "delete", "cid", "id"}
    {"op": "react", "cid", "id", "emoji", "add": BOOL}
    {"op": "press", "cid", "id", "token"}
    {"op": "more", "before": ID}

To the browser:

    {"op": "welcome", "room", "title", "agency", "language", "words", "me", "fixed", "commands",
     "events": [EVENT], "more": BOOL}                    replaces all that the page shows
    {"op": "history", "events", "more"}                  answers `more`
    {"op": "event", "event"}                             new or changed; ordered by its `id`
    {"op": "ack", "cid", "id"}                           committed: it will never be lost
    {"op": "refused", "cid", "text", "again": SECONDS}   not done; without `again`, for good
    {"op": "words", "language", "words"}                 the room's language changed
    {"op": "commands", "commands": [[COMMAND, TEXT]]}
    {"op": "toast", "text"}                              a press was answered
    {"op": "ended"}                                      the invitation holds no more

An EVENT is described in `events.view`. What is not acknowledged is to be sent again, with the
same `cid`, after a new `hello`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TypeAlias

import regex

from bot.richtext import is_account, is_blank, safe_name, safe_text

TEXT_LIMIT = 40_000
"""Characters of one message."""
FRAME_LIMIT = 512 * 1024
"""Bytes of one frame."""
FILES_LIMIT = 10
MENTIONS_LIMIT = 50
NAME_LIMIT = 40

_CID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)
_EMOJI = regex.compile(
    r"[+-]1|(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3])"
    r"[\p{Extended_Pictographic}\p{Emoji_Component}]{1,16}"
)


class Unreadable(Exception):
    """A frame that is not in the protocol; `cid` where it could be read."""

    def __init__(self, reason: str, cid: str = "") -> None:
        super().__init__(reason)
        self.cid = cid


class TooLong(Unreadable):
    """More text than one message may have."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Who is there; `secret` is empty for an invited person."""

    secret: str
    name: str


@dataclass(frozen=True, slots=True)
class Rename:
    """The person is called otherwise from now on."""

    name: str


@dataclass(frozen=True, slots=True)
class Say:
    """A new message; `files` are handles that an upload answered."""

    cid: str
    text: str
    reply_to: int | None
    files: tuple[str, ...]
    mentions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """The message `id` now reads `text`."""

    cid: str
    id: int
    text: str
    mentions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """The message `id` is taken back."""

    cid: str
    id: int


@dataclass(frozen=True, slots=True)
class React:
    """An emoji is put on message `id`, or taken off."""

    cid: str
    id: int
    emoji: str
    add: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """Message `id` is pinned, or unpinned."""

    cid: str
    id: int
    add: bool


@dataclass(frozen=True, slots=True)
class Press:
    """A button under message `id` is pressed."""

    cid: str
    id: int
    token: str


@dataclass(frozen=True, slots=True)
class More:
    """Messages before `before` are wanted."""

    before: int


Action: TypeAlias = Say | Edit | Delete | React | Pin | Press
Frame: TypeAlias = Hello | Rename | More | Action


def read(text: str) -> Frame:
    """The frame that `text` holds. Raises `Unreadable`, `TooLong`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("not an object")
    fields = _Fields(value)
    match value.get("op"):
        case "hello":
            secret = fields.text("client", 128)
            return Hello(secret if _SECRET.fullmatch(secret) else "", fields.name())
        case "name":
            return Rename(fields.name())
        case "more":
            return More(fields.id("before"))
        case "say":
            reply = fields.id("reply_to") if value.get("reply_to") is not None else None
            said = Say(fields.cid(), fields.message(), reply, fields.files(), fields.mentions())
            if is_blank(said.text) and not said.files:
                raise Unreadable("nothing is said", said.cid)
            return said
        case "edit":
            edit = Edit(fields.cid(), fields.id("id"), fields.message(), fields.mentions())
            if is_blank(edit.text):
                raise Unreadable("nothing is said", edit.cid)
            return edit
        case "delete":
            return Delete(fields.cid(), fields.id("id"))
        case "react":
            emoji = safe_text(fields.text("emoji", 16))
            if not _EMOJI.fullmatch(emoji):
                raise Unreadable("not an emoji", fields.cid())
            return React(fields.cid(), fields.id("id"), emoji, value.get("add") is not False)
        case "pin":
            return Pin(fields.cid(), fields.id("id"), value.get("add") is not False)
        case "press":
            return Press(fields.cid(), fields.id("id"), fields.text("token", 200))
        case _:
            raise Unreadable("unknown op", fields.cid_or_nothing())


class _Fields:
    """Reads one object's fields, each within its bounds."""

    def __init__(self, value: dict[str, object]) -> None:
        self._value = value

    def cid_or_nothing(self) -> str:
        cid = self._value.get("cid")
        return cid if isinstance(cid, str) and _CID.fullmatch(cid) else ""

    def cid(self) -> str:
        if cid := self.cid_or_nothing():
            return cid
        raise Unreadable("no cid")

    def text(self, key: str, limit: int) -> str:
        value = self._value.get(key)
        if not isinstance(value, str) or len(value) > limit:
            raise Unreadable(f"{key} is not a text", self.cid_or_nothing())
        return value

    def message(self) -> str:
        value = self._value.get("text")
        if not isinstance(value, str):
            raise Unreadable("text is not a text", self.cid_or_nothing())
        if len(value) > TEXT_LIMIT:
            raise TooLong("text is too long", self.cid_or_nothing())
        return safe_text(value)

    def name(self) -> str:
        value = self._value.get("name")
        return safe_name(value[:1000], NAME_LIMIT, "") if isinstance(value, str) else ""

    def id(self, key: str) -> int:
        value = self._value.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**62:
            raise Unreadable(f"{key} is not an id", self.cid_or_nothing())
        return value

    def files(self) -> tuple[str, ...]:
        return tuple(each for each in self._list("files", FILES_LIMIT) if isinstance(each, str))

    def mentions(self) -> tuple[tuple[str, str], ...]:
        found = []
        for each in self._list("mentions", MENTIONS_LIMIT):
            match each:
                case [str(name), str(account)] if is_account(account) and 0 < len(name) <= 80:
                    found.append((safe_text(name), account))
        return tuple(found)

    def _list(self, key: str, limit: int) -> list[object]:
        value = self._value.get(key, [])
        if not isinstance(value, list) or len(value) > limit:
            raise Unreadable(f"{key} is not a list of at most {limit}", self.cid_or_nothing())
        return value
