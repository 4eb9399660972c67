"""The tables: made from nothing, equal to the models, refused when they are of a later version."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import Store, schema
from storage.tables import Row
from tests.contract.store.samples import NOW, execute


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
        assert await connection.run_sync(_of_some_rows) == {
            "ix_outbox_open",
            "ix_outbox_dead",
            "ix_outbox_joined",
            "ix_position_one_commander",
        }


def _of_some_rows(connection: Connection) -> set[str]:
    """The indexes with a condition, which the comparison does not look at."""
    if connection.dialect.name == "postgresql":
        query = "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '% WHERE %'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    return set(connection.execute(text(query)).scalars())


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


async def test_alerts_to_agencies_are_kept_as_alerts_to_recipients(
    store_url: str, engine: AsyncEngine
) -> None:
    """Down to 0019 and up again, with an alert that somebody has acknowledged."""
    named = ["agency:消防", "agency:公安", "role:safety/", "person:1", "team:B"]
    store = await Store.open(store_url)
    async with store.write() as uow:
        incident = await uow.incidents.add(
            2026,
            title="Fire",
            state="declared",
            state_at=NOW,
            zone="Asia/Shanghai",
            started_at=NOW,
            reported_at=NOW,
        )
        alert = await uow.alerts.add(
            incident_id=incident.id,
            number=1,
            text="Out",
            recipients=named,
            told=[],
            made_at=NOW,
        )
        account = await uow.people.see("n:li", NOW, name="Li", handle=None, language="zh")
        assert alert.id is not None
        await uow.alerts.note(alert.id, account.person_id, name="Li", agency=None, now=NOW)
    await store.close()

    def down(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0019")

    async with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            await connection.execute(text("PRAGMA foreign_keys = ON"))
        await connection.run_sync(down)
        kept = (await connection.execute(text("SELECT agencies FROM alert"))).scalar_one()
        known = json.loads(kept) if isinstance(kept, str) else kept
        assert known == ["消防", "公安", "role:safety/", "person:1", "team:B"]
    store = await Store.open(store_url)
    async with store.read() as uow:
        found = await uow.alerts.get(1, 1)
        assert found is not None
        assert found.id is not None
        assert found.recipients == named
        assert [each.name for each in await uow.alerts.receipts(found.id)] == ["Li"]
    await store.close()
