"""Alerts, who has taken note of them, and rooms that are to be opened for an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint

from storage.tables.base import Row, json, key, moment, ref


class Alert(Row, table=True):
    """`W2` (a warning) of an incident. `level` is I to IV, `recipients` are those whom it concerns
    (`role:safety/`, see `workflows.orders.recipients.To`), empty for everybody; `told` are those
    who are asked to acknowledge it."""

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    text: str
    level: str | None = None
    recipients: list[str] = json()
    told: list[int] = json()
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)


class AlertReceipt(Row, table=True):
    """Somebody has taken note of an alert."""

    __tablename__ = "alert_receipt"

    alert_id: int = ref("alert.id", primary=True)
    person_id: int = ref("person.id", primary=True)
    name: str
    agency: str | None = None
    at: datetime = moment()


class RoomWish(Row, table=True):
    """A room that is to be opened for an incident on the network of the room `beside`.

    `tried_at` is set before the network is called, `room` once it has answered, `failed` if it
    refused; `invited` are accounts of that network.
    """

    __tablename__ = "room_wish"

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    beside: str
    title: str
    invited: list[str] = json()
    asked_at: datetime = moment()
    asked_by: int | None = ref("person.id", optional=True)
    tried_at: datetime | None = moment(optional=True)
    room: str | None = None
    failed: dict[str, Any] | None = json(optional=True)
