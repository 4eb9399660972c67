"""Who owes a report is reminded before it is due and at that time; then the next one up is told."""

from __future__ import annotations

from datetime import timedelta

from handlers.cards.incident import name as named
from handlers.cards.sitrep import elements
from handlers.document import Block, Button, Document, Para, Span
from handlers.escalating import LIANZHI, tell_all
from handlers.ringing import Rings, Wake
from storage.tables import Incident, Person, SitrepDuty
from workflows.incidents.record import record
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of
from workflows.orders.conflicts import Target
from workflows.orders.recipients import above, behind, called
from workflows.sitreps import duties, service
from workflows.sitreps.elements import KINDS, PHONE, UPWARD
from workflows.sitreps.packs import GRACE
from workflows.sitreps.running import packs_of
from workflows.text import Json, Msg, _

REMINDED, DUE = 1, 2
"""Stages of a duty; each further one is a step up the chain."""


async def watched(wake: Wake) -> None:
    """A duty's time has come: to be reminded of, to be done, to be passed up."""
    found = await _still(wake, int(wake.timer.subject))
    if found is None:
        return
    incident, duty = found
    if duty.stage < REMINDED and wake.now < duty.due_at:
        duty.stage = REMINDED
        await wake.uow.sitreps.save(duty)
        await wake.uow.timers.set(duties.WATCH, str(duty.id), duty.due_at)
        await _remind(wake, incident, duty, await _people(wake, incident, duty))
    elif duty.stage < DUE:
        duty.stage = DUE
        await wake.uow.sitreps.save(duty)
        await wake.uow.timers.set(duties.WATCH, str(duty.id), wake.now + GRACE, {"told": []})
        await _noted(
            wake, incident, duty, "sitrep.overdue", await _missed(wake, incident, duty), {}
        )
        await _remind(wake, incident, duty, await _people(wake, incident, duty))
    elif not await duties.go_on(
        wake.uow, incident, duty, await _missed(wake, incident, duty), by=LIANZHI, now=wake.now
    ):
        await _escalate(wake, incident, duty)


async def snoozed(wake: Wake) -> None:
    """Somebody wanted to be reminded again."""
    number, _colon, person_id = wake.timer.subject.partition(":")
    found = await _still(wake, int(number))
    person = await wake.uow.people.person(int(person_id))
    if found is not None and person is not None:
        await _remind(wake, *found, (person,))


RINGS: Rings = {duties.WATCH: watched, duties.SNOOZED: snoozed}


async def _still(wake: Wake, duty_id: int) -> tuple[Incident, SitrepDuty] | None:
    """The duty and its incident, if it is still owed."""
    duty = await wake.uow.sitreps.duty(duty_id)
    incident = None if duty is None else await wake.uow.incidents.get(duty.incident_id)
    if duty is None or duty.state != duties.OPEN or incident is None or incident.state in OVER:
        return None
    return incident, duty


async def _people(wake: Wake, incident: Incident, duty: SitrepDuty) -> tuple[Person, ...]:
    return (await behind(wake.uow, incident, duties.to(duty), wake.now)).people


async def _remind(
    wake: Wake, incident: Incident, duty: SitrepDuty, people: tuple[Person, ...]
) -> None:
    what = _what(duty)
    late = wake.now - duty.due_at
    if late > timedelta(minutes=1):
        text = _("⏰ {what} was due at {time}, {late} ago", what=what, time=duty.due_at, late=late)
    elif late >= timedelta(0):
        text = _("⏰ {what} is due now, at {time}", what=what, time=duty.due_at)
    else:
        text = _("⏳ {what} is due at {time}, in {left}", what=what, time=duty.due_at, left=-late)
    blocks: list[Block] = [Para(text), Para(named(incident))]
    if duty.clock_id is not None:
        blocks += await _by_which(wake, incident, duty)
    rooms = await rooms_of(wake.uow, incident.id)
    document = Document(tuple(blocks), _steps(incident, duty))
    await tell_all(wake.uow, wake.actions, people, document, rooms)


def _what(duty: SitrepDuty) -> Msg:
    what = KINDS[duty.kind]
    return _("{kind} for {agency}", kind=what, agency=duty.line) if duty.line else what


async def _by_which(wake: Wake, incident: Incident, duty: SitrepDuty) -> list[Block]:
    """By which rule a report is due, and what it would lack."""
    uow, shelf = wake.uow, wake.means.shelf
    clock = None if duty.clock_id is None else await uow.sitreps.clock(duty.clock_id)
    packs = await packs_of(uow, incident.id, duty.line, shelf)
    blocks: list[Block] = [
        Para(_("By: {source}", source=each.source))
        for each in packs
        if clock is not None and each.code == clock.pack
    ]
    if duty.kind in UPWARD:
        missing = await service.would_lack(uow, incident, duty.kind, duty.line, shelf, wake.now)
        if missing:
            blocks.append(Para(_("Not known yet: {what}", what=elements(missing))))
            blocks.append(Para(_("What is missing does not hold it up.")))
    return blocks


def _steps(incident: Incident, duty: SitrepDuty) -> tuple[Button, ...]:
    which = f"incident=I{incident.id}"
    line = f" for={duty.line}" if duty.line else ""
    verb = f" {duty.kind}" if duty.kind in UPWARD else ""
    now = Button(_("Report now"), f"/sitrep{verb} {which}")
    if duty.kind == PHONE:
        now = Button(_("Done by telephone"), f"/sitrep phoned {which}{line}")
    return (
        now,
        Button(_("In 10 minutes"), f"/sitrep snooze {duty.id} wait=10m {which}"),
        Button(_("In 30 minutes"), f"/sitrep snooze {duty.id} wait=30m {which}"),
    )


async def _missed(wake: Wake, incident: Incident, duty: SitrepDuty) -> Msg:
    """Whoever owes the report is named, also where somebody else answers for a position."""
    whom = duties.to(duty)
    who: Msg | str = await called(wake.uow, whom)
    people = await _people(wake, incident, duty)
    if whom.target is not Target.PERSON and people:
        who = _("{title} ({names})", title=who, names=tuple(each.name for each in people))
    return _(
        "{who} has not handed in what was due at {time}: {what}",
        who=who,
        what=_what(duty),
        time=duty.due_at,
    )


async def _escalate(wake: Wake, incident: Incident, duty: SitrepDuty) -> None:
    """The next in the chain is told, each of them once."""
    uow, now = wake.uow, wake.now
    told = [str(each) for each in wake.timer.data.get("told", [])]
    chain = await above(uow, incident, duties.to(duty), now)
    steps = [each for each in chain if each.name not in told]
    rooms = await rooms_of(uow, incident.id)
    missed = await _missed(wake, incident, duty)
    duty.stage += 1
    await uow.sitreps.save(duty)
    again = await duties.begins_again(uow, duty, now)
    if not steps:
        text = _("{text}. Nobody is left to be told.", text=missed)
        await _noted(wake, incident, duty, "sitrep.escalated", text, {"people": []})
        await wake.actions.tell(uow, rooms, Document((Para(Span(("⏰ ", text))),)))
        if again is not None:
            await uow.timers.set(duties.WATCH, str(duty.id), again)
        return
    step = steps[0]
    names = tuple(each.name for each in step.people)
    text = _("{text}; {names} is told", text=missed, names=names)
    people: list[Json] = [each.id for each in step.people]
    await _noted(
        wake, incident, duty, "sitrep.escalated", text, {"step": step.name, "people": people}
    )
    why = _("{text}. See to it, or report in their place.", text=missed)
    blocks: list[Block] = [Para(Span(("⏰ ", why))), Para(named(incident))]
    document = Document(tuple(blocks), _steps(incident, duty)[:1])
    await tell_all(uow, wake.actions, step.people, document, rooms)
    look = now + GRACE if again is None else min(now + GRACE, again)
    await uow.timers.set(duties.WATCH, str(duty.id), look, {"told": [*told, step.name]})


async def _noted(
    wake: Wake,
    incident: Incident,
    duty: SitrepDuty,
    code: str,
    text: Msg,
    params: dict[str, Json],
) -> None:
    await record(
        wake.uow,
        incident,
        code,
        text,
        by=LIANZHI,
        now=wake.now,
        thing=f"duty{duty.id}",
        changes={"due_at": duty.due_at.isoformat()},
        params=params,
    )
