"""Encrypted events that wait for their keys."""

from __future__ import annotations

from datetime import timedelta

from storage import Store
from storage.queries.unread import KEPT
from tests.contract.store.samples import NOW

SECOND = timedelta(seconds=1)


async def test_events_wait_until_their_key_has_come_and_not_for_ever(store: Store) -> None:
    """The newest of too many; what is kept twice waits once; any characters can be in them."""
    body = '{"a":"\\ud800\\u0000"}'
    async with store.write() as uow:
        await uow.unread.keep([("$old", "!a", body)], NOW)
        for number, event in enumerate(("$1", "$2", "$2", "$3"), 1):
            await uow.unread.keep([(event, "!a", body)], NOW + number * SECOND)
    async with store.read() as uow:
        assert [each.id for each in await uow.unread.latest(3)] == ["$1", "$2", "$3"]
        assert {each.body for each in await uow.unread.latest(9)} == {body}
    async with store.write() as uow:
        await uow.unread.forget(["$2", "$nobody"])
        await uow.unread.keep([], NOW + KEPT + SECOND)
    async with store.read() as uow:
        assert [each.id for each in await uow.unread.latest(9)] == ["$1", "$3"]
