"""Files that were written as one album, sent as one; each stays a message of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.delivery.joining import ALBUM, THREAD, Call, bare
from bot.delivery.quota import Quota
from bot.transports.base import Albums, Payload
from storage.tables import OutboxRow

MOST_FILES = 10
"""Of one album; no network takes more."""

GATHERED = timedelta(seconds=1)
"""So long an album's first file waits for those that its network hands over by and by."""


def in_album(payload: Payload, key: str | None) -> Payload:
    """The payload as a part of an album."""
    return payload if key is None else {**payload, ALBUM: key}


def whole(rows: Sequence[OutboxRow]) -> Call:
    """The rows as one album."""
    return Call(tuple(rows), bare(rows[0].payload), album=True)


def gathered(
    rows: Sequence[OutboxRow],
    albums: Albums,
    now: datetime,
    apart: frozenset[int],
) -> tuple[OutboxRow, ...]:
    """As many of these rows, from the first on, as are one album; empty if that is no album.

    An answer can be its first file alone. Rows `apart` are sent by themselves. Those that came
    after the first go with it, however short they have waited.
    """
    first, files = rows[0], list[OutboxRow]()
    for row in rows[:MOST_FILES]:
        if (
            row.payload.get(ALBUM) != first.payload.get(ALBUM)
            or row.payload.get(THREAD) != first.payload.get(THREAD)
            or (files and row.reply_to not in (None, first.reply_to))
            or row.action != "send"
            or row.state != "queued"
            or row.id in apart
            or (row.not_before is not None and row.not_before > now and row.attempts > 0)
        ):
            break
        files.append(row)
    count = albums.album([bare(row.payload) for row in files]) if files else 0
    return tuple(files[:count]) if count > 1 else ()


def fitting(files: int, quota: Quota, now: float, reserve: float) -> int:
    """How many of so many files the quota lets go now, besides the one that it has let go: an
    album counts as many messages as it has."""
    while files > 1 and quota.wait_more(now, files - 1, reserve) > 0.0:
        files -= 1
    return files
