"""What an argument can be, once read: typed, frozen, storable as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias, TypeVar, Union

from workflows.geo.places import Place
from workflows.text import Json


class Kind(StrEnum):
    """The kinds of argument that the language knows."""

    TEXT = "text"
    WORD = "word"
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"
    PERCENT = "percent"
    QUANTITY = "quantity"
    TIME = "time"
    DURATION = "duration"
    PERSON = "person"
    REFERENCE = "reference"
    LEVEL = "level"
    LANGUAGE = "language"
    ROOM = "room"
    YES = "yes"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount, never negative, with the unit as typed or None for a plain count."""

    amount: Decimal
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time.

    `at` is in UTC. `rolled` says that a clock time already past was taken for the next
    day's (or, looking back, one still to come for the day before's), which an echo should
    point out.
    """

    at: datetime
    rolled: bool = False


class Named(StrEnum):
    """How a person was named."""

    ACCOUNT = "account"
    HANDLE = "handle"
    NAME = "name"
    ME = "me"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, not yet looked up.

    `value` is the chat account (`telegram:123`) for ACCOUNT, the handle without `@` or a
    full `@user:server` for HANDLE, a name as typed for NAME, nothing for ME and the code
    of the role for ROLE (only where the argument lists roles as choices).
    """

    named: Named
    value: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """`R12`, or `I3-R12` with `incident` 3. An incident itself is `I3` with no `incident`."""

    letter: str
    number: int
    incident: int | None = None

    def __str__(self) -> str:
        own = f"{self.letter}{self.number}"
        return own if self.incident is None else f"I{self.incident}-{own}"


Value: TypeAlias = Union[
    str,
    bool,
    int,
    Decimal,
    timedelta,
    Quantity,
    Moment,
    Person,
    Reference,
    Place,
    "tuple[Value, ...]",
]

T = TypeVar("T")


def to_json(value: Value) -> Json:
    """A JSON value from which `from_json` makes an equal value."""
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    if isinstance(value, Quantity):
        return {"amount": str(value.amount), "unit": value.unit}
    if isinstance(value, Moment):
        return {"at": value.at.isoformat(), "rolled": value.rolled}
    if isinstance(value, Person):
        return {"named": value.named.value, "value": value.value}
    if isinstance(value, Reference):
        return {"letter": value.letter, "number": value.number, "incident": value.incident}
    if isinstance(value, Place):
        return value.to_json()
    return [to_json(each) for each in value]


def from_json(value: Json) -> Value:
    """Read what `to_json` wrote; ValueError for anything else."""
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, list):
        return tuple(from_json(each) for each in value)
    if isinstance(value, Mapping):
        try:
            return _from_mapping(value)
        except (KeyError, TypeError, InvalidOperation) as wrong:
            raise ValueError(f"not a stored value: {value!r}") from wrong
    raise ValueError(f"not a stored value: {value!r}")


def _from_mapping(value: Mapping[str, Json]) -> Value:
    match dict(value):
        case {"decimal": str(number)}:
            return Decimal(number)
        case {"seconds": int(seconds) | float(seconds)}:
            return timedelta(seconds=seconds)
        case {"amount": str(amount), "unit": None | str() as unit}:
            return Quantity(Decimal(amount), unit)
        case {"at": str(at), "rolled": bool(rolled)}:
            return Moment(datetime.fromisoformat(at).astimezone(UTC), rolled)
        case {"named": str(named), "value": str(who)}:
            return Person(Named(named), who)
        case {"letter": str(letter), "number": int(number), "incident": None | int() as of}:
            return Reference(letter, number, of)
        case {"datum": str()}:
            return Place.from_json(value)
    raise ValueError(f"not a stored value: {value!r}")


@dataclass(frozen=True, slots=True)
class Args:
    """The arguments of one command, by name, with their types checked on the way out.

    Each getter raises KeyError if the argument was not given and TypeError if it is of
    another kind: both are mistakes in a handler, since required arguments are there when
    it runs. `optional_*` answer None instead of KeyError.
    """

    values: Mapping[str, Value] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def _one(self, name: str, kind: type[T]) -> T:
        value = self.values[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise TypeError(f"argument {name} is {type(value).__name__}, not {kind.__name__}")
        return value

    def _maybe(self, name: str, kind: type[T]) -> T | None:
        return self._one(name, kind) if name in self.values else None

    def _all(self, name: str, kind: type[T]) -> tuple[T, ...]:
        given = self.values.get(name, ())
        each = given if isinstance(given, tuple) else (given,)
        return tuple(Args({name: value})._one(name, kind) for value in each)

    def text(self, name: str) -> str:
        """Text, a word, a room, the code of a choice, a level (`I` to `IV`) or a language."""
        return self._one(name, str)

    def optional_text(self, name: str) -> str | None:
        """As `text`, or None."""
        return self._maybe(name, str)

    def texts(self, name: str) -> tuple[str, ...]:
        """As `text`, for an argument with `many`; empty if not given."""
        return self._all(name, str)

    def integer(self, name: str) -> int:
        """A whole number."""
        return self._one(name, int)

    def optional_integer(self, name: str) -> int | None:
        """A whole number, or None."""
        return self._maybe(name, int)

    def number(self, name: str) -> Decimal:
        """A number, or a percentage from 0 to 100."""
        return self._one(name, Decimal)

    def optional_number(self, name: str) -> Decimal | None:
        """As `number`, or None."""
        return self._maybe(name, Decimal)

    def quantity(self, name: str) -> Quantity:
        """An amount with its unit."""
        return self._one(name, Quantity)

    def optional_quantity(self, name: str) -> Quantity | None:
        """An amount with its unit, or None."""
        return self._maybe(name, Quantity)

    def time(self, name: str) -> Moment:
        """A point in time."""
        return self._one(name, Moment)

    def optional_time(self, name: str) -> Moment | None:
        """A point in time, or None."""
        return self._maybe(name, Moment)

    def times(self, name: str) -> tuple[Moment, ...]:
        """Points in time, for an argument with `many`; empty if not given."""
        return self._all(name, Moment)

    def duration(self, name: str) -> timedelta:
        """A length of time."""
        return self._one(name, timedelta)

    def optional_duration(self, name: str) -> timedelta | None:
        """A length of time, or None."""
        return self._maybe(name, timedelta)

    def person(self, name: str) -> Person:
        """Somebody, not yet looked up."""
        return self._one(name, Person)

    def optional_person(self, name: str) -> Person | None:
        """Somebody, or None."""
        return self._maybe(name, Person)

    def people(self, name: str) -> tuple[Person, ...]:
        """Several people, for an argument with `many`; empty if not given."""
        return self._all(name, Person)

    def reference(self, name: str) -> Reference:
        """The thing meant."""
        return self._one(name, Reference)

    def optional_reference(self, name: str) -> Reference | None:
        """The thing meant, or None."""
        return self._maybe(name, Reference)

    def references(self, name: str) -> tuple[Reference, ...]:
        """The things meant, for an argument with `many`; empty if not given."""
        return self._all(name, Reference)

    def place(self, name: str) -> Place:
        """Where something is."""
        return self._one(name, Place)

    def optional_place(self, name: str) -> Place | None:
        """Where something is, or None."""
        return self._maybe(name, Place)

    def yes(self, name: str) -> bool:
        """Whether the answer was yes."""
        return self._one(name, bool)

    def to_json(self) -> dict[str, Json]:
        """A JSON object from which `Args.from_json` makes equal arguments."""
        return {name: to_json(value) for name, value in self.values.items()}

    @staticmethod
    def from_json(value: Json) -> Args:
        """Read what `to_json` wrote; ValueError for anything else."""
        if not isinstance(value, Mapping):
            raise ValueError(f"not stored arguments: {value!r}")
        return Args({name: from_json(each) for name, each in value.items()})


def quoted(text: str) -> str:
    """`text` in quotation marks that it does not close itself, as one value of a command line."""
    for pair, closers in (("“”", '“”„"'), ("「」", "」"), ("«»", "»")):
        if not any(each in text for each in closers):
            return f"{pair[0]}{text}{pair[1]}"
    return f"«{text.replace('»', '')}»"
