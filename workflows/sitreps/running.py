"""Reporting clocks of an incident: started, kept in step with its level and state, stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, Sitrep, SitrepClock, SitrepDuty
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import OVER
from workflows.incidents.scene import to_act_in
from workflows.orders.conflicts import Target
from workflows.organisation.positions import COMMANDER, ROLES
from workflows.shelf import Shelf
from workflows.sitreps import duties
from workflows.sitreps.elements import PHONE, UPWARD, Kind
from workflows.sitreps.figures import Code, Figure
from workflows.sitreps.packs import Pack, for_type, pack, usable
from workflows.text import Msg, _

WATCHED = (Code.DEAD, Code.MISSING, Code.INJURED)
"""Casualties whose change has to be reported."""


async def begin(
    uow: UnitOfWork,
    incident: Incident,
    shelf: Shelf,
    *,
    by: By,
    now: datetime,
    codes: Sequence[str] | None = None,
) -> tuple[Pack, ...]:
    """Start the clocks of an incident's type, which follow from it and are not recorded apart, or
    those of these names; those that run or ran already stay as they are."""
    known = {each.pack for each in await uow.sitreps.clocks(incident.id, running=False)}
    meant = for_type(shelf, incident.type) if codes is None else usable(shelf, codes)
    found = tuple(each for each in meant if each.code not in known)
    for each in found:
        clock = await _start(uow, incident, each, "", by=by, now=now)
        if codes is not None:
            text = _started(each, by)
            await _noted(uow, incident, clock, "sitrep.clock-started", text, by, now)
    await review(uow, incident, shelf, now=now)
    return found


async def start(
    uow: UnitOfWork,
    incident_id: int,
    code: str,
    line: str,
    shelf: Shelf,
    *,
    by: By,
    now: datetime,
) -> Pack:
    """Start one pack, for an agency if `line` names one. Raises `Refusal` (`sitrep-pack`,
    `sitrep-clock`)."""
    incident = await to_act_in(uow, incident_id)
    found = pack(shelf, code)
    for each in await uow.sitreps.clocks(incident_id, running=False):
        if each.pack == code and each.line == line:
            if each.ended_at is None:
                raise Refusal("sitrep-clock", _("That clock runs already. Nothing was changed."))
            each.ended_at = None
            await uow.sitreps.save(each)
            await _noted(uow, incident, each, "sitrep.clock-started", _started(found, by), by, now)
            break
    else:
        clock = await _start(uow, incident, found, line, by=by, now=now)
        await _noted(uow, incident, clock, "sitrep.clock-started", _started(found, by), by, now)
    await review(uow, incident, shelf, now=now)
    return found


async def _start(
    uow: UnitOfWork, incident: Incident, found: Pack, line: str, *, by: By, now: datetime
) -> SitrepClock:
    return await uow.sitreps.start_clock(
        incident_id=incident.id,
        line=line,
        pack=found.code,
        begins_at=found.begins(incident.started_at, incident.reported_at),
        set_at=now,
        set_by=by.person_id,
    )


def _started(found: Pack, by: By) -> Msg:
    return _("{name}: reporting deadlines run: {pack}", name=by.name, pack=found.name)


async def stop(
    uow: UnitOfWork, incident_id: int, code: str, line: str, reason: str, *, by: By, now: datetime
) -> None:
    """One pack no longer runs, nor is anything owed by it. Raises `Refusal` (`sitrep-clock`)."""
    incident = await to_act_in(uow, incident_id)
    for each in await uow.sitreps.clocks(incident_id):
        if each.pack == code and each.line == line:
            each.ended_at = now
            await uow.sitreps.save(each)
            open_ = [d for d in await uow.sitreps.duties(incident_id) if d.clock_id == each.id]
            await duties.close_all(uow, open_, duties.STOPPED, now)
            text = _(
                "{name} stopped the reporting deadlines {pack}. Reason: {reason}",
                name=by.name,
                pack=code,
                reason=reason,
            )
            await _noted(uow, incident, each, "sitrep.clock-stopped", text, by, now)
            return
    raise Refusal("sitrep-clock", _("That clock does not run here: {pack}.", pack=code[:40]))


async def _noted(
    uow: UnitOfWork,
    incident: Incident,
    clock: SitrepClock,
    code: str,
    text: Msg,
    by: By,
    now: datetime,
) -> None:
    await record(
        uow,
        incident,
        code,
        text,
        by=by,
        now=now,
        thing=f"clock{clock.id}",
        changes={
            "pack": clock.pack,
            "line": clock.line,
            "begins_at": iso(clock.begins_at),
            "ended_at": iso(clock.ended_at),
        },
    )


async def packs_of(uow: UnitOfWork, incident_id: int, line: str, shelf: Shelf) -> tuple[Pack, ...]:
    """The packs that run for a line; of the whole incident where the agency has none."""
    clocks = await uow.sitreps.clocks(incident_id)
    own = [each for each in clocks if each.line == line] or [c for c in clocks if not c.line]
    found = [_pack(shelf, each) for each in own]
    return tuple(each for each in found if each is not None)


def _pack(shelf: Shelf, clock: SitrepClock) -> Pack | None:
    """None for one that the operator has taken away or broken since: deadlines that are set stay,
    and nobody who reports is stopped by it."""
    try:
        return pack(shelf, clock.pack)
    except Refusal:
        return None


async def review(uow: UnitOfWork, incident: Incident, shelf: Shelf, *, now: datetime) -> None:
    """Bring what is owed by the clocks into line with the incident's level and state and with what
    was handed in; nothing is done where all is so already."""
    if incident.state in OVER:
        return
    clocks = await uow.sitreps.clocks(incident.id)
    owed = await uow.sitreps.duties(incident.id, open_only=False)
    for clock in clocks:
        found = _pack(shelf, clock)
        if found is None:
            continue
        filed = await uow.sitreps.all(incident.id, kinds=UPWARD, line=clock.line)
        mine = [each for each in owed if each.clock_id == clock.id]
        for kind in (PHONE, Kind.FIRST):
            await _once(uow, incident, clock, found, kind, mine, filed, now)
        await _again(uow, incident, clock, found, mine, filed, now)
        await _last(uow, incident, clock, found, mine, filed, now)
    await _revive(uow, incident, now)


async def _revive(uow: UnitOfWork, incident: Incident, now: datetime) -> None:
    """Timers that rang in vain while the incident was closed are set again."""
    for each in await uow.sitreps.duties(incident.id):
        if await uow.timers.get(duties.WATCH, str(each.id)) is not None:
            continue
        if each.stage < 2:
            await duties.watch(uow, each, now)
        elif (again := await duties.begins_again(uow, each, now)) is not None:
            await uow.timers.set(duties.WATCH, str(each.id), max(now, again))


async def _once(
    uow: UnitOfWork,
    incident: Incident,
    clock: SitrepClock,
    found: Pack,
    kind: str,
    mine: Sequence[SitrepDuty],
    filed: Sequence[Sitrep],
    now: datetime,
) -> None:
    """The call and the first report: owed once, sooner where the level is graver."""
    deadline = found.deadline(kind, incident.event_level)
    if deadline is None:
        return
    due = clock.begins_at + deadline.within
    known = [each for each in mine if each.kind == kind]
    if not known and not (kind == Kind.FIRST and filed):
        await _owe(uow, incident, clock, found, kind, clock.begins_at, due, None, now)
    for each in known:
        if each.state == duties.OPEN and each.due_at != due:
            await _move(uow, each, each.begins_at, due, None, now)


async def _again(
    uow: UnitOfWork,
    incident: Incident,
    clock: SitrepClock,
    found: Pack,
    mine: Sequence[SitrepDuty],
    filed: Sequence[Sitrep],
    now: datetime,
) -> None:
    """Follow-ups: owed from the first report on, until the last."""
    deadline = found.deadline(Kind.UPDATE, incident.event_level)
    over = any(each.kind == Kind.FINAL for each in filed)
    if deadline is None or not deadline.every or not filed or over:
        return
    seconds = int(deadline.within.total_seconds())
    running = [each for each in mine if each.kind == Kind.UPDATE and each.every is not None]
    running = [each for each in running if each.state == duties.OPEN]
    if not running:
        since = filed[-1].made_at
        due = max(since + deadline.within, now)
        await _owe(uow, incident, clock, found, Kind.UPDATE, since, due, seconds, now)
    for each in running:
        if each.every != seconds:
            await _move(uow, each, each.begins_at, each.begins_at + deadline.within, seconds, now)


async def _last(
    uow: UnitOfWork,
    incident: Incident,
    clock: SitrepClock,
    found: Pack,
    mine: Sequence[SitrepDuty],
    filed: Sequence[Sitrep],
    now: datetime,
) -> None:
    """The final report: owed once the incident has come to the state that the pack names."""
    deadline = found.deadline(Kind.FINAL, incident.event_level)
    if deadline is None or any(each.kind == Kind.FINAL for each in filed):
        return
    known = [each for each in mine if each.kind == Kind.FINAL and each.state == duties.OPEN]
    if deadline.after is not None and incident.state != deadline.after:
        await duties.close_all(uow, known, duties.STOPPED, now)
        return
    if not known:
        since = incident.state_at if deadline.after else clock.begins_at
        due = since + deadline.within
        await _owe(uow, incident, clock, found, Kind.FINAL, since, due, None, now)


async def _owe(
    uow: UnitOfWork,
    incident: Incident,
    clock: SitrepClock,
    found: Pack,
    kind: str,
    begins: datetime,
    due: datetime,
    every: int | None,
    now: datetime,
) -> None:
    role = found.owes if found.owes in ROLES else COMMANDER
    duty = await uow.sitreps.owe(
        incident_id=incident.id,
        target=Target.AGENCY if clock.line else Target.ROLE,
        assignee=clock.line or f"{role}/",
        kind=kind,
        line=clock.line,
        clock_id=clock.id,
        begins_at=begins,
        due_at=due,
        every=every,
        state_at=now,
    )
    await duties.watch(uow, duty, now)


async def _move(
    uow: UnitOfWork,
    duty: SitrepDuty,
    begins: datetime,
    due: datetime,
    every: int | None,
    now: datetime,
) -> None:
    duty.begins_at, duty.due_at, duty.every, duty.stage = begins, due, every, 0
    await uow.sitreps.save(duty)
    await duties.watch(uow, duty, now)


async def changed(
    uow: UnitOfWork,
    incident: Incident,
    counted: Mapping[Code, Figure],
    shelf: Shelf,
    *,
    now: datetime,
) -> tuple[SitrepDuty, ...]:
    """Casualties are others than the last report upward said: a follow-up is owed soon, where a
    pack says so. What is newly owed."""
    new: list[SitrepDuty] = []
    for clock in await uow.sitreps.clocks(incident.id):
        found = _pack(shelf, clock)
        last = await uow.sitreps.latest(incident.id, kinds=UPWARD, line=clock.line)
        if found is None or found.changed is None or last is None:
            continue
        if now > clock.begins_at + found.watches(incident.type):
            continue
        said = {code: last.figures.get(code, {}).get("claims") for code in WATCHED}
        is_ = {code: claims_of(counted, code, clock.line) for code in WATCHED}
        if all(said[code] == is_[code] for code in WATCHED):
            continue
        due = now + found.changed
        owed = await uow.sitreps.duties(incident.id)
        if any(
            each.clock_id == clock.id and each.kind == Kind.UPDATE and each.due_at <= due
            for each in owed
        ):
            continue
        await _owe(uow, incident, clock, found, Kind.UPDATE, now, due, None, now)
        new += [
            each
            for each in await uow.sitreps.duties(incident.id)
            if each.clock_id == clock.id and each.due_at == due
        ]
    return tuple(new)


def claims_of(
    counted: Mapping[Code, Figure], code: Code, line: str = ""
) -> list[list[str | int]] | None:
    """What each agency counts of something, or that of the line alone, as reports keep it; None if
    nobody does."""
    figure = counted.get(code)
    claims = () if figure is None else figure.claims
    kept = sorted((each.agency, each.value) for each in claims if line in ("", each.agency))
    return [list(each) for each in kept] or None


async def phoned(
    uow: UnitOfWork, incident_id: int, line: str, *, by: By, now: datetime
) -> tuple[SitrepDuty, ...]:
    """The report by telephone was given. Raises `Refusal` (`sitrep-phone`) where none is owed."""
    incident = await to_act_in(uow, incident_id)
    owed = [
        each
        for each in await uow.sitreps.duties(incident_id)
        if each.kind == PHONE and each.line == line
    ]
    if not owed:
        raise Refusal("sitrep-phone", _("No report by telephone is owed here, or it was noted."))
    for each in owed:
        await duties.settled(uow, incident, each, None, by=by, now=now)
    return tuple(owed)
