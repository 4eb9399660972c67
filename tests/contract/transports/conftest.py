"""The networks, each with its transport running against its real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import BaseModel, SecretStr

from bot.transports.matrix.settings import MatrixSettings
from bot.transports.telegram.settings import TelegramSettings
from bot.transports.web.settings import WebSettings
from storage import Store
from tests.acceptance.places import MatrixPlace, Place, SealedPlace, TelegramPlace, WebPlace
from tests.contract.transports.rig import Rig
from tests.integration.matrix.friend import Friend
from tests.servers.matrixevents import text_of
from tests.servers.sealedperson import SealedPerson
from tests.servers.synapse import Homeserver, Synapse
from tests.world import World
from workflows.text import Json


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory, synapse: Synapse) -> AsyncIterator[World]:
    """The servers and the people, without a process of ours."""
    home: Path = tmp_path_factory.mktemp("servers")
    async with Homeserver(synapse) as hs, World(home, hs) as made:
        yield made


@asynccontextmanager
async def sealed(world: World, home: Path) -> AsyncIterator[tuple[World, SealedPlace]]:
    """The same servers, with a bot of its own in an encrypted room of Anna's."""
    made, hs = copy(world), world.hs
    made.matrix_bot = await hs.register("lianzhi")
    account = await hs.register("anna", display_name="Anna")
    async with Friend(hs.url, account, home / "friend") as friend:
        made.room = await friend.create_encrypted_room(made.matrix_bot.user_id)
        identifier: Json = {"type": "m.id.user", "user": account.user_id}
        login = await hs.person(account).request(
            "POST",
            "/login",
            {"type": "m.login.password", "identifier": identifier, "password": account.password},
        )
        token = text_of(login, "access_token")
        person = SealedPerson(world.http, hs.url, token, friend, {made.room})
        made.anna = person
        yield made, SealedPlace(made, made.room, person)


def section(name: str, world: World, *, encryption: bool = False) -> BaseModel:
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
            encryption=encryption,
        )
    return WebSettings(listen="127.0.0.1:0")


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["telegram", "matrix", "matrix, encrypted", "web"]
)
async def rig(
    request: pytest.FixtureRequest,
    world: World,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Rig]:
    """A running transport, and its person in the room."""
    kind: str = request.param
    name, _comma, encrypted = kind.partition(", ")
    data = tmp_path_factory.mktemp(name)
    async with AsyncExitStack() as stack:
        place: Place | None = None
        if encrypted:
            world, place = await stack.enter_async_context(sealed(world, data))
        rooms = {
            "telegram": world.telegram_room,
            "matrix": f"matrix:{world.room}",
            "web": "web:post",
        }
        store = await Store.open(f"sqlite+aiosqlite:///{data / 'lianzhi.db'}")
        stack.push_async_callback(store.close)

        def settings() -> BaseModel:
            return section(name, world, encryption=bool(encrypted))

        made = Rig(name, world, store, data, settings, rooms[name])
        transport = await stack.enter_async_context(made.running())
        if name == "telegram":
            made.place = TelegramPlace(world, world.group, world.li)
        elif name == "matrix":
            made.place = place or MatrixPlace(world, world.room, world.anna)
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
