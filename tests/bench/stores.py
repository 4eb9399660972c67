"""An empty store on each database, for figures of the store alone."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from storage import Store
from tests.servers.parts import need
from tests.servers.postgres import Postgres

DATABASES = ("SQLite", "PostgreSQL")


@asynccontextmanager
async def empty(database: str) -> AsyncIterator[Store]:
    """A store with the newest tables in a database that is gone afterwards."""
    async with AsyncExitStack() as stack:
        if database == "SQLite":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lianzhi-bench-"))
            url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        else:
            postgres = Postgres(need("postgresql"))
            stack.callback(postgres.close)
            await asyncio.to_thread(postgres.start)
            url = await stack.enter_async_context(postgres.database())
        store = await Store.open(url)
        stack.push_async_callback(store.close)
        yield store
