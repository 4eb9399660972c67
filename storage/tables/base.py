"""What all tables share: names of constraints, keys, moments, JSON and references."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    event,
    text,
)
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig
from sqlmodel.sql.sqltypes import AutoString

from storage.types import JsonColumn, UtcDateTime

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigKey = BigInteger().with_variant(Integer(), "sqlite")


TEXT = String()
MOMENT = UtcDateTime()


@event.listens_for(Column, "before_parent_attach")
def _share(column: Column[Any], _table: object) -> None:
    """sqlmodel gives each text column a decorated type of its own, for each of which SQLAlchemy
    makes a class: 2 MB and 40 ms for all. Both databases hold plain text as well."""
    if type(column.type) is AutoString and column.type.length is None:
        column.type = TEXT


class Row(SQLModel):
    """What all tables share."""

    # Nothing validates rows: pydantic need not make the validators of sixty tables at each start.
    model_config = SQLModelConfig(defer_build=True)

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


def key() -> Any:
    """A number that the database gives."""
    return Field(default=None, sa_column=Column(BigKey, primary_key=True, autoincrement=True))


def moment(*, optional: bool = False, index: bool = False) -> Any:
    """A moment in UTC."""
    column: Column[datetime] = Column(MOMENT, nullable=optional, index=index)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def json(*, optional: bool = False) -> Any:
    """A JSON value."""
    column: Column[Any] = Column(JsonColumn, nullable=optional)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def big(*, optional: bool = False, primary: bool = False) -> Any:
    """A number of any size that the database does not give."""
    if primary:
        return Field(sa_column=Column(BigKey, primary_key=True, autoincrement=False))
    column: Column[int] = Column(BigKey, nullable=optional)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def ref(to: str, *, optional: bool = False, index: bool = False, primary: bool = False) -> Any:
    """A row of another table, `table.column`."""
    if primary:
        return Field(
            sa_column=Column(BigKey, ForeignKey(to), primary_key=True, autoincrement=False)
        )
    column: Column[int] = Column(BigKey, ForeignKey(to), nullable=optional, index=index)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows `where` this SQL holds, on both databases.

    The condition is an option of each dialect, and to name one loads it: what SQLite has no use
    for would cost its process 2.5 MB. So it is told to the one that makes the tables.
    """
    index = Index(name, *columns, unique=unique)

    @event.listens_for(index, "before_create")
    def tell(target: Index, connection: Connection, **_: object) -> None:
        target.dialect_kwargs[f"{connection.dialect.name}_where"] = text(where)

    return index
