"""Resources as units, what they are promised for, and where they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, json, key, moment, ref


class Resource(Row, table=True):
    """`U5` of an incident: a team, a vehicle, a vessel or equipment, whole with its people.

    `category` is what sort of thing it is (team, vehicle, vessel, aircraft, equipment, convoy),
    `kind` what it is and `type` its capability, as typed. `ident` tells whether units of two
    incidents are the same thing. `status`: available, assigned, out, released. `place`, `lat` and
    `lon` are where it is based. It works at most `work_minutes` without a rest of `rest_minutes`;
    `on_since` None: it is resting or off duty.
    """

    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_resource_status", "incident_id", "status"),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    name: str
    ident: str = Field(index=True)
    category: str
    kind: str
    type: str | None = None
    leader: str | None = None
    leader_id: int | None = ref("person.id", optional=True)
    people: int = 0
    contact: str | None = None
    agency: str | None = None
    status: str = "available"
    status_at: datetime = moment()
    reason: str | None = None
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    bound_for: str | None = None
    bound_lat: float | None = None
    bound_lon: float | None = None
    sent_at: datetime | None = moment(optional=True)
    due: datetime | None = moment(optional=True)
    arrived_at: datetime | None = moment(optional=True)
    work_minutes: int = 0
    rest_minutes: int = 0
    on_since: datetime | None = moment(optional=True)
    rest_until: datetime | None = moment(optional=True)
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)


class ResourceBooking(Row, table=True):
    """A unit promised to somebody from a moment to another; `ends_at` None: until it is freed.

    `order_number` is of the order (T) and `request_number` of the request (R) that it serves.
    `state`: booked, ended or cancelled.
    """

    __tablename__ = "resource_booking"
    __table_args__ = (Index("ix_resource_booking_open", "resource_id", "state"),)

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    resource_id: int = ref("resource.id")
    task: str
    place: str | None = None
    starts_at: datetime = moment()
    ends_at: datetime | None = moment(optional=True)
    order_number: int | None = None
    request_number: int | None = None
    state: str = "booked"
    state_at: datetime = moment()
    made_at: datetime = moment()
    by_id: int = ref("person.id")
    agency: str | None = None


class ResourceTrack(Row, table=True):
    """Where a unit was last, and what has been said about that.

    `speed` is in metres a second, `course` in degrees from north, `accuracy` in metres; None where
    the source does not say. `moved_at` is when it last stood somewhere else than now.
    """

    __tablename__ = "resource_track"

    resource_id: int = ref("resource.id", primary=True)
    lat: float
    lon: float
    at: datetime = moment()
    speed: float | None = None
    course: float | None = None
    accuracy: float | None = None
    source: str
    moved_at: datetime = moment()
    eta: datetime | None = moment(optional=True)
    late_told: bool = False
    silent_told: bool = False


class ResourceFix(Row, table=True):
    """One position of a unit, thinned; `source` as in its track."""

    __tablename__ = "resource_fix"
    __table_args__ = (Index("ix_resource_fix_at", "resource_id", "at"),)

    id: int | None = key()
    resource_id: int = ref("resource.id")
    at: datetime = moment()
    lat: float
    lon: float
    speed: float | None = None
    source: str


class ResourceFollow(Row, table=True):
    """Somebody whose shared location stands for a unit; `agreed_at` None: not yet asked and told
    yes. `until` None: still."""

    __tablename__ = "resource_follow"
    __table_args__ = (Index("ix_resource_follow_person", "person_id", "until"),)

    id: int | None = key()
    resource_id: int = ref("resource.id", index=True)
    person_id: int = ref("person.id")
    asked_at: datetime = moment()
    asked_by: int | None = ref("person.id", optional=True)
    agreed_at: datetime | None = moment(optional=True)
    until: datetime | None = moment(optional=True)


class ResourceDevice(Row, table=True):
    """A tracker that reports a unit's position over the web; `secret` is the SHA-256 of the token
    that it has to show."""

    __tablename__ = "resource_device"

    id: int | None = key()
    resource_id: int = ref("resource.id", index=True)
    name: str
    secret: str = Field(unique=True)
    made_at: datetime = moment()
    made_by: int = ref("person.id")
    heard_at: datetime | None = moment(optional=True)
    revoked_at: datetime | None = moment(optional=True)


class ResourceCheckout(Row, table=True):
    """A unit's demobilisation (ICS 221): asked for, then released once all ticked boxes are
    signed. `override` is why command released it without."""

    __tablename__ = "resource_checkout"

    resource_id: int = ref("resource.id", primary=True)
    asked_at: datetime = moment()
    asked_by: int = ref("person.id")
    planned_at: datetime | None = moment(optional=True)
    destination: str | None = None
    remarks: str | None = None
    released_at: datetime | None = moment(optional=True)
    released_by: int | None = ref("person.id", optional=True)
    override: str | None = None


class ResourceBox(Row, table=True):
    """One box of a demobilisation; `ticked`: it has to be signed. `title` is `{zh, en}`, `roles`
    are the codes of those who may sign it."""

    __tablename__ = "resource_box"
    __table_args__ = (UniqueConstraint("resource_id", "code"),)

    id: int | None = key()
    resource_id: int = ref("resource.id")
    code: str
    place: int
    title: dict[str, Any] = json()
    roles: list[str] = json()
    ticked: bool = True
    signed_at: datetime | None = moment(optional=True)
    signed_by: int | None = ref("person.id", optional=True)
    name: str | None = None
    remarks: str | None = None
