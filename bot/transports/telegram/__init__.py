"""Telegram, by the Bot API, with python-telegram-bot for its calls and types."""

from __future__ import annotations

from bot.transports.base import Network
from bot.transports.telegram.settings import TelegramSettings
from bot.transports.telegram.transport import TelegramTransport

NETWORK = Network("telegram", TelegramSettings, TelegramTransport)
