"""Weather at a place, as a source gives it, and what of it is told. Pure but for the port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from workflows.text import Msg, _

FRESH = timedelta(hours=1)
"""For how long what was fetched is told."""

AHEAD = timedelta(hours=12)
"""How far a briefing looks ahead."""


@dataclass(frozen=True, slots=True)
class Hour:
    """The weather of a moment: degrees Celsius, millimetres in the hour, metres per second, degrees
    from which the wind comes, and the code of WMO table 4677; None for what is not told."""

    at: datetime
    celsius: Decimal
    millimetres: Decimal
    wind: Decimal
    gust: Decimal | None = None
    degrees: int | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The weather now and in the hours that follow, as `source` (a host name) gave it at `at`."""

    at: datetime
    source: str
    now: Hour
    hours: tuple[Hour, ...] = ()


class Weather(Protocol):
    """A source of forecasts. Asking never waits: what is wanted is fetched meanwhile."""

    def known(self, lat: float, lon: float, now: datetime) -> Forecast | None:
        """The forecast for that place, if one was fetched within `FRESH`."""

    def want(self, lat: float, lon: float) -> None:
        """Fetch the forecast for that place as soon as possible."""


_CODES: Sequence[tuple[int, Msg]] = (
    (0, _("clear")),
    (3, _("clouds")),
    (48, _("fog")),
    (57, _("drizzle")),
    (67, _("rain")),
    (77, _("snow")),
    (82, _("showers of rain")),
    (86, _("showers of snow")),
    (99, _("thunderstorm")),
)
"""The last code of each group of WMO table 4677 as Open-Meteo uses it."""

_WINDS = (
    _("north"),
    _("northeast"),
    _("east"),
    _("southeast"),
    _("south"),
    _("southwest"),
    _("west"),
    _("northwest"),
)


def sky(code: int) -> Msg | None:
    """What the sky does, in a word; None for a code that there is not."""
    return next((words for last, words in _CODES if 0 <= code <= last), None)


def wind(hour: Hour) -> Msg:
    """Speed of the wind in metres per second and where it comes from."""
    if hour.degrees is None:
        return _("wind {speed} m/s", speed=hour.wind)
    corner = _WINDS[round(hour.degrees % 360 / 45) % 8]
    return _("wind {speed} m/s from the {corner}", speed=hour.wind, corner=corner)


def ahead(forecast: Forecast, now: datetime) -> tuple[Hour, ...]:
    """The hours within `AHEAD` from now."""
    return tuple(each for each in forecast.hours if now < each.at <= now + AHEAD)
