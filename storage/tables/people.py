"""People, their accounts and the agencies that they belong to."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from storage.tables.base import Row, key, moment, ref


class Person(Row, table=True):
    """A human being, with any number of chat accounts. `zone` is an IANA time zone, if it is not
    that of the incident."""

    id: int | None = key()
    name: str
    agency: str | None = None
    zone: str | None = None
    made_at: datetime = moment()


class Account(Row, table=True):
    """A chat account: `id` is `network:id`. The name is what the network shows."""

    id: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    name: str
    handle: str | None = Field(default=None, index=True)
    language: str | None = None
    private_room: str | None = None
    seen_at: datetime = moment()


class LinkCode(Row, table=True):
    """A one-time code that joins another account to a person; it was shown in `room`."""

    __tablename__ = "link_code"

    code: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    room: str
    made_at: datetime = moment()
    until: datetime = moment()
    claimed_by: str | None = None
    used: bool = False


class Agency(Row, table=True):
    """A unit that takes part: `short` stands before its people's names, `liaison_id` answers for
    it."""

    id: int | None = key()
    name: str = Field(unique=True)
    short: str = Field(unique=True)
    liaison_id: int | None = ref("person.id", optional=True)
    made_at: datetime = moment()
    made_by: str | None = None


class Membership(Row, table=True):
    """A person's place in an agency: pending, approved, refused or left. Somebody may be in
    several; `Person.agency` has the short name of the one for which he speaks."""

    person_id: int = ref("person.id", primary=True)
    agency_id: int = ref("agency.id", primary=True)
    state: str = "pending"
    asked_at: datetime = moment()
    asked_room: str | None = None
    decided_at: datetime | None = moment(optional=True)
    decided_by: int | None = ref("person.id", optional=True)
