"""The groups of a Chinese on-scene headquarters 现场指挥部, and the positions that lead them.

Names differ by plan, so they are data (`headquarters.toml`): a common list, and for an agency,
by its short name, what its own plan says beside it or instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.organisation.positions import ROLES
from workflows.shelf import NotUsable, Shelf, both, unfit
from workflows.text import Msg, either

FILE = "headquarters"


@dataclass(frozen=True, slots=True)
class Group:
    """A group: `names` are what people type, `role` the position that leads it."""

    title: Msg
    names: tuple[str, ...]
    role: str


def groups(shelf: Shelf, agency: str | None = None) -> tuple[Group, ...]:
    """The groups as that agency's plan has them: its own first, then the common ones whose
    names it does not use otherwise. Raises `NotUsable`."""
    data = shelf.read("workflows.organisation", FILE)
    own: list[Group] = []
    for part in data.get("agency", []):
        if agency is not None and part.get("agency") == agency:
            own += _read(part.get("group", []))
    taken = {name for each in own for name in each.names}
    common = (each for each in _read(data.get("group", [])) if not taken & set(each.names))
    return (*own, *common)


def source(shelf: Shelf) -> Msg:
    """Where the list comes from. Raises `NotUsable`."""
    return either(*both(shelf.read("workflows.organisation", FILE)["source"]))


def checked(shelf: Shelf) -> None:
    """Raise `NotUsable` if the groups of any agency cannot be used."""
    data = shelf.read("workflows.organisation", FILE)
    try:
        for part in data.get("agency", []):
            groups(shelf, str(part["agency"]))
        groups(shelf)
        both(data["source"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise unfit(FILE, error) from error


def _read(listed: Sequence[Mapping[str, Any]]) -> list[Group]:
    found = []
    for each in listed:
        try:
            zh, en = both(each["name"])
            role = str(each["role"])
        except (KeyError, ValueError) as error:
            raise unfit(FILE, error) from error
        if role not in ROLES:
            raise NotUsable(f"{FILE}.toml: there is no position {role}")
        found.append(Group(either(zh, en), (zh, en, *map(str, each.get("also", ()))), role))
    return found
