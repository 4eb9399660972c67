"""A situation report as people see it: what is new in it, the figures, what is not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers.cards.incident import name as named
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Para,
    Span,
    Thing,
)
from storage import UnitOfWork
from storage.tables import Incident, Sitrep, SitrepDuty, SitrepFigure
from workflows.orders.recipients import called
from workflows.sitreps import composing
from workflows.sitreps.comparing import Shift, news
from workflows.sitreps.duties import to
from workflows.sitreps.elements import ELEMENTS, KINDS, Kind
from workflows.sitreps.figures import LABELS, Claim, Code, Figure
from workflows.text import Msg, _, ngettext

LISTED = 30
SIGNS: Mapping[str, str] = {
    Kind.REPORT: "📋",
    Kind.FIRST: "1️⃣",
    Kind.UPDATE: "🔁",
    Kind.FINAL: "🏁",
}


def reference(sitrep: Sitrep) -> str:
    """What means the report from anywhere, `I3-S5`."""
    return f"I{sitrep.incident_id}-S{sitrep.number}"


def kind(sitrep: Sitrep) -> Msg:
    """What it is, a follow-up with its number."""
    if sitrep.kind == Kind.UPDATE:
        return _("follow-up report {n}", n=sitrep.follow)
    return KINDS[sitrep.kind]


async def card(uow: UnitOfWork, incident: Incident, sitrep: Sitrep) -> Document:
    """The report: only what changed since the one before it, and with a button the whole."""
    return await _card(uow, incident, sitrep, whole=False)


async def whole(uow: UnitOfWork, incident: Incident, sitrep: Sitrep) -> Document:
    """The report with what it goes on from."""
    return await _card(uow, incident, sitrep, whole=True)


async def _card(uow: UnitOfWork, incident: Incident, sitrep: Sitrep, *, whole: bool) -> Document:
    told, shifts, before = await news(uow, sitrep)
    head = Span((f"{SIGNS[sitrep.kind]} S{sitrep.number} · ", kind(sitrep)))
    blocks: list[Block] = [Heading(head), Para(named(incident)), Para(await _who(uow, sitrep))]
    if (punctual := _punctual(sitrep)) is not None:
        blocks.append(Para(punctual))
    typed = await composing.typed(uow, incident.id)
    lines: list[Inline] = [
        _(
            "{label}: {value}",
            label=ELEMENTS[code].label,
            value=composing.worded(code, text, typed),
        )
        for code, text in sitrep.content.items()
        if code in ELEMENTS and (whole or before is None or code in told)
    ]
    new = {each.code: each for each in shifts}
    lines += [
        _figure(code, sitrep.figures[code], new.get(code), whole=whole or before is None)
        for code in Code
        if code in sitrep.figures and (whole or before is None or code in new)
    ]
    if lines:
        blocks.append(Bullets(tuple(lines)))
    elif before is not None:
        blocks.append(Para(_("Nothing has changed since S{number}.", number=str(before.number))))
    if lines and not whole and before is not None:
        since = _("Only what changed since S{number} is shown.", number=str(before.number))
        blocks.append(Para(since))
    if sitrep.reason and not any(each.reason for each in shifts):
        blocks.append(Para(_("Reason: {reason}", reason=sitrep.reason)))
    if sitrep.photos:
        n = len(sitrep.photos)
        blocks.append(Para(ngettext("{n} photo or file attached",
                                    "{n} photos and files attached", n)))  # fmt: skip
    if sitrep.lacking:
        blocks.append(Para(_("Not known yet: {what}", what=elements(sitrep.lacking))))
    return Document(tuple(blocks), _steps(sitrep), card=Thing(incident.id, "S", sitrep.number))


def elements(codes: Sequence[str]) -> tuple[Msg, ...]:
    """What these elements are called."""
    return tuple(ELEMENTS[each].label for each in codes if each in ELEMENTS)


async def _who(uow: UnitOfWork, sitrep: Sitrep) -> Msg:
    person = await uow.people.person(sitrep.by_id)
    name: Msg | str = "?" if person is None else person.name
    if sitrep.agency:
        name = _("{name} ({agency})", name=name, agency=sitrep.agency)
    if sitrep.line:
        return _("{name}, {time}, for {agency}", name=name, time=sitrep.made_at, agency=sitrep.line)
    return _("{name}, {time}", name=name, time=sitrep.made_at)


def _punctual(sitrep: Sitrep) -> Msg | None:
    """Whether a deadline was met."""
    if sitrep.due_at is None:
        return None
    late = sitrep.made_at - sitrep.due_at
    if late > timedelta(0):
        return _("⚠️ {late} late: it was due at {time}", late=late, time=sitrep.due_at)
    return _("In time: it was due at {time}", time=sitrep.due_at)


def _figure(code: Code, now: Mapping[str, Any], shift: Shift | None, *, whole: bool) -> Inline:
    """A figure; where agencies differ each one's own."""
    label = LABELS[code]
    value = now["value"]
    if value is None:
        claims = tuple(_claim(str(agency), int(n)) for agency, n in now["claims"])
        return Bold(_("⚠️ {label}: not agreed: {claims}", label=label, claims=claims))
    was = None if shift is None or shift.before is None else shift.before.get("value")
    if isinstance(was, int) and not whole:
        if shift is not None and shift.reason and value < was:
            return _(
                "{label}: {value} (before: {before}; {reason})",
                label=label,
                value=value,
                before=was,
                reason=shift.reason,
            )
        if was != value:
            return _("{label}: {value} (before: {before})", label=label, value=value, before=was)
    return _("{label}: {value}", label=label, value=value)


def _claim(agency: str, value: int) -> Msg:
    who: Msg | str = agency or _("without an agency")
    return _("{agency} {value}", agency=who, value=value)


def _steps(sitrep: Sitrep) -> tuple[Button, ...]:
    me = reference(sitrep)
    shown = Button(_("The whole report"), f"/sitrep show {me} whole=yes")
    if sitrep.kind == Kind.REPORT:
        return (shown, Button(_("Report now"), f"/sitrep incident=I{sitrep.incident_id}"))
    text = Button(_("Text to hand in"), f"/sitrep text {me}")
    return (text, shown, Button(_("Follow-up"), f"/sitrep update incident=I{sitrep.incident_id}"))


def line(sitrep: Sitrep, name: str, counted: Sequence[SitrepFigure]) -> Inline:
    """A report on one line, with what it said itself: its words, else the figures `counted` with
    it. What it goes on from stands on the line of the report that said it."""
    told = [str(sitrep.content.get(code, "")) for code in ELEMENTS if code in sitrep.given]
    status = str(sitrep.content.get("status", "")) if "status" in sitrep.given else ""
    words = (status or next(iter(told), "")).replace("\n", " ")
    parts: list[Inline] = [
        f"{SIGNS[sitrep.kind]} ",
        Bold(f"S{sitrep.number}"),
        " ",
        kind(sitrep),
        " · ",
        _("{name}, {time}", name=sitrep.agency or name, time=sitrep.made_at),
    ]
    if words:
        parts.append(f" — {words[:80]}")
    for at, each in enumerate(() if words else counted):
        parts.append(" · " if at else " — ")
        parts.append(_("{label}: {value}", label=LABELS[Code(each.code)], value=each.value))
    return Span(tuple(parts))


def figures(incident: Incident, counted: Mapping[Code, Figure]) -> Document:
    """What is counted now: one number where all agree, else each agency's own."""
    blocks: list[Block] = [Heading(_("Figures of {incident}:", incident=named(incident)))]
    if not counted:
        blocks.append(Para(_("Nothing has been counted yet. /sitrep casualties: … says it.")))
    lines = [_counted(each) for each in counted.values()]
    if lines:
        blocks.append(Bullets(tuple(lines)))
    if any(each.disagree for each in counted.values()):
        blocks.append(
            Para(
                _(
                    "Where agencies differ none is taken for right. Command settles it: "
                    "/sitrep settle dead 3 REASON."
                )
            )
        )
    return Document(tuple(blocks))


def _counted(figure: Figure) -> Inline:
    label = LABELS[figure.code]
    if figure.value is None:
        shown = tuple(_at(each) for each in figure.claims)
        text = _("⚠️ {label}: not agreed: {claims}", label=label, claims=shown)
        if figure.settled is not None:
            text = _("{text} (settled before on {value})", text=text, value=figure.settled.value)
        return Bold(text)
    if figure.settled is not None:
        text = _(
            "{label}: {value}, settled by command at {time}",
            label=label,
            value=figure.value,
            time=figure.settled.at,
        )
        own = tuple(_at(each) for each in figure.claims if each.value != figure.value)
        return _("{text}; {claims}", text=text, claims=own) if own else text
    return _(
        "{label}: {value} ({claims})",
        label=label,
        value=figure.value,
        claims=tuple(_at(each) for each in figure.claims),
    )


def _at(claim: Claim) -> Msg:
    who: Msg | str = claim.agency or _("without an agency")
    return _("{agency} {value}, {time}", agency=who, value=claim.value, time=claim.at)


async def owed(uow: UnitOfWork, duties: Sequence[SitrepDuty], now: datetime) -> Bullets:
    """Who owes what by when, a line each."""
    return Bullets(tuple([await duty(uow, each, now) for each in duties[:LISTED]]))


async def duty(uow: UnitOfWork, owed: SitrepDuty, now: datetime) -> Inline:
    """Who owes a report by when."""
    who = await called(uow, to(owed))
    what: Msg = KINDS[owed.kind]
    if owed.line:
        what = _("{kind} for {agency}", kind=what, agency=owed.line)
    late = owed.due_at <= now
    due = (
        _("overdue since {time}", time=owed.due_at) if late else _("until {time}", time=owed.due_at)
    )
    if owed.every is not None:
        due = _("{due}, then every {every}", due=due, every=timedelta(seconds=owed.every))
    elif owed.periodic:
        due = _("{due}, then at the end of each operational period", due=due)
    sign = "⏰ " if late else "⏳ "
    return Span((sign, _("{who}: {what}", who=who, what=what), " — ", due))
