"""What happened in an incident, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert
from sqlmodel import col, select

from storage.prepared import Prepared
from storage.queries.base import Queries, table
from storage.tables import TimelineEntry

_ENTRY = table(TimelineEntry)
_BLANK: dict[str, Any] = {each.name: None for each in _ENTRY.columns if each.name != "id"}
_ADD = Prepared(lambda _dialect: insert(_ENTRY).returning(_ENTRY.c.id), tuple(_BLANK))


class Timeline(Queries):
    """Entries are added and struck, never taken away."""

    async def add(self, **values: Any) -> TimelineEntry:
        """A new entry; see `TimelineEntry` for the values."""
        await self.settle()
        whole = {**_BLANK, **values}
        ((number,),) = await self.hot(_ADD, whole)
        return self.adopt_new(TimelineEntry, {"id": number, **whole})

    async def get(self, incident_id: int, number: int) -> TimelineEntry | None:
        """`L` of that number."""
        found = select(TimelineEntry).where(
            TimelineEntry.incident_id == incident_id, TimelineEntry.number == number
        )
        return (await self.session.exec(found)).one_or_none()

    async def of_message(self, message_id: int) -> Sequence[TimelineEntry]:
        """The entries that a message has become, in whichever incidents."""
        found = select(TimelineEntry).where(TimelineEntry.message_id == message_id)
        return (await self.session.exec(found.order_by(col(TimelineEntry.id)))).all()

    async def of_entries(self, seqs: Sequence[int]) -> dict[int, TimelineEntry]:
        """What the timeline says of entries of the ledger, by their numbers."""
        found = select(TimelineEntry).where(col(TimelineEntry.ledger_seq).in_(seqs))
        ordered = found.order_by(col(TimelineEntry.id).desc())
        return {each.ledger_seq: each for each in (await self.session.exec(ordered)).all()
                if each.ledger_seq is not None}  # fmt: skip

    async def entries(
        self,
        incident_id: int,
        *,
        kinds: Sequence[str] = (),
        person_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        struck: bool = True,
        newest: bool = False,
        limit: int = 1000,
    ) -> Sequence[TimelineEntry]:
        """Entries by time, with `newest` the latest first; `kinds` are beginnings of kinds."""
        found = select(TimelineEntry).where(TimelineEntry.incident_id == incident_id)
        if kinds:
            alike = [col(TimelineEntry.kind).startswith(each, autoescape=True) for each in kinds]
            anyone = alike[0]
            for each in alike[1:]:
                anyone = anyone | each
            found = found.where(anyone)
        if person_id is not None:
            found = found.where(TimelineEntry.person_id == person_id)
        if since is not None:
            found = found.where(col(TimelineEntry.at) >= since)
        if until is not None:
            found = found.where(col(TimelineEntry.at) < until)
        if not struck:
            found = found.where(col(TimelineEntry.struck_at).is_(None))
        place = (col(TimelineEntry.at), col(TimelineEntry.number))
        ordered = found.order_by(*(each.desc() if newest else each for each in place))
        return (await self.session.exec(ordered.limit(limit))).all()

    async def ledger_of(self, incident_id: int, thing: str | None, *, limit: int) -> list[int]:
        """The numbers in the ledger of the newest entries about a thing of an incident (None: about
        the incident itself), oldest first."""
        found = select(TimelineEntry.ledger_seq).where(
            TimelineEntry.incident_id == incident_id,
            TimelineEntry.thing == thing,
            col(TimelineEntry.ledger_seq).is_not(None),
        )
        newest = found.order_by(col(TimelineEntry.ledger_seq).desc()).limit(limit)
        return sorted(each for each in (await self.session.exec(newest)).all() if each is not None)

    async def count(self, incident_id: int) -> int:
        """How many entries there are."""
        counted = select(func.count()).where(TimelineEntry.incident_id == incident_id)
        return int((await self.session.exec(counted)).one())

    async def save(self, entry: TimelineEntry) -> None:
        """Write a changed entry down."""
        self.session.add(entry)
        await self.session.flush()
