"""What is asked of alerts, check-ins, wishes and the timeline, on each database."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from storage import Store
from storage.tables import Incident
from tests.contract.store.samples import NOW, message, room
from workflows.incidents import service
from workflows.incidents.record import By

HOUR = timedelta(hours=1)


@pytest.fixture
async def leak(store: Store) -> Incident:
    """An incident that somebody declared in a room."""
    async with store.write() as uow:
        await room(uow, "n:a", "n:private")
        account = await uow.people.see("n:li", NOW, name="Li", handle=None, language=None)
        account.private_room = "n:private"
        return await service.declare(
            uow,
            service.Declaration("Leak"),
            rooms=["n:a"],
            by=By(account.person_id, "n:li", "Li", "Fire", "n:a"),
            zone=ZoneInfo("Asia/Shanghai"),
            now=NOW,
        )


async def li(store: Store) -> int:
    """Who declared it."""
    async with store.read() as uow:
        account = await uow.people.account("n:li")
        assert account is not None
        return account.person_id


async def test_somebody_acknowledges_an_alert_once(store: Store, leak: Incident) -> None:
    person = await li(store)
    async with store.write() as uow:
        alert = await uow.alerts.add(
            incident_id=leak.id, number=1, text="Out", recipients=[], told=[person], made_at=NOW
        )
        assert alert.id is not None
        again = [
            await uow.alerts.note(alert.id, person, name="Li", agency=None, now=NOW)
            for _time in range(2)
        ]
        assert again == [True, False]
        assert [each.name for each in await uow.alerts.receipts(alert.id)] == ["Li"]
        assert await uow.alerts.get(leak.id, 2**40) is None


async def test_people_are_heard_of_in_the_rooms_and_in_private_after_a_moment(
    store: Store, leak: Incident
) -> None:
    person = await li(store)
    async with store.write() as uow:
        assert await uow.roster.heard([person], ["n:a"], NOW) == {}
        for place, at in (("n:a", HOUR), ("n:private", 2 * HOUR), ("n:elsewhere", 3 * HOUR)):
            made = await message(uow, place)
            kept = await uow.messages.get(made)
            assert kept is not None
            kept.taken_at = NOW + at
        assert await uow.roster.heard([person], ["n:a"], NOW) == {person: NOW + 2 * HOUR}
        assert await uow.roster.heard([person], ["n:a"], NOW + 2 * HOUR) == {}
        assert await uow.roster.heard([], ["n:a"], NOW) == {}


async def test_the_ledger_about_a_thing_is_found_by_the_timeline(
    store: Store, leak: Incident
) -> None:
    async with store.write() as uow:
        assert await uow.timeline.ledger_of(leak.id, None, limit=5) == [1]
        assert await uow.timeline.ledger_of(leak.id, "O9", limit=5) == []
        newest = await uow.ledger.newest()
        assert newest is not None
        assert await uow.ledger.get(newest.seq) is newest
        assert await uow.ledger.get(0) is None
        assert await uow.ledger.first_bad(1) is None
        assert await uow.ledger.first_bad(99) == 99


async def test_a_reaction_that_is_taken_off_by_its_id_says_whose_it_was(store: Store) -> None:
    async with store.write() as uow:
        made = await message(uow)
        await uow.reactions.put(made, "n:li", "📌", room="n:a", name="Li", remote="m1", now=NOW)
        assert await uow.reactions.take_remote("n:a", "m1") == (made, "n:li", "📌")
        assert await uow.reactions.take_remote("n:a", "m1") is None
