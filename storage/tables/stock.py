"""The one ledger of stock: where things lie, of which batch, and how they got there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, big, json, key, moment, ref


def milli() -> Any:
    """A quantity in whole thousandths of a base unit (`workflows.stock.units`)."""
    return Field(sa_column=Column(BigInteger, nullable=False))


class Depot(Row, table=True):
    """`D2`: a place where stock lies, of the agency of that short name. `ident` is its name as
    names are compared, `room` where it was made: news of its stock is told there.

    `state`: open or closed.
    """

    id: int = big(primary=True)
    name: str
    ident: str = Field(unique=True)
    lat: float | None = None
    lon: float | None = None
    place: str | None = None
    agency: str | None = None
    contact: str | None = None
    room: str | None = None
    state: str = "open"
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)


class StockKind(Row, table=True):
    """What things are: `code` is their class in GB/T 38565, None if nobody said.

    Quantities of it are kept in `unit`, the base of its dimension, and shown in `shown`; `packs`
    are further units of this kind alone, each with its thousandths of the base: `{"box": 24000}`.
    """

    __tablename__ = "stock_kind"

    id: int | None = key()
    name: str
    code: str | None = None
    unit: str
    shown: str
    packs: dict[str, int] = json()
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)


class StockName(Row, table=True):
    """A name of a kind, as names are compared."""

    __tablename__ = "stock_name"

    ident: str = Field(primary_key=True)
    kind_id: int = ref("stock_kind.id", index=True)
    name: str


class StockLot(Row, table=True):
    """Things of a kind that are alike: of one batch (empty: unknown), expiry and condition.

    `condition`: good, repair (usable once mended) or broken. `expiry` is the last day of use.
    `ident` tells two lots apart.
    """

    __tablename__ = "stock_lot"

    id: int | None = key()
    kind_id: int = ref("stock_kind.id", index=True)
    batch: str = ""
    expiry: date | None = Field(default=None, index=True)
    condition: str = "good"
    ident: str = Field(unique=True)


class StockHolding(Row, table=True):
    """How much of a lot is in a place: `sort` and `number` as in `workflows.stock.rules.Place`.

    Only what is outside our books can be below zero: what has come from there.
    """

    __tablename__ = "stock_holding"
    __table_args__ = (
        CheckConstraint("milli >= 0 OR sort = 'outside'", name="not_below_zero"),
        Index("ix_stock_holding_kind", "kind_id", "sort", "number"),
    )

    sort: str = Field(primary_key=True)
    number: int = big(primary=True)
    lot_id: int = ref("stock_lot.id", primary=True)
    kind_id: int = ref("stock_kind.id")
    milli: int = milli()


class StockMovement(Row, table=True):
    """Something went from one place to another, why, and by whom.

    `request` is the number of the request (R) of the incident that it was for.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (Index("ix_stock_movement_incident", "incident_id", "request"),)

    id: int | None = key()
    at: datetime = moment(index=True)
    code: str
    kind_id: int = ref("stock_kind.id", index=True)
    milli: int = milli()
    source: str
    target: str
    reason: str | None = None
    incident_id: int | None = ref("incident.id", optional=True)
    request: int | None = None
    person_id: int | None = ref("person.id", optional=True)
    name: str = ""
    agency: str | None = None
    ledger_seq: int = big()


class StockEntry(Row, table=True):
    """One side of a movement: the entries of a movement add up to zero."""

    __tablename__ = "stock_entry"
    __table_args__ = (Index("ix_stock_entry_place", "sort", "number", "lot_id"),)

    id: int | None = key()
    movement_id: int = ref("stock_movement.id", index=True)
    sort: str
    number: int = big()
    lot_id: int = ref("stock_lot.id")
    milli: int = milli()


class StockCount(Row, table=True):
    """Somebody counted a kind in a depot, and what the books said. `reason` explains a
    difference; `movement_id` is what brought the books to the count."""

    __tablename__ = "stock_count"

    id: int | None = key()
    depot_id: int = ref("depot.id", index=True)
    kind_id: int = ref("stock_kind.id")
    batch: str | None = None
    counted: int = milli()
    booked: int = milli()
    reason: str | None = None
    movement_id: int | None = ref("stock_movement.id", optional=True)
    at: datetime = moment()
    person_id: int | None = ref("person.id", optional=True)


class StockCapacity(Row, table=True):
    """What an agency can make or carry, beside what lies in depots.

    `sort` is production or transport; `milli` in `unit` for each `hours`, ready `lead_minutes`
    after it is asked for. `state`: open or ended.
    """

    __tablename__ = "stock_capacity"
    __table_args__ = (Index("ix_stock_capacity_kind", "kind_id", "sort"),)

    id: int | None = key()
    sort: str
    kind_id: int | None = ref("stock_kind.id", optional=True)
    name: str
    milli: int = milli()
    unit: str
    hours: int
    lead_minutes: int = 0
    agency: str | None = None
    depot_id: int | None = ref("depot.id", optional=True)
    contact: str | None = None
    state: str = "open"
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)


class StockImport(Row, table=True):
    """A posted file whose rows are to become stock. `sha256` is of the file, `rows` of its rows as
    they were read, both in the file store.

    `state`: reading, offered (waits for a yes), running, done, refused. `done` rows are dealt
    with, of which `good` became stock.
    """

    __tablename__ = "stock_import"
    __table_args__ = (UniqueConstraint("message_id"),)

    id: int | None = key()
    message_id: int = big()
    sha256: str | None = Field(default=None, index=True)
    rows: str | None = None
    name: str = ""
    room: str
    depot_id: int | None = ref("depot.id", optional=True)
    incident_id: int | None = ref("incident.id", optional=True)
    person_id: int = ref("person.id")
    account: str
    agency: str | None = None
    state: str = "reading"
    total: int = 0
    done: int = 0
    good: int = 0
    made_at: datetime = moment()
