"""A period as people see it: its card, what it took over, what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from handlers.cards import objective as objectives
from handlers.cards.meeting import line as meeting_line
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
from storage.tables import Incident, Meeting, Period
from workflows.incidents.scene import rooms_of
from workflows.periods import tiers
from workflows.periods.rules import STATES, Held, State
from workflows.text import Msg, _

SIGNS: Mapping[State, str] = {
    State.PLANNED: "🕗",
    State.RUNNING: "▶️",
    State.ENDED: "⏹️",
    State.CANCELLED: "✖️",
}

CARRIED: Mapping[str, tuple[str, Msg]] = {
    "objectives": ("🎯", _("objectives")),
    "orders": ("📋", _("orders")),
    "requests": ("📦", _("requests")),
}
"""By the name under which a period keeps what was still open."""

NAMED = 12
"""Of each kind that was taken over; the rest is counted."""


async def card(uow: UnitOfWork, incident: Incident, period: Period) -> Document:
    """The card of a period, with what comes after it and the usual next steps."""
    blocks: list[Block] = [Heading(headline(period)), Para(when(period))]
    tier = await tiers.current(uow, incident.id)
    blocks.append(Para(_("Tier: {tier}", tier=objectives.TIERS[tier])))
    if taken := things(period.carried):
        blocks += [Para(Bold(_("Taken over, still open:"))), Bullets(taken)]
    ahead = period
    if period.state == State.RUNNING:
        planned = await uow.periods.planned(incident.id)
        if planned is not None:
            blocks.append(Para(_("Then {reference}: {when}", reference=f"P{planned.number}",
                                 when=when(planned))))  # fmt: skip
            ahead = planned
    meetings = await coming(uow, ahead)
    if meetings:
        blocks.append(Para(Bold(_("Meetings before {reference}:", reference=f"P{ahead.number}"))))
        blocks.append(Bullets(tuple(meeting_line(each) for each in meetings)))
    return Document(
        tuple(blocks),
        steps(incident, period),
        card=Thing(incident.id, "P", period.number),
    )


async def refresh(uow: UnitOfWork, actions: Actions, incident: Incident, period: Period) -> None:
    """Bring the card up to date in every room that hears of the incident."""
    rooms = await rooms_of(uow, incident.id)
    await actions.show(uow, rooms, await card(uow, incident, period))


async def coming(uow: UnitOfWork, period: Period) -> list[Meeting]:
    """The meetings before a period that are still to be held, earliest first."""
    assert period.id is not None
    return [each for each in await uow.periods.meetings_of(period.id) if each.state == Held.PLANNED]


def headline(period: Period) -> Inline:
    """Number and state."""
    state = State(period.state)
    return Span(
        (
            f"{SIGNS[state]} ",
            _("Operational period {reference} · {state}", reference=f"P{period.number}",
              state=STATES[state]),
        )
    )  # fmt: skip


def when(period: Period) -> Msg:
    """From when until when, and how long that is; where clocks change, by the clocks too."""
    ends = period.ended_at or period.ends_at
    real = ends - period.starts_at
    text = _("{starts} – {ends}, {length}", starts=period.starts_at, ends=ends, length=_hours(real))
    if period.ended_at is None and real != timedelta(minutes=period.minutes):
        return _("{when} (clocks change in it)", when=text)
    return text


def _hours(real: timedelta) -> Msg | timedelta:
    hours, rest = divmod(round(real / timedelta(minutes=1)), 60)
    return timedelta(minutes=rest) if not hours else (
        _("{hours} h", hours=hours) if not rest else _("{hours} h {minutes} min", hours=hours,
                                                       minutes=rest)
    )  # fmt: skip


def things(open_: Mapping[str, Any]) -> tuple[Inline, ...]:
    """What is still open (`Period.carried`), a line for each kind."""
    lines: list[Inline] = []
    for kind, (sign, name) in CARRIED.items():
        named = [str(each) for each in open_.get(kind, [])]
        if not named:
            continue
        shown = tuple(named[:NAMED])
        text = _("{kind}: {things}", kind=name, things=shown)
        if len(named) > NAMED:
            text = _("{text} and {n} more", text=text, n=len(named) - NAMED)
        lines.append(Span((f"{sign} ", text)))
    return tuple(lines)


def steps(incident: Incident, period: Period) -> tuple[Button, ...]:
    """What is usually done next."""
    which = f"incident=I{incident.id}"
    if period.state == State.RUNNING:
        return (
            Button(_("Meetings"), f"/meeting list {which}"),
            Button(_("Next period"), f"/period next {which}"),
            Button(_("Objectives against time"), f"/period compare {which}"),
            Button(_("Calendar"), f"/meeting calendar {which}"),
        )
    if period.state == State.PLANNED:
        return (
            Button(_("Meetings"), f"/meeting list {which}"),
            Button(_("Begin now"), f"/period next now {which}"),
        )
    return (Button(_("New period"), f"/period start {which}"),)


async def listed(uow: UnitOfWork, incident: Incident, now: datetime) -> Document:
    """Every period of an incident on a line."""
    known = await uow.periods.all(incident.id)
    lines = tuple(
        Span(
            (
                f"{SIGNS[State(each.state)]} ",
                Bold(f"P{each.number}"),
                " ",
                when(each),
                " · ",
                STATES[State(each.state)],
            )
        )
        for each in known
    )
    return Document((Heading(_("Operational periods:")), Bullets(lines)))
