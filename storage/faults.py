"""Faults of the database itself, told from mistakes in what was asked of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc


class StoreUnavailable(Exception):
    """The database did not do its work: locked, full, unreachable. Nothing was changed."""


class LeaseLost(StoreUnavailable):
    """Another process leads: this one may write nothing more. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__("another process leads")


_CLASSES = ("08", "40", "53", "55", "57", "58", "25006")
"""Of SQLSTATE, by their beginning: connection, rolled back, resources, state, operator, system,
read-only. PostgreSQL's driver reports all of them as one kind of error
(https://www.postgresql.org/docs/15/errcodes-appendix.html)."""

_ASKED = ("too complex", "too many", "too large")
"""In what SQLite says of a question that is beyond its limits (https://www.sqlite.org/limits.html);
it has no class of its own for them, and to ask again would fail for ever."""


def _asked(error: BaseException) -> bool:
    return any(words in str(error) for words in _ASKED)


@contextmanager
def named_faults() -> Iterator[None]:
    """Raise `StoreUnavailable` for what is not the fault of the data or the question."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        cause = getattr(error, "orig", None) or error
        if _asked(cause):
            raise
        raise StoreUnavailable(str(cause)) from error
    except sqlite3.DatabaseError as error:
        # Of a statement that went to the driver directly.
        operational = isinstance(error, sqlite3.OperationalError) and not _asked(error)
        if operational or type(error) is sqlite3.DatabaseError:
            raise StoreUnavailable(str(error)) from error
        raise
    except exc.DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        # SQLite has no class of its own for a file that is damaged or no database at all.
        damaged = type(error) is exc.DatabaseError
        if damaged or error.connection_invalidated or state.startswith(_CLASSES):
            raise StoreUnavailable(str(error)) from error
        raise
