"""Short ways to fill a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from storage import Store, UnitOfWork
from storage.tables import OutboxRow

NOW = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)


async def room(uow: UnitOfWork, *rooms: str) -> None:
    """Rooms that are known."""
    for each in rooms:
        await uow.rooms.see(each, NOW, title=each, private=False, language="en")


async def message(uow: UnitOfWork, room: str = "n:a", words: str = "hello") -> int:
    """A message in a room."""
    return await uow.messages.add(
        room=room, content={"html": words}, at=NOW, taken_at=NOW, account="n:li", author="Li"
    )


def row(room: str, txn: str, **more: Any) -> dict[str, Any]:
    """An outbox row."""
    return {
        "room": room,
        "priority": 3,
        "action": "send",
        "payload": {"text": txn},
        "txn": txn,
        "made_at": NOW,
        **more,
    }


def txns(rows: Sequence[OutboxRow]) -> list[str]:
    """What identifies the rows."""
    return [each.txn for each in rows]


async def execute(store: Store, statement: str, **values: Any) -> None:
    """Change the tables behind the store's back."""
    async with store.write() as uow:
        await uow.inbox.run(text(statement).bindparams(**values))
