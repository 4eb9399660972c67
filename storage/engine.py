"""The database: how it is opened, and the units of work that it gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite
import structlog
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import StaticPool
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import schema
from storage.faults import StoreUnavailable, named_faults
from storage.queries.base import DRIVER
from storage.sqlite import BEGIN_READING, BEGIN_WRITING, Connection
from storage.types import as_json
from storage.uow import UnitOfWork

log = structlog.get_logger(__name__)

WRITER_KIB, READER_KIB = 1500, 500
"""Pages that a connection keeps; the system keeps the file's other pages."""

BUSY_SECONDS = 5.0
"""How long a writer waits for another process before it reports the database as locked."""


class Store:
    """One database. Writers on SQLite take turns; readers never wait for them.

    Example: `async with store.write() as uow: ...` commits at the end, or rolls back and lets
    the exception through.
    """

    def __init__(self, url: str, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.url = url
        self.timers_changed = asyncio.Event()
        """Set after each commit that has dealt with timers."""
        self.fence: int | None = None
        """The token of the lease without which nothing may be written; None: no lease."""
        self._engines = (writer, reader)
        self._write = async_sessionmaker(writer, class_=AsyncSession, expire_on_commit=False)
        self._read = async_sessionmaker(reader, class_=AsyncSession, expire_on_commit=False)
        self._turn: asyncio.Lock | None = asyncio.Lock() if writer.name == "sqlite" else None

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one file for one process."""
        return self._turn is not None

    @staticmethod
    async def open(url: str, *, migrate: bool = True, name: str | None = None) -> Store:
        """Connect, and bring an older schema up to date; `name` is what a server calls us.

        Raises `schema.SchemaNewer` for a database of a later version and `StoreUnavailable`
        when it cannot be reached.
        """
        if make_url(url).get_backend_name() == "sqlite":
            writer, reader = _sqlite(url)
        else:
            writer = create_async_engine(
                url,
                pool_size=10,
                max_overflow=10,
                pool_pre_ping=True,
                hide_parameters=True,
                json_serializer=as_json,
                connect_args={"server_settings": {"application_name": name or "lianzhi"}},
            )
            reader = writer
        store = Store(url, writer, reader)
        try:
            if migrate:
                await store.upgrade()
        except BaseException:
            await store.close()
            raise
        return store

    async def upgrade(self) -> None:
        """Bring the tables up to date. Raises `schema.SchemaNewer` and `StoreUnavailable`."""
        with named_faults():
            try:
                await schema.upgrade(self._engines[0])
            except OSError as error:
                raise StoreUnavailable(str(error)) from error

    async def schema_version(self) -> str | None:
        """The revision of the tables, None where there are none. Raises `StoreUnavailable`."""
        with named_faults():
            try:
                return await schema.version(self._engines[-1])
            except OSError as error:
                raise StoreUnavailable(str(error)) from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that may change things. Raises `StoreUnavailable`, and as one of its
        kind `LeaseLost` where another process leads by now."""
        if self._turn is None:
            async with self._unit(self._write) as uow:
                if self.fence is not None:
                    await uow.lease.verify(self.fence)
                yield uow
        else:
            async with self._turn, self._unit(self._write) as uow:
                yield uow
        for callback in uow.committed:
            try:
                callback()
            except Exception:
                # It is committed: what one of them meets must not keep the others from theirs.
                log.exception("something that follows a commit failed")
        if uow.set_timers:
            self.timers_changed.set()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """A view of what is committed. Raises `StoreUnavailable`."""
        async with self._unit(self._read) as uow:
            yield uow

    @asynccontextmanager
    async def _unit(self, sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[UnitOfWork]:
        with named_faults():
            async with sessions() as session, session.begin():
                try:
                    connection = await session.connection()
                except OSError as error:
                    raise StoreUnavailable(str(error)) from error
                if self.is_sqlite:
                    pooled = (await connection.get_raw_connection()).driver_connection
                    if isinstance(pooled, Connection):
                        session.info[DRIVER] = pooled
                yield UnitOfWork(session)

    async def close(self) -> None:
        """Close every connection."""
        for engine in self._engines:
            await engine.dispose()


def _sqlite(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    memory = make_url(url).database in (None, "", ":memory:")
    if memory:
        engine = create_async_engine(url, poolclass=StaticPool, hide_parameters=True)
        _prepare(engine, BEGIN_WRITING)
        return engine, engine
    writer = _engine(url, writes=True, pool_size=1, max_overflow=0)
    reader = _engine(url, writes=False, pool_size=4, max_overflow=4)
    _prepare(writer, BEGIN_WRITING)
    _prepare(reader, BEGIN_READING)
    return writer, reader


def _engine(url: str, *, writes: bool, pool_size: int, max_overflow: int) -> AsyncEngine:
    database = make_url(url).database or ""

    async def connect() -> aiosqlite.Connection:
        return await Connection(database, writes=writes)

    return create_async_engine(
        url,
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=max_overflow,
        hide_parameters=True,
    )


def _prepare(engine: AsyncEngine, begin: str) -> None:
    """Take transactions into our own hands: the driver's own begin loses updates."""

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {int(BUSY_SECONDS * 1000)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"cache_size = -{WRITER_KIB if begin == BEGIN_WRITING else READER_KIB}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def started(connection: Any) -> None:
        connection.exec_driver_sql(begin)
