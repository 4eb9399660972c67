"""Agreements between agencies to help each other."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint

from storage.tables.base import Row, key, moment, ref


class MutualAid(Row, table=True):
    """Two agencies, by their short names in order, that lend each other what they have.

    `lead_minutes` is how long it takes until the one that is asked has agreed; None: as the
    installation's data says. `until` is the last day on which it holds.
    """

    __tablename__ = "mutual_aid"
    __table_args__ = (UniqueConstraint("first", "second"),)

    id: int | None = key()
    first: str
    second: str
    lead_minutes: int | None = None
    until: date | None = None
    note: str | None = None
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)
