"""Alerts and rooms that are to be opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Alert, AlertReceipt, RoomWish


class Alerts(Queries):
    """What everybody was warned of, and who has taken note."""

    async def add(self, **values: Any) -> Alert:
        """A new alert; see `Alert` for the values."""
        made = Alert(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, incident_id: int, number: int) -> Alert | None:
        """`W` of that number."""
        if number >= 2**31:
            return None
        found = select(Alert).where(Alert.incident_id == incident_id, Alert.number == number)
        return (await self.session.exec(found)).one_or_none()

    async def by_id(self, alert_id: int) -> Alert | None:
        """The alert by its row."""
        return await self.session.get(Alert, alert_id)

    async def all(self, incident_id: int) -> Sequence[Alert]:
        """The alerts of an incident, newest first."""
        found = select(Alert).where(Alert.incident_id == incident_id)
        return (await self.session.exec(found.order_by(col(Alert.number).desc()))).all()

    async def note(
        self, alert_id: int, person_id: int, *, name: str, agency: str | None, now: datetime
    ) -> bool:
        """Somebody has taken note; False if they had before."""
        values = {
            "alert_id": alert_id,
            "person_id": person_id,
            "name": name,
            "agency": agency,
            "at": now,
        }
        insert = self.insert(AlertReceipt).values(**values)
        keys = ["alert_id", "person_id"]
        return (await self.run(insert.on_conflict_do_nothing(index_elements=keys))).rowcount == 1

    async def receipts(self, alert_id: int) -> Sequence[AlertReceipt]:
        """Who has taken note, the first first."""
        found = select(AlertReceipt).where(AlertReceipt.alert_id == alert_id)
        return (await self.session.exec(found.order_by(col(AlertReceipt.at)))).all()


class Wishes(Queries):
    """Rooms that are to be opened."""

    async def add(self, **values: Any) -> RoomWish:
        """A new wish; see `RoomWish` for the values."""
        made = RoomWish(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, wish_id: int) -> RoomWish | None:
        """The wish."""
        return await self.session.get(RoomWish, wish_id)

    async def of_incident(self, incident_id: int) -> Sequence[RoomWish]:
        """The wishes for an incident, the first first."""
        found = select(RoomWish).where(RoomWish.incident_id == incident_id)
        return (await self.session.exec(found.order_by(col(RoomWish.id)))).all()

    async def save(self, wish: RoomWish) -> None:
        """Write a changed wish down."""
        self.session.add(wish)
        await self.session.flush()
