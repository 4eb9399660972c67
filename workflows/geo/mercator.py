"""The Web Mercator projection, in which map tiles are drawn, and the tiles of a square. Pure.

Source: EPSG 3857 and the tile scheme of OpenStreetMap ("Slippy map tilenames"): the world is a
square of side 1, x to the east from 180° W, y to the south; at zoom z it is cut into 2^z by 2^z
tiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asinh, atan, ceil, cos, degrees, floor, pi, radians, sinh, tan

from workflows.geo.points import RADIUS, Point

STEEPEST = 89.5
"""Degrees from the equator beyond which a place stands as if it were there: the poles lie
infinitely far away. Tiles end at some 85.05."""


def world(point: Point) -> tuple[float, float]:
    """Where a place is in the world's square."""
    lat = radians(min(max(point.lat, -STEEPEST), STEEPEST))
    return point.lon / 360 + 0.5, 0.5 - asinh(tan(lat)) / (2 * pi)


def ground(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude of a place of the world's square; a longitude beyond 180° where it
    lies beside it."""
    return degrees(atan(sinh((0.5 - y) * 2 * pi))), (x - 0.5) * 360


def length(metres: float, lat: float) -> float:
    """How long so many metres at that latitude are in the world's square."""
    return metres / (2 * pi * RADIUS * cos(radians(min(abs(lat), STEEPEST))))


@dataclass(frozen=True, slots=True)
class Square:
    """A part of the world's square: its middle and its side."""

    x: float
    y: float
    side: float


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile and where it lies on a square: its upper left corner and its side, as shares of the
    square's."""

    zoom: int
    x: int
    y: int
    left: float
    top: float
    side: float


def covering(square: Square, most: int, deepest: int) -> tuple[Tile, ...]:
    """The tiles that cover a square, as fine as they can be while there are no more than `most`
    and the zoom is no deeper than `deepest`; none where the world has no tiles."""
    west, north = square.x - square.side / 2, square.y - square.side / 2
    for zoom in range(deepest, -1, -1):
        count = 2**zoom
        columns = range(floor(west * count), ceil((west + square.side) * count))
        rows = range(max(floor(north * count), 0), min(ceil((north + square.side) * count), count))
        if len(columns) * len(rows) <= most:
            side = 1 / count / square.side
            return tuple(
                Tile(
                    zoom,
                    column % count,
                    row,
                    (column / count - west) / square.side,
                    (row / count - north) / square.side,
                    side,
                )
                for row in rows
                for column in columns
            )
    return ()
