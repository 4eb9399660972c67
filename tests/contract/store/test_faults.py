"""A database that does not do its work is told from bad data, and heals without a restart."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage import Store, StoreUnavailable, engine
from tests.contract.store.samples import NOW, row
from tests.servers.postgres import Postgres

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


async def write(store: Store, key: str) -> None:
    """A transaction of several statements."""
    async with store.write() as uow:
        await uow.inbox.take(key, "n:a", NOW, NOW)
        await uow.outbox.add([row("n:a", key)])
        await uow.inbox.advance("n", key, NOW)


async def written(store: Store) -> tuple[str | None, list[str]]:
    """The cursor and the calls: always those of the same transactions."""
    async with store.read() as uow:
        calls = await uow.outbox.next("n:a", 9999)
        return await uow.inbox.cursor("n"), [each.txn for each in calls]


async def test_a_question_beyond_the_limits_of_the_database_is_not_asked_for_ever(
    sqlite_url: str,
) -> None:
    """It is no fault of the database that waiting could mend."""
    store = await Store.open(sqlite_url)
    for question in (
        text("SELECT 'a' LIKE :long").bindparams(long="5" * 60_000),
        text(f"SELECT {' + '.join('1' * 2000)}"),
    ):
        with pytest.raises(OperationalError, match="too"):
            async with store.read() as uow:
                await uow.inbox.run(question)
    await store.close()


async def test_a_file_that_another_process_holds_is_unavailable_until_it_lets_go(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    store = await Store.open(sqlite_url)
    await write(store, "1")
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLD,
        str(tmp_path / "lianzhi.db"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdout is not None
    await holder.stdout.readline()
    with pytest.raises(StoreUnavailable, match="locked"):
        await write(store, "2")
    assert await written(store) == ("1", ["1"])
    await holder.communicate(b"\n")
    await write(store, "2")
    assert await written(store) == ("2", ["1", "2"])
    await store.close()


async def test_a_full_disk_is_unavailable_until_there_is_room(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    await write(store, "1")

    async def limit(pages: int) -> None:
        async with store.write() as uow:
            await uow.inbox.run(text(f"PRAGMA max_page_count = {pages}"))

    await limit(1)  # SQLite takes the size that the file has as the least
    done = 1

    async def fill() -> None:
        nonlocal done
        while done < 5000:
            async with store.write() as uow:
                await uow.inbox.advance("n", str(done + 1), NOW)
                await uow.outbox.add([row("n:a", str(done + 1), payload={"text": "x" * 50_000})])
            done += 1

    with pytest.raises(StoreUnavailable, match="full"):
        await fill()
    assert (await written(store))[0] == str(done)
    await limit(1_000_000)
    await write(store, "later")
    cursor, calls = await written(store)
    assert cursor == "later"
    assert calls == [*(str(number) for number in range(1, done + 1)), "later"]
    await store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lianzhi.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(Exception, match="not a database"):
        await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'lianzhi.db'}")


async def test_a_commit_survives_the_process(sqlite_url: str, tmp_path: Path) -> None:
    store = await Store.open(sqlite_url)
    await write(store, "1")
    with sqlite3.connect(tmp_path / "lianzhi.db") as other:
        assert other.execute("SELECT txn FROM outbox").fetchall() == [("1",)]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    await store.close()


async def test_a_postgresql_that_stops_midway_leaves_nothing_half_done(
    new_postgres: Callable[[], Postgres],
) -> None:
    server = new_postgres()
    async with server.database() as url:
        store = await Store.open(url)
        await write(store, "1")

        async def interrupted() -> None:
            async with store.write() as uow:
                await uow.outbox.add([row("n:a", "2")])
                await asyncio.to_thread(server.stop)
                await uow.inbox.advance("n", "2", NOW)

        with pytest.raises(StoreUnavailable):
            await interrupted()
        with pytest.raises(StoreUnavailable):
            await write(store, "2")
        with pytest.raises(StoreUnavailable):
            await written(store)
        # While it starts it answers, but refuses (SQLSTATE 57P03): that is no bad data either.
        starting = asyncio.create_task(asyncio.to_thread(server.start))
        while True:
            try:
                await write(store, "2")
            except StoreUnavailable:
                await asyncio.sleep(0)
                continue
            break
        await starting
        assert await written(store) == ("2", ["1", "2"])
        await store.close()


async def test_a_postgresql_that_is_killed_at_the_commit_is_unavailable(
    new_postgres: Callable[[], Postgres],
) -> None:
    server = new_postgres()
    async with server.database() as url:
        store = await Store.open(url)

        async def interrupted() -> None:
            async with store.write() as uow:
                await uow.outbox.add([row("n:a", "1")])
                await asyncio.to_thread(server.kill)

        with pytest.raises(StoreUnavailable):
            await interrupted()
        await asyncio.to_thread(server.start)
        assert await written(store) == (None, [])
        await store.close()


async def test_a_postgresql_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        await Store.open("postgresql+asyncpg://lianzhi@127.0.0.1:1/none")


@pytest.mark.parametrize("key", ["a\0b", "a\ud800b"])
async def test_text_that_a_database_refuses_is_bad_data_and_no_fault_of_it(
    store: Store, key: str
) -> None:
    """Otherwise one hostile update would be offered again for ever."""
    async with store.write() as uow:
        try:
            async with uow.savepoint():
                await uow.inbox.take(key, "n:a", NOW, NOW)
        except StoreUnavailable:
            raise
        except Exception as error:
            assert "utf" in str(error).lower()  # noqa: PT017 - SQLite takes the NUL
        await uow.inbox.advance("n", "1", NOW)
    assert (await written(store))[0] == "1"


async def test_a_nul_in_a_stored_document_does_no_harm(store: Store) -> None:
    """PostgreSQL refuses it in JSON, as an escape; what only looks like one stays as it is."""
    async with store.write() as uow:
        made = await uow.messages.add(
            room="n:a", content={"html": "a\0b \\u0000 c"}, at=NOW, taken_at=NOW
        )
    async with store.read() as uow:
        found = await uow.messages.get(made)
    assert found is not None
    assert found.content["html"] in ("a\0b \\u0000 c", "a\ufffdb \\u0000 c")
