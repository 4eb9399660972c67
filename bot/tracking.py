"""What trackers post: OwnTracks, Traccar Client, a Traccar server that forwards, any OsmAnd client.

Formats: https://owntracks.org/booklet/tech/json (HTTP mode), https://www.traccar.org/osmand (query,
form and JSON), https://www.traccar.org/forward (position forwarding, `forward.type` json). Each
device shows its own token: in the address (`/track/TOKEN`), as the password of HTTP basic
authentication (OwnTracks), as a bearer token, or as its identifier (Traccar).
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite

from aiohttp import web

from bot.door import Knock
from bot.showing import Showing
from handlers.following import reported
from workflows.geo.points import Point
from workflows.resources.devices import digest
from workflows.resources.tracking import Fix
from workflows.text import Json

KNOT = 1852 / 3600
"""Metres a second."""

LONGEST_TOKEN = 200


class Unreadable(ValueError):
    """What was posted is no position."""


def routes(knock: Knock) -> Sequence[web.RouteDef]:
    """One address for all formats, with and without the token in it."""

    async def take(request: web.Request) -> web.Response:
        return await _take(knock, request)

    paths = ("/track/{token}", "/track", "/owntracks", "/traccar")
    return [make(path, take) for path in paths for make in (web.post, web.get)]


async def _take(knock: Knock, request: web.Request) -> web.Response:
    wrong: str | None = None
    token, fix = None, None
    try:
        token, fix = read(await _posted(request))
    except Unreadable as error:
        wrong = str(error)
    shown = _shown(request) or token
    if shown is None or len(shown) > LONGEST_TOKEN:
        return knock.refused(request, shown or "")
    secret = digest(shown)
    # Whoever guesses keeps no writer waiting.
    async with knock.store.read() as uow:
        known = await uow.resources.device_of(secret) is not None
    if not known:
        return knock.refused(request, shown)
    if wrong is not None:
        return web.Response(status=400, text=f"{wrong}\n")
    if fix is not None:
        async with knock.store.write() as uow:
            known = await reported(uow, Showing(knock.post), secret, fix, knock.now())
        if not known:
            return knock.refused(request, shown)
    # OwnTracks reads a list of messages for it: none.
    return web.json_response([])


def _shown(request: web.Request) -> str | None:
    """The token that the request shows outside of what it posts."""
    if token := request.match_info.get("token"):
        return token
    header = request.headers.get("Authorization", "")
    kind, _blank, rest = header.partition(" ")
    if kind.lower() == "bearer":
        return rest.strip() or None
    if kind.lower() == "basic":
        try:
            decoded = b64decode(rest, validate=True).decode()
        except ValueError:
            return None
        return decoded.partition(":")[2] or None
    return None


async def _posted(request: web.Request) -> Mapping[str, Json]:
    """Query, form or JSON as one mapping."""
    values: dict[str, Json] = dict(request.query)
    if request.method == "GET":
        return values
    content = await request.read()
    if not content.strip():
        return values
    if "json" in request.content_type or content.lstrip()[:1] in (b"{", b"["):
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            raise Unreadable("not JSON") from None
        if not isinstance(found, dict):
            raise Unreadable("not a JSON object")
        return values | found
    try:
        return values | {name: str(value) for name, value in (await request.post()).items()}
    except (ValueError, LookupError):
        raise Unreadable("not a form") from None


def read(posted: Mapping[str, Json]) -> tuple[str | None, Fix | None]:
    """The identifier and the position that a tracker posts; None for what is neither.

    A message that is no position (a battery report, a region that was left) has None. Raises
    `Unreadable`.
    """
    kind = posted.get("_type")
    if isinstance(kind, str):
        return None, _owntracks(posted) if kind == "location" else None
    location, position = posted.get("location"), posted.get("position")
    if isinstance(location, dict):
        coords = location.get("coords")
        if not isinstance(coords, dict):
            raise Unreadable("no coordinates")
        return _text(posted.get("device_id")), _client(coords, location)
    if isinstance(position, dict):
        device = posted.get("device")
        unique = device.get("uniqueId") if isinstance(device, dict) else None
        return _text(unique), _forwarded(position)
    token = _text(posted.get("id") or posted.get("deviceid"))
    if "lat" not in posted and "latitude" not in posted and "location" not in posted:
        if posted.keys() - {"id", "deviceid"}:
            return token, None
        raise Unreadable("no position")
    return token, _osmand(posted)


def _owntracks(posted: Mapping[str, Json]) -> Fix:
    kmh = _number(posted.get("vel"))
    return Fix(
        at=_unix(posted.get("tst")),
        spot=_point(posted.get("lat"), posted.get("lon")),
        source="OwnTracks",
        speed=None if kmh is None or kmh < 0 else kmh / 3.6,
        course=_number(posted.get("cog")),
        accuracy=_number(posted.get("acc")),
    )


def _client(coords: Mapping[str, Json], location: Mapping[str, Json]) -> Fix:
    speed = _number(coords.get("speed"))
    return Fix(
        at=_iso(location.get("timestamp")),
        spot=_point(coords.get("latitude"), coords.get("longitude")),
        source="Traccar",
        # Phones say -1 for a speed or heading that they do not know.
        speed=speed if speed is None or speed >= 0 else None,
        course=_direction(coords.get("heading")),
        accuracy=_number(coords.get("accuracy")),
    )


def _forwarded(position: Mapping[str, Json]) -> Fix | None:
    if position.get("valid") is False:
        return None
    knots = _number(position.get("speed"))
    return Fix(
        at=_iso(position.get("fixTime") or position.get("deviceTime")),
        spot=_point(position.get("latitude"), position.get("longitude")),
        source="Traccar",
        speed=None if knots is None else knots * KNOT,
        course=_direction(position.get("course")),
        accuracy=_number(position.get("accuracy")) or None,
    )


def _osmand(posted: Mapping[str, Json]) -> Fix | None:
    if _text(posted.get("valid")) in ("false", "0"):
        return None
    lat, lon = posted.get("lat", posted.get("latitude")), posted.get("lon", posted.get("longitude"))
    if "location" in posted:
        lat, _comma, lon = (_text(posted["location"]) or "").partition(",")
    knots = _number(posted.get("speed"))
    when = posted.get("timestamp")
    stamp = _text(when)
    return Fix(
        at=_unix(when) if stamp is not None and stamp.isdecimal() else _iso(when),
        spot=_point(lat, lon),
        source="OsmAnd",
        speed=None if knots is None or knots < 0 else knots * KNOT,
        course=_direction(posted.get("bearing", posted.get("heading"))),
        accuracy=_number(posted.get("accuracy")),
    )


def _text(value: Json) -> str | None:
    return str(value) if isinstance(value, (str, int)) and str(value) else None


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or value is None or value == "":
        return None
    if not isinstance(value, (int, float, str)):
        raise Unreadable("not a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise Unreadable("not a number") from None
    if not isfinite(number):
        raise Unreadable("not a number")
    return number


def _direction(value: Json) -> float | None:
    number = _number(value)
    return None if number is None or number < 0 else number % 360


def _point(lat: Json, lon: Json) -> Point:
    north, east = _number(lat), _number(lon)
    if north is None or east is None:
        raise Unreadable("no latitude and longitude")
    try:
        return Point(north, east)
    except ValueError:
        raise Unreadable("not on Earth") from None


def _unix(value: Json) -> datetime:
    seconds = _number(value)
    if seconds is None or not 0 < seconds < 1e14:
        raise Unreadable("no time")
    # Some clients count in thousandths.
    return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)


def _iso(value: Json) -> datetime:
    if not isinstance(value, str):
        raise Unreadable("no time")
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("no time") from None
