"""Places in links to maps, read without the network. Pure.

Which degrees a map means: Amap and Tencent GCJ-02, Baidu BD-09 unless the link says otherwise;
Google's and Apple's roads in China are GCJ-02 too, and so are the pins that people put on them;
OpenStreetMap and `geo:` (RFC 5870) are WGS 84.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from workflows.errors import Refusal
from workflows.geo import baidu
from workflows.geo.datum import Datum
from workflows.geo.points import Point
from workflows.text import Msg, _

_LINK = re.compile(
    r"(?:https?|geo|androidamap|iosamap|amapuri|baidumap|bdapp|qqmap|comgooglemaps|maps)"
    r":[^\s<>“”「」，。；、]+",
    re.IGNORECASE,
)


def link_in(text: str) -> tuple[int, int] | None:
    """Where the first link to a map stands; it ends at white space and at Chinese marks."""
    found = _LINK.search(text)
    if found is None:
        return None
    link = found[0].rstrip(".,;:!?")
    if "(" not in link:
        link = link.rstrip(")）】]")
    return found.start(), found.start() + len(link)


@dataclass(frozen=True, slots=True)
class Pinned:
    """Degrees of some datum, with the words that stand beside them."""

    point: Point
    datum: Datum = Datum.WGS84
    words: str | None = None


_NUMBER = r"[-+]?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_PAIR = re.compile(rf"\s*({_NUMBER})\s*[,，~]\s*({_NUMBER})")
_SHORT = {
    "maps.app.goo.gl", "goo.gl", "surl.amap.com", "j.map.baidu.com", "map.wap.qq.com", "maps.apple",
    "osm.org", "url.cn", "dwz.cn",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Link:
    """A link in parts; keys of the query in small letters, the first of each."""

    host: str
    path: str
    fragment: str
    query: Mapping[str, str]
    whole: str

    def pair(self, *keys: str, east_first: bool = False) -> Point | None:
        """Degrees under one of these keys."""
        for key in keys:
            if (point := _pair(self.query.get(key, ""), east_first=east_first)) is not None:
                return point
        return None

    def apart(self, *keys: tuple[str, str]) -> Point | None:
        """Degrees under two keys, latitude's and longitude's."""
        for lat, lon in keys:
            if lat in self.query and lon in self.query:
                return _pair(f"{self.query[lat]},{self.query[lon]}")
        return None

    def words(self, *keys: str) -> str | None:
        """Words under one of these keys that are not degrees."""
        for key in keys:
            words = " ".join(self.query.get(key, "").split())
            if words and _PAIR.match(words) is None:
                return words
        return None


def _pair(text: str, *, east_first: bool = False) -> Point | None:
    found = _PAIR.match(text)
    if found is None:
        return None
    first, second = float(found[1]), float(found[2])
    if east_first:
        first, second = second, first
    if abs(first) > 90 or abs(second) > 180:
        raise _off(f"{first}, {second}")
    return Point(first, second)


def read_link(typed: str) -> Pinned:
    """The place in a link, capital letters as they are. Raises `Refusal` (`place-link`, or
    `place-off` for degrees that are nowhere on Earth)."""
    link = _parsed(typed)
    if link.host in _SHORT or (link.host == "map.baidu.com" and link.path.startswith("/s/")):
        raise Refusal(
            "place-link",
            _(
                "A short link does not say where it leads. Open it, and send the coordinates or "
                "the long link."
            ),
        )
    for known, read in _MAPS:
        if known.fullmatch(link.host):
            found = read(link)
            if found is not None:
                return found
            raise Refusal(
                "place-link",
                _(
                    "There are no coordinates in this link. Send the place's coordinates, or share "
                    "the location itself."
                ),
            )
    raise Refusal("place-link", _unknown(link.host))


def _unknown(host: str) -> Msg:
    return _(
        "{host} is no map that I can read. I read links of Google, Apple, OpenStreetMap, Amap, "
        "Baidu and Tencent, and geo: addresses.",
        host=host[:60],
    )


def _off(shown: str) -> Refusal:
    return Refusal(
        "place-off",
        _(
            "{place} is not on Earth. Type latitude, then longitude: 31.2304, 121.4737",
            place=shown,
        ),
    )


def _parsed(typed: str) -> _Link:
    try:
        parts = urlsplit(typed.strip())
        query: dict[str, str] = {}
        for key, value in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100):
            query.setdefault(key.lower(), value)
    except ValueError as error:
        raise Refusal("place-link", _unknown(typed)) from error
    scheme = parts.scheme.lower()
    host = (parts.hostname or "").lower().removeprefix("www.")
    if scheme not in ("http", "https"):
        host = f"{scheme}:"
    return _Link(host, unquote_plus(parts.path), unquote_plus(parts.fragment), query, typed)


_AT = re.compile(rf"@({_NUMBER},{_NUMBER})")
_PIN = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})")
_NAME = re.compile(r"/place/([^/@]+)")
_SEARCH = re.compile(rf"/(?:search|place|dir)/(?:[^@]*/)?({_NUMBER},\s*{_NUMBER})")


def _google(link: _Link) -> Pinned | None:
    pins = _PIN.findall(link.whole)
    point = _pair(",".join(pins[-1])) if pins else None
    point = point or link.pair("query", "q", "destination", "daddr", "center", "ll", "sll")
    if point is None and (found := _SEARCH.search(link.path) or _AT.search(link.path)):
        point = _pair(found[1])
    if point is None:
        return None
    named = _NAME.search(link.path)
    words = named[1].strip() if named and named[1].strip("+ ") else link.words("q", "query")
    if words is not None and not re.search(r"[^\W\d_]{2}", words):
        words = None
    return Pinned(point, Datum.GCJ02, words)


def _apple(link: _Link) -> Pinned | None:
    point = link.pair("coordinate", "ll", "q", "daddr", "center", "sll")
    words = link.words("name", "q", "address")
    return None if point is None else Pinned(point, Datum.GCJ02, words)


_MAP = re.compile(rf"map=[0-9.]+/({_NUMBER})/({_NUMBER})")


def _osm(link: _Link) -> Pinned | None:
    point = link.apart(("mlat", "mlon"), ("lat", "lon"))
    if point is None and (found := _MAP.search(link.fragment)):
        point = _pair(f"{found[1]},{found[2]}")
    return None if point is None else Pinned(point)


_LABEL = re.compile(r"\(([^()]{1,200})\)\s*$")


def _geo(link: _Link) -> Pinned | None:
    """`geo:LAT,LON`; Android's `geo:0,0?q=LAT,LON(LABEL)` as well."""
    base = link.path.partition(";")
    crs = re.search(r"crs=([\w-]+)", base[2].lower())
    if crs is not None and crs[1] != "wgs84":
        return None
    asked = link.query.get("q", "")
    label = _LABEL.search(asked)
    point = _pair(asked) or _pair(base[0])
    return None if point is None else Pinned(point, words=label[1].strip() if label else None)


_DOTTED = re.compile(rf"(?:[^,]*,)?({_NUMBER},{_NUMBER})(?:,([^,]+))?")


def _amap(link: _Link) -> Pinned | None:
    """Longitude comes first under the keys of its address service, latitude in shared links."""
    plain = link.query.get("coordinate") == "wgs84" or link.query.get("dev") == "1"
    datum = Datum.WGS84 if plain else Datum.GCJ02
    words = link.words("name", "poiname", "dname", "address")
    point = link.pair("position", "location", "center", "lnglat", east_first=True)
    if point is None and "to" in link.query:
        point = link.pair("to", east_first=True)
        words = words or link.query["to"].partition(",")[2].partition(",")[2] or None
    point = point or link.apart(("lat", "lng"), ("lat", "lon"), ("dlat", "dlon"))
    for key in ("q", "p") if point is None else ():
        if found := _DOTTED.match(link.query.get(key, "")):
            point, words = _pair(found[1]), found[2] or words
            break
    return None if point is None else Pinned(point, datum, words)


_METRES = re.compile(r"@(-?[0-9]{1,8}(?:\.[0-9]+)?),(-?[0-9]{1,8}(?:\.[0-9]+)?)(?:,|$)")
_LATLNG = re.compile(rf"latlng:({_NUMBER},{_NUMBER})(?:\|name:([^|]+))?")
_BAIDU_DATUM = {"gcj02": Datum.GCJ02, "wgs84": Datum.WGS84, "bd09ll": Datum.BD09}


def _baidu(link: _Link) -> Pinned | None:
    datum = _BAIDU_DATUM.get(link.query.get("coord_type", "bd09ll").lower(), Datum.BD09)
    words = link.words("title", "name", "content", "query")
    point = link.pair("location", "center", "latlng")
    if point is None and (found := _LATLNG.search(link.query.get("destination", ""))):
        point, words = _pair(found[1]), found[2] or words
    point = point or link.pair("destination") or link.apart(("lat", "lng"))
    if point is None and (metres := _METRES.search(link.path)):
        east, north = float(metres[1]), float(metres[2])
        if max(abs(east), abs(north)) <= 180:
            return None
        try:
            return Pinned(baidu.degrees(east, north), Datum.BD09, words)
        except ValueError as error:
            raise _off(f"{east:.0f}, {north:.0f}") from error
    return None if point is None else Pinned(point, datum, words)


_MARKED = re.compile(rf"coord:({_NUMBER},{_NUMBER})(?:;title:([^;]+))?")


def _tencent(link: _Link) -> Pinned | None:
    datum = Datum.WGS84 if link.query.get("coord_type") == "1" else Datum.GCJ02
    words = link.words("title", "name", "to")
    point = link.pair("coord", "tocoord", "center")
    if found := _MARKED.search(link.query.get("marker", "")):
        point, words = _pair(found[1]), found[2] or words
    point = point or link.apart(("pointy", "pointx"), ("lat", "lng"))
    return None if point is None else Pinned(point, datum, words)


_MAPS: tuple[tuple[re.Pattern[str], Callable[[_Link], Pinned | None]], ...] = tuple(
    (re.compile(host), read)
    for host, read in (
        (r"geo:", _geo),
        (r"(?:maps\.|ditu\.)?google(?:\.[a-z]{2,3}){1,2}|comgooglemaps:", _google),
        (r"maps\.apple\.com|maps:", _apple),
        (r"(?:[a-z]+\.)?openstreetmap\.(?:org|de|fr)", _osm),
        (r"(?:[a-z]+\.)*amap\.com|(?:[a-z]+\.)*gaode\.com|androidamap:|iosamap:|amapuri:", _amap),
        (r"(?:[a-z]+\.)*map\.baidu\.com|baidumap:|bdapp:", _baidu),
        (r"(?:[a-z]+\.)*map\.qq\.com|qqmap:", _tencent),
    )
)
