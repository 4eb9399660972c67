"""What is on its way under a waybill, and who has handed it to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, big, json, key, moment, ref


class Consignment(Row, table=True):
    """`C3` of an incident: goods that travel under one waybill, whose `code` is on its QR code.

    `request_number` (R), `order_number` (T) and `unit_number` (U, the carrier) say for what, by
    whose order and with what. `holder`, `holder_id` and `holder_agency` have it now. `state`:
    open, delivered or void.
    """

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    number: int
    code: str = Field(unique=True)
    goods: str
    origin: str | None = None
    destination: str | None = None
    request_number: int | None = None
    order_number: int | None = None
    unit_number: int | None = None
    holder: str
    holder_id: int | None = ref("person.id", optional=True)
    holder_agency: str | None = None
    receiver: str | None = None
    state: str = "open"
    state_at: datetime = moment()
    reason: str | None = None
    made_at: datetime = moment()
    made_by: int = ref("person.id")


class ConsignmentLine(Row, table=True):
    """What goes under a waybill: `milli` thousandths of `unit` (empty for pieces) of `kind`."""

    __tablename__ = "consignment_line"

    id: int | None = key()
    consignment_id: int = ref("consignment.id", index=True)
    place: int
    kind: str
    milli: int = big()
    unit: str = ""
    batch: str | None = None


class CustodyStep(Row, table=True):
    """One hand-over: from whom to whom, when, where, by whose order (T).

    `evidence` is what shows it: `{"message": id, "sha256": ..., "name": ...}` for each photo or
    signature. `note` says what was missing or damaged. The receiver has confirmed by `way`: scan,
    tap or word.
    """

    __tablename__ = "custody_step"
    __table_args__ = (
        UniqueConstraint("consignment_id", "step"),
        Index("ix_custody_step_to", "consignment_id", "to_id"),
    )

    id: int | None = key()
    consignment_id: int = ref("consignment.id")
    step: int
    from_name: str
    from_id: int | None = ref("person.id", optional=True)
    from_agency: str | None = None
    to_name: str
    to_id: int | None = ref("person.id", optional=True)
    to_agency: str | None = None
    at: datetime = moment()
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    order_number: int | None = None
    evidence: list[Any] = json()
    note: str | None = None
    way: str
    message_id: int | None = big(optional=True)
