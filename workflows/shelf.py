"""Data that an operator can change: packs of levels, clocks, codes and thresholds.

Each is a TOML file `NAME.toml` beside the workflow that uses it; a file of the same name in the
operator's folder takes its place as a whole. What people read in it stands in both languages
(`zh`, `en`), since it is data and not a sentence of ours.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar


class NotUsable(ValueError):
    """A data file that cannot be used; the words name the file and what is wrong with it."""


@dataclass(frozen=True)
class Shelf:
    """The data files, the operator's `folder` first; each is read once."""

    folder: Path | None = None
    _read: dict[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    def read(self, package: str, name: str) -> Mapping[str, Any]:
        """The file `NAME.toml` of that package, as `tomllib` reads it. Raises `NotUsable`."""
        if name not in self._read:
            self._read[name] = self._fresh(package, name)
        return self._read[name]

    def names(self, package: str, prefix: str) -> tuple[str, ...]:
        """The names of the package's files that begin so, and of those that the operator adds."""
        ours = (each.name for each in files(package).iterdir())
        folder = self.folder
        own = (each.name for each in folder.iterdir()) if folder and folder.is_dir() else ()
        found = {each.removesuffix(".toml") for each in (*ours, *own) if each.endswith(".toml")}
        return tuple(sorted(each for each in found if each.startswith(prefix)))

    def _fresh(self, package: str, name: str) -> Mapping[str, Any]:
        own = None if self.folder is None else self.folder / f"{name}.toml"
        try:
            if own is not None and own.exists():
                return tomllib.loads(own.read_text("utf-8"))
            return tomllib.loads((files(package) / f"{name}.toml").read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise NotUsable(f"{own or name}: {error}") from error


T = TypeVar("T")


def unfit(name: str, wrong: Exception) -> NotUsable:
    """The fault of the data file `NAME.toml` that `wrong` has met: the key that it lacks, or what
    is wrong with a value."""
    if isinstance(wrong, NotUsable):
        return wrong
    said = f"{wrong.args[0]!r} is missing" if isinstance(wrong, KeyError) else str(wrong)
    return NotUsable(f"{name}.toml: {said}")


def in_any_case(read: Callable[[Shelf], T], shelf: Shelf) -> T:
    """What `read` makes of the operator's file, or of ours where that one cannot be used: for what
    has to go on, such as timers. `lianzhi check` names the fault."""
    try:
        return read(shelf)
    except NotUsable:
        return read(Shelf())


def both(value: object) -> tuple[str, str]:
    """The Chinese and the English of `{zh = "...", en = "..."}`; ValueError for anything else."""
    match value:
        case {"zh": str(zh), "en": str(en)}:
            return zh, en
    raise ValueError(f"not a text in both languages: {value!r}")
