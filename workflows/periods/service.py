"""Beginning, planning and ending periods: rules, store, timers, ledger and timeline together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from storage import UnitOfWork
from storage.tables import Incident, Period
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.periods import meetings, rules
from workflows.periods.cycle import Cycle
from workflows.periods.rules import Event, State
from workflows.text import Json, Msg, _

TURN = "period.turn"
"""The timer of a period's beginning or end; the subject is its key."""

PACK = "form.pack"
"""The timer by which a continuity pack is made when a period ends; the subject is its key."""

LATE = timedelta(minutes=5)
"""What happens later than that after its moment says so."""


async def start(
    uow: UnitOfWork,
    number: int,
    minutes: int,
    at: datetime | None,
    *,
    cycle: Cycle,
    by: By,
    now: datetime,
) -> Period:
    """The first period, or the first after a pause, from now or a time to come. Raises
    `Refusal`."""
    incident = await to_act_in(uow, number)
    current = await uow.periods.current(number)
    if current is not None:
        raise Refusal(
            "period-overlap",
            _(
                "{reference} runs until {time}, and periods do not overlap. /period next goes on "
                "to the next one, /period end ends it.",
                reference=f"P{current.number}",
                time=current.ends_at,
            ),
        )
    planned = await uow.periods.planned(number)
    if planned is not None:
        raise Refusal(
            "period-overlap",
            _(
                "{reference} is to begin at {time}. /period next now begins it at once, /period "
                "next at=TIME moves it.",
                reference=f"P{planned.number}",
                time=planned.starts_at,
            ),
        )
    if at is not None:
        rules.check_start(at, now)
    made = await _plan(uow, incident, max(at or now, now), minutes, cycle, now, by=by, now=now)
    if made.starts_at <= now:
        await begin(uow, incident, made, cycle=cycle, by=by, now=now)
    return made


async def _plan(
    uow: UnitOfWork,
    incident: Incident,
    starts_at: datetime,
    minutes: int,
    cycle: Cycle,
    earliest: datetime,
    *,
    by: By,
    now: datetime,
) -> Period:
    """The next period is planned, with the meetings that prepare it from `earliest` on."""
    zone = ZoneInfo(incident.zone)
    values: dict[str, Any] = {
        "starts_at": starts_at,
        "ends_at": rules.ends(starts_at, minutes, zone),
        "ended_at": None,
        "minutes": minutes,
        "zone": incident.zone,
        "made_at": now,
        "made_by": by.person_id,
        "ended_by": None,
        "carried": {},
    }
    known = await uow.periods.all(incident.id)
    last = known[-1] if known else None
    if last is not None and last.state == State.CANCELLED:
        last.state = rules.after(last.state, Event.PLAN, f"P{last.number}")
        for name, value in values.items():
            setattr(last, name, value)
        await uow.periods.save(last)
        made = last
    else:
        made = await uow.periods.add(
            incident_id=incident.id,
            number=await uow.incidents.next_number(incident.id, "P"),
            state=State.PLANNED,
            **values,
        )
    await record(
        uow,
        incident,
        "period.planned",
        _(
            "{reference} planned from {starts} to {ends}",
            reference=f"P{made.number}",
            starts=made.starts_at,
            ends=made.ends_at,
        ),
        by=by,
        now=now,
        thing=f"P{made.number}",
        changes=fields(made),
    )
    if starts_at > now:
        await meetings.schedule(uow, incident, made, cycle, earliest, now=now)
        await uow.timers.set(TURN, str(made.id), made.starts_at)
    return made


async def begin(
    uow: UnitOfWork,
    incident: Incident,
    period: Period,
    *,
    cycle: Cycle,
    by: By,
    now: datetime,
) -> None:
    """A planned period runs from its start on, with all that is still open, and the next one of
    the same length is planned after it."""
    period.state = rules.after(period.state, Event.BEGIN, f"P{period.number}")
    period.carried = await open_things(uow, incident.id)
    await uow.periods.save(period)
    text = _(
        "{reference} runs from {starts} to {ends}",
        reference=f"P{period.number}",
        starts=period.starts_at,
        ends=period.ends_at,
    )
    await record(
        uow,
        incident,
        "period.begun",
        text,
        by=by,
        now=now,
        at=period.starts_at,
        thing=f"P{period.number}",
        changes=fields(period),
    )
    await meetings.close(uow, incident, period, now=now)
    await uow.timers.set(TURN, str(period.id), period.ends_at)
    await _plan(
        uow,
        incident,
        period.ends_at,
        period.minutes,
        cycle,
        period.starts_at,
        by=by,
        now=now,
    )


async def end(
    uow: UnitOfWork, incident: Incident, period: Period, at: datetime, *, by: By, now: datetime
) -> None:
    """A running period is over since `at`."""
    period.state = rules.after(period.state, Event.END, f"P{period.number}")
    period.ended_at, period.ended_by = at, by.person_id
    await uow.periods.save(period)
    await uow.timers.drop(TURN, str(period.id))
    await uow.timers.set(PACK, str(period.id), now)
    await record(
        uow,
        incident,
        "period.ended",
        _("{reference} has ended", reference=f"P{period.number}"),
        by=by,
        now=now,
        at=at,
        thing=f"P{period.number}",
        changes={"state": period.state, "ended_at": iso(at), "ended_by": by.person_id},
        params={"late": (now - at).total_seconds()},
    )


async def turn(
    uow: UnitOfWork, period: Period, incident: Incident, *, cycle: Cycle, by: By, now: datetime
) -> Period | None:
    """The moment of a period has come: a planned one begins, a running one gives way to the next.

    Each is dated as it was planned, however late this is. Whichever runs now; None if nothing was
    to be done.
    """
    if period.state == State.PLANNED and period.starts_at <= now:
        current = await uow.periods.current(incident.id)
        if current is not None:
            await end(uow, incident, current, period.starts_at, by=by, now=now)
        await begin(uow, incident, period, cycle=cycle, by=by, now=now)
        return period
    if period.state == State.RUNNING and period.ends_at <= now:
        following = await uow.periods.planned(incident.id)
        if following is not None:
            await uow.timers.drop(TURN, str(following.id))
            return await turn(uow, following, incident, cycle=cycle, by=by, now=now)
        await end(uow, incident, period, period.ends_at, by=by, now=now)
        return period
    return None


async def go_on(
    uow: UnitOfWork, number: int, *, cycle: Cycle, by: By, now: datetime
) -> tuple[Period | None, Period]:
    """The planned period begins now; the one that ran, and the one that runs. Raises
    `Refusal`."""
    incident = await to_act_in(uow, number)
    current, planned = await _both(uow, number)
    if current is not None and now - current.starts_at < timedelta(minutes=1):
        raise Refusal(
            "period-new",
            _("{reference} has only just begun.", reference=f"P{current.number}"),
        )
    planned.starts_at = now
    planned.ends_at = rules.ends(now, planned.minutes, ZoneInfo(incident.zone))
    planned.zone = incident.zone
    await uow.timers.drop(TURN, str(planned.id))
    if current is not None:
        await end(uow, incident, current, now, by=by, now=now)
    await begin(uow, incident, planned, cycle=cycle, by=by, now=now)
    return current, planned


async def change_next(
    uow: UnitOfWork,
    number: int,
    minutes: int | None,
    at: datetime | None,
    *,
    cycle: Cycle,
    by: By,
    now: datetime,
) -> Period:
    """The next period is to have another length, or to begin at another time, when the one that
    runs ends; its meetings move with it. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    current, planned = await _both(uow, number)
    if at is not None:
        rules.check_start(at, now)
        if current is not None:
            longest = current.starts_at + timedelta(hours=rules.LONGEST)
            if at > longest:
                raise Refusal(
                    "period-length",
                    _(
                        "{reference} would be longer than {longest} hours. It can run until "
                        "{time}; end it with /period end if there is to be a pause.",
                        reference=f"P{current.number}",
                        longest=rules.LONGEST,
                        time=longest,
                    ),
                )
            current.state = rules.after(current.state, Event.CHANGE, f"P{current.number}")
            current.ends_at = at
            current.minutes = int((at - current.starts_at).total_seconds() // 60)
            await uow.periods.save(current)
            await uow.timers.set(TURN, str(current.id), at)
            await _changed(uow, incident, current, by=by, now=now)
    planned.state = rules.after(planned.state, Event.CHANGE, f"P{planned.number}")
    planned.starts_at = at or planned.starts_at
    planned.minutes = minutes or planned.minutes
    planned.zone = incident.zone
    planned.ends_at = rules.ends(planned.starts_at, planned.minutes, ZoneInfo(incident.zone))
    await uow.periods.save(planned)
    await uow.timers.set(TURN, str(planned.id), planned.starts_at)
    await _changed(uow, incident, planned, by=by, now=now)
    if at is not None:
        earliest = now if current is None else current.starts_at
        await meetings.reschedule(uow, incident, planned, cycle, earliest, by=by, now=now)
    return planned


async def _changed(
    uow: UnitOfWork, incident: Incident, period: Period, *, by: By, now: datetime
) -> None:
    text = _(
        "{name}: {reference} is now from {starts} to {ends}",
        name=by.name,
        reference=f"P{period.number}",
        starts=period.starts_at,
        ends=period.ends_at,
    )
    await record(
        uow,
        incident,
        "period.changed",
        text,
        by=by,
        now=now,
        thing=f"P{period.number}",
        changes={
            "starts_at": iso(period.starts_at),
            "ends_at": iso(period.ends_at),
            "minutes": period.minutes,
            "zone": period.zone,
        },
    )


async def finish(uow: UnitOfWork, number: int, *, by: By, now: datetime) -> Period:
    """No period runs from now on, and none is planned; the one that ran, or was planned. Raises
    `Refusal`."""
    incident = await to_act_in(uow, number)
    current, planned = await uow.periods.current(number), await uow.periods.planned(number)
    if planned is not None:
        await cancel(uow, incident, planned, by=by, now=now)
    if current is not None:
        await end(uow, incident, current, now, by=by, now=now)
    if (over := current or planned) is not None:
        return over
    raise _none()


async def cancel(
    uow: UnitOfWork, incident: Incident, planned: Period, *, by: By, now: datetime
) -> None:
    """A planned period does not come, nor do its meetings."""
    planned.state = rules.after(planned.state, Event.CANCEL, f"P{planned.number}")
    await uow.periods.save(planned)
    await uow.timers.drop(TURN, str(planned.id))
    await meetings.cancel(uow, incident, planned, now=now)
    text: Msg = _("{reference} is cancelled", reference=f"P{planned.number}")
    await record(
        uow,
        incident,
        "period.cancelled",
        text,
        by=by,
        now=now,
        thing=f"P{planned.number}",
        changes={"state": planned.state},
    )


async def _both(uow: UnitOfWork, number: int) -> tuple[Period | None, Period]:
    planned = await uow.periods.planned(number)
    if planned is None:
        raise _none()
    return await uow.periods.current(number), planned


def _none() -> Refusal:
    return Refusal(
        "period-none",
        _("No period runs, and none is planned. /period start begins one."),
    )


async def open_things(uow: UnitOfWork, incident_id: int) -> dict[str, Json]:
    """What is still open, by kind: it goes on in the next period."""

    def named(letter: str, numbers: Sequence[int]) -> list[Json]:
        return [f"{letter}{each}" for each in numbers]

    objectives = await uow.objectives.all(incident_id, open_only=True)
    orders = await uow.orders.all(incident_id, open_only=True)
    requests = await uow.requests.all(incident_id, open_only=True)
    return {
        "objectives": named("O", [each.number for each in objectives]),
        "orders": named("T", [each.number for each in orders]),
        "requests": named("R", [each.number for each in requests]),
    }


def fields(period: Period) -> dict[str, Json]:
    """The fields of a period as the ledger keeps them."""
    made: dict[str, Json] = {}
    for name, value in period.model_dump(exclude={"id", "incident_id", "number"}).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    return made
