"""Matrix: one account on one homeserver, encrypted rooms included."""

from bot.transports.base import Network, Transport, Wiring
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.transport import MatrixTransport


def _build(wiring: Wiring) -> Transport:
    return MatrixTransport(wiring)


NETWORK = Network("matrix", MatrixSettings, _build)

__all__ = ["NETWORK", "MatrixSettings", "MatrixTransport"]
