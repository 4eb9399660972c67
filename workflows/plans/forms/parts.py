"""What many forms have in common: the first boxes, who prepared it, the rows of a seat. Pure."""

from __future__ import annotations

from workflows.organisation.chart import Node
from workflows.plans.facts import Facts, people
from workflows.plans.sheets import Box, Row, Value
from workflows.text import _


def incident(facts: Facts, *, period: str = "2", number: str = "", width: float = 1.0) -> Row:
    """The first row: the incident's name, its number if the form has a box for it, the period."""
    boxes = [Box("1", _("Incident Name"), facts.incident.title, width)]
    if number:
        boxes.append(Box(number, _("Incident Number"), facts.designation, 0.7))
    if period:
        boxes.append(Box(period, _("Operational Period"), facts.span, 1.2))
    return Row(tuple(boxes))


def prepared(facts: Facts, number: str, *more: Box) -> Row:
    """The last row: name, position, signature, date and time."""
    at = facts.time(facts.now) if facts.prepared else ""
    return Row(
        (
            Box(number, _("Prepared by"), who(facts), 1.4),
            *more,
            Box("", _("Signature"), None, 0.9),
            Box("", _("Date/Time"), at, 0.8),
        ),
        lines=2,
    )


def who(facts: Facts) -> Value:
    """Who prepares the form, with his position."""
    if not facts.prepared or not facts.position:
        return facts.prepared
    return (
        _("{name}, {title}", name=facts.prepared, title=facts.position)
        if facts.position
        else facts.prepared
    )


def signed(number: str, label: Box) -> Row:
    """A row for somebody else's signature."""
    return Row((label, Box("", _("Signature"), None, 0.9), Box("", _("Date/Time"), None, 0.8)), 2)


def holders(node: Node) -> Value:
    """Who holds a seat, a line for each, deputies after them."""
    names = (*people(node.holders), *people(node.deputies))
    return names or None


def find(root: Node, role: str) -> tuple[Node, ...]:
    """The nodes of that role, wherever they stand."""
    return tuple(node for _depth, node in root.walk() if node.seat.role == role)
