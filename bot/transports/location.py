"""Places on the map, fixed or moving, and what is said of them.

Addresses of places: RFC 5870, `geo:LATITUDE,LONGITUDE`, in degrees of WGS 84.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.text import Json, Msg, _

_URI = re.compile(r"geo:(-?\d{1,3}(?:\.\d{1,20})?),(-?\d{1,3}(?:\.\d{1,20})?)(?:[,;][\w.,;=-]*)?")


@dataclass(frozen=True, slots=True)
class Location:
    """A place in degrees; `live` while it goes on moving with its person."""

    latitude: float
    longitude: float
    title: str = ""
    address: str = ""
    live: int | None = None
    """Seconds for which the person lets others follow, from the beginning on."""

    @property
    def uri(self) -> str:
        """Its `geo:` address, to a decimetre."""
        return f"geo:{self.latitude:.6f},{self.longitude:.6f}"

    def to_json(self) -> dict[str, Json]:
        """A JSON value from which `Location.from_json` makes an equal one."""
        made: dict[str, Json] = {"latitude": self.latitude, "longitude": self.longitude}
        for key in ("title", "address", "live"):
            if value := getattr(self, key):
                made[key] = value
        return made

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Location:
        """Read what `to_json` wrote."""
        latitude, longitude, live = (value.get(k) for k in ("latitude", "longitude", "live"))
        assert isinstance(latitude, (int, float))
        assert isinstance(longitude, (int, float))
        return Location(
            latitude,
            longitude,
            str(value.get("title", "")),
            str(value.get("address", "")),
            live if isinstance(live, int) else None,
        )

    @staticmethod
    def from_uri(uri: str, title: str = "", live: int | None = None) -> Location | None:
        """The place of a `geo:` address; None for what is none on Earth."""
        found = _URI.fullmatch(uri.strip())
        if found is None:
            return None
        latitude, longitude = float(found[1]), float(found[2])
        if abs(latitude) > 90 or abs(longitude) > 180:
            return None
        return Location(latitude, longitude, title, live=live)


FOR_EVER = 0x7FFFFFFF
"""Telegram's period of a live location that its person ends: Bot API, "Location"."""


def words(location: Location, since: datetime | None = None) -> Msg:
    """What is said of a place; of a live one with its end, if it began at `since`."""
    degrees = {
        "latitude": f"{location.latitude:.6f}",
        "longitude": f"{location.longitude:.6f}",
    }
    if location.live:
        if since is None or location.live >= FOR_EVER:
            return _("Live location {latitude}, {longitude}", **degrees)
        until = since + timedelta(seconds=location.live)
        return _("Live location until {until}: {latitude}, {longitude}", until=until, **degrees)
    if location.title and location.address:
        return _(
            "Place: {title}, {address} ({latitude}, {longitude})",
            title=location.title,
            address=location.address,
            **degrees,
        )
    if location.title:
        return _("Place: {title} ({latitude}, {longitude})", title=location.title, **degrees)
    return _("Location {latitude}, {longitude}", **degrees)


def ended(location: Location | None) -> Msg:
    """What is said once a live location is over, with the last place if it is known."""
    if location is None:
        return _("Live location ended")
    return _(
        "Live location ended at {latitude}, {longitude}",
        latitude=f"{location.latitude:.6f}",
        longitude=f"{location.longitude:.6f}",
    )
