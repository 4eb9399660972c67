"""What whoever takes a role over has to know, made from the record. It is kept with the offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from storage import UnitOfWork
from storage.tables import Incident, Order
from workflows.incidents.record import said
from workflows.incidents.rules import STATES, State, designation
from workflows.organisation.chart import Seat
from workflows.organisation.positions import COMMANDER
from workflows.organisation.scene import Scene, named
from workflows.text import Msg, _, ngettext

RECENT = 8
"""Entries of the timeline."""
MOST = 12
"""Objectives, orders and positions, of each."""


async def brief(
    uow: UnitOfWork, incident: Incident, there: Scene, seat: Seat, from_id: int, now: datetime
) -> tuple[Msg, ...]:
    """The briefing for a seat: situation, what is below it, objectives, its orders, the latest."""
    lines: list[Msg] = [
        _(
            "Incident {designation} “{title}”: {state} since {time}",
            designation=designation(incident.year, incident.serial),
            title=incident.title,
            state=STATES[State(incident.state)],
            time=incident.state_at,
        )
    ]
    if incident.event_level is not None:
        lines.append(_("event level {level}", level=incident.event_level))
    if incident.place:
        lines.append(_("Place: {place}", place=incident.place))
    lines += _below(there, seat)
    for each in (await uow.objectives.all(incident.id, open_only=True))[:MOST]:
        lines.append(
            _("Objective {reference}: {text} ({percent} %)",
              reference=f"O{each.number}", text=each.text, percent=each.progress)
        )  # fmt: skip
    mine = [
        each
        for each in await uow.orders.all(incident.id, open_only=True)
        if seat.role == COMMANDER or each.by_id == from_id or _assigned(each, seat, from_id)
    ]
    for order in mine[:MOST]:
        lines.append(_order(order))
    present = await uow.roster.all(incident.id)
    if present:
        people = sum(each.people for each in present)
        lines.append(ngettext("{n} person on scene", "{n} people on scene", people))
    recent = await uow.timeline.entries(incident.id, struck=False, newest=True, limit=RECENT)
    for entry in reversed(recent):
        lines.append(_("{time}: {text}", time=entry.at, text=said(entry)))
    return tuple(lines)


def _assigned(order: Order, seat: Seat, from_id: int) -> bool:
    whole = f"{seat.role}/{seat.label}" if seat.label else seat.role
    return (order.kind, order.assignee) in (("person", str(from_id)), ("role", whole))


def _order(order: Order) -> Msg:
    return _("Open order {reference}: {text}", reference=f"T{order.number}", text=order.text)


def _below(there: Scene, seat: Seat) -> list[Msg]:
    path = there.root.path(seat)
    lines: list[Msg] = []
    for each in path[-1].below[:MOST] if path else ():
        if each.staffed:
            people = named(there.holders(each.seat))
            lines.append(_("{title}: {names}", title=each.seat.title, names=people))
        else:
            lines.append(_("{title}: nobody; you answer for it", title=each.seat.title))
    return lines


def stored(lines: Sequence[Msg]) -> dict[str, Any]:
    """A briefing as it is kept with its offer."""
    return {"lines": [each.to_json() for each in lines]}


def kept(briefing: Mapping[str, Any]) -> tuple[Msg, ...]:
    """Read what `stored` wrote."""
    return tuple(Msg.from_json(each) for each in briefing.get("lines", ()))
