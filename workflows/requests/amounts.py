"""Quantities as whole thousandths of a unit, and money as whole hundredths. Pure."""

from __future__ import annotations

from decimal import Decimal

from workflows.errors import Refusal
from workflows.text import Msg, _

STEP = 1000
MOST = 1_000_000_000
"""More of anything is a slip of the thumb."""
MOST_MONEY = 1_000_000_000_000

_PARTS = (
    "mm cm m km ft mm2 m2 m3 m² m³ km2 km² sqm ha mg g kg t ton tons tonne tonnes lb lbs ml l "
    "litre litres liter liters gal bbl kw kva mw kwh v bar psi mpa h "
    "毫米 厘米 米 千米 公里 平方米 平米 平方 平方公里 立方米 立方 公顷 亩 毫克 克 斤 公斤 千克 "
    "吨 毫升 升 加仑 千瓦 千瓦时 千伏安 兆瓦 兆帕 小时 天 度"
)
_DIVISIBLE = frozenset(_PARTS.split())
"""Units of which there are parts; of all others, as of no unit, there are only whole ones."""


def milli(amount: Decimal, unit: str | None) -> int:
    """A quantity as typed in thousandths.

    Raises `Refusal` (`request-quantity`) for none, for too much, for parts of what comes whole and
    for anything finer than a thousandth.
    """
    if not amount.is_finite() or amount <= 0:
        raise Refusal("request-quantity", _("A quantity is more than zero."))
    if amount > MOST:
        raise Refusal(
            "request-quantity",
            _("{amount} is more than can be meant; at most {limit}.", amount=amount, limit=MOST),
        )
    whole = amount * STEP
    divisible = (unit or "").casefold() in _DIVISIBLE
    if whole != whole.to_integral_value() or (not divisible and whole % STEP):
        raise Refusal(
            "request-quantity",
            _("There is no {amount} of what is counted in whole pieces.", amount=amount)
            if not divisible
            else _("{amount} is finer than a thousandth.", amount=amount),
        )
    return int(whole)


def number(quantity: int) -> str:
    """Thousandths as people write the number, `1,200.5`."""
    return f"{(Decimal(quantity) / STEP).normalize():,f}"


def shown(quantity: int, unit: str, kind: str = "") -> str:
    """A quantity with its unit, and what it is of."""
    return " ".join(each for each in (number(quantity), unit, kind) if each)


def fen(amount: Decimal) -> int:
    """Money as typed in hundredths. Raises `Refusal` (`request-money`)."""
    cents = amount * 100
    if not amount.is_finite() or amount < 0 or amount > MOST_MONEY or cents % 1:
        raise Refusal(
            "request-money",
            _("An amount of money is 0 or more, with two decimals at most, such as 12000.50."),
        )
    return int(cents)


def yuan(cents: int) -> Msg:
    """An amount of money as it is read."""
    return _("{amount} yuan", amount=f"{Decimal(cents) / 100:,.2f}")
