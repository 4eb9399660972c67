"""Incident action plans as they were signed, and blank forms that were given out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, json, key, moment, ref


class Plan(Row, table=True):
    """`V2`, the second version of an incident's action plan.

    `words` are the sections that people wrote, by code. `snapshot` is all that is printed, before a
    language is chosen, and `digest` the SHA-256 by which it is approved: what was signed can be
    printed again. `signed` says who approved it. `state`: see `workflows.plans.rules`. `period` is
    the number of the operational period that it is for.
    """

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    state: str = "draft"
    state_at: datetime = moment()
    period: int | None = None
    words: dict[str, Any] = json()
    snapshot: dict[str, Any] = json()
    digest: str
    approval_id: int | None = ref("approval.id", optional=True)
    signed: list[dict[str, Any]] = json()
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)


class BlankForm(Row, table=True):
    """A form of that number (`code`) that is filled in by hand; `serial` is printed on it.

    What stood on it is entered once: `words`, at `entered_at`, as `L` `entry` of the timeline.
    """

    __tablename__ = "blank_form"

    serial: str = Field(primary_key=True)
    incident_id: int = ref("incident.id", index=True)
    code: str
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)
    entered_at: datetime | None = moment(optional=True)
    entered_by: int | None = ref("person.id", optional=True)
    words: str | None = None
    entry: int | None = None
