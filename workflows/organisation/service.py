"""Filling and emptying positions, setting up parts of the organisation and taking them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, OrgUnit, Person, Position
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.organisation import rules
from workflows.organisation.chart import Seat
from workflows.organisation.positions import CHIEFS, COMMANDER, within
from workflows.organisation.scene import Scene, agency_of, at, meant, named, new, scene
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Organiser:
    """With which authority somebody organises: over everything, or within some sections."""

    everything: bool
    sections: frozenset[str] = frozenset()

    def require(self, role: str) -> None:
        """Raise `Refusal` (`not-allowed`) if that position is not theirs to fill."""
        if self.everything or any(within(role, chief) for chief in self.sections & CHIEFS):
            return
        raise Refusal(
            "not-allowed",
            _("{title} is not in your section. Ask the commander.", title=Seat(role).title),
        )


async def assign(
    uow: UnitOfWork,
    number: int,
    role: str,
    person: Person,
    *,
    label: str | None = None,
    deputy: bool = False,
    agency: str | None = None,
    organiser: Organiser,
    by: By,
    now: datetime,
) -> Position:
    """Somebody holds a role, or is a deputy in it, from now on. Raises `Refusal`."""
    organiser.require(role)
    incident = await to_act_in(uow, number)
    there = await scene(uow, incident, now)
    if role == "agency-rep" and label is None:
        label = await agency_of(uow, person, agency)
        seat = Seat(role, label[: rules.LONGEST_LABEL])
    else:
        seat = rules.seat(role, label, there.seats)
    short = await agency_of(uow, person, agency)
    _room_for(there, seat, person, deputy=deputy)
    assert person.id is not None
    if seat.role != COMMANDER and there.unit(seat) is None:
        await _open(uow, incident, seat, None, by=by, now=now)
    held = await uow.organisation.assign(
        incident.id, seat.role, person.id, now,
        agency=short, label=seat.label, deputy=deputy, by=by.person_id,
    )  # fmt: skip
    text = (
        _("{by} made {name} deputy: {title}", by=by.name, name=person.name, title=seat.title)
        if deputy
        else _("{by} assigned {name}: {title}", by=by.name, name=person.name, title=seat.title)
    )
    await record(
        uow, incident, "role.assigned", text,
        by=by, now=now, thing=f"position {held.id}", changes=new(held),
    )  # fmt: skip
    return held


def _room_for(there: Scene, seat: Seat, person: Person, *, deputy: bool) -> None:
    holders = there.holders(seat)
    if any(who.id == person.id for _position, who in there.holders(seat, deputy=deputy)):
        raise Refusal(
            "role-held",
            _("{name} is {title} already.", name=person.name, title=seat.title)
            if not deputy
            else _("{name} is a deputy there already: {title}.", name=person.name,
                   title=seat.title),
        )  # fmt: skip
    if deputy and any(who.id == person.id for _position, who in holders):
        raise Refusal(
            "role-own-deputy",
            _("{name} is {title} and cannot be deputy too.", name=person.name, title=seat.title),
        )
    if not deputy and seat.role == COMMANDER:
        raise Refusal(
            "role-command",
            _(
                "Command passes by a hand-over that the other accepts: /role handover commander "
                "@person."
            ),
        )
    if not deputy and holders:
        raise Refusal(
            "role-taken",
            _(
                "{title} is held by {names}. /role handover passes it on, /role release frees it.",
                title=seat.title,
                names=named(holders),
            ),
        )


async def release(
    uow: UnitOfWork,
    number: int,
    role: str,
    person: Person | None,
    *,
    label: str | None = None,
    deputy: bool | None = None,
    organiser: Organiser,
    by: By,
    now: datetime,
) -> tuple[Position, Person]:
    """Somebody holds a role, or is a deputy in it, no longer; what was held. Offers of it are
    withdrawn. Where `deputy` is not said, the holder is meant rather than a deputy.

    Who holds it may always lay it down. Raises `Refusal`.
    """
    incident = await to_act_in(uow, number)
    there = await scene(uow, incident, now)
    position, who = meant(there, role, label, person, deputy=deputy)
    if position.role == COMMANDER and not position.deputy:
        raise Refusal(
            "role-command",
            _(
                "An incident is never without a commander. Hand the command over: /role handover "
                "commander @person."
            ),
        )
    if position.person_id != by.person_id:
        organiser.require(role)
    await end(uow, incident, position, who, by=by, now=now)
    return position, who


async def end(
    uow: UnitOfWork,
    incident: Incident,
    position: Position,
    who: Person,
    *,
    by: By,
    now: datetime,
) -> None:
    """A position ends now, and with it what was offered of it. Raises `Refusal`."""
    assert position.id is not None
    if position.until is not None:
        raise Refusal(
            "handover-under-way",
            _("{title} passes on at {time} already.", title=at(position).title,
              time=position.until),
        )  # fmt: skip
    await uow.organisation.end(position, now, by.person_id)
    for offer in await uow.handovers.of_position(position.id):
        offer.state, offer.answered_at = "withdrawn", now
        await uow.handovers.save(offer)
    await record(
        uow, incident, "role.released",
        _("{by} released {name}: {title}", by=by.name, name=who.name, title=at(position).title),
        by=by, now=now, thing=f"position {position.id}", changes={"until": iso(now)},
    )  # fmt: skip


async def expand(
    uow: UnitOfWork,
    number: int,
    role: str,
    *,
    label: str | None = None,
    under: Seat | None = None,
    organiser: Organiser,
    by: By,
    now: datetime,
) -> Seat:
    """Set up a part of the organisation; nobody needs to hold it yet. Raises `Refusal`."""
    organiser.require(role)
    incident = await to_act_in(uow, number)
    there = await scene(uow, incident, now)
    seat = rules.new_seat(role, label, there.seats)
    await _open(uow, incident, seat, _parent(there, seat, under), by=by, now=now)
    return seat


def _parent(there: Scene, seat: Seat, under: Seat | None) -> int | None:
    if under is None:
        return None
    head = rules.seat(under.role, under.label or None, there.seats)
    unit = there.unit(head)
    if unit is None:
        raise Refusal(
            "org-no-parent",
            _("{title} is not set up. First: /org expand.", title=head.title),
        )
    if head.kind.section is not seat.kind.section:
        raise Refusal(
            "org-section",
            _("{title} cannot stand under {other}: they are of different sections.",
              title=seat.title, other=head.title),
        )  # fmt: skip
    return unit.id


async def _open(
    uow: UnitOfWork, incident: Incident, seat: Seat, parent: int | None, *, by: By, now: datetime
) -> OrgUnit:
    unit = await uow.organisation.open_unit(
        incident.id, seat.role, seat.label, now, parent_id=parent, by=by.person_id
    )
    await record(
        uow, incident, "org.expanded", _("{by} set up {title}", by=by.name, title=seat.title),
        by=by, now=now, thing=f"unit {unit.id}",
        changes={"role": seat.role, "label": seat.label, "parent_id": parent,
                 "opened_at": iso(now), "closed_at": None},
    )  # fmt: skip
    return unit


async def collapse(
    uow: UnitOfWork,
    number: int,
    role: str,
    *,
    label: str | None = None,
    organiser: Organiser,
    by: By,
    now: datetime,
) -> tuple[Seat, tuple[tuple[Position, Person], ...]]:
    """Take a part back: what it did stays with the position above. Who held it is released.

    Raises `Refusal` (`org-not-there`, `org-not-empty`).
    """
    organiser.require(role)
    incident = await to_act_in(uow, number)
    there = await scene(uow, incident, now)
    seat = rules.seat(role, label, there.seats)
    path = there.root.path(seat)
    if not path or role == COMMANDER:
        raise Refusal(
            "org-not-there", _("{title} is not set up. /org shows what is.", title=seat.title)
        )
    if below := path[-1].below:
        raise Refusal(
            "org-not-empty",
            _(
                "{title} still has parts: {seats}. Collapse those first.",
                title=seat.title,
                seats=tuple(each.seat.title for each in below),
            ),
        )
    gone = (*there.holders(seat), *there.holders(seat, deputy=True))
    for position, who in gone:
        await end(uow, incident, position, who, by=by, now=now)
    unit = there.unit(seat)
    if unit is not None:
        await uow.organisation.close_unit(unit, now, by.person_id)
        await record(
            uow, incident, "org.collapsed",
            _("{by} took back {title}", by=by.name, title=seat.title),
            by=by, now=now, thing=f"unit {unit.id}", changes={"closed_at": iso(now)},
        )  # fmt: skip
    return seat, gone


async def split(
    uow: UnitOfWork,
    number: int,
    role: str,
    *,
    label: str | None = None,
    organiser: Organiser,
    by: By,
    now: datetime,
) -> tuple[rules.Split, ...]:
    """Share out what somebody leads too many of, as `rules.spans` proposes it. Raises `Refusal`."""
    if role not in organiser.sections & CHIEFS:
        organiser.require(role)
    incident = await to_act_in(uow, number)
    there = await scene(uow, incident, now)
    seat = rules.seat(role, label, there.seats)
    span = next((each for each in rules.spans(there.root) if each.seat == seat), None)
    if span is None or not span.splits:
        raise Refusal(
            "org-no-split", _("{title} has nothing to be shared out.", title=seat.title)
        )  # fmt: skip
    for each in span.splits:
        unit = there.unit(seat)
        head = await _open(
            uow, incident, each.head, None if unit is None else unit.id, by=by, now=now
        )
        for moved in each.seats:
            part = there.unit(moved)
            if part is None:
                continue
            await uow.organisation.put_under(part, head.id)
            await record(
                uow, incident, "org.moved",
                _("{by} put {title} under {other}", by=by.name, title=moved.title,
                  other=each.head.title),
                by=by, now=now, thing=f"unit {part.id}", changes={"parent_id": head.id},
            )  # fmt: skip
    return span.splits


def answers_for(there: Scene, seat: Seat) -> Msg | None:
    """Who answers for a seat that nobody holds."""
    head = there.responsible(seat)
    if head is None or head.seat == seat:
        return None
    return _(
        "Nobody holds {title}; {other} answers for it: {names}.",
        title=seat.title,
        other=head.seat.title,
        names=named(there.holders(head.seat)),
    )
