"""The version of the tables: what this program needs, and how an older one is brought there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.tables import Row

HEAD = "0021"
"""The newest revision in `storage/migrations/versions`."""

LEASED = "0002"
"""The revision from which on there is a lease."""

MIGRATIONS = Path(__file__).with_name("migrations")

UPGRADE_LOCK = 0x4C5B
"""PostgreSQL advisory lock of whoever changes the tables."""


class SchemaNewer(Exception):
    """The database was written by a later version of Lianzhi; this one must not touch it."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


def known(revision: str) -> bool:
    """Whether this program knows tables of that revision."""
    # Only a first start, an upgrade and a restore pay for loading alembic.
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError:
        return False
    return True


async def version(engine: AsyncEngine) -> str | None:
    """The revision of the database, None for an empty one."""

    def read(connection: Connection) -> str | None:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)

    async with engine.begin() as connection:
        return await connection.run_sync(read)


async def upgrade(engine: AsyncEngine) -> None:
    """Bring the tables to `HEAD`; raises `SchemaNewer` for a revision that is not known here.

    An empty database gets them as they are now, which is quicker than their whole history and
    makes the same tables.
    """
    found = await version(engine)
    if found == HEAD:
        return
    if found is not None and not known(found):
        raise SchemaNewer(found)

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            # Two processes may start at once; the second finds nothing left to do.
            connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
        if inspect(connection).has_table("alembic_version"):
            _migrate(connection)
        else:
            _make(connection)

    async with engine.begin() as connection:
        await connection.run_sync(run)


def _make(connection: Connection) -> None:
    Row.metadata.create_all(connection)
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
