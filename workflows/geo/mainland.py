"""Where China's maps are shifted: the mainland and its coastal waters. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from workflows.geo.points import Point

_Ring = tuple[int, int, int, int, tuple[tuple[int, int], ...]]


@cache
def _rings() -> tuple[_Ring, ...]:
    """The rings with their bounds, in thousandths of a degree, from `mainland.json`."""
    read = json.loads((files(__package__) / "mainland.json").read_text("utf-8"))
    return tuple(_ring(each) for each in read["rings"])


def _ring(flat: Sequence[int]) -> _Ring:
    xs, ys = flat[::2], flat[1::2]
    return min(xs), min(ys), max(xs), max(ys), tuple(zip(xs, ys, strict=True))


def in_mainland(point: Point) -> bool:
    """Whether a point lies there, to some 400 m; not in Hong Kong, Macau or Taiwan, nor on the
    far side of a border."""
    x, y = point.lon * 1000, point.lat * 1000
    inside = False
    for west, south, east, north, ring in _rings():
        if not (west <= x <= east and south <= y <= north):
            continue
        x1, y1 = ring[-1]
        for x2, y2 in ring:
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
            x1, y1 = x2, y2
    return inside


_ISLANDS = ((21.7, 118.1, 26.5, 122.3), (22.0, 113.5, 22.6, 114.6))
"""South, west, north, east: Taiwan with its islands; Hong Kong and Macau."""


def in_islands(point: Point) -> bool:
    """Whether a point lies in or near Taiwan, Hong Kong or Macau, and not in the mainland."""
    near = any(s <= point.lat <= n and w <= point.lon <= e for s, w, n, e in _ISLANDS)
    return near and not in_mainland(point)
