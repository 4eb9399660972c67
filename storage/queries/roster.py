"""Who is on scene."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Account, CheckIn, Message


class Roster(Queries):
    """People and teams that have checked in."""

    async def add(self, **values: Any) -> CheckIn:
        """Somebody checks in; see `CheckIn` for the values."""
        made = CheckIn(**{"details": {}, **values})
        self.session.add(made)
        await self.session.flush()
        return made

    async def present(self, incident_id: int, person_id: int) -> CheckIn | None:
        """That person's check-in that is not over, the newest."""
        found = select(CheckIn).where(
            CheckIn.incident_id == incident_id,
            CheckIn.person_id == person_id,
            col(CheckIn.out_at).is_(None),
        )
        return (await self.session.exec(found.order_by(col(CheckIn.id).desc()))).first()

    async def all(self, incident_id: int, *, present_only: bool = True) -> Sequence[CheckIn]:
        """Check-ins of an incident, by agency, team and time."""
        found = select(CheckIn).where(CheckIn.incident_id == incident_id)
        if present_only:
            found = found.where(col(CheckIn.out_at).is_(None))
        ordered = found.order_by(col(CheckIn.agency), col(CheckIn.team), col(CheckIn.in_at))
        return (await self.session.exec(ordered)).all()

    async def save(self, row: CheckIn) -> None:
        """Write a changed check-in down."""
        self.session.add(row)
        await self.session.flush()

    async def heard(
        self, people: Sequence[int], rooms: Sequence[str], since: datetime
    ) -> dict[int, datetime]:
        """When each of these people last wrote in these rooms or to us privately, after `since`."""
        if not people:
            return {}
        accounts = select(Account).where(col(Account.person_id).in_(people))
        own = (await self.session.exec(accounts)).all()
        private = [each.private_room for each in own if each.private_room is not None]
        found = (
            select(Message.account, func.max(col(Message.taken_at)))
            .where(
                col(Message.room).in_([*dict.fromkeys((*rooms, *private))]),
                col(Message.taken_at) > since,
                col(Message.account).in_([each.id for each in own]),
            )
            .group_by(col(Message.account))
        )
        of = {each.id: each.person_id for each in own}
        heard: dict[int, datetime] = {}
        for account, at in (await self.session.exec(found)).all():
            if account is not None:
                person = of[account]
                heard[person] = max(at, heard.get(person, at))
        return heard
