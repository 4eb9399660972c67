"""What is open in a duplicate goes on in the incident that takes it over, under that one's numbers.

Rows move as they are, so that timers, answers, parts and tracks stay theirs; what they referred to
by a number of the duplicate and has not come along is no longer said. Reports and their figures,
periods, plans and positions stay with the duplicate: they are of its own organisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from storage import UnitOfWork
from storage.tables import CheckIn, Incident
from workflows import alerts
from workflows.briefings.safety import hazard_fields
from workflows.custody import service as custody
from workflows.incidents import roster
from workflows.incidents.record import By, iso, record
from workflows.objectives import service as objectives
from workflows.orders import changing as orders
from workflows.requests import keeping
from workflows.resources import booking as bookings, service as resources
from workflows.stock import rules as stock, service as store
from workflows.text import Json, _

TO = "to"
"""The parameter of a ledger entry of the duplicate that says under what a thing goes on."""


@dataclass(slots=True)
class Carried:
    """What went over: `R1` of the duplicate is `R7` now. `people` are those on scene."""

    things: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)

    def number(self, letter: str, old: int | None) -> int | None:
        """The number that `old` has now; None if it has not come along."""
        new = self.things.get(f"{letter}{old}")
        return None if new is None else int(new[1:])


@dataclass(frozen=True, slots=True)
class _Carrying:
    uow: UnitOfWork
    gone: Incident
    kept: Incident
    by: By
    now: datetime
    carried: Carried = field(default_factory=Carried)

    async def number(self, letter: str, old: int) -> int:
        """The number under which a thing goes on; its cards go with it."""
        new = await self.uow.incidents.next_number(self.kept.id, letter)
        self.carried.things[f"{letter}{old}"] = f"{letter}{new}"
        await self.uow.cards.carry(self.gone.id, letter, old, self.kept.id, new)
        return new

    async def noted(self, letter: str, new: int, changes: Mapping[str, Json]) -> None:
        """Written down in both incidents, so that each record is whole by itself."""
        thing = f"{letter}{new}"
        old = next(key for key, value in self.carried.things.items() if value == thing)
        was, goes_on = f"I{self.gone.id}-{old}", f"I{self.kept.id}-{thing}"
        await record(
            self.uow, self.gone, "incident.carried",
            _("{reference} goes on as {other}", reference=old, other=goes_on),
            by=self.by, now=self.now, thing=old, params={TO: goes_on},
        )  # fmt: skip
        await record(
            self.uow, self.kept, "incident.took",
            _("{reference} goes on from {other}", reference=thing, other=was),
            by=self.by, now=self.now, thing=thing, changes=changes, params={"from": was},
        )  # fmt: skip


async def carry(
    uow: UnitOfWork, gone: Incident, kept: Incident, *, by: By, now: datetime
) -> Carried:
    """Let all that is open in `gone`, which was merged into `kept`, go on there."""
    at_it = _Carrying(uow, gone, kept, by, now)
    await _objectives(at_it)
    await _orders(at_it)
    await _requests(at_it)
    await _resources(at_it)
    await _custody(at_it)
    await _hazards(at_it)
    await _alerts(at_it)
    await _people(at_it)
    await _stock(at_it)
    return at_it.carried


async def goes_on(uow: UnitOfWork, gone: Incident, thing: str) -> str | None:
    """Under what `R1` of a merged incident goes on, as `I1-R7`; None if it was over by then."""
    for seq in reversed(await uow.timeline.ledger_of(gone.id, thing, limit=1)):
        entry = await uow.ledger.get(seq)
        if entry is not None and isinstance(new := entry.params.get(TO), str):
            return new
    return None


async def _objectives(at_it: _Carrying) -> None:
    for each in await at_it.uow.objectives.all(at_it.gone.id, open_only=True):
        each.number = await at_it.number("O", each.number)
        each.incident_id = at_it.kept.id
        await at_it.uow.incidents.save(each)
        await at_it.noted("O", each.number, objectives.fields(each))


async def _orders(at_it: _Carrying) -> None:
    uow, kept = at_it.uow, at_it.kept
    here = {each.id for each in await uow.objectives.all(kept.id)}
    moved = set()
    for each in await uow.orders.all(at_it.gone.id, open_only=True):
        each.number = await at_it.number("T", each.number)
        each.incident_id = kept.id
        if each.objective_id not in here:
            each.objective_id = None
        await uow.incidents.save(each)
        moved.add(each.id)
        await at_it.noted("T", each.number, orders.fields(each))
    for conflict in await uow.orders.conflicts(at_it.gone.id):
        if conflict.first_id in moved or conflict.second_id in moved:
            conflict.incident_id = kept.id
            await uow.incidents.save(conflict)


async def _requests(at_it: _Carrying) -> None:
    uow, carried = at_it.uow, at_it.carried
    found = await uow.requests.all(at_it.gone.id, open_only=True)
    numbers = {each.number: await at_it.number("R", each.number) for each in found}
    for each in found:
        each.number = numbers[each.number]
        each.incident_id = at_it.kept.id
        each.objective = carried.number("O", each.objective)
        each.split_from = carried.number("R", each.split_from)
        each.apart = [numbers[other] for other in each.apart if other in numbers]
        await uow.requests.save(each)
        whole = await keeping.load(uow, at_it.kept, each)
        await at_it.noted("R", each.number, whole.fields())


async def _resources(at_it: _Carrying) -> None:
    uow, carried = at_it.uow, at_it.carried
    units = {}
    for each in await uow.resources.all(at_it.gone.id, here_only=True):
        each.number = await at_it.number("U", each.number)
        each.incident_id = at_it.kept.id
        await uow.resources.save(each)
        units[each.id] = each
        await at_it.noted("U", each.number, resources.fields(each))
    for booking in await uow.resources.booked(at_it.gone.id):
        if (unit := units.get(booking.resource_id)) is None:
            continue
        booking.incident_id = at_it.kept.id
        booking.order_number = carried.number("T", booking.order_number)
        booking.request_number = carried.number("R", booking.request_number)
        await uow.resources.save(booking)
        await record(
            uow, at_it.kept, "incident.took",
            _("{unit} stays promised: {task}", unit=resources.called(unit), task=booking.task),
            by=at_it.by, now=at_it.now, thing=f"booking {booking.id}",
            changes=bookings.fields(booking, unit),
        )  # fmt: skip


async def _custody(at_it: _Carrying) -> None:
    uow, carried = at_it.uow, at_it.carried
    for each in await uow.custody.all(at_it.gone.id, open_only=True):
        each.number = await at_it.number("C", each.number)
        each.incident_id = at_it.kept.id
        each.order_number = carried.number("T", each.order_number)
        each.request_number = carried.number("R", each.request_number)
        each.unit_number = carried.number("U", each.unit_number)
        await uow.custody.save(each)
        assert each.id is not None
        for step in await uow.custody.steps(each.id):
            step.order_number = carried.number("T", step.order_number)
            await uow.custody.save(step)
        await at_it.noted("C", each.number, custody.fields(each))


async def _hazards(at_it: _Carrying) -> None:
    for each in await at_it.uow.safety.hazards(at_it.gone.id, open_only=True):
        each.number = await at_it.number("H", each.number)
        each.incident_id = at_it.kept.id
        await at_it.uow.safety.save(each)
        await at_it.noted("H", each.number, hazard_fields(each))


async def _alerts(at_it: _Carrying) -> None:
    """Of alerts only those that somebody has not acknowledged yet."""
    uow = at_it.uow
    for each in await uow.alerts.all(at_it.gone.id):
        assert each.id is not None
        receipts = await uow.alerts.receipts(each.id)
        if not set(each.told) - {receipt.person_id for receipt in receipts}:
            continue
        each.number = await at_it.number("W", each.number)
        each.incident_id = at_it.kept.id
        await uow.incidents.save(each)
        noted = {f"acknowledged by {one.person_id}": iso(one.at) for one in receipts}
        await at_it.noted("W", each.number, alerts.fields(each) | noted)


async def _people(at_it: _Carrying) -> None:
    """Who is checked in goes along; who is in both is counted once, as he checked in last."""
    uow, kept = at_it.uow, at_it.kept
    for each in await uow.roster.all(at_it.gone.id):
        there = (
            None if each.person_id is None else await uow.roster.present(kept.id, each.person_id)
        )
        older = None if there is None else min(there, each, key=lambda row: row.in_at)
        if older is not each:
            each.incident_id = kept.id
            await uow.roster.save(each)
            await _checked(at_it, kept, each, "incident.took")
            at_it.carried.people.append(await _name(uow, each))
        if older is not None:
            older.out_at, older.out_by = at_it.now, at_it.by.person_id
            await uow.roster.save(older)
            where = at_it.gone if older is each else kept
            await _checked(at_it, where, older, "checkin.out")
    if await uow.timers.get(roster.SILENT, str(kept.id)) is None and at_it.carried.people:
        await uow.timers.set(roster.SILENT, str(kept.id), at_it.now + roster.SILENCE)


async def _checked(at_it: _Carrying, incident: Incident, row: CheckIn, code: str) -> None:
    name = await _name(at_it.uow, row)
    text = (
        _("{name} is checked in once, as last said", name=name)
        if row.out_at is not None
        else _("{name} stays checked in, {n} people", name=name, n=row.people)
    )
    await record(
        at_it.uow, incident, code, text, by=at_it.by, now=at_it.now,
        thing=f"checkin {row.id}", changes=roster.fields(row),
    )  # fmt: skip


async def _name(uow: UnitOfWork, row: CheckIn) -> str:
    person = None if row.person_id is None else await uow.people.person(row.person_id)
    return row.name or row.team or (person.name if person is not None else "?")


async def _stock(at_it: _Carrying) -> None:
    """What is on the road or on scene is so for the other incident from now on."""
    uow = at_it.uow
    for sort in (stock.Sort.TRANSIT, stock.Sort.SCENE):
        source, target = stock.Place(sort, at_it.gone.id), stock.Place(sort, at_it.kept.id)
        held = await uow.stock.held(sort=sort, number=at_it.gone.id)
        kinds = await uow.stock.kinds({each.kind_id for each in held})
        for kind_id, kind in sorted(kinds.items()):
            portions: Sequence[stock.Portion] = [
                stock.Portion(each.lot_id, each.milli) for each in held if each.kind_id == kind_id
            ]
            await store.move(
                uow, kind, portions, source=source, target=target, by=at_it.by, now=at_it.now,
                code="stock.carried", incident_id=at_it.kept.id,
            )  # fmt: skip
