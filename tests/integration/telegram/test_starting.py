"""Settings, start, menu, secrets, and how long a message takes through the border."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
from pydantic import ValidationError

from bot.transports.base import AnswerLost, Said, networks
from bot.transports.telegram.faults import TokenRefused
from bot.transports.telegram.settings import TelegramSettings
from tests.integration.telegram.conftest import TOKEN, Side, event, order, text
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import Person
from workflows.errors import Refusal


def test_telegram_is_found_among_the_networks() -> None:
    """By its package alone."""
    (network,) = [each for each in networks() if each.name == "telegram"]
    assert network.settings is TelegramSettings


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ({}, "exactly one of token and token_file"),
        ({"token": TOKEN, "token_file": "x"}, "exactly one of token and token_file"),
        ({"token": "nonsense"}, "not a bot token"),
        ({"token": TOKEN, "tokn": 1}, "tokn"),
        ({"token": TOKEN, "mode": "webhook"}, "webhook_url, webhook_listen, webhook_secret"),
        ({"token": TOKEN, "webhook_listen": "8443"}, "host:port"),
        ({"token": TOKEN, "webhook_secret": "two words"}, "webhook_secret"),
        ({"token": TOKEN, "api_base_url": "api.telegram.org"}, "api_base_url"),
        ({"token": TOKEN, "quotas": {"per_second": 0}}, "per_second"),
        ({"token": TOKEN, "quotas": {"per_hour": 5}}, "per_hour"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(
    section: dict[str, object], complaint: str
) -> None:
    """And the token is not repeated in the complaint's own words."""
    with pytest.raises(ValidationError) as raised:
        TelegramSettings.model_validate(section)
    message = str(raised.value.errors(include_input=False))
    assert complaint in message
    assert TOKEN not in message


def test_the_limits_follow_the_quotas() -> None:
    """The documented ones unless somebody knows better."""
    limits = TelegramSettings.model_validate({"token": TOKEN}).quotas.limits()
    assert (limits.together, limits.each, limits.group) == ((30, 1.0), ((1, 1.0),), ((20, 60.0),))


async def test_the_token_may_lie_in_a_file(
    new_side: Callable[..., Side], tmp_path: Path, api: BotApi
) -> None:
    """Read once, at the start; a file that is not there or holds something else is named."""
    path = tmp_path / "token"
    with pytest.raises(Refusal, match="telegram-token-file"):
        new_side(token=None, token_file=str(path))
    path.write_text("not a token\n")
    with pytest.raises(Refusal, match="telegram-token-file"):
        new_side(token=None, token_file=str(path))
    path.write_text(TOKEN + "\n")
    await new_side(token=None, token_file=str(path)).transport.start()
    assert api.calls_of("getMe")


async def test_a_refused_token_stops_the_start(new_side: Callable[..., Side], api: BotApi) -> None:
    """With what to do; not with the token."""
    side = new_side(token="7000001:not-the-right-one")
    with pytest.raises(Refusal) as raised:
        await side.transport.start()
    assert raised.value.code == "telegram-token"
    assert "not-the-right-one" not in repr(raised.value.text)


@pytest.mark.parametrize("kind", ["500", "502", "hang", "garbage", "reset"])
async def test_an_outage_does_not_stop_the_start(
    new_side: Callable[..., Side], api: BotApi, group: Chat, li: Person, kind: str
) -> None:
    """Within two seconds it goes on, and listening asks again who we are."""
    api.faults.next("getMe", kind)
    side = new_side()
    began = perf_counter()
    await side.transport.start()
    assert perf_counter() - began < 2
    side.listen()
    group.say(li, "/help@lianzhi_bot")
    inbound = await side.inbox.next()
    assert event(inbound, Said).content.text == "/help"


async def test_the_menu_is_set_by_language_and_for_everybody(side: Side, api: BotApi) -> None:
    """What Telegram cannot name is left out; a failure is no matter."""
    menus = {
        "en": (("help", "What you can do"), ("帮助", "no"), ("Bad-Name", "no")),
        "zh": (("help", "能做什么"),),
    }
    api.faults.next("setMyCommands", "500")
    await side.transport.offer_commands(menus)
    await side.transport.offer_commands(menus)
    bot = api.bots[TOKEN]
    held = {key[1]: value for key, value in bot.commands.items()}
    assert held["en"] == held[""] == [{"command": "help", "description": "What you can do"}]
    assert held["zh"] == [{"command": "help", "description": "能做什么"}]


async def test_the_token_is_never_logged(
    new_side: Callable[..., Side],
    api: BotApi,
    group: Chat,
    li: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not by us and not by the libraries, through success and failure."""
    caplog.set_level(logging.INFO)
    side = new_side()
    await side.transport.start()
    side.listen()
    group.say(li, "机密内容")
    await side.inbox.until(1)
    api.faults.next("sendMessage", "401")
    with pytest.raises(TokenRefused) as refused:
        await side.transport.send(order(group, text("一")))
    api.faults.next("sendMessage", "garbage")
    with pytest.raises(AnswerLost):
        await side.transport.send(order(group, text("一")))
    assert TOKEN not in caplog.text
    assert "机密内容" not in caplog.text
    assert TOKEN not in str(refused.value)
    assert TOKEN not in repr(side.transport.settings)


async def test_closing_twice_is_safe(side: Side) -> None:
    """Also before anything was connected."""
    await side.transport.aclose()
    await side.transport.aclose()
