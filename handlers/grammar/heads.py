"""Which command the first words name: in either language, apart or run together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from handlers.folding import is_cjk
from handlers.grammar.situation import Source
from handlers.registry import Command, Entry, Registry
from handlers.values import Kind

C = TypeVar("C")
X = TypeVar("X")


@dataclass(frozen=True, slots=True)
class Head(Generic[C]):
    """A family, its verb if one is named, how many names were read and where they end."""

    entry: Entry[C]
    command: Command[C] | None
    names: int
    after: int


def names_at(table: Mapping[str, X], plain: str, place: int) -> list[tuple[X, int]]:
    """What the names that stand at `place` stand for, longest first, and where they end.

    A name in Latin letters ends where the letters and digits do; a Chinese one anywhere.
    """
    longest = max(map(len, table), default=0)
    found = []
    for length in range(min(longest, len(plain) - place), 0, -1):
        name = plain[place : place + length]
        if name in table:
            after = plain[place + length : place + length + 1]
            if not (name[-1].isascii() and after.isascii() and (after.isalnum() or after == "'")):
                found.append((table[name], place + length))
    return found


def glued(plain: str, place: int) -> bool:
    """Whether Chinese characters stand on both sides of `place`, so that a word may go on."""
    return 0 < place < len(plain) and is_cjk(plain[place - 1]) and is_cjk(plain[place])


def _joints(plain: str, place: int) -> int:
    """The place after what may stand between family and verb."""
    if plain.startswith(("_", "-"), place):
        return place + 1
    while place < len(plain) and plain[place] in " \t":
        place += 1
    return place


def first_is_text(command: Command[C] | None) -> bool:
    """Whether what follows the command is free text."""
    return (
        command is not None
        and command.positional[:1] != ()
        and (command.positional[0].kind in (Kind.TEXT, Kind.WORD, Kind.PLACE))
    )


def heads(registry: Registry[C], source: Source, place: int) -> list[Head[C]]:
    """The readings of the names at `place` that cover most; more than one is a question."""
    plain = source.plain
    found: list[Head[C]] = []
    for entry, after in names_at(registry.families, plain, place):
        found.append(Head(entry, None, 1, after))
        begin = _joints(plain, after)
        for command, end in names_at(entry.verbs, plain, begin):
            if begin > after and glued(plain, end) and first_is_text(entry.plain):
                continue
            if begin == after and not is_cjk(plain[after]) and not is_cjk(plain[after - 1]):
                continue
            found.append(Head(entry, command, 2, end))
    for entries, after in names_at(registry.verbs, plain, place):
        begin = _joints(plain, after)
        for entry, end in names_at(registry.families, plain, begin):
            if entry in entries:
                verb = entry.verbs[plain[place:after]]
                found.append(Head(entry, verb, 2, end))
    best = max(((each.names, each.after) for each in found), default=(0, 0))
    return [each for each in dict.fromkeys(found) if (each.names, each.after) == best]
