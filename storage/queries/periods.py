"""Operational periods, their meetings, tiers and calendar feeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select as core_select
from sqlmodel import col, select

from storage.prepared import Prepared
from storage.queries.base import Queries, table
from storage.tables import CalendarFeed, Meeting, Period, TierChange

_MEETING = table(Meeting)
_INCIDENT_OF = Prepared(
    lambda _dialect: core_select(_MEETING.c.incident_id).where(
        _MEETING.c.id == bindparam("meeting")
    )
)


class Periods(Queries):
    """The clock of an incident."""

    async def add(self, **values: Any) -> Period:
        """A new period; see `Period` for the values."""
        made = Period(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def current(self, incident_id: int) -> Period | None:
        """The period that runs."""
        return await self._one(incident_id, "running")

    async def planned(self, incident_id: int) -> Period | None:
        """The period that is to begin next."""
        return await self._one(incident_id, "planned")

    async def _one(self, incident_id: int, state: str) -> Period | None:
        found = select(Period).where(Period.incident_id == incident_id, Period.state == state)
        ordered = found.order_by(col(Period.number).desc()).limit(1)
        fresh = ordered.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).first()

    async def all(self, incident_id: int) -> Sequence[Period]:
        """The periods of an incident, by number."""
        found = select(Period).where(Period.incident_id == incident_id)
        return (await self.session.exec(found.order_by(col(Period.number)))).all()

    async def get(self, incident_id: int, number: int) -> Period | None:
        """`P` of that number."""
        if number >= 2**31:
            return None
        found = select(Period).where(Period.incident_id == incident_id, Period.number == number)
        return (await self.session.exec(found)).one_or_none()

    async def by_id(self, period_id: int) -> Period | None:
        """The period with that key, as a timer names it."""
        return await self.session.get(Period, period_id, populate_existing=True)

    async def add_meeting(self, **values: Any) -> Meeting:
        """A new meeting; see `Meeting` for the values."""
        made = Meeting(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def meetings(self, incident_id: int) -> Sequence[Meeting]:
        """The meetings of an incident, earliest first."""
        found = select(Meeting).where(Meeting.incident_id == incident_id)
        return (await self.session.exec(found.order_by(col(Meeting.at), col(Meeting.id)))).all()

    async def meetings_of(self, period_id: int) -> Sequence[Meeting]:
        """The meetings that prepare a period, earliest first."""
        found = select(Meeting).where(Meeting.period_id == period_id)
        return (await self.session.exec(found.order_by(col(Meeting.at), col(Meeting.id)))).all()

    async def meeting(self, incident_id: int, number: int) -> Meeting | None:
        """`M` of that number."""
        if number >= 2**31:
            return None
        found = select(Meeting).where(Meeting.incident_id == incident_id, Meeting.number == number)
        return (await self.session.exec(found)).one_or_none()

    async def incident_of(self, meeting_id: int) -> int | None:
        """The incident of the meeting with that key."""
        for (number,) in await self.hot(_INCIDENT_OF, {"meeting": meeting_id}):
            return int(number)
        return None

    async def meeting_by_id(self, meeting_id: int) -> Meeting | None:
        """The meeting with that key, as a timer names it."""
        return await self.session.get(Meeting, meeting_id, populate_existing=True)

    async def save(self, *rows: Period | Meeting | CalendarFeed) -> None:
        """Write changed rows down."""
        for row in rows:
            self.session.add(row)
        await self.session.flush()

    async def change_tier(self, **values: Any) -> TierChange:
        """The incident is about another tier; see `TierChange` for the values."""
        made = TierChange(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def tiers(self, incident_id: int) -> Sequence[TierChange]:
        """The changes of tier of an incident, oldest first."""
        found = select(TierChange).where(TierChange.incident_id == incident_id)
        return (await self.session.exec(found.order_by(col(TierChange.id)))).all()

    async def add_feed(
        self, digest: str, incident_id: int, person_id: int, language: str, now: datetime
    ) -> CalendarFeed:
        """Somebody has a calendar feed of an incident."""
        made = CalendarFeed(
            digest=digest,
            incident_id=incident_id,
            person_id=person_id,
            language=language,
            made_at=now,
        )
        self.session.add(made)
        await self.session.flush()
        return made

    async def feed(self, digest: str) -> CalendarFeed | None:
        """The feed with that digest."""
        return await self.session.get(CalendarFeed, digest)

    async def feeds_of(self, incident_id: int, person_id: int) -> Sequence[CalendarFeed]:
        """The feeds of an incident that somebody has and that were not ended."""
        found = select(CalendarFeed).where(
            CalendarFeed.incident_id == incident_id,
            CalendarFeed.person_id == person_id,
            col(CalendarFeed.ended_at).is_(None),
        )
        return (await self.session.exec(found)).all()
