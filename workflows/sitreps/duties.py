"""Who owes a report by when: set, met, moved and stopped, with the timer that watches over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Incident, Person, Sitrep, SitrepDuty
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.orders.conflicts import Target
from workflows.orders.recipients import To, behind, called
from workflows.sitreps.elements import KINDS, UPWARD, Kind
from workflows.sitreps.packs import lead
from workflows.text import Json, Msg, _

WATCH = "sitrep.duty"
"""Timer that reminds, and passes up the chain, by the duty's key."""
SNOOZED = "sitrep.snoozed"
"""Timer that reminds one person again, by `duty:person`."""

OPEN, MET, STOPPED = "open", "met", "stopped"

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=31)
"""Between reports that are owed again and again."""

SNOOZE = timedelta(minutes=10)
LONGEST_SNOOZE = timedelta(hours=2)


def to(duty: SitrepDuty) -> To:
    """Who owes it."""
    return To(Target(duty.target), str(duty.person_id) if duty.person_id else duty.assignee)


def every(typed: timedelta | None) -> int | None:
    """How often, in seconds. Raises `Refusal` (`sitrep-every`)."""
    if typed is None:
        return None
    if not SHORTEST <= typed <= LONGEST:
        raise Refusal(
            "sitrep-every",
            _(
                "A report is owed every {shortest} at the most often and every {longest} at the "
                "least; {typed} is neither.",
                shortest=SHORTEST,
                longest=LONGEST,
                typed=typed,
            ),
        )
    return int(typed.total_seconds())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report somebody is to owe. Without `due` it is first due after `each`, or with
    `periodic` at the end of the operational period."""

    to: To
    due: datetime | None = None
    each: timedelta | None = None
    periodic: bool = False


async def owe(
    uow: UnitOfWork, incident_id: int, wanted: Wanted, *, by: By, now: datetime
) -> SitrepDuty:
    """Somebody owes reports from now on; what they owed before is replaced by it.

    Raises `Refusal` (`sitrep-every`, `sitrep-due`, `sitrep-nobody`).
    """
    incident = await to_act_in(uow, incident_id)
    seconds = every(wanted.each)
    due = wanted.due
    if due is None and seconds is not None:
        due = now + timedelta(seconds=seconds)
    if due is None and wanted.periodic:
        due = await _period_end(uow, incident_id, now)
    if due is None:
        raise Refusal(
            "sitrep-due",
            _("By when, or how often? Such as by=14:00, every=4h, or period=yes."),
        )
    if due <= now:
        raise Refusal("sitrep-due", _("{time} is over. Name a time to come.", time=due))
    people = (await behind(uow, incident, wanted.to, now)).people
    name = await called(uow, wanted.to)
    if not people:
        raise Refusal(
            "sitrep-nobody",
            _("Nobody is behind {recipient} now who could be told.", recipient=name),
        )
    for each in await uow.sitreps.duties(incident_id):
        if to(each) == wanted.to and each.kind == Kind.REPORT:
            await _close(uow, each, STOPPED, now)
            await _kept(uow, incident, each, "sitrep.duty-stopped",
                        _("{name} replaced what {recipient} owed", name=by.name, recipient=name),
                        by, now)  # fmt: skip
    person = wanted.to.target is Target.PERSON
    duty = await uow.sitreps.owe(
        incident_id=incident_id,
        target=wanted.to.target,
        assignee="" if person else wanted.to.key,
        person_id=int(wanted.to.key) if person else None,
        begins_at=now,
        due_at=due,
        every=seconds,
        periodic=wanted.periodic,
        state_at=now,
        set_by=by.person_id,
    )
    await watch(uow, duty, now)
    text = _("{recipient} owes a report by {time}", recipient=name, time=due)
    if seconds is not None:
        text = _(
            "{recipient} owes a report by {time} and every {every} from then on",
            recipient=name,
            time=due,
            every=timedelta(seconds=seconds),
        )
    elif wanted.periodic:
        text = _(
            "{recipient} owes a report by {time}, the end of the operational period, and in each "
            "period from then on",
            recipient=name,
            time=due,
        )
    await _kept(uow, incident, duty, "sitrep.owed", text, by, now)
    return duty


async def _period_end(uow: UnitOfWork, incident_id: int, now: datetime) -> datetime:
    period = await uow.periods.current(incident_id)
    if period is None or period.ends_at <= now:
        raise Refusal(
            "sitrep-period",
            _("No operational period is running. /period start begins one."),
        )
    return period.ends_at


async def stop(
    uow: UnitOfWork, incident_id: int, whose: To, *, by: By, now: datetime
) -> SitrepDuty:
    """Somebody owes reports to command no longer. Raises `Refusal` (`sitrep-not-owed`)."""
    incident = await to_act_in(uow, incident_id)
    name = await called(uow, whose)
    for each in await uow.sitreps.duties(incident_id):
        if to(each) == whose and each.kind == Kind.REPORT:
            await _close(uow, each, STOPPED, now)
            text = _("{name}: {recipient} owes no reports any more", name=by.name, recipient=name)
            await _kept(uow, incident, each, "sitrep.duty-stopped", text, by, now)
            return each
    raise Refusal("sitrep-not-owed", _("{recipient} owes no report.", recipient=name))


async def watch(uow: UnitOfWork, duty: SitrepDuty, now: datetime) -> None:
    """The timer of a duty begins anew: first the reminder, then the deadline itself."""
    remind = duty.due_at - lead(duty.due_at - duty.begins_at)
    await uow.timers.set(WATCH, str(duty.id), max(now, remind))


async def meet(
    uow: UnitOfWork, incident: Incident, sitrep: Sitrep, *, by: By, now: datetime
) -> tuple[SitrepDuty, ...]:
    """What a report settles; of what is owed again the next time begins. `sitrep.due_at` becomes
    the earliest deadline that it was for."""
    met: list[SitrepDuty] = []
    for each in await uow.sitreps.duties(incident.id):
        if await _settles(uow, incident, each, sitrep, now):
            met.append(each)
            sitrep.due_at = min(filter(None, (sitrep.due_at, each.due_at)))
            await settled(uow, incident, each, sitrep, by=by, now=now)
    return tuple(met)


async def _settles(
    uow: UnitOfWork, incident: Incident, duty: SitrepDuty, sitrep: Sitrep, now: datetime
) -> bool:
    if duty.clock_id is not None:
        same = duty.kind == sitrep.kind or (
            # Who hands in a later report owes no earlier one any more.
            sitrep.kind in UPWARD
            and duty.kind in UPWARD
            and UPWARD.index(Kind(duty.kind)) < UPWARD.index(Kind(sitrep.kind))
        )
        return same and duty.line == sitrep.line
    # Whoever owes command a report has reported, too, with one that goes further up.
    if duty.kind not in (sitrep.kind, Kind.REPORT):
        return False
    if duty.target == Target.AGENCY and duty.assignee in (sitrep.agency, sitrep.line):
        return True
    return sitrep.by_id in (await behind(uow, incident, to(duty), now)).ids


async def settled(
    uow: UnitOfWork,
    incident: Incident,
    duty: SitrepDuty,
    sitrep: Sitrep | None,
    *,
    by: By,
    now: datetime,
) -> None:
    """A duty is met; one that comes again goes on with its next time."""
    following = await _following(uow, duty, now)
    duty.met_by = None if sitrep is None else sitrep.id
    if following is None or (sitrep is not None and sitrep.kind == Kind.FINAL):
        await _close(uow, duty, MET, now)
    elif following == duty.due_at:
        await uow.sitreps.save(duty)
    else:
        duty.begins_at, duty.due_at, duty.stage = now, following, 0
        await uow.sitreps.save(duty)
        await watch(uow, duty, now)
    reference = "" if sitrep is None else f"S{sitrep.number}"
    text = _("{kind} handed in: {reference}", kind=KINDS[duty.kind], reference=reference)
    if sitrep is None:
        text = _("{name}: {kind} is done", name=by.name, kind=KINDS[duty.kind])
    await _kept(uow, incident, duty, "sitrep.duty-met", text, by, now)


async def begins_again(uow: UnitOfWork, duty: SitrepDuty, now: datetime) -> datetime | None:
    """When the next time of what was missed begins, with its reminder; None if it comes no more."""
    following = await _following(uow, duty, now)
    if following is None or following <= duty.due_at:
        return None
    return following - lead(following - duty.due_at)


async def go_on(
    uow: UnitOfWork, incident: Incident, duty: SitrepDuty, missed: Msg, *, by: By, now: datetime
) -> bool:
    """What was missed stays so in the record, and the next time begins, if its moment has come."""
    begins = await begins_again(uow, duty, now)
    following = await _following(uow, duty, now)
    if begins is None or following is None or now < begins:
        return False
    duty.begins_at, duty.due_at, duty.stage = duty.due_at, following, 0
    await uow.sitreps.save(duty)
    await watch(uow, duty, now)
    await _kept(uow, incident, duty, "sitrep.missed", missed, by, now)
    return True


async def _following(uow: UnitOfWork, duty: SitrepDuty, now: datetime) -> datetime | None:
    """When a duty is due the next time, None if it is done with. A report before the time of its
    deadline has begun, one step ahead of it or with the reminder, moves nothing."""
    if duty.periodic:
        period = await uow.periods.current(duty.incident_id)
        if period is None:
            return None
        length = timedelta(minutes=period.minutes)
        return period.ends_at if period.ends_at > duty.due_at else period.ends_at + length
    if duty.every is None:
        return None
    step = timedelta(seconds=duty.every)
    if duty.stage == 0 and now < duty.due_at - step:
        return duty.due_at
    due = duty.due_at + step
    if due <= now:
        due += step * ((now - due) // step + 1)
    return due


async def close_all(
    uow: UnitOfWork, duties: Sequence[SitrepDuty], state: str, now: datetime
) -> None:
    """These are over."""
    for each in duties:
        await _close(uow, each, state, now)


async def _close(uow: UnitOfWork, duty: SitrepDuty, state: str, now: datetime) -> None:
    duty.state, duty.state_at = state, now
    await uow.sitreps.save(duty)
    await uow.timers.drop(WATCH, str(duty.id))


async def _kept(
    uow: UnitOfWork,
    incident: Incident,
    duty: SitrepDuty,
    code: str,
    text: Msg,
    by: By,
    now: datetime,
) -> None:
    await record(
        uow, incident, code, text, by=by, now=now, thing=f"duty{duty.id}", changes=fields(duty)
    )


def fields(duty: SitrepDuty) -> dict[str, Json]:
    """The fields of a duty as the ledger keeps them; reminders are apart."""
    kept = duty.model_dump(exclude={"id", "incident_id", "stage", "snoozed_until"})
    return {name: iso(v) if isinstance(v, datetime) else v for name, v in kept.items()}


async def mine(
    uow: UnitOfWork, incident: Incident, person_id: int, now: datetime
) -> tuple[SitrepDuty, ...]:
    """What that person owes, due first first."""
    return tuple(
        [
            each
            for each in await uow.sitreps.duties(incident.id)
            if person_id in (await behind(uow, incident, to(each), now)).ids
        ]
    )


async def snooze(
    uow: UnitOfWork,
    incident_id: int,
    duty_id: int,
    person: Person,
    wait: timedelta,
    *,
    commands: bool,
    by: By,
    now: datetime,
) -> datetime:
    """Remind that person, who owes it or `commands` the incident, again after `wait`; the deadline
    stays. When that is. A duty of another incident is as one that is over.

    Raises `Refusal` (`sitrep-over`, `sitrep-not-yours`, `sitrep-snooze`).
    """
    duty = await uow.sitreps.duty(duty_id)
    if duty is None or duty.state != OPEN or duty.incident_id != incident_id:
        raise Refusal("sitrep-over", _("That report is no longer owed. Nothing was changed."))
    if not timedelta(minutes=1) <= wait <= LONGEST_SNOOZE:
        raise Refusal(
            "sitrep-snooze",
            _("A reminder can wait from 1 minute to {longest}.", longest=LONGEST_SNOOZE),
        )
    incident = await to_act_in(uow, incident_id)
    if not commands and person.id not in (await behind(uow, incident, to(duty), now)).ids:
        raise Refusal(
            "sitrep-not-yours",
            _("Only who owes that report, and command, can be reminded of it again later."),
        )
    again = now + wait
    duty.snoozed_until = again
    await uow.sitreps.save(duty)
    await uow.timers.set(SNOOZED, f"{duty.id}:{person.id}", again)
    text = _("{name} wants to be reminded again at {time}", name=by.name, time=again)
    await record(uow, incident, "sitrep.snoozed", text, by=by, now=now, thing=f"duty{duty.id}")
    return again
