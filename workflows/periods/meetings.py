"""The meetings that prepare a period: planned back from its start, moved, skipped, minuted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Incident, Meeting, Period, Person
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import one_line, reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.organisation.chart import Seat
from workflows.organisation.positions import ROLES
from workflows.organisation.scene import at as seat_of, scene
from workflows.periods import rules
from workflows.periods.cycle import Cycle, name_of
from workflows.periods.rules import Held, Step
from workflows.text import Json, Msg, _

REMIND = "meeting.remind"
"""The timer some time before a meeting; the subject is its key."""

BEGIN = "meeting.begin"
"""The timer of a meeting's moment."""

GRACE = timedelta(hours=1)
"""A meeting whose moment is longer ago than that, when we come back, was missed."""

LONGEST_MINUTES = 3000
MOST_OFFERED = 12

_NUMBER = re.compile(r"(?:i\d{1,9}-)?m(\d{1,9})", re.IGNORECASE)


def title(meeting: Meeting) -> Msg:
    """The meeting's name in each room's language."""
    return name_of(meeting.name)


async def schedule(
    uow: UnitOfWork,
    incident: Incident,
    period: Period,
    cycle: Cycle,
    earliest: datetime,
    *,
    now: datetime,
) -> None:
    """Plan the meetings of the cycle before a period, from `earliest` on. Where so little time is
    left that two fall together, the later in the cycle stays."""
    following = period.starts_at + rules.GRAIN
    planned = []
    for kind in reversed(cycle.kinds):
        at = rules.meeting_at(period.starts_at, kind.before, earliest, usual=cycle.usual)
        if at < following:
            planned.append((kind, at))
            following = at
    for kind, at in reversed(planned):
        made = await uow.periods.add_meeting(
            incident_id=incident.id,
            number=await uow.incidents.next_number(incident.id, "M"),
            period_id=period.id,
            kind=kind.code,
            name={"zh": kind.zh, "en": kind.en},
            plan=kind.plan(),
            at=at,
            planned_at=at,
            changed_at=now,
        )
        await note(uow, incident, made, "meeting.planned", fields(made), now=now)
        await _ring(uow, made, cycle.remind, now)


async def _ring(uow: UnitOfWork, meeting: Meeting, before: timedelta, now: datetime) -> None:
    await uow.timers.set(BEGIN, str(meeting.id), meeting.at)
    if meeting.at - before > now:
        await uow.timers.set(REMIND, str(meeting.id), meeting.at - before)
    else:
        # Too near for a reminder of its own, unless all of it is long past.
        await uow.timers.set(REMIND, str(meeting.id), min(now, meeting.at))


async def _silence(uow: UnitOfWork, meeting: Meeting) -> None:
    await uow.timers.drop(BEGIN, str(meeting.id))
    await uow.timers.drop(REMIND, str(meeting.id))


async def reschedule(
    uow: UnitOfWork,
    incident: Incident,
    period: Period,
    cycle: Cycle,
    earliest: datetime,
    *,
    by: By,
    now: datetime,
) -> None:
    """The period begins at another time: its meetings go with it, but for those that somebody
    moved by hand and that are still before it. Those for which no time is left are cancelled."""
    before = {each.code: each.before for each in cycle.kinds}
    for meeting in await uow.periods.meetings_of(_key(period)):
        by_hand = meeting.at != meeting.planned_at and meeting.at <= period.starts_at
        if meeting.state != Held.PLANNED or by_hand or meeting.kind not in before:
            continue
        at = rules.meeting_at(period.starts_at, before[meeting.kind], earliest, usual=cycle.usual)
        if at <= now:
            await _drop(uow, incident, meeting, "no-time", now=now)
        elif at != meeting.at:
            meeting.planned_at = at
            await _move(uow, incident, meeting, at, cycle, by=by, now=now)


async def close(uow: UnitOfWork, incident: Incident, period: Period, *, now: datetime) -> None:
    """The period has begun: what was to prepare it later is cancelled."""
    for meeting in await uow.periods.meetings_of(_key(period)):
        if meeting.state == Held.PLANNED and meeting.at > period.starts_at:
            await _drop(uow, incident, meeting, "overtaken", now=now)


async def ahead(uow: UnitOfWork, period: Period) -> list[tuple[datetime, Msg]]:
    """The meetings that are still to prepare a period, with when they were to be."""
    known = await uow.periods.meetings_of(_key(period))
    return [(each.at, title(each)) for each in known if each.state == Held.PLANNED]


async def cancel(uow: UnitOfWork, incident: Incident, period: Period, *, now: datetime) -> None:
    """The period does not come: nor do the meetings that are still to be held."""
    for meeting in await uow.periods.meetings_of(_key(period)):
        if meeting.state == Held.PLANNED:
            await _drop(uow, incident, meeting, "cancelled", now=now)


async def note(
    uow: UnitOfWork,
    incident: Incident,
    meeting: Meeting,
    code: str,
    changes: dict[str, Json],
    *,
    now: datetime,
) -> None:
    """Write a change into the ledger alone: nobody did it, and the timeline is for people."""
    thing = f"I{incident.id}-M{meeting.number}"
    await uow.ledger.append(
        code, now, actor=None, room=None, incident=incident.id, thing=thing, changes=changes
    )


async def _drop(
    uow: UnitOfWork, incident: Incident, meeting: Meeting, why: str, *, now: datetime
) -> None:
    await _silence(uow, meeting)
    changes = await _stepped(uow, meeting, Step.CANCEL, now)
    await note(uow, incident, meeting, f"meeting.{why}", changes, now=now)


async def _stepped(
    uow: UnitOfWork, meeting: Meeting, event: Step, now: datetime
) -> dict[str, Json]:
    meeting.state = rules.meeting_after(meeting.state, event, title(meeting))
    meeting.sequence += 1
    meeting.changed_at = now
    await uow.periods.save(meeting)
    return {"state": meeting.state, "sequence": meeting.sequence, "changed_at": iso(now)}


async def step(
    uow: UnitOfWork,
    incident: Incident,
    meeting: Meeting,
    event: Step,
    code: str,
    text: Msg,
    *,
    by: By,
    now: datetime,
    changes: dict[str, Json] | None = None,
    params: dict[str, Json] | None = None,
) -> None:
    """Something happens to a meeting, and is written down. Raises `Refusal`."""
    told = await _stepped(uow, meeting, event, now)
    await record(
        uow,
        incident,
        code,
        text,
        by=by,
        now=now,
        thing=f"M{meeting.number}",
        changes=told | (changes or {}),
        params=params,
    )


async def move(
    uow: UnitOfWork,
    number: int,
    meeting: Meeting,
    at: datetime,
    *,
    cycle: Cycle,
    by: By,
    now: datetime,
) -> None:
    """A meeting is held at another time, though not after the period has begun that it prepares.
    Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    period = await uow.periods.by_id(meeting.period_id)
    assert period is not None
    rules.check_meeting(at, now, f"P{period.number}", period.starts_at)
    await _move(uow, incident, meeting, at, cycle, by=by, now=now)


async def _move(
    uow: UnitOfWork,
    incident: Incident,
    meeting: Meeting,
    at: datetime,
    cycle: Cycle,
    *,
    by: By,
    now: datetime,
) -> None:
    was, meeting.at = meeting.at, at
    meeting.reminded_at = None
    text = _(
        "{name} moved the {meeting} from {before} to {after}",
        name=by.name,
        meeting=title(meeting),
        before=was,
        after=at,
    )
    changes: dict[str, Json] = {
        "at": iso(at), "planned_at": iso(meeting.planned_at), "reminded_at": None, "reason": None,
    }  # fmt: skip
    meeting.reason = None
    await step(
        uow, incident, meeting, Step.MOVE, "meeting.moved", text, by=by, now=now, changes=changes
    )
    await _ring(uow, meeting, cycle.remind, now)


async def skip(
    uow: UnitOfWork, number: int, meeting: Meeting, reason: str, *, by: By, now: datetime
) -> None:
    """A meeting is not held. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    meeting.reason = checked_reason(reason)
    await _silence(uow, meeting)
    text = _(
        "{name} skipped the {meeting}. Reason: {reason}",
        name=by.name,
        meeting=title(meeting),
        reason=meeting.reason,
    )
    await step(
        uow, incident, meeting, Step.SKIP, "meeting.skipped", text, by=by, now=now,
        changes={"reason": meeting.reason},
    )  # fmt: skip


async def minute(
    uow: UnitOfWork, number: int, meeting: Meeting, typed: str, *, by: By, now: datetime
) -> str:
    """The minutes of a meeting, as the timeline has them from now on. A meeting that is minuted
    was held. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    lines = [one_line(line) for line in typed.strip().splitlines()]
    words = "\n".join(line for line in lines if line)
    if not any(sign.isalnum() for sign in words) or len(words) > LONGEST_MINUTES:
        raise Refusal(
            "meeting-minutes",
            _(
                "Minutes are told in words, 1 to {limit} characters; yours have {length}. What "
                "was decided, and who does what.",
                limit=LONGEST_MINUTES,
                length=len(words),
            ),
        )
    meeting.minuted_at = now
    await _silence(uow, meeting)
    text = _("Minutes of the {meeting}: {text}", meeting=title(meeting), text=words)
    await step(
        uow, incident, meeting, Step.MINUTE, "meeting.minutes", text, by=by, now=now,
        changes={"minuted_at": iso(now)}, params={"text": words},
    )  # fmt: skip
    return words


async def named(uow: UnitOfWork, incident_id: int, typed: str, cycle: Cycle) -> Meeting:
    """The meeting that is meant by `M3` or a name: of that name the next one, else the last.

    Raises `Refusal` (`meeting-unknown`).
    """
    known = [
        each for each in await uow.periods.meetings(incident_id) if each.state != Held.CANCELLED
    ]
    by_number = _NUMBER.fullmatch(typed.strip())
    if by_number:
        found = [each for each in known if each.number == int(by_number[1])]
    else:
        aliases = {each.code: each.names for each in cycle.kinds}
        found = [each for each in known if _is(each, typed, aliases.get(each.kind, ()))]
    planned = [each for each in found if each.state == Held.PLANNED]
    if planned or found:
        return planned[0] if planned else found[-1]
    names = [each for each in known if each.state == Held.PLANNED] or known
    if not names:
        raise Refusal(
            "meeting-none",
            _("No meeting is planned. /period start begins a period and plans them."),
        )
    offered = tuple(dict.fromkeys(title(each) for each in names[:MOST_OFFERED]))
    raise Refusal(
        "meeting-unknown",
        _(
            "There is no meeting “{name}”. There are: {meetings}.",
            name=one_line(typed)[:60],
            meetings=offered,
        ),
    )


def _is(meeting: Meeting, typed: str, aliases: Sequence[str]) -> bool:
    wanted = _bare(typed)
    names = (meeting.kind, str(meeting.name["zh"]), str(meeting.name["en"]), *aliases)
    return any(_bare(each) == wanted for each in names)


def _bare(name: str) -> str:
    """A name as people may shorten it: `Tactics Meeting` and `tactics` are one."""
    bare = " ".join(name.casefold().split())
    return bare.removesuffix("meeting").removesuffix("会议").strip()


async def latest(uow: UnitOfWork, incident_id: int, now: datetime) -> Meeting:
    """The meeting that goes on or was held last, to which minutes belong. Raises `Refusal`."""
    begun = [
        each
        for each in await uow.periods.meetings(incident_id)
        if each.at <= now and each.state in (Held.PLANNED, Held.HELD, Held.MISSED)
    ]
    if not begun:
        raise Refusal(
            "meeting-not-begun",
            _(
                "No meeting has begun yet. Say which one it was: /meeting minutes TEXT "
                "meeting=tactics."
            ),
        )
    return begun[-1]


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who must attend, for which positions, and whether to chair."""

    person: Person
    seats: tuple[Seat, ...]
    chair: bool


async def attendees(
    uow: UnitOfWork, incident: Incident, meeting: Meeting, now: datetime
) -> list[Attendee]:
    """Who must attend, as the organisation is now, the chair first.

    For a position that nobody holds comes who answers for it.
    """
    there = await scene(uow, incident, now)
    chair = str(meeting.plan["chair"])
    wanted = dict.fromkeys((chair, *map(str, meeting.plan["attend"])))
    found: dict[int, tuple[Person, list[Seat], bool]] = {}
    for role in (each for each in wanted if each in ROLES):
        seats = [each for each in there.seats if each.role == role]
        if not seats and not ROLES[role].many:
            seats = [Seat(role)]
        for seat in seats:
            node = there.responsible(seat)
            for position, person in () if node is None else there.holders(node.seat):
                assert person.id is not None
                known = found.setdefault(person.id, (person, [], role == chair))
                held = seat_of(position)
                if held not in known[1]:
                    known[1].append(held)
    made = [Attendee(person, tuple(seats), leads) for person, seats, leads in found.values()]
    return sorted(made, key=lambda each: not each.chair)


def _key(period: Period) -> int:
    assert period.id is not None
    return period.id


def fields(meeting: Meeting) -> dict[str, Json]:
    """The fields of a meeting as the ledger keeps them."""
    made: dict[str, Json] = {}
    for name, value in meeting.model_dump(exclude={"id", "incident_id", "number"}).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    return made
