"""Agencies and who belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, or_, select

from storage.queries.base import Queries
from storage.tables import Agency, Membership, Person


class Agencies(Queries):
    """An agency is found by its name or its short name, in any case."""

    async def add(
        self, name: str, short: str, now: datetime, *, liaison_id: int | None, by: str
    ) -> Agency:
        """A new agency."""
        made = Agency(name=name, short=short, liaison_id=liaison_id, made_at=now, made_by=by)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, agency_id: int) -> Agency | None:
        """The agency."""
        return await self.session.get(Agency, agency_id)

    async def named(self, name: str) -> Agency | None:
        """The agency of that name or short name; the short one goes before."""
        wanted = name.lower()
        found = select(Agency).where(
            or_(func.lower(col(Agency.name)) == wanted, func.lower(col(Agency.short)) == wanted)
        )
        all_found = (await self.session.exec(found.order_by(col(Agency.id)))).all()
        return min(all_found, key=lambda each: each.short.lower() != wanted, default=None)

    async def all(self) -> Sequence[Agency]:
        """Every agency, by name."""
        return (await self.session.exec(select(Agency).order_by(Agency.name))).all()

    async def led_by(self, person_id: int) -> Sequence[Agency]:
        """The agencies whose liaison officer this person is."""
        found = select(Agency).where(Agency.liaison_id == person_id).order_by(Agency.name)
        return (await self.session.exec(found)).all()

    async def membership(self, person_id: int, agency_id: int) -> Membership | None:
        """That person's place in that agency, as it is now; none other changes it meanwhile."""
        found = select(Membership).where(
            Membership.person_id == person_id, Membership.agency_id == agency_id
        )
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def ask(
        self, person_id: int, agency_id: int, now: datetime, room: str | None
    ) -> Membership:
        """Note that a person wants to belong to an agency."""
        known = await self.membership(person_id, agency_id)
        if known is None:
            known = Membership(person_id=person_id, agency_id=agency_id, asked_at=now)
        known.state, known.asked_at, known.asked_room = "pending", now, room
        known.decided_at = known.decided_by = None
        self.session.add(known)
        await self.session.flush()
        return known

    async def of_person(self, person_id: int) -> Sequence[Agency]:
        """The agencies that a person belongs to, in the order in which that was approved."""
        found = select(Agency).join(Membership, col(Membership.agency_id) == col(Agency.id))
        mine = found.where(Membership.person_id == person_id, Membership.state == "approved")
        ordered = mine.order_by(col(Membership.decided_at), col(Agency.id))
        return (await self.session.exec(ordered)).all()

    async def pending(self, person_id: int) -> Sequence[Agency]:
        """The agencies that a person waits to be taken into."""
        found = select(Agency).join(Membership, col(Membership.agency_id) == col(Agency.id))
        mine = found.where(Membership.person_id == person_id, Membership.state == "pending")
        return (await self.session.exec(mine.order_by(Agency.name))).all()

    async def sizes(self) -> dict[int, int]:
        """How many people each agency has, by its id."""
        counted = select(Membership.agency_id, func.count()).where(Membership.state == "approved")
        return dict((await self.session.exec(counted.group_by(col(Membership.agency_id)))).all())

    async def members(self, agency_id: int) -> Sequence[Person]:
        """The people of an agency, by name."""
        found = select(Person).join(Membership, col(Membership.person_id) == col(Person.id))
        mine = found.where(Membership.agency_id == agency_id, Membership.state == "approved")
        return (await self.session.exec(mine.order_by(Person.name, col(Person.id)))).all()

    async def speak_for(self, person_id: int, short: str | None) -> None:
        """From now on the person's words are marked with that agency."""
        person = await self.session.get(Person, person_id)
        assert person is not None
        person.agency = short
        self.session.add(person)
        await self.session.flush()
