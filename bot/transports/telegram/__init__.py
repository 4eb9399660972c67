"""Telegram, by the Bot API, with python-telegram-bot for its calls and types."""

from __future__ import annotations

from bot.transports.base import Network, Transport, Wiring
from bot.transports.telegram.ids import unfit
from bot.transports.telegram.settings import TelegramSettings


def _build(wiring: Wiring) -> Transport:
    # Whoever does not use Telegram does not wait for its library to load.
    from bot.transports.telegram.transport import TelegramTransport

    return TelegramTransport(wiring)


NETWORK = Network("telegram", TelegramSettings, _build, unfit=unfit)
