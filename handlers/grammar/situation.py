"""What the reading of a line depends on besides the line itself; all of it is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from handlers.folding import half, spaced
from handlers.registry import Language
from handlers.values import Reference, Value
from workflows.text import Msg


@dataclass(frozen=True, slots=True)
class MentionSpan:
    """A mention that the network itself marked, in code points of the text as received."""

    start: int
    end: int
    account: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Where and when a line was written.

    `now` is aware; `zone` is the incident's. `bots` are our own handles on that network,
    without `@`. `names` are those of people, agencies and teams, needed only for those with
    spaces. `replied` is the thing whose card the line replies to.
    """

    now: datetime
    zone: tzinfo
    language: Language = "en"
    bots: frozenset[str] = frozenset()
    mentions: tuple[MentionSpan, ...] = ()
    names: tuple[str, ...] = ()
    replied: Reference | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    """Further names of choices, to their codes: what an agency calls the positions."""
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of several words that are one value, by what `Arg.known` calls them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text twice: as typed, and for structure (half width, small letters, no marks).

    Both have the same length, so that a place in one is the same place in the other.
    """

    typed: str
    plain: str

    @staticmethod
    def of(text: str) -> Source:
        """Both forms of `text`."""
        plain = half(text)
        if not plain.isascii():
            plain = spaced(plain).replace("İ", "i")
        small = plain.lower()
        return Source(text, small if len(small) == len(text) else plain)

    def trim(self, start: int, end: int, also: str = "") -> tuple[int, int]:
        """The part of `start` to `end` without white space, and `also` signs, around it."""
        while start < end and (self.plain[start].isspace() or self.plain[start] in also):
            start += 1
        while end > start and (self.plain[end - 1].isspace() or self.plain[end - 1] in also):
            end -= 1
        return start, end

    def word_end(self, start: int, end: int) -> int:
        """Where the word at `start` ends: at white space or `end`."""
        while start < end and not self.plain[start].isspace():
            start += 1
        return start


@dataclass(frozen=True, slots=True)
class Taken:
    """A value was read, up to but without place `end`."""

    value: Value
    end: int


@dataclass(frozen=True, slots=True)
class Unread:
    """No value was read, because of `why`; `instead` are texts that would be clear."""

    why: Msg
    instead: tuple[str, ...] = ()


_STOPS = ",;、。"


def at_boundary(plain: str, place: int, end: int) -> bool:
    """Whether a value that ends at `place` ends there as a word does."""
    return place >= end or plain[place].isspace() or plain[place] in _STOPS
