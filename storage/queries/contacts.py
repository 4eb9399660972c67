"""When networks were heard last."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import BridgeRoom, Contact


class Contacts(Queries):
    """What tells, after an outage, how long it was."""

    async def last(self, network: str) -> datetime | None:
        """When the network was surely heard; None if that was never noted."""
        return (
            await self.session.exec(select(Contact.at).where(Contact.network == network))
        ).one_or_none()

    async def note(self, network: str, at: datetime) -> None:
        """It was heard."""
        insert = self.insert(Contact).values(network=network, at=at)
        await self.run(insert.on_conflict_do_update(index_elements=["network"], set_={"at": at}))

    async def rooms(self, network: str, before: datetime) -> list[str]:
        """The network's rooms that were in a bridge by then, sorted."""
        found = select(BridgeRoom.room).where(
            col(BridgeRoom.room).startswith(f"{network}:", autoescape=True),
            col(BridgeRoom.joined_at) < before,
        )
        return sorted(set((await self.session.exec(found)).all()))
