"""A real PostgreSQL on a free loopback port, in a directory of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from tests.servers.process import Process, accepts, free_port, unprivileged

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=60",
    "shared_buffers=32MB",
    "autovacuum_naptime=10s",
)
_CUT = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE
    name text;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
END
$$
"""


class Postgres:
    """One server; each test takes a fresh database from it.

    With `durable` every commit reaches the disk, for tests that kill the server.
    """

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        self._programs = programs
        self._home = Path(tempfile.mkdtemp(prefix="lianzhi-pg-"))
        self._user = unprivileged()
        self._settings = _SETTINGS if durable else (*_SETTINGS, *_FAST)
        self._process: Process | None = None
        self.port = free_port()
        if self._user is not None:
            os.chown(self._home, self._user.pw_uid, self._user.pw_gid)
        self._initialise()

    def _initialise(self) -> None:
        user = self._user
        subprocess.run(
            [
                *(self._programs / "initdb", "--pgdata", self._home / "data"),
                *("--username=lianzhi", "--auth=trust", "--encoding=UTF8", "--no-locale"),
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=self._home,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
        )

    def start(self) -> None:
        """Start, or start again after `stop` or `kill`, and wait until it takes connections."""
        options = [word for setting in self._settings for word in ("-c", setting)]
        self._process = Process.start(
            [
                *(self._programs / "postgres", "-D", self._home / "data"),
                *("-p", str(self.port), *options),
            ],
            log=self._home / "log",
            cwd=self._home,
            user=self._user,
        )
        self._process.await_life(self._ready, 30)

    def _ready(self) -> bool:
        if not accepts(self.port):
            return False
        asked = subprocess.run(
            [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
            check=False,
        )
        return asked.returncode == 0

    def stop(self) -> None:
        """End the server at once but cleanly: open connections are cut."""
        if self._process is not None:
            self._process.stop(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL the server and its children."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Stop, and remove all that it stored."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str) -> str:
        """The SQLAlchemy address of one database."""
        return f"postgresql+asyncpg://lianzhi@127.0.0.1:{self.port}/{database}"

    async def empty(self, name: str) -> None:
        """Cut all connections to a database and remove its rows but those of `alembic_version`:
        a tenth of the time of a new one, and of the disk's work."""
        connection = await asyncpg.connect(
            host="127.0.0.1", port=self.port, user="lianzhi", database=name
        )
        try:
            await connection.execute(_CUT)
            await connection.execute(_EMPTY)
        finally:
            await connection.close()

    @asynccontextmanager
    async def database(self, template: str = "template0") -> AsyncIterator[str]:
        """The SQLAlchemy address of a new database, dropped afterwards: empty, or as `template`."""
        name = f"t{uuid.uuid4().hex[:16]}"
        await self.create(name, template)
        try:
            yield self.url(name)
        finally:
            if self._process is not None and self._process.running:
                await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def create(self, name: str, template: str = "template0") -> None:
        """A database of that name: empty, or as `template`, to which nobody is connected."""
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=self.port, user="lianzhi", database="postgres"
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
