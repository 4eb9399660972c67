"""What the query classes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Executable, FromClause, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Row


def table(model: type[Row]) -> Table:
    """The bare table, for statements that are built once: what every message passes through."""
    found: FromClause = inspect(model).local_table
    assert isinstance(found, Table)
    return found


class Queries:
    """Questions within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._connection: AsyncConnection | None = None

    async def run(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Execute a statement as it is; a sequence of values executes it for each."""
        if self._connection is None:
            self._connection = await self.session.connection()
        result = await self._connection.execute(statement, values)
        assert isinstance(result, CursorResult)
        return result

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.session.get_bind().dialect.name

    def insert(self, model: type[Row]) -> Any:
        """The dialect's INSERT, which knows ON CONFLICT."""
        return insert_of(self.dialect, model)

    async def insert_new(self, model: type[Row], values: Mapping[str, Any], *, on: str) -> bool:
        """Insert unless `on` is taken; whether it was inserted."""
        return (await self.run(_insert_new(self.dialect, model, on), values)).rowcount == 1


def insert_of(dialect: str, model: type[Row]) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table(model))


@cache
def _insert_new(dialect: str, model: type[Row], on: str) -> Any:
    return insert_of(dialect, model).on_conflict_do_nothing(index_elements=[on])
