"""Everything in a unit of work stands or falls together."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from storage import Store, UnitOfWork
from tests.contract.store.samples import NOW, message, room, row


async def test_a_key_is_taken_once_for_ever(store: Store) -> None:
    async with store.write() as uow:
        assert await uow.inbox.take("n:1", "n:a", NOW, NOW)
        assert not await uow.inbox.take("n:1", "n:a", NOW, NOW)
    async with store.write() as uow:
        assert not await uow.inbox.take("n:1", "n:b", NOW, NOW)
        assert not await uow.inbox.keep_failed("n:1", "n:b", NOW, NOW, "ref", {})


async def test_a_rollback_loses_the_cursor_and_the_effects(store: Store) -> None:
    async with store.write() as uow:
        await uow.inbox.advance("n", "1", NOW)
    called = []

    async def fails() -> None:
        async with store.write() as uow:
            uow.committed.append(lambda: called.append(1))
            assert await uow.inbox.take("n:1", "n:a", NOW, NOW)
            await uow.outbox.add([row("n:a", "t")])
            await uow.inbox.advance("n", "2", NOW)
            raise KeyError

    with pytest.raises(KeyError):
        await fails()
    async with store.write() as uow:
        assert await uow.inbox.cursor("n") == "1"
        assert await uow.outbox.open_rooms() == []
        assert await uow.inbox.take("n:1", "n:a", NOW, NOW)
    assert called == []


async def test_what_is_called_after_the_commit_sees_it(store: Store) -> None:
    called = []
    async with store.write() as uow:
        uow.committed += [lambda: called.append(1), lambda: called.append(2)]
        await uow.inbox.advance("n", "1", NOW)
        assert called == []
    assert called == [1, 2]


async def test_a_savepoint_fails_alone(store: Store) -> None:
    called = []

    async def fails(uow: UnitOfWork) -> None:
        async with uow.savepoint():
            uow.committed.append(lambda: called.append("inner"))
            await uow.inbox.take("n:2", "n:a", NOW, NOW)
            raise KeyError

    async with store.write() as uow:
        uow.committed.append(lambda: called.append("outer"))
        await uow.inbox.take("n:1", "n:a", NOW, NOW)
        with pytest.raises(KeyError):
            await fails(uow)
        async with uow.savepoint():
            await uow.inbox.take("n:3", "n:a", NOW, NOW)
    async with store.write() as uow:
        taken = [not await uow.inbox.take(f"n:{number}", "n:a", NOW, NOW) for number in (1, 2, 3)]
    assert taken == [True, False, True]
    assert called == ["outer"]


async def test_a_statement_that_the_database_refuses_spoils_only_its_savepoint(
    store: Store,
) -> None:
    async with store.write() as uow:
        await uow.outbox.add([row("n:a", "t")])
        with pytest.raises(Exception, match=r"(?i)unique"):
            async with uow.savepoint():
                await uow.outbox.add([row("n:a", "t")])
        await uow.outbox.add([row("n:a", "u")])
    async with store.read() as uow:
        assert len(await uow.outbox.next("n:a", 9)) == 2


async def test_concurrent_writers_lose_no_update(store: Store) -> None:
    """Each moves the cursor on by one from where it finds it, under a lock of the ledger."""

    async def one() -> None:
        async with store.write() as uow:
            await uow.ledger.append("trial", NOW, actor=None, room=None)
            value = int(await uow.inbox.cursor("n") or 0)
            await uow.inbox.advance("n", str(value + 1), NOW)

    await asyncio.gather(*(one() for _writer in range(30)))
    async with store.read() as uow:
        assert await uow.inbox.cursor("n") == "30"


async def test_many_writers_can_see_the_same_new_account_and_room(store: Store) -> None:
    async def one() -> int:
        async with store.write() as uow:
            await uow.rooms.see("n:a", NOW, title="A", private=False, language="en")
            known = await uow.people.see("n:li", NOW, name="Li", handle=None, language=None)
            return known.person_id

    people = await asyncio.gather(*(one() for _writer in range(12)))
    assert len(set(people)) == 1
    async with store.read() as uow:
        assert len(await uow.people.accounts(people[0])) == 1


async def test_readers_do_not_wait_for_a_writer_and_see_only_what_is_committed(
    store: Store,
) -> None:
    async with store.write() as uow:
        await uow.inbox.advance("n", "1", NOW)
        async with asyncio.timeout(5), store.read() as reader:
            assert await reader.inbox.cursor("n") is None


async def test_a_cancelled_writer_leaves_nothing_and_hinders_nobody(store: Store) -> None:
    begun = asyncio.Event()

    async def writer() -> None:
        async with store.write() as uow:
            await uow.inbox.advance("n", "1", NOW)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(writer())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(10), store.write() as uow:
        assert await uow.inbox.cursor("n") is None


async def test_moments_come_back_in_utc_and_naive_ones_are_refused(store: Store) -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    async with store.write() as uow:
        await uow.timers.set("k", "s", shanghai)
    async with store.read() as uow:
        found = await uow.timers.next()
    assert found == NOW
    assert found is not None
    assert found.utcoffset() == timedelta()
    with pytest.raises(StatementError, match="without a time zone"):
        async with store.write() as uow:
            await uow.timers.set("k", "t", datetime(2026, 7, 18))


async def test_no_json_is_null_and_not_the_word(store: Store) -> None:
    async with store.write() as uow:
        await room(uow, "n:a")
        await uow.inbox.take("n:1", "n:a", NOW, NOW)
    async with store.write() as uow:
        assert await uow.rooms.lost() == []
        known = await uow.rooms.get("n:a")
        assert known is not None
        known.lost = {"reason": "out"}
    async with store.write() as uow:
        (lost,) = await uow.rooms.lost()
        lost.lost = None
    async with store.read() as uow:
        assert await uow.rooms.lost() == []


async def test_json_and_text_keep_every_sign(store: Store) -> None:
    words = "汉字 👩‍🚒 \U00020000 é\u0301 \u200f \\ ' \" \n\t \x7f"
    async with store.write() as uow:
        made = await message(uow, words=words)
    async with store.read() as uow:
        found = await uow.messages.get(made)
    assert found is not None
    assert found.content == {"html": words}
