"""What networks tell of rooms besides what is said there: people, gaps, encryption."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PassageKind = Literal["joined", "left", "removed", "renamed"]


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody came, went, was put out, or bears another name than `before`."""

    kind: PassageKind
    account: str
    name: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """Who is in the room, and under which name, has changed. Never the bot itself."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """After a long outage what was said first is not fetched any more.

    `count` messages from `since` to `until`, None where that is not known; `link` leads to the
    first of them.
    """

    count: int | None
    since: datetime | None
    until: datetime
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Secured:
    """The room is encrypted, from now on or since before we came."""
