"""A briefing as people see it: a short card, each part by a button, the whole as a PDF."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.context import Actions
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Paper,
    Para,
    Span,
    Thing,
    lines,
)
from storage import UnitOfWork
from storage.tables import Briefing, BriefingSchedule
from workflows.briefings import service
from workflows.briefings.composed import Composed, Line, Mark, Part, Section
from workflows.briefings.recipients import names, read
from workflows.briefings.service import Noted
from workflows.text import Json, Msg, _

PARTS: Mapping[Part, Msg] = {
    Part.SITUATION: _("Situation"),
    Part.CHANGES: _("What changed"),
    Part.OBJECTIVES: _("Objectives"),
    Part.ORDERS: _("Orders"),
    Part.RESOURCES: _("Resources"),
    Part.SAFETY: _("Safety"),
    Part.WEATHER: _("Weather"),
    Part.ORGANISATION: _("Organisation"),
    Part.MEETINGS: _("Meetings"),
}
PART_NAMES: Mapping[Part, tuple[str, ...]] = {
    Part.SITUATION: ("situation", "态势"),
    Part.CHANGES: ("changes", "变化"),
    Part.OBJECTIVES: ("objectives", "目标"),
    Part.ORDERS: ("orders", "指令"),
    Part.RESOURCES: ("resources", "资源"),
    Part.SAFETY: ("safety", "安全"),
    Part.WEATHER: ("weather", "天气"),
    Part.ORGANISATION: ("organisation", "架构", "组织"),
    Part.MEETINGS: ("meetings", "会议"),
}
SIGNS: Mapping[Part, str] = {
    Part.SITUATION: "📍",
    Part.CHANGES: "🔄",
    Part.OBJECTIVES: "🎯",
    Part.ORDERS: "📣",
    Part.RESOURCES: "🚒",
    Part.SAFETY: "🦺",
    Part.WEATHER: "🌦",
    Part.ORGANISATION: "👥",
    Part.MEETINGS: "🗓",
}
MARKS: Mapping[Mark, str] = {Mark.NONE: "", Mark.GOOD: "✅ ", Mark.WARN: "⚠️ ", Mark.LATE: "⏰ "}

CHANGES_SHOWN = 5
"""Of what changed, on the card."""

SIGNS_OF_DIGEST = 16
"""Of the digest, on the paper."""

FIGURES_SHOWN = 6
"""Of the situation's lines, on the card."""


def thing(row: Briefing) -> Thing:
    """What the card of a briefing shows."""
    return Thing(row.incident_id, "B", row.number)


def name(composed: Composed) -> str:
    """Number, formal designation and title of the incident."""
    return f"I{composed.incident} · {composed.designation} · {composed.title}"


def card(row: Briefing, composed: Composed, noted: Noted) -> Document:
    """The short card: what a phone shows without scrolling much, who has taken note."""
    if composed.quiet:
        return _quiet(row, composed)
    blocks: list[Block] = [Heading(_headline(row, composed)), Para(_moment(composed))]
    if composed.due is not None:
        blocks.append(Para(Bold(Span(("⏰ ", _late(composed))))))
    items: list[Inline] = []
    for section in composed.sections:
        if section.part is not Part.CHANGES:
            items.append(_summary(section))
        if section.part is Part.SITUATION:
            items += [_line(each) for each in section.lines[:FIGURES_SHOWN]]
    blocks.append(Bullets(tuple(items)))
    changed = composed.section(Part.CHANGES)
    if changed is not None:
        blocks.append(Para(_summary(changed)))
        blocks.append(Bullets(tuple(_line(each) for each in changed.lines[:CHANGES_SHOWN])))
        rest = len(changed.lines) + changed.more - CHANGES_SHOWN
        if rest > 0:
            blocks.append(Para(_("and {n} more", n=rest)))
    blocks += _acknowledged(noted)
    return Document(tuple(blocks), _buttons(row, composed), card=thing(row))


def _quiet(row: Briefing, composed: Composed) -> Document:
    """One line, since there is nothing to say."""
    said = _("nothing to report yet")
    if composed.after:
        said = _("nothing has changed since {reference}", reference=composed.after)
    parts: list[Inline] = [_headline(row, composed), " — ", said]
    if composed.due is not None:
        parts += [" · ⏰ ", _late(composed)]
    whole = Button(_("Whole briefing"), f"/brief show {_reference(row)} part=all")
    return Document((Para(Span(tuple(parts))),), (whole,), card=thing(row))


def _headline(row: Briefing, composed: Composed) -> Inline:
    title = _("Briefing {reference}", reference=f"B{row.number}")
    return Span(("📋 ", Bold(title), f" · {name(composed)}"))


def _moment(composed: Composed) -> Msg:
    if composed.since is None:
        return _("As of {time}", time=composed.at)
    return _(
        "As of {time}; before it {reference}, {since}",
        time=composed.at,
        reference=composed.after,
        since=composed.since,
    )


def _late(composed: Composed) -> Msg:
    assert composed.due is not None
    return _("Late: it was due at {time}", time=composed.due)


def _summary(section: Section) -> Inline:
    mark = MARKS[section.mark]
    title = _("{title}: {text}", title=PARTS[section.part], text=section.summary)
    return Span((f"{SIGNS[section.part]} {mark}", title))


def _line(line: Line) -> Inline:
    parts: list[Inline] = [MARKS[line.mark]] if line.mark else []
    if line.ref:
        parts += [Bold(line.ref), " "]
    return Span((*parts, line.text))


def _acknowledged(noted: Noted) -> list[Block]:
    found: list[Block] = []
    if noted.receipts:
        who = tuple(each.name for each in noted.receipts)
        found.append(Para(_("Acknowledged by {n}: {names}", n=len(who), names=who)))
    if noted.missing:
        missing = tuple(name for _id, name in noted.missing)
        found.append(Para(_("Not yet by {n}: {names}", n=len(missing), names=missing)))
    return found


def _reference(row: Briefing) -> str:
    return f"I{row.incident_id}-B{row.number}"


def acknowledge(row: Briefing) -> Button:
    """The button by which people take note."""
    return Button(_("✅ Acknowledge"), f"/brief ack {_reference(row)}")


def _buttons(row: Briefing, composed: Composed) -> tuple[Button, ...]:
    whole = f"/brief show {_reference(row)} part="
    parts = [
        Button(PARTS[each.part], f"{whole}{each.part}")
        for each in composed.sections
        if each.lines and each.part in DETAILED
    ]
    return (acknowledge(row), *parts, Button(_("Whole briefing"), f"{whole}all"))


DETAILED = (Part.OBJECTIVES, Part.ORDERS, Part.RESOURCES, Part.SAFETY, Part.CHANGES)
"""The parts that have a button of their own; the others are short, or on the card."""


def details(row: Briefing, composed: Composed, part: Part | None) -> Document:
    """One part with all its lines, or (None) every part."""
    chosen = [each for each in composed.sections if part is None or each.part is part]
    blocks: list[Block] = [Heading(_headline(row, composed)), Para(_moment(composed))]
    for section in chosen:
        blocks.append(Para(_summary(section)))
        if section.lines:
            blocks.append(Bullets(tuple(_line(each) for each in section.lines)))
        if section.more:
            blocks.append(Para(_("and {n} more", n=section.more)))
    if not chosen:
        blocks.append(Para(_("This briefing has nothing about that.")))
    return Document(tuple(blocks))


def paper(row: Briefing, composed: Composed) -> Paper:
    """The whole briefing as a PDF."""
    reference = _reference(row)
    title = _("Briefing {reference}", reference=f"B{row.number}")
    return Paper(
        f"briefing-{reference}",
        "briefing.typ",
        _("Briefing {reference}: {incident}", reference=f"B{row.number}", incident=name(composed)),
        {
            "title": lines(title),
            "incident": composed.title,
            "number": f"I{composed.incident} · {composed.designation} · B{row.number}",
            "moment": lines(_moment(composed)),
            "late": None if composed.due is None else lines(_late(composed)),
            "sections": [_printed(each) for each in composed.sections],
            "digest": service.digest(row)[:SIGNS_OF_DIGEST],
            "foot": lines(_("Made by Lianzhi from the record of the incident")),
        },
        "pdf",
    )


def _printed(section: Section) -> Json:
    rows: list[Json] = [
        {
            "ref": each.ref,
            "mark": str(each.mark),
            "percent": each.percent,
            "text": lines(each.text),
        }
        for each in section.lines
    ]
    return {
        "part": str(section.part),
        "title": lines(PARTS[section.part]),
        "mark": str(section.mark),
        "summary": lines(section.summary),
        "rows": rows,
        "more": None if not section.more else lines(_("and {n} more", n=section.more)),
    }


async def refresh(uow: UnitOfWork, actions: Actions, row: Briefing) -> None:
    """Bring the card up to date wherever it stands."""
    composed = Composed.from_json(row.content)
    await actions.show(uow, (), card(row, composed, await service.noted(uow, row)))


async def schedule(uow: UnitOfWork, row: BriefingSchedule) -> Inline:
    """A schedule on one line."""
    parts: list[Inline] = [
        "⏰ ",
        Bold(f"B{row.number}"),
        " ",
        _("{times}, to {names}", times=service.times(row),
          names=await names(uow, read(row.recipients))),
    ]  # fmt: skip
    if row.next_at is not None:
        parts += [" · ", _("next: {time}", time=row.next_at)]
    elif row.state == service.RUNNING:
        parts += [" · ", _("waits for an operational period")]
    return Span(tuple(parts))


async def listed(uow: UnitOfWork, row: Briefing) -> Inline:
    """A briefing on one line."""
    noted = await service.noted(uow, row)
    said = _(
        "{time}, acknowledged by {n}, not yet by {missing}",
        time=row.made_at,
        n=len(noted.receipts),
        missing=len(noted.missing),
    )
    return Span(("📋 ", Bold(f"B{row.number}"), " ", said))


def reminder(row: Briefing, composed: Composed) -> Document:
    """To who was asked and has not taken note."""
    text = _(
        "You have not acknowledged briefing {reference} of {time} yet.",
        reference=f"B{row.number}",
        time=composed.at,
    )
    show = Button(_("Show the briefing"), f"/brief show {_reference(row)}")
    return Document((Para(Span(("⏰ ", text))), Para(name(composed))), (acknowledge(row), show))


def unread(row: Briefing, composed: Composed, missing: tuple[str, ...]) -> Document:
    """To the commander: who has not taken note though reminded."""
    text = _("{reference} is not acknowledged by:", reference=f"B{row.number}")
    return Document((Heading(Span(("📋 ", text))), Bullets(missing), Para(name(composed))))
