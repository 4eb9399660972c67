"""The networks, each with its transport running against its real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import BaseModel, SecretStr

from bot.transports.matrix.settings import MatrixSettings
from bot.transports.telegram.settings import TelegramSettings
from bot.transports.web.settings import WebSettings
from storage import Store
from tests.acceptance.places import MatrixPlace, TelegramPlace, WebPlace
from tests.contract.transports.rig import Rig
from tests.servers.synapse import Homeserver, Synapse
from tests.world import World


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory, synapse: Synapse) -> AsyncIterator[World]:
    """The servers and the people, without a process of ours."""
    home: Path = tmp_path_factory.mktemp("servers")
    async with Homeserver(synapse) as hs, World(home, hs) as made:
        yield made


def section(name: str, world: World) -> BaseModel:
    """The network's part of the configuration."""
    if name == "telegram":
        return TelegramSettings(
            token=SecretStr(world.token), api_base_url=world.api.url, answer_seconds=5
        )
    if name == "matrix":
        return MatrixSettings(
            homeserver=world.hs.url,
            user_id=world.matrix_bot.user_id,
            access_token=SecretStr(world.matrix_bot.access_token),
            encryption=False,
        )
    return WebSettings(listen="127.0.0.1:0")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["telegram", "matrix", "web"])
async def rig(
    request: pytest.FixtureRequest,
    world: World,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Rig]:
    """A running transport, and its person in the room."""
    name: str = request.param
    data = tmp_path_factory.mktemp(name)
    rooms = {
        "telegram": world.telegram_room,
        "matrix": f"matrix:{world.room}",
        "web": "web:post",
    }
    store = await Store.open(f"sqlite+aiosqlite:///{data / 'lianzhi.db'}")
    made = Rig(name, world, store, data, lambda: section(name, world), rooms[name])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        transport = await stack.enter_async_context(made.running())
        if name == "telegram":
            made.place = TelegramPlace(world, world.group, world.li)
        elif name == "matrix":
            made.place = MatrixPlace(world, world.room, world.anna)
            bot = world.matrix_bot.user_id
            await world.anna.wait_for(
                world.room,
                lambda e: e.state_key == bot and e.content.get("membership") == "join",
            )
        else:
            async with store.write() as uow:
                await uow.rooms.configure("web:post", datetime.now(UTC), language="en", agency=None)
            world.bridge.web = str(transport.announce()[0].param("address"))
            wang = await stack.enter_async_context(world.browser("Wang"))
            made.place = WebPlace(world, wang, "Wang")
        yield made
