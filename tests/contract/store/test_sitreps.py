"""Reports, figures and duties as stored."""

from __future__ import annotations

from datetime import timedelta

from storage import Store
from tests.contract.store.samples import NOW
from tests.contract.store.test_incidents import incident, person


async def test_what_is_owed_and_was_reported_follows_the_one_that_two_people_turn_out_to_be(
    store: Store,
) -> None:
    async with store.write() as uow:
        number = (await incident(uow)).id
        one, other = await person(uow, "t:1"), await person(uow, "m:1")
        report = await uow.sitreps.add(
            incident_id=number, number=1, by_id=other, at=NOW, made_at=NOW,
            content={"status": "leak"}, given=["status"], figures={}, lacking=[], photos=[],
        )  # fmt: skip
        for value in (2, 2**40):
            await uow.sitreps.count(
                incident_id=number, sitrep_id=report.id, agency="Fire", code="loss",
                value=value, at=NOW, by_id=other,
            )  # fmt: skip
        for hours, who in ((2, one), (1, other)):
            await uow.sitreps.owe(
                incident_id=number, target="person", person_id=who, begins_at=NOW,
                due_at=NOW + timedelta(hours=hours), state_at=NOW,
            )  # fmt: skip
        await uow.people.move(other, one)
    async with store.read() as uow:
        assert {each.person_id for each in await uow.sitreps.duties(number)} == {one}
        due = [each.due_at - NOW for each in await uow.sitreps.duties(number)]
        assert due == [timedelta(hours=1), timedelta(hours=2)]
        assert [each.value for each in await uow.sitreps.figures(number)] == [2, 2**40]
        latest = await uow.sitreps.latest(number)
        assert latest is not None
        assert (latest.by_id, latest.content) == (one, {"status": "leak"})
        assert await uow.sitreps.latest(number, kinds=("first",)) is None
        assert await uow.sitreps.get(number, 2**70) is None
