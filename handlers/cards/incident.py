"""An incident as people see it: its card, its line in a list, what a latecomer has to know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.cards import objective as objectives, order as orders, request as requests
from handlers.cards.labels import COLOURS, SIGNS, TYPES, state
from handlers.context import Actions
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Para,
    Span,
    Thing,
)
from storage import UnitOfWork
from storage.tables import Incident, TimelineEntry
from storage.tables.organisation import COMMANDER
from workflows.geo.points import Point
from workflows.incidents.record import said
from workflows.incidents.rules import State, designation, graded
from workflows.incidents.scene import rooms_of
from workflows.text import Msg, _

RECENT = 15
"""Lines of the timeline that a latecomer is shown."""


def thing(incident: Incident) -> Thing:
    """What the card of an incident shows."""
    return Thing(incident.id, "I", incident.id)


def name(incident: Incident) -> str:
    """Number, formal designation and title."""
    return f"I{incident.id} · {designation(incident.year, incident.serial)} · {incident.title}"


async def card(uow: UnitOfWork, incident: Incident, now: datetime) -> Document:
    """The card of an incident with the usual next steps."""
    return Document(
        (Heading(_headline(incident)), *await facts(uow, incident, now)),
        _steps(incident),
        card=thing(incident),
    )


async def refresh(uow: UnitOfWork, actions: Actions, incident: Incident, now: datetime) -> None:
    """Bring the card up to date in every room that hears of the incident."""
    rooms = await rooms_of(uow, incident.id)
    await actions.show(uow, rooms, await card(uow, incident, now))


async def facts(uow: UnitOfWork, incident: Incident, now: datetime) -> tuple[Block, ...]:
    """What is known of an incident, a line for each thing."""
    lines: list[Inline] = [
        _("State: {state} since {time}", state=state(incident.state), time=incident.state_at)
    ]
    if incident.merged_into is not None:
        lines.append(_("Goes on as {reference}", reference=f"I{incident.merged_into}"))
    scales: list[Msg] = []
    if incident.type is not None:
        scales.append(TYPES[incident.type])
    scales += graded(incident.event_level, incident.response_level)
    if incident.warning is not None:
        scales.append(COLOURS[incident.warning])
    if scales:
        lines.append(_between(scales))
    if (where := place(incident)) is not None:
        lines.append(where)
    lines.append(
        _(
            "Began {started}, reported {reported}",
            started=incident.started_at,
            reported=incident.reported_at,
        )
    )
    period = await uow.periods.current(incident.id)
    if period is not None:
        reference = f"P{period.number}"
        lines.append(
            _("Operational period {reference} until {time}", reference=reference,
              time=period.ends_at)
        )  # fmt: skip
    lines.append(await _command(uow, incident, now))
    return tuple(Para(line) for line in lines)


def place(incident: Incident) -> Msg | None:
    """Where it is, in words and degrees as far as known."""
    degrees = None
    if incident.lat is not None and incident.lon is not None:
        degrees = str(Point(incident.lat, incident.lon))
    if incident.place is None and degrees is None:
        return None
    if incident.place is None or degrees is None or incident.place == degrees:
        return _("Place: {place}", place=incident.place or degrees or "")
    return _("Place: {place} ({degrees})", place=incident.place, degrees=degrees)


async def status(uow: UnitOfWork, incident: Incident, now: datetime) -> Document:
    """The incident on one screen, for who comes late: facts, then what happened, newest last,
    each line with its place in the timeline and in the ledger."""
    recent = await uow.timeline.entries(incident.id, struck=False, newest=True, limit=RECENT)
    blocks: list[Block] = [Heading(_headline(incident)), *await facts(uow, incident, now)]
    blocks += _part(_("Objectives:"), await objectives.listed(uow, incident.id, now))
    blocks += _part(_("Orders to be done:"), await orders.listed(uow, incident, now))
    blocks += _part(_("Requests not settled:"), await requests.listed(uow, incident, now, most=10))
    total = await uow.timeline.count(incident.id)
    if recent:
        blocks.append(
            Para(
                Bold(
                    _("What happened:")
                    if total <= RECENT
                    else _(
                        "What happened last ({shown} of {total}):", shown=len(recent), total=total
                    )
                )
            )
        )
        blocks.append(Bullets(tuple(line(entry) for entry in reversed(recent))))
    return Document(tuple(blocks))


def _part(title: Msg, blocks: Sequence[Block]) -> Sequence[Block]:
    return (Para(Bold(title)), *blocks) if blocks else ()


def line(entry: TimelineEntry) -> Msg:
    """An entry of the timeline on one line, with its references."""
    text = said(entry)
    if isinstance(text, str) and entry.name is not None:
        text = _("{name}: {words}", name=entry.name, words=text)
    reference = f"L{entry.number}"
    if entry.ledger_seq is None:
        return _("{time} {text} [{reference}]", time=entry.at, text=text, reference=reference)
    return _(
        "{time} {text} [{reference}, ledger {seq}]",
        time=entry.at,
        text=text,
        reference=reference,
        seq=str(entry.ledger_seq),
    )


def listed(incidents: Sequence[Incident], here: int | None = None) -> Bullets:
    """Incidents, a line for each; `here` is the number of the one that the room is about."""
    lines = []
    for each in incidents:
        since = _("{state} since {time}", state=state(each.state), time=each.state_at)
        mark: tuple[Inline, ...] = (" · ", _("this room's")) if each.id == here else ()
        lines.append(Span((Bold(name(each)), " — ", since, *mark)))
    return Bullets(tuple(lines))


async def _command(uow: UnitOfWork, incident: Incident, now: datetime) -> Msg:
    held = await uow.organisation.held(incident.id, now, role=COMMANDER)
    names = tuple(
        _("{name} ({agency})", name=person.name, agency=position.agency)
        if position.agency
        else person.name
        for position, person in held
        if not position.deputy
    )
    if not names:
        return _("Nobody commands")
    if len(names) > 1:
        return _("Unified Command: {names}", names=names)
    return _("Incident Commander: {name}", name=names[0])


def _headline(incident: Incident) -> Inline:
    return Span((f"{SIGNS[State(incident.state)]} ", name(incident)))


def _between(parts: Sequence[Msg]) -> Span:
    made: list[Inline] = []
    for part in parts:
        made += [" · ", part] if made else [part]
    return Span(tuple(made))


def _steps(incident: Incident) -> tuple[Button, ...]:
    me = f"incident=I{incident.id}"
    steps = {
        State.DECLARED: (
            Button(_("Activate"), f"/incident activate {me}"),
            Button(_("Status"), f"/status {me}"),
            Button(_("Own rooms"), f"/incident room {me}"),
        ),
        State.ACTIVE: (
            Button(_("Contained"), f"/incident contain {me}"),
            Button(_("Status"), f"/status {me}"),
        ),
        State.CONTAINED: (
            Button(_("Close"), f"/incident close {me}"),
            Button(_("Status"), f"/status {me}"),
        ),
        State.CLOSED: (Button(_("Reopen"), f"/incident reopen {me}"),),
        State.MERGED: (),
    }
    return steps[State(incident.state)]
