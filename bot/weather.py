"""Forecasts from a server that speaks Open-Meteo's forecast API.

Source: Open-Meteo, "Weather Forecast API": `latitude`, `longitude`, `current` and `hourly` name
what is wanted, `wind_speed_unit=ms`, `timeformat=unixtime` (seconds, UTC); the answer has `current`
with one value and `hourly` with a list of values for each name, null where there is none. Nothing
waits for the server: what it has said is looked up, what it has not is asked for meanwhile.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import structlog

from workflows.briefings.weather import FRESH, Forecast, Hour

log = structlog.get_logger(__name__)

PLACES = 2
"""Digits of a degree that the server is told: about a kilometre, finer than any forecast."""

KEPT = 500
"""Places that are remembered."""

HOURS = 24

_NAMES = (
    "temperature_2m",
    "precipitation",
    "weather_code",
    "wind_speed_10m",
    "wind_direction_10m",
    "wind_gusts_10m",
)


class OpenMeteo:
    """A source of forecasts (`workflows.briefings.weather.Weather`) at `url`; `patience` is in
    seconds."""

    def __init__(self, url: str, patience: float, now: Callable[[], datetime]) -> None:
        self._url = url
        self._source = urlsplit(url).hostname or url
        self._patience = patience
        self._now = now
        self._known: dict[tuple[float, float], Forecast] = {}
        self._asking: dict[tuple[float, float], asyncio.Task[None]] = {}

    def known(self, lat: float, lon: float, now: datetime) -> Forecast | None:
        """The forecast for that place, if one was fetched within `FRESH`."""
        found = self._known.get(_place(lat, lon))
        return found if found is not None and abs(now - found.at) <= FRESH else None

    def want(self, lat: float, lon: float) -> None:
        """Ask for the forecast, unless it is being asked for. Needs a running loop."""
        place = _place(lat, lon)
        if place in self._asking:
            return
        task = asyncio.create_task(self._ask(place), name="weather")
        self._asking[place] = task
        task.add_done_callback(lambda _done: self._asking.pop(place, None))

    async def settled(self) -> None:
        """Wait for all that is being asked."""
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def aclose(self) -> None:
        """Ask nothing more."""
        for task in tuple(self._asking.values()):
            task.cancel()
        await self.settled()

    async def _ask(self, place: tuple[float, float]) -> None:
        try:
            async with asyncio.timeout(self._patience):
                body = await self._answer(place)
            found = forecast(body, self._source, self._now())
        except TimeoutError:
            log.warning("the weather server gives no forecast", reason="no answer in time")
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:200]
            log.warning("the weather server gives no forecast", reason=reason)
        else:
            self._known.pop(place, None)
            self._known[place] = found
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]

    async def _answer(self, place: tuple[float, float]) -> bytes:
        # Its library comes with Telegram's, and not at all for who has neither.
        from bot.asking import get

        names = ",".join(_NAMES)
        asked = {
            "latitude": str(place[0]),
            "longitude": str(place[1]),
            "current": names,
            "hourly": names,
            "forecast_hours": str(HOURS),
            "wind_speed_unit": "ms",
            "timeformat": "unixtime",
        }
        status, body = await get(self._url, asked, self._patience)
        if status != 200:
            raise ValueError(f"status {status}")
        return body


def forecast(body: bytes, source: str, now: datetime) -> Forecast:
    """The forecast in an answer. ValueError for anything else."""
    answer = json.loads(body, parse_float=Decimal)
    match answer:
        case {"current": dict(current), "hourly": {"time": list(times), **columns}}:
            hours: list[Hour] = []
            for at in range(len(times)):
                values = {name: _cell(columns.get(name), at) for name in _NAMES}
                values["time"] = times[at]
                if values["temperature_2m"] is not None and values["wind_speed_10m"] is not None:
                    hours.append(_hour(values))
            return Forecast(now, source, _hour(current), tuple(hours))
    raise ValueError("an answer of another form")


def _cell(column: object, at: int) -> object:
    return column[at] if isinstance(column, list) and at < len(column) else None


def _hour(values: Mapping[str, object]) -> Hour:
    at, code, degrees = values.get("time"), values.get("weather_code"), values.get(_NAMES[4])
    if not isinstance(at, int):
        raise ValueError("a time that is none")
    gust = values.get("wind_gusts_10m")
    rain = values.get("precipitation")
    return Hour(
        datetime.fromtimestamp(at, UTC),
        _number(values.get("temperature_2m"), -100, 70),
        Decimal(0) if rain is None else _number(rain, 0, 1000),
        _number(values.get("wind_speed_10m"), 0, 150),
        None if gust is None else _number(gust, 0, 200),
        None if degrees is None else int(_number(degrees, 0, 360)),
        code if isinstance(code, int) and 0 <= code <= 99 else None,
    )


def _number(value: object, least: int, most: int) -> Decimal:
    """A number that can be, to one place. ValueError for anything else."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        found = Decimal(value)
        if found.is_finite() and least <= found <= most:
            return found.quantize(Decimal("0.1"))
    raise ValueError("a number that cannot be")


def _place(lat: float, lon: float) -> tuple[float, float]:
    return round(lat, PLACES), round(lon, PLACES)
