"""The state of every thing made again from the ledger alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from workflows.text import Json


class Entry(Protocol):
    """What is read of a ledger entry."""

    @property
    def params(self) -> Mapping[str, Json]:
        """The parameters."""


def replay(entries: Iterable[Entry]) -> dict[str, dict[str, Json]]:
    """The fields of each thing (`I3`, `I3-O2`) as the last entry that changed them left them."""
    things: dict[str, dict[str, Json]] = {}
    for entry in entries:
        thing, changes = entry.params.get("thing"), entry.params.get("changes")
        if isinstance(thing, str) and isinstance(changes, Mapping):
            things.setdefault(thing, {}).update(changes)
    return things
