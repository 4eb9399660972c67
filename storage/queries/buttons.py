"""Choices offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert
from sqlmodel import col, select

from storage.prepared import Prepared
from storage.queries.base import Queries, table
from storage.tables import ButtonRow, Copy

_ADD = Prepared(
    lambda _dialect: insert(table(ButtonRow)),
    ("token", "message_id", "number", "command", "only", "answers_form", "made_at"),
)


class Buttons(Queries):
    """A button is a stored command; its token is all that a network carries."""

    async def add(
        self,
        message_id: int,
        now: datetime,
        rows: Sequence[tuple[str, int, str, Sequence[str], bool]],
    ) -> None:
        """Store buttons: (token, number, command, only, answers_form)."""
        await self.settle()
        made = [
            {
                "token": token,
                "message_id": message_id,
                "number": number,
                "command": command,
                "only": list(only),
                "answers_form": answers_form,
                "made_at": now,
            }
            for token, number, command, only, answers_form in rows
        ]
        await self.hot_all(_ADD, made)

    async def replace(
        self,
        message_id: int,
        now: datetime,
        rows: Sequence[tuple[str, int, str, Sequence[str], bool]],
    ) -> None:
        """These are the choices of a message now; those whose token is among them stay."""
        offered = {each.token: each for each in await self.of_message(message_id)}
        new = []
        for row in rows:
            kept = offered.pop(row[0], None)
            if kept is None:
                new.append(row)
            else:
                kept.number = row[1]
        for gone in offered.values():
            await self.session.delete(gone)
        await self.add(message_id, now, new)

    async def get(self, token: str) -> ButtonRow | None:
        """The button."""
        return await self.session.get(ButtonRow, token)

    async def of_message(self, message_id: int) -> Sequence[ButtonRow]:
        """The choices under a message, by number."""
        found = select(ButtonRow).where(ButtonRow.message_id == message_id)
        return (await self.session.exec(found.order_by(col(ButtonRow.number)))).all()

    async def latest(self, room: str, since: datetime) -> Sequence[ButtonRow]:
        """The choices shown last in the room, by number; none if the last are older."""
        shown = (
            select(ButtonRow.message_id)
            .join(Copy, col(Copy.message_id) == col(ButtonRow.message_id))
            .where(Copy.room == room, col(ButtonRow.made_at) > since)
            .order_by(col(ButtonRow.message_id).desc())
            .limit(1)
        )
        last = (await self.session.exec(shown)).first()
        return [] if last is None else await self.of_message(last)

    async def remove(self, message_id: int) -> None:
        """The choices of a message are no more."""
        await self.run(delete(ButtonRow).where(col(ButtonRow.message_id) == message_id))
