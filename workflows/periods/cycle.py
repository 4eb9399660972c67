"""The planning cycle as it lies on the shelf: which meetings prepare a period."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from workflows.organisation.positions import ROLES
from workflows.shelf import NotUsable, Shelf, both
from workflows.text import Json, Msg, either

INPUTS = frozenset(
    (
        *("assessment", "objectives", "progress", "organisation", "orders", "requests"),
        *("resources", "sitreps", "safety", "hazards", "comms"),
    )
)
"""What a meeting may ask for, beside the minutes of an earlier one."""

MINUTES = "minutes:"

KNOWN = "meeting"
"""What the names of meetings are called where lines are read."""

_SPAN = re.compile(r"(?:(\d{1,3})h)?\s*(?:(\d{1,3})min)?")


@dataclass(frozen=True, slots=True)
class Kind:
    """A meeting that each period has: `before` its start, for `minutes`, led by the position
    `chair`."""

    code: str
    zh: str
    en: str
    names: tuple[str, ...]
    before: timedelta
    minutes: int
    chair: str
    attend: tuple[str, ...]
    agenda: tuple[tuple[str, str], ...]
    inputs: tuple[str, ...]
    compares: bool

    def plan(self) -> dict[str, Json]:
        """What a meeting keeps of it: the cycle may be another one by the time."""
        return {
            "minutes": self.minutes,
            "chair": self.chair,
            "attend": list(self.attend),
            "agenda": [{"zh": zh, "en": en} for zh, en in self.agenda],
            "inputs": list(self.inputs),
            "compares": self.compares,
        }


@dataclass(frozen=True, slots=True)
class Cycle:
    """The meetings, what is said how long before, and from when on an objective slips."""

    kinds: tuple[Kind, ...]
    usual: int
    remind: timedelta
    margin: int
    silent: timedelta


def cycle(shelf: Shelf) -> Cycle:
    """The planning cycle. Raises `NotUsable` with what is wrong in the file."""
    read = shelf.read("workflows.periods", "cycle")
    try:
        adjust = read.get("adjust", {})
        made = Cycle(
            kinds=tuple(_kind(each) for each in read["meeting"]),
            usual=int(read.get("usual", 12)),
            remind=timedelta(minutes=int(read.get("remind", 30))),
            margin=int(adjust.get("margin", 15)),
            silent=timedelta(hours=int(adjust.get("silent", 6))),
        )
    except KeyError as error:
        raise NotUsable(f"cycle.toml: {error.args[0]} is missing") from None
    except (TypeError, ValueError) as error:
        raise NotUsable(f"cycle.toml: {error}") from None
    if made.usual < 1:
        raise NotUsable("cycle.toml: usual is less than an hour")
    codes = [each.code for each in made.kinds]
    if len(set(codes)) < len(codes):
        raise NotUsable("cycle.toml: two meetings have the same code")
    return made


def long_names(cycle: Cycle) -> tuple[str, ...]:
    """The names of its meetings that are several words, also as `tactics meeting` for `tactics`."""
    names = [name for kind in cycle.kinds for name in kind.names]
    names += [f"{name} meeting" for name in names if name.isascii()]
    return tuple(dict.fromkeys(name for name in names if " " in name))


def _kind(read: Mapping[str, object]) -> Kind:
    zh, en = both(read["name"])
    code = str(read["code"])
    made = Kind(
        code=code,
        zh=zh,
        en=en,
        names=(code, zh, en, *_texts(read.get("aliases", []))),
        before=_span(str(read["before"])),
        minutes=int(str(read.get("minutes", 30))),
        chair=str(read["chair"]),
        attend=_texts(read["attend"]),
        agenda=tuple(both(each) for each in _list(read.get("agenda", []))),
        inputs=_texts(read.get("inputs", [])),
        compares=read.get("compares") is True,
    )
    for role in (made.chair, *made.attend):
        if role not in ROLES:
            raise ValueError(f"{code}: there is no position {role}")
    for each in made.inputs:
        if each not in INPUTS and not each.startswith(MINUTES):
            raise ValueError(f"{code}: nobody knows the input {each}")
    return made


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise ValueError(f"not a list: {value!r}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in _list(value))


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None or not text:
        raise ValueError(f"not a time such as 2h or 30min: {text!r}")
    return timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))


def name_of(name: Mapping[str, Json]) -> Msg:
    """The name of a meeting, in each room's language."""
    return either(str(name["zh"]), str(name["en"]))
