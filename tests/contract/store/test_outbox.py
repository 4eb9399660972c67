"""Calls are read in their order and settled once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import Store
from tests.contract.store.samples import NOW, message, row, txns


async def test_a_lane_is_read_by_priority_and_then_in_order(store: Store) -> None:
    async with store.write() as uow:
        await uow.outbox.add([row("n:a", "t1"), row("n:a", "t2"), row("n:b", "other")])
        await uow.outbox.add([row("n:a", "alert", priority=0), row("n:a", "reply", priority=1)])
    async with store.read() as uow:
        rows = await uow.outbox.next("n:a", 10)
        assert txns(rows) == ["alert", "reply", "t1", "t2"]
        assert txns(await uow.outbox.next("n:a", 2)) == ["alert", "reply"]
        assert rows[0].id is not None
        but = (rows[0].id, rows[2].id or 0)
        assert txns(await uow.outbox.next("n:a", 2, but=but)) == ["reply", "t2"]
        assert sorted(await uow.outbox.open_rooms()) == ["n:a", "n:b"]


async def test_rows_go_through_their_states(store: Store) -> None:
    async with store.write() as uow:
        await uow.outbox.add([row("n:a", each, origin_room="n:o") for each in "abcd"])
    async with store.read() as uow:
        ids = [each.id or 0 for each in await uow.outbox.next("n:a", 9)]
    async with store.write() as uow:
        await uow.outbox.mark(ids[0], state="sent", sent_at=NOW)
        await uow.outbox.mark(ids[1], state="sending", attempts=1)
        await uow.outbox.mark(ids[2], state="dead", error="no", attempts=6, not_before=NOW)
        await uow.outbox.mark(ids[3], state="dead", error="no")
    async with store.write() as uow:
        assert txns(await uow.outbox.next("n:a", 9)) == ["b"]
        assert await uow.outbox.count_dead() == 2
        for rooms in (["n:o"], ["n:a"], None):
            assert txns(await uow.outbox.dead(rooms)) == ["c", "d"]
        assert await uow.outbox.dead(["n:else"]) == []
        await uow.outbox.revive([ids[0], ids[2]])
        await uow.outbox.give_up([ids[1], ids[3]])
    async with store.read() as uow:
        rows = await uow.outbox.next("n:a", 9)
        assert [(each.txn, each.state) for each in rows] == [("b", "sending"), ("c", "queued")]
        assert (rows[1].attempts, rows[1].not_before, rows[1].error) == (0, None, None)
        sent, dropped = await uow.outbox.get(ids[0]), await uow.outbox.get(ids[3])
        assert sent is not None
        assert dropped is not None
        assert (sent.state, dropped.state) == ("sent", "dropped")
        assert await uow.outbox.count_dead() == 0


async def test_what_was_sent_counts_for_the_room_and_its_topics(store: Store) -> None:
    async with store.write() as uow:
        await uow.outbox.add(
            [
                row("n:1", "own"),
                row("n:1/7", "topic"),
                row("n:12", "another"),
                row("n:1", "old"),
                row("n:1", "waits"),
            ]
        )
    async with store.write() as uow:
        for txn, room, ago in (
            ("own", "n:1", 1),
            ("topic", "n:1/7", 2),
            ("another", "n:12", 3),
            ("old", "n:1", 600),
        ):
            for each in await uow.outbox.next(room, 9):
                if each.txn == txn and each.id is not None:
                    sent = NOW - timedelta(seconds=ago)
                    await uow.outbox.mark(each.id, state="sent", sent_at=sent)
    async with store.read() as uow:
        found = await uow.outbox.sent_since("n:1", NOW - timedelta(minutes=5))
    assert sorted(found) == [NOW - timedelta(seconds=2), NOW - timedelta(seconds=1)]


async def test_the_calls_of_a_message_are_found(store: Store) -> None:
    async with store.write() as uow:
        made = await message(uow)
        await uow.outbox.add([row("n:a", "t1", message_id=made), row("n:b", "t2")])
    async with store.read() as uow:
        assert txns(await uow.outbox.of_message(made)) == ["t1"]


async def test_other_sends_under_way_to_the_chat_are_told_but_not_those_of_the_same_message(
    store: Store,
) -> None:
    sending = {"state": "sending", "tried_at": NOW}
    async with store.write() as uow:
        await uow.outbox.add(
            [
                row("n:1", "mine", **sending),
                row("n:1", "alert", **sending),
                row("n:1", "overtaken", **{**sending, "tried_at": NOW - timedelta(seconds=1)}),
                row("n:1/7", "topic", **sending),
                row("n:1", "waits"),
                row("n:1", "change", **{**sending, "action": "edit"}),
                row("n:12", "another", **sending),
                row("n:2", "line", **sending),
                row("n:2", "line after", **sending),
            ]
        )
        mine = next(each for each in uow.outbox.added if each.txn == "mine")
        first = next(each for each in uow.outbox.added if each.txn == "line")
        lines = [each for each in uow.outbox.added if each.room == "n:2"]
        for each in lines:
            assert each.id is not None
            await uow.outbox.mark(each.id, joined=first.id)
    first.joined = first.id
    async with store.read() as uow:
        beside = uow.outbox.sending_beside
        assert await beside(mine) == {"overtaken", "topic"}
        assert await beside(first) == frozenset()
        every = {"mine", "alert", "overtaken", "topic", "another", "line", "line after"}
        assert await uow.outbox.sending_on("n") == every


@pytest.mark.parametrize(
    ("stray", "is_one"),
    [
        ({"state": "sending", "payload": {"mark": "!"}}, True),
        ({"state": "queued", "payload": {"mark": "!"}}, True),
        ({"state": "sent", "payload": {"mark": "!"}, "sent_at": NOW}, True),
        ({"state": "sent", "payload": {"mark": "!"}, "sent_at": NOW - timedelta(hours=1)}, False),
        ({"state": "sent", "payload": {"text": 'say "mark": it'}, "sent_at": NOW}, False),
        ({"state": "dead", "error": "AnswerLost: reset", "tried_at": NOW}, True),
        ({"state": "dead", "error": "Rejected: no", "tried_at": NOW}, False),
        ({"state": "dead", "error": "AnswerLost: x", "tried_at": NOW - timedelta(days=3)}, False),
    ],
)
@pytest.mark.parametrize("room", ["n:1", "n:1/7", "n:12"])
async def test_a_send_that_may_stand_under_an_unknown_id_is_told_in_its_chat(
    store: Store, room: str, stray: dict[str, Any], is_one: bool
) -> None:
    async with store.write() as uow:
        await uow.outbox.add([row("n:1", "mine", state="sending", tried_at=NOW)])
        mine = uow.outbox.added[0]
        await uow.outbox.add([row(room, "other", **stray)])
    async with store.read() as uow:
        assert await uow.outbox.strays(mine) is (is_one and room != "n:12")


async def test_a_send_in_doubt_is_still_in_doubt_when_it_is_tried_again(store: Store) -> None:
    async with store.write() as uow:
        for txn, error in (("lost", "AnswerLost: reset"), ("refused", "Rejected: no")):
            await uow.outbox.add([row("n:1", txn, state="dead", error=error)])
        await uow.outbox.revive([each.id or 0 for each in uow.outbox.added])
    async with store.read() as uow:
        states = {each.txn: each.state for each in await uow.outbox.next("n:1", 9)}
        assert states == {"lost": "sending", "refused": "queued"}
