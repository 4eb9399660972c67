"""A request is read, changed and written down: rows, ledger, timeline and timers together."""

from __future__ import annotations

from collections.abc import Mapping

from storage import UnitOfWork
from storage.tables import Incident, Request
from workflows.errors import Refusal
from workflows.incidents.record import By, record
from workflows.incidents.scene import to_act_in
from workflows.requests import rules
from workflows.requests.rules import Place, State
from workflows.requests.steps import STEP_OF, Acting
from workflows.requests.whole import Whole
from workflows.text import Json, Msg, _

NEEDED = "request.needed"
WAITING = "request.waiting"
"""Timers, by the request's key."""

LIANZHI = By(None, None, "Lianzhi")


async def load(uow: UnitOfWork, incident: Incident, request: Request) -> Whole:
    """The request with all that belongs to it."""
    assert request.id is not None
    lines = list(await uow.requests.lines_of(request.id))
    return Whole(incident, request, lines, list(await uow.requests.parts(request.id)))


async def named(uow: UnitOfWork, incident: Incident, number: int) -> Whole:
    """`R` of that number, held. Raises `Refusal` (`request-unknown`)."""
    found = await uow.requests.get(incident.id, number)
    if found is None:
        raise Refusal(
            "request-unknown",
            _(
                "There is no request {reference} in {incident}. /request list shows those there "
                "are.",
                reference=f"R{number}",
                incident=f"I{incident.id}",
            ),
        )
    return await load(uow, incident, found)


async def to_change(uow: UnitOfWork, incident_id: int, number: int) -> Whole:
    """As `named`, in an incident in which something can still happen, which is held, too."""
    return await named(uow, await to_act_in(uow, incident_id), number)


async def keep(
    uow: UnitOfWork,
    whole: Whole,
    code: str,
    text: Msg,
    acting: Acting,
    params: Mapping[str, Json] | None = None,
) -> None:
    """Bring the state to what the quantities say, and write everything down once."""
    whole.settle(acting.now)
    await uow.requests.save(whole.request, *whole.lines, *whole.parts)
    await record(
        uow,
        whole.incident,
        code,
        text,
        by=acting.by,
        now=acting.now,
        thing=whole.reference,
        changes=whole.changes(),
        params=params,
    )
    whole.before = whole.fields()
    await _watch(uow, whole, acting)


async def _watch(uow: UnitOfWork, whole: Whole, acting: Acting) -> None:
    """Timers for what the request waits for now."""
    request, now = whole.request, acting.now
    subject = str(request.id)
    if whole.state in STEP_OF:
        since = max(now, request.state_at)
        await uow.timers.set(WAITING, subject, since + acting.reminders.answer[request.priority])
    else:
        await uow.timers.drop(WAITING, subject)
    due = request.needed_by
    warn = None if due is None else acting.reminders.warn_at(request.made_at, due, now)
    if warn is not None and awaited(whole):
        await uow.timers.set(NEEDED, subject, warn)
    else:
        await uow.timers.drop(NEEDED, subject)


def awaited(whole: Whole) -> bool:
    """Whether something of it has yet to come."""
    if whole.state in rules.ENDED:
        return False
    coming = (Place.PROMISED, Place.TRANSIT)
    return whole.state in rules.BEFORE_SUPPLY or (
        any(whole.open(each) for each in whole.lines) or any(map(whole.total, coming))
    )


def stamped(
    whole: Whole, step: str, acting: Acting, note: str | None = None, *, along: bool = False
) -> None:
    """Note who took a step, when; `along` with the step before, as nobody else answers for it."""
    made: dict[str, Json] = {
        "name": acting.by.name,
        "agency": acting.by.agency,
        "at": acting.now.isoformat(),
    }
    if note is not None:
        made["note"] = note
    if along:
        made["with"] = True
    whole.request.steps = {**whole.request.steps, step: made}


def over(whole: Whole) -> bool:
    """Whether nothing of it is waited for any more."""
    return whole.state in rules.ENDED and whole.state is not State.DONE
