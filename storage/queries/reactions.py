"""Reactions: who put which emoji on what, and the lines that tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import ReactionLine, ReactionRow


class Reactions(Queries):
    """What stands on messages now; what was taken off is forgotten."""

    async def put(
        self,
        message_id: int,
        account: str,
        emoji: str,
        *,
        room: str,
        name: str,
        remote: str | None,
        now: datetime,
    ) -> None:
        """Somebody put an emoji on a message; repeating it changes no more than `remote`."""
        values = {
            "message_id": message_id,
            "account": account,
            "emoji": emoji,
            "room": room,
            "name": name,
            "remote": remote,
            "at": now,
        }
        keys = ["message_id", "account", "emoji"]
        insert = self.insert(ReactionRow).values(**values)
        await self.run(insert.on_conflict_do_update(index_elements=keys, set_={"remote": remote}))

    async def take(self, message_id: int, account: str, emoji: str) -> bool:
        """The person took that emoji off; False if it was not there."""
        here = (
            col(ReactionRow.message_id) == message_id,
            col(ReactionRow.account) == account,
            col(ReactionRow.emoji) == emoji,
        )
        return (await self.run(delete(ReactionRow).where(*here))).rowcount > 0

    async def take_remote(self, room: str, remote: str) -> tuple[int, str, str] | None:
        """The reaction that its network knows as `remote` was taken off: the message's id,
        the account and the emoji."""
        here = (col(ReactionRow.remote) == remote, col(ReactionRow.room) == room)
        asked = select(ReactionRow.message_id, ReactionRow.account, ReactionRow.emoji)
        found = (await self.session.exec(asked.where(*here))).first()
        if found is None:
            return None
        await self.run(delete(ReactionRow).where(*here))
        message_id, account, emoji = found
        return message_id, account, emoji

    async def of_message(self, message_id: int) -> Sequence[ReactionRow]:
        """All reactions on a message, the oldest first."""
        found = select(ReactionRow).where(ReactionRow.message_id == message_id)
        ordered = found.order_by(col(ReactionRow.at), ReactionRow.account, ReactionRow.emoji)
        return (await self.session.exec(ordered)).all()

    async def line(self, message_id: int, room: str) -> int | None:
        """The line that tells the room of the message's reactions."""
        found = await self.session.get(ReactionLine, (message_id, room))
        return None if found is None else found.line_id

    async def add_line(self, message_id: int, room: str, line_id: int) -> None:
        """The message `line_id` tells the room of the message's reactions from now on."""
        self.session.add(ReactionLine(message_id=message_id, room=room, line_id=line_id))
        await self.session.flush()

    async def drop_line(self, message_id: int, room: str) -> None:
        """The line is taken back."""
        here = (col(ReactionLine.message_id) == message_id, col(ReactionLine.room) == room)
        await self.run(delete(ReactionLine).where(*here))

    async def forget(self, message_ids: Sequence[int]) -> Sequence[tuple[str, int]]:
        """The messages are gone: their reactions and lines too; rooms and ids of the lines."""
        lines = col(ReactionLine.message_id).in_(message_ids)
        found = select(ReactionLine.room, ReactionLine.line_id).where(lines)
        told = (await self.session.exec(found)).all()
        await self.run(delete(ReactionRow).where(col(ReactionRow.message_id).in_(message_ids)))
        await self.run(delete(ReactionLine).where(lines))
        return told
