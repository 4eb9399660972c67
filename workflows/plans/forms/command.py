"""ICS 201, 202, 203 and 207: briefing, objectives, organisation. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator

from workflows.incidents.record import said
from workflows.organisation.assessment import ASKED, Answers
from workflows.organisation.chart import Node, sections
from workflows.organisation.positions import ROLES, SECTIONS, Rank, Section
from workflows.plans.facts import Facts, amount, people
from workflows.plans.forms.parts import find, holders, incident, prepared, signed
from workflows.plans.sheets import (
    Body,
    Box,
    Chart,
    Grid,
    Row,
    Seats,
    Sheet,
    Sketch,
    Ticks,
    Value,
)
from workflows.resources.places import scene
from workflows.resources.sketch import draw
from workflows.sitreps.figures import LABELS
from workflows.text import Json, Msg, _

TITLES = {
    "201": _("Incident Briefing"),
    "202": _("Incident Objectives"),
    "203": _("Organization Assignment List"),
    "207": _("Incident Organization Chart"),
}

ENCLOSED = ("203", "204", "205", "205A", "206", "207", "208", "215", "215A")
"""Forms that can be ticked as parts of the plan on ICS 202."""


def ics201(facts: Facts) -> Sheet:
    """Incident Briefing: what the first commander hands on."""
    drawing = _drawn(facts)
    return Sheet(
        "201",
        TITLES["201"],
        (
            Row(
                (
                    Box("1", _("Incident Name"), facts.incident.title, 1.3),
                    Box("2", _("Incident Number"), facts.designation),
                    Box("3", _("Date/Time Initiated"), facts.time(facts.incident.started_at)),
                )
            ),
            Sketch("4", _("Map/Sketch"), where(facts), 22 if drawing is None else 28, drawing),
            Body("5", _("Situation Summary and Health and Safety Briefing"), situation(facts), 8),
            prepared(facts, "6"),
            Body("7", _("Current and Planned Objectives"), objectives(facts), 6),
            Grid(
                "8",
                # Translators: not the glossary's strategy or tactics
                _("Current and Planned Actions, Strategies and Tactics"),
                (_("Time"), _("Actions")),
                tuple((facts.time(each.at), said(each)) for each in facts.events),
                (1.0, 4.6),
                least=8,
            ),
            _organisation(facts, "9"),
            Grid(
                "10",
                _("Resource Summary"),
                (
                    _("Resource"),
                    _("Resource Identifier"),
                    # Translators: not the glossary's order
                    _("Date/Time Ordered"),
                    _("ETA"),
                    _("Arrived"),
                    _("Notes (location, assignment, status)"),
                ),
                tuple(_resources(facts)),
                (1.3, 1.1, 1.0, 1.0, 0.6, 1.9),
                least=8,
            ),
        ),
    )


def _drawn(facts: Facts) -> dict[str, Json] | None:
    """Where units are, to scale, with the scene."""
    if not any(each.sort == "unit" for each in facts.placed):
        return None
    return draw(facts.placed).to_json()


def where(facts: Facts) -> Value:
    """The place in words and degrees."""
    row, spot = facts.incident, scene(facts.incident)
    if spot is None or row.place == str(spot):
        return row.place or None
    degrees = f"{spot.lat:.5f}, {spot.lon:.5f}"
    return tuple(each for each in (row.place or "", degrees) if each)


def situation(facts: Facts) -> Value:
    """What is known: words of the plan, the latest reports with their figures, the first
    assessment, what endangers people."""
    lines: list[Value] = []
    if facts.words.get("awareness"):
        lines.append(facts.words["awareness"])
    lines += known(facts)
    if facts.safety is not None:
        lines.append(_("Safety message: {text}", text=facts.safety.text))
    lines += [
        _("Hazard {reference}: {text}", reference=f"H{each.number}", text=each.text)
        for each in facts.hazards
    ]
    return tuple(lines) or None


def known(facts: Facts) -> list[Value]:
    """The situation as it was reported last, what is counted, the first assessment."""
    lines = [*reported(facts), *counted(facts)]
    return lines if facts.assessed is None else [*lines, *assessed(facts.assessed, facts.figures)]


def reported(facts: Facts) -> list[Value]:
    """The situation as each agency reported it last, a line for each."""
    lines: list[Value] = []
    for each in facts.told:
        time = facts.time(each.at)
        line = _("{time} {who}: {text}", time=time, who=each.who, text=each.text)
        lines.append(_("{text} ({reference})", text=line, reference=each.reference))
    return lines


def counted(facts: Facts) -> list[Value]:
    """Casualties and damage: one number, or each agency's own where they differ."""
    lines: list[Value] = []
    for code, figure in facts.figures.items():
        if figure.value is not None:
            lines.append(_("{what}: {answer}", what=LABELS[code], answer=figure.value))
        else:
            claims = tuple(f"{each.agency} {each.value:,}".strip() for each in figure.claims)
            lines.append(_("{what}: agencies differ ({claims})", what=LABELS[code], claims=claims))
    return lines


def assessed(answers: Answers, figures: Container[str] = ()) -> list[Value]:
    """What the first assessment said, a line for each answer; `figures` are counted since."""
    return [
        _("{what}: {answer}", what=what, answer=getattr(answers, name))
        for name, what in ASKED.items()
        if getattr(answers, name) not in (None, "") and name not in figures
    ]


def objectives(facts: Facts) -> Value:
    """The objectives with measure, time and progress, what goes before first."""
    lines: list[Value] = []
    for each in facts.objectives:
        text: Msg = _("O{number} {text}", number=str(each.number), text=each.text)
        measure = " ".join(filter(None, (each.measure, each.target)))
        if measure:
            text = _("{text}. Measure: {measure}", text=text, measure=measure)
        if each.due is not None:
            text = _("{text}. By {time}", text=text, time=facts.time(each.due))
        lines.append(_("{text} ({percent} %)", text=text, percent=each.progress))
    return tuple(lines) or None


def _resources(facts: Facts) -> Iterator[tuple[Value, ...]]:
    for unit in facts.units:
        kind = f"{unit.kind} {unit.type or ''}".strip()
        arrived = unit.arrived_at is not None or unit.sent_at is None
        note = ", ".join(filter(None, (unit.place, unit.agency)))
        yield (
            kind,
            f"U{unit.number} {unit.name}",
            facts.time(unit.made_at),
            facts.time(unit.due),
            arrived,
            note,
        )
    for each in facts.asked:
        yield (
            each.line.kind,
            f"R{each.request.number} {amount(each.required, each.line.unit)}",
            facts.time(each.request.made_at),
            facts.time(each.eta),
            not each.need,
            ", ".join(filter(None, (each.request.place, each.supplier))),
        )
    for person in facts.roster:
        if person.row.team:
            yield (
                _("team"),
                f"{person.row.team} ×{person.row.people}",
                "",
                facts.time(person.row.eta),
                person.row.eta is None,
                person.name,
            )


def ics202(facts: Facts, enclosed: frozenset[str] = frozenset()) -> Sheet:
    """Incident Objectives; `enclosed` are the numbers of the forms that are with it."""
    emphasis = facts.words.get("emphasis")
    needed = None if not facts.prepared else bool(facts.hazards or facts.safety)
    return Sheet(
        "202",
        TITLES["202"],
        (
            incident(facts),
            Body("3", _("Objectives"), objectives(facts), 10),
            Body("4", _("Operational Period Command Emphasis"), emphasis, 6),
            Body("", _("General Situational Awareness"), awareness(facts), 6),
            Ticks(
                "5",
                _("Site Safety Plan Required?"),
                ((_("Yes"), needed is True), (_("No"), needed is False)),
            ),
            Row((Box("", _("Approved Site Safety Plans Located at"), None),)),
            Ticks(
                "6",
                _("Incident Action Plan (the items checked below are included)"),
                (
                    *((f"ICS {each}", each in enclosed) for each in ENCLOSED),
                    (_("Map/Chart"), False),
                    (_("Weather Forecast"), bool(facts.words.get("weather"))),
                    (_("Other attachments"), False),
                ),
            ),
            prepared(facts, "7"),
            signed("8", Box("8", _("Approved by Incident Commander"), None, 1.4)),
        ),
    )


def awareness(facts: Facts) -> Value:
    """The situation, the weather and what is said about it."""
    lines: list[Value] = []
    if text := facts.words.get("awareness"):
        lines.append(text)
    else:
        lines += known(facts)
    if weather := facts.words.get("weather"):
        lines.append(_("Weather: {text}", text=weather))
    return tuple(lines) or None


def ics203(facts: Facts) -> Sheet:
    """Organization Assignment List: every position by section, with who holds it."""
    root = facts.root
    head = (_("Position"), _("Name"))
    widths = (1.0, 1.4)
    representatives = find(root, "agency-rep")
    rows_of = {
        section: tuple(
            (node.seat.title, holders(node))
            for each in sections(root).get(section, ())
            for _depth, node in each.walk()
            if node.seat.role != "agency-rep"
        )
        for section in Section
    }
    command = ((root.seat.title, holders(root)), *rows_of[Section.COMMAND])
    agencies = tuple(
        (holder.agency, holder.name) for node in representatives for holder in node.holders
    )
    return Sheet(
        "203",
        TITLES["203"],
        (
            incident(facts),
            Grid("3", _("Incident Commander and Command Staff"), head, command, widths, 5),
            Grid(
                "4",
                _("Agency Representatives"),
                (_("Agency"), _("Name")),
                agencies,
                widths,
                3,
            ),
            Grid("5", SECTIONS[Section.PLANNING], head, rows_of[Section.PLANNING], widths, 4),
            Grid("6", SECTIONS[Section.LOGISTICS], head, rows_of[Section.LOGISTICS], widths, 4),
            Grid("7", SECTIONS[Section.OPERATIONS], head, rows_of[Section.OPERATIONS], widths, 5),
            Grid("8", SECTIONS[Section.FINANCE], head, rows_of[Section.FINANCE], widths, 3),
            *(
                (Grid("", SECTIONS[Section.SUPPORT], head, rows_of[Section.SUPPORT], widths),)
                if rows_of[Section.SUPPORT]
                else ()
            ),
            prepared(facts, "9"),
        ),
    )


def ics207(facts: Facts) -> Sheet:
    """Incident Organization Chart."""
    return Sheet(
        "207",
        TITLES["207"],
        (incident(facts, width=1.2), _organisation(facts, "3"), prepared(facts, "4")),
        wide=True,
    )


def _organisation(facts: Facts, number: str) -> Chart:
    root = facts.root
    parts = sections(root)
    top = root.seat.title if len(root.holders) < 2 else _("Unified Command")
    columns = []
    for section in Section:
        if section is Section.COMMAND or (section not in parts and facts.organisation is not None):
            continue
        nodes = parts.get(section, ())
        chief = next((each for each in nodes if each.seat.kind.rank is Rank.CHIEF), None)
        rest = tuple(_seats(each) for each in nodes if each is not chief)
        if chief is None:
            columns.append(Seats(SECTIONS[section], (), rest))
        else:
            mine = _seats(chief)
            columns.append(Seats(mine.title, mine.people, (*mine.below, *rest)))
    staff = tuple(_seats(each) for each in parts.get(Section.COMMAND, ()))
    if facts.organisation is None:
        staff = tuple(
            Seats(ROLES[code].title) for code in ("safety", "liaison", "pio", "agency-rep")
        )
    names = (*people(root.holders), *people(root.deputies))
    return Chart(number, _("Current Organization"), Seats(top, names), staff, tuple(columns))


def _seats(node: Node) -> Seats:
    names = (*people(node.holders), *people(node.deputies))
    return Seats(node.seat.title, names, tuple(_seats(each) for each in node.below))
