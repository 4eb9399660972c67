"""Statements that every message passes through, made ready once.

SQLAlchemy takes a quarter of a millisecond to prepare, run and wrap one statement, SQLite itself
some microseconds. A `Prepared` is compiled once; in a transaction of SQLite it goes to the driver
as it is, elsewhere it is run as any other statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]

_SQLITE: DefaultDialect = sqlite.dialect(paramstyle="qmark")


@dataclass(frozen=True)
class Compiled:
    """The text for SQLite, and how values go in and come out."""

    sql: str
    binds: tuple[tuple[str, Convert | None], ...]
    fixed: Mapping[str, Any]
    results: tuple[Convert | None, ...]

    def values(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """Values by name, in the order of the text."""
        fixed = self.fixed
        return tuple(
            [
                value if convert is None else convert(value)
                for name, convert in self.binds
                for value in (given[name] if name in given else fixed[name],)
            ]
        )

    def rows(self, raw: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """What the driver gave, as the columns' types have it."""
        if not any(self.results):
            return list(raw)
        return [
            tuple(
                [
                    value if convert is None else convert(value)
                    for value, convert in zip(row, self.results, strict=True)
                ]
            )
            for row in raw
        ]


class Prepared:
    """A statement of plain columns, without lists as parameters; `columns` are those that an
    INSERT names. `of` gives it for a dialect, where their texts differ in more than form."""

    def __init__(
        self,
        of: Callable[[str], Executable],
        columns: Sequence[str] | None = None,
    ) -> None:
        self._of = of
        self._columns = columns
        self._statements: dict[str, Executable] = {}

    def statement(self, dialect: str) -> Executable:
        """The statement itself."""
        if (made := self._statements.get(dialect)) is None:
            made = self._statements[dialect] = self._of(dialect)
        return made

    @cached_property
    def compiled(self) -> Compiled:
        """For SQLite."""
        statement = self.statement("sqlite")
        assert isinstance(statement, CompilerElement)
        made = statement.compile(dialect=_SQLITE, column_keys=self._columns)
        assert isinstance(made, SQLCompiler)
        binds = tuple((name, _bind(made.binds[name].type)) for name in made.positiontup or ())
        returned = getattr(self.statement("sqlite"), "exported_columns", ())
        results = tuple(_result(column.type) for column in returned)
        return Compiled(str(made), binds, dict(made.params), results)


def _bind(kind: TypeEngine[Any]) -> Convert | None:
    return kind.dialect_impl(_SQLITE).bind_processor(_SQLITE)


def _result(kind: TypeEngine[Any]) -> Convert | None:
    return kind.dialect_impl(_SQLITE).result_processor(_SQLITE, None)
