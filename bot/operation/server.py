"""`/healthz` and `/metrics`: no message text, no names, no secrets."""

from __future__ import annotations

import os

from aiohttp import web

from bot.operation.health import Health
from workflows.errors import Refusal
from workflows.text import _


class Endpoint:
    """The HTTP server for whoever watches; loads the metrics library when it is opened."""

    def __init__(self, health: Health, address: tuple[str, int]) -> None:
        from bot.operation.metrics import CONTENT_TYPE, Metrics

        self._health = health
        self._address = address
        self._metrics = Metrics()
        self._content_type = CONTENT_TYPE
        self._runner: web.AppRunner | None = None
        health.counted = self._metrics.take

    async def open(self) -> int:
        """Listen; the port. Raises `Refusal` where that cannot be."""
        app = web.Application()
        app.add_routes([web.get("/healthz", self._healthz), web.get("/metrics", self._figures)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        host, port = self._address
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self.close()
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise Refusal(
                "operation-listen",
                _(
                    "[operation] listen: {address} cannot be used ({reason}). Choose another port"
                    " there, or end the program that has it.",
                    address=f"{host}:{port}",
                    reason=reason,
                ),
            ) from None
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Close the port; safe to call twice."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _healthz(self, _request: web.Request) -> web.Response:
        report = await self._health.report()
        return web.json_response(
            report.to_json(),
            status=200 if report.ok else 503,
            headers={"Cache-Control": "no-store"},
        )

    async def _figures(self, _request: web.Request) -> web.Response:
        await self._health.report()
        return web.Response(
            body=self._metrics.text(),
            headers={"Content-Type": self._content_type, "Cache-Control": "no-store"},
        )
