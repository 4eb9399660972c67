"""Briefings that go out by themselves, and what follows when nobody takes note of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.cards import briefing as cards
from handlers.context import Actions, Means
from handlers.document import Button, Span, say
from handlers.escalating import tell_all
from handlers.ringing import Wake
from storage import UnitOfWork
from storage.tables import Briefing, Incident
from workflows.briefings import due, recipients, service
from workflows.briefings.composed import Composed
from workflows.briefings.service import Issued
from workflows.briefings.weather import Forecast
from workflows.incidents.record import By, record
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of
from workflows.text import Json, _

FETCH = timedelta(seconds=3)
"""How long a briefing waits for the weather, once."""

NOW = "briefing.now"
"""Kind of the timer of a briefing that somebody asked for and that waits for the weather."""


async def send(uow: UnitOfWork, actions: Actions, issued: Issued) -> None:
    """Say a briefing where it goes, with its PDF unless it says nothing."""
    document = cards.card(issued.row, issued.composed, await service.noted(uow, issued.row))
    if not issued.composed.quiet:
        document = replace(document, papers=(cards.paper(issued.row, issued.composed),))
    rooms = issued.audience.rooms
    if rooms:
        await actions.tell(uow, rooms, document)
    others = rooms or await rooms_of(uow, issued.row.incident_id)
    await tell_all(uow, actions, issued.audience.people, document, others)


def forecast(means: Means, incident: Incident, now: datetime) -> tuple[Forecast | None, bool]:
    """The weather there, and whether it is worth a moment's wait."""
    source = means.weather
    if source is None or incident.lat is None or incident.lon is None:
        return None, False
    known = source.known(incident.lat, incident.lon, now)
    if known is None:
        source.want(incident.lat, incident.lon)
    return known, known is None


async def rung(wake: Wake) -> None:
    """A schedule's moment has come, or has been missed."""
    schedule_id = int(wake.timer.subject)
    weather: Forecast | None = None
    if await due.is_due(wake.uow, schedule_id, wake.now):
        known = await wake.uow.briefings.seen(schedule_id)
        assert known is not None
        incident = await wake.uow.incidents.get(known.incident_id)
        assert incident is not None
        weather, coming = forecast(wake.means, incident, wake.now)
        if coming and not wake.timer.data.get("asked"):
            data = {"asked": True}
            await wake.uow.timers.set(service.DUE, wake.timer.subject, wake.now + FETCH, data)
            return
    made = await due.ring(wake.uow, schedule_id, wake.now, weather)
    if isinstance(made, service.Issued):
        await send(wake.uow, wake.actions, made)
    elif isinstance(made, due.Missed):
        await _too_late(wake, made)


async def _too_late(wake: Wake, made: due.Missed) -> None:
    incident_id = made.schedule.incident_id
    said = _(
        "The briefing of {time} ({reference}) could not be sent in time and is left out.",
        time=made.due,
        reference=f"B{made.schedule.number}",
    )
    lines = [Span(("⏰ ", said))]
    if made.following is not None:
        lines.append(Span((_("The next one is due at {time}.", time=made.following),)))
    ask = (Button(_("Briefing now"), f"/brief now incident=I{incident_id}"),)
    incident = await wake.uow.incidents.get(incident_id)
    assert incident is not None
    people = await recipients.commanders(wake.uow, incident, wake.now)
    rooms = await rooms_of(wake.uow, incident_id)
    await tell_all(wake.uow, wake.actions, people, say(*lines, buttons=ask), rooms)


async def asked(wake: Wake) -> None:
    """Somebody asked for a briefing, and the weather had to be fetched first."""
    data = wake.timer.data
    incident = await wake.uow.incidents.locked(int(data["incident"]))
    if incident is None or incident.state in OVER:
        return
    weather, _coming = forecast(wake.means, incident, wake.now)
    by = By(*data["by"])
    to = recipients.read(data["to"])
    issued = await service.issue(wake.uow, incident, to, by=by, now=wake.now, weather=weather)
    await send(wake.uow, wake.actions, issued)


async def unread(wake: Wake) -> None:
    """Who has not taken note is reminded, then named to the commander; a newer briefing of the
    same schedule says more than the old one."""
    uow = wake.uow
    row = await uow.briefings.by_id(int(wake.timer.subject))
    incident = None if row is None else await uow.incidents.locked(row.incident_id)
    if row is None or incident is None or incident.state in OVER:
        return
    if row.schedule_id is not None:
        newest = await uow.briefings.latest(incident.id, schedule_id=row.schedule_id)
        if newest and newest[0].id != row.id:
            return
    missing = (await service.noted(uow, row)).missing
    if not missing:
        return
    composed = Composed.from_json(row.content)
    rooms = await rooms_of(uow, incident.id)
    reminded = bool(wake.timer.data.get("reminded"))
    await _noted(wake, incident, row, missing, reminded)
    if reminded:
        people = await recipients.commanders(uow, incident, wake.now)
        document = cards.unread(row, composed, tuple(name for _id, name in missing))
        await tell_all(uow, wake.actions, people, document, rooms)
        return
    found = [await uow.people.person(person_id) for person_id, _name in missing]
    people = tuple(each for each in found if each is not None)
    await tell_all(uow, wake.actions, people, cards.reminder(row, composed), rooms)
    at = wake.now + service.PATIENCE
    await uow.timers.set(service.UNREAD, wake.timer.subject, at, {"reminded": True})


async def _noted(
    wake: Wake,
    incident: Incident,
    row: Briefing,
    missing: tuple[tuple[int, str], ...],
    reminded: bool,
) -> None:
    names = tuple(name for _id, name in missing)
    reference = f"B{row.number}"
    text = _("Reminded of briefing {reference}: {names}", reference=reference, names=names)
    if reminded:
        text = _("{reference} was not acknowledged by {names}", reference=reference, names=names)
    people: list[Json] = [person_id for person_id, _name in missing]
    await record(
        wake.uow,
        incident,
        "briefing.unread" if reminded else "briefing.reminded",
        text,
        by=due.LIANZHI,
        now=wake.now,
        thing=reference,
        params={"people": people, "late": wake.late.total_seconds()},
    )
