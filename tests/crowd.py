"""Telegram groups under the real limits, and a delivery to them within this process."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.announcing import Announcing
from bot.catalogues import Catalogues
from bot.delivery.priority import Priority
from bot.delivery.worker import Delivery
from bot.post import Post
from bot.richtext import from_plain
from bot.speech import Speech
from bot.transports.base import Wiring
from bot.transports.telegram.settings import TelegramSettings
from bot.transports.telegram.transport import TelegramTransport
from handlers.document import say
from storage import Store
from tests.servers.botapi import BotApi, Chat

ORIGIN = "matrix:!origin"
_LINE = re.compile(r"\bline(\d+)\b")


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass
class Crowd:
    """Groups that hear one Matrix room; limits are enforced by the server."""

    api: BotApi
    groups: list[Chat]
    store: Store
    post: Post
    delivery: Delivery
    written: dict[int, float] = field(default_factory=dict)
    """By number of a line: when it was written, in seconds since 1970."""
    ids: dict[int, int] = field(default_factory=dict)
    """By number of a line: the message's id."""

    @property
    def rooms(self) -> list[str]:
        """The groups' room ids."""
        return [f"telegram:{each.id}" for each in self.groups]

    async def write(self, rooms: Sequence[str] | None = None, words: str = "的水位") -> int:
        """Somebody on Matrix writes the next line; its number."""
        number = len(self.written)
        async with self.store.write() as uow:
            message_id = await uow.messages.add(
                room=ORIGIN,
                content={"html": from_plain(f"line{number} {words}")},
                at=now(),
                taken_at=now(),
                account="matrix:@anna:x",
                author="Anna",
                agency="环保",
            )
            message = await uow.messages.get(message_id)
            assert message is not None
            await self.post.relay(uow, message, self.rooms if rooms is None else rooms)
        self.written[number] = time.time()
        self.ids[number] = message_id
        return number

    async def alert(self, rooms: Sequence[str] | None = None) -> float:
        """An alert to these rooms; when it was given, before anything of it was written."""
        to, given = tuple(self.rooms if rooms is None else rooms), time.time()
        async with self.store.write() as uow:
            await self.post.tell(uow, to, say("ALERT"), priority=Priority.ALERT)
        return given

    def shown(self, group: int = 0) -> list[tuple[int, float]]:
        """Lines in the order in which the group shows them, each with when it came."""
        return [
            (int(number), call.time)
            for call in self.api.calls_of("sendMessage")
            if call.accepted and str(call.params["chat_id"]) == str(self.groups[group].id)
            for number in _LINE.findall(str(call.params["text"]))
        ]

    def alerted(self) -> list[float]:
        """When each group got its alert."""
        calls = self.api.calls_of("sendMessage")
        return [
            each.time for each in calls if each.accepted and "ALERT" in str(each.params["text"])
        ]

    async def until_shown(self, count: int, group: int = 0, timeout: float = 90.0) -> None:
        """Wait until the group shows so many lines."""
        await self.api.until(lambda: len(self.shown(group)) >= count or None, timeout)


@asynccontextmanager
async def crowd(home: Path, groups: int = 1) -> AsyncIterator[Crowd]:
    """Groups with the limits of the documentation: 30/s, 1/s per chat, 20/60 s per group."""
    async with BotApi() as api:
        account = api.bot()
        li = api.user("李雷", "lilei", "zh-hans")
        chats = [api.supergroup(f"组{n}", li, admins=[account]) for n in range(groups)]
        api.flood.enable()
        store = await Store.open(f"sqlite+aiosqlite:///{home / 'crowd.db'}")
        catalogues = Catalogues.load()
        transport = TelegramTransport(
            Wiring(
                section=TelegramSettings.model_validate(
                    {"token": account.token, "api_base_url": api.url}
                ),
                rooms=(),
                admins=(),
                store=store,
                catalogues=catalogues,
                now=now,
                data=home,
            )
        )
        speech = Speech(catalogues, ZoneInfo("Asia/Shanghai"))
        post = Post(
            {"telegram": transport}, speech, now, lambda rooms, rows: delivery.wake(rooms, rows)
        )
        delivery = Delivery(store, {"telegram": transport}, Announcing(post), now)
        running = asyncio.create_task(delivery.run())
        made = Crowd(api, chats, store, post, delivery)
        async with store.write() as uow:
            for room in made.rooms:
                await uow.rooms.see(room, now(), title="", private=False, language="zh")
        try:
            yield made
        finally:
            await delivery.stop()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await transport.aclose()
            await store.close()
