"""The web rooms: a network of our own, in any browser, without an account anywhere."""

from bot.transports.base import Network
from bot.transports.web.settings import WebSettings, unfit
from bot.transports.web.transport import WebTransport

NETWORK = Network("web", WebSettings, WebTransport, always=True, unfit=unfit)

__all__ = ["NETWORK", "WebSettings", "WebTransport"]
