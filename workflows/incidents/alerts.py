"""Alerts: what everybody has to know at once, and who has taken note of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Alert, AlertReceipt, Incident
from workflows.errors import Refusal
from workflows.incidents import rules
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.text import Msg, _

LONGEST = 1000
"""Characters of an alert: it is read at a glance."""

PATIENCE = timedelta(minutes=5)
"""After this who has not taken note is named to everybody, once."""

UNANSWERED = "alert.unanswered"
"""Kind of the timer; its subject is the alert's row."""


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
    agencies: Sequence[str],
    by: By,
    now: datetime,
) -> Alert:
    """Warn everybody in the incident; those with a role and those who are checked in, of these
    agencies if any are named, are asked to acknowledge it. Raises `Refusal`."""
    text = words(typed)
    incident = await to_act_in(uow, number)
    told = await people(uow, incident, agencies, now)
    alert = await uow.alerts.add(
        incident_id=incident.id,
        number=await uow.incidents.next_number(incident.id, "W"),
        text=text,
        level=level,
        agencies=list(agencies),
        told=[each for each in told if each != by.person_id],
        made_at=now,
        made_by=by.person_id,
    )
    await record(
        uow,
        incident,
        "alert.sent",
        _(
            "{name} sent alert {reference}: {words}",
            name=by.name,
            reference=f"W{alert.number}",
            words=text,
        ),
        by=by,
        now=now,
        thing=f"W{alert.number}",
        changes={
            "text": text,
            "level": level,
            "agencies": list(agencies),
            "told": list(alert.told),
            "made_at": iso(now),
            "made_by": by.person_id,
        },
    )
    if alert.told:
        await uow.timers.set(UNANSWERED, str(alert.id), now + PATIENCE)
    return alert


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


async def people(
    uow: UnitOfWork, incident: Incident, agencies: Sequence[str], now: datetime
) -> list[int]:
    """Who is asked to acknowledge: holders of roles, then those who are checked in."""
    found: dict[int, str] = {}
    for position, person in await uow.organisation.held(incident.id, now):
        found.setdefault(position.person_id, position.agency or person.agency or "")
    for row in await uow.roster.all(incident.id):
        if row.person_id is not None:
            found.setdefault(row.person_id, row.agency or "")
    return [each for each, agency in found.items() if not agencies or agency in agencies]


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
