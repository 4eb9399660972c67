"""The tables: made from nothing, equal to the models, refused when they are of a later version."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import Store, schema
from storage.tables import Row
from tests.contract.store.samples import execute


@pytest.fixture
async def engine(store_url: str) -> AsyncIterator[AsyncEngine]:
    """A plain connection to the same database."""
    made = create_async_engine(store_url)
    yield made
    await made.dispose()


def test_the_newest_migration_is_the_version_that_the_program_needs() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


@pytest.mark.parametrize("way", ["at once", "by their whole history"])
async def test_the_tables_are_those_of_the_models_however_they_were_made(
    store_url: str, engine: AsyncEngine, way: str
) -> None:
    if way == "by their whole history":
        async with engine.begin() as connection:
            await connection.execute(
                text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            )
    await (await Store.open(store_url)).close()

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Row.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_empty_database_is_brought_up_once_and_then_left_alone(
    store_url: str, engine: AsyncEngine
) -> None:
    assert await schema.version(engine) is None
    for _start in range(2):
        store = await Store.open(store_url)
        async with store.write() as uow:
            await uow.settings.get_or_make("kept", "yes")
        await store.close()
        assert await schema.version(engine) == schema.HEAD


async def test_a_later_schema_is_refused_and_not_touched(
    store_url: str, engine: AsyncEngine
) -> None:
    store = await Store.open(store_url)
    await execute(store, "UPDATE alembic_version SET version_num = '9999'")
    await store.close()
    with pytest.raises(schema.SchemaNewer) as refused:
        await Store.open(store_url)
    assert refused.value.found == "9999"
    assert await schema.version(engine) == "9999"
