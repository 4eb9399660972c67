"""Forecasts from a server: asked in the background, kept for a while, never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from bot.weather import OpenMeteo, forecast
from workflows.briefings.weather import FRESH

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
AT = int(NOW.timestamp())


def answer(**current: Any) -> dict[str, Any]:
    """As Open-Meteo answers."""
    values = {
        "temperature_2m": 8.44,
        "precipitation": 0.2,
        "weather_code": 61,
        "wind_speed_10m": 4,
        "wind_direction_10m": 45,
        "wind_gusts_10m": 9.5,
    }
    hourly: dict[str, Any] = {name: [value, None] for name, value in values.items()}
    return {
        "latitude": 31.23,
        "current": {"time": AT, "interval": 900, **values, **current},
        "hourly": {"time": [AT + 3600, AT + 7200], **hourly},
    }


@dataclass
class Server:
    """A weather server on this machine."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    body: Any = field(default_factory=answer)
    status: int = 200
    hang: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        """Answer as it is set to."""
        self.asked.append(dict(request.query))
        await self.hang.wait()
        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server that answers at once."""
    made = Server()
    made.hang.set()
    app = web.Application()
    app.router.add_get("/v1/forecast", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}/v1/forecast"
    yield made
    made.hang.set()
    await runner.cleanup()


async def test_what_was_fetched_is_known_until_it_is_old(server: Server) -> None:
    source = OpenMeteo(server.url, 5, lambda: NOW)
    assert source.known(31.2304, 121.4737, NOW) is None
    source.want(31.2304, 121.4737)
    source.want(31.2304, 121.4737)
    await source.settled()
    assert len(server.asked) == 1
    assert server.asked[0]["latitude"] == "31.23"
    assert server.asked[0]["wind_speed_unit"] == "ms"
    found = source.known(31.2304, 121.4737, NOW + FRESH)
    assert found is not None
    assert found.source == "127.0.0.1"
    assert (found.now.celsius, found.now.wind) == (Decimal("8.4"), Decimal("4.0"))
    assert [each.at for each in found.hours] == [NOW + timedelta(hours=1)]
    assert source.known(31.2304, 121.4737, NOW + FRESH + timedelta(seconds=1)) is None
    await source.aclose()


@pytest.mark.parametrize("fault", ["status", "form", "hanging", "down", "number"])
async def test_a_server_that_fails_gives_nothing_and_stops_nothing(
    server: Server, fault: str
) -> None:
    url = server.url
    if fault == "status":
        server.status = 500
    elif fault == "form":
        server.body = ["no forecast"]
    elif fault == "number":
        server.body = answer(temperature_2m=4000)
    elif fault == "hanging":
        server.hang.clear()
    else:
        url = "http://127.0.0.1:9/v1/forecast"
    source = OpenMeteo(url, 0.3, lambda: NOW)
    source.want(31.2, 121.4)
    await source.settled()
    assert source.known(31.2, 121.4, NOW) is None
    await source.aclose()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"current": {}, "hourly": {}}', b'{"current": 1}', b"\xff"]
)
def test_anything_but_a_forecast_is_none(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON, encoding and form alike
        forecast(body, "weather.example", NOW)
