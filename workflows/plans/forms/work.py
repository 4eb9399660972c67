"""ICS 204, 214, 215 and 215A: who does what with what, and what endangers him. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflows.incidents.record import said
from workflows.organisation.chart import Node, Seat
from workflows.plans.facts import Asked, Facts, Task, amount, people
from workflows.plans.forms.parts import find, incident, prepared, signed
from workflows.plans.sheets import Body, Box, Grid, Row, Sheet, Value, joined
from workflows.text import Msg, _

TITLES = {
    "204": _("Assignment List"),
    "214": _("Activity Log"),
    "215": _("Operational Planning Worksheet"),
    "215A": _("Incident Action Plan Safety Analysis"),
}

PLACES = ("branch", "division", "group", "staging", "task-force", "strike-team")
"""Roles whose parts of the organisation have an assignment list of their own."""


def ics204(facts: Facts) -> tuple[Sheet, ...]:
    """One list for each part of Operations and for everybody else who has an order; one that is
    empty if there is neither."""
    seats = {f"role:{_key(node.seat)}": node for role in PLACES for node in find(facts.root, role)}
    tasks: dict[str, list[Task]] = {each: [] for each in seats}
    for task in facts.tasks:
        tasks.setdefault(f"{task.row.kind}:{task.row.assignee}", []).append(task)
    made = tuple(_assignment(facts, seats.get(key), mine) for key, mine in tasks.items())
    return made or (_assignment(facts, None, []),)


def _key(seat: Seat) -> str:
    return f"{seat.role}/{seat.label}" if seat.label else seat.role


def _assignment(facts: Facts, node: Node | None, tasks: list[Task]) -> Sheet:
    whom: Value = node.seat.title if node is not None else tasks[0].to if tasks else None
    units = _serving(facts, tasks)
    return Sheet(
        "204",
        TITLES["204"],
        (
            incident(facts),
            Row((Box("3", _("Branch, Division, Group or Staging Area"), whom),)),
            Grid(
                "4",
                _("Operations Personnel"),
                (_("Position"), _("Name"), _("Contact Numbers")),
                tuple(_personnel(facts, node)),
                (1.2, 1.2, 1.4),
                least=3,
            ),
            Grid(
                "5",
                _("Resources Assigned"),
                (
                    _("Resource Identifier"),
                    _("Leader"),
                    _("No. of Persons"),
                    _("Contact"),
                    _("Reporting Location, Equipment, Remarks"),
                ),
                units,
                (1.4, 0.9, 0.7, 1.2, 2.0),
                least=4,
            ),
            Body("6", _("Work Assignments"), _assignments(facts, tasks), 6),
            Body("7", _("Special Instructions"), _instructions(facts, tasks), 4),
            Grid(
                "8",
                _("Communications"),
                (_("Name/Function"), _("Primary Contact")),
                tuple(
                    (joined((each.name, each.function or "")), _reach(each.channel, each.tx_hz))
                    for each in facts.channels
                ),
                (1.4, 1.6),
                least=3,
            ),
            prepared(facts, "9"),
        ),
    )


def _reach(channel: str | None, hertz: int | None) -> str:
    return joined((channel or "", "" if hertz is None else f"{hertz / 1e6:.4f} MHz"))


def _personnel(facts: Facts, node: Node | None) -> Iterator[tuple[Value, ...]]:
    chain: list[Node] = list(find(facts.root, "operations")[:1])
    if node is not None:
        chain += [
            each
            for each in facts.root.path(node.seat)[1:]
            if each.seat.role != "operations" and each.seat.kind.section is node.seat.kind.section
        ]
    for each in chain:
        names = people(each.holders)
        ways = "; ".join(filter(None, (facts.ways(holder.name) for holder in each.holders)))
        yield each.seat.title, names or None, ways


def _serving(facts: Facts, tasks: Iterable[Task]) -> tuple[tuple[Value, ...], ...]:
    """The units that are booked for these orders, or named by them."""
    numbers = {each.row.number for each in tasks}
    names = {each.row.resource for each in tasks if each.row.resource}
    found = {
        booking.resource_id: booking.place
        for booking in facts.bookings
        if booking.order_number in numbers
    }
    rows: list[tuple[Value, ...]] = []
    for unit in facts.units:
        if unit.id in found or unit.name in names:
            place = found.get(unit.id or 0) or unit.place or ""
            kind = joined((unit.kind, unit.type or ""), " ")
            label = f"U{unit.number} {unit.name}"
            rows.append(
                (
                    label,
                    unit.leader or "",
                    str(unit.people),
                    unit.contact or "",
                    joined((place, kind, unit.agency or "")),
                )
            )
    known = {unit.name for unit in facts.units}
    return (*rows, *((name, "", "", "", "") for name in sorted(names - known)))


def _assignments(facts: Facts, tasks: Iterable[Task]) -> Value:
    lines: list[Value] = []
    for each in tasks:
        row = each.row
        text: Msg = _("T{number} {text}", number=str(row.number), text=row.text)
        if row.place:
            text = _("{text}. Place: {place}", text=text, place=row.place)
        if row.due is not None:
            text = _("{text}. By {time}", text=text, time=facts.time(row.due))
        if each.objective is not None:
            text = _("{text} (for {reference})", text=text, reference=f"O{each.objective}")
        lines.append(text)
    return tuple(lines) or None


def _instructions(facts: Facts, tasks: Iterable[Task]) -> Value:
    lines: list[Value] = []
    if text := facts.words.get("instructions"):
        lines.append(text)
    if facts.safety is not None and tasks:
        lines.append(_("Safety message: {text}", text=facts.safety.text))
    return tuple(lines) or None


def ics214(facts: Facts) -> Sheet:
    """Activity Log of whoever the facts are about: their events are his."""
    present = next((each for each in facts.roster if each.name == facts.prepared), None)
    mine = next((each for each in facts.contacts if each.name == facts.prepared), None)
    team = [
        (each.name, joined((each.row.team or "",)), each.row.agency or "")
        for each in facts.roster
        if present is not None and present.row.team and each.row.team == present.row.team
    ]
    return Sheet(
        "214",
        TITLES["214"],
        (
            incident(facts),
            Row(
                (
                    Box("3", _("Name"), facts.prepared),
                    Box("4", _("ICS Position"), facts.position or None),
                    Box("5", _("Home Agency"), "" if mine is None else mine.agency),
                )
            ),
            Grid(
                "6",
                _("Resources Assigned"),
                (_("Name"), _("Team"), _("Home Agency")),
                tuple(team),
                least=4,
            ),
            Grid(
                "7",
                _("Activity Log"),
                (_("Date/Time"), _("Notable Activities")),
                tuple((facts.time(each.at), said(each)) for each in facts.events),
                (1.0, 4.4),
                least=18,
            ),
            prepared(facts, "8"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Total:
    """What is required, had and needed of one kind; thousandths of `unit`."""

    kind: str
    unit: str
    required: int
    have: int
    need: int


def totals(asked: Iterable[Asked]) -> tuple[Total, ...]:
    """The last rows of ICS 215: by kind and unit, `need` the sum of what the lines still need, so
    that it is what the open requests wait for."""
    sums: dict[tuple[str, str], list[int]] = {}
    for each in asked:
        mine = sums.setdefault((each.line.kind, each.line.unit), [0, 0, 0])
        mine[0] += each.required
        mine[1] += min(each.have, each.required)
        mine[2] += each.need
    return tuple(Total(kind, unit, *numbers) for (kind, unit), numbers in sums.items())


def ics215(facts: Facts) -> Sheet:
    """Operational Planning Worksheet: what each piece of work takes, has and needs."""
    return Sheet(
        "215",
        TITLES["215"],
        (
            incident(facts, width=1.2),
            Grid(
                "3–10",
                _("Work Assignments and Resources"),
                (
                    _("Division, Group or Other"),
                    _("Work Assignment and Special Instructions"),
                    _("Resource"),
                    _("Required"),
                    _("Have"),
                    _("Need"),
                    _("Reporting Location"),
                    _("Requested Arrival Time"),
                ),
                tuple(_work(facts)),
                (1.3, 2.4, 1.3, 0.7, 0.7, 0.7, 1.3, 1.1),
                least=10,
            ),
            Grid(
                "11–13",
                _("Totals"),
                (
                    _("Resource"),
                    _("11. Total Required"),
                    _("12. Total Have on Hand"),
                    # Translators: not the glossary's order
                    _("13. Total Need to Order"),
                ),
                tuple(
                    (
                        each.kind,
                        amount(each.required, each.unit),
                        amount(each.have, each.unit),
                        amount(each.need, each.unit),
                    )
                    for each in totals(facts.asked)
                ),
                (2.0, 1.0, 1.0, 1.0),
                least=3,
            ),
            prepared(facts, "14"),
        ),
        wide=True,
    )


def _work(facts: Facts) -> Iterator[tuple[Value, ...]]:
    booked = {each.resource_id: each for each in facts.bookings}
    for task in facts.tasks:
        units = [
            unit
            for unit in facts.units
            if unit.name == task.row.resource
            or (unit.id in booked and booked[unit.id].order_number == task.row.number)
        ]
        text = f"T{task.row.number} {task.row.text}"
        place, due = task.row.place or "", facts.time(task.row.due)
        if not units:
            named = task.row.resource
            numbers = ("1", "0", "1") if named else ("", "", "")
            yield (task.to, text, named or "", *numbers, place, due)
        for at, unit in enumerate(units):
            label = f"U{unit.number} {unit.name}"
            first = at == 0
            yield (
                task.to if first else "",
                text if first else "",
                label,
                "1",
                "1",
                "0",
                place,
                due if first else "",
            )
    for each in facts.asked:
        of = each.line.unit
        yield (
            each.line.agency or each.request.agency or "",
            f"R{each.request.number}",
            each.line.kind,
            amount(each.required, of),
            amount(min(each.have, each.required), of),
            amount(each.need, of),
            each.request.place or "",
            facts.time(each.request.needed_by),
        )


def ics215a(facts: Facts) -> Sheet:
    """Incident Action Plan Safety Analysis: where, which hazard, what is done about it."""
    return Sheet(
        "215A",
        TITLES["215A"],
        (
            incident(facts, number="2", period="4", width=1.2),
            Row((Box("3", _("Date/Time Prepared"), facts.time(facts.now)),))
            if facts.prepared
            else Row((Box("3", _("Date/Time Prepared"), None),)),
            Grid(
                "5–7",
                _("Safety Analysis"),
                (_("5. Incident Area"), _("6. Hazards/Risks"), _("7. Mitigations")),
                tuple(
                    (
                        each.area or "",
                        f"H{each.number} {each.text}",
                        each.mitigation or ("" if not facts.prepared else _("none named yet")),
                    )
                    for each in facts.hazards
                ),
                (1.2, 2.0, 2.4),
                least=8,
            ),
            prepared(facts, "8"),
            signed("", Box("", _("Safety Officer"), _holder(facts, "safety"), 1.4)),
            signed("", Box("", _("Operations Section Chief"), _holder(facts, "operations"), 1.4)),
        ),
        wide=True,
    )


def _holder(facts: Facts, role: str) -> Value:
    return tuple(name for node in find(facts.root, role) for name in people(node.holders)) or None
