"""The command menu: https://core.telegram.org/bots/api#setmycommands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import structlog
from telegram import Bot, BotCommand
from telegram.error import TelegramError

_NAME = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)
_MOST = 100
_LONGEST = 256
_DEFAULT = "en"
_log = structlog.get_logger(__name__)


async def offer(bot: Bot, menus: Mapping[str, tuple[tuple[str, str], ...]]) -> None:
    """Show a menu per language, and English to everybody else. Never raises."""
    for language, commands in _lists(menus).items():
        try:
            await bot.set_my_commands(commands, language_code=language or None)
        except TelegramError as error:
            _log.warning("telegram.menu_not_set", language=language, error=type(error).__name__)


def _lists(menus: Mapping[str, tuple[tuple[str, str], ...]]) -> dict[str, list[BotCommand]]:
    made = {
        language: commands
        for language, entries in menus.items()
        if _LANGUAGE.fullmatch(language) and (commands := list(_commands(entries)))
    }
    if made:
        made[""] = made.get(_DEFAULT) or next(iter(made.values()))
    return made


def _commands(entries: Iterable[tuple[str, str]]) -> Iterable[BotCommand]:
    """Those that Telegram can name: it takes a-z, 0-9 and _ only."""
    shown = 0
    for name, description in entries:
        if _NAME.fullmatch(name) and description and shown < _MOST:
            shown += 1
            yield BotCommand(name, description[:_LONGEST])
