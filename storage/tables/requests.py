"""What is asked for, who has promised how much of it, and where each piece of that is.

Quantities are whole thousandths of the line's unit, money whole hundredths (fen, cents): sums are
exact.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import BigKey, Row, json, key, moment, ref


def amount() -> Any:
    """A quantity in thousandths, none at first."""
    column: Column[int] = Column(BigKey, nullable=False)
    return Field(default=0, sa_column=column)


def money() -> Any:
    """Hundredths of the currency, or None where nobody has said."""
    column: Column[int] = Column(BigKey, nullable=True)
    return Field(default=None, sa_column=column)


class Request(Row, table=True):
    """`R1` of an incident: several lines (213RR, block 4) that one person asked for.

    `section` is the role whose holder approves the need. `steps` says who took which step of the
    approvals, with the time. `apart` are the numbers of requests that look alike and are not.
    `state`: see `workflows.requests.rules`.
    """

    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_request_open", "incident_id", "state"),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    state: str
    state_at: datetime = moment()
    section: str
    priority: str = "routine"
    place: str | None = None
    needed_by: datetime | None = moment(optional=True)
    note: str | None = None
    substitutes: str | None = None
    objective: int | None = None
    by_id: int = ref("person.id", index=True)
    agency: str | None = None
    made_at: datetime = moment()
    reason: str | None = None
    steps: dict[str, Any] = json()
    joined_into: int | None = None
    split_from: int | None = None
    apart: list[int] = json()


class RequestLine(Row, table=True):
    """One kind of thing in a request: `quantity` in all, of which `dropped` is wanted no more.

    `agency` is whom it is for, if not whoever asked; `origin` the request that it was in before a
    join; `instead_of` the line for which it stands in. `estimate` is for the whole line.
    """

    __tablename__ = "request_line"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: int | None = key()
    request_id: int = ref("request.id")
    number: int
    kind: str
    unit: str = ""
    quantity: int = amount()
    dropped: int = amount()
    estimate: int | None = money()
    agency: str | None = None
    origin: str | None = None
    instead_of: int | None = None


class RequestPart(Row, table=True):
    """What one supplier has promised of a line, divided by where it is: the sum of all places is
    `quantity`, always.

    `agency` is the short name of the one that promised it, None for a supplier outside;
    `supplier` is what it is called. `cost` is what it did cost. `stock` says which stock of ours it
    is, if it is: the depot, the kind, the lots, and how much in the kind's base unit.
    """

    __tablename__ = "request_part"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: int | None = key()
    request_id: int = ref("request.id")
    number: int
    line: int
    agency: str | None = None
    supplier: str
    stock: dict[str, Any] | None = json(optional=True)
    by_id: int = ref("person.id")
    made_at: datetime = moment()
    changed_at: datetime = moment()
    eta: datetime | None = moment(optional=True)
    quantity: int = amount()
    promised: int = amount()
    transit: int = amount()
    arrived: int = amount()
    accepted: int = amount()
    assigned: int = amount()
    consumed: int = amount()
    returned: int = amount()
    damaged: int = amount()
    sent_back: int = amount()
    missing: int = amount()
    lost: int = amount()
    withdrawn: int = amount()
    assigned_to: str | None = None
    condition: str | None = None
    note: str | None = None
    cost: int | None = money()


class RequestLimit(Row, table=True):
    """Money of an incident (`agency` empty) or of one agency in it.

    A request above `approval` needs Finance; of `total` those in `tell` (chat accounts), besides
    Finance and command, hear when `told` percent of it are spent.
    """

    __tablename__ = "request_limit"
    __table_args__ = (UniqueConstraint("incident_id", "agency"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    agency: str = ""
    approval: int | None = money()
    total: int | None = money()
    tell: list[str] = json()
    told: int = 0
    set_at: datetime = moment()
