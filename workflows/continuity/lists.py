"""The lists of a continuity pack, as rows for a spreadsheet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflows.objectives.rules import STATES as OBJECTIVE_STATES, State as Aim
from workflows.orders.rules import STATES as ORDER_STATES, State as Ordered
from workflows.plans.facts import Facts, amount, people
from workflows.plans.sheets import Value, value
from workflows.requests.rules import STATES as REQUEST_STATES, State as Requested
from workflows.text import Json, Msg, _


@dataclass(frozen=True, slots=True)
class Listed:
    """A head and its rows."""

    head: tuple[Msg, ...]
    rows: tuple[tuple[Value, ...], ...]

    def to_json(self) -> dict[str, Json]:
        """As `handlers.printed.sheets` reads it."""
        return {
            "head": [value(each) for each in self.head],
            "rows": [[value(each) for each in row] for row in self.rows],
        }


def lists(facts: Facts) -> Mapping[str, Listed]:
    """Everything that is open, by the name of its file."""
    return {
        "contacts": Listed(
            (_("Name"), _("Agency"), _("Position"), _("Methods of Contact")),
            tuple(
                (
                    each.name,
                    each.agency,
                    each.seats[0].title if each.seats else "",
                    "; ".join(each.ways),
                )
                for each in facts.contacts
            ),
        ),
        "organisation": Listed(
            (_("Position"), _("Name")),
            tuple(
                (node.seat.title, "; ".join((*people(node.holders), *people(node.deputies))))
                for _depth, node in facts.root.walk()
            ),
        ),
        "objectives": Listed(
            (
                _("Number"),
                _("Objective"),
                _("Measure"),
                _("To be done by"),
                _("Percent"),
                _("State"),
            ),
            tuple(
                (
                    f"O{each.number}",
                    each.text,
                    " ".join(filter(None, (each.measure, each.target))),
                    facts.time(each.due),
                    str(each.progress),
                    OBJECTIVE_STATES[Aim(each.state)],
                )
                for each in facts.objectives
            ),
        ),
        "orders": Listed(
            (_("Number"), _("To"), _("What"), _("Place"), _("To be done by"), _("State")),
            tuple(
                (
                    f"T{each.row.number}",
                    each.to,
                    each.row.text,
                    each.row.place or "",
                    facts.time(each.row.due),
                    ORDER_STATES[Ordered(each.row.state)],
                )
                for each in facts.tasks
            ),
        ),
        "requests": Listed(
            (
                _("Number"),
                _("Kind"),
                _("Required"),
                _("Have"),
                _("Need"),
                _("Place"),
                _("Needed by"),
                _("State"),
                _("Supplier"),
            ),
            tuple(_requests(facts)),
        ),
        "resources": Listed(
            (
                _("Number"),
                _("Resource"),
                _("Kind"),
                _("Type"),
                _("Leader"),
                _("People"),
                _("Contact"),
                _("Agency"),
                _("Place"),
            ),
            tuple(
                (
                    f"U{each.number}",
                    each.name,
                    each.kind,
                    each.type or "",
                    each.leader or "",
                    str(each.people),
                    each.contact or "",
                    each.agency or "",
                    each.place or "",
                )
                for each in facts.units
            ),
        ),
        "hazards": Listed(
            (_("Number"), _("Place"), _("Hazard"), _("Mitigation")),
            tuple(
                (f"H{each.number}", each.area or "", each.text, each.mitigation or "")
                for each in facts.hazards
            ),
        ),
        "channels": Listed(
            (
                _("Number"),
                _("Channel Name/Talkgroup"),
                _("Channel"),
                _("Function"),
                _("RX MHz"),
                _("TX MHz"),
            ),
            tuple(
                (
                    f"C{each.number}",
                    each.name,
                    each.channel or "",
                    each.function or "",
                    _mhz(each.rx_hz),
                    _mhz(each.tx_hz),
                )
                for each in facts.channels
            ),
        ),
        "roster": Listed(
            (_("Name"), _("Agency"), _("Team"), _("People"), _("Since")),
            tuple(
                (
                    each.name,
                    each.row.agency or "",
                    each.row.team or "",
                    str(each.row.people),
                    facts.time(each.row.in_at),
                )
                for each in facts.roster
            ),
        ),
    }


def _mhz(hertz: int | None) -> str:
    return "" if hertz is None else f"{hertz / 1_000_000:.4f}"


def _requests(facts: Facts) -> Iterable[tuple[Value, ...]]:
    for each in facts.asked:
        unit = each.line.unit
        yield (
            f"R{each.request.number}",
            each.line.kind,
            amount(each.required, unit),
            amount(min(each.have, each.required), unit),
            amount(each.need, unit),
            each.request.place or "",
            facts.time(each.request.needed_by),
            REQUEST_STATES[Requested(each.request.state)],
            each.supplier,
        )
