"""Units that are promised: what both sides are told when one is wanted twice, and what orders take
and give back."""

from __future__ import annotations

from handlers.cards import resource as cards
from handlers.context import Context, Scope
from handlers.document import Document
from handlers.escalating import tell_all
from handlers.values import Args
from storage.tables import Order, Resource
from workflows.incidents.scene import rooms_of
from workflows.orders.rules import OPEN, State
from workflows.resources import booking, service
from workflows.resources.booking import Clash, Task
from workflows.resources.rules import Span
from workflows.text import Msg, _


async def refused(context: Context, wanted: Resource, task: Task, clash: Clash) -> Document:
    """Both who wanted the unit and who has it are told, with what is available instead."""
    uow, now = context.uow, context.now
    incident = await context.incident()
    asker: Msg | str = context.actor.name
    if context.actor.agency is not None:
        asker = _("{name} ({agency})", name=context.actor.name, agency=context.actor.agency)
    span = Span(task.starts or now, task.ends)
    others = await booking.alike(uow, wanted, span, now)
    document = await cards.clash(uow, incident, wanted, task.text, clash, others, asker, now)
    holder = await uow.people.person(clash.booking.by_id)
    people = [holder] if holder is not None and holder.id != context.actor.person_id else []
    if clash.unit.leader_id is not None and clash.unit.leader_id != context.actor.person_id:
        leader = await uow.people.person(clash.unit.leader_id)
        people += [leader] if leader is not None and leader not in people else []
    rooms = await rooms_of(uow, clash.unit.incident_id)
    if clash.unit.incident_id != incident.id:
        await tell_all(uow, context.actions, people, document, rooms)
    else:
        # Rooms of the incident read the answer itself.
        context.scope = Scope.INCIDENT
        await tell_all(uow, context.actions, people, document)
    return document


async def wanted(context: Context, args: Args) -> Resource | Document | None:
    """The unit that a new order is to take by its `resource`; what to say instead if it is
    promised at that time already; None if it names no unit."""
    named = args.optional_text("resource")
    if named is None:
        return None
    incident = await context.incident()
    resource = await service.meant(context.uow, incident.id, named)
    if resource is None:
        return None
    starts, due = args.optional_time("start"), args.optional_time("by")
    span = Span(context.now if starts is None else starts.at, None if due is None else due.at)
    clash = await booking.clash_with(context.uow, resource, span, context.now)
    if clash is None:
        return resource
    task = Task(args.text("text"), span.starts, span.ends)
    await booking.refused(
        context.uow, incident, resource, task.text, clash, by=context.by(), now=context.now
    )
    return await refused(context, resource, task, clash)


async def taken(context: Context, resource: Resource | None, order: Order) -> None:
    """The unit is promised for the order. Raises `Refusal` where it cannot be."""
    if resource is None:
        return
    incident = await context.incident()
    task = Task(order.text, order.starts_at, order.due, order.place, order.number)
    made = await booking.assign(
        context.uow, incident.id, resource.number, task, by=context.by(), now=context.now
    )
    assert not isinstance(made, Clash)
    await cards.refresh(context.uow, context.actions, incident, made.unit, context.now)


async def given_back(context: Context, order: Order) -> None:
    """An order that has ended needs its units no longer."""
    if State(order.state) in OPEN:
        return
    incident = await context.incident()
    freed = await booking.order_over(context.uow, incident, order, by=context.by(), now=context.now)
    for each in freed:
        await cards.refresh(context.uow, context.actions, incident, each, context.now)
