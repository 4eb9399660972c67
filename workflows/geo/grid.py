"""The military grid (MGRS), read and written. Pure.

Source: NGA.STND.0037, "Universal Grids and Grid Reference Systems".
"""

from __future__ import annotations

import re

from workflows.geo.points import Point

GRID = re.compile(
    r"(?<![a-z0-9])(?:(?P<zone>[0-9]{1,2})[ ]?(?P<band>[c-hj-np-x])|(?P<polar>[abyz]))"
    r"[ ]?(?P<square>[a-hj-np-z]{2})[ ]?(?:(?P<east>[0-9]{2,5})[ ](?P<north>[0-9]{2,5})"
    r"|(?P<digits>[0-9]{4,10}))(?![a-z0-9.])"
)
"""In small letters; at least to a kilometre."""


def read_grid(found: re.Match[str]) -> Point | None:
    """The middle of the square that `GRID` has found; None if there is no such square."""
    from mgrs import MGRS
    from mgrs.core import MGRSError

    digits = found["digits"]
    if digits is not None and len(digits) % 2:
        return None
    half = len(digits) // 2 if digits is not None else 0
    east = found["east"] or digits[:half]
    north = found["north"] or digits[half:]
    if len(east) != len(north):
        return None
    if len(east) < 5:
        east, north = east + "5", north + "5"
    zone = found["polar"] or f"{int(found['zone'])}{found['band']}"
    try:
        lat, lon = MGRS().toLatLon(f"{zone}{found['square']}{east}{north}".upper())
        return Point(lat, lon)
    except (MGRSError, ValueError):
        return None


def write_grid(point: Point) -> str:
    """A point as a metre square of the grid: `51R UQ 54700 56380`."""
    from mgrs import MGRS

    whole = str(MGRS().toMGRS(point.lat, point.lon))
    head, east, north = whole[:-10], whole[-10:-5], whole[-5:]
    return f"{head[:-2]} {head[-2:]} {east} {north}"
