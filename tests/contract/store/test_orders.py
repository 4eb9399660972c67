"""Orders as stored, beside what is told of them elsewhere."""

from __future__ import annotations

from storage import Store
from tests.contract.store.samples import NOW
from tests.contract.store.test_incidents import incident, person


async def test_an_order_goes_to_the_one_that_two_people_turn_out_to_be(store: Store) -> None:
    async with store.write() as uow:
        number = (await incident(uow)).id
        one, other = await person(uow, "t:1"), await person(uow, "m:1")

        for serial, (kind, assignee) in enumerate(
            [("person", str(other)), ("person", str(one)), ("team", str(other))], 1
        ):
            await uow.orders.add(
                incident_id=number,
                number=serial,
                text="Close the valve",
                kind=kind,
                assignee=assignee,
                by_id=other,
                given_at=NOW,
                starts_at=NOW,
                state_at=NOW,
            )
        await uow.people.move(other, one)
    async with store.read() as uow:
        orders = await uow.orders.all(number)
        assert [each.assignee for each in orders] == [str(one), str(one), str(other)]
        assert {each.by_id for each in orders} == {one}


async def test_a_conflict_is_found_by_its_key_and_once_decided_no_longer_open(
    store: Store,
) -> None:
    async with store.write() as uow:
        number, li = (await incident(uow)).id, await person(uow, "t:1")
        order = await uow.orders.add(
            incident_id=number,
            number=1,
            text="Close the valve",
            kind="person",
            assignee=str(li),
            by_id=li,
            given_at=NOW,
            starts_at=NOW,
            state_at=NOW,
        )
        conflict = await uow.orders.conflict(
            incident_id=number, kind="authority", first_id=order.id, found_at=NOW, details={}
        )
        assert conflict.id is not None
        found = await uow.orders.conflict_by_id(conflict.id)
        assert found is not None
        found.state = "decided"
        await uow.incidents.save(found)
        assert await uow.orders.conflicts(number) == []
        assert len(await uow.orders.conflicts(number, open_only=False)) == 1
