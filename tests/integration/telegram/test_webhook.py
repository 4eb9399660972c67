"""Updates that Telegram brings by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import aiohttp
import pytest

from bot.transports.base import Batch, Said, Unreachable
from bot.transports.telegram.receiving import SECRET_HEADER
from tests.integration.telegram.conftest import Side, event
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person
from tests.servers.process import free_port

SECRET = "s3cret_for-tests"


@pytest.fixture
def hooked(new_side: Callable[..., Side]) -> Side:
    """A transport in webhook mode on a free port."""
    port = free_port()
    return new_side(
        mode="webhook",
        webhook_url=f"http://127.0.0.1:{port}/telegram/in",
        webhook_listen=f"127.0.0.1:{port}",
        webhook_secret=SECRET,
    )


async def post(side: Side, body: bytes, secret: str | None = SECRET) -> int:
    """What the webhook answers."""
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with (
        aiohttp.ClientSession() as session,
        session.post(side.transport.settings.webhook_url or "", data=body, headers=headers) as sent,
    ):
        return sent.status


async def test_updates_come_by_webhook_in_order(
    hooked: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """What waited before it was set comes too."""
    group.say(li, "早")
    hooked.listen()
    for word in ("一", "二"):
        group.say(li, word)
    found = await hooked.inbox.until(3)
    assert [event(each, Said).content.text for each in found] == ["早", "一", "二"]
    await api.confirmed()


async def test_the_answer_is_given_only_once_the_update_is_taken(
    hooked: Side, api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    """Until then it is Telegram's to repeat."""
    entered, release = asyncio.Event(), asyncio.Event()

    async def take(batch: Batch) -> None:
        entered.set()
        await release.wait()

    hooked.task = asyncio.create_task(hooked.transport.listen(None, take))
    group.say(li, "一")
    await asyncio.wait_for(entered.wait(), 10)
    assert len(bot.queue) == 1
    release.set()
    await api.confirmed()


async def test_what_was_not_taken_is_brought_again(
    hooked: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """The loop ends with the error; the next one gets the same update."""
    hooked.inbox.refuse = RuntimeError("disk full")
    task = hooked.listen()
    group.say(li, "一")
    with pytest.raises(RuntimeError, match="disk full"):
        await asyncio.wait_for(task, 10)
    hooked.inbox.refuse = None
    hooked.listen()
    assert event(await hooked.inbox.next(), Said).content.text == "一"
    await api.confirmed()


async def test_a_stranger_is_refused(hooked: Side, api: BotApi) -> None:
    """Without the secret, or with another, nothing is read."""
    hooked.listen()
    await api.wait_call("setWebhook")
    update = b'{"update_id": 1, "message": {}}'
    assert await post(hooked, update, None) == 403
    assert await post(hooked, update, "wrong") == 403
    assert await post(hooked, update, "s3cret_for-tests\u00e9") == 403
    assert hooked.inbox.batches == []


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'{"update_id": "x"}', b"[" * 100_000])
async def test_nonsense_holds_nobody_up(
    hooked: Side, api: BotApi, group: Chat, li: Person, body: bytes
) -> None:
    """It is taken as read, since repeating would not mend it."""
    hooked.listen()
    await api.wait_call("setWebhook")
    assert await post(hooked, body) == 200
    group.say(li, "一")
    assert event(await hooked.inbox.next(), Said).content.text == "一"


async def test_polling_takes_the_webhook_away_and_drops_nothing(
    hooked: Side, new_side: Callable[..., Side], api: BotApi, group: Chat, li: Person
) -> None:
    """A change of mode loses no message."""
    hooked.listen()
    await api.wait_call("setWebhook")
    await hooked.stop()
    group.say(li, "之间")
    polling = new_side()
    polling.listen()
    assert event(await polling.inbox.next(), Said).content.text == "之间"


async def test_an_outage_while_setting_it_is_raised(hooked: Side, api: BotApi) -> None:
    """The caller tries again; the port is free by then."""
    await api.outage()
    with pytest.raises(Unreachable):
        await asyncio.wait_for(hooked.listen(), 10)
    await api.recover()
    hooked.listen()
    await api.wait_call("setWebhook")


async def test_lone_surrogates_and_direction_tricks_can_be_stored(
    hooked: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """Every text that comes out can be written as UTF-8 and shown."""
    hooked.listen()
    await api.wait_call("setWebhook")
    person = {**li.to_json(), "first_name": "\u202eevil\ud800"}
    message = {"message_id": 71, "date": 1, "chat": group.to_json(), "from": person}
    update = {"update_id": 5, "message": {**message, "text": "a\udfffb 🚒"}}
    assert await post(hooked, json.dumps(update).encode()) == 200
    (inbound,) = hooked.inbox.inbounds
    assert inbound.sender is not None
    assert inbound.sender.name == "evil\ufffd"
    content = event(inbound, Said).content
    assert content.text == "a\ufffdb 🚒"
    assert (content.html + content.text).encode()
