"""What was just committed goes straight to a lane that has nothing else to do."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

from bot.delivery.priority import Priority
from bot.post import CLAIMED
from handlers.document import say
from storage import UnitOfWork
from storage.tables import OutboxRow
from tests.unit.delivery.world import World
from workflows.text import _

A = "loopback:a"


async def _at_ease(world: World) -> None:
    """The room is known to its lane, which has nothing left."""
    await world.rooms(A)
    await world.say(A, "first")
    world.start()
    await world.idle()
    await asyncio.gather(*world.delivery._tasks.values())


async def _relay(world: World, uow: UnitOfWork, text: str) -> OutboxRow:
    message = await uow.messages.get(await world.message(uow, "loopback:o", text))
    assert message is not None
    assert message.id is not None
    await world.post.relay(uow, message, [A])
    (row,) = await uow.outbox.of_message(message.id)
    return row


async def test_a_try_is_stored_with_the_call_itself_where_the_room_is_free(unsure: World) -> None:
    await _at_ease(unsure)
    before, seen = unsure.commits, []

    async def look() -> None:
        seen.append((unsure.commits - before, (await unsure.rows(A))[-1].state))

    unsure.net.faults[A] = deque([look])
    await unsure.say(A, "second")
    await unsure.idle()
    assert seen == [(1, "sending")]
    assert unsure.net.texts(A) == ["Li: first", "Li: second"]
    assert [row.attempts for row in await unsure.rows(A)] == [1, 1]


async def test_a_crash_before_the_call_is_resolved_at_the_next_start(unsure: World) -> None:
    await _at_ease(unsure)
    unsure.net.found = False
    await unsure.say(A, "second", "third")
    await unsure.crash()
    assert [row.state for row in await unsure.rows(A)] == ["sent", "sending", "queued"]
    unsure.start()
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: first", "Li: second", "Li: third"]


async def test_what_is_changed_in_the_same_transaction_is_sent_as_it_reads_then(
    world: World,
) -> None:
    await _at_ease(world)
    async with world.store.write() as uow:
        await _relay(world, uow, "one")
        dropped = await _relay(world, uow, "two")
        assert dropped.id is not None
        await uow.outbox.mark(dropped.id, state="dropped")
    await world.idle()
    assert world.net.texts(A) == ["Li: first", "Li: one"]


async def test_what_a_savepoint_has_undone_is_not_sent(world: World) -> None:
    await _at_ease(world)
    async with world.store.write() as uow:
        await _relay(world, uow, "kept")
        with suppress(ZeroDivisionError):
            async with uow.savepoint():
                await _relay(world, uow, "undone")
                raise ZeroDivisionError
    await world.idle()
    assert world.net.texts(A) == ["Li: first", "Li: kept"]


async def test_an_urgent_call_of_the_same_transaction_goes_first(world: World) -> None:
    await _at_ease(world)
    async with world.store.write() as uow:
        await _relay(world, uow, "talk")
        await world.post.tell(uow, (A,), say(_("Alert")), priority=Priority.ALERT)
    await world.idle()
    assert world.net.texts(A) == ["Li: first", "Alert", "Li: talk"]


async def test_what_could_not_be_handed_over_is_read(unsure: World) -> None:
    """The first call was stored as tried, those behind it read otherwise by now."""
    await _at_ease(unsure)
    async with unsure.store.write() as uow:
        for text in ("one", "two", "three"):
            row = await _relay(unsure, uow, text)
        assert row.id is not None
        await uow.outbox.mark(row.id, state="dropped")
    await unsure.idle()
    assert unsure.net.texts(A) == ["Li: first", "Li: one", "Li: two"]


async def test_where_a_room_has_moved_nothing_overtakes_what_was_queued_before(
    world: World,
) -> None:
    await _at_ease(world)
    async with world.store.write() as uow:
        await _relay(world, uow, "one")
        await uow.rooms.rekey("loopback:x", "loopback:y")
        uow.outbox.forget()
        await _relay(world, uow, "two")
    await world.idle()
    assert world.net.texts(A) == ["Li: first", "Li: one", "Li: two"]


async def test_no_more_calls_are_stored_as_tried_than_can_be_made_at_once(unsure: World) -> None:
    """An alert to a thousand groups waits for the quota: a crash must not put them in doubt."""
    rooms = [f"loopback:{number}" for number in range(CLAIMED + 4)]
    await unsure.rooms(*rooms)
    for room in rooms:
        await unsure.say(room, "first")
    unsure.start()
    await unsure.idle()
    await asyncio.gather(*unsure.delivery._tasks.values())
    async with unsure.store.write() as uow:
        await unsure.post.tell(uow, tuple(rooms), say(_("Alert")))
        assert {row.state for row in uow.outbox.added} == {"queued"}
    await unsure.idle()
    await asyncio.gather(*unsure.delivery._tasks.values())
    async with unsure.store.write() as uow:
        for room in rooms:
            message = await uow.messages.get(await unsure.message(uow, "loopback:o", room))
            assert message is not None
            await unsure.post.relay(uow, message, [room])
        states = [row.state for row in uow.outbox.added]
    assert states == ["sending"] * CLAIMED + ["queued"] * 4
