"""ICS 209 and 211: the incident's status, and who has checked in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.incidents.record import said
from workflows.organisation.assessment import COMPLEXITY
from workflows.plans.facts import SITREPS, Facts, amount, people
from workflows.plans.forms.command import objectives, reported, where
from workflows.plans.forms.parts import prepared, signed
from workflows.plans.forms.work import totals
from workflows.plans.sheets import Band, Body, Box, Grid, Row, Sheet, Ticks, Value, joined
from workflows.requests.amounts import yuan
from workflows.sitreps.figures import CASUALTIES, DAMAGE, LABELS, Code
from workflows.text import Msg, _

TITLES = {
    "209": _("Incident Status Summary"),
    "211": _("Incident Check-In List"),
}

AHEAD = ("12", "24", "48", "72")
_HOUR = re.compile(
    r"\s*(?P<after>[>＞]|after\s|超过)?\s*(?P<n>12|24|48|72)\s*(?:h|hours?|小时)?"
    r"(?P<later>后|以后)?\s*[:：]"
    r"\s*(?P<words>.+)",
    re.IGNORECASE,
)
HOURS = (_("12 hours"), _("24 hours"), _("48 hours"), _("72 hours"), _("After 72 hours"))


def ics209(facts: Facts) -> Sheet:
    """Incident Status Summary, with the figures as agencies count them."""
    row = facts.incident
    commander = people(facts.root.holders)
    degrees = "" if row.lat is None or row.lon is None else f"{row.lon:.5f} / {row.lat:.5f}"
    progress = [each.progress for each in facts.objectives]
    percent = f"{sum(progress) // len(progress)} %" if progress else ""
    ahead: list[Value] = [
        _("T{number} {text}", number=str(each.row.number), text=each.row.text)
        for each in facts.tasks
    ]
    return Sheet(
        "209",
        TITLES["209"],
        (
            Row(
                (
                    Box("1", _("Incident Name"), row.title, 1.4),
                    Box("2", _("Incident Number"), facts.designation),
                )
            ),
            Ticks(
                "3",
                _("Report Version"),
                (
                    (_("Initial"), facts.report == "first"),
                    (_("Update"), facts.report == "update"),
                    (_("Final"), facts.report == "final"),
                ),
            ),
            Row(
                (
                    Box("4", _("Incident Commander and Agency"), commander or None, 1.3),
                    Box("5", _("Incident Management Organization"), _command(facts)),
                    Box("6", _("Incident Start Date/Time"), facts.time(row.started_at)),
                )
            ),
            Row(
                (
                    Box("7", _("Current Incident Size or Area"), _extent(facts)),
                    Box("8", _("Percent Completed"), percent, 0.7),
                    Box("9", _("Incident Definition"), facts.kind or None),
                    Box("10", _("Incident Complexity Level"), _complexity(facts)),
                    Box("11", _("For Time Period"), facts.span, 1.2),
                )
            ),
            prepared(facts, "12"),
            signed("14", Box("14", _("Approved by"), None, 1.4)),
            Row((Box("15", _("Sent to"), None),)),
            Band(_("Incident Location Information")),
            Row(
                (
                    Box("16–21", _("Place, jurisdiction, ownership"), row.place or ""),
                    Box("22", _("Longitude/Latitude"), degrees),
                    Box("25", _("Short Location or Area Description"), where(facts)),
                )
            ),
            Band(_("Incident Summary")),
            Body("28", _("Significant Events for the Time Period Reported"), _events(facts), 5),
            Body("29", _("Primary Materials or Hazards Involved"), _hazards(facts), 3),
            Grid(
                "30",
                _("Damage Assessment Information"),
                (_("What"), _("How many"), _("Counted by")),
                tuple(_counted(facts, DAMAGE)),
                least=3,
            ),
            Band(_("Additional Incident Decision Support Information")),
            Grid(
                "31",
                _("Public Status Summary"),
                (_("What"), _("How many"), _("Counted by")),
                tuple(_counted(facts, CASUALTIES)),
                least=5,
            ),
            Row(
                (
                    Box("32", _("Responder Status Summary"), _responders(facts)),
                    Box(
                        "33",
                        _("Life, Safety and Health Status/Threat Remarks"),
                        facts.words.get("health"),
                    ),
                )
            ),
            Body("34", _("Life, Safety and Health Threat Management"), _managed(facts), 3),
            Body("35", _("Weather Concerns"), _weather(facts), 2),
            _ahead(
                facts,
                "outlook",
                "36",
                _("Projected Incident Activity, Potential, Escalation or Spread"),
            ),
            Body("37", _("Strategic Objectives"), objectives(facts), 3),
            _ahead(
                facts, "threat", "38", _("Current Incident Threat Summary and Risk Information")
            ),
            Grid(
                "39",
                _("Critical Resource Needs"),
                (_("Resource"), *HOURS[:4]),
                tuple(_needs(facts)),
                (1.8, 1.0, 1.0, 1.0, 1.0),
                least=3,
            ),
            Body("40", _("Strategic Discussion"), facts.words.get("adjustment"), 3),
            Body(
                "41", _("Planned Actions for the Next Operational Period"), tuple(ahead) or None, 3
            ),
            Row(
                (
                    Box("42", _("Projected Final Incident Size"), facts.words.get("extent")),
                    Box("43", _("Anticipated Completion Date"), _completion(facts)),
                    Box("44", _("Projected Demobilization Start Date"), None),
                    Box("45–46", _("Costs to Date / Projected"), _costs(facts)),
                )
            ),
            Body("47", _("Remarks"), facts.words.get("remarks"), 2),
            Grid(
                "48–52",
                _("Incident Resource Commitment Summary"),
                (_("Agency"), _("Resources"), _("Quantity"), _("Total Personnel")),
                tuple(_committed(facts)),
                (1.3, 2.6, 0.7, 0.9),
                least=4,
            ),
            Row(
                (
                    Box(
                        "53",
                        _("Additional Cooperating and Assisting Organizations"),
                        _others(facts),
                    ),
                )
            ),
        ),
    )


def _events(facts: Facts) -> Value:
    """The situation as it was reported last, then what was done."""
    done = [each for each in facts.events if not each.kind.startswith(SITREPS)]
    lines = reported(facts)
    lines += [_("{time} {text}", time=facts.time(each.at), text=said(each)) for each in done[-12:]]
    return tuple(lines) or None


def _command(facts: Facts) -> Value:
    if facts.organisation is None:
        return None
    return _("Unified Command") if len(facts.root.holders) > 1 else _("Incident Command")


def _extent(facts: Facts) -> Value:
    return None if facts.assessed is None else facts.assessed.extent


def _complexity(facts: Facts) -> Value:
    told = () if facts.assessed is None else facts.assessed.complexity
    return tuple(COMPLEXITY[each] for each in told if each in COMPLEXITY) or None


def _hazards(facts: Facts) -> Value:
    lines: list[Value] = [f"H{each.number} {each.text}" for each in facts.hazards]
    if facts.assessed is not None and facts.assessed.hazards:
        lines.insert(0, facts.assessed.hazards)
    return tuple(lines) or None


def _managed(facts: Facts) -> Value:
    lines: list[Value] = [] if facts.safety is None else [facts.safety.text]
    lines += [f"H{each.number} {each.mitigation}" for each in facts.hazards if each.mitigation]
    return tuple(lines) or None


def _weather(facts: Facts) -> Value:
    if text := facts.words.get("weather"):
        return text
    return None if facts.assessed is None else facts.assessed.weather


def _counted(facts: Facts, codes: tuple[Code, ...]) -> Iterator[tuple[Value, ...]]:
    """One number where all agree or command has settled it, else each agency's own."""
    for code in codes:
        figure = facts.figures.get(code)
        if figure is None:
            told = None if facts.assessed is None else getattr(facts.assessed, code, None)
            if told is not None:
                yield LABELS[code], str(told), _("first assessment")
        elif figure.value is not None:
            yield LABELS[code], f"{figure.value:,}", joined([each.agency for each in figure.claims])
        else:
            yield (
                LABELS[code],
                tuple(f"{each.value:,}" for each in figure.claims),
                tuple(each.agency for each in figure.claims),
            )


def _responders(facts: Facts) -> Value:
    if not facts.prepared:
        return None
    n = sum(each.row.people for each in facts.roster if each.row.eta is None)
    return _("{n} people have checked in", n=n)


def _ahead(facts: Facts, section: str, number: str, label: Msg) -> Grid | Body:
    """What is expected within hours, which only people can judge: `12h: …`, a line each, is put
    into its column."""
    told = facts.words.get(section, "")
    columns = [""] * len(HOURS)
    rest = []
    for line in told.splitlines():
        if (found := _HOUR.match(line)) is None:
            rest.append(line)
        else:
            later = found["after"] or (found["later"] and found["n"] == AHEAD[-1])
            at = len(AHEAD) if later else AHEAD.index(found["n"])
            columns[at] = "\n".join(filter(None, (columns[at], found["words"])))
    if told and not any(columns):
        return Body(number, label, told, 1)
    rows = (tuple(columns),) if any(columns) else ()
    if rest:
        rows = (("\n".join((*rest, columns[0])).strip(), *columns[1:]),)
    return Grid(number, label, HOURS, rows, (), 1)


def _completion(facts: Facts) -> Value:
    """When the last of the open objectives is to be reached."""
    dues = [each.due for each in facts.objectives if each.state == "open" and each.due is not None]
    return _("{time}, by objectives", time=facts.time(max(dues))) if dues else None


def _costs(facts: Facts) -> Value:
    """What requests did cost, and what they will with what is estimated."""
    spent = facts.spent
    if spent is None or not (spent.actual or spent.counted):
        return None
    return _("{actual} / {expected}", actual=yuan(spent.actual), expected=yuan(spent.counted))


def _others(facts: Facts) -> Value:
    """Agencies that have people or units here and do not command."""
    commanding = {each.agency for each in facts.root.holders}
    here = [*(each.row.agency for each in facts.roster), *(each.agency for each in facts.units)]
    return joined([each for each in dict.fromkeys(here) if each and each not in commanding]) or None


def _needs(facts: Facts) -> Iterator[tuple[Value, ...]]:
    """What is still to come, under the hours within which it is needed."""
    needed: dict[tuple[str, str], list[int]] = {}
    for each in facts.asked:
        by = each.request.needed_by
        hours = 12.0 if by is None else (by - facts.now).total_seconds() / 3600
        place = next((at for at, limit in enumerate((12, 24, 48)) if hours <= limit), 3)
        needed.setdefault((each.line.kind, each.line.unit), [0, 0, 0, 0])[place] += each.need
    for total in totals(facts.asked):
        if total.need:
            columns = needed[total.kind, total.unit]
            yield (total.kind, *(amount(n, total.unit) if n else "" for n in columns))


def _committed(facts: Facts) -> Iterator[tuple[Value, ...]]:
    agencies = dict.fromkeys(
        [
            *(each.agency or "" for each in facts.units),
            *(each.row.agency or "" for each in facts.roster),
        ]
    )
    for agency in agencies:
        units = [each for each in facts.units if (each.agency or "") == agency]
        present = sum(
            each.row.people
            for each in facts.roster
            if (each.row.agency or "") == agency and each.row.eta is None
        )
        crews = sum(each.people for each in units)
        yield (
            agency,
            joined([f"U{each.number} {each.name}" for each in units]),
            str(len(units)),
            str(max(present, crews)),
        )


def ics211(facts: Facts) -> Sheet:
    """Incident Check-In List."""
    return Sheet(
        "211",
        TITLES["211"],
        (
            Row(
                (
                    Box("1", _("Incident Name"), facts.incident.title, 1.4),
                    Box("2", _("Incident Number"), facts.designation),
                    Box("3", _("Check-In Location"), facts.incident.place or "", 1.4),
                    Box("4", _("Start Date/Time"), facts.time(facts.incident.started_at)),
                )
            ),
            Grid(
                "5–16",
                _("Check-In Information"),
                (
                    _("5. Agency, Category, Kind, Type, Name"),
                    _("6. Request #"),
                    _("7. Date/Time Check-In"),
                    _("8. Leader's Name"),
                    _("9. Total Number of Personnel"),
                    _("10. Contact"),
                    _("11. Home Agency"),
                    _("12. Departure Point, Date, Time"),
                    _("13. Method of Travel"),
                    _("14. Incident Assignment"),
                    _("15. Other Qualifications"),
                    _("16. Sent to Resources Unit"),
                ),
                tuple(_checked(facts)),
                (2.0, 0.8, 1.2, 1.0, 0.8, 1.2, 1.0, 1.1, 0.8, 1.2, 1.1, 0.8),
                least=12,
            ),
            prepared(facts, "17"),
        ),
        wide=True,
    )


def _checked(facts: Facts) -> Iterator[tuple[Value, ...]]:
    for each in facts.roster:
        row = each.row
        more = row.details
        seats = next((one.seats for one in facts.contacts if one.name == each.name), ())
        arrived: Value = facts.time(row.in_at)
        if row.eta is not None:
            arrived = _("expected {time}", time=facts.time(row.eta))
        yield (
            joined((row.agency or "", str(more.get("kind", "")), row.team or "", each.name)),
            str(more.get("order", "")),
            arrived,
            each.name,
            str(row.people),
            facts.ways(each.name),
            str(more.get("home", row.agency or "")),
            str(more.get("departure", "")),
            str(more.get("travel", "")),
            tuple(seat.title for seat in seats) or str(more.get("assignment", "")),
            str(more.get("qualifications", "")),
            "",
        )
    for unit in facts.units:
        yield (
            joined((unit.agency or "", unit.kind, unit.type or "", unit.name)),
            "",
            facts.time(unit.arrived_at or unit.made_at),
            unit.leader or "",
            str(unit.people),
            unit.contact or "",
            unit.agency or "",
            "",
            "",
            next((each.task for each in facts.bookings if each.resource_id == unit.id), ""),
            "",
            f"U{unit.number}",
        )
