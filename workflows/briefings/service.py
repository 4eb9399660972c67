"""Setting schedules, making briefings, taking note: rules, store, ledger and timeline together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from storage import UnitOfWork
from storage.tables import Briefing, BriefingReceipt, BriefingSchedule, Incident
from workflows.briefings import ahead, moments
from workflows.briefings.composed import Composed
from workflows.briefings.composing import compose
from workflows.briefings.facts import facts
from workflows.briefings.moments import Daily, Every
from workflows.briefings.recipients import Audience, To, audience
from workflows.briefings.weather import Forecast
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.text import Json, Msg, _

DUE = "briefing.due"
"""Kind of the timer of a schedule; its subject is the schedule's row."""

UNREAD = "briefing.unread"
"""Kind of the timer that looks who has not taken note; its subject is the briefing's row."""

PATIENCE = timedelta(minutes=20)
"""After this who has not taken note is reminded; after it once more the commander is told."""

MOST_SCHEDULES = 20
"""That run in one incident."""

RUNNING, STOPPED = "running", "stopped"


@dataclass(frozen=True, slots=True)
class Wanted:
    """When briefings are wanted, as typed; all None and empty says nothing."""

    every: timedelta | None = None
    at: tuple[datetime, ...] = ()
    before: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A briefing that was made, and who gets it."""

    row: Briefing
    composed: Composed
    audience: Audience


async def plan(
    uow: UnitOfWork,
    incident_id: int,
    wanted: Wanted,
    to: Sequence[To],
    *,
    by: By,
    now: datetime,
) -> BriefingSchedule:
    """Briefings come at these times from now on. Raises `Refusal`."""
    incident = await to_act_in(uow, incident_id)
    every, clocks, before, start = _times(wanted, ZoneInfo(incident.zone), now)
    recipients = [each.to_json() for each in to]
    known = await uow.briefings.schedules(incident_id, running=True)
    for each in known:
        if (each.every_s, each.clocks, each.before_s) == (every, clocks, before) and (
            each.recipients == recipients
        ):
            raise Refusal(
                "briefing-twice",
                _(
                    "{reference} says the same. /brief list shows what is set.",
                    reference=f"B{each.number}",
                ),
            )
    if len(known) >= MOST_SCHEDULES:
        raise Refusal(
            "briefing-many",
            _("{n} schedules run. Stop one first: /brief stop B2", n=len(known)),
        )
    made = await uow.briefings.plan(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "B"),
        every_s=every,
        clocks=clocks,
        before_s=before,
        recipients=recipients,
        state_at=now,
        begins_at=start,
        made_at=now,
        made_by=by.person_id,
    )
    await wait(uow, made, incident, now)
    await _noted(
        uow,
        incident,
        made,
        "briefing.scheduled",
        _("{name} set briefings {reference}: {times}", name=by.name,
          reference=f"B{made.number}", times=times(made)),
        by,
        now,
    )  # fmt: skip
    return made


def _times(
    wanted: Wanted, zone: ZoneInfo, now: datetime
) -> tuple[int | None, list[str], int | None, datetime]:
    """Seconds between briefings, times of day, seconds before a period, and when it begins."""
    if wanted.before is not None:
        if wanted.every is not None or wanted.at:
            raise _one_way()
        if not timedelta(0) <= wanted.before <= timedelta(hours=12):
            raise Refusal(
                "briefing-before",
                _("A briefing goes out at most 12 hours before a period: before=30m"),
            )
        return None, [], int(wanted.before.total_seconds()), now
    if wanted.every is not None:
        every = moments.step(wanted.every)
        if len(wanted.at) > 1:
            clocks = moments.clocks(wanted.at, zone)
            if not moments.apart(clocks, every):
                raise _one_way()
            return None, list(clocks), None, min(wanted.at)
        start = wanted.at[0] if wanted.at else now + every
        return int(every.total_seconds()), [], None, start
    if wanted.at:
        return None, list(moments.clocks(wanted.at, zone)), None, min(wanted.at)
    raise Refusal(
        "briefing-when",
        _("Say when: every=12h, at=07:30,19:30 or before=period."),
    )


def _one_way() -> Refusal:
    return Refusal(
        "briefing-when",
        _("Say it in one way: every=12h, at=07:30,19:30 or before=period."),
    )


async def stop(
    uow: UnitOfWork, incident_id: int, number: int, *, by: By, now: datetime
) -> BriefingSchedule:
    """A schedule ends; a briefing's number stands for the schedule that it came from.

    Raises `Refusal`.
    """
    incident = await to_act_in(uow, incident_id)
    found = await uow.briefings.schedule(incident_id, number)
    if found is None:
        briefing = await named(uow, incident_id, number)
        if briefing.schedule_id is not None:
            found = await uow.briefings.schedule_by_id(briefing.schedule_id)
    if found is None:
        raise Refusal(
            "briefing-no-schedule",
            _(
                "{reference} is a single briefing; there is nothing to stop. /brief list shows "
                "what is set.",
                reference=f"B{number}",
            ),
        )
    if found.state != RUNNING:
        raise Refusal(
            "briefing-stopped",
            _("{reference} was stopped at {time}.", reference=f"B{found.number}",
              time=found.state_at),
        )  # fmt: skip
    await end(uow, found, now)
    text = _("{name} stopped briefings {reference}", name=by.name, reference=f"B{found.number}")
    await _noted(uow, incident, found, "briefing.stopped", text, by, now)
    return found


async def end(uow: UnitOfWork, schedule: BriefingSchedule, now: datetime) -> None:
    """No briefing of that schedule any more."""
    schedule.state, schedule.state_at, schedule.next_at = STOPPED, now, None
    await uow.briefings.save(schedule)
    await uow.timers.drop(DUE, str(schedule.id))


def times(schedule: BriefingSchedule) -> Msg:
    """When a schedule's briefings are due, in words."""
    if schedule.every_s is not None:
        return _("every {length}", length=timedelta(seconds=schedule.every_s))
    if schedule.before_s is not None:
        if schedule.before_s == 0:
            return _("at the beginning of each operational period")
        return _(
            "{length} before each operational period",
            length=timedelta(seconds=schedule.before_s),
        )
    return _("every day at {clocks}", clocks=tuple(schedule.clocks))


def rule(schedule: BriefingSchedule, incident: Incident) -> Every | Daily | None:
    """When it is due, None for what follows the operational periods."""
    if schedule.every_s is not None:
        return Every(timedelta(seconds=schedule.every_s), schedule.begins_at)
    if schedule.before_s is not None:
        return None
    return Daily(tuple(schedule.clocks), ZoneInfo(incident.zone), schedule.begins_at)


async def follow(uow: UnitOfWork, incident: Incident, now: datetime) -> None:
    """The periods of an incident are otherwise than they were: briefings before them follow."""
    for schedule in await uow.briefings.schedules(incident.id, running=True):
        # What is due already is made or counted as missed when it rings.
        if schedule.before_s is not None and (schedule.next_at is None or schedule.next_at > now):
            await wait(uow, schedule, incident, now)


async def wait(
    uow: UnitOfWork, schedule: BriefingSchedule, incident: Incident, now: datetime
) -> None:
    """Find the next moment after `now` and be woken then."""
    how = rule(schedule, incident)
    if how is not None:
        schedule.next_at = wake = how.after(now)
    else:
        due = await ahead.lacking(uow, schedule, incident, now)
        schedule.next_at = None if due is None else max(due, now)
        # Periods begin and end without anybody telling.
        wake = min(schedule.next_at or now + moments.LOOK, now + moments.LOOK)
    await uow.briefings.save(schedule)
    await uow.timers.set(DUE, str(schedule.id), wake)


async def issue(
    uow: UnitOfWork,
    incident: Incident,
    to: Sequence[To],
    *,
    by: By,
    now: datetime,
    schedule: BriefingSchedule | None = None,
    due: datetime | None = None,
    weather: Forecast | None = None,
) -> Issued:
    """Make a briefing from the record; the incident's row is held by the caller."""
    last = None if schedule is None else await uow.briefings.latest(
        incident.id, schedule_id=schedule.id
    )  # fmt: skip
    (before,) = last or await uow.briefings.latest(incident.id) or (None,)
    found = await facts(
        uow,
        incident,
        now,
        before=None if before is None else Composed.from_json(before.content),
        after="" if before is None else f"B{before.number}",
        weather=weather,
    )
    composed = compose(found, due=due)
    heard = await audience(uow, incident, to, now)
    row = await uow.briefings.add(
        incident_id=incident.id,
        number=await uow.incidents.next_number(incident.id, "B"),
        schedule_id=None if schedule is None else schedule.id,
        due_at=due or now,
        made_at=now,
        made_by=by.person_id,
        content=composed.to_json(),
        recipients=[each.to_json() for each in to],
        asked=[] if composed.quiet else [each for each in heard.asked if each != by.person_id],
    )
    reference = f"B{row.number}"
    text = _("Briefing {reference} was sent", reference=reference)
    if by.person_id is not None:
        text = _("{name} asked for briefing {reference}", name=by.name, reference=reference)
    elif composed.due is not None:
        text = _(
            "Briefing {reference} was sent late; it was due at {time}",
            reference=reference,
            time=composed.due,
        )
    await record(
        uow,
        incident,
        "briefing.sent",
        text,
        by=by,
        now=now,
        thing=reference,
        changes=fields(row),
        params={"late": composed.due is not None, "quiet": composed.quiet},
    )
    if row.asked:
        await uow.timers.set(UNREAD, str(row.id), now + PATIENCE)
    return Issued(row, composed, heard)


async def named(uow: UnitOfWork, incident_id: int, number: int | None) -> Briefing:
    """`B` of that number; of a schedule, and of an incident (None), the last one.

    Raises `Refusal` (`briefing-unknown`).
    """
    found: Briefing | None = None
    if number is not None:
        found = await uow.briefings.get(incident_id, number)
        schedule = None if found else await uow.briefings.schedule(incident_id, number)
        if schedule is not None:
            found = next(
                iter(await uow.briefings.latest(incident_id, schedule_id=schedule.id)), None
            )
            if found is None:
                raise Refusal(
                    "briefing-none-yet",
                    _(
                        "{reference} has sent no briefing yet. /brief now makes one.",
                        reference=f"B{number}",
                    ),
                )
    else:
        found = next(iter(await uow.briefings.latest(incident_id)), None)
    if found is None:
        raise Refusal(
            "briefing-unknown",
            _("There is no such briefing in {incident}. /brief list shows those there are.",
              incident=f"I{incident_id}"),
        )  # fmt: skip
    return found


async def acknowledge(
    uow: UnitOfWork, incident: Incident, number: int | None, *, by: By, now: datetime
) -> tuple[Briefing, bool]:
    """Somebody takes note of a briefing; False if they had before. Raises `Refusal`."""
    assert by.person_id is not None
    await uow.incidents.locked(incident.id)
    found = await named(uow, incident.id, number)
    assert found.id is not None
    new = await uow.briefings.note(found.id, by.person_id, name=by.name, agency=by.agency, now=now)
    if new:
        reference = f"B{found.number}"
        await record(
            uow,
            incident,
            "briefing.acknowledged",
            _("{name} acknowledged briefing {reference}", name=by.name, reference=reference),
            by=by,
            now=now,
            thing=reference,
            changes={f"acknowledged by {by.person_id}": iso(now)},
        )
    return found, new


@dataclass(frozen=True, slots=True)
class Noted:
    """Who has taken note of a briefing, and those who were asked and have not, by id and name."""

    receipts: tuple[BriefingReceipt, ...]
    missing: tuple[tuple[int, str], ...]


async def noted(uow: UnitOfWork, row: Briefing) -> Noted:
    """Who has taken note and who has not."""
    assert row.id is not None
    receipts = tuple(await uow.briefings.receipts(row.id))
    done = {each.person_id for each in receipts}
    missing: list[tuple[int, str]] = []
    for person_id in row.asked:
        person = None if person_id in done else await uow.people.person(person_id)
        if person is not None:
            missing.append((person_id, person.name))
    return Noted(receipts, tuple(missing))


def digest(row: Briefing) -> str:
    """SHA-256 of what a briefing says: stands in the ledger and on the paper."""
    whole = json.dumps(row.content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def fields(row: Briefing) -> dict[str, Json]:
    """The fields of a briefing as the ledger keeps them; its words are in the store alone, proved
    by their digest."""
    return {
        "digest": digest(row),
        "schedule_id": row.schedule_id,
        "due_at": iso(row.due_at),
        "made_at": iso(row.made_at),
        "made_by": row.made_by,
        "recipients": list(row.recipients),
        "asked": list(row.asked),
    }


def schedule_fields(row: BriefingSchedule) -> dict[str, Json]:
    """The fields of a schedule as the ledger keeps them."""
    return {
        "every_s": row.every_s,
        "clocks": list(row.clocks),
        "before_s": row.before_s,
        "recipients": list(row.recipients),
        "begins_at": iso(row.begins_at),
        "state": row.state,
        "state_at": iso(row.state_at),
        "made_at": iso(row.made_at),
        "made_by": row.made_by,
    }


async def _noted(
    uow: UnitOfWork,
    incident: Incident,
    row: BriefingSchedule,
    code: str,
    text: Msg,
    by: By,
    now: datetime,
) -> None:
    thing = f"B{row.number}"
    await record(
        uow, incident, code, text, by=by, now=now, thing=thing, changes=schedule_fields(row)
    )
