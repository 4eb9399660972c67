"""From the shifted coordinates of Chinese maps to WGS 84 and back. Pure.

GCJ-02 moves the mainland by up to some 700 m, in the wave-like way that is publicly known; Amap,
Tencent and Google's roads in China use it. BD-09, Baidu's, moves that once more. Hong Kong, Macau,
Taiwan and foreign places are not shifted by GCJ-02; BD-09's own step holds for the three as well,
and abroad Baidu uses WGS 84 (Baidu, "Coordinate systems").
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, pi, radians, sin, sqrt

from workflows.geo.mainland import in_islands, in_mainland
from workflows.geo.points import Point


class Datum(StrEnum):
    """To what degrees refer. CGCS 2000 differs from WGS 84 by less than a metre: the same here."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


_A = 6378245.0
_E2 = 0.00669342162296594323
"""Krasovsky's ellipsoid, to which the shift was made."""

_CLOSE = 1e-10
_STEPS = 30


def _wave(value: float, *parts: tuple[float, float]) -> float:
    return sum(height * sin(value * pi * often) for height, often in parts) * 2 / 3


def _shift(lat: float, lon: float) -> tuple[float, float]:
    """By how many degrees GCJ-02 moves a point of WGS 84."""
    x, y = lon - 105, lat - 35
    short = _wave(x, (20, 6), (20, 2))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + short
    north += _wave(y, (20, 1), (40, 1 / 3)) + _wave(y, (160, 1 / 12), (320, 1 / 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + short
    east += _wave(x, (20, 1), (40, 1 / 3)) + _wave(x, (150, 1 / 12), (300, 1 / 30))
    phi = radians(lat)
    bent = 1 - _E2 * sin(phi) ** 2
    return (
        north * 180 / (_A * (1 - _E2) / (bent * sqrt(bent)) * pi),
        east * 180 / (_A / sqrt(bent) * cos(phi) * pi),
    )


def _to_gcj(lat: float, lon: float) -> tuple[float, float]:
    north, east = _shift(lat, lon)
    return lat + north, lon + east


_TURNS = pi * 3000 / 180


def _to_bd(lat: float, lon: float) -> tuple[float, float]:
    far = hypot(lat, lon) + 0.00002 * sin(lat * _TURNS)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _TURNS)
    return far * sin(angle) + 0.006, far * cos(angle) + 0.0065


def _undo(
    moved: Callable[[float, float], tuple[float, float]], lat: float, lon: float
) -> tuple[float, float]:
    """The point that `moved` brings to these degrees, to less than a millimetre."""
    at, along = lat, lon
    for _step in range(_STEPS):
        north, east = moved(at, along)
        at, along = at - (north - lat), along - (east - lon)
        if abs(north - lat) < _CLOSE and abs(east - lon) < _CLOSE:
            break
    return at, along


def to_wgs84(given: Point, datum: Datum) -> Point:
    """The point of WGS 84 that was meant.

    It is shifted if what was given lies in the mainland; within some 700 m of a border that cannot
    be told for sure, and the place as given decides.
    """
    if datum is Datum.WGS84 or not (15 <= given.lat <= 56 and 70 <= given.lon <= 140):
        return given
    point = given
    if datum is Datum.BD09:
        point = Point(*_undo(_to_bd, given.lat, given.lon))
        if not (in_mainland(point) or in_islands(point)):
            return given
    return Point(*_undo(_to_gcj, point.lat, point.lon)) if in_mainland(point) else point


def from_wgs84(point: Point, datum: Datum) -> Point:
    """The degrees under which a map of that datum shows a point of WGS 84."""
    if datum is Datum.WGS84 or not (in_mainland(point) or in_islands(point)):
        return point
    shown = Point(*_to_gcj(point.lat, point.lon)) if in_mainland(point) else point
    return Point(*_to_bd(shown.lat, shown.lon)) if datum is Datum.BD09 else shown
