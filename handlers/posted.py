"""Files that people posted, for families that need what is in them.

A command cannot wait for a network, so the file is fetched after the commit, kept by its content
and handed to a timer of the family:

    await fetch(uow, Wanted(message_id, then="stock.read", subject=str(row.id)), context.now)

    RINGS: Rings = {"stock.read": read}

    async def read(wake: Wake) -> None:
        got = given(wake.timer.data)      # `Fetched`, or the `Msg` that says why there is nothing
        async for chunk in wake.means.files.read(got.sha256): ...

It survives a restart, and a network that is away for a while; the timer rings once. The bytes lie
in the file store from then on under their SHA-256, which a ledger entry can name as evidence; like
all media they are cleared away after the operator's `media_days`, if there are such.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from storage import UnitOfWork
from storage.tables import Message
from workflows.text import Json, Msg

FETCH = "file.fetch"
"""The timer that fetches."""

MEGABYTE = 1_048_576
LIMIT = 20 * MEGABYTE


class Files(Protocol):
    """Contents by their SHA-256."""

    def read(self, sha256: str) -> AsyncIterator[bytes]:
        """The bytes of a content. Raises `OSError` if it is there no more."""


@dataclass(frozen=True)
class Tables:
    """The last few tables that were read, by the SHA-256 of what the reader made of them: who works
    through one bit by bit need not read the whole of it each time."""

    most: int = 3
    _kept: dict[str, Sequence[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def get(self, sha256: str) -> Sequence[dict[str, Any]] | None:
        """Its rows, not to be changed."""
        return self._kept.get(sha256)

    def keep(self, sha256: str, rows: Sequence[dict[str, Any]]) -> None:
        """Keep it; the oldest goes."""
        self._kept[sha256] = rows
        while len(self._kept) > self.most:
            del self._kept[next(iter(self._kept))]

    def drop(self, sha256: str) -> None:
        """Nobody needs it any more."""
        self._kept.pop(sha256, None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a message, number `at` of those it brings, and the timer that is handed it.

    No more than `limit` bytes are fetched. With `reader` the content is read after that in a thread
    (`bot.fetching.READERS`), and what the reader made of it is kept, too. `data` is given back.
    """

    message_id: int
    then: str
    subject: str
    at: int = 0
    limit: int = LIMIT
    reader: str | None = None
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that lies in the file store; `made` is the SHA-256 of what a reader made of it."""

    sha256: str
    name: str
    mime: str
    size: int
    made: str | None = None


async def fetch(uow: UnitOfWork, wanted: Wanted, now: datetime) -> None:
    """Have the file fetched once this transaction is committed; asking again changes nothing."""
    subject = f"{wanted.then} {wanted.subject}"
    if await uow.timers.get(FETCH, subject) is not None:
        return
    await uow.timers.set(
        FETCH,
        subject,
        now,
        {
            "message": wanted.message_id,
            "at": wanted.at,
            "then": wanted.then,
            "subject": wanted.subject,
            "limit": wanted.limit,
            "reader": wanted.reader,
            "data": dict(wanted.data),
        },
    )


def given(data: Mapping[str, Any]) -> Fetched | Msg:
    """What the family's timer was handed: the file, or why it could not be had."""
    fault = data.get("fault")
    if fault is not None:
        return Msg.from_json(fault)
    file = data["file"]
    return Fetched(
        str(file["sha256"]), str(file["name"]), str(file["mime"]), int(file["size"]), file["made"]
    )


def names(message: Message | None) -> tuple[str, ...]:
    """The names of the files that a message brings, in order."""
    media = () if message is None else message.content.get("media") or ()
    return tuple(str(each.get("name", "")) for each in media)
