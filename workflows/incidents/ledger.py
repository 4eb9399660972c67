"""The record's head, by which anybody can tell later that it was not rewritten."""

from __future__ import annotations

from datetime import UTC

from storage.tables import LedgerEntry
from workflows.text import Json

SHOWN = 32
"""Hexadecimal digits of a posted hash: 128 bits."""


def head(entry: LedgerEntry) -> str:
    """The head of the chain as it is posted, `41:3f2a…`."""
    return f"{entry.seq}:{entry.hash[:SHOWN]}"


def plain(entry: LedgerEntry) -> dict[str, Json]:
    """An entry with all that its hash is made over, and the hash."""
    return {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "room": entry.room,
        "code": entry.code,
        "params": entry.params,
        "before": entry.before,
        "hash": entry.hash,
    }
