"""The record: append only, each entry chained to the one before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import insert, select as core_select
from sqlmodel import col, select

from storage.prepared import Prepared
from storage.queries.base import HEAD, Queries, table
from storage.tables import LedgerEntry

START = "0" * 64
"""What the first entry has for the hash before it."""

_ENTRY = table(LedgerEntry)
_HEAD = Prepared(
    lambda _dialect: core_select(_ENTRY.c.seq, _ENTRY.c.hash).order_by(_ENTRY.c.seq.desc()).limit(1)
)
_ADD = Prepared(
    lambda _dialect: insert(_ENTRY),
    ("seq", "at", "actor", "room", "code", "params", "before", "hash"),
)


def digest(entry: LedgerEntry) -> str:
    """SHA-256, in hex, over the RFC 8785 canonical JSON of the entry without its own hash."""
    return hashlib.sha256(
        rfc8785.dumps(
            {
                "seq": entry.seq,
                "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "actor": entry.actor,
                "room": entry.room,
                "code": entry.code,
                "params": entry.params,
                "before": entry.before,
            }
        )
    ).hexdigest()


class Ledger(Queries):
    """Entries store codes and parameters, not sentences, and can be read in any language."""

    async def append(
        self,
        code: str,
        now: datetime,
        *,
        actor: str | None,
        room: str | None,
        **params: Any,
    ) -> LedgerEntry:
        """Record a state change in the transaction that makes it."""
        await self.turn()
        await self.settle()
        seq, before = self.session.info.get(HEAD) or await self._head()
        values: dict[str, Any] = {
            "seq": seq + 1,
            "at": now,
            "actor": actor,
            "room": room,
            "code": code,
            "params": params,
            "before": before,
        }
        values["hash"] = digest(LedgerEntry(**values, hash=""))
        await self.hot(_ADD, values)
        self.session.info[HEAD] = (values["seq"], values["hash"])
        return self.adopt_new(LedgerEntry, values)

    async def _head(self) -> tuple[int, str]:
        for seq, last in await self.hot(_HEAD, {}):
            return seq, last
        return 0, START

    async def entries(self, after: int = 0, limit: int = 1000) -> Sequence[LedgerEntry]:
        """Entries in order, from the one behind `after`."""
        found = select(LedgerEntry).where(col(LedgerEntry.seq) > after)
        return (await self.session.exec(found.order_by(col(LedgerEntry.seq)).limit(limit))).all()

    async def get(self, seq: int) -> LedgerEntry | None:
        """The entry of that number."""
        return await self.session.get(LedgerEntry, seq) if 0 < seq < 2**62 else None

    async def newest(self) -> LedgerEntry | None:
        """The last entry: the head of the chain."""
        newest = select(LedgerEntry).order_by(col(LedgerEntry.seq).desc()).limit(1)
        return (await self.session.exec(newest)).first()

    async def first_bad(self, begin: int = 0) -> int | None:
        """The number of the first entry behind `begin` that was altered, removed or moved; None if
        all is well."""
        before, expected = START, 1
        after = -(2**62)  # nothing may stand before the first entry either
        if begin > 0:
            last = await self.get(begin)
            if last is None:
                return begin
            before, expected, after = last.hash, begin + 1, begin
        while entries := await self.entries(after):
            for entry in entries:
                if entry.seq != expected or entry.before != before or entry.hash != digest(entry):
                    return expected
                before, expected, after = entry.hash, expected + 1, entry.seq
        return None
