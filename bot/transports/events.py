"""What happens on a network, as every network says it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.richtext import Html
from bot.transports.location import Location
from bot.transports.media import Media
from bot.transports.presence import Passed, Secured, Skipped
from storage import UnitOfWork
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote: `account` is `network:id`; the other fields are for show only."""

    account: str
    name: str
    handle: str | None = None
    language: str | None = None
    named_here: bool = False
    """Whether the name belongs to the room, which tells of its change by itself."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds. `uncarried` names what the neutral form has no place for."""

    html: Html
    media: tuple[Media, ...] = ()
    uncarried: Msg | None = None
    text: str = ""
    """The text as typed, without markup: what a command is read from."""
    mentions: tuple[tuple[int, int, str], ...] = ()
    """(start, end, account) of mentions in `text`, as Python string offsets."""
    location: Location | None = None
    """For networks that have a map; `uncarried` says it in words."""
    forwarded: str | None = None
    """Who wrote it first, if the sender only passed it on."""
    album: str | None = None
    """What the messages have in common that were written as one album."""
    poll: str | None = None
    """The network's id of the poll whose state `uncarried` says, where it has one."""
    quote: Html | None = None
    """The words that the author has chosen of the message that is answered."""


UNREAD = _("A message that could not be decrypted")
"""`Content.uncarried` of what stands in for words whose key has not come."""

UNREADABLE = _("A message that could not be read")
"""`Content.uncarried` of what stands in for words that make no sense though their key has come."""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote."""

    content: Content
    reply_to: str | None = None
    reply_author: str | None = None
    reply_html: Html | None = None
    """Author and words of the message replied to, where the network tells them."""


@dataclass(frozen=True, slots=True)
class Edited:
    """Message `target` now reads `content`."""

    target: str
    content: Content
    edit: str | None = None
    """The network's id of the edit itself, where it can be answered and taken back by that."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """Message `target` was taken back by its author or by a moderator."""

    target: str


@dataclass(frozen=True, slots=True)
class Reacted:
    """The sender's reactions on `target` changed."""

    target: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pinned:
    """The sender pinned these messages, or unpinned them, where the network tells that."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button was pressed. `press` is what `answer_press` needs."""

    token: str
    target: str
    press: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The room goes on under another id; everything known of it is re-keyed."""

    to: str


@dataclass(frozen=True, slots=True)
class TopicTold:
    """What the network tells of a topic (`Inbound.thread`): its name, or whether it is closed."""

    title: str = ""
    closed: bool | None = None
    ours: bool = False
    """Whether the bot itself has opened it."""


@dataclass(frozen=True, slots=True)
class Entered:
    """The bot was brought into the room."""

    title: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """The bot can no longer write here; `reason` is for people."""

    reason: Msg


Event: TypeAlias = (
    Said
    | Edited
    | Deleted
    | Reacted
    | Pinned
    | Pressed
    | TopicTold
    | Moved
    | Entered
    | Lost
    | Passed
    | Skipped
    | Secured
)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that happened on a network.

    `key` is unique over all networks and for ever (`telegram:BOT:UPDATE`, `matrix:EVENT`);
    `room` and accounts are `network:id`; `remote` is the network's id of this message.
    """

    key: str
    room: str
    at: datetime
    event: Event
    sender: Sender | None = None
    remote: str | None = None
    private: bool = False
    title: str = ""
    thread: str | None = None
    """The network's id of the conversation beside the main one that this is part of. A topic is
    told as a room, `network:id/topic`, which it becomes a thread of where it is none itself."""
    topic: str = ""
    """What that conversation is called, or how it begins, where the network tells it."""
    encrypted: bool = False
    """Whether only those in the room can read what is said there."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fetch brought. `cursor` is stored in the same transaction as its effects."""

    inbounds: tuple[Inbound, ...]
    cursor: str | None = None
    alongside: Callable[[UnitOfWork], Awaitable[None]] | None = None
    """What the network itself stores in that transaction, before the inbounds."""

    @property
    def quiet(self) -> bool:
        """Whether it says no more than that the network has answered."""
        return not self.inbounds and self.cursor is None and self.alongside is None


QUIET_SECONDS = 20.0
"""A loop to which nothing happens hands over an empty batch that often, as a sign of life."""


Take = Callable[[Batch], Awaitable[None]]
"""Returns when the batch is committed; what it raises means: not taken, offer it again."""
