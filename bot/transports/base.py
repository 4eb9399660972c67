"""What every network offers: the values that cross the border and the port itself.

A transport turns its network's updates into `Inbound` values and hands them to `Take`, and
carries `Sending` orders out. It decides nothing: no commands, no relaying, no retries.
"""

from __future__ import annotations

import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from pydantic import BaseModel

from bot.catalogues import Catalogues
from bot.richtext import Html
from bot.transports.events import (
    QUIET_SECONDS as QUIET_SECONDS,
    UNREAD as UNREAD,
    UNREADABLE as UNREADABLE,
    Batch as Batch,
    Content as Content,
    Deleted as Deleted,
    Edited as Edited,
    Entered as Entered,
    Event as Event,
    Inbound as Inbound,
    Lost as Lost,
    Moved as Moved,
    Pinned as Pinned,
    Pressed as Pressed,
    Reacted as Reacted,
    Said as Said,
    Sender as Sender,
    Take as Take,
    TopicTold as TopicTold,
)
from bot.transports.faults import (
    AccountRefused as AccountRefused,
    AnswerLost as AnswerLost,
    MediaUnavailable as MediaUnavailable,
    RateLimited as RateLimited,
    Rejected as Rejected,
    RoomGone as RoomGone,
    RoomMoved as RoomMoved,
    SendFault as SendFault,
    TargetGone as TargetGone,
    ThreadGone as ThreadGone,
    ThreadRefused as ThreadRefused,
    Unreachable as Unreachable,
)
from bot.transports.location import Location
from bot.transports.media import (
    RENEWED as RENEWED,
    Media as Media,
    MediaKind as MediaKind,
)
from bot.transports.presence import (
    Change as Change,
    Passed as Passed,
    Secured as Secured,
    Skipped as Skipped,
)
from storage import Store
from workflows.text import Json, Msg

Payload: TypeAlias = "dict[str, Json]"
"""One message in the network's own terms, rendered once and stored; a retry repeats it.

With `continues` it goes on where the one before ended, and is sent as an answer to it.
"""


@dataclass(frozen=True, slots=True)
class Author:
    """Whose words a relayed message are; name and agency are already safe to show."""

    name: str
    agency: str | None
    network: str
    account: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A button for one room: `token` stands for the stored command."""

    token: str
    label: str


@dataclass(frozen=True, slots=True)
class Target:
    """An account of the room's own network that a mention reaches."""

    account: str
    name: str
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for one room, in its language, not yet in the network's terms."""

    html: Html
    language: str
    author: Author | None = None
    quote: tuple[str, Html] | None = None
    """Author and words of a replied-to message that this room has never seen."""
    media: tuple[Media, ...] = ()
    choices: tuple[Choice, ...] = ()
    mentions: Mapping[str, Target] = field(default_factory=dict)
    """By mentioned account: the account to reach in this room."""
    mark: str | None = None
    """A line shown first, as of a repeated or late message."""
    location: Location | None = None
    """Shown on a map where there is one; `html` says it in words."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji on a message, and those people of other rooms who put it there.

    `people` are account and name, safe to show.
    """

    emoji: str
    people: tuple[tuple[str, str], ...]


OpenMedia = Callable[[Media], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Sending:
    """One outbox row on its way. `target` is the remote id that an edit or deletion is for."""

    room: str
    payload: Payload
    txn: str
    reply_to: str | None = None
    target: str | None = None
    open_media: OpenMedia | None = None
    mark: str | None = None
    """A line shown before the rest, as of a message that may have been sent before."""
    thread: str | None = None
    """The network's id of the thread or topic that it goes to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `lianzhi check`: what was looked at, whether it is well, how to mend it."""

    part: str
    ok: bool
    text: Msg
    mend: Msg | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a network may be called; a window is (calls, seconds)."""

    together: tuple[int, float] | None = None
    """For all rooms together."""
    each: tuple[tuple[int, float], ...] = ()
    """For each room, its topics included."""
    group: tuple[tuple[int, float], ...] = ()
    """For each room that is a group, on top."""


@dataclass(frozen=True, slots=True)
class KnownIds:
    """What is stored of a chat, its topics included, when a call is looked for whose answer was
    lost. Ids are compared as numbers."""

    remotes: tuple[str, ...] = ()
    """The highest remote ids, the highest first."""
    whole: bool = True
    """Whether these are all that there are."""
    before: str | None = None
    """The highest that was surely given before the call was made."""
    others: frozenset[str] = frozenset()
    """Other sends to the chat that may have arrived: their `txn`."""
    strays: bool = False
    """Whether words of ours may stand there under ids that nobody knows."""
    new: bool = False
    """Whether the chat is only just known: nothing of ours can be older than what is stored."""


AskKnown: TypeAlias = "Callable[[], Awaitable[KnownIds]]"


class Transport(Protocol):
    """A network. Made by its module's `NETWORK.build`; owns its connection."""

    network: str
    idempotent: bool
    """Whether a repeated `txn` is shown once."""
    limits: Limits

    @property
    def handles(self) -> frozenset[str]:
        """The bot's own names here, without `@`: a command with such a suffix is ours."""

    def trusted(self, accounts: frozenset[str]) -> frozenset[str]:
        """Those that are administrators by the way in which they came."""

    def announce(self) -> tuple[Msg, ...]:
        """What the operator is told at the start, such as an address."""

    async def start(self) -> None:
        """Connect and log in; raises `Refusal` when the settings cannot work."""

    async def listen(self, cursor: str | None, take: Take) -> None:
        """Hand over batches for ever, each only once the one before was taken.

        Raises what stops it; the caller starts it again with the stored cursor.
        """

    def compose(self, outgoing: Outgoing) -> list[Payload]:
        """The network's messages for `outgoing`, in order; at least one. Pure."""

    async def send(self, sending: Sending) -> str:
        """Post a message; its remote id. Raises `SendFault`."""

    async def edit(self, sending: Sending) -> None:
        """Make `target` read `payload`. Raises `SendFault`."""

    async def delete(self, sending: Sending) -> None:
        """Take `target` back; its absence is success. Raises `SendFault`."""

    def compose_reactions(self, reactions: tuple[Reaction, ...]) -> Payload | None:
        """What `react` takes to show exactly these besides the room's own. Pure.

        None where a bot can show none but its own: then a line under the message tells them.
        """

    async def react(self, sending: Sending) -> None:
        """Make `target` show the payload's reactions. Raises `SendFault`."""

    async def pin(self, sending: Sending, *, pinned: bool) -> None:
        """Pin `target`, or unpin it; nobody is notified. Raises `SendFault`."""

    async def find_sent(self, sending: Sending, known: AskKnown) -> str | bool:
        """Whether a send whose answer was lost arrived: the remote id if it did, False if surely
        not, True if that cannot be told.

        `known` is asked once nothing else can arrive in the chat.
        """

    def open_media(self, media: Media) -> AsyncIterator[bytes]:
        """The bytes of a file that lies on this network. Raises `SendFault`."""

    async def answer_press(self, press: str, text: str) -> None:
        """Tell the presser's client that the press arrived. Decoration: never raises."""

    async def offer_commands(self, menus: Mapping[str, tuple[tuple[str, str], ...]]) -> None:
        """Show the command menu, by language code. Decoration: never raises."""

    async def check(self, rooms: tuple[str, ...]) -> tuple[Finding, ...]:
        """Try every part that these rooms need; what is wrong and how to mend it."""

    async def aclose(self) -> None:
        """Let go of connections; safe to call twice."""


@runtime_checkable
class Joins(Protocol):
    """What a transport can offer besides: to show several messages as one."""

    def join(self, payloads: Sequence[Payload]) -> Payload | None:
        """Plain messages as the lines of one, in order; None if they cannot be one. Pure."""


@runtime_checkable
class Albums(Protocol):
    """What a transport can offer besides: to send several files as one album."""

    def album(self, payloads: Sequence[Payload]) -> int:
        """How many of these, from the first on, can be one album; below 2 none can. Pure."""

    async def send_album(self, sendings: Sequence[Sending]) -> tuple[str, ...]:
        """Post all or none; the remote id of each. Raises `SendFault`."""

    async def find_album(
        self, sendings: Sequence[Sending], known: AskKnown
    ) -> tuple[str, ...] | bool:
        """As `find_sent`, for an album whose answer was lost."""


@runtime_checkable
class OpensRooms(Protocol):
    """What a transport can offer besides: rooms that the bot opens itself."""

    reopens: bool
    """Whether asking again with the same key gives the same room."""

    async def open_room(
        self, beside: str, key: str, title: str, language: str, invited: tuple[str, ...]
    ) -> str:
        """A new room with that title, on the side of `beside`; its id, `network:id`.

        `key` tells it from all others; `invited` are accounts of the network. Raises `SendFault`:
        `Rejected` where there can be none.
        """


@runtime_checkable
class HasThreads(Protocol):
    """What a transport can offer besides: conversations beside a room's main one."""

    any_message: bool
    """Whether each message can have one that bears its id."""

    def compose_thread(self, room: str, title: str, language: str) -> Payload | None:
        """What opens a thread in the room when it is sent, and names it anew by an edit; its
        remote id is the thread's. None for a room that is known to have none. Pure.

        To send it raises `ThreadRefused` where the bot may not; to send to a thread that was
        closed or deleted, `ThreadGone`.
        """


@runtime_checkable
class HasTopics(Protocol):
    """What a transport can offer besides: topics of a room that are rooms themselves.

    To send to one that was closed or deleted raises `ThreadGone`.
    """

    def main(self, room: str) -> str | None:
        """The room whose main conversation stands beside the topic; None for what is none. Pure."""


@runtime_checkable
class Forgets(Protocol):
    """What a transport says besides whose network does not keep what is not fetched."""

    kept: timedelta


@dataclass(frozen=True, slots=True)
class RoomWish:
    """A room that the configuration names: `room` is `network:id`."""

    room: str
    language: str
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a transport is built from."""

    section: BaseModel
    rooms: tuple[RoomWish, ...]
    """The configured rooms of this network."""
    admins: tuple[str, ...]
    store: Store
    catalogues: Catalogues
    now: Callable[[], datetime]
    data: Path
    """The folder for what must survive a restart beside the database."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network that Lianzhi speaks: each module of this package defines one as `NETWORK`."""

    name: str
    settings: type[BaseModel]
    build: Callable[[Wiring], Transport]
    always: bool = False
    """Runs without a section in the configuration."""
    unfit: Callable[[str], Msg | None] = lambda _room: None
    """What is wrong with the id of a room of this network, where something is."""


def networks() -> tuple[Network, ...]:
    """All networks that modules of this package define, by name."""
    package = import_module("bot.transports")
    found = []
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "base":
            network = getattr(import_module(f"bot.transports.{module.name}"), "NETWORK", None)
            if isinstance(network, Network):
                found.append(network)
    return tuple(sorted(found, key=lambda network: network.name))
