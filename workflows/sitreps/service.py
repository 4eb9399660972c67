"""Handing in reports: checked, kept in order, numbered, with what they settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Incident, Sitrep, SitrepDuty, SitrepFigure
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import one_line, reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.shelf import Shelf
from workflows.sitreps import duties, figures, running
from workflows.sitreps.composing import composed
from workflows.sitreps.elements import (
    KINDS,
    LONGEST,
    UPWARD,
    Kind,
    carried,
    lacking,
    ordered,
)
from workflows.sitreps.figures import CASUALTIES, DAMAGE, Code, Fall, Figure, Impossible
from workflows.sitreps.packs import asked, for_type
from workflows.text import Json, Msg, _

TOGETHER = timedelta(minutes=2)
"""Who reports so soon after somebody of the same agency is told of it."""

MOST_PHOTOS = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody reports: elements in words, figures, why a figure falls, photos by the keys of
    their messages. `line`: in whose name a report goes up; None: where its clock runs."""

    kind: Kind
    told: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[Code, int] = field(default_factory=dict)
    reason: str | None = None
    photos: tuple[int, ...] = ()
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was kept. `asked_as` is the kind that was asked for; `before` one that somebody
    of the same agency, or in the same line, handed in just before; `newly` what is owed since its
    figures changed."""

    sitrep: Sitrep
    asked_as: Kind
    before: Sitrep | None
    met: tuple[SitrepDuty, ...]
    newly: tuple[SitrepDuty, ...]


async def objection(
    uow: UnitOfWork, incident_id: int, draft: Draft, by: By
) -> Impossible | tuple[Fall, ...]:
    """What has to be asked before the report can be kept: a figure that cannot be, or why figures
    fall; nothing: an empty tuple. The incident is held from here on."""
    await to_act_in(uow, incident_id)
    before = figures.own(await uow.sitreps.figures(incident_id), by.agency or "")
    wrong = figures.impossible({**before, **draft.counted})
    if wrong is not None:
        return wrong
    return () if draft.reason is not None else figures.falls(before, draft.counted)


async def hand_in(
    uow: UnitOfWork, incident_id: int, draft: Draft, shelf: Shelf, *, by: By, now: datetime
) -> Made:
    """Keep a report. A first one where there is one already is kept as the next follow-up, and a
    follow-up where there is none as the first: nothing that was typed is lost.

    Raises `Refusal` (`sitrep-empty`, `sitrep-figure`, `sitrep-words`).
    """
    found = await objection(uow, incident_id, draft, by)
    incident = await to_act_in(uow, incident_id)
    if isinstance(found, Impossible):
        raise Refusal("sitrep-figure", found.why)
    if found:
        raise Refusal("sitrep-figure", falling(found))
    told = {code: words(draft.told[code]) for code in ordered(draft.told)}
    agency = by.agency or ""
    if draft.kind is Kind.REPORT and not (told or draft.counted or draft.photos):
        raise Refusal(
            "sitrep-empty",
            _("There is nothing in that report. Say at least the situation: status: …"),
        )
    line = await _line(uow, incident_id, draft, agency)
    kind, follow = await _numbered(uow, incident_id, draft.kind, line)
    before = await _before(uow, incident_id, kind, line, agency)
    assert by.person_id is not None
    roles = await uow.organisation.of_person(incident_id, by.person_id, now)
    sitrep = await uow.sitreps.add(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "S"),
        kind=kind,
        line=line,
        follow=follow,
        by_id=by.person_id,
        by_role=roles[0].role if roles else None,
        agency=agency,
        at=now,
        made_at=now,
        content={},
        given=[*told],
        figures={},
        lacking=[],
        photos=list(draft.photos[:MOST_PHOTOS]),
        reason=None if draft.reason is None else checked_reason(draft.reason),
    )
    for code, value in draft.counted.items():
        await uow.sitreps.count(
            incident_id=incident_id,
            sitrep_id=sitrep.id,
            agency=agency,
            code=code,
            value=value,
            at=now,
            by_id=by.person_id,
            reason=sitrep.reason,
        )
    rows = await uow.sitreps.figures(incident_id)
    counted = figures.reconciled(rows)
    if kind is Kind.REPORT:
        sitrep.content = carried(before.content if before else {}, told)
        own = figures.own(rows, agency)
        sitrep.figures = {code: {"value": n, "claims": [[agency, n]]} for code, n in own.items()}
    else:
        sitrep.content = await composed(uow, incident, line, told, now, before=sitrep.number)
        sitrep.figures = snapshot(counted, line)
    sitrep.lacking = await _lacking(uow, incident, sitrep, shelf)
    await uow.sitreps.save(sitrep)
    met = await duties.meet(uow, incident, sitrep, by=by, now=now)
    await uow.sitreps.save(sitrep)
    if kind in UPWARD and not await uow.sitreps.clocks(incident_id, running=False):
        await running.begin(uow, incident, shelf, by=by, now=now)
    await running.review(uow, incident, shelf, now=now)
    newly = await running.changed(uow, incident, counted, shelf, now=now)
    await record(
        uow,
        incident,
        f"sitrep.{kind}",
        said(sitrep, by.name),
        by=by,
        now=now,
        thing=f"S{sitrep.number}",
        changes=fields(sitrep),
        params={"counted": dict(draft.counted.items())},
    )
    near = before if before is not None and now - before.made_at < TOGETHER else None
    other = near if near is not None and near.by_id != by.person_id else None
    return Made(sitrep, draft.kind, other, met, newly)


async def _line(uow: UnitOfWork, incident_id: int, draft: Draft, agency: str) -> str:
    """In whose name a report goes up: as asked, else the agency's own if it has a clock."""
    if draft.kind is Kind.REPORT:
        return ""
    if draft.line is not None:
        return draft.line
    clocks = await uow.sitreps.clocks(incident_id)
    return agency if agency and any(each.line == agency for each in clocks) else ""


async def _numbered(uow: UnitOfWork, incident_id: int, wanted: Kind, line: str) -> tuple[Kind, int]:
    """What a report is in its line, and as a follow-up which one."""
    if wanted is Kind.REPORT:
        return wanted, 0
    there = await uow.sitreps.all(incident_id, kinds=UPWARD, line=line)
    if wanted is Kind.FINAL:
        return wanted, 0
    if not there:
        return Kind.FIRST, 0
    return Kind.UPDATE, 1 + max(each.follow for each in there)


async def _before(
    uow: UnitOfWork, incident_id: int, kind: Kind, line: str, agency: str
) -> Sitrep | None:
    """The report that this one goes on from."""
    if kind is Kind.REPORT:
        return await uow.sitreps.latest(incident_id, kinds=(kind,), agency=agency)
    return await uow.sitreps.latest(incident_id, kinds=UPWARD, line=line)


async def _lacking(uow: UnitOfWork, incident: Incident, sitrep: Sitrep, shelf: Shelf) -> list[Json]:
    if sitrep.kind == Kind.REPORT:
        return []
    packs = await running.packs_of(uow, incident.id, sitrep.line, shelf)
    wanted = asked(packs or for_type(shelf, incident.type), Kind(sitrep.kind))
    return [
        *lacking(
            wanted,
            {**incident_knows(incident), **sitrep.content},
            casualties=any(code in sitrep.figures for code in CASUALTIES),
            damage=any(code in sitrep.figures for code in DAMAGE),
        )
    ]


async def would_lack(
    uow: UnitOfWork, incident: Incident, kind: str, line: str, shelf: Shelf, now: datetime
) -> tuple[str, ...]:
    """The elements that a report of that kind would not have if it were handed in now."""
    packs = await running.packs_of(uow, incident.id, line, shelf)
    content = await composed(uow, incident, line, {}, now)
    counted = figures.reconciled(await uow.sitreps.figures(incident.id))
    return lacking(
        asked(packs, Kind(kind)),
        {**incident_knows(incident), **content},
        casualties=any(code in counted for code in CASUALTIES),
        damage=any(code in counted for code in DAMAGE),
    )


def incident_knows(incident: Incident) -> dict[str, str]:
    """The elements that follow from the incident itself."""
    known = {"received": iso(incident.reported_at), "occurred": iso(incident.started_at)}
    known |= {"nature": incident.type, "place": incident.place}
    return {code: value for code, value in known.items() if value}


def words(typed: str) -> str:
    """An element in words, its lines kept. Raises `Refusal` (`sitrep-words`)."""
    lines = [shown for each in typed.splitlines() if (shown := one_line(each))]
    text = "\n".join(lines)
    if len(text) > LONGEST:
        raise Refusal(
            "sitrep-words",
            _(
                "One part of a report has at most {limit} characters; yours has {length}.",
                limit=LONGEST,
                length=len(text),
            ),
        )
    return text


def falling(falls: Sequence[Fall]) -> Msg:
    """What falls, and that a reason is wanted."""
    shown = tuple(
        _(
            "{label} from {before} to {now}",
            label=figures.LABELS[each.code],
            before=each.before,
            now=each.now,
        )
        for each in falls
    )
    return _("Smaller than you reported before: {figures}. Why?", figures=shown)


def snapshot(counted: Mapping[Code, Figure], line: str) -> dict[str, Json]:
    """The figures as a report that goes up keeps them: the number that stands, if one does, and
    what each agency counts."""
    kept: dict[str, Json] = {}
    for code, figure in counted.items():
        claims = running.claims_of(counted, code, line)
        if line:
            own = [value for agency, value in claims or [] if agency == line]
            if own:
                kept[code] = {"value": own[0], "claims": [[line, own[0]]]}
            continue
        several: list[Json] = [list(each) for each in claims or []]
        kept[code] = {"value": figure.value, "claims": several}
    return kept


def said(sitrep: Sitrep, name: str) -> Msg:
    """That a report was handed in, for the timeline."""
    reference = f"S{sitrep.number}"
    if sitrep.kind == Kind.UPDATE:
        text = _(
            "{name} handed in {reference}, follow-up report {n}",
            name=name,
            reference=reference,
            n=sitrep.follow,
        )
    else:
        kind = KINDS[sitrep.kind]
        text = _("{name} handed in {reference}, {kind}", name=name, reference=reference, kind=kind)
    status = str(sitrep.content.get("status", "")) if "status" in sitrep.given else ""
    return _("{text}: {status}", text=text, status=one_line(status)[:200]) if status else text


def fields(sitrep: Sitrep) -> dict[str, Json]:
    """The fields of a report as the ledger keeps them."""
    kept = sitrep.model_dump(exclude={"id", "incident_id", "number"})
    return {name: iso(v) if isinstance(v, datetime) else v for name, v in kept.items()}


async def named(uow: UnitOfWork, incident_id: int, number: int) -> Sitrep:
    """`S` of that number. Raises `Refusal` (`sitrep-unknown`)."""
    found = await uow.sitreps.get(incident_id, number)
    if found is None:
        raise Refusal(
            "sitrep-unknown",
            _(
                "There is no report {reference} in {incident}. /sitrep list shows those there are.",
                reference=f"S{number}",
                incident=f"I{incident_id}",
            ),
        )
    return found


async def attach(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    photos: Sequence[int],
    *,
    by: By,
    now: datetime,
) -> Sitrep:
    """Photos and files are part of a report from now on. Raises `Refusal` (`sitrep-photo`)."""
    incident = await to_act_in(uow, incident_id)
    sitrep = await named(uow, incident_id, number)
    new = [each for each in photos if each not in sitrep.photos]
    if not new:
        raise Refusal("sitrep-photo", _("That is attached already, or it is no photo or file."))
    if len(sitrep.photos) + len(new) > MOST_PHOTOS:
        raise Refusal(
            "sitrep-photo", _("A report has at most {limit} photos and files.", limit=MOST_PHOTOS)
        )
    sitrep.photos = [*sitrep.photos, *new]
    await uow.sitreps.save(sitrep)
    await record(
        uow,
        incident,
        "sitrep.photo",
        _("{name} attached a photo or file to {reference}", name=by.name, reference=f"S{number}"),
        by=by,
        now=now,
        thing=f"S{number}",
        changes={"photos": list(sitrep.photos)},
    )
    return sitrep


async def settle(
    uow: UnitOfWork, incident_id: int, code: Code, value: int, reason: str, *, by: By, now: datetime
) -> SitrepFigure:
    """Command decides which number stands where agencies differ; each agency's own is kept.

    Raises `Refusal` (`sitrep-figure`).
    """
    incident = await to_act_in(uow, incident_id)
    assert by.person_id is not None
    if (wrong := figures.impossible({code: value})) is not None:
        raise Refusal("sitrep-figure", wrong.why)
    row = await uow.sitreps.count(
        incident_id=incident_id,
        agency=by.agency or "",
        code=code,
        value=value,
        at=now,
        by_id=by.person_id,
        reason=checked_reason(reason),
        settled=True,
    )
    await record(
        uow,
        incident,
        "sitrep.settled",
        _(
            "{name} settled on {label}: {value}. Reason: {reason}",
            name=by.name,
            label=figures.LABELS[code],
            value=value,
            reason=row.reason or "",
        ),
        by=by,
        now=now,
        thing=f"figure-{code}",
        changes={"settled": value, "reason": row.reason, "at": iso(now)},
    )
    return row


async def standing_figures(uow: UnitOfWork, incident_id: int) -> dict[Code, Figure]:
    """What is counted in an incident: per agency, where all agree, where they differ."""
    return figures.reconciled(await uow.sitreps.figures(incident_id))
