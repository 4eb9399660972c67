"""A getUpdates that the server never answers ends: the loop begins again where it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.app import App, opened
from bot.settings import load
from storage.tables import Message
from tests.servers.botapi import BotApi


async def texts(app: App) -> list[str]:
    """What people have said, in order."""
    async with app.store.read() as uow:
        rows = await uow.messages.session.exec(
            select(Message).where(col(Message.account).is_not(None)).order_by(col(Message.id))
        )
        return [str(row.content["html"]) for row in rows]


@pytest.mark.parametrize("kind", ["hang", "lost_hang"], ids=["not begun", "carried out"])
async def test_a_hung_poll_is_noticed_and_nothing_is_lost_or_doubled(
    tmp_path: Path, kind: str
) -> None:
    """With a patience of two seconds instead of fifty; the library's own would be eleven."""
    async with BotApi() as api:
        bot = api.bot()
        li = api.user("李雷", "lilei", "zh-hans")
        group = api.supergroup("消防指挥群", li, admins=[bot])
        (tmp_path / "lianzhi.toml").write_text(
            f'[telegram]\ntoken = "{bot.token}"\napi_base_url = "{api.url}"\npoll_seconds = 1\n'
            '[web]\nlisten = "127.0.0.1:0"\n'
        )
        async with opened(load(here=tmp_path)) as app:
            app = replace(app, watch=replace(app.watch, patience=2.5))
            pulse = app.watch.pulses.by_network["telegram"]
            listening = asyncio.create_task(app.listen(app.transports["telegram"]))
            group.say(li, "before")
            await api.confirmed()
            assert pulse.contact > pulse.begun

            fault = api.faults.next("getUpdates", kind)
            await api.until(lambda: fault.hits or None)
            group.say(li, "meanwhile")
            polls = len(api.calls_of("getUpdates"))
            await api.until(lambda: len(api.calls_of("getUpdates")) > polls or None, timeout=15)
            assert (pulse.hangs, pulse.failures) == (1, 0)
            group.say(li, "behind")
            await api.confirmed()
            assert pulse.hangs_in_a_row == 0
            assert await texts(app) == ["before", "meanwhile", "behind"]
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def test_a_quiet_group_is_no_silence(tmp_path: Path) -> None:
    """Each empty answer is a contact, and costs no transaction."""
    async with BotApi() as api:
        bot = api.bot()
        (tmp_path / "lianzhi.toml").write_text(
            f'[telegram]\ntoken = "{bot.token}"\napi_base_url = "{api.url}"\npoll_seconds = 1\n'
            '[web]\nlisten = "127.0.0.1:0"\n'
        )
        async with opened(load(here=tmp_path)) as app:
            pulse = app.watch.pulses.by_network["telegram"]
            listening = asyncio.create_task(app.listen(app.transports["telegram"]))
            await api.wait_call("getUpdates")
            first = pulse.contact
            await api.until(lambda: pulse.contact > first or None)
            async with app.store.read() as uow:
                assert await uow.inbox.cursor("telegram") is None
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
