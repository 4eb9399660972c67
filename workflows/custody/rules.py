"""The codes on waybills, and what may become of a consignment. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from workflows.errors import Refusal
from workflows.incidents.rules import one_line
from workflows.requests.amounts import MOST, STEP
from workflows.text import Msg, _

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that is read aloud or by eye as something else."""

LENGTH = 12
"""Signs of a code, 60 bits: who has not seen a waybill does not guess it."""

LONGEST = 500
LONGEST_NOTE = 300
MOST_EVIDENCE = 20

_SPOKEN = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_LINK = re.compile(r"(?:/w/|custody[ +]|交接[ +]?|text=%2Fcustody(?:%20|\+))([0-9A-Za-z-]{12,20})")


class State(StrEnum):
    """Where a consignment stands."""

    OPEN = "open"
    DELIVERED = "delivered"
    VOID = "void"


class Event(StrEnum):
    """What can happen to a consignment."""

    HAND = "hand"
    DELIVER = "deliver"
    VOID = "void"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.OPEN: {
        Event.HAND: State.OPEN,
        Event.DELIVER: State.DELIVERED,
        Event.VOID: State.VOID,
    },
    State.DELIVERED: {},
    State.VOID: {},
}

STATES: Mapping[State, Msg] = {
    State.OPEN: _("on its way"),
    State.DELIVERED: _("delivered"),
    State.VOID: _("void"),
}


def after(state: str, event: Event, reference: str) -> State:
    """The state that follows. Raises `Refusal` (`custody-state`)."""
    following = TRANSITIONS[State(state)].get(event)
    if following is None:
        raise Refusal(
            "custody-state",
            _(
                "{reference} is {state} already. Nothing was changed.",
                reference=reference,
                state=STATES[State(state)],
            ),
        )
    return following


def made(pick: Callable[[str], str]) -> str:
    """A new code; `pick` chooses one of some signs at random."""
    return "".join(pick(ALPHABET) for _each in range(LENGTH))


def shown(code: str) -> str:
    """A code as people read it, `7K3Q-X9MT-2D4V`."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


def read(typed: str) -> str | None:
    """The code in what was typed or scanned: alone, or in a link; None if there is none."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    found = _LINK.search(plain)
    bare = re.sub(r"[\s-]", "", found[1] if found else plain).upper().translate(_SPOKEN)
    if len(bare) != LENGTH or any(sign not in ALPHABET for sign in bare):
        return None
    return bare


def goods(typed: str) -> str:
    """What is sent, on one line. Raises `Refusal` (`custody-goods`)."""
    words = one_line(typed)
    if not any(sign.isalnum() for sign in words) or len(words) > LONGEST:
        raise Refusal(
            "custody-goods",
            _("Say what is sent, 1 to {limit} characters: 200 sandbags, 2 pumps", limit=LONGEST),
        )
    return words


_BETWEEN = re.compile(r"[,，;；、]")
_FIRST = re.compile(r"\s*[-+−]?(\d+(?:[,，]\d+)+)")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,，]\d{3})+")
_LAST = re.compile(r"\d+\Z")
_NEXT = re.compile(r",\d+")


def items(text: str) -> tuple[str, ...]:
    """The goods one by one, as they were told.

    A comma groups the digits of a number only where the number begins its item; "，" elsewhere
    parts two items, as Chinese is written. Raises `Refusal` (`custody-quantity`) for any other
    comma between digits, which could part items or be in a number.
    """
    found, begins = list[str](), 0
    while begins < len(text):
        number = _FIRST.match(text, begins)
        if number is not None and not _THOUSANDS.fullmatch(number[1]):
            raise _unclear(number[1])
        between = _BETWEEN.search(text, begins if number is None else number.end())
        ends = len(text) if between is None else between.start()
        found.append(text[begins:ends].strip())
        before, after = _LAST.search(text, begins, ends), _NEXT.match(text, ends)
        if before is not None and after is not None:
            raise _unclear(before[0] + after[0])
        begins = ends + 1
    return tuple(each for each in found if each)


def _unclear(number: str) -> Refusal:
    return Refusal(
        "custody-quantity",
        _(
            "“{number}” may be one number or two. Write a number without commas (1500, 1.5), and a "
            "space after a comma between goods.",
            number=number[:20],
        ),
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a waybill: thousandths of a unit of a kind; 0 where no number was told."""

    kind: str
    milli: int
    unit: str = ""

    @property
    def said(self) -> str:
        """The line in words."""
        if not self.milli:
            return self.kind
        return " ".join(each for each in (self.number, self.unit, self.kind) if each)

    @property
    def number(self) -> str:
        """How many, as people write it; empty where no number was told."""
        return f"{(Decimal(self.milli) / 1000).normalize():,f}" if self.milli else ""


_COUNTED = re.compile(
    r"([-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+−]?\d+(?:\.\d+)?)(?:\s+|(?=[^\d\s.,]))(\S.*)"
)


def item(typed: str) -> Item:
    """One line, with its number if it begins with one. Raises `Refusal` (`custody-quantity`) for
    none, for too much and for anything finer than a thousandth."""
    found = _COUNTED.fullmatch(unicodedata.normalize("NFKC", typed))
    if found is None:
        return Item(typed, 0)
    amount = Decimal(found[1].replace(",", "").replace("−", "-"))
    if amount <= 0:
        raise Refusal("custody-quantity", _("A quantity is more than zero."))
    if amount > MOST:
        raise Refusal(
            "custody-quantity",
            _("{amount} is more than can be meant; at most {limit}.", amount=amount, limit=MOST),
        )
    milli = amount * STEP
    if milli != milli.to_integral_value():
        raise Refusal(
            "custody-quantity",
            _("{amount} is finer than a thousandth.", amount=amount),
        )
    return Item(found[2], int(milli))


def note(typed: str) -> str:
    """What was missing or damaged, on one line. Raises `Refusal` (`custody-note`)."""
    words = one_line(typed)
    if not words or len(words) > LONGEST_NOTE:
        raise Refusal("custody-note", _("A note has 1 to {limit} characters.", limit=LONGEST_NOTE))
    return words
