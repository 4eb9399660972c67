"""Positions of units, whoever tells them: taken, and what people hear of because of them."""

from __future__ import annotations

from datetime import datetime

from handlers.cards import resource as cards
from handlers.context import Actions
from handlers.document import Block, Button, Document, Para, Span
from handlers.escalating import tell_all
from storage import UnitOfWork
from storage.tables import Person, Resource
from workflows.incidents.scene import rooms_of
from workflows.resources.tracking import Fix, Moved, News, moved
from workflows.text import _

_SIGNS = {
    News.ARRIVED: "🏁",
    News.LATE: "⏰",
    News.HEARD: "📡",
    News.DOUBTFUL: "⚠️",
}


async def reported(uow: UnitOfWork, actions: Actions, secret: str, fix: Fix, now: datetime) -> bool:
    """The tracker with that secret (SHA-256, hexadecimal) has told where its unit is; whether
    there is such a tracker."""
    device = await uow.resources.device_of(secret)
    known = None if device is None else await uow.resources.by_id(device.resource_id)
    if known is None:
        return False
    await uow.incidents.locked(known.incident_id)
    # It may have been taken away while the incident was waited for.
    device = await uow.resources.device_of(secret)
    if device is None:
        return False
    resource = await uow.resources.get(known.incident_id, known.number)
    if resource is not None:
        await follow(uow, actions, resource, fix, now)
    device.heard_at = now
    await uow.resources.save(device)
    return True


async def follow(
    uow: UnitOfWork, actions: Actions, resource: Resource, fix: Fix, now: datetime
) -> Moved:
    """Take a position of a unit, and tell those whom it concerns what follows from it."""
    seen = await moved(uow, resource, fix, now=now)
    incident = await uow.incidents.get(resource.incident_id)
    if incident is None or not (seen.news or seen.show):
        return seen
    show = Button(f"U{resource.number}", f"/resource show {cards.me(resource)}")
    rooms = await rooms_of(uow, incident.id)
    for news, text in seen.news:
        blocks: list[Block] = [Para(Span((f"{_SIGNS[news]} ", text)))]
        if news is News.LATE and resource.contact is not None:
            blocks.append(Para(_("Contact: {contact}", contact=resource.contact)))
        document = Document(tuple(blocks), (show,))
        if rooms:
            await actions.tell(uow, rooms, document)
        if news in (News.ARRIVED, News.LATE):
            await tell_all(uow, actions, await _waiting(uow, resource), document)
    await cards.refresh(uow, actions, incident, resource, now)
    return seen


async def _waiting(uow: UnitOfWork, resource: Resource) -> list[Person]:
    """Those to whom the unit is promised."""
    assert resource.id is not None
    people: dict[int, Person] = {}
    for each in await uow.resources.bookings([resource.id]):
        person = await uow.people.person(each.by_id)
        if person is not None:
            people[each.by_id] = person
    return list(people.values())
