"""Copies of SQLite files that others are writing to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.faults import StoreUnavailable

MAGIC = b"SQLite format 3\x00"
"""What such a file begins with (https://www.sqlite.org/fileformat.html)."""

BUSY_SECONDS = 30.0


def is_sqlite(path: Path) -> bool:
    """Whether the file is a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def copy_sqlite(source: Path, target: Path) -> None:
    """Write to `target` what is committed in `source`, as of one moment.

    In one step, since a copy in steps begins anew at each commit of another connection. In WAL
    mode, which the program's own database has, the writers do not wait meanwhile.
    Raises `StoreUnavailable`.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", BUSY_SECONDS, uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            (verdict,) = new.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{source.name}: {error}") from error
    if verdict != "ok":
        raise StoreUnavailable(f"{source.name}: {verdict}")


def schema_of(path: Path) -> str | None:
    """The revision of the tables in a SQLite file, None where there are none."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return None if found is None else str(found[0])
