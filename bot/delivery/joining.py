"""Consecutive lines of talk as one message, where a quota would make them wait.

Which lines are one message is stored before it is sent (`OutboxRow.joined` is the first line's
id) and where each stands in it afterwards (`Copy.slot`, `Copy.line`): after a restart it is the
same message, and an edit or a deletion concerns one line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.delivery.priority import Priority
from bot.transports.base import Payload
from storage.tables import Copy, OutboxRow

PATIENCE_SECONDS = 2.0
"""Lines that would all be sent within that time are sent one by one."""

MOST_LINES = 100
"""Lines of one message."""

THREAD = "thread"
"""Set in a payload that is part of a thread: the thread's id."""

ALBUM = "album"
"""Set in a payload that is part of an album: what its parts have in common."""

_OURS = ("mark", THREAD, ALBUM)

Join: TypeAlias = "Callable[[Sequence[Payload]], Payload | None]"
"""The messages as one, None if they cannot be one."""


@dataclass(frozen=True, slots=True)
class Call:
    """Rows that are one call, in order; each row is one line of `payload`, or, in an album, a
    message of its own."""

    rows: tuple[OutboxRow, ...]
    payload: Payload
    album: bool = False

    @property
    def joined(self) -> int | None:
        """What the rows of a joined message have in common: the first one's id."""
        return self.rows[0].id if len(self.rows) > 1 else None


@dataclass(frozen=True, slots=True)
class Relined:
    """What a joined message reads once a line has changed: None if no line is left."""

    payload: Payload | None
    remote: str
    slot: int
    """The line's place in it."""
    beside: int | None = None
    """Set where the changed line does not fit any more: the message of another line."""


def bare(payload: Payload) -> Payload:
    """The payload as its network is given it: without the mark of a repeated message and the
    thread that it is part of."""
    return {key: value for key, value in payload.items() if key not in _OURS}


def alone(row: OutboxRow) -> Call:
    """A row by itself."""
    return Call((row,), bare(row.payload))


def gathered(
    rows: Sequence[OutboxRow], join: Join, now: datetime, apart: frozenset[int]
) -> tuple[OutboxRow, ...]:
    """As many of these rows, from the first on, as can be one message.

    An answer can be its first line alone, since a message answers one other. Rows `apart` are
    not joined, nor are those of different threads.
    """
    lines: list[OutboxRow] = []
    for row in rows[:MOST_LINES]:
        answers_another = bool(lines) and row.reply_to not in (None, lines[0].reply_to)
        elsewhere = row.payload.get(THREAD) != rows[0].payload.get(THREAD)
        if answers_another or elsewhere or row.id in apart or not _is_line(row, now):
            break
        lines.append(row)
    payloads = [_joinable(row.payload) for row in lines]
    return tuple(lines[: _longest(payloads, join)]) or tuple(rows[:1])


def _joinable(payload: Payload) -> Payload:
    """A message that may have been sent before is joined with none."""
    return payload if "mark" in payload else bare(payload)


def _is_line(row: OutboxRow, now: datetime) -> bool:
    return (
        row.state == "queued"
        and row.action == "send"
        and row.priority == Priority.TALK
        and row.origin_room not in (None, row.room)
        and row.part == 0
        and (row.not_before is None or row.not_before <= now)
    )


def _longest(payloads: Sequence[Payload], join: Join) -> int:
    """How many of the payloads, from the first on, fit into one."""
    fits, too_many = 0, len(payloads) + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if join(payloads[:middle]) is None:
            too_many = middle
        else:
            fits = middle
    return fits


def as_one(rows: Sequence[OutboxRow], join: Join) -> Call | None:
    """The rows as the call that they were stored as; None if they cannot be one."""
    payload = join([bare(row.payload) for row in rows]) if len(rows) > 1 else None
    return None if payload is None else Call(tuple(rows), payload)


def relined(lines: Sequence[Copy], row: OutboxRow, join: Join) -> Relined | None:
    """What the joined message `lines` becomes by the row's edit or deletion; None if it is no
    joined message."""
    mine = [each for each in lines if (each.message_id, each.part) == (row.message_id, row.part)]
    if not mine or mine[0].line is None or (remote := mine[0].remote) is None:
        return None
    slot = mine[0].slot
    others = [each for each in lines if each is not mine[0]]
    rest = [bare(each.line) for each in others if each.line is not None]
    if row.action == "delete":
        return Relined(join(rest) if rest else None, remote, slot)
    if not rest:
        return Relined(bare(row.payload), remote, slot)
    new = [row.payload if each is mine[0] else each.line for each in lines]
    whole = join([bare(line) for line in new if line is not None])
    if whole is not None:
        return Relined(whole, remote, slot)
    return Relined(join(rest), remote, slot, beside=others[0].message_id)
