"""Latitude and longitude as people write them: decimal degrees, degrees and minutes, with seconds,
in English and Chinese. Pure; texts are in small letters and half width."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from workflows.geo.points import Point

Axis = Literal["lat", "lon"]

_SIDES: dict[str, tuple[Axis, int]] = {
    **dict.fromkeys(("n", "北纬", "北"), ("lat", 1)),
    **dict.fromkeys(("s", "南纬", "南"), ("lat", -1)),
    **dict.fromkeys(("e", "东经", "东"), ("lon", 1)),
    **dict.fromkeys(("w", "西经", "西"), ("lon", -1)),
    **dict.fromkeys(("latitude", "lat", "纬度"), ("lat", 0)),
    **dict.fromkeys(("longitude", "long", "lng", "lon", "经度"), ("lon", 0)),
}
_LEFT = (
    r"(?:latitude|longitude|lat|long|lng|lon|北纬|南纬|东经|西经|纬度|经度|[北南东西]"
    r"|[nsew](?![a-z]))"
)
_RIGHT = r"(?:北纬|南纬|东经|西经|[北南东西]|[nsew](?![a-z]))"
_DEGREE, _MINUTE, _SECOND = "[°º˚度]", "['’‘′´`分]", "(?:[\"”“″秒]|''|’’|′′)"


def _angle(n: int) -> str:
    return (
        rf"(?:(?P<left{n}>{_LEFT})[ ]?[=:]?[ ]?)?"
        rf"(?P<sign{n}>[-+−])?(?P<deg{n}>[0-9]{{1,3}}(?:\.[0-9]{{1,15}})?)"
        rf"(?:[ ]?(?P<unit{n}>{_DEGREE})"
        rf"(?:[ ]?(?P<min{n}>[0-9]{{1,2}}(?:\.[0-9]{{1,12}})?)[ ]?{_MINUTE}"
        rf"(?:[ ]?(?P<sec{n}>[0-9]{{1,2}}(?:\.[0-9]{{1,10}})?)[ ]?{_SECOND})?)?)?"
        rf"(?(left{n})|(?:[ ]?(?P<right{n}>{_RIGHT}))?)"
    )


PAIR = re.compile(
    rf"(?<![\w.]){_angle(1)}"
    r"(?P<between>[ ]?[,;/、][ ]?|[ ]{1,3}|(?=[-+−nsew北南东西纬经l])|(?<=[nsew])) ?"
    rf"{_angle(2)}(?!\.?[\w%])"
)
"""Two angles, one after the other."""

BARE = re.compile(
    r"(?<![\w.])(?P<deg1>[0-9]{1,2}) (?P<min1>[0-9]{1,2}(?:\.[0-9]+)?)(?: (?P<sec1>[0-9]{1,2}"
    r"(?:\.[0-9]+)?))?[ ]?(?P<right1>[ns])[ ,]{1,3}(?P<deg2>[0-9]{1,3}) "
    r"(?P<min2>[0-9]{1,2}(?:\.[0-9]+)?)(?: (?P<sec2>[0-9]{1,2}(?:\.[0-9]+)?))?[ ]?"
    r"(?P<right2>[ew])(?!\w)"
)
"""Without signs: `31 13 49.4 N 121 28 25.3 E`."""

COMPACT = re.compile(
    r"(?<![\w.])(?P<deg1>[0-9]{2})(?P<min1>[0-9]{2})(?P<sec1>[0-9]{2}(?:\.[0-9]+)?)?"
    r"(?P<right1>[ns])[ ,]?(?P<deg2>[0-9]{3})(?P<min2>[0-9]{2})(?P<sec2>[0-9]{2}(?:\.[0-9]+)?)?"
    r"(?P<right2>[ew])(?!\w)"
)
"""As pilots and seafarers write: `311349N1212825E`."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Degrees that cannot be: `off` Earth, minutes or seconds of 60 and more (`sixty`), two of the
    same direction (`same`), or `swapped`, with what was probably meant."""

    why: Literal["off", "sixty", "same", "swapped"]
    instead: Point | None = None


def read_pair(found: re.Match[str], *, east_first: bool = False) -> Point | Wrong | None:
    """The point of a match of `PAIR`, `BARE` or `COMPACT`; None if it is just two numbers.

    Latitude comes first unless a letter or word says otherwise; with `east_first` those without
    either may stand the other way round if they cannot be meant otherwise.
    """
    part = found.groupdict()
    if not _meant(found):
        return None
    values: list[float] = []
    axes: list[Axis | None] = []
    for n in ("1", "2"):
        degrees = float(part[f"deg{n}"])
        minutes, seconds = (float(part.get(f"{key}{n}") or 0) for key in ("min", "sec"))
        if minutes >= 60 or seconds >= 60:
            return Wrong("sixty")
        sign = -1 if part.get(f"sign{n}") in ("-", "−") else 1
        axis: Axis | None = None
        for side in (part.get(f"left{n}"), part.get(f"right{n}")):
            if side is None:
                continue
            direction, turn = _SIDES[side]
            if axis not in (None, direction):
                return Wrong("same")
            axis, sign = direction, sign * turn if turn else sign
        values.append(sign * (degrees + minutes / 60 + seconds / 3600))
        axes.append(axis)
    first, second = values
    if axes[0] is not None and axes[0] == axes[1]:
        return Wrong("same")
    named = axes[0] or axes[1]
    if axes[0] == "lon" or (axes[0] is None and axes[1] == "lat"):
        first, second = second, first
    if abs(first) <= 90 and abs(second) <= 180:
        return Point(first, second)
    if named is None and abs(second) <= 90 and abs(first) <= 180:
        swapped = Point(second, first)
        return swapped if east_first else Wrong("swapped", swapped)
    return Wrong("off")


_PRECISE = 3


def _meant(found: re.Match[str]) -> bool:
    """Whether two numbers are more than that: a sign, a word, a comma, or decimals enough."""
    part = found.groupdict()
    if "between" not in part:
        return True
    if any(part[f"{key}{n}"] for n in "12" for key in ("left", "right", "unit")):
        return True
    decimals = [len(part[f"deg{n}"].partition(".")[2]) for n in "12"]
    if "," in part["between"]:
        alone = found.start() == 0 and found.end() == len(found.string)
        return alone or min(decimals) >= 2
    return min(decimals) >= _PRECISE
