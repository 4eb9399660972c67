"""Watches a running Lianzhi: its loops, its health, and those who want to be told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.operation.health import Health
from bot.operation.pulse import Pulses
from bot.operation.watchdog import PATIENCE, Hung, patience, watched
from bot.settings import Settings
from bot.transports.base import Batch, Take, Transport
from storage import Store

log = structlog.get_logger(__name__)


class LeftBehind(Exception):
    """Another loop listens in place of this one, which must hand over nothing more."""


@dataclass(frozen=True)
class Watch:
    """What is known of the loops, and what follows from it."""

    pulses: Pulses
    health: Health
    patience: float = PATIENCE

    @staticmethod
    def over(settings: Settings, store: Store, now: Callable[[], datetime]) -> Watch:
        """For these settings; nothing is opened."""
        pulses = Pulses(network.name for network in settings.networks)
        file = settings.database_file
        health = Health(
            store,
            pulses,
            now,
            (settings.data, *((file.parent,) if file is not None else ())),
            timedelta(minutes=settings.operation.unsent_minutes),
            settings.operation.least_free_mb * 1024 * 1024,
        )
        return Watch(pulses, health)

    async def listen(self, transport: Transport, cursor: str | None, take: Take) -> None:
        """`Transport.listen`, cancelled once nothing is heard for too long: then raises `Hung`."""
        network = transport.network
        pulse = self.pulses.by_network[network]
        ended = False

        async def heard(batch: Batch) -> None:
            if ended:
                raise LeftBehind
            self.pulses.heard(network)
            await take(batch)
            self.pulses.heard(network)

        limit = patience(pulse.hangs_in_a_row, self.patience)
        clock = self.pulses.clock
        try:
            await watched(
                transport.listen(cursor, heard), lambda: pulse.contact, limit, clock=clock
            )
        except Hung as hung:
            self.pulses.hung(network)
            log.error("a silent network is listened to anew", network=network, after=hung.seconds)
            raise
        except Exception:
            self.pulses.failed(network)
            raise
        finally:
            ended = True

    @asynccontextmanager
    async def served(self, settings: Settings) -> AsyncIterator[int | None]:
        """/healthz and /metrics while inside, if they are wanted; the port. Raises `Refusal`."""
        address = settings.operation.address
        if address is None:
            yield None
            return
        from bot.operation.server import Endpoint

        endpoint = Endpoint(self.health, address)
        try:
            yield await endpoint.open()
        finally:
            await endpoint.close()
