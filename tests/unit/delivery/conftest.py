"""Worlds with a loopback network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.unit.delivery.world import World, opened


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged, instead of tracebacks on the terminal."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
async def world(ready_sqlite_url: str) -> AsyncIterator[World]:
    """A network that shows a repeated call once, as Matrix does."""
    async with opened(ready_sqlite_url) as made:
        yield made


@pytest.fixture
async def unsure(ready_sqlite_url: str) -> AsyncIterator[World]:
    """A network that cannot tell repeated calls, as Telegram cannot."""
    async with opened(ready_sqlite_url, idempotent=False) as made:
        yield made
