"""What endangers people: the safety message (ICS 208) and the hazards (ICS 215A)."""

from __future__ import annotations

from datetime import datetime

from storage import UnitOfWork
from storage.tables import Hazard, Incident, SafetyMessage
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import one_line, reason as checked_reason, worded
from workflows.incidents.scene import to_act_in
from workflows.text import Json, Msg, _

LONGEST = 1000
"""Characters of a safety message: everybody is to read it to its end."""

LONGEST_HAZARD = 300
LONGEST_AREA = 120

MOST_HAZARDS = 200
"""Open hazards of one incident."""

OPEN, GONE = "open", "gone"


async def say(
    uow: UnitOfWork, incident_id: int, typed: str, *, by: By, now: datetime
) -> SafetyMessage:
    """A safety message takes the place of the one before. Raises `Refusal`."""
    text = words(typed)
    incident = await to_act_in(uow, incident_id)
    known = await uow.safety.current(incident_id)
    if known is not None and known.text == text:
        raise Refusal("safety-same", _("The safety message says that already."))
    made = await uow.safety.say(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "safety"),
        text=text,
        made_at=now,
        made_by=by.person_id,
        name=by.name,
        agency=by.agency,
    )
    await record(
        uow,
        incident,
        "safety.said",
        _("{name}: safety message: {words}", name=by.name, words=text),
        by=by,
        now=now,
        thing="safety",
        changes={
            "number": made.number,
            "text": text,
            "made_at": iso(now),
            "made_by": by.person_id,
        },
    )
    return made


async def add_hazard(
    uow: UnitOfWork,
    incident_id: int,
    typed: str,
    *,
    area: str | None,
    mitigation: str | None,
    by: By,
    now: datetime,
) -> Hazard:
    """A hazard is known from now on. Raises `Refusal`."""
    text = line(typed, LONGEST_HAZARD)
    where = None if area is None else line(area, LONGEST_AREA)
    done = None if mitigation is None else line(mitigation, LONGEST_HAZARD)
    incident = await to_act_in(uow, incident_id)
    known = await uow.safety.hazards(incident_id, open_only=True)
    for each in known:
        if (each.text.casefold(), each.area) == (text.casefold(), where):
            raise Refusal(
                "hazard-twice",
                _(
                    "{reference} says the same. Say what is done about it: /safety mitigate "
                    "{reference} TEXT",
                    reference=f"H{each.number}",
                ),
            )
    if len(known) >= MOST_HAZARDS:
        raise Refusal(
            "hazard-many",
            _(
                "{n} hazards are open. Say first which are over: /safety over H2",
                n=len(known),
            ),
        )
    made = await uow.safety.add_hazard(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "H"),
        text=text,
        area=where,
        mitigation=done,
        state_at=now,
        made_at=now,
        made_by=by.person_id,
        name=by.name,
        agency=by.agency,
    )
    said = _(
        "{name} reported hazard {reference}: {words}",
        name=by.name,
        reference=f"H{made.number}",
        words=text,
    )
    await _recorded(uow, incident, made, "hazard.reported", said, by, now)
    return made


async def mitigate(
    uow: UnitOfWork, incident_id: int, number: int, typed: str, *, by: By, now: datetime
) -> Hazard:
    """Say what is done about an open hazard. Raises `Refusal`."""
    incident, found = await _open(uow, incident_id, number)
    found.mitigation = line(typed, LONGEST_HAZARD)
    await uow.safety.save(found)
    said = _(
        "{name}: against hazard {reference}: {words}",
        name=by.name,
        reference=f"H{number}",
        words=found.mitigation,
    )
    await _recorded(uow, incident, found, "hazard.mitigated", said, by, now)
    return found


async def over(
    uow: UnitOfWork, incident_id: int, number: int, why: str | None, *, by: By, now: datetime
) -> Hazard:
    """A hazard is no more. Raises `Refusal`."""
    incident, found = await _open(uow, incident_id, number)
    found.state, found.state_at = GONE, now
    found.reason = None if why is None else checked_reason(why)
    await uow.safety.save(found)
    said = _("{name}: hazard {reference} is over", name=by.name, reference=f"H{number}")
    if found.reason is not None:
        said = _("{text}. Reason: {reason}", text=said, reason=found.reason)
    await _recorded(uow, incident, found, "hazard.over", said, by, now)
    return found


async def _open(uow: UnitOfWork, incident_id: int, number: int) -> tuple[Incident, Hazard]:
    incident = await to_act_in(uow, incident_id)
    found = await uow.safety.hazard(incident_id, number)
    if found is None:
        raise Refusal(
            "hazard-unknown",
            _(
                "There is no hazard {reference} in {incident}. /safety shows those there are.",
                reference=f"H{number}",
                incident=f"I{incident_id}",
            ),
        )
    if found.state != OPEN:
        raise Refusal(
            "hazard-over",
            _("{reference} is over since {time}.", reference=f"H{number}", time=found.state_at),
        )
    return incident, found


async def _recorded(
    uow: UnitOfWork, incident: Incident, hazard: Hazard, code: str, text: Msg, by: By, now: datetime
) -> None:
    thing = f"H{hazard.number}"
    await record(
        uow, incident, code, text, by=by, now=now, thing=thing, changes=hazard_fields(hazard)
    )


def hazard_fields(hazard: Hazard) -> dict[str, Json]:
    """The fields of a hazard as the ledger keeps them."""
    return {
        "text": hazard.text,
        "area": hazard.area,
        "mitigation": hazard.mitigation,
        "state": hazard.state,
        "state_at": iso(hazard.state_at),
        "reason": hazard.reason,
        "made_at": iso(hazard.made_at),
        "made_by": hazard.made_by,
    }


def words(typed: str) -> str:
    """A safety message, line by line. Raises `Refusal` (`safety-words`)."""
    lines = [one_line(each) for each in typed.strip().splitlines()]
    shown = "\n".join(each for each in lines if each)
    if not any(sign.isalnum() for sign in shown):
        raise Refusal(
            "safety-words",
            _("A safety message needs words: what is dangerous, and what everybody is to do."),
        )
    if len(shown) > LONGEST:
        raise Refusal(
            "safety-words",
            _(
                "A safety message has at most {limit} characters; yours has {length}. Report "
                "single dangers by /safety hazard TEXT.",
                limit=LONGEST,
                length=len(shown),
            ),
        )
    return shown


def line(typed: str, limit: int) -> str:
    """Words on one line. Raises `Refusal` (`safety-line`)."""
    shown = one_line(typed)
    return worded(
        shown,
        limit,
        "safety-line",
        _(
            "Say it in words, 1 to {limit} characters; yours has {length}.",
            limit=limit,
            length=len(shown),
        ),
    )
