"""What the query classes share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Row


class Queries:
    """Questions within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def run(self, statement: Executable) -> CursorResult[Any]:
        """Execute a statement as it is."""
        result = await (await self.session.connection()).execute(statement)
        assert isinstance(result, CursorResult)
        return result

    def insert(self, table: type[Row]) -> Any:
        """The dialect's INSERT, which knows ON CONFLICT."""
        dialect = postgresql if self.session.get_bind().dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    async def insert_new(self, table: type[Row], values: Mapping[str, Any], *, on: str) -> bool:
        """Insert unless `on` is taken; whether it was inserted."""
        statement = self.insert(table).values(**values).on_conflict_do_nothing(index_elements=[on])
        return (await self.run(statement)).rowcount == 1
