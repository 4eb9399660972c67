"""ICS 213RR and 221: what is asked for, and what goes home. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from workflows.plans.facts import Asked, Facts, Release, amount
from workflows.plans.forms.parts import prepared, signed
from workflows.plans.sheets import Band, Body, Box, Grid, Row, Sheet, Ticks, Value, joined
from workflows.resources.demobilisation import title
from workflows.text import Msg, _

TITLES = {
    "213RR": _("Resource Request Message"),
    "221": _("Demobilization Check-Out"),
}

BOXES: tuple[Msg, ...] = (
    _("Supply Unit"),
    _("Communications Unit"),
    _("Facilities Unit"),
    _("Ground Support Unit"),
    _("Time Unit"),
    _("Documentation Unit"),
    _("Demobilization Unit"),
)
"""Of ICS 221, block 6, where nothing else was said: all are to be signed."""


def ics213rr(facts: Facts) -> tuple[Sheet, ...]:
    """One message for each open request; one that is empty if there is none."""
    requests: dict[int, list[Asked]] = {}
    for each in facts.asked:
        requests.setdefault(each.request.number, []).append(each)
    made = tuple(_request(facts, lines) for lines in requests.values())
    return made or (_request(facts, []),)


def _request(facts: Facts, lines: list[Asked]) -> Sheet:
    row = lines[0].request if lines else None
    reference = "" if row is None else f"I{facts.incident.id}-R{row.number}"
    urgency = "" if row is None else row.priority
    money = sum(each.line.estimate or 0 for each in lines)
    return Sheet(
        "213RR",
        TITLES["213RR"],
        (
            Row(
                (
                    Box("1", _("Incident Name"), facts.incident.title, 1.4),
                    Box("2", _("Date/Time"), "" if row is None else facts.time(row.made_at)),
                    Box("3", _("Resource Request Number"), reference),
                )
            ),
            Grid(
                "4",
                # Translators: not the glossary's order
                _("Order"),
                (
                    _("Qty."),
                    _("Kind"),
                    _("Type"),
                    _("Detailed Item Description"),
                    _("Requested Arrival"),
                    _("Estimated Arrival"),
                    _("Cost"),
                ),
                tuple(_lines(facts, lines)),
                (0.7, 1.2, 0.7, 2.2, 1.1, 1.1, 0.9),
                least=6,
            ),
            Row(
                (
                    Box(
                        "5",
                        _("Requested Delivery/Reporting Location"),
                        "" if row is None else row.place or "",
                    ),
                )
            ),
            Row(
                (
                    Box(
                        "6",
                        _("Suitable Substitutes and/or Suggested Sources"),
                        "" if row is None else row.substitutes or "",
                    ),
                ),
                2,
            ),
            Row(
                (
                    Box("7", _("Requested by"), _requester(facts, lines), 1.4),
                    Box("", _("Signature"), None),
                )
            ),
            Ticks(
                "8",
                _("Priority"),
                (
                    (_("Urgent"), urgency == "urgent"),
                    (_("Routine"), urgency == "routine"),
                    (_("Low"), urgency == "low"),
                ),
            ),
            signed("9", Box("9", _("Section Chief Approval"), _step(facts, lines, "approve"), 1.4)),
            Band(_("Logistics Section")),
            Row(
                (
                    # Translators: not the glossary's order
                    Box("10", _("Logistics Order Number"), None),
                    Box("11", _("Supplier Phone/Fax/E-mail"), None),
                    Box("12", _("Name of Supplier"), joined([each.supplier for each in lines])),
                ),
                2,
            ),
            Body("13", _("Notes"), "" if row is None else row.note or "", 2),
            signed("14–15", Box("14–15", _("Authorized Logistics Representative"), None, 1.4)),
            # Translators: not the glossary's order
            Row((Box("16", _("Order Placed by"), _step(facts, lines, "order")),)),
            Band(_("Finance/Administration Section")),
            Row(
                (
                    Box("17", _("Reply/Comments from Finance"), None, 2.0),
                    Box("", _("Estimated cost"), f"{money / 100:,.2f}" if money else ""),
                ),
                2,
            ),
            signed("18–19", Box("18–19", _("Finance Section Signature"), None, 1.4)),
        ),
    )


def _lines(facts: Facts, lines: Iterable[Asked]) -> Iterable[tuple[Value, ...]]:
    for each in lines:
        cents = each.line.estimate
        yield (
            amount(each.required, each.line.unit),
            each.line.kind,
            "",
            _("L{number}: {have} on hand, {need} to come", number=str(each.line.number),
              have=amount(min(each.have, each.required), each.line.unit),
              need=amount(each.need, each.line.unit)),
            facts.time(each.request.needed_by),
            facts.time(each.eta),
            "" if cents is None else f"{cents / 100:,.2f}",
        )  # fmt: skip


def _step(facts: Facts, lines: list[Asked], step: str) -> Value:
    taken = lines[0].request.steps.get(step) if lines else None
    if not isinstance(taken, dict):
        return None
    return joined((str(taken.get("name", "")), _taken(facts, str(taken.get("at", "")))))


def _taken(facts: Facts, at: str) -> str:
    """When a step was taken, in the incident's zone."""
    try:
        return facts.time(datetime.fromisoformat(at))
    except ValueError:
        return at


def _requester(facts: Facts, lines: Sequence[Asked]) -> Value:
    """Who asked: name, position and agency."""
    if not lines:
        return ""
    agency = lines[0].request.agency or ""
    who: Msg | str = lines[0].by
    if not who:
        return agency
    seats = next((each.seats for each in facts.contacts if each.name == who), ())
    if seats:
        who = _("{name}, {title}", name=who, title=tuple(each.title for each in seats))
    return _("{name} ({agency})", name=who, agency=agency) if agency else who


def ics221(facts: Facts) -> tuple[Sheet, ...]:
    """One check-out for each unit that is to be released; one that is empty if there is none."""
    going = [each for each in facts.releases if each.checkout is not None or each.boxes]
    if not going and len(facts.releases) == 1:
        going = list(facts.releases)
    made = tuple(_release(facts, each) for each in going)
    return made or (_release(facts, None),)


def _release(facts: Facts, of: Release | None) -> Sheet:
    checkout = None if of is None else of.checkout
    unit = None if of is None else of.unit
    return Sheet(
        "221",
        TITLES["221"],
        (
            Row(
                (
                    Box("1", _("Incident Name"), facts.incident.title, 1.4),
                    Box("2", _("Incident Number"), facts.designation),
                )
            ),
            Row(
                (
                    Box(
                        "3",
                        _("Planned Release Date/Time"),
                        "" if checkout is None else facts.time(checkout.planned_at),
                    ),
                    Box(
                        "4",
                        _("Resource or Personnel Released"),
                        ""
                        if unit is None
                        else joined((f"U{unit.number} {unit.name}", unit.kind, unit.agency or "")),
                        1.6,
                    ),
                    # Translators: not the glossary's order
                    Box("5", _("Order Request Number"), None),
                )
            ),
            Band(_("6. No release before every checked box below is signed")),
            Grid(
                "6",
                _("Resource or Personnel"),
                (_("Checked"), _("Unit or Other"), _("Remarks"), _("Name"), _("Signature, time")),
                tuple(_boxes(facts, of)),
                (0.6, 1.6, 1.6, 1.1, 1.2),
            ),
            Body("7", _("Remarks"), "" if checkout is None else checkout.remarks or "", 3),
            Row(
                (
                    Box("8", _("Travel Information: destination"),
                        "" if checkout is None else checkout.destination or "", 1.4),
                    Box("", _("Estimated departure"),
                        "" if checkout is None else facts.time(checkout.planned_at)),
                    Box("", _("Actual release"),
                        "" if checkout is None else facts.time(checkout.released_at)),
                )
            ),
            Row(
                (
                    Box("", _("Method of Travel"), None),
                    Box("", _("Contact on the way"), None if unit is None else unit.contact or ""),
                    Box("", _("Area, agency or region notified"), None),
                )
            ),
            Row((Box("9", _("Reassignment Information"), None),), 2),
            prepared(facts, "10"),
        ),
    )  # fmt: skip


def _boxes(facts: Facts, of: Release | None) -> Iterable[tuple[Value, ...]]:
    if of is None or not of.boxes:
        return tuple((True, each, "", "", "") for each in BOXES)
    return tuple(
        (
            each.ticked,
            title(each),
            each.remarks or "",
            each.name or "",
            facts.time(each.signed_at),
        )
        for each in of.boxes
    )
