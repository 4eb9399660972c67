"""What happens when nobody answers: an order goes up the chain, a conflict to more people."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.cards import conflict as conflicts, order as cards
from handlers.context import Actions
from handlers.document import Block, Document, Mention, Para, Span
from handlers.ringing import Wake
from storage import UnitOfWork
from storage.tables import Incident, Order, Person
from storage.tables.organisation import COMMANDER
from workflows.incidents.record import By, record
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of
from workflows.orders import finding, rules
from workflows.orders.changing import UNANSWERED
from workflows.orders.recipients import LIAISON, To, behind, chain, title
from workflows.orders.rules import OPEN, State
from workflows.orders.service import people_behind
from workflows.text import Json, Msg, _, ngettext

LIANZHI = By(None, None, "Lianzhi")


async def tell_all(
    uow: UnitOfWork,
    actions: Actions,
    people: Sequence[Person],
    document: Document,
    rooms: tuple[str, ...] = (),
) -> None:
    """Tell each in private; those who cannot be reached so together in `rooms`, by mentions."""
    unreached: list[Mention] = []
    for person in people:
        assert person.id is not None
        if await actions.tell_person(uow, person.id, document) is None:
            accounts = await uow.people.accounts(person.id)
            unreached += [Mention(each.id, each.name) for each in accounts[:1]]
    if unreached and rooms:
        named = Span(tuple(part for each in unreached for part in (each, " ")))
        blocks: tuple[Block, ...] = (Para(named), *document.blocks)
        await actions.tell(uow, rooms, Document(blocks, document.buttons, document.card))


async def unanswered(wake: Wake) -> None:
    """An order was not acknowledged in time: the next in the chain is told, each of them once."""
    uow, now = wake.uow, wake.now
    found = await _still(uow, int(wake.timer.subject), (State.GIVEN,))
    if found is None:
        return
    incident, order = found
    told = [str(each) for each in wake.timer.data.get("told", [])]
    steps = [each for each in await chain(uow, incident, order, now) if each.name not in told]
    rooms = await rooms_of(uow, incident.id)
    reference = f"T{order.number}"
    receivers = await behind(uow, incident, To.of(order), now)
    to = title(To.of(order), receivers.people)
    if not steps:
        text = _(
            "Nobody has acknowledged {reference} to {recipient}, and nobody is left to be told.",
            reference=reference,
            recipient=to,
        )
        await _noted(uow, incident, order, "order.unanswered", text, wake, {})
        await _tell_giver(wake, order, Document((Para(Span(("⏰ ", text))),)), rooms)
        return
    step = steps[0]
    names = tuple(each.name for each in step.people)
    order.escalated += 1
    await uow.incidents.save(order)
    text = _(
        "{reference} to {recipient} is not acknowledged; {names} is told",
        reference=reference,
        recipient=to,
        names=names,
    )
    people: list[Json] = [each.id for each in step.people]
    await _noted(
        uow, incident, order, "order.escalated", text, wake, {"step": step.name, "people": people}
    )
    card = await cards.card(uow, incident, order, now)
    why = _(
        "{reference} has not been acknowledged by {recipient}. See to it, or acknowledge it in "
        "their place.",
        reference=reference,
        recipient=to,
    )
    await cards.refresh(uow, wake.actions, incident, order, now)
    blocks: tuple[Block, ...] = (Para(Span(("⏰ ", why))), *card.blocks)
    await tell_all(uow, wake.actions, step.people, Document(blocks, card.buttons, card.card), rooms)
    await _tell_giver(wake, order, Document((Para(Span(("⏰ ", text))),)), ())
    await uow.timers.set(
        UNANSWERED, str(order.id), now + rules.ANSWER, {"told": [*told, step.name]}
    )


async def overdue(wake: Wake) -> None:
    """The time has come by which an order was to be done, and it is not."""
    uow, now = wake.uow, wake.now
    found = await _still(uow, int(wake.timer.subject), tuple(OPEN))
    if found is None:
        return
    incident, order = found
    if order.due is None or order.due > now:
        return
    text = _("{reference} is overdue: {text}", reference=f"T{order.number}", text=order.text)
    await _noted(uow, incident, order, "order.overdue", text, wake, {})
    await cards.refresh(uow, wake.actions, incident, order, now)
    rooms = await rooms_of(uow, incident.id)
    people = list(await people_behind(uow, incident, order, now))
    giver = await uow.people.person(order.by_id)
    if giver is not None:
        people.append(giver)
    document = Document(
        (Para(Span(("⏰ ", text))),), (await cards.card(uow, incident, order, now)).buttons
    )
    await tell_all(uow, wake.actions, people, document, rooms)


async def undecided(wake: Wake) -> None:
    """A conflict was not decided in time: deputies and Liaison Officers are told of it, too."""
    uow, now = wake.uow, wake.now
    conflict = await uow.orders.conflict_by_id(int(wake.timer.subject))
    if conflict is None or conflict.state != "open":
        return
    incident = await uow.incidents.locked(conflict.incident_id)
    if incident is None or incident.state in OVER:
        return
    held = await uow.organisation.held(incident.id, now)
    people = {
        person.id: person
        for position, person in held
        if position.role == LIAISON or position.role == COMMANDER
    }
    found = [
        each
        for each in await uow.orders.conflicts(incident.id)
        if finding.held_back(each) == finding.held_back(conflict)
        and each.found_at == conflict.found_at
    ]
    if len(found) <= conflicts.FEW:
        found = [conflict]
    for each in found:
        await uow.timers.drop(finding.UNDECIDED, str(each.id))
    n = len(found)
    waits: Block = Para(
        ngettext(
            "⏰ {n} conflict still waits for a decision.",
            "⏰ {n} conflicts still wait for a decision.",
            n,
        )
    )
    rooms = await rooms_of(uow, incident.id)
    (document,) = await conflicts.documents(uow, incident, found, now)
    again = Document((waits, *document.blocks), document.buttons)
    await record(
        uow,
        incident,
        "conflict.waiting",
        ngettext(
            "{n} conflict of orders still waits for a decision",
            "{n} conflicts of orders still wait for a decision",
            n,
        ),
        by=LIANZHI,
        now=now,
        thing=f"conflict {conflict.id}",
        params={"late": wake.late.total_seconds()},
    )
    await tell_all(uow, wake.actions, tuple(people.values()), again, rooms)


async def _still(
    uow: UnitOfWork, key: int, states: tuple[State, ...]
) -> tuple[Incident, Order] | None:
    """The order with its incident, if it is in one of the states and the incident goes on."""
    known = await uow.orders.by_id(key)
    if known is None:
        return None
    incident = await uow.incidents.locked(known.incident_id)
    order = await uow.orders.get(known.incident_id, known.number)
    if incident is None or incident.state in OVER or order is None or order.state not in states:
        return None
    return incident, order


async def _noted(
    uow: UnitOfWork,
    incident: Incident,
    order: Order,
    code: str,
    text: Msg,
    wake: Wake,
    params: dict[str, Json],
) -> None:
    await record(
        uow,
        incident,
        code,
        text,
        by=LIANZHI,
        now=wake.now,
        thing=f"T{order.number}",
        changes={"escalated": order.escalated},
        params={**params, "late": wake.late.total_seconds()},
    )


async def _tell_giver(wake: Wake, order: Order, document: Document, rooms: tuple[str, ...]) -> None:
    giver = await wake.uow.people.person(order.by_id)
    if giver is not None:
        await tell_all(wake.uow, wake.actions, (giver,), document, rooms)
