"""A place as people give it: words, coordinates of any form, a map link, or words with those.

`read_place` is the one reader: every argument that says where goes through it (`Kind.PLACE`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from workflows.errors import Refusal
from workflows.geo.angles import BARE, COMPACT, PAIR, Wrong, read_pair
from workflows.geo.datum import Datum, to_wgs84
from workflows.geo.grid import GRID, read_grid
from workflows.geo.links import Pinned, link_in, read_link
from workflows.geo.points import Point
from workflows.text import Json, Msg, _

LONGEST = 200
"""Characters of the words for a place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: `words`, a `point` of WGS 84, or both.

    `given` are the degrees as they were given and `datum` to what they refer; `sure` says that
    whoever wrote it has confirmed that it is meant, however far away.
    """

    words: str | None = None
    point: Point | None = None
    datum: Datum = Datum.WGS84
    given: Point | None = None
    sure: bool = False

    def __post_init__(self) -> None:
        if self.words is None and self.point is None:
            raise ValueError("a place without words or degrees")

    @property
    def lat(self) -> float | None:
        """Degrees north."""
        return None if self.point is None else self.point.lat

    @property
    def lon(self) -> float | None:
        """Degrees east."""
        return None if self.point is None else self.point.lon

    def __str__(self) -> str:
        if self.words is None:
            return str(self.point)
        return self.words if self.point is None else f"{self.words} ({self.point})"

    @property
    def shown(self) -> Msg | str:
        """As it is repeated to whoever gave it: with the datum from which it was converted."""
        if self.datum is Datum.WGS84 or self.given in (None, self.point):
            return str(self)
        return _("{place}, converted from {datum}", place=str(self), datum=self.datum.value)

    def to_json(self) -> dict[str, Json]:
        """A JSON object from which `Place.from_json` makes an equal place."""
        return {
            "words": self.words,
            "point": _pair(self.point),
            "datum": self.datum.value,
            "given": _pair(self.given),
            "sure": self.sure,
        }

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Place:
        """Read what `to_json` wrote; ValueError for anything else."""
        match value:
            case {
                "words": None | str() as words,
                "point": point,
                "datum": str(datum),
                "given": given,
                "sure": bool(sure),
            }:
                return Place(words, _point(point), Datum(datum), _point(given), sure)
        raise ValueError(f"not a stored place: {value!r}")


def _pair(point: Point | None) -> Json:
    return None if point is None else [point.lat, point.lon]


def _point(value: Json) -> Point | None:
    match value:
        case None:
            return None
        case [int(lat) | float(lat), int(lon) | float(lon)]:
            return Point(float(lat), float(lon))
    raise ValueError(f"not a stored point: {value!r}")


def read_place(typed: str) -> Place:
    """What somebody typed. Raises `Refusal`: `place-empty`, `place-long`, `place-off` (not on
    Earth), `place-swapped`, `place-angle`, `place-grid`, `place-link`."""
    text = _folded(typed)
    link = link_in(text.typed)
    if link is not None:
        pin = read_link(text.typed[slice(*link)])
        beside, sure = _cut(_folded(text.without(*link) or ""), _SURE_WORD)
        return _made(beside.words() or pin.words, pin, None, sure)
    whole = text
    text, datum, sure = _said(text)
    found = _found(text, datum)
    if found is None:
        words = whole.words()
        if not any(sign.isalnum() for sign in words):
            raise Refusal("place-empty", _expected())
        return Place(_short(words))
    pin, start, end = found
    return _made(text.without(start, end), pin, datum, sure)


def _made(words: str | None, pin: Pinned, datum: Datum | None, sure: bool) -> Place:
    used = datum or pin.datum
    point = to_wgs84(pin.point, used)
    given = pin.point if used is not Datum.WGS84 else None
    return Place(_short(words) if words else None, point, used, given, sure)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as typed and for reading, places alike in both."""

    typed: str
    plain: str

    def words(self) -> str:
        return " ".join(self.typed.split())

    def without(self, start: int, end: int) -> str | None:
        """The words beside a part; None if there are none."""
        before = self.typed[:start].rstrip(_AROUND + "(（[【")
        after = self.typed[end:].lstrip(_AROUND + ")）]】")
        words = " ".join(f"{before} {after}".split()).strip(_AROUND)
        return words if any(sign.isalpha() for sign in words) else None


_AROUND = " ,;:，；：、。@|-—\n\t"
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3001: 0x2C}


def _folded(typed: str) -> _Text:
    """Half width and small letters, every white space a space, nothing that nobody sees."""
    seen = "".join(
        " " if sign.isspace() else sign
        for sign in typed
        if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
    ).strip()
    plain = "".join(low if len(low := sign.lower()) == 1 else sign for sign in seen)
    return _Text(seen, plain.translate(_HALF))


_DATUMS: dict[Datum, str] = {
    Datum.GCJ02: r"gcj-?0?2?|火星坐标系?|高德坐标|腾讯坐标|国测局坐标|高德|腾讯|火星|amap|tencent",
    Datum.BD09: r"bd-?09(?:ll)?|百度坐标|百度|baidu",
    Datum.WGS84: r"wgs-?84|cgcs-?2000|gps坐标|gps|国家2000",
}
_SURE = r"sure|really|confirmed|确认|无误|确定"


def _edge(words: str) -> re.Pattern[str]:
    """Words at the beginning or the end of a text, apart from the rest."""
    return re.compile(
        rf"^(?:{words})(?![a-z0-9])[ ,:]*(?=.)|(?<![a-z0-9])[ ,;(]*(?<![a-z0-9])(?:{words})[ )]*$"
    )


_DATUM_WORDS = {datum: _edge(words) for datum, words in _DATUMS.items()}
_SURE_WORD = _edge(_SURE)


def _said(text: _Text) -> tuple[_Text, Datum | None, bool]:
    """The text without the words at its edges that say the datum, or that it is meant."""
    rest, sure = _cut(text, _SURE_WORD)
    text = rest if rest.plain.strip() else text
    if not any(sign.isdigit() for sign in text.plain):
        return text, None, sure
    for datum, words in _DATUM_WORDS.items():
        rest, said = _cut(text, words)
        if said and _found(rest, datum) is not None:
            return rest, datum, sure
    return text, None, sure


def _cut(text: _Text, words: re.Pattern[str]) -> tuple[_Text, bool]:
    found = words.search(text.plain)
    if found is None:
        return text, False
    start, end = found.span()
    return _Text(text.typed[:start] + text.typed[end:], text.plain[:start] + text.plain[end:]), True


_EAST_FIRST = re.compile(r"经纬度")


def _found(text: _Text, datum: Datum | None) -> tuple[Pinned, int, int] | None:
    """The coordinates in a text and where they stand. Raises `Refusal`."""
    east_first = datum is Datum.GCJ02 or _EAST_FIRST.search(text.plain) is not None
    for form in (COMPACT, BARE, PAIR):
        found = form.search(text.plain)
        while found is not None:
            read = read_pair(found, east_first=east_first)
            if isinstance(read, Wrong):
                raise _wrong(read, text.typed[found.start() : found.end()])
            if read is not None:
                return Pinned(read), _begin(text, found.start()), found.end()
            found = form.search(text.plain, found.end("deg1"))
    grid = GRID.search(text.plain)
    if grid is not None:
        point = read_grid(grid)
        if point is not None:
            return Pinned(point), grid.start(), grid.end()
        if grid.span() == (0, len(text.plain)):
            raise Refusal(
                "place-grid",
                _(
                    "{place} is no square of the MGRS grid. It looks like 51R UQ 54633 56140.",
                    place=text.words()[:60],
                ),
            )
    return None


_LABEL = re.compile(r"(?:经纬度|坐标|位置|coordinates|coords?|position)[ ]?[:=为是]?[ ]?$")


def _begin(text: _Text, start: int) -> int:
    """Where the coordinates begin, the word that announces them included."""
    label = _LABEL.search(text.plain, 0, start)
    return label.start() if label is not None else start


def _wrong(wrong: Wrong, typed: str) -> Refusal:
    shown = " ".join(typed.split())[:60]
    if wrong.why == "swapped":
        return Refusal(
            "place-swapped",
            _(
                "{place}: latitude comes first. If this is meant, type {instead}",
                place=shown,
                instead=str(wrong.instead),
            ),
        )
    if wrong.why == "sixty":
        return Refusal(
            "place-angle", _("{place}: minutes and seconds end at 59. Check it.", place=shown)
        )
    if wrong.why == "same":
        return Refusal(
            "place-angle",
            _("{place}: one latitude (N, S) and one longitude (E, W) are needed.", place=shown),
        )
    return Refusal(
        "place-off",
        _(
            "{place} is not on Earth. Type latitude, then longitude: 31.2304, 121.4737",
            place=shown,
        ),
    )


def _short(words: str) -> str:
    if len(words) > LONGEST:
        raise Refusal(
            "place-long", _("A place is told in at most {limit} characters.", limit=LONGEST)
        )
    return words


def _expected() -> Msg:
    return _(
        "Say where: words, coordinates (31.2304, 121.4737; 31°13'49\"N 121°28'25\"E; MGRS) or a "
        "map link."
    )
