"""The fields of ledger entries as people read them: numbers with decimals and units, times in the
incident's zone, people by name, what is inside others one by one. The export keeps them as they
are stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from handlers.cards import fields
from handlers.document import Inline
from storage import UnitOfWork
from storage.tables import LedgerEntry
from workflows.organisation import approval
from workflows.requests import amounts
from workflows.requests.rules import PLACES
from workflows.requests.steps import TOOK
from workflows.text import Json, Msg, Param, _

LONGEST_VALUE = 200

Value: TypeAlias = Json | Msg

_OF = re.compile(r"(line|part)([0-9]+)\.(.+)")
_HELD = re.compile(r"([a-z]+):([0-9]+)/([0-9]+)")
"""How much of a kind of stock is at a place, `depot:2/5`."""
_AMOUNTS = frozenset({"quantity", "dropped", *(place.value for place in PLACES)})
_MONEY = frozenset({"estimate", "cost", "approval", "total"})
_PEOPLE = frozenset({"told", "asked", "people", "assignee", "person"})
_INSIDE = re.compile(
    r"(^|[._])(id|year|serial|message|rooms|lots|broken|stock\.[a-z]+|step\.(step|at))$|_id$"
    r"|(?<!needed)_by$"
)
"""What only the store reads; who did it, and when, stands above."""
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]{5})")
_NOTED = frozenset({"custody.delivered", "custody.remarked"})
"""What is said of goods that have come is no reason."""
_TOOK: Mapping[str, Msg] = {str(step): said for step, said in TOOK.items()}


@dataclass(slots=True)
class Story:
    """Entries that are told one after the other: what one has said, the next need not."""

    names: dict[int, str] = field(default_factory=dict)
    """People by their numbers."""
    kinds: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Kinds of stock by their numbers: name and unit."""
    said: set[str] = field(default_factory=set)
    units: dict[str, str] = field(default_factory=dict)
    """What a line or a part is measured in."""

    @staticmethod
    async def of(uow: UnitOfWork, entries: list[LedgerEntry]) -> Story:
        """What it takes to tell these entries."""
        story = Story()
        for number in {each for entry in entries for each in _people(entry.params)}:
            person = await uow.people.person(number)
            story.names[number] = "?" if person is None else person.name
        if any(entry.code.startswith("stock.") for entry in entries):
            kinds = await uow.stock.kinds()
            story.kinds = {key: (kind.name, kind.unit) for key, kind in kinds.items()}
        return story

    def facts(self, entry: LedgerEntry) -> list[Inline]:
        """What an entry set, a line for each field. Fields with nothing are left out, unless an
        entry before had something in them."""
        flat = list(_flat(entry.params))
        self._measure(flat)
        made: list[Inline] = []
        for name, value in flat:
            nothing = value is None or (value == 0 and _OF.fullmatch(name) is not None)
            if (nothing and name not in self.said) or self._told_beside(name):
                continue
            self.said.add(name)
            shown = self._value(entry, name, value)
            called = self._field(name)
            if name == "reason" and entry.code in _NOTED:
                called = fields.NAMES["note"]
            made.append(_("{field}: {value}", field=called, value=shown))
        return made

    def _measure(self, flat: list[tuple[str, Value]]) -> None:
        """Lines say what they are measured in, parts of which line they are."""
        for name, value in flat:
            found = _OF.fullmatch(name)
            if found is not None and found[3] == "unit" and isinstance(value, str):
                self.units[found[1] + found[2]] = value
            if found is not None and found[1] == "part" and found[3] == "line":
                self.units[f"part{found[2]}"] = self.units.get(f"line{value}", "")

    def _told_beside(self, name: str) -> bool:
        found = _OF.fullmatch(name)
        return found is not None and found[1] == "line" and found[3] == "unit"

    def _field(self, name: str) -> Msg | str:
        held = _HELD.fullmatch(name)
        if held is not None:
            place = fields.word("", "source", f"{held[1]}:{held[2]}") or held[1]
            kind = self.kinds.get(int(held[3]), ("?", ""))[0]
            return _("{kind}, {place}", kind=kind, place=place)
        if name.startswith("steps."):
            return _TOOK.get(name.removeprefix("steps."), name)
        found = _OF.fullmatch(name)
        if found is None:
            return fields.NAMES.get(name.rpartition(".")[2], name)
        shown = fields.NAMES.get(found[3], found[3])
        if found[1] == "line":
            return _("line {n}, {field}", n=found[2], field=shown)
        return _("part {n}, {field}", n=found[2], field=shown)

    def _value(self, entry: LedgerEntry, name: str, value: Value) -> Param:
        of, last = _OF.fullmatch(name), name.rpartition(".")[2]
        if value is None:
            return "–"
        if isinstance(value, Msg):
            return value
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, int):
            return self._number(entry, name, last, value, of)
        if isinstance(value, list) and last in _PEOPLE:
            return tuple(
                self.names.get(each, "?") if isinstance(each, int) else str(each) for each in value
            )
        if isinstance(value, str):
            word = fields.word(entry.code, last, value)
            if word is not None:
                return word
            if _TIME.fullmatch(value):
                return datetime.fromisoformat(value)
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return shown if len(shown) <= LONGEST_VALUE else shown[:LONGEST_VALUE] + "…"

    def _number(
        self, entry: LedgerEntry, name: str, last: str, value: int, of: re.Match[str] | None
    ) -> Param:
        held = _HELD.fullmatch(name)
        if held is not None:
            return _amount(value, self.kinds.get(int(held[3]), ("", ""))[1])
        if of is not None and last in _AMOUNTS:
            return _amount(value, self.units.get(of[1] + of[2], ""))
        if last == "milli":
            kind = entry.params.get("kind")
            units = [unit for named, unit in self.kinds.values() if named == kind]
            return _amount(value, units[0] if units else "")
        if last in _MONEY:
            return amounts.yuan(value)
        if last in ("assignee", "person") and value in self.names:
            return self.names[value]
        return f"{fields.LETTERS.get(last, '')}{value}"


def _amount(value: int, unit: str) -> str:
    shown = f"{(Decimal(value) / amounts.STEP).normalize():,f}"
    return f"{shown} {unit}" if unit else shown


def _people(params: Mapping[str, Json]) -> Iterator[int]:
    for name, value in _flat(params):
        last = name.rpartition(".")[2]
        if last in _PEOPLE and isinstance(value, list):
            yield from (each for each in value if isinstance(each, int))
        elif last in ("assignee", "person") and isinstance(value, int):
            yield value


def _flat(params: Mapping[str, Json], before: str = "") -> Iterator[tuple[str, Value]]:
    for key, value in _joined(params):
        name = f"{before}{key}"
        if (not before and key in ("incident", "thing")) or _INSIDE.search(name):
            continue
        if key == "digest":
            if _approved(params):
                yield name, str(value)[: approval.SHOWN]
            continue
        if isinstance(value, Mapping):
            if name == "steps":
                yield from _steps(value)
            else:
                yield from _flat(value, before if key == "changes" else f"{name}.")
        elif name == "signed" and isinstance(value, list):
            yield from (("signed", _signature(each)) for each in value if isinstance(each, Mapping))
        elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            for place, each in enumerate(value, 1):
                inner = each if isinstance(each, Mapping) else {"": each}
                yield from _flat(inner, f"{name}.{place}.")
        elif value != []:
            yield name, value


def _steps(taken: Mapping[str, Json]) -> Iterator[tuple[str, Value]]:
    """Who took which step of the approvals."""
    for step, each in taken.items():
        if isinstance(each, Mapping):
            at = datetime.fromisoformat(str(each.get("at")))
            who = _who(str(each.get("name")), each.get("agency"))
            yield f"steps.{step}", _("{name}, {time}", name=who, time=at)


def _approved(params: Mapping[str, Json]) -> bool:
    """Whether the digest there is one that people approve by; others only the store reads."""
    return "signed" in params


def _signature(each: Mapping[str, Json]) -> Msg:
    """Who approved it, and when by the incident's clock."""
    who = _who(str(each.get("name", "")), each.get("agency"))
    return _("{name}, {time}", name=who, time=str(each.get("at", "")))


def _who(name: str, agency: Json) -> Msg | str:
    return _("{name} ({agency})", name=name, agency=str(agency)) if agency else name


def _joined(params: Mapping[str, Json]) -> Iterator[tuple[str, Value]]:
    """The fields, with a person's agency beside the name and a latitude with its longitude."""
    for key, value in params.items():
        whole = key.removesuffix("_agency")
        if whole != key and (whole in params or f"{whole}_name" in params):
            continue
        if key.endswith("lon") and f"{key[:-3]}lat" in params:
            continue
        if key.endswith("lat") and f"{key[:-3]}lon" in params:
            east = params[f"{key[:-3]}lon"]
            yield f"{key[:-3]}position", None if value is None else f"{value}, {east}"
            continue
        person = key.removesuffix("_name")
        agency = params.get(f"{person}_agency")
        if f"{person}_agency" in params and isinstance(value, str):
            yield person, _who(value, agency)
        else:
            yield key, value
