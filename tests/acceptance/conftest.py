"""One Lianzhi process for a module's tests, and a person on each network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.places import MatrixPlace, Place, TelegramPlace, WebPlace
from tests.servers.synapse import Homeserver, Synapse
from tests.world import World


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, synapse: Synapse
) -> AsyncIterator[World]:
    """The rooms, with Lianzhi running, for all tests of a module."""
    home: Path = tmp_path_factory.mktemp("world")
    async with Homeserver(synapse) as hs, World(home, hs) as made:
        await made.bridge.start()
        await made.anna.wait_for(
            made.room,
            lambda e: (
                e.state_key == made.matrix_bot.user_id and e.content.get("membership") == "join"
            ),
        )
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def places(shared: World) -> AsyncIterator[dict[str, Place]]:
    """李雷 on Telegram, Anna on Matrix, Wang at the page; by network."""
    async with shared.browser("Wang") as wang:
        yield {
            "telegram": TelegramPlace(shared, shared.group, shared.li),
            "matrix": MatrixPlace(shared, shared.room, shared.anna),
            "web": WebPlace(shared, wang, "Wang"),
        }
