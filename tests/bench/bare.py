"""What the libraries do without us: the baselines, each a process of its own.

`python -m tests.bench.bare relay` carries texts both ways between one group and one room, with
no store: nothing survives its end. `python -m tests.bench.bare burst` sends `count` messages to
each room, one after the other in a room, all rooms at once. Orders come as JSON on the command
line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

import nio
from telegram import Bot, Update


async def _client(order: Mapping[str, Any]) -> Any:
    client = nio.AsyncClient(order["homeserver"], order["user_id"])
    client.access_token, client.user_id = order["access_token"], order["user_id"]
    client.device_id = order["device_id"]
    return client


async def _send(client: Any, room: str, text: str) -> None:
    """The same content as ours, so that the homeserver has the same to do."""
    content = {
        "msgtype": "m.text",
        "body": text,
        "format": "org.matrix.custom.html",
        "formatted_body": f"<strong>{text[:4]}</strong>{text[4:]}",
        "org.lianzhi.relayed": True,
        "m.mentions": {},
    }
    await client.room_send(room, "m.room.message", content, ignore_unverified_devices=True)


async def burst(order: Mapping[str, Any]) -> None:
    """A sequential loop of `room_send` in each room."""
    client = await _client(order)

    async def one(room: str) -> None:
        for number in range(order["count"]):
            await _send(client, room, f"bare: b{number:04d}")

    await asyncio.gather(*map(one, order["rooms"]))
    await client.close()


async def relay(order: Mapping[str, Any]) -> None:
    """Both directions at once, for ever."""
    client = await _client(order)
    base = order["api"]
    async with Bot(order["token"], base_url=f"{base}/bot") as bot:
        await asyncio.gather(
            _from_telegram(bot, client, order["room"]), _from_matrix(bot, client, order["chat"])
        )


async def _from_telegram(bot: Bot, client: Any, room: str) -> None:
    offset: int | None = None
    while True:
        updates: tuple[Update, ...] = await bot.get_updates(offset=offset, timeout=25)
        for update in updates:
            offset = update.update_id + 1
            if update.message is not None and update.message.text:
                await _send(client, room, f"bare: {update.message.text}")


async def _from_matrix(bot: Bot, client: Any, chat: int) -> None:
    client.next_batch = (await client.sync(timeout=0)).next_batch
    while True:
        answer = await client.sync(timeout=30_000)
        for joined in answer.rooms.join.values():
            for event in joined.timeline.events:
                if isinstance(event, nio.RoomMessageText) and event.sender != client.user_id:
                    await bot.send_message(chat, f"bare: {event.body}")


if __name__ == "__main__":
    asyncio.run({"burst": burst, "relay": relay}[sys.argv[1]](json.loads(sys.argv[2])))
