"""A role on its way from one person to another: offered, then accepted, declined or expired.

Until it is accepted the one who holds it goes on. On acceptance one transaction ends the old
position and begins the new one at the same moment, so that whatever is interrupted there is one
holder at every instant, neither none nor two (ICS: transfer of command).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Handover, Incident, Person, Position
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.organisation import rules
from workflows.organisation.briefing import brief, stored
from workflows.organisation.chart import Seat
from workflows.organisation.positions import COMMANDER
from workflows.organisation.scene import Scene, agency_of, at, meant, new, scene
from workflows.text import Msg, _

EXPIRES = "role.offer"
"""The timer that ends an offer; its subject is the offer's id."""
TAKES_EFFECT = "role.effective"
"""The timer of an accepted offer that takes effect later."""

_OVER: Mapping[str, Msg] = {
    "accepted": _("was accepted already"),
    "declined": _("was declined"),
    "expired": _("has expired"),
    "withdrawn": _("was withdrawn"),
}


async def offer(
    uow: UnitOfWork,
    number: int,
    role: str,
    person: Person,
    *,
    label: str | None = None,
    effective: datetime | None = None,
    may_for_others: bool,
    admin: bool,
    by: By,
    now: datetime,
) -> tuple[Handover, Position]:
    """Offer a role to somebody, with a briefing; an earlier offer of it is withdrawn.

    Who holds it may; with `may_for_others` also that of somebody else, but of the command only an
    administrator. Raises `Refusal`.
    """
    incident = await to_act_in(uow, number)
    there = await scene(uow, incident, now)
    position, holder = _own(there, role, label, by) or meant(there, role, label, None, deputy=False)
    seat = at(position)
    if position.person_id != by.person_id and not (
        admin or (may_for_others and seat.role != COMMANDER)
    ):
        raise Refusal(
            "not-allowed",
            _("Only {name}, who holds it, can hand over: {title}.", name=holder.name,
              title=seat.title),
        )  # fmt: skip
    if position.until is not None:
        raise Refusal(
            "handover-under-way",
            _("{title} passes on at {time} already.", title=seat.title, time=position.until),
        )
    if person.id == position.person_id:
        raise Refusal(
            "handover-self", _("{name} is {title} already.", name=person.name, title=seat.title)
        )
    agency = await _agency(uow, incident, position, person)
    assert position.id is not None
    assert person.id is not None
    for older in await uow.handovers.of_position(position.id):
        older.state, older.answered_at = "withdrawn", now
        await uow.handovers.save(older)
        await uow.timers.drop(EXPIRES, str(older.id))
    lines = await brief(uow, incident, there, seat, position.person_id, now)
    made = await uow.handovers.add(
        incident_id=incident.id, position_id=position.id, role=seat.role, label=seat.label,
        agency=agency, from_id=position.person_id, to_id=person.id, briefing=stored(lines),
        offered_at=now, offered_by=by.person_id, expires_at=now + rules.OFFER_LIFE,
        effective_at=effective,
    )  # fmt: skip
    await uow.timers.set(EXPIRES, str(made.id), made.expires_at, {"incident": incident.id})
    await _recorded(
        uow, incident, made, "role.offered",
        _("{by} offered {name} the role: {title}", by=by.name, name=person.name,
          title=seat.title),
        by=by, now=now,
    )  # fmt: skip
    return made, position


def _own(there: Scene, role: str, label: str | None, by: By) -> tuple[Position, Person] | None:
    """The position of that role that who speaks holds, if it is only one."""
    mine = [
        (position, who)
        for position, who in there.held
        if position.role == role
        and not position.deputy
        and position.person_id == by.person_id
        and (label is None or position.label.casefold() == label.casefold())
    ]
    return mine[0] if len(mine) == 1 else None


async def accept(
    uow: UnitOfWork, number: int, offer_id: int | None, *, by: By, now: datetime
) -> Handover:
    """The role passes on, now or at the moment that was agreed. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    found = await _answered(uow, incident, offer_id, by, now)
    position = await uow.organisation.get(found.position_id)
    holder = await uow.people.person(found.from_id)
    person = await uow.people.person(found.to_id)
    assert position is not None
    assert holder is not None
    assert person is not None
    if position.until is not None:
        raise Refusal(
            "handover-over",
            _(
                "{name} does not hold {title} any more.",
                name=holder.name,
                title=seat_of(found).title,
            ),
        )
    agency = await _agency(uow, incident, position, person)
    effective = max(now, found.effective_at or now)
    await uow.organisation.end(position, effective, by.person_id)
    for mine in await uow.organisation.of_person(incident.id, found.to_id, now):
        if mine.deputy and at(mine) == at(position):
            await uow.organisation.end(mine, effective, by.person_id)
    held = await uow.organisation.assign(
        incident.id, found.role, found.to_id, effective,
        agency=agency, label=found.label, by=found.offered_by,
    )  # fmt: skip
    found.state, found.answered_at, found.effective_at = "accepted", now, effective
    found.agency = agency
    await uow.handovers.save(found)
    await uow.timers.drop(EXPIRES, str(found.id))
    if effective > now:
        await uow.timers.set(TAKES_EFFECT, str(found.id), effective)
    await _recorded(
        uow, incident, found, "role.accepted",
        _("{name} accepted: {title}", name=person.name, title=seat_of(found).title),
        by=by, now=now,
    )  # fmt: skip
    await record(
        uow, incident, "role.released",
        _("{name} hands over: {title}", name=holder.name, title=seat_of(found).title),
        by=by, now=now, at=effective, thing=f"position {position.id}",
        changes={"until": iso(effective)},
    )  # fmt: skip
    await record(
        uow, incident, "role.assigned",
        _("{name} takes over: {title}", name=person.name, title=seat_of(found).title),
        by=by, now=now, at=effective, thing=f"position {held.id}", changes=new(held),
    )  # fmt: skip
    return found


async def decline(
    uow: UnitOfWork, number: int, offer_id: int | None, reason: str | None, *, by: By, now: datetime
) -> Handover:
    """The role stays where it is. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    found = await _answered(uow, incident, offer_id, by, now)
    found.state, found.answered_at, found.reason = "declined", now, reason
    await uow.handovers.save(found)
    await uow.timers.drop(EXPIRES, str(found.id))
    await _recorded(
        uow, incident, found, "role.declined",
        _("{name} declined: {title}", name=by.name, title=seat_of(found).title),
        by=by, now=now,
    )  # fmt: skip
    return found


async def expire(
    uow: UnitOfWork, number: int, offer_id: int, *, now: datetime
) -> tuple[Incident, Handover] | None:
    """End an offer that nobody answered; None if it was answered after all."""
    # The incident first, as whoever accepts does it: neither waits for the other for ever.
    incident = await uow.incidents.locked(number)
    found = await uow.handovers.get(offer_id)
    if incident is None or found is None or found.state != "offered":
        return None
    found.state, found.answered_at = "expired", now
    await uow.handovers.save(found)
    await _recorded(
        uow, incident, found, "role.expired",
        _("The offer of a role was not answered in time: {title}", title=seat_of(found).title),
        by=By(None, None, "Lianzhi"), now=now,
    )  # fmt: skip
    return incident, found


def seat_of(found: Handover) -> Seat:
    """The seat that passes on."""
    return Seat(found.role, found.label)


async def _answered(
    uow: UnitOfWork, incident: Incident, offer_id: int | None, by: By, now: datetime
) -> Handover:
    """The offer that somebody answers, if it can be answered and by him. Raises `Refusal`."""
    if offer_id is None:
        waiting = [
            each for each in await uow.handovers.offered(incident.id) if each.to_id == by.person_id
        ]
        if not waiting:
            raise Refusal("handover-none", _("No role is offered to you here."))
        if len(waiting) > 1:
            offers = tuple(
                _("{reference} {title}", reference=f"H{each.id}", title=seat_of(each).title)
                for each in waiting
            )
            raise Refusal(
                "handover-which",
                _(
                    "Several roles are offered to you: {offers}. Name one, as in {example}.",
                    offers=offers,
                    example=f"H{waiting[0].id}",
                ),
            )
        offer_id = waiting[0].id
    assert offer_id is not None
    found = await uow.handovers.get(offer_id)
    if found is None or found.incident_id != incident.id:
        raise Refusal(
            "handover-unknown", _("There is no offer {reference}.", reference=f"H{offer_id}")
        )
    if found.to_id != by.person_id:
        other = await uow.people.person(found.to_id)
        raise Refusal(
            "handover-other",
            _("This role is offered to {name}, who alone can answer.",
              name=other.name if other is not None else "?"),
        )  # fmt: skip
    if found.state == "offered" and now < found.expires_at:
        return found
    state = "expired" if found.state == "offered" else found.state
    holder = await uow.people.person(found.from_id)
    when = found.expires_at if state == "expired" else found.answered_at or found.expires_at
    text = _("This offer {what} at {time}; nothing changes now.", what=_OVER[state], time=when)
    if state != "accepted" and holder is not None:
        text = _("{text} {name} can offer the role again: /role handover.", text=text,
                 name=holder.name)  # fmt: skip
    raise Refusal(f"handover-{state}", text)


async def _agency(uow: UnitOfWork, incident: Incident, position: Position, person: Person) -> str:
    """For which agency the role is held from then on: of a member of the unified command that
    same agency, else the one for which the incoming person speaks."""
    unified = await uow.handovers.unified(incident.id)
    if position.role == COMMANDER and unified:
        return await agency_of(uow, person, position.agency)
    return await agency_of(uow, person, None)


async def _recorded(
    uow: UnitOfWork, incident: Incident, found: Handover, code: str, text: Msg, *, by: By,
    now: datetime,
) -> None:  # fmt: skip
    await record(
        uow, incident, code, text, by=by, now=now, thing=f"handover {found.id}",
        changes={
            "position_id": found.position_id,
            "from_id": found.from_id,
            "to_id": found.to_id,
            "state": found.state,
            "expires_at": iso(found.expires_at),
            "effective_at": iso(found.effective_at),
        },
        params={"reason": found.reason},
    )  # fmt: skip
