"""Incidents, their numbers and rooms, agencies, positions and the timeline, as stored."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage import Store, UnitOfWork
from storage.tables import Incident, Membership
from tests.contract.store.samples import NOW

LATER = NOW + timedelta(minutes=5)


async def person(uow: UnitOfWork, account: str) -> int:
    """The person behind an account that has just written."""
    known = await uow.people.see(account, NOW, name=account, handle=None, language="zh")
    return known.person_id


async def incident(uow: UnitOfWork, title: str = "Leak", year: int = 2026) -> Incident:
    """A new incident."""
    return await uow.incidents.add(
        year, title=title, zone="Asia/Shanghai", state_at=NOW, started_at=NOW, reported_at=NOW
    )


async def test_an_incident_has_a_number_of_its_own_and_one_within_its_year(store: Store) -> None:
    async with store.write() as uow:
        made = [await incident(uow, year=year) for year in (2026, 2026, 2027)]
    assert [(each.id, each.year, each.serial) for each in made] == [
        (1, 2026, 1),
        (2, 2026, 2),
        (3, 2027, 1),
    ]


async def test_fifty_who_ask_at_once_get_fifty_numbers_without_a_gap(store: Store) -> None:
    async with store.write() as uow:
        number = (await incident(uow)).id

    async def one() -> int:
        async with store.write() as uow:
            return await uow.incidents.next_number(number, "T")

    given = await asyncio.gather(*(one() for _each in range(50)))
    assert sorted(given) == list(range(1, 51))


async def test_letters_and_incidents_count_for_themselves(store: Store) -> None:
    async with store.write() as uow:
        one, other = (await incident(uow)).id, (await incident(uow)).id
        counted = [
            await uow.incidents.next_number(of, letter)
            for of, letter in ((one, "O"), (one, "T"), (other, "T"), (one, "T"))
        ]
    assert counted == [1, 1, 1, 2]


async def test_a_number_that_was_rolled_back_is_given_again(store: Store) -> None:
    async with store.write() as uow:
        number = (await incident(uow)).id

    async def fail() -> None:
        async with store.write() as uow:
            await uow.incidents.next_number(number, "O")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with store.write() as uow:
        assert await uow.incidents.next_number(number, "O") == 1


async def test_rooms_of_a_bridge_share_the_incident_unless_one_chooses_another(
    store: Store,
) -> None:
    async with store.write() as uow:
        one, other = await incident(uow), await incident(uow)
        bridge = await uow.bridges.add("leak", NOW)
        for room in ("t:1", "m:1", "w:1"):
            await uow.rooms.see(room, NOW, title=room, private=False, language="zh")
            await uow.bridges.join(bridge, room, NOW, None)
        await uow.incidents.link(one.id, ["t:1"], NOW, None)
        await uow.incidents.choose(["t:1"], one.id, NOW)
        await uow.incidents.choose(["w:1"], other.id, NOW - timedelta(hours=1))
    async with store.read() as uow:
        current = [await uow.incidents.current(room) for room in ("t:1", "m:1", "w:1", "x:1")]
        assert [each and each.id for each in current] == [one.id, one.id, other.id, None]
        assert await uow.incidents.hears(one.id, "m:1")
        assert not await uow.incidents.hears(one.id, "x:1")
        assert await uow.incidents.bridged(["t:1"]) == ["t:1", "m:1", "w:1"]


async def test_an_incident_stays_with_a_room_that_moves(store: Store) -> None:
    async with store.write() as uow:
        one = await incident(uow)
        await uow.rooms.see("t:1", NOW, title="", private=False, language="zh")
        await uow.incidents.link(one.id, ["t:1"], NOW, None)
        await uow.incidents.choose(["t:1"], one.id, NOW)
        await uow.cards.shown(7, ["t:1"], one.id, "I", one.id)
        await uow.rooms.rekey("t:1", "t:-1001")
    async with store.read() as uow:
        assert await uow.incidents.rooms(one.id) == ["t:-1001"]
        current = await uow.incidents.current("t:-1001")
        assert current is not None
        assert await uow.cards.live(one.id, "I", one.id) == {}


async def test_the_newest_card_of_a_thing_is_the_live_one_room_by_room(store: Store) -> None:
    async with store.write() as uow:
        one = (await incident(uow)).id
        await uow.cards.shown(7, ["a", "b"], one, "I", one)
        await uow.cards.shown(8, ["b"], one, "I", one)
        await uow.cards.shown(9, ["a"], one, "O", 1)
    async with store.read() as uow:
        assert await uow.cards.live(one, "I", one) == {7: ["a"], 8: ["b"]}
        card = await uow.cards.of_message(9)
        assert card is not None
        assert (card.incident_id, card.letter, card.number) == (one, "O", 1)


async def test_one_agency_never_has_two_commanders(store: Store) -> None:
    async with store.write() as uow:
        one, li, han = await incident(uow), await person(uow, "t:1"), await person(uow, "t:2")
        await uow.organisation.assign(one.id, "commander", li, NOW, agency="Fire")
        await uow.organisation.assign(one.id, "commander", han, NOW, agency="Water")
        await uow.organisation.assign(one.id, "commander", han, NOW, agency="Fire", deputy=True)

    async def a_second() -> None:
        async with store.write() as uow:
            await uow.organisation.assign(one.id, "commander", han, NOW, agency="Fire")

    with pytest.raises(IntegrityError):
        await a_second()


async def test_a_position_is_held_from_its_beginning_to_its_end(store: Store) -> None:
    async with store.write() as uow:
        one, li = await incident(uow), await person(uow, "t:1")
        position = await uow.organisation.assign(one.id, "safety", li, LATER)
        held = [await uow.organisation.held(one.id, at) for at in (NOW, LATER)]
        assert list(map(len, held)) == [0, 1]
        await uow.organisation.end(position, LATER + timedelta(hours=1), li)
        assert await uow.organisation.of_person(one.id, li, LATER)
        assert not await uow.organisation.of_person(one.id, li, LATER + timedelta(hours=1))


async def test_somebody_may_be_in_two_agencies_once_each_has_agreed(store: Store) -> None:
    async with store.write() as uow:
        li = await person(uow, "t:1")
        fire = await uow.agencies.add("Fire brigade", "Fire", NOW, liaison_id=None, by="t:1")
        water = await uow.agencies.add("Water board", "Water", NOW, liaison_id=li, by="t:1")
        assert fire.id is not None
        assert water.id is not None
        for number, agency_id in enumerate((water.id, fire.id)):
            membership = await uow.agencies.ask(li, agency_id, NOW, "t:room")
            assert [each.id for each in await uow.agencies.pending(li)] == [agency_id]
            membership.state = "approved"
            membership.decided_at = NOW + timedelta(minutes=number)
            await uow.incidents.save(membership)
    async with store.read() as uow:
        assert [each.short for each in await uow.agencies.of_person(li)] == ["Water", "Fire"]
        assert [each.short for each in await uow.agencies.led_by(li)] == ["Water"]
        named = [await uow.agencies.named(name) for name in ("FIRE", "water board", "x")]
        assert [each and each.short for each in named] == ["Fire", "Water", None]


async def test_what_two_people_were_belongs_to_the_one_they_turn_out_to_be(store: Store) -> None:
    async with store.write() as uow:
        one, other = await person(uow, "t:1"), await person(uow, "m:1")
        fire = await uow.agencies.add("Fire brigade", "Fire", NOW, liaison_id=other, by="t:1")
        water = await uow.agencies.add("Water board", "Water", NOW, liaison_id=None, by="t:1")
        for who, agency in ((one, fire), (other, fire), (other, water)):
            assert agency.id is not None
            membership: Membership = await uow.agencies.ask(who, agency.id, NOW, None)
            membership.state, membership.decided_at = "approved", NOW
        made = await incident(uow)
        await uow.organisation.assign(made.id, "safety", other, NOW)
        await uow.people.move(other, one)
    async with store.read() as uow:
        assert [each.short for each in await uow.agencies.of_person(one)] == ["Fire", "Water"]
        assert [each.short for each in await uow.agencies.led_by(one)] == ["Fire"]
        assert await uow.organisation.of_person(made.id, one, NOW)
        assert await uow.people.person(other) is None


async def test_the_timeline_is_read_by_kind_by_person_and_by_time(store: Store) -> None:
    async with store.write() as uow:
        one, li = await incident(uow), await person(uow, "t:1")
        for kind, who, minutes in (("log", li, 2), ("incident.new", None, 0), ("log", None, 1)):
            await uow.timeline.add(
                incident_id=one.id,
                number=await uow.incidents.next_number(one.id, "L"),
                at=NOW + timedelta(minutes=minutes),
                entered_at=NOW,
                kind=kind,
                person_id=who,
                content={"text": kind},
            )
    async with store.read() as uow:
        numbers = [each.number for each in await uow.timeline.entries(one.id)]
        assert numbers == [2, 3, 1]
        assert len(await uow.timeline.entries(one.id, kinds=["incident."])) == 1
        assert len(await uow.timeline.entries(one.id, person_id=li)) == 1
        since = NOW + timedelta(minutes=1)
        assert len(await uow.timeline.entries(one.id, since=since, newest=True)) == 2
        assert len(await uow.timeline.entries(one.id, until=since)) == 1


async def test_objectives_orders_check_ins_and_offers_are_found_again(store: Store) -> None:
    async with store.write() as uow:
        one, li = (await incident(uow)).id, await person(uow, "t:1")
        objective = await uow.objectives.add(
            incident_id=one, number=1, text="Stop the leak", state_at=NOW, made_at=NOW, made_by=li
        )
        objective.progress = 50
        await uow.objectives.changed(objective, NOW, li, {"progress": 0}, {"progress": 50})
        order = await uow.orders.add(
            incident_id=one, number=1, text="Close the valve", kind="person", assignee=str(li),
            by_id=li, given_at=NOW, starts_at=NOW, state_at=NOW, objective_id=objective.id,
        )  # fmt: skip
        assert order.id is not None
        (await uow.orders.receipt(order.id, li)).seen_at = NOW
        await uow.orders.conflict(
            incident_id=one, kind="authority", first_id=order.id, found_at=NOW, details={}
        )
        held = await uow.organisation.assign(one, "commander", li, NOW)
        await uow.handovers.add(
            incident_id=one, position_id=held.id, role="commander", from_id=li, to_id=li,
            briefing={}, offered_at=NOW, expires_at=LATER,
        )  # fmt: skip
        await uow.roster.add(incident_id=one, person_id=li, in_at=NOW, heard_at=NOW)
    async with store.write() as uow:
        found = await uow.objectives.get(one, 1)
        assert found is not None
        assert found.id is not None
        assert [each.after for each in await uow.objectives.history(found.id)] == [{"progress": 50}]
        assert await uow.objectives.get(one, 2) is None
        assert [each.number for each in await uow.orders.all(one, open_only=True)] == [1]
        assert [each.seen_at for each in await uow.orders.receipts(order.id)] == [NOW]
        assert len(await uow.orders.conflicts(one)) == 1
        assert len(await uow.handovers.offered(one)) == 1
        assert await uow.handovers.unified(one) == []
        assert await uow.roster.present(one, li) is not None
        assert len(await uow.roster.all(one)) == 1
