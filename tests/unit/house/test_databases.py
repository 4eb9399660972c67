"""The databases that tests are given are real, empty and apart from each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from storage import Store
from tests.servers.postgres import Postgres


async def run(url: str, *statements: str) -> list[object]:
    """Commit each statement by itself; the first column of what the last one gives."""
    engine = create_async_engine(url)
    try:
        for statement in statements:
            async with engine.begin() as connection:
                found = await connection.execute(text(statement))
                rows = list(found.scalars()) if found.returns_rows else []
        return rows
    finally:
        await engine.dispose()


@pytest.mark.parametrize("time", ["first", "second"])
async def test_each_test_has_an_empty_store_of_its_own(store_url: str, time: str) -> None:
    assert await run(store_url, "CREATE TABLE t (a INTEGER)", "SELECT count(*) FROM t") == [0]


@pytest.mark.parametrize("time", ["first", "second"])
async def test_tables_that_are_handed_on_are_empty_and_count_from_one(
    ready_url: str, time: str
) -> None:
    store = await Store.open(ready_url)
    async with store.write() as uow:
        seen = datetime(2026, 11, 22, tzinfo=UTC)
        account = await uow.people.see(
            "telegram:1", seen, name="Li Lei", handle=None, language=None
        )
    await store.close()
    assert account.person_id == 1


async def test_a_killed_postgresql_comes_back_with_what_was_committed(
    new_postgres: Callable[[], Postgres],
) -> None:
    server = new_postgres()
    async with server.database() as url:
        await run(url, "CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (7)")
        server.kill()
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await run(url, "SELECT a FROM t")
        server.start()
        assert await run(url, "SELECT a FROM t") == [7]
