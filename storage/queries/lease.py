"""Which process leads: one row, dated by the database's clock, with a token that only grows.

A frozen leader keeps its connections and with them an advisory lock; a row runs out by itself.
PostgreSQL only: a SQLite file has one process, which holds a lock of the operating system.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, text, update
from sqlmodel import col, select

from storage.faults import LeaseLost
from storage.queries.base import Queries
from storage.tables import Lease

NAME = "leader"

LOCK_MS = 1000
"""How long a taker waits for writes under way, in milliseconds, before it asks again."""

_VERIFY = text("SELECT 1 FROM lease WHERE name = :name AND token = :token FOR KEY SHARE")
"""Asked in each transaction of a leader: as plain text it costs the least."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process: `name` is its own and no other's, and its connections' `application_name`."""

    name: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class Held:
    """Who leads, since when, and by which token; `alive` until the lease runs out."""

    holder: Holder
    token: int
    since: datetime
    alive: bool


class Leases(Queries):
    """The lease. Each question is meant for a transaction of its own, except `verify`."""

    async def held(self) -> Held | None:
        """Who leads or led last; None if nobody ever has."""
        alive = col(Lease.expires_at) > func.clock_timestamp()
        asked = select(Lease, alive).where(Lease.name == NAME)
        fresh = asked.execution_options(populate_existing=True)
        found = (await self.session.exec(fresh)).first()
        if found is None:
            return None
        row, living = found
        return Held(Holder(row.holder, row.host, row.pid), row.token, row.taken_at, bool(living))

    async def take(self, holder: Holder, lasting: timedelta) -> int | Held:
        """The new token if nobody leads any more, else who does.

        What the last leader has under way in the database is rolled back: its locks would
        outlast it. Writes that it has committed are seen; later ones raise `LeaseLost`.
        """
        held = await self.held() or await self._blank()
        if held.alive:
            return held
        if held.holder.name:
            await self.run(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                    "application_name = :name AND datname = current_database() "
                    "AND usename = current_user AND pid <> pg_backend_pid()"
                ).bindparams(name=held.holder.name)
            )
        # The same number cannot be bound: SET takes no parameters.
        await self.run(text(f"SET LOCAL lock_timeout = {LOCK_MS}"))
        # Waits for the transactions that `verify` has let in, and stops new ones.
        locked = select(Lease.token).where(Lease.name == NAME).with_for_update()
        await self.session.exec(locked)
        taken = await self.run(
            update(Lease)
            .where(col(Lease.name) == NAME, col(Lease.token) == held.token)
            .where(col(Lease.expires_at) <= func.clock_timestamp())
            .values(
                holder=holder.name,
                host=holder.host,
                pid=holder.pid,
                token=held.token + 1,
                taken_at=func.clock_timestamp(),
                expires_at=func.clock_timestamp() + lasting,
            )
        )
        return held.token + 1 if taken.rowcount == 1 else await self.held() or held

    async def _blank(self) -> Held:
        """The row of a database in which nobody has led."""
        now = func.clock_timestamp()
        blank = {"name": NAME, "holder": "", "host": "", "pid": 0, "token": 0}
        new = self.insert(Lease).values(**blank, taken_at=now, expires_at=now)
        await self.run(new.on_conflict_do_nothing(index_elements=["name"]))
        held = await self.held()
        assert held is not None
        return held

    async def renew(self, token: int, lasting: timedelta) -> None:
        """Let it last so long from now on. Raises `LeaseLost`."""
        await self._until(token, lasting)

    async def release(self, token: int) -> None:
        """Let another process lead at once; nothing happens if one does already."""
        try:
            await self._until(token, timedelta())
        except LeaseLost:
            return

    async def _until(self, token: int, lasting: timedelta) -> None:
        own = (col(Lease.name) == NAME, col(Lease.token) == token)
        until = func.clock_timestamp() + lasting
        if (await self.run(update(Lease).where(*own).values(expires_at=until))).rowcount != 1:
            raise LeaseLost

    async def verify(self, token: int) -> None:
        """Raises `LeaseLost` unless the token is the newest, and keeps it so to the end of the
        transaction. Renewals, which change no key, do not wait for this lock (PostgreSQL 15,
        13.3.2); only `take` does.
        """
        if (await self.run(_VERIFY.bindparams(name=NAME, token=token))).first() is None:
            raise LeaseLost
