"""One open store, on each database in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage import Store


@pytest.fixture
async def store(ready_url: str) -> AsyncIterator[Store]:
    """An empty store with the newest tables."""
    made = await Store.open(ready_url)
    yield made
    await made.close()
