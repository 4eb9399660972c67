"""Operational periods, the meetings that prepare them, tiers, and calendar feeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, json, key, moment, ref


class Period(Row, table=True):
    """`P2` of an incident, from `starts_at` to `ends_at` (as planned) or `ended_at` (as it was).

    `minutes` is its length on the wall clocks of `zone`, which is another in the night in which
    they change. `state`: planned, running, ended, cancelled. `carried` names what was still open
    when it began: `{"objectives": ["O2"], "orders": ["T4"], "requests": ["R3"]}`.
    """

    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_period_state", "incident_id", "state"),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    state: str = "planned"
    starts_at: datetime = moment()
    ends_at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)
    minutes: int
    zone: str
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)
    ended_by: int | None = ref("person.id", optional=True)
    carried: dict[str, Any] = json()


class Meeting(Row, table=True):
    """`M3` of an incident: a meeting of the planning cycle that prepares a period.

    `name` is `{"zh": ..., "en": ...}` and `plan` what the cycle says of it: chair, attend, agenda,
    inputs, minutes. `at` is when it is held, `planned_at` when it was to be at first. `sequence`
    counts its changes, as calendars want it. `state`: planned, held, skipped, missed, cancelled.
    """

    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_meeting_period", "period_id", "at"),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    period_id: int = ref("period.id")
    kind: str
    name: dict[str, Any] = json()
    plan: dict[str, Any] = json()
    at: datetime = moment()
    planned_at: datetime = moment()
    state: str = "planned"
    reason: str | None = None
    reminded_at: datetime | None = moment(optional=True)
    minuted_at: datetime | None = moment(optional=True)
    changed_at: datetime = moment()
    sequence: int = 0


class TierChange(Row, table=True):
    """A decision that an incident is about another tier from now on: rescue, resettlement,
    reconstruction."""

    __tablename__ = "tier_change"

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    tier: str
    before: str
    reason: str
    at: datetime = moment()
    by: int | None = ref("person.id", optional=True)


class CalendarFeed(Row, table=True):
    """A person's feed of the meetings of an incident. `digest` is the SHA-256 of the token in its
    address, which nobody can read back."""

    __tablename__ = "calendar_feed"

    digest: str = Field(primary_key=True)
    incident_id: int = ref("incident.id", index=True)
    person_id: int = ref("person.id", index=True)
    language: str
    made_at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)
