"""Who hears of orders in conflict: both sides and whoever decides in private, then the rooms."""

from __future__ import annotations

from datetime import datetime

from handlers.cards import conflict as cards, order as orders
from handlers.context import Context
from handlers.document import Document
from handlers.escalating import tell_all
from storage import UnitOfWork
from storage.tables import Conflict, Incident, Order, Person
from workflows.orders import deciding, service


async def tell_found(
    context: Context, incident: Incident, found: tuple[Conflict, ...]
) -> list[Document]:
    """Tell people of the conflicts of a new order, each of those that concern them, and bring the
    cards of all orders up to date; what the rooms are to be told."""
    uow, now = context.uow, context.now
    people: dict[int, Person] = {}
    theirs: dict[int, list[Conflict]] = {}
    concerned: dict[int | None, Order] = {}
    for each in found:
        for person in await _people(uow, incident, each, now):
            assert person.id is not None
            people[person.id] = person
            theirs.setdefault(person.id, []).append(each)
        concerned |= {order.id: order for order in await deciding.orders_of(uow, each)}
    for order in concerned.values():
        await orders.refresh(uow, context.actions, incident, order, now)
    alike: dict[tuple[int | None, ...], list[int]] = {}
    for person_id, mine in theirs.items():
        alike.setdefault(tuple(each.id for each in mine), []).append(person_id)
    for ids in alike.values():
        told = [people[each] for each in ids]
        for document in await cards.documents(uow, incident, theirs[ids[0]], now):
            await tell_all(uow, context.actions, told, document)
    return await cards.documents(uow, incident, found, now)


async def _people(
    uow: UnitOfWork, incident: Incident, conflict: Conflict, now: datetime
) -> tuple[Person, ...]:
    """Who decides it, who gave the orders and to whom they go."""
    people = {each.id: each for each in await deciding.deciders(uow, incident, conflict, now)}
    for order in await deciding.orders_of(uow, conflict):
        giver = await uow.people.person(order.by_id)
        behind = await service.people_behind(uow, incident, order, now)
        people |= {each.id: each for each in (*behind, *([giver] if giver else ()))}
    return tuple(people.values())
