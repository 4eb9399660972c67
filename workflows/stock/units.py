"""Quantities as whole thousandths of a base unit, from the units in which people count. Pure.

How measures convert is asked of a units library (pint), which is loaded when it is first needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from workflows.errors import Refusal
from workflows.shelf import NotUsable, Shelf, both, unfit
from workflows.text import Msg, _, either

if TYPE_CHECKING:
    from pint import UnitRegistry

STEP = 1000
"""Thousandths of one."""
MOST = 10**9
"""More of any base unit is a slip of the thumb."""

_LATIN = re.compile(r"[a-z]{2,12}[23]?")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: quantities in it are kept in `base`. `whole`: there are no parts of one."""

    code: str
    base: str
    label: Msg
    one: Msg
    whole: bool = False
    pint: str | None = None

    @property
    def converts(self) -> bool:
        """Whether it is measured rather than counted."""
        return self.pint is not None


class Units:
    """The units of a data file (`units.toml`). Raises `NotUsable` for one that cannot be used."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._units: dict[str, Unit] = {}
        self._names: dict[str, Unit] = {}
        self._sizes: dict[str, Decimal] = {}
        try:
            for code, each in data["unit"].items():
                zh, en = both({"zh": each["zh"], "en": each["en"]})
                unit = Unit(
                    code,
                    str(each["base"]),
                    either(zh, en),
                    either(zh, str(each.get("one", en))),
                    whole=bool(each.get("whole")),
                    pint=each.get("pint"),
                )
                self._units[code] = unit
                for name in (code, zh, en, each.get("one", en), *each.get("names", ())):
                    if self._names.setdefault(fold(str(name)), unit) is not unit:
                        raise ValueError(f"{name} names two units")
            unknown = {each.base for each in self._units.values()} - self._units.keys()
            if unknown:
                raise ValueError(f"no such base unit: {', '.join(sorted(unknown))}")
        except (KeyError, TypeError, AttributeError, ValueError) as wrong:
            raise unfit("units", wrong) from wrong

    def __getitem__(self, code: str) -> Unit:
        """The unit of that code; KeyError for none."""
        return self._units[code]

    def named(self, typed: str) -> Unit | None:
        """The unit that people call so; measures that only the library knows are shown in their
        base unit."""
        name = fold(typed)
        known = self._names.get(name)
        if known is not None or not _LATIN.fullmatch(name):
            return known
        found = _measure(re.sub(r"([23])$", r"**\1", name))
        bases = (each for each in self._units.values() if each.converts and each.code == each.base)
        base = next((each for each in bases if found and _alike(found, each.pint or "")), None)
        if base is None:
            return None
        made = Unit(name, base.base, base.label, base.one, pint=found)
        self._units[name] = self._names[name] = made
        return made

    def size(self, unit: Unit) -> Decimal:
        """Thousandths of the base in one."""
        if unit.code not in self._sizes:
            base = self._units[unit.base]
            factor = Decimal(1)
            if unit.pint is not None and base.pint is not None and unit.code != base.code:
                factor = _factor(unit.pint, base.pint)
            self._sizes[unit.code] = factor * STEP
        return self._sizes[unit.code]

    def checked(self) -> None:
        """Raise `NotUsable` if a unit does not convert to its base."""
        for code, unit in self._units.items():
            try:
                size = self.size(unit)
            except (ValueError, ArithmeticError) as wrong:
                raise NotUsable(f"units.toml: {code}: {wrong}") from wrong
            if not size > 0:
                raise NotUsable(f"units.toml: {code}: not more than nothing")

    def milli(self, amount: Decimal, unit: Unit, pack: int | None = None) -> int:
        """An amount in thousandths of the unit's base, or of what a pack of it holds (`pack`).

        Raises `Refusal`: `quantity-none` for zero and less, `quantity-huge`, `quantity-part` for
        parts of what is counted and `quantity-fine` for less than a thousandth.
        """
        if not amount.is_finite() or amount <= 0:
            raise Refusal("quantity-none", _("A quantity is more than zero."))
        if unit.whole and amount != amount.to_integral_value():
            raise Refusal(
                "quantity-part",
                _(
                    "There is no part of a piece: {amount} {unit}. Type a whole number.",
                    amount=amount,
                    unit=unit.label,
                ),
            )
        found = amount * (self.size(unit) if pack is None else pack)
        if found > MOST * STEP:
            raise Refusal(
                "quantity-huge",
                _(
                    "{amount} {unit} is more than can be meant. Look at the number again.",
                    amount=amount,
                    unit=unit.label,
                ),
            )
        if found != found.to_integral_value():
            raise Refusal(
                "quantity-fine",
                _(
                    "{amount} {unit} is too fine: stock is kept to a thousandth of {base}.",
                    amount=amount,
                    unit=unit.label,
                    base=self._units[unit.base].label,
                ),
            )
        return int(found)

    def said(self, milli: int, unit: str) -> Msg:
        """Thousandths of the unit's base as people read them: in that unit if its first three
        decimals say it all, else in its base."""
        known = self._units.get(unit)
        if known is None:
            return _("{n} {unit}", n=_plain(Decimal(milli) / STEP), unit=unit)
        count = Decimal(milli) / self.size(known)
        if count != round(count, 3):
            known = self._units[known.base]
            count = Decimal(milli) / STEP
        label = known.one if count == 1 else known.label
        return _("{n} {unit}", n=_plain(count), unit=label)

    def number(self, milli: int, unit: str) -> tuple[Decimal, Unit]:
        """As `said`, as a number and its unit."""
        known = self._units[unit]
        count = Decimal(milli) / self.size(known)
        if count != round(count, 3):
            known, count = self._units[known.base], Decimal(milli) / STEP
        return Decimal(_plain(count)), known


def units(shelf: Shelf) -> Units:
    """The units of the installation. Raises `NotUsable`."""
    return Units(shelf.read("workflows.stock", "units"))


def fold(text: str) -> str:
    """Names as they are compared: any width and case alike, one space between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _plain(number: Decimal) -> Decimal:
    """Without zeros at the end, and never with an exponent."""
    return Decimal(f"{number.normalize():f}")


@cache
def _registry() -> UnitRegistry[Decimal]:
    # 0.4 seconds and 20 MB that only who converts pays for.
    import pint

    return pint.UnitRegistry(non_int_type=Decimal)


@cache
def _factor(unit: str, base: str) -> Decimal:
    """How many of `base` one of `unit` is, exactly. ValueError if they do not convert."""
    import pint

    registry = _registry()
    try:
        found = (registry.parse_expression(unit) * Decimal(1)).to(registry.parse_units(base))
    except pint.PintError as wrong:
        raise ValueError(f"{unit} does not convert to {base}") from wrong
    return Decimal(str(found.magnitude))


def _alike(unit: str, base: str) -> bool:
    try:
        _factor(unit, base)
    except ValueError:
        return False
    return True


def _measure(name: str) -> str | None:
    """The library's name of a unit, None if it knows none."""
    import pint

    try:
        return str(_registry().parse_units(name))
    except pint.PintError:
        return None
