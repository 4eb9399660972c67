"""Alerts: what everybody has to know at once, and who has taken note of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Alert, AlertReceipt, Incident
from workflows.errors import Refusal
from workflows.incidents import rules
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.orders.conflicts import Target
from workflows.orders.recipients import To, behind, called, deputies
from workflows.organisation.positions import ROLES
from workflows.organisation.scene import scene
from workflows.organisation.service import answers_for
from workflows.text import Json, Msg, _

LONGEST = 1000
"""Characters of an alert: it is read at a glance."""

PATIENCE = timedelta(minutes=5)
"""After this who has not taken note is named to everybody, once."""

UNANSWERED = "alert.unanswered"
"""Kind of the timer; its subject is the alert's row."""


@dataclass(frozen=True, slots=True)
class Told:
    """Those whom an alert asks to take note, and whom it goes to instead of an empty seat."""

    people: tuple[int, ...]
    instead: tuple[Msg, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """Who has taken note of an alert, and the names of those who were asked and have not."""

    receipts: tuple[AlertReceipt, ...]
    missing: tuple[str, ...]


async def sound(
    uow: UnitOfWork,
    number: int,
    typed: str,
    *,
    level: str | None,
    to: Sequence[To] = (),
    by: By,
    now: datetime,
) -> tuple[Alert, Told]:
    """Warn everybody in the incident; those behind `to`, else whoever has a role or is checked in,
    are asked to acknowledge it. Raises `Refusal`."""
    text = words(typed)
    incident = await to_act_in(uow, number)
    told = await concerned(uow, incident, to, now)
    alert = await uow.alerts.add(
        incident_id=incident.id,
        number=await uow.incidents.next_number(incident.id, "W"),
        text=text,
        level=level,
        recipients=[str(each) for each in to],
        told=[each for each in told.people if each != by.person_id],
        made_at=now,
        made_by=by.person_id,
    )
    await record(
        uow,
        incident,
        "alert.sent",
        _(
            "{name} sent alert {reference} to {recipients}: {words}",
            name=by.name,
            reference=f"W{alert.number}",
            recipients=await names(uow, alert),
            words=text,
        )
        if to
        else _(
            "{name} sent alert {reference}: {words}",
            name=by.name,
            reference=f"W{alert.number}",
            words=text,
        ),
        by=by,
        now=now,
        thing=f"W{alert.number}",
        changes=fields(alert),
    )
    if alert.told:
        await uow.timers.set(UNANSWERED, str(alert.id), now + PATIENCE)
    return alert, told


def fields(alert: Alert) -> dict[str, Json]:
    """The fields of an alert as the ledger keeps them."""
    return {
        "text": alert.text,
        "level": alert.level,
        "recipients": list(alert.recipients),
        "told": list(alert.told),
        "made_at": iso(alert.made_at),
        "made_by": alert.made_by,
    }


async def acknowledge(
    uow: UnitOfWork, incident: Incident, number: int, *, by: By, now: datetime
) -> tuple[Alert, bool]:
    """Somebody takes note; False if they had before. Raises `Refusal`."""
    assert by.person_id is not None
    await uow.incidents.locked(incident.id)
    alert = await known(uow, incident, number)
    assert alert.id is not None
    new = await uow.alerts.note(alert.id, by.person_id, name=by.name, agency=by.agency, now=now)
    if new:
        await record(
            uow,
            incident,
            "alert.acknowledged",
            _("{name} acknowledged alert {reference}", name=by.name, reference=f"W{number}"),
            by=by,
            now=now,
            thing=f"W{number}",
            changes={f"acknowledged by {by.person_id}": iso(now)},
        )
    return alert, new


async def known(uow: UnitOfWork, incident: Incident, number: int) -> Alert:
    """The alert of that number. Raises `Refusal` (`alert-unknown`)."""
    found = await uow.alerts.get(incident.id, number)
    if found is None:
        raise Refusal(
            "alert-unknown",
            _(
                "There is no alert {reference}. /alert shows those there are.",
                reference=f"I{incident.id}-W{number}",
            ),
        )
    return found


async def noted(uow: UnitOfWork, alert: Alert) -> Noted:
    """Who has taken note and who has not."""
    assert alert.id is not None
    receipts = tuple(await uow.alerts.receipts(alert.id))
    done = {each.person_id for each in receipts}
    missing = []
    for person_id in alert.told:
        person = None if person_id in done else await uow.people.person(person_id)
        if person is not None:
            missing.append(person.name)
    return Noted(receipts, tuple(missing))


async def concerned(uow: UnitOfWork, incident: Incident, to: Iterable[To], now: datetime) -> Told:
    """Who is asked to take note of an alert to these; of one to nobody in particular everybody who
    is there.

    Of a role its holders and deputies, or whoever answers for it; of an agency its people who are
    there, or else whoever answers for it.
    """
    there = await present(uow, incident, now)
    wanted = tuple(to)
    found = {} if wanted else dict.fromkeys(there)
    for each in wanted:
        if each.target is Target.AGENCY:
            mine = [person for person, agency in there.items() if agency == each.key]
            found |= dict.fromkeys(mine)
            if mine:
                continue
        found |= dict.fromkeys((await behind(uow, incident, each, now)).ids)
        if each.target is Target.ROLE:
            found |= dict.fromkeys(await deputies(uow, incident, each, now))
    return Told(tuple(found), await unheld(uow, incident, wanted, now))


async def unheld(
    uow: UnitOfWork, incident: Incident, to: Iterable[To], now: datetime
) -> tuple[Msg, ...]:
    """Of the roles among the recipients that nobody holds: to whom it goes instead."""
    seats = [each.seat for each in to if each.target is Target.ROLE and each.seat.role in ROLES]
    if not seats:
        return ()
    organised = await scene(uow, incident, now)
    found: list[Msg] = []
    for seat in seats:
        if organised.responsible(seat) is None:
            found.append(_("Nobody holds {title}, and nobody commands.", title=seat.title))
        elif (other := answers_for(organised, seat)) is not None:
            found.append(other)
    return tuple(found)


async def names(uow: UnitOfWork, alert: Alert) -> tuple[Msg | str, ...]:
    """What those are called whom an alert concerns."""
    return tuple([await called(uow, To.read(each)) for each in alert.recipients])


async def present(uow: UnitOfWork, incident: Incident, now: datetime) -> dict[int, str]:
    """Who holds a role, then who is checked in, each with the agency for which."""
    found: dict[int, str] = {}
    for position, person in await uow.organisation.held(incident.id, now):
        found.setdefault(position.person_id, position.agency or person.agency or "")
    for row in await uow.roster.all(incident.id):
        if row.person_id is not None:
            found.setdefault(row.person_id, row.agency or "")
    return found


def words(typed: str) -> str:
    """What an alert says. Raises `Refusal` (`alert-words`)."""
    lines = [rules.one_line(line) for line in typed.strip().splitlines()]
    shown = "\n".join(line for line in lines if line)
    if not any(sign.isalnum() for sign in shown):
        raise Refusal("alert-words", _empty())
    if len(shown) > LONGEST:
        raise Refusal(
            "alert-words",
            _(
                "An alert has at most {limit} characters; yours has {length}. Say what to do "
                "first.",
                limit=LONGEST,
                length=len(shown),
            ),
        )
    return shown


def _empty() -> Msg:
    return _("An alert needs words: what threatens, and what everybody is to do.")
