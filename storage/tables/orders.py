"""What is to be reached, and who was told to do what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from storage.tables.base import Row, json, key, moment, ref


class Objective(Row, table=True):
    """`O2` of an incident: `measure` and `target` say when it is reached, `tier` is rescue,
    resettlement or reconstruction, `priority` life, environment or property, `progress` percent,
    `achievable` what somebody said about it.

    `state`: open, done or dropped.
    """

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    text: str
    measure: str | None = None
    target: str | None = None
    achievable: bool | None = None
    tier: str | None = None
    priority: str | None = None
    due: datetime | None = moment(optional=True)
    progress: int = 0
    state: str = "open"
    state_at: datetime = moment()
    reason: str | None = None
    agency: str | None = None
    made_at: datetime = moment()
    made_by: int = ref("person.id")


class ObjectiveChange(Row, table=True):
    """One change of an objective: the fields as they were and as they became."""

    __tablename__ = "objective_change"

    id: int | None = key()
    objective_id: int = ref("objective.id", index=True)
    at: datetime = moment()
    person_id: int | None = ref("person.id", optional=True)
    before: dict[str, Any] = json()
    after: dict[str, Any] = json()
    note: str | None = None


class Order(Row, table=True):
    """`T4` of an incident: `text`, to be done by `assignee`, of kind person (the person's id),
    role (`code` or `code/label`), agency (short name) or team (its name).

    `action` and `place` are what conflicts are found by, with `resource` and the time from
    `starts_at` to `due`. `state`: held (waits for the decision of a conflict), given,
    acknowledged, done, declined, withdrawn. `escalated` counts the steps up the chain.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_orders_open", "incident_id", "state"),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    text: str
    kind: str
    assignee: str
    by_id: int = ref("person.id", index=True)
    by_role: str | None = None
    agency: str | None = None
    given_at: datetime = moment()
    starts_at: datetime = moment()
    due: datetime | None = moment(optional=True)
    objective_id: int | None = ref("objective.id", optional=True)
    resource: str | None = None
    action: str | None = None
    place: str | None = None
    state: str = "given"
    state_at: datetime = moment()
    reason: str | None = None
    escalated: int = 0


class OrderReceipt(Row, table=True):
    """What one person, to whom an order goes, has done about it."""

    __tablename__ = "order_receipt"

    order_id: int = ref("orders.id", primary=True)
    person_id: int = ref("person.id", primary=True)
    told_at: datetime | None = moment(optional=True)
    seen_at: datetime | None = moment(optional=True)
    acknowledged_at: datetime | None = moment(optional=True)
    done_at: datetime | None = moment(optional=True)
    declined_at: datetime | None = moment(optional=True)
    reason: str | None = None


class Conflict(Row, table=True):
    """Two orders that cannot both stand, or (`second_id` None) one that its giver may not give.

    `state`: open, decided or void (an order ended by itself).
    """

    __table_args__ = (UniqueConstraint("first_id", "second_id", "kind"),)

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    kind: str
    first_id: int = ref("orders.id")
    second_id: int | None = ref("orders.id", optional=True)
    found_at: datetime = moment()
    state: str = "open"
    decision: str | None = None
    decided_at: datetime | None = moment(optional=True)
    decided_by: int | None = ref("person.id", optional=True)
    details: dict[str, Any] = json()
