"""Matrix: one account on one homeserver, encrypted rooms included."""

from __future__ import annotations

from bot.transports.base import Network, Transport, Wiring
from bot.transports.matrix.settings import MatrixSettings


def _build(wiring: Wiring) -> Transport:
    # Whoever does not use Matrix does not wait for its library to load.
    from bot.transports.matrix.transport import MatrixTransport

    return MatrixTransport(wiring)


NETWORK = Network("matrix", MatrixSettings, _build)
