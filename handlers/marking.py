"""Emoji that mean something, and messages that change: a module of `handlers.families` says in
`MARKS` and `CHANGES` what it does about them.

    MARKS: Marks = {("✅", "T"): acknowledge, ("📌", None): pin}
    CHANGES: Changes = (keep_the_original,)
    LOCATED: Located = (check_in,)

    async def acknowledge(mark: Mark) -> Document | None: ...
    async def keep_the_original(change: Change) -> None: ...
    async def check_in(place: Place) -> Document | None: ...

A mark is looked up by the emoji and the letter of the card that the message shows, then by the
emoji alone, for any message. It is the same whichever network it comes from: a reaction, a pin, a
reply that is nothing but the emoji. What a mark returns is said to that room as an answer to the
message; a `Refusal` is told there, too. `LOCATED` hears of every location that somebody shares and
of each move of a live one. All run in savepoints: a fault costs only what they do.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import TypeAlias

from handlers.context import Actions, Context
from handlers.document import Document
from storage import UnitOfWork
from storage.tables import Message
from workflows.incidents.record import By

PIN = "📌"
"""What pinning a message by the network's own means counts as."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody put an emoji on a message, or (`put` False) took it off.

    `context` is theirs as though they had typed a command in reply to it; if the message is a
    card, `await context.incident()` is that of its thing and `thing` is its number.
    """

    context: Context
    message: Message
    emoji: str
    put: bool
    thing: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A message reads otherwise than before, or (`gone`) was taken back.

    `before` and `after` are its words as plain text, `after` empty if it is gone.
    """

    uow: UnitOfWork
    now: datetime
    actions: Actions
    message: Message
    before: str
    after: str
    gone: bool
    by: By


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody shared a location in degrees of WGS 84; `context` as for a mark.

    `named` if it is a place with a name rather than where they are; `again` if it has moved, or
    was corrected.
    """

    context: Context
    lat: float
    lon: float
    named: bool
    again: bool


OnMark: TypeAlias = Callable[[Mark], Awaitable[Document | None]]
OnChange: TypeAlias = Callable[[Change], Awaitable[None]]
OnPlace: TypeAlias = Callable[[Place], Awaitable[Document | None]]
Marks: TypeAlias = Mapping[tuple[str, str | None], OnMark]
Changes: TypeAlias = Sequence[OnChange]
Located: TypeAlias = Sequence[OnPlace]


def bare(emoji: str) -> str:
    """What makes two emoji the same: networks differ in variation selectors."""
    return emoji.replace("\ufe0f", "")


def discover_marks(package: ModuleType) -> dict[tuple[str, str | None], OnMark]:
    """The marks of all modules of `package`. ValueError if two want the same one."""
    found: dict[tuple[str, str | None], OnMark] = {}
    for module in _modules(package):
        marks: Marks = getattr(module, "MARKS", {})
        for (emoji, letter), act in marks.items():
            if found.setdefault((bare(emoji), letter), act) is not act:
                raise ValueError(f"two modules want {emoji} on {letter or 'any message'}")
    return found


def discover_changes(package: ModuleType) -> tuple[OnChange, ...]:
    """What all modules of `package` do about changed messages."""
    found: list[OnChange] = []
    for module in _modules(package):
        changes: Changes = getattr(module, "CHANGES", ())
        found.extend(changes)
    return tuple(found)


def discover_located(package: ModuleType) -> tuple[OnPlace, ...]:
    """What all modules of `package` do about locations."""
    found: list[OnPlace] = []
    for module in _modules(package):
        located: Located = getattr(module, "LOCATED", ())
        found.extend(located)
    return tuple(found)


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{info.name}")
