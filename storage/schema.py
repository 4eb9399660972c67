"""The version of the tables: what this program needs, and how an older one is brought there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

HEAD = "0001"
"""The newest revision in `storage/migrations/versions`."""

MIGRATIONS = Path(__file__).with_name("migrations")


class SchemaNewer(Exception):
    """The database was written by a later version of Lianzhi; this one must not touch it."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


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
    """Bring the tables to `HEAD`; raises `SchemaNewer` for a revision that is not known here."""
    found = await version(engine)
    if found == HEAD:
        return
    # Only a first start and an upgrade pay for loading alembic.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if found is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(found)
        except CommandError as error:
            raise SchemaNewer(found) from error

    def run(connection: Any) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with engine.begin() as connection:
        await connection.run_sync(run)
