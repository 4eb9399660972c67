"""SQLite without a thread's round trip for every step.

aiosqlite hands each step of each statement to a thread and waits for it: about a hundred
hand-overs for one relayed message, each at the mercy of the scheduler, where SQLite itself needs
microseconds. Here only what may wait goes there: taking a lock or a snapshot, and the disk flush
of a commit. The rest of a transaction runs where it is asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite

_T = TypeVar("_T")

BEGIN_READING = "BEGIN"
BEGIN_WRITING = "BEGIN IMMEDIATE"
"""Takes the write lock at once: a later upgrade could fail and would lose updates."""


class Connection(aiosqlite.Connection):
    """A connection on which one transaction after the other is run, begun with `BEGIN_…`."""

    def __init__(self, database: str, *, writes: bool) -> None:
        super().__init__(
            lambda: sqlite3.connect(
                database, check_same_thread=False, uri=database.startswith("file:")
            ),
            iter_chunk_size=64,
        )
        self._thread.daemon = True
        self._writes = writes
        self._snapshot = False
        self._in_thread = 0

    def at_once(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]] | None:
        """Run a statement of the transaction here and now; None if it may have to wait.

        Raises the errors of `sqlite3` as they are.
        """
        raw = self._conn
        if self._in_thread or not raw.in_transaction or not (self._writes or self._snapshot):
            return None
        return raw.execute(sql, values).fetchall()

    async def _execute(self, fn: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        if not self._in_thread and self._connection is not None and not self._may_wait(fn, args):
            return fn(*args, **kwargs)
        # After a cancellation the thread may still be at work: the count then stays above
        # zero, so that whatever follows takes its turn behind it.
        self._in_thread += 1
        # aiosqlite does not say the types of what it runs in its thread.
        try:
            result: _T = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except Exception:
            self._in_thread -= 1
            raise
        self._in_thread -= 1
        return result

    def _may_wait(self, fn: Callable[..., object], args: tuple[Any, ...]) -> bool:
        raw, name = self._conn, fn.__name__
        if getattr(fn, "__self__", None) is raw:
            if name in ("commit", "rollback"):
                return self._writes and raw.in_transaction
            return name != "cursor"
        if not name.startswith("execute"):
            return False
        if not raw.in_transaction:
            self._snapshot = False
            return bool(args[0] != BEGIN_READING)
        if self._writes or self._snapshot:
            return False
        self._snapshot = True
        return True
