"""When briefings are due, what each one said, and who has taken note of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint

from storage.tables.base import Row, json, key, moment, ref


class BriefingSchedule(Row, table=True):
    """`B3` of an incident: when briefings are due and to whom they go.

    One of three: every `every_s` seconds, at the `clocks` of each day (`07:30`, in the incident's
    time zone), or `before_s` seconds before each operational period. `recipients` are as
    `workflows.briefings.recipients.To` stores them. No moment is before `begins_at`; `next_at`
    is the next one, None where there is none as yet. `state`: running or stopped.
    """

    __tablename__ = "briefing_schedule"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    every_s: int | None = None
    clocks: list[str] = json()
    before_s: int | None = None
    recipients: list[dict[str, Any]] = json()
    begins_at: datetime = moment()
    next_at: datetime | None = moment(optional=True)
    state: str = "running"
    state_at: datetime = moment()
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)


class Briefing(Row, table=True):
    """`B7` of an incident: a briefing as it was composed, once for all languages.

    `due_at` is the moment for which it was made: a schedule has one briefing for each of its
    moments at most. `content` is as `workflows.briefings.composed.Composed` stores it; `asked` are
    the people who are to take note of it.
    """

    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        UniqueConstraint("schedule_id", "due_at"),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    schedule_id: int | None = ref("briefing_schedule.id", optional=True)
    due_at: datetime = moment()
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)
    content: dict[str, Any] = json()
    recipients: list[dict[str, Any]] = json()
    asked: list[int] = json()


class BriefingReceipt(Row, table=True):
    """Somebody has taken note of a briefing."""

    __tablename__ = "briefing_receipt"

    briefing_id: int = ref("briefing.id", primary=True)
    person_id: int = ref("person.id", primary=True)
    name: str
    agency: str | None = None
    at: datetime = moment()
