"""Every form by its official number. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.plans.facts import Facts
from workflows.plans.forms import command
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
    "207": one(command.ics207),
}

TITLES: Mapping[str, Msg] = {**command.TITLES}
