"""Reporting clocks as data: by when a first, a further and the last report are due. Pure.

A pack is `clocks/clock-NAME.toml`, or a file of that name in the operator's folder; an agency that
has its own brings another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workflows.errors import Refusal
from workflows.incidents.rules import LEVELS, TYPES
from workflows.shelf import NotUsable, Shelf, both, unfit
from workflows.sitreps.elements import ELEMENTS, KINDS, PHONE, UPWARD, Kind
from workflows.text import Msg, _, either

PACKAGE = "workflows.sitreps.clocks"
PREFIX = "clock-"

LONGEST_LEAD = timedelta(minutes=30)
SHORTEST_LEAD = timedelta(minutes=5)
"""Who owes a report is reminded a quarter of its time before it is due, within these bounds."""

GRACE = timedelta(minutes=15)
"""When a report is that late, the next one up is told, and so on."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a report of `kind` (or a call, `phone`) is due at these levels, empty for all;
    `every` so long again, `after` the incident reached a state (None: from the beginning)."""

    kind: str
    within: timedelta
    levels: frozenset[str] = frozenset()
    every: bool = False
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """One set of reporting clocks. `names` are what it calls the reports; `changed` is how soon
    after a change of casualties a follow-up is due, for `days`."""

    code: str
    name: Msg
    source: Msg
    types: frozenset[str]
    occurred: bool
    owes: str
    names: Mapping[str, tuple[str, str]]
    deadlines: tuple[Deadline, ...]
    elements: Mapping[str, tuple[str, ...]]
    changed: timedelta | None = None
    days: int = 0
    days_of: Mapping[str, int] = field(default_factory=dict)

    def called(self, kind: str) -> Msg:
        """What the pack calls a report of that kind."""
        named = self.names.get(kind)
        return KINDS[kind] if named is None else either(*named)

    def zh(self, kind: str) -> str:
        """As `called`, in Chinese, for a text that is handed in."""
        return self.names[kind][0]

    def begins(self, started: datetime, reported: datetime) -> datetime:
        """From when its clock runs."""
        return started if self.occurred else reported

    def deadline(self, kind: str, level: str | None) -> Deadline | None:
        """What holds for a report of that kind; the strictest while the level is not known."""
        holds = [
            each
            for each in self.deadlines
            if each.kind == kind and (level is None or not each.levels or level in each.levels)
        ]
        return min(holds, key=lambda each: each.within, default=None)

    def watches(self, type_: str | None) -> timedelta:
        """For how long after the incident began casualties that change are reported."""
        return timedelta(days=self.days_of.get(type_ or "", self.days))


def lead(within: timedelta) -> timedelta:
    """How long before its deadline somebody is reminded of a report."""
    return min(max(within / 4, SHORTEST_LEAD), LONGEST_LEAD, within)


def pack(shelf: Shelf, code: str) -> Pack:
    """The pack of that name. Raises `Refusal` (`sitrep-pack`) for none and for an unusable one."""
    if code not in known(shelf):
        raise Refusal(
            "sitrep-pack",
            _(
                "There is no reporting pack “{name}”. There are: {packs}.",
                name=code[:40],
                packs=known(shelf),
            ),
        )
    try:
        return read(code, shelf)
    except NotUsable as error:
        raise Refusal(
            "sitrep-pack",
            _("The reporting pack {name} cannot be used: {error}", name=code, error=str(error)),
        ) from error


def read(code: str, shelf: Shelf) -> Pack:
    """The pack of that name. Raises `NotUsable`."""
    return _pack(code, shelf.read(PACKAGE, PREFIX + code))


def known(shelf: Shelf) -> tuple[str, ...]:
    """The names of the packs, ours and the operator's."""
    return tuple(each.removeprefix(PREFIX) for each in shelf.names(PACKAGE, PREFIX))


def for_type(shelf: Shelf, type_: str | None) -> tuple[Pack, ...]:
    """The packs that say that they are for incidents of that type."""
    return tuple(each for each in usable(shelf, known(shelf)) if type_ in each.types)


def usable(shelf: Shelf, codes: Sequence[str]) -> tuple[Pack, ...]:
    """The packs of these names; broken ones are left out, since nobody who declares an incident
    can mend them."""
    found: list[Pack] = []
    for code in codes:
        try:
            found.append(pack(shelf, code))
        except Refusal:
            continue
    return tuple(found)


def _pack(code: str, data: Mapping[str, Any]) -> Pack:
    """Read a pack. Raises `NotUsable` that says what is wrong with it."""
    try:
        changes = data.get("changes", {})
        return Pack(
            code=code,
            name=either(*both(data["name"])),
            source=either(*both(data["source"])),
            types=_known(data["types"], TYPES),
            occurred={"reported": False, "occurred": True}[data.get("from", "reported")],
            owes=str(data.get("owes", "situation")),
            names={kind: both(data["names"][kind]) for kind in UPWARD},
            deadlines=tuple(_deadline(each) for each in data["deadline"]),
            elements={
                kind: tuple(each for each in data["elements"][kind] if _known([each], ELEMENTS))
                for kind in UPWARD
            },
            changed=_minutes(changes["minutes"]) if changes else None,
            days=int(changes.get("days", 0)),
            days_of={str(key): int(days) for key, days in changes.get("days_of", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unfit(PREFIX + code, error) from error


def _deadline(data: Mapping[str, Any]) -> Deadline:
    (kind,) = _known([data["kind"]], (*UPWARD, PHONE))
    return Deadline(
        kind=kind,
        within=_minutes(data["minutes"]),
        levels=_known(data.get("levels", []), LEVELS),
        every=bool(data.get("every", False)),
        after=data.get("after"),
    )


def _minutes(value: object) -> timedelta:
    if not isinstance(value, int) or not 1 <= value <= 60 * 24 * 366:
        raise ValueError(f"{value!r} is no number of minutes")
    return timedelta(minutes=value)


def _known(values: Sequence[str], names: Sequence[str] | Mapping[str, object]) -> frozenset[str]:
    if strange := [each for each in values if each not in names]:
        raise ValueError(f"{strange[0]!r} is none of {', '.join(names)}")
    return frozenset(values)


def asked(packs: Sequence[Pack], kind: Kind) -> tuple[str, ...]:
    """The elements that any of these packs asks for in a report of that kind, in order."""
    wanted = {each for one in packs for each in one.elements.get(kind, ())}
    return tuple(code for code in ELEMENTS if code in wanted)
