"""The end of a network's outage is noticed within seconds, by all that has waited for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot import app as app_module
from bot.app import App, opened
from bot.delivery import retry
from bot.settings import load
from bot.transports.base import AccountRefused, RateLimited, SendFault, Unreachable
from tests.servers.botapi import BotApi


@asynccontextmanager
async def running(api: BotApi, folder: Path, token: str) -> AsyncIterator[App]:
    """An app that listens and delivers; a poll that has nothing to bring takes twenty seconds."""
    (folder / "lianzhi.toml").write_text(
        f'[telegram]\ntoken = "{token}"\napi_base_url = "{api.url}"\npoll_seconds = 20\n'
        '[web]\nlisten = "127.0.0.1:0"\n'
    )
    async with opened(load(here=folder)) as app:
        tasks = (
            asyncio.create_task(app.listen(app.transports["telegram"])),
            asyncio.create_task(app.delivery.run()),
        )
        try:
            yield app
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_waits_goes_as_soon_as_updates_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its own next try is an hour away, and there are no updates."""
    monkeypatch.setattr(retry, "backoff", lambda tries: timedelta(hours=1))
    async with BotApi() as api:
        bot = api.bot()
        li = api.user("李雷", "lilei", "zh-hans")
        group = api.supergroup("消防指挥群", li, admins=[bot])
        api.faults.next("sendMessage", "502")
        async with running(api, tmp_path, bot.token):
            group.say(li, "/help")
            await api.wait_call("sendMessage")
            await api.confirmed()
            polls = api.faults.next("getUpdates", "502", times=2)
            bot.queue.end_poll("gone")
            await api.until(lambda: polls.hits == 2 or None)
            await group.wait_count(1)


@pytest.mark.parametrize(
    ("fault", "longest"),
    [
        (Unreachable("down"), app_module.LONGEST_WAIT),
        (AccountRefused("401"), app_module.REFUSED_WAIT),
        (RateLimited(timedelta(seconds=77)), 77.0),
    ],
)
async def test_a_network_that_is_down_is_tried_every_few_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: SendFault, longest: float
) -> None:
    """Never earlier than it asks for, and rarely where nothing but the operator can help."""
    (tmp_path / "lianzhi.toml").write_text('[web]\nlisten = "127.0.0.1:0"\n')
    waits: list[float] = []
    enough = asyncio.Event()
    sleep = asyncio.sleep

    async def slept(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 12:
            enough.set()
        await sleep(0)

    async def down(*_: object) -> None:
        raise fault

    async with opened(load(here=tmp_path)) as app:
        transport = app.transports["web"]
        monkeypatch.setattr(transport, "listen", down)
        monkeypatch.setattr(asyncio, "sleep", slept)
        listening = asyncio.create_task(app.listen(transport))
        await asyncio.wait_for(enough.wait(), 10)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        monkeypatch.undo()
    assert 0.7 * longest <= max(waits) <= longest
