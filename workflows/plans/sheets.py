"""A printed form as a value: numbered blocks of words and cells, before a language is chosen. Pure.

`Sheet.to_json` is what the printing template reads and what a plan is signed on. In it a message is
`{"msg": …}`, which becomes its lines where the language is known; what people typed is a string.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, Union
from zoneinfo import ZoneInfo

from workflows.text import Json, Msg

Value: TypeAlias = Union[str, bool, Msg, "tuple[Value, ...]", None]
"""What stands in a block: a tuple is one paragraph after the other, a bool a box that is ticked or
not, None is left empty."""


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box; `width` is its share of the row."""

    number: str
    label: Msg
    value: Value = None
    width: float = 1.0

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        return {
            "number": self.number,
            "label": message(self.label),
            "value": value(self.value),
            "width": self.width,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """Boxes beside each other, at least `lines` lines high."""

    boxes: tuple[Box, ...]
    lines: int = 1

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        boxes: list[Json] = [each.to_json() for each in self.boxes]
        return {"is": "row", "lines": self.lines, "boxes": boxes}


@dataclass(frozen=True, slots=True)
class Body:
    """Long words over the whole width, which go on over pages; at least `lines` lines high."""

    number: str
    label: Msg
    value: Value = None
    lines: int = 3

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        return {
            "is": "body",
            "number": self.number,
            "label": message(self.label),
            "value": value(self.value),
            "lines": self.lines,
        }


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose head is repeated on each page; empty rows follow up to `least`."""

    number: str
    label: Msg
    head: tuple[Msg, ...]
    rows: tuple[tuple[Value, ...], ...] = ()
    widths: tuple[float, ...] = ()
    least: int = 0

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        return {
            "is": "grid",
            "number": self.number,
            "label": message(self.label),
            "head": [message(each) for each in self.head],
            "rows": [[value(each) for each in row] for row in self.rows],
            "widths": list(self.widths or (1.0,) * len(self.head)),
            "least": self.least,
        }


@dataclass(frozen=True, slots=True)
class Ticks:
    """Boxes to be ticked, some of them ticked."""

    number: str
    label: Msg
    items: tuple[tuple[Value, bool], ...]

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        items: list[Json] = [{"label": value(each), "on": on} for each, on in self.items]
        return {"is": "ticks", "number": self.number, "label": message(self.label), "items": items}


@dataclass(frozen=True, slots=True)
class Seats:
    """A part of an organisation chart: a title with its people and what stands below."""

    title: Msg
    people: tuple[str, ...] = ()
    below: tuple[Seats, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        below: list[Json] = [each.to_json() for each in self.below]
        return {"title": message(self.title), "people": list(self.people), "below": below}


@dataclass(frozen=True, slots=True)
class Chart:
    """The organisation as a tree: the top, what stands beside it, and its columns."""

    number: str
    label: Msg
    top: Seats
    staff: tuple[Seats, ...] = ()
    columns: tuple[Seats, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        return {
            "is": "chart",
            "number": self.number,
            "label": message(self.label),
            "top": self.top.to_json(),
            "staff": [each.to_json() for each in self.staff],
            "columns": [each.to_json() for each in self.columns],
        }


@dataclass(frozen=True, slots=True)
class Sketch:
    """Room for a drawing of that many lines, with words in its corner: the one that is known
    (`workflows.resources.sketch`), or a grid for the pen."""

    number: str
    label: Msg
    value: Value = None
    lines: int = 16
    drawing: dict[str, Json] | None = None

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        return {
            "is": "sketch",
            "number": self.number,
            "label": message(self.label),
            "value": value(self.value),
            "lines": self.lines,
            "drawing": self.drawing,
        }


@dataclass(frozen=True, slots=True)
class Band:
    """A line over the whole width that opens a part of the form."""

    label: Msg

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        return {"is": "band", "label": message(self.label)}


@dataclass(frozen=True, slots=True)
class Signatures:
    """Those who approved, who are known when it is printed and not before; until then those who are
    `awaited`, with their agencies."""

    number: str
    label: Msg
    awaited: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        awaited: list[Json] = [
            {"name": name, "agency": agency, "at": "", "mark": ""} for name, agency in self.awaited
        ]
        label = message(self.label)
        return {"is": "signed", "number": self.number, "label": label, "awaited": awaited}


Block: TypeAlias = Row | Body | Grid | Ticks | Chart | Sketch | Band | Signatures


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form: its official number (empty for a page of no form), title and blocks. `wide` is
    printed across; `serial` tells a blank one apart from all others."""

    code: str
    title: Msg
    blocks: tuple[Block, ...]
    wide: bool = False
    serial: str = ""

    def to_json(self) -> dict[str, Json]:
        """As the template reads it."""
        blocks: list[Json] = [each.to_json() for each in self.blocks]
        return {
            "code": self.code,
            "title": message(self.title),
            "wide": self.wide,
            "serial": self.serial,
            "blocks": blocks,
        }


def message(msg: Msg) -> Json:
    """A message among data that are printed."""
    return {"msg": msg.to_json()}


def value(of: Value) -> Json:
    """Words among data that are printed; paragraphs are told from a message's lines by a name."""
    match of:
        case None:
            return ""
        case str():
            return of
        case bool():
            return {"tick": of}
        case Msg():
            return message(of)
    return {"all": [value(each) for each in of]}


def stamp(at: datetime | None, zone: ZoneInfo) -> str:
    """A moment as forms have it, the same in every language: `2026-11-22 14:30`."""
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def joined(parts: Sequence[str], sign: str = ", ") -> str:
    """The parts that are not empty."""
    return sign.join(each for each in parts if each)
