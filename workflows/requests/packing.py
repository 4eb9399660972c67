"""Level packs: what is proposed to be asked for, by an incident's type and event level. Pure.

A pack is `packs/pack-TYPE.toml`, or a file of that name in the operator's folder. What was asked
for already is taken off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from workflows.errors import Refusal
from workflows.incidents.rules import LEVELS
from workflows.requests.rules import MOST_LINES, PRIORITIES
from workflows.requests.service import Wanted
from workflows.shelf import NotUsable, Shelf, both, unfit
from workflows.text import Msg, _, either

PACKAGE = "workflows.requests.packs"
PREFIX = "pack-"


@dataclass(frozen=True, slots=True)
class Item:
    """A kind with its unit, each in Chinese and English, and how much of it at which level."""

    kind: tuple[str, str]
    unit: tuple[str, str]
    amounts: Mapping[str, Decimal]
    note: Msg | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """What an incident of a type needs first. `example`: the quantities are examples."""

    type: str
    title: Msg
    source: Msg
    example: bool
    priority: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the proposal: `number` is its place in the pack, `amount` what is proposed, `usual`
    what the pack says and `asked` how much of that was asked for already."""

    number: int
    item: Item
    amount: Decimal
    usual: Decimal
    asked: Decimal

    def named(self, language: Literal["zh", "en", "both"]) -> tuple[str, str]:
        """The kind and its unit as a request in a room of that language names them."""
        place = 1 if language == "en" else 0
        return self.item.kind[place], self.item.unit[place]


def packs(shelf: Shelf) -> dict[str, Pack]:
    """All packs by type. Raises `NotUsable`."""
    found = (read(name, shelf.read(PACKAGE, name)) for name in shelf.names(PACKAGE, PREFIX))
    return {each.type: each for each in found}


def read(name: str, data: Mapping[str, Any]) -> Pack:
    """One pack. Raises `NotUsable`."""
    try:
        made = Pack(
            str(data["type"]),
            either(*both(data["title"])),
            either(*both(data["source"])),
            bool(data.get("example")),
            str(data.get("priority", "urgent")),
            tuple(_item(each) for each in data["item"]),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as wrong:
        raise unfit(name, wrong) from wrong
    if made.priority not in PRIORITIES or not 1 <= len(made.items) <= MOST_LINES:
        raise NotUsable(f"{name}: a priority that is none, or not 1 to {MOST_LINES} items")
    return made


def _item(data: Mapping[str, Any]) -> Item:
    amounts = {level: Decimal(str(data.get(level, 0))) for level in LEVELS}
    if any(each < 0 or not each.is_finite() for each in amounts.values()):
        raise ValueError("a quantity below zero")
    note = data.get("note")
    return Item(
        both(data["kind"]),
        both(data["unit"]),
        amounts,
        None if note is None else either(*both(note)),
    )


def changes(typed: Sequence[str], pack: Pack) -> dict[int, Decimal]:
    """Other quantities for lines, typed as `3:250`; 0 leaves a line out.

    Raises `Refusal` (`pack-change`).
    """
    made: dict[int, Decimal] = {}
    for each in typed:
        number, _sign, amount = each.replace("：", ":").partition(":")
        if not (number.isdecimal() and 1 <= int(number) <= len(pack.items)):
            raise _not_a_change(each, pack)
        try:
            made[int(number)] = Decimal(amount)
        except ArithmeticError:
            raise _not_a_change(each, pack) from None
        if not made[int(number)].is_finite() or made[int(number)] < 0:
            raise _not_a_change(each, pack)
    return made


def _not_a_change(typed: str, pack: Pack) -> Refusal:
    return Refusal(
        "pack-change",
        _(
            "“{text}” changes no line. Type the line, from 1 to {most}, and how much: 3:250; 3:0 "
            "leaves it out.",
            text=typed[:30],
            most=len(pack.items),
        ),
    )


def proposal(
    pack: Pack,
    level: str,
    asked: Mapping[str, Decimal],
    changed: Mapping[int, Decimal],
) -> tuple[Line, ...]:
    """The lines for that level, those that were left out or asked for in full with 0.

    `asked` is how much was asked for already, by name as `fold` gives it.
    """
    lines = []
    for number, item in enumerate(pack.items, 1):
        usual = item.amounts[level]
        before = sum((asked.get(fold(each), Decimal(0)) for each in set(item.kind)), Decimal(0))
        if not usual and number not in changed:
            continue
        amount = changed.get(number, max(Decimal(0), usual - before))
        lines.append(Line(number, item, amount, usual, before))
    return tuple(lines)


def wanted(lines: Sequence[Line], language: Literal["zh", "en", "both"]) -> tuple[Wanted, ...]:
    """The lines of the request. Raises `Refusal` (`pack-empty`)."""
    made = []
    for each in lines:
        if each.amount:
            kind, unit = each.named(language)
            made.append(Wanted(each.amount, unit, kind))
    if not made:
        raise Refusal("pack-empty", _("Every line was left out: nothing is asked for."))
    return tuple(made)


def fold(kind: str) -> str:
    """Names of kinds as they are compared."""
    return "".join(kind.casefold().split())
