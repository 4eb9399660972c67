"""A place on the wrong side of the world is asked about before it is believed. Pure."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from workflows.errors import Refusal
from workflows.geo.places import Place
from workflows.geo.points import Point, about
from workflows.text import Msg, _

NEAR_INCIDENT = 2_000_000
"""Metres from an incident beyond which a place of it is asked about."""

NEAR_ZONE = 5_000_000
"""Metres from the chief town of a time zone beyond which an incident in it is asked about: China,
which has one, reaches 4,100 km from Shanghai."""


@cache
def _towns() -> dict[str, Point]:
    """The chief towns of the time zones: `zone.tab` of the IANA time zone database."""
    found: dict[str, Point] = {}
    for line in (files("tzdata.zoneinfo") / "zone.tab").read_text("utf-8").splitlines():
        fields = line.split("\t")
        signs = re.fullmatch(r"([+-]\d{4,6})([+-]\d{5,7})", fields[1]) if len(fields) > 2 else None
        if signs is not None and not line.startswith("#"):
            found[fields[2]] = Point(_degrees(signs[1], 2), _degrees(signs[2], 3))
    return found


def _degrees(iso: str, width: int) -> float:
    """Degrees of ISO 6709: a sign, degrees, minutes, and perhaps seconds."""
    digits = iso[1:]
    rest = digits[width:].ljust(4, "0")
    value = int(digits[:width]) + int(rest[:2]) / 60 + int(rest[2:]) / 3600
    return -value if iso[0] == "-" else value


def town(zone: str) -> Point | None:
    """The chief town of a time zone; None for one without (`UTC`)."""
    return _towns().get(zone)


def check(place: Place, near: Point | None, zone: str) -> None:
    """Raise `Refusal` (`place-far`) for a place that is too far from `near`, an incident's, or
    where that is not known from the chief town of the time zone; not if it was confirmed."""
    if place.point is None or place.sure:
        return
    if near is not None:
        limit, origin = NEAR_INCIDENT, near
        whence: Msg | str = _("the incident")
    else:
        found = town(zone)
        if found is None:
            return
        limit, origin = NEAR_ZONE, found
        whence = zone.rpartition("/")[2].replace("_", " ")
    away = about(place.point, origin)
    if away > limit:
        raise Refusal(
            "place-far",
            _(
                "{place} is {distance} km from {origin}. If that is meant, write “sure” behind the "
                "place; otherwise check it.",
                place=str(place),
                distance=round(away / 1000),
                origin=whence,
            ),
        )
