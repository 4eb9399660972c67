"""Agencies: who takes part, who belongs to whom, who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Agency, Membership, Person
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.rules import one_line
from workflows.organisation.chart import Seat
from workflows.text import Msg, _

LONGEST_NAME = 60
LONGEST_SHORT = 12
"""The short name stands before each message of its people."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked to join; `approved` at once if who asked could have agreed himself."""

    agency: Agency
    approved: bool
    switched: bool = False
    """The person was in it already and speaks for it from now on."""


async def found(uow: UnitOfWork, name: str, short: str | None, *, by: By, now: datetime) -> Agency:
    """A new agency. Raises `Refusal`."""
    name = _name(name, LONGEST_NAME)
    short = _name(short if short is not None else name, LONGEST_SHORT)
    for each in (name, short):
        if await uow.agencies.named(each) is not None:
            raise Refusal(
                "agency-exists",
                _("There is an agency called “{name}” already. /agency list shows all.", name=each),
            )
    made = await uow.agencies.add(name, short, now, liaison_id=None, by=by.account or "")
    await uow.ledger.append(
        "agency.made", now, actor=by.account, room=by.room, name=name, short=short
    )
    return made


async def named(uow: UnitOfWork, name: str) -> Agency:
    """The agency of that name or short name. Raises `Refusal`."""
    known = await uow.agencies.named(one_line(name))
    if known is None:
        shorts = tuple(each.short for each in await uow.agencies.all())
        raise Refusal(
            "agency-unknown",
            _(
                "There is no agency “{name}”. There are: {names}.",
                name=one_line(name)[:60],
                names=shorts,
            )
            if shorts
            else _("There is no agency yet. An administrator makes one with /agency new NAME."),
        )
    return known


async def join(uow: UnitOfWork, agency: Agency, *, by: By, admin: bool, now: datetime) -> Asked:
    """Ask to belong to an agency, or speak for it if one does. Raises `Refusal`."""
    assert agency.id is not None
    assert by.person_id is not None
    known = await uow.agencies.membership(by.person_id, agency.id)
    if known is not None and known.state == "approved":
        await uow.agencies.speak_for(by.person_id, agency.short)
        return Asked(agency, approved=True, switched=True)
    if known is not None and known.state == "pending":
        raise Refusal(
            "agency-pending",
            _(
                "You have asked {agency} already. Its liaison officer or an administrator has to "
                "agree.",
                agency=agency.name,
            ),
        )
    await uow.agencies.ask(by.person_id, agency.id, now, by.room)
    await uow.ledger.append(
        "agency.asked",
        now,
        actor=by.account,
        room=by.room,
        agency=agency.short,
        person=by.person_id,
    )
    if admin or agency.liaison_id == by.person_id:
        await decide(uow, agency, by.person_id, agreed=True, by=by, now=now)
        return Asked(agency, approved=True)
    return Asked(agency, approved=False)


async def require_liaison(uow: UnitOfWork, agency: Agency, *, by: By, admin: bool) -> None:
    """Raise `Refusal` (`not-allowed`) with whom to ask, unless who acts answers for the agency."""
    if admin or (agency.liaison_id is not None and agency.liaison_id == by.person_id):
        return
    officer = None if agency.liaison_id is None else await uow.people.person(agency.liaison_id)
    raise Refusal(
        "not-allowed",
        _(
            "{agency} has no Liaison Officer yet: only an administrator may do this.",
            agency=agency.name,
        )
        if officer is None
        else _(
            "Only the Liaison Officer of {agency}, {name}, or an administrator may do this.",
            agency=agency.name,
            name=officer.name,
        ),
    )


async def waiting(
    uow: UnitOfWork, person: Person, agency: Agency | None, *, by: By, admin: bool
) -> Agency:
    """The agency that waits for that person to be let in, of those for which who acts answers:
    nobody else learns what somebody has asked. Raises `Refusal`."""
    assert person.id is not None
    if agency is not None:
        await require_liaison(uow, agency, by=by, admin=admin)
    pending = await uow.agencies.pending(person.id)
    if agency is None and not admin:
        led = await uow.agencies.led_by(by.person_id) if by.person_id is not None else ()
        if not led:
            raise Refusal(
                "not-allowed",
                _(
                    "Only the Liaison Officer of an agency or an administrator may do this. "
                    "With agency=NAME you learn who that is."
                ),
            )
        mine = {each.id for each in led}
        pending = [each for each in pending if each.id in mine]
    if agency is not None:
        assert agency.id is not None
        if all(each.id != agency.id for each in pending):
            known = await uow.agencies.membership(person.id, agency.id)
            raise await _over(uow, person, agency, known)
        return agency
    if not pending:
        raise Refusal(
            "agency-not-asked",
            _("{name} has not asked to join, or has been answered.", name=person.name),
        )
    if len(pending) > 1:
        raise Refusal(
            "agency-which",
            _(
                "{name} has asked several agencies: {names}. Say which with agency=.",
                name=person.name,
                names=tuple(each.short for each in pending),
            ),
        )
    return pending[0]


async def _over(
    uow: UnitOfWork, person: Person, agency: Agency, known: Membership | None
) -> Refusal:
    """Why nothing waits for an answer: nobody asked, it was taken back, or who was faster."""
    if known is None:
        text = _("{name} has not asked to belong to {agency}.", name=person.name,
                 agency=agency.name)  # fmt: skip
        return Refusal("agency-not-asked", text)
    if known.state == "left" or known.decided_at is None:
        text = _("{name} has taken the request back, or left {agency}.", name=person.name,
                 agency=agency.name)  # fmt: skip
        return Refusal("agency-withdrawn", text)
    decider = None if known.decided_by is None else await uow.people.person(known.decided_by)
    by = "?" if decider is None else decider.name
    text = (
        _("{name} belongs to {agency} already: {by} agreed, {time}.", name=person.name,
          agency=agency.name, by=by, time=known.decided_at)
        if known.state == "approved"
        else _("{name} was not let into {agency}: {by} refused, {time}.", name=person.name,
               agency=agency.name, by=by, time=known.decided_at)
    )  # fmt: skip
    return Refusal("agency-decided", text)


async def decide(
    uow: UnitOfWork, agency: Agency, person_id: int, *, agreed: bool, by: By, now: datetime
) -> None:
    """Let a person into an agency or not. Raises `Refusal` if somebody was faster."""
    assert agency.id is not None
    known = await uow.agencies.membership(person_id, agency.id)
    person = await uow.people.person(person_id)
    assert person is not None
    if known is None or known.state != "pending":
        raise await _over(uow, person, agency, known)
    await _settle(uow, known, "approved" if agreed else "refused", by, now)
    if agreed and person.agency is None:
        await uow.agencies.speak_for(person_id, agency.short)
    await uow.ledger.append(
        "agency.approved" if agreed else "agency.refused",
        now,
        actor=by.account,
        room=by.room,
        agency=agency.short,
        person=person_id,
    )


async def leave(uow: UnitOfWork, agency: Agency, *, by: By, now: datetime) -> bool:
    """Belong to it no longer, or take back the request to: then False. Raises `Refusal`."""
    assert agency.id is not None
    assert by.person_id is not None
    known = await uow.agencies.membership(by.person_id, agency.id)
    if known is None or known.state not in ("approved", "pending"):
        raise Refusal("agency-not-in", _("You do not belong to {agency}.", agency=agency.name))
    if agency.liaison_id == by.person_id:
        raise Refusal(
            "agency-liaison-leaves",
            _(
                "You are the Liaison Officer of {agency}. Name another first: /agency liaison "
                "@person.",
                agency=agency.name,
            ),
        )
    belonged = known.state == "approved"
    await _settle(uow, known, "left", by, now)
    person = await uow.people.person(by.person_id)
    if person is not None and person.agency == agency.short:
        left = await uow.agencies.of_person(by.person_id)
        await uow.agencies.speak_for(by.person_id, left[0].short if left else None)
    await uow.ledger.append(
        "agency.left",
        now,
        actor=by.account,
        room=by.room,
        agency=agency.short,
        person=by.person_id,
    )
    return belonged


async def still_held(
    uow: UnitOfWork, agency: Agency, person_id: int, now: datetime
) -> list[tuple[str, Msg]]:
    """What somebody holds for an agency in incidents that are open: reference and title."""
    found = []
    for incident in await uow.incidents.open():
        for held in await uow.organisation.of_person(incident.id, person_id, now):
            if held.agency == agency.short:
                title = Seat(held.role, held.label).title
                found.append(
                    (f"I{incident.id}", _("{title}, deputy", title=title) if held.deputy else title)
                )
    return found


async def appoint(
    uow: UnitOfWork, agency: Agency, person: Person, *, by: By, admin: bool, now: datetime
) -> None:
    """Make somebody the liaison officer, and one of its people. Raises `Refusal`."""
    assert agency.id is not None
    assert person.id is not None
    await require_liaison(uow, agency, by=by, admin=admin)
    known = await uow.agencies.membership(person.id, agency.id)
    if known is None or known.state != "approved":
        known = await uow.agencies.ask(person.id, agency.id, now, by.room)
        await decide(uow, agency, person.id, agreed=True, by=by, now=now)
    agency.liaison_id = person.id
    await uow.incidents.save(agency)
    await uow.ledger.append(
        "agency.liaison",
        now,
        actor=by.account,
        room=by.room,
        agency=agency.short,
        person=person.id,
    )


async def _settle(uow: UnitOfWork, known: Membership, state: str, by: By, now: datetime) -> None:
    known.state, known.decided_at, known.decided_by = state, now, by.person_id
    await uow.incidents.save(known)


def _name(typed: str, limit: int) -> str:
    name = one_line(typed)
    if not any(sign.isalnum() for sign in name) or len(name) > limit:
        raise Refusal(
            "agency-name",
            _(
                "“{name}” cannot be used: a name has words and at most {limit} characters. Give a "
                "short one with short=.",
                name=name[:60],
                limit=limit,
            ),
        )
    return name
