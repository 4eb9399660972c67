"""What the query classes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, FromClause, Table, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, manager_of_class
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.prepared import Prepared
from storage.sqlite import Connection
from storage.tables import Row

DRIVER = "driver"
"""In `session.info`: the driver's connection, where statements can be handed to it directly."""

APPEND_LOCK = 0x4C5A
"""PostgreSQL advisory lock: the chain of the ledger has one writer at a time."""

TURN = "turn"
"""In `session.info`: whether this transaction holds that lock."""

HEAD = "head"
"""In `session.info`: number and hash of the ledger's last entry, once this transaction knows it;
nobody else adds one before it ends."""


def table(model: type[Row]) -> Table:
    """The bare table, for statements that are built once: what every message passes through."""
    found: FromClause = inspect(model).local_table
    assert isinstance(found, Table)
    return found


_R = TypeVar("_R", bound=Row)


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

    async def hot(self, prepared: Prepared, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Execute a prepared statement; its rows, none where it returns none."""
        driver: Connection | None = self.session.info.get(DRIVER)
        if driver is not None:
            compiled = prepared.compiled
            found = driver.at_once(compiled.sql, compiled.values(values))
            if found is not None:
                return compiled.rows(found)
        result = await self.run(prepared.statement(self.dialect), values)
        return result.all() if result.returns_rows else ()

    async def hot_all(self, prepared: Prepared, values: Sequence[Mapping[str, Any]]) -> None:
        """Execute a prepared statement that returns nothing for each of these."""
        if self.session.info.get(DRIVER) is None and values:
            await self.run(prepared.statement(self.dialect), values)
        else:
            for each in values:
                await self.hot(prepared, each)

    async def by_key(self, model: type[_R], key: Any) -> _R | None:
        """The row of that key; free where this transaction holds it."""
        known = self.session.identity_map.get(self.session.identity_key(model, key))
        if known is not None and isinstance(known, model) and not inspect(known).expired:
            return known
        return await self.session.get(model, key)

    async def settle(self) -> None:
        """Write down what the session holds back, for statements that go past it."""
        session = self.session
        if session.new or session.dirty or session.deleted:
            await session.flush()

    def adopt_new(self, model: type[_R], values: Mapping[str, Any]) -> _R:
        """A row that a statement has just inserted, as the session would hold it."""
        identity = tuple(values[column.name] for column in table(model).primary_key)
        # A savepoint that was undone may have left an object with this key.
        undone = self.session.identity_map.get(self.session.identity_key(model, identity))
        if undone is not None:
            self.session.expunge(undone)
        return self.adopt(model, values)

    def adopt(self, model: type[_R], values: Mapping[str, Any]) -> _R:
        """The row with these columns, as the session would hold it had it read it itself."""
        identity = tuple(values[column.name] for column in table(model).primary_key)
        key = self.session.identity_key(model, identity)
        known = self.session.identity_map.get(key)
        if known is not None and not inspect(known).expired:
            assert isinstance(known, model)
            return known
        if known is not None:
            self.session.expunge(known)
        made = built(model, values)
        make_transient_to_detached(made)
        self.session.add(made)
        return made

    async def turn(self) -> None:
        """Wait for other changes of what the ledger records to be over; asked once, the lock is
        held until the end of the transaction (or of the savepoint that fails)."""
        if self.dialect == "postgresql" and not self.session.info.get(TURN):
            await self.run(text(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})"))
            self.session.info[TURN] = True

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


def built(model: type[_R], values: Mapping[str, Any]) -> _R:
    """A row as the ORM builds what it reads, without a constructor's work; columns that are not
    named are empty."""
    made = manager_of_class(model).new_instance()
    assert isinstance(made, model)
    instance_dict(made).update(_empty(model), **values)
    return made


@cache
def _empty(model: type[Row]) -> dict[str, None]:
    return dict.fromkeys(table(model).columns.keys())


def insert_of(dialect: str, model: type[Row]) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    if dialect != "postgresql":
        return sqlite.insert(table(model))
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table(model))


@cache
def _insert_new(dialect: str, model: type[Row], on: str) -> Any:
    return insert_of(dialect, model).on_conflict_do_nothing(index_elements=[on])
