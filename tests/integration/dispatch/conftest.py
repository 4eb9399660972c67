"""A desk that takes batches, on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.integration.dispatch.desk import Desk
from tests.unit.delivery.world import opened


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged, instead of tracebacks on the terminal."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
async def desk(ready_sqlite_url: str) -> AsyncIterator[Desk]:
    """Batches in, messages out."""
    async with opened(ready_sqlite_url) as world:
        yield Desk(world)


@pytest.fixture
async def each_desk(ready_url: str) -> AsyncIterator[Desk]:
    """The same on each database."""
    async with opened(ready_url) as world:
        yield Desk(world)
