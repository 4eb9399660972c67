"""A point on Earth, in degrees of WGS 84, and how far it is from another. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, degrees, isfinite, radians, sin, sqrt

RADIUS = 6_371_008.8
"""Metres, the mean radius of the Earth (IUGG)."""

ELLIPTICITY = 0.0057
"""By how much the distance on a sphere can be wrong: at most 0.57 % of it."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees north and east. ValueError for what is not on Earth."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (isfinite(self.lat) and isfinite(self.lon)):
            raise ValueError("not a number of degrees")
        if abs(self.lat) > 90 or abs(self.lon) > 180:
            raise ValueError(f"not on Earth: {self.lat}, {self.lon}")

    def __str__(self) -> str:
        lat, lon = (f"{each:.6f}".rstrip("0").rstrip(".") for each in (self.lat, self.lon))
        return f"{lat}, {lon}"


def metres(one: Point, other: Point) -> float:
    """The length of the geodesic on the ellipsoid, to less than a millimetre; about 40 µs."""
    from geographiclib.geodesic import Geodesic

    found = Geodesic.WGS84.Inverse(one.lat, one.lon, other.lat, other.lon, Geodesic.DISTANCE)
    return float(found["s12"])


def about(one: Point, other: Point) -> float:
    """Metres on a sphere, wrong by `ELLIPTICITY` at most; about 1 µs."""
    lat, lat2 = radians(one.lat), radians(other.lat)
    height = sin((lat2 - lat) / 2) ** 2
    width = sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * RADIUS * asin(min(1.0, sqrt(height + cos(lat) * cos(lat2) * width)))


def bearing(one: Point, other: Point) -> float:
    """The direction in which the geodesic leaves `one`, in degrees from north, 0 to 360."""
    from geographiclib.geodesic import Geodesic

    found = Geodesic.WGS84.Inverse(one.lat, one.lon, other.lat, other.lon, Geodesic.AZIMUTH)
    return float(found["azi1"]) % 360


def around(middle: Point, distance: float) -> tuple[float, float, float, float]:
    """South, west, north and east of a box in which all within `distance` metres lies.

    Where the box reaches a pole or the date line it goes all the way round.
    """
    reach = degrees(distance * (1 + ELLIPTICITY) / RADIUS)
    south, north = middle.lat - reach, middle.lat + reach
    if south <= -90 or north >= 90:
        return max(south, -90.0), -180.0, min(north, 90.0), 180.0
    wide = degrees(asin(min(1.0, sin(radians(reach)) / cos(radians(middle.lat)))))
    west, east = middle.lon - wide, middle.lon + wide
    if west < -180 or east > 180 or reach >= 90:
        west, east = -180.0, 180.0
    return south, west, north, east
