"""Incidents, where they are talked of, and what happened in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, big, json, key, moment, ref


class Incident(Row, table=True):
    """One emergency. `id` is the number of `I3`; `year` and `serial` make 2026-003.

    Event level and response level are `I` to `IV`, the warning colour is red, orange, yellow or
    blue: three scales that do not follow from each other. `state` is declared, active, contained,
    closed or merged (then `merged_into` has its history); `zone` is an IANA time zone.
    """

    __table_args__ = (UniqueConstraint("year", "serial"), Index("ix_incident_state", "state"))

    id: int = big(primary=True)
    year: int
    serial: int
    title: str
    type: str | None = None
    event_level: str | None = None
    response_level: str | None = None
    warning: str | None = None
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    zone: str
    state: str = "declared"
    state_at: datetime = moment()
    started_at: datetime = moment()
    reported_at: datetime = moment()
    reported_by: int | None = ref("person.id", optional=True)
    merged_into: int | None = ref("incident.id", optional=True)


class Counter(Row, table=True):
    """The last number given: of a letter in an incident, or (`incident_id` 0) over all."""

    incident_id: int = big(primary=True)
    letter: str = Field(primary_key=True)
    value: int


class IncidentRoom(Row, table=True):
    """A room that hears of an incident: its card and notices stand there."""

    __tablename__ = "incident_room"

    incident_id: int = ref("incident.id", primary=True)
    room: str = Field(primary_key=True, index=True)
    linked_at: datetime = moment()
    linked_by: int | None = ref("person.id", optional=True)


class CurrentIncident(Row, table=True):
    """The incident that commands typed in a room are about."""

    __tablename__ = "current_incident"

    room: str = Field(primary_key=True)
    incident_id: int = ref("incident.id", index=True)
    chosen_at: datetime = moment()


class Card(Row, table=True):
    """A message in a room that shows a thing, such as O2 of an incident (for an incident itself
    the letter is I). The newest is `live`: it is edited when the thing changes."""

    __table_args__ = (
        Index("ix_card_thing", "incident_id", "letter", "number"),
        Index("ix_card_message", "message_id", "room"),
    )

    id: int | None = key()
    message_id: int = big()
    room: str
    incident_id: int = ref("incident.id")
    letter: str
    number: int
    live: bool = True


class Assessment(Row, table=True):
    """Answers of an initial assessment and what was proposed from them; a person confirms."""

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    person_id: int = ref("person.id")
    answers: dict[str, Any] = json()
    proposal: dict[str, Any] = json()
    made_at: datetime = moment()
    confirmed_at: datetime | None = moment(optional=True)
    confirmed_by: int | None = ref("person.id", optional=True)


class CheckIn(Row, table=True):
    """Somebody, alone or for a team, on scene or on the way: the data of ICS 211.

    `details` has what else the form asks for: kind and type of the resource, order number, home
    base, departure point, travel, assignment, qualifications. `name` is of somebody without an
    account, who was checked in by another.
    """

    __tablename__ = "check_in"

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    person_id: int | None = ref("person.id", optional=True, index=True)
    name: str | None = None
    agency: str | None = None
    team: str | None = None
    people: int = 1
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    eta: datetime | None = moment(optional=True)
    room: str | None = None
    in_at: datetime = moment()
    in_by: int | None = ref("person.id", optional=True)
    heard_at: datetime = moment()
    out_at: datetime | None = moment(optional=True)
    out_by: int | None = ref("person.id", optional=True)
    details: dict[str, Any] = json()


class TimelineEntry(Row, table=True):
    """Something that happened, `L12` of its incident.

    `at` is when, `entered_at` when it was written down. `content` is `{"msg": ...}`, a stored
    message, or `{"text": ...}`, somebody's words. Words that stand in a message (`message_id`) are
    kept in `original` when it is edited or taken back. Entries are struck, never deleted.
    """

    __tablename__ = "timeline"
    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_timeline_at", "incident_id", "at"),
        Index("ix_timeline_message", "message_id"),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    at: datetime = moment()
    entered_at: datetime = moment()
    kind: str
    person_id: int | None = ref("person.id", optional=True, index=True)
    name: str | None = None
    agency: str | None = None
    room: str | None = None
    thing: str | None = None
    content: dict[str, Any] = json()
    message_id: int | None = big(optional=True)
    original: dict[str, Any] | None = json(optional=True)
    changed_at: datetime | None = moment(optional=True)
    ledger_seq: int | None = big(optional=True)
    struck_at: datetime | None = moment(optional=True)
    struck_by: int | None = ref("person.id", optional=True)
    struck_reason: str | None = None
