"""Fixtures that more than one directory of tests uses: real servers, and addresses of stores."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from storage import Store, engine
from tests.engines import SharedEngines
from tests.servers.parts import need
from tests.servers.postgres import Postgres
from tests.servers.proxy import Proxy
from tests.servers.synapse import Homeserver, Synapse

# A busy machine is no fault of what is tested: no test is about absolute times.
settings.register_profile("lianzhi", deadline=None)
settings.load_profile("lianzhi")


@pytest.fixture(scope="session", autouse=True)
def shared_engines() -> Iterator[None]:
    """Statements are compiled once for all tests of a worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "create_async_engine", SharedEngines().make)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL, shared by the tests of one worker; do not stop it."""
    server = Postgres(need("postgresql"))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
async def postgres_url(postgres: Postgres) -> AsyncIterator[str]:
    """The SQLAlchemy address of a new empty PostgreSQL database."""
    async with postgres.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The SQLAlchemy address of a SQLite file that is not there yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'lianzhi.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty store; a test that uses it runs once on each database."""
    url: str = request.getfixturevalue(
        "sqlite_url" if request.param == "sqlite" else "postgres_url"
    )
    return url


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied: making them takes longer than most tests."""
    file = tmp_path_factory.mktemp("made") / "lianzhi.db"

    async def make() -> None:
        await (await Store.open(f"sqlite+aiosqlite:///{file}")).close()

    asyncio.run(make())
    return file


@pytest.fixture
def ready_sqlite_url(made_sqlite: Path, sqlite_url: str, tmp_path: Path) -> str:
    """As `sqlite_url`, with all tables."""
    shutil.copy(made_sqlite, tmp_path / "lianzhi.db")
    return sqlite_url


@pytest.fixture(scope="session")
def made_postgres(postgres: Postgres) -> str:
    """The name of a PostgreSQL database with all tables, which the tests hand on to each other."""

    async def make() -> None:
        await postgres.create("made")
        await (await Store.open(postgres.url("made"))).close()

    asyncio.run(make())
    return "made"


@pytest.fixture
async def ready_postgres_url(made_postgres: str, postgres: Postgres) -> str:
    """As `postgres_url`, with all tables; they must stay as they are."""
    await postgres.empty(made_postgres)
    return postgres.url(made_postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest) -> str:
    """As `store_url`, with all tables."""
    sqlite = request.param == "sqlite"
    url: str = request.getfixturevalue("ready_sqlite_url" if sqlite else "ready_postgres_url")
    return url


@pytest.fixture
def new_postgres() -> Iterator[Callable[[], Postgres]]:
    """Makes running PostgreSQL servers of a test's own, durable, to stop and kill."""
    with ExitStack() as servers:

        def make() -> Postgres:
            server = Postgres(need("postgresql"), durable=True)
            servers.callback(server.close)
            server.start()
            return server

        yield make


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    """A running homeserver, shared by the tests of one worker; do not stop it."""
    server = Synapse(need("synapse"))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
async def hs(synapse: Synapse) -> AsyncIterator[Homeserver]:
    """The shared homeserver with people of this test's own: `await hs.user("alice")`."""
    async with Homeserver(synapse) as homeserver:
        yield homeserver


@pytest.fixture
def new_synapse() -> Iterator[Callable[..., Synapse]]:
    """Makes running homeservers of a test's own, to stop, freeze and kill.

    Takes the keyword arguments of `Synapse`: `default_limits`, `settings`.
    """
    with ExitStack() as servers:

        def make(*, default_limits: bool = False, **settings: object) -> Synapse:
            server = Synapse(need("synapse"), default_limits=default_limits, settings=settings)
            servers.callback(server.close)
            server.start()
            return server

        yield make


@pytest.fixture
async def proxy() -> AsyncIterator[Callable[[int], Awaitable[Proxy]]]:
    """Makes running proxies before a port: `await proxy(synapse.port)`."""
    started: list[Proxy] = []

    async def start(port: int) -> Proxy:
        made = Proxy(port)
        started.append(made)
        await made.start()
        return made

    yield start
    for each in started:
        await each.close()
