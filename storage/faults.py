"""Faults of the database itself, told from mistakes in what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc


class StoreUnavailable(Exception):
    """The database did not do its work: locked, full, unreachable. Nothing was changed."""


@contextmanager
def named_faults() -> Iterator[None]:
    """Raise `StoreUnavailable` for what is not the fault of the data or the question."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        raise StoreUnavailable(str(getattr(error, "orig", None) or error)) from error
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(str(error)) from error
        raise
