"""Situation reports, the figures in them, who owes them, and the clocks by which they go up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from storage.tables.base import Row, big, json, key, moment, ref


class Sitrep(Row, table=True):
    """`S5` of an incident: a report to command (`kind` report), or one that goes up (first, update,
    final) in the name of `line`, an agency's short name or empty for the whole incident.

    `follow` numbers the updates of a line. `content` has the elements in words as they stand after
    it, `given` the names of those that this report said itself, `figures` what it counts (for one
    that goes up also `claims`, what each agency counted), `lacking` the elements that its pack asks
    for and nobody gave. `photos` are keys of messages. `due_at` is the deadline that it met or
    missed.
    """

    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_sitrep_line", "incident_id", "kind", "line"),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    kind: str = "report"
    line: str = ""
    follow: int = 0
    by_id: int = ref("person.id", index=True)
    by_role: str | None = None
    agency: str = ""
    at: datetime = moment()
    made_at: datetime = moment()
    due_at: datetime | None = moment(optional=True)
    content: dict[str, Any] = json()
    given: list[Any] = json()
    figures: dict[str, Any] = json()
    lacking: list[Any] = json()
    photos: list[Any] = json()
    reason: str | None = None


class SitrepFigure(Row, table=True):
    """What an agency counts from a moment on: `value` people, buildings or yuan, by `code`.

    `settled` figures are those that command decided on where agencies differ; they belong to no
    report.
    """

    __tablename__ = "sitrep_figure"
    __table_args__ = (Index("ix_sitrep_figure_code", "incident_id", "code", "agency"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    sitrep_id: int | None = ref("sitrep.id", optional=True)
    agency: str = ""
    code: str
    value: int = big()
    at: datetime = moment()
    by_id: int = ref("person.id")
    reason: str | None = None
    settled: bool = False


class SitrepClock(Row, table=True):
    """A pack of reporting deadlines that runs for an incident, or for one agency in it (`line`)."""

    __tablename__ = "sitrep_clock"
    __table_args__ = (UniqueConstraint("incident_id", "line", "pack"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    line: str = ""
    pack: str
    begins_at: datetime = moment()
    set_at: datetime = moment()
    set_by: int | None = ref("person.id", optional=True)
    ended_at: datetime | None = moment(optional=True)


class SitrepDuty(Row, table=True):
    """A report that somebody owes by `due_at`, once or again `every` so many seconds, or at the end
    of each operational period (`periodic`).

    Who: `target` person (`person_id`), role, agency or team, by `assignee` (`code/label`, short
    name, name). What: `kind` as of a `Sitrep` of that `line`, or `phone` for a report by telephone.
    One of a clock has its key in `clock_id`. `begins_at` is when its time began to run. `stage`
    counts the steps of reminding and escalation that were taken. `state`: open, met, stopped.
    """

    __tablename__ = "sitrep_duty"
    __table_args__ = (Index("ix_sitrep_duty_open", "incident_id", "state"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    target: str
    assignee: str = ""
    person_id: int | None = ref("person.id", optional=True)
    kind: str = "report"
    line: str = ""
    clock_id: int | None = ref("sitrep_clock.id", optional=True)
    begins_at: datetime = moment()
    due_at: datetime = moment()
    every: int | None = None
    periodic: bool = False
    stage: int = 0
    snoozed_until: datetime | None = moment(optional=True)
    state: str = "open"
    state_at: datetime = moment()
    met_by: int | None = ref("sitrep.id", optional=True)
    set_by: int | None = ref("person.id", optional=True)
