"""Timers of requests: a step that nobody takes, a time that runs out."""

from __future__ import annotations

from handlers.cards import request as cards
from handlers.document import Block, Document, Para, Span
from handlers.families.request_telling import remind, waits_on
from handlers.ringing import Rings, Wake
from workflows.incidents.record import record
from workflows.incidents.rules import OVER
from workflows.organisation.chart import Seat
from workflows.organisation.positions import COMMANDER
from workflows.organisation.scene import scene
from workflows.requests import keeping, rules
from workflows.requests.reminding import Reminders, reminders
from workflows.requests.steps import STEP_OF
from workflows.requests.waiting import holders, people_of, waits
from workflows.requests.whole import Whole
from workflows.shelf import in_any_case
from workflows.text import _


async def _still(wake: Wake) -> Whole | None:
    """The request of a timer, if its incident goes on and it is not over."""
    uow = wake.uow
    known = await uow.requests.by_id(int(wake.timer.subject))
    if known is None:
        return None
    incident = await uow.incidents.locked(known.incident_id)
    fresh = await uow.requests.get(known.incident_id, known.number)
    if incident is None or incident.state in OVER or fresh is None or fresh.state in rules.ENDED:
        return None
    return await keeping.load(uow, incident, fresh)


def _reminders(wake: Wake) -> Reminders:
    return in_any_case(reminders, wake.means.shelf)


async def _unanswered(wake: Wake) -> None:
    """A step was not taken in time: those who have to take it are reminded, from the second time on
    with who commands."""
    whole = await _still(wake)
    if whole is None or whole.state not in STEP_OF:
        return
    uow, now = wake.uow, wake.now
    there = await scene(uow, whole.incident, now)
    waiting = await waits(uow, whole, there)
    text = waits_on(whole, waiting[0].what, waiting[0].people)
    again = bool(wake.timer.data.get("again"))
    above = holders(there, Seat(COMMANDER))[1] if again else ()
    people = tuple({each.id: each for each in (*waiting[0].people, *above)}.values())
    await record(
        uow,
        whole.incident,
        "request.waiting",
        text,
        by=keeping.LIANZHI,
        now=now,
        thing=whole.reference,
        params={"late": wake.late.total_seconds()},
    )
    card = await cards.card(uow, whole, now)
    document = Document((Para(Span(("⏰ ", text))), *card.blocks), card.buttons, card.card)
    await remind(uow, wake.actions, whole, people, document)
    following = now + _reminders(wake).answer[whole.request.priority]
    await uow.timers.set(keeping.WAITING, wake.timer.subject, following, {"again": True})


async def _running_out(wake: Wake) -> None:
    """The time by which it is needed is near, or has come, and something of it is not there."""
    whole = await _still(wake)
    if whole is None or whole.request.needed_by is None or not keeping.awaited(whole):
        return
    uow, now, due = wake.uow, wake.now, whole.request.needed_by
    late = due <= now
    text = (
        _("{reference} was needed by {time} and is not there", reference=whole.reference, time=due)
        if late
        else _(
            "{reference} is needed by {time} and is not there yet",
            reference=whole.reference,
            time=due,
        )
    )
    waiting = await waits(uow, whole, await scene(uow, whole.incident, now))
    await record(
        uow,
        whole.incident,
        "request.late" if late else "request.running-out",
        text,
        by=keeping.LIANZHI,
        now=now,
        thing=whole.reference,
        params={"late": wake.late.total_seconds()},
    )
    await cards.refresh(uow, wake.actions, whole, now)
    asker = await uow.people.person(whole.request.by_id)
    people = {each.id: each for each in (*people_of(waiting), *([asker] if asker else ()))}
    blocks: list[Block] = [Para(Span(("⏰ ", text)))]
    blocks += [Para(waits_on(whole, each.what, each.people)) for each in waiting[:3]]
    card = await cards.card(uow, whole, now)
    document = Document(tuple(blocks), card.buttons)
    await remind(uow, wake.actions, whole, tuple(people.values()), document)
    following = _reminders(wake).warn_at(whole.request.made_at, due, now)
    if following is not None:
        await uow.timers.set(keeping.NEEDED, wake.timer.subject, following)


RINGS: Rings = {keeping.WAITING: _unanswered, keeping.NEEDED: _running_out}
