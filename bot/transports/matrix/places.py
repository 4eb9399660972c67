"""Places in Matrix: `m.location`, and live ones as beacons.

Shapes: Matrix client-server API v1.13, "m.location"; MSC3488 (location) and MSC3672 (beacons),
whose names are read with and without their prefixes.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bot.richtext import Html, safe_text
from bot.transports.base import Content
from bot.transports.location import Location, ended, words
from bot.transports.matrix.shapes import Body, mapping, text, whole
from workflows.text import _

INFOS = ("m.beacon_info", "org.matrix.msc3672.beacon_info")
"""State events by which a person lets others follow, or ends that."""
BEACONS = ("m.beacon", "org.matrix.msc3672.beacon")
"""Where that person is now; each points at its beginning."""
_LOCATIONS = ("m.location", "org.matrix.msc3488.location")
_TIMES = ("m.ts", "org.matrix.msc3488.ts")
_TITLE_LIMIT = 120
_LONGEST = 86_400 * 366


def place_of(message: Body) -> Content:
    """The content of a message of type `m.location`."""
    held = _located(message)
    uri = text(message, "geo_uri") or text(held, "uri")
    title = safe_text(text(held, "description"))[:_TITLE_LIMIT].strip()
    location = Location.from_uri(uri, "" if "geo:" in title else title)
    if location is None:
        return Content(Html(""), uncarried=_("A location"))
    return Content(Html(""), uncarried=words(location), location=location)


def beginning_of(info: Body) -> Content:
    """The content of a live location that begins: nobody knows yet where."""
    period = _period(info)
    if period is None:
        return Content(Html(""), uncarried=_("A live location"))
    until = datetime.fromtimestamp((_began(info) or 0) / 1000 + period, UTC)
    return Content(Html(""), uncarried=_("Live location until {until}", until=until))


def point_of(beacon: Body, info: Body) -> Content | None:
    """Where a person is now, who began with `info`; None if that is unreadable."""
    location = Location.from_uri(text(_located(beacon), "uri"), live=_period(info) or 3600)
    if location is None:
        return None
    began = _began(info)
    since = None
    if began is not None and _period(info):
        since = datetime.fromtimestamp(began / 1000, UTC)
    return Content(Html(""), uncarried=words(location, since), location=location)


def end_of(last: Content | None) -> Content:
    """What stands once it is over: the last point."""
    point = last.location if last else None
    if point is None:
        return Content(Html(""), uncarried=ended(None))
    still = Location(point.latitude, point.longitude)
    return Content(Html(""), uncarried=ended(still), location=still)


def is_live(info: Body) -> bool:
    """Whether this begins a live location, instead of ending it."""
    return info.get("live") is True


def _located(content: Body) -> Body:
    return next((held for key in _LOCATIONS if (held := mapping(content.get(key)))), {})


def _period(info: Body) -> int | None:
    """Seconds, where they are told and `_began` is too."""
    milliseconds = whole(info, "timeout")
    if not milliseconds or _began(info) is None:
        return None
    return min(milliseconds // 1000, _LONGEST)


def _began(info: Body) -> int | None:
    """Milliseconds since 1970."""
    found = next((at for key in _TIMES if (at := whole(info, key)) is not None), None)
    return found if found is not None and found < 4_102_444_800_000 else None
