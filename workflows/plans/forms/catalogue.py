"""Every form by its official number. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.plans.facts import Facts
from workflows.plans.forms import command, contact, resources, status, work
from workflows.plans.sheets import Sheet
from workflows.text import Msg

Maker = Callable[[Facts], tuple[Sheet, ...]]
"""The sheets of a form, several where there is one for each team."""


def one(form: Callable[[Facts], Sheet]) -> Maker:
    """A form of which there is one."""
    return lambda facts: (form(facts),)


FORMS: Mapping[str, Maker] = {
    "201": one(command.ics201),
    "202": one(command.ics202),
    "203": one(command.ics203),
    "204": work.ics204,
    "205": one(contact.ics205),
    "205A": one(contact.ics205a),
    "206": one(contact.ics206),
    "207": one(command.ics207),
    "208": one(contact.ics208),
    "209": one(status.ics209),
    "211": one(status.ics211),
    "213": one(contact.ics213),
    "213RR": resources.ics213rr,
    "214": one(work.ics214),
    "215": one(work.ics215),
    "215A": one(work.ics215a),
    "221": resources.ics221,
}

TITLES: Mapping[str, Msg] = {
    **command.TITLES,
    **work.TITLES,
    **contact.TITLES,
    **status.TITLES,
    **resources.TITLES,
}
