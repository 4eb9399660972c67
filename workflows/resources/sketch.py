"""A sketch map: points on a sheet, a scale, labels that do not run into each other. Pure.

Lengths on the sheet are in points, from its upper left corner; those on the ground in metres.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, log10, pi, sin
from statistics import median

from workflows.geo.mercator import Square, ground, length, world
from workflows.geo.points import Point, about
from workflows.text import Json

SHEET = 512.0
"""The side of the sheet."""

MARGIN = 46.0
"""Kept free at its edges."""

LEAST = 400.0
"""Metres that a sheet shows at least."""

TOGETHER = 11.0
"""Points of the sheet within which things stand as one mark."""

NAMED = 4
"""Names of one mark; more are counted."""

SIZE = 10.0
"""Of the letters of a label."""

OUTSIDE = 10.0
"""How many times farther off than the middle one of all a thing is shown at the edge only."""

FAR = 20_000.0
"""Metres within which nothing is shown at the edge only."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What is to be shown: `sort` is scene, depot, goal or unit, `look` its colour's name.

    The `small` line stands below the name; `short` takes their place where there is no room.
    `weight` says what is labelled first.
    """

    name: str
    spot: Point
    sort: str
    look: str
    small: str = ""
    weight: int = 0
    short: str = ""
    trail: tuple[Point, ...] = ()
    goal: Point | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the sheet. `edge` is the direction in degrees if it lies outside, and then
    `far` how many metres away it is."""

    x: float
    y: float
    sort: str
    look: str
    edge: float | None = None
    far: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """Words on the sheet, in a box, with a line to their mark if they stand off. Each of its lines
    is a name, what is small below it and, where several things share a mark, its look."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[str, str, str], ...]
    mark: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A way: where a unit was (`trail`) or where it goes (`way`)."""

    points: tuple[tuple[float, float], ...]
    sort: str
    look: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """The whole sheet. `bar` is the length of the scale bar on it and on the ground. `left` are
    the names for which there was no room."""

    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    ways: tuple[Line, ...]
    bar: tuple[float, float]
    grid_x: tuple[tuple[float, str], ...]
    grid_y: tuple[tuple[float, str], ...]
    left: tuple[str, ...]
    square: Square
    """The part of the world under it."""

    def to_json(self) -> dict[str, Json]:
        """As the printing templates read it (`sheet.typ`)."""
        metres = self.bar[1]
        return {
            "side": SHEET,
            "size": SIZE,
            "grid_x": [{"at": at, "says": says} for at, says in self.grid_x],
            "grid_y": [{"at": at, "says": says} for at, says in self.grid_y],
            "ways": [
                {"points": [list(each) for each in way.points], "sort": way.sort, "look": way.look}
                for way in self.ways
            ],
            "marks": [
                {"x": each.x, "y": each.y, "sort": each.sort, "look": each.look, "edge": each.edge}
                for each in self.marks
            ],
            "labels": [
                {
                    "x": each.x,
                    "y": each.y,
                    "width": each.width,
                    "height": each.height,
                    "mark": None if each.mark is None else list(each.mark),
                    "lines": [
                        {"name": name, "small": small, "look": look}
                        for name, small, look in each.lines
                    ],
                }
                for each in self.labels
            ],
            "bar": list(self.bar),
            "bar_says": f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m",
        }


@dataclass(frozen=True, slots=True)
class _Frame:
    """The ground on the sheet: Web Mercator, as map tiles are, true to scale at its middle."""

    middle: Point
    metres: float
    """A point of the sheet in metres."""

    @property
    def square(self) -> Square:
        """The part of the world that the sheet shows."""
        side = length(SHEET * self.metres, self.middle.lat)
        return Square(*world(self.middle), side)

    def on(self, spot: Point) -> tuple[float, float]:
        """Where a place is on the sheet, however far outside."""
        shown = self.square
        x, y = world(spot)
        away = (x - shown.x + 1.5) % 1 - 0.5
        return (
            SHEET * (0.5 + away / shown.side),
            SHEET * (0.5 + (y - shown.y) / shown.side),
        )

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a place of the sheet."""
        shown = self.square
        return ground(
            shown.x + (x / SHEET - 0.5) * shown.side, shown.y + (y / SHEET - 0.5) * shown.side
        )


def draw(things: Sequence[Thing]) -> Sketch:
    """The sheet with all things on it. ValueError if there are none."""
    if not things:
        raise ValueError("nothing to draw")
    frame, outside = _frame(things)
    marks, labels, boxes = [], [], list[_Box]()
    ways = tuple(_ways(things, frame, outside))
    groups = _together(things, frame, outside)
    for group in groups:
        marks.append(group.mark)
        boxes.append(_Box(group.mark.x - 7, group.mark.y - 7, 14, 14))
    # The bar and the arrow have their corners.
    boxes += [_Box(8, SHEET - 40, 190, 32), _Box(SHEET - 44, 8, 36, 50)]
    left: list[str] = []
    for group in sorted(groups, key=lambda each: -each.weight):
        label = _placed(group, boxes)
        if label is None:
            left += [each.name for each in group.things]
            continue
        labels.append(label)
        boxes.append(_Box(label.x, label.y, label.width, label.height))
    bar = _round_length(frame.metres * SHEET / 4)
    return Sketch(
        marks=tuple(marks),
        labels=tuple(labels),
        ways=ways,
        bar=(bar / frame.metres, bar),
        grid_x=_grid(frame, across=True),
        grid_y=_grid(frame, across=False),
        left=tuple(left),
        square=frame.square,
    )


def _frame(things: Sequence[Thing]) -> tuple[_Frame, frozenset[int]]:
    """The part of the ground that is shown, and which things lie outside of it."""
    anchor = next((each.spot for each in things if each.sort == "scene"), None)
    if anchor is None:
        anchor = Point(
            median(each.spot.lat for each in things), median(each.spot.lon for each in things)
        )
    away = [about(anchor, each.spot) for each in things]
    usual = median(each for each in away if each > 1) if any(each > 1 for each in away) else 0.0
    limit = max(OUTSIDE * usual, FAR)
    inside = [each.spot for each, far in zip(things, away, strict=True) if far <= limit]
    outside = frozenset(at for at, far in enumerate(away) if far > limit)
    goals = [
        each.goal for at, each in enumerate(things)
        if each.goal is not None and at not in outside and about(anchor, each.goal) <= limit
    ]  # fmt: skip
    spots = [*inside, *goals] or [anchor]
    east = [(each.lon - anchor.lon + 540) % 360 - 180 for each in spots]
    lats = [each.lat for each in spots]
    lon = anchor.lon + (min(east) + max(east)) / 2
    # The middle of the sheet, which stretches the higher latitudes.
    south, north = (world(Point(each, 0))[1] for each in (min(lats), max(lats)))
    lat, _lon = ground(0.5, (south + north) / 2)
    middle = Point(lat, (lon + 540) % 360 - 180)
    rough = _Frame(middle, 1.0)
    reach = max(
        max(abs(x - SHEET / 2), abs(y - SHEET / 2)) for x, y in (rough.on(each) for each in spots)
    )
    return _Frame(middle, max(2 * reach, LEAST) / (SHEET - 2 * MARGIN)), outside


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float

    def meets(self, other: _Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    @property
    def on_sheet(self) -> bool:
        return (
            self.x >= 3
            and self.y >= 3
            and self.x + self.width <= SHEET - 3
            and self.y + self.height <= SHEET - 3
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """Things that stand as one mark."""

    mark: Mark
    things: tuple[Thing, ...]

    @property
    def weight(self) -> int:
        return max(each.weight for each in self.things)

    def lines(self, *, short: bool) -> tuple[tuple[str, str, str], ...]:
        """What the label says: names and what is small beside them."""
        several = len(self.things) > 1
        shown = [
            (
                (each.short or each.name) if short else each.name,
                "" if short else each.small,
                each.look if several else "",
            )
            for each in self.things[:NAMED]
        ]
        if len(self.things) > NAMED:
            shown.append((f"+ {len(self.things) - NAMED}", "", ""))
        if self.mark.far is not None:
            shown.append((f"{self.mark.far / 1000:,.0f} km", "", ""))
        return tuple(shown)


def _together(things: Sequence[Thing], frame: _Frame, outside: frozenset[int]) -> list[_Group]:
    groups: list[tuple[Mark, list[Thing]]] = []
    ordered = sorted(enumerate(things), key=lambda each: -each[1].weight)
    for at, thing in ordered:
        mark = _at_edge(thing, frame) if at in outside else None
        if mark is None:
            x, y = frame.on(thing.spot)
            mark = Mark(x, y, thing.sort, thing.look)
        near = next(
            (
                known
                for known in groups
                if hypot(known[0].x - mark.x, known[0].y - mark.y) <= TOGETHER
                and (known[0].edge is None) == (mark.edge is None)
            ),
            None,
        )
        if near is None:
            groups.append((mark, [thing]))
        elif thing.sort != "goal":
            # A place that somebody goes to and that is marked anyway needs no mark of its own.
            near[1].append(thing)
    return [_Group(mark, tuple(them)) for mark, them in groups]


def _at_edge(thing: Thing, frame: _Frame) -> Mark:
    """What lies far outside stands at the edge, in its direction."""
    x, y = frame.on(thing.spot)
    dx, dy = x - SHEET / 2, y - SHEET / 2
    half = SHEET / 2 - 14
    share = half / max(abs(dx), abs(dy), 1e-9)
    turn = (degrees(atan2(dx, -dy)) + 360) % 360
    far = about(frame.middle, thing.spot)
    return Mark(SHEET / 2 + dx * share, SHEET / 2 + dy * share, thing.sort, thing.look, turn, far)


def _ways(things: Sequence[Thing], frame: _Frame, outside: frozenset[int]) -> Iterable[Line]:
    for at, each in enumerate(things):
        start = frame.on(each.spot)
        if at in outside:
            mark = _at_edge(each, frame)
            start = (mark.x, mark.y)
        elif len(each.trail) > 1:
            yield Line(tuple(map(frame.on, each.trail)), "trail", each.look)
        if each.goal is not None:
            yield Line((start, frame.on(each.goal)), "way", each.look)


def width_of(text: str, size: float) -> float:
    """How wide words are, about: a Chinese sign as its size, others by their kind."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    capital = sum(sign.isupper() or sign.isdigit() for sign in text)
    return size * (wide + 0.64 * capital + 0.56 * (len(text) - wide - capital))


_SMALL = 0.8
_DOT = 10.0
_ROW = 1.36


_NEAR = (10.0, 24.0)
_FAR = (42.0, 64.0, 92.0)
_TURNS = (0, 180, 45, 315, 135, 225, 90, 270, 22, 338, 158, 202, 67, 293, 113, 247)


def _placed(group: _Group, boxes: Sequence[_Box]) -> Label | None:
    """The label where it hides nothing, as near to its mark as can be, if need be a short one;
    None for no room."""
    whole, short = group.lines(short=False), group.lines(short=True)
    tries = [(whole, each) for each in _NEAR]
    if short != whole:
        tries += [(short, each) for each in _NEAR]
    tries += [(whole, each) for each in _FAR] + [(short, each) for each in _FAR]
    mark = group.mark
    for lines, reach in tries:
        width = max(
            max(width_of(name, SIZE) + (_DOT if look else 0), width_of(small, SIZE * _SMALL))
            for name, small, look in lines
        )
        height = sum(SIZE * _ROW * (1 + (_SMALL if small else 0)) for _name, small, _look in lines)
        width, height = width + 8, height + 4
        for turn in _TURNS:
            angle = turn * pi / 180
            dx, dy = cos(angle), sin(angle)
            # The near side of the box stands at `reach` in that direction.
            x = mark.x + dx * reach + (dx - 1) / 2 * width
            y = mark.y + dy * reach + (dy - 1) / 2 * height
            box = _Box(x, y, width, height)
            if box.on_sheet and not any(box.meets(each) for each in boxes):
                lead = (mark.x, mark.y) if reach > _NEAR[0] else None
                return Label(x, y, width, height, lines, lead)
    return None


def _round_length(metres: float) -> float:
    """The greatest 1, 2 or 5 times a power of ten that is not longer."""
    power = 10.0 ** int(log10(metres) // 1)
    return max(step * power for step in (1, 2, 5) if step * power <= metres)


def _grid(frame: _Frame, *, across: bool) -> tuple[tuple[float, str], ...]:
    """Lines of the degree grid: where they are on the sheet, and what they say."""
    lat0, lon0 = frame.at(0, SHEET)
    lat1, lon1 = frame.at(SHEET, 0)
    low, high = (lon0, lon1) if across else (lat0, lat1)
    step = _round_length((high - low) / 3)
    digits = max(0, -int(log10(step) // 1)) if step < 1 else 0
    lines: list[tuple[float, str]] = []
    count = int(low // step) + 1
    while count * step < high:
        value = count * step
        if across:
            place = SHEET * (value - low) / (high - low)
            shown = (value + 540) % 360 - 180
            sign = "E" if shown >= 0 else "W"
        else:
            _x, place = frame.on(Point(value, frame.middle.lon))
            shown, sign = value, "N" if value >= 0 else "S"
        lines.append((place, f"{abs(shown):.{digits}f}°{sign}"))
        count += 1
    return tuple(lines)
