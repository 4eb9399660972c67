"""Updates taken, and how far each network was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from storage.prepared import Prepared
from storage.queries.base import Queries, insert_of, table
from storage.tables import Cursor, InboxEntry


class Inbox(Queries):
    """Each source key is taken once, for ever."""

    async def take(self, key: str, room: str, at: datetime, taken_at: datetime) -> bool:
        """Note an update; False if it was taken before."""
        values = {"key": key, "room": room, "at": at, "taken_at": taken_at}
        return bool(await self.hot(_TAKE, values))

    async def keep_failed(
        self,
        key: str,
        room: str,
        at: datetime,
        taken_at: datetime,
        error: str,
        payload: dict[str, Any],
    ) -> bool:
        """Note an update that could not be dealt with, with what it held; False if it is known."""
        values = {
            "key": key,
            "room": room,
            "at": at,
            "taken_at": taken_at,
            "error": error,
            "payload": payload,
        }
        return await self.insert_new(InboxEntry, values, on="key")

    async def failed(self, limit: int = 50) -> Sequence[InboxEntry]:
        """The latest updates that could not be dealt with."""
        where = col(InboxEntry.error).is_not(None)
        found = select(InboxEntry).where(where).order_by(col(InboxEntry.id).desc()).limit(limit)
        return (await self.session.exec(found)).all()

    async def cursor(self, network: str) -> str | None:
        """How far the network was read; None at the first start."""
        found = await self.session.exec(select(Cursor.value).where(Cursor.network == network))
        return found.one_or_none()

    async def advance(self, network: str, value: str, at: datetime) -> None:
        """Everything before `value` is taken."""
        await self.hot(_ADVANCE, {"network": network, "value": value, "at": at})


def _take(dialect: str) -> Any:
    new = insert_of(dialect, InboxEntry).on_conflict_do_nothing(index_elements=["key"])
    return new.returning(table(InboxEntry).c.id)


def _advance(dialect: str) -> Any:
    insert = insert_of(dialect, Cursor)
    latest = {"value": insert.excluded.value, "at": insert.excluded.at}
    return insert.on_conflict_do_update(index_elements=["network"], set_=latest)


_TAKE = Prepared(_take, ("key", "room", "at", "taken_at"))
_ADVANCE = Prepared(_advance, ("network", "value", "at"))
