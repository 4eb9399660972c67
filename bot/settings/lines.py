"""Where in a TOML text a key stands: the reader of the standard library does not tell."""

from __future__ import annotations

import re

Loc = tuple["str | int", ...]
"""A place in the configuration, lists counted from 0."""

_PART = r"(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')"
_PATH = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PATH})\s*\]\]?")
_KEY = re.compile(rf"\s*({_PATH})\s*=")


def line_of(text: str, loc: Loc) -> int | None:
    """The line of a key, counted from 1; where it is not there, of what it should stand in."""
    best: tuple[int, int] | None = None
    table: Loc = ()
    counted: dict[Loc, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _placed(_path(header[2]), counted)
            if header[1] == "[[":
                counted[table] = counted.get(table, -1) + 1
                table = (*table, counted[table])
            found = table
        elif key := _KEY.match(line):
            found = (*table, *_path(key[1]))
        else:
            continue
        if found == loc[: len(found)] and (best is None or len(found) > best[1]):
            best = (number, len(found))
    return best[0] if best else None


def _path(written: str) -> Loc:
    return tuple(part.strip("\"'") for part in re.findall(_PART, written))


def _placed(path: Loc, counted: dict[Loc, int]) -> Loc:
    """The path with the number of the table of each list on its way that it is in."""
    placed: Loc = ()
    for at, part in enumerate(path):
        placed = (*placed, part)
        if at < len(path) - 1 and placed in counted:
            placed = (*placed, counted[placed])
    return placed
