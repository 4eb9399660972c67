"""What web rooms show, and the invitations to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Invite, WebEvent


class Web(Queries):
    """The web rooms' own memory: for them, we are the network."""

    async def post(
        self, room: str, txn: str, body: dict[str, Any], now: datetime, account: str | None
    ) -> tuple[int, bool]:
        """Show something; its id, and False if this `txn` was shown before."""
        values = {"room": room, "txn": txn, "body": body, "at": now, "account": account}
        new = await self.insert_new(WebEvent, values, on="txn")
        found = await self.session.exec(select(WebEvent.id).where(WebEvent.txn == txn))
        made = found.one()
        assert made is not None
        return made, new

    async def get(self, event_id: int) -> WebEvent | None:
        """One event, as the database has it now."""
        return await self.session.get(WebEvent, event_id)

    async def edit(self, event_id: int, body: dict[str, Any], now: datetime) -> bool:
        """The event now reads `body`; False if it is gone."""
        here = (col(WebEvent.id) == event_id, col(WebEvent.deleted_at).is_(None))
        changed = update(WebEvent).where(*here).values(body=body, edited_at=now)
        return (await self.run(changed)).rowcount == 1

    async def delete(self, event_id: int, now: datetime) -> bool:
        """Take the event back; False if it is gone."""
        here = (col(WebEvent.id) == event_id, col(WebEvent.deleted_at).is_(None))
        return (
            await self.run(update(WebEvent).where(*here).values(body={}, deleted_at=now))
        ).rowcount == 1

    async def history(
        self, room: str, *, before: int | None = None, limit: int = 100
    ) -> Sequence[WebEvent]:
        """The latest events of a room, oldest first."""
        found = select(WebEvent).where(WebEvent.room == room)
        if before is not None:
            found = found.where(col(WebEvent.id) < before)
        newest = await self.session.exec(found.order_by(col(WebEvent.id).desc()).limit(limit))
        return list(reversed(newest.all()))

    async def invite(self, invite_id: str) -> Invite | None:
        """The invitation, revoked or not."""
        return await self.session.get(Invite, invite_id)

    async def add_invite(
        self, invite_id: str, name: str, room: str, now: datetime, until: datetime | None
    ) -> Invite:
        """A named person's way into a room."""
        invite = Invite(id=invite_id, name=name, room=room, made_at=now, until=until)
        self.session.add(invite)
        await self.session.flush()
        return invite

    async def invites(self) -> Sequence[Invite]:
        """All invitations, newest first."""
        found = select(Invite).order_by(col(Invite.made_at).desc())
        return (await self.session.exec(found)).all()

    async def revoke(self, invite_id: str, now: datetime) -> bool:
        """Close the way; False if there is no such open invitation."""
        here = (col(Invite.id) == invite_id, col(Invite.revoked_at).is_(None))
        return (await self.run(update(Invite).where(*here).values(revoked_at=now))).rowcount == 1
