"""Safety messages, hazards and the lines of the communications plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import CommsLine, Hazard, SafetyMessage


class Safety(Queries):
    """What endangers people, and what they are told about it."""

    async def say(self, **values: Any) -> SafetyMessage:
        """A new safety message; see `SafetyMessage` for the values."""
        made = SafetyMessage(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def messages(self, incident_id: int) -> Sequence[SafetyMessage]:
        """The safety messages of an incident; the first is the one that holds."""
        found = select(SafetyMessage).where(SafetyMessage.incident_id == incident_id)
        return (await self.session.exec(found.order_by(col(SafetyMessage.number).desc()))).all()

    async def current(self, incident_id: int) -> SafetyMessage | None:
        """The safety message that holds."""
        found = select(SafetyMessage).where(SafetyMessage.incident_id == incident_id)
        newest = found.order_by(col(SafetyMessage.number).desc()).limit(1)
        return (await self.session.exec(newest)).first()

    async def add_hazard(self, **values: Any) -> Hazard:
        """A new hazard; see `Hazard` for the values."""
        made = Hazard(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def hazard(self, incident_id: int, number: int) -> Hazard | None:
        """`H` of that number, as it is now; nobody else changes it before this transaction ends."""
        if number >= 2**31:
            return None
        found = select(Hazard).where(Hazard.incident_id == incident_id, Hazard.number == number)
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def hazards(self, incident_id: int, *, open_only: bool = False) -> Sequence[Hazard]:
        """The hazards of an incident, by number."""
        found = select(Hazard).where(Hazard.incident_id == incident_id)
        if open_only:
            found = found.where(Hazard.state == "open")
        return (await self.session.exec(found.order_by(col(Hazard.number)))).all()

    async def save(self, row: Hazard) -> None:
        """Write a changed hazard down."""
        self.session.add(row)
        await self.session.flush()


class Comms(Queries):
    """By which channels people speak with each other."""

    async def add(self, **values: Any) -> CommsLine:
        """A new line; see `CommsLine` for the values."""
        made = CommsLine(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, incident_id: int, number: int) -> CommsLine | None:
        """`C` of that number, as it is now; nobody else changes it before this transaction ends."""
        if number >= 2**31:
            return None
        found = select(CommsLine).where(
            CommsLine.incident_id == incident_id, CommsLine.number == number
        )
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def lines(self, incident_id: int, *, used_only: bool = True) -> Sequence[CommsLine]:
        """The lines of the communications plan of an incident, by number."""
        found = select(CommsLine).where(CommsLine.incident_id == incident_id)
        if used_only:
            found = found.where(CommsLine.state == "used")
        return (await self.session.exec(found.order_by(col(CommsLine.number)))).all()

    async def save(self, row: CommsLine) -> None:
        """Write a changed line down."""
        self.session.add(row)
        await self.session.flush()
