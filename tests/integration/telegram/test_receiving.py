"""What people do on Telegram reaches the border as values."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.transports.base import AnswerLost, Said
from bot.transports.telegram.faults import AnotherPoller, TokenRefused
from tests.integration.telegram.conftest import Side, event
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person


async def test_a_text_arrives_with_its_sender_room_and_markup(
    side: Side, group: Chat, li: Person
) -> None:
    """Names of values are the network's; markup becomes neutral HTML."""
    side.listen()
    said = group.say(li, "水位 上涨", [{"type": "bold", "offset": 0, "length": 2}])
    inbound = await side.inbox.next()
    assert inbound.room == f"telegram:{group.id}"
    assert inbound.key.startswith("telegram:7000001:")
    assert inbound.remote == str(said.id)
    assert inbound.title == "指挥部"
    assert not inbound.private
    assert inbound.sender is not None
    assert inbound.sender.account == f"telegram:{li.id}"
    assert (inbound.sender.name, inbound.sender.handle) == ("李雷", "lilei")
    assert inbound.sender.language == "zh-hans"
    content = event(inbound, Said).content
    assert (content.html, content.text) == ("<b>水位</b> 上涨", "水位 上涨")


async def test_the_offset_is_sent_only_after_the_batch_was_taken(
    new_side: Callable[..., Side], api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    """A batch that was not taken is offered again, by a new process too."""
    first = new_side()
    first.inbox.refuse = RuntimeError("disk full")
    task = first.listen()
    group.say(li, "一")
    group.say(li, "二")
    with pytest.raises(RuntimeError, match="disk full"):
        await asyncio.wait_for(task, 10)
    assert len(bot.queue) == 2
    await first.stop()
    second = new_side()
    second.listen()
    assert [event(each, Said).content.text for each in await second.inbox.until(2)] == ["一", "二"]
    await api.confirmed()


async def test_listening_goes_on_from_the_stored_cursor(
    new_side: Callable[..., Side], group: Chat, li: Person
) -> None:
    """The cursor of a batch is what the next process asks with."""
    first = new_side()
    first.listen()
    group.say(li, "一")
    (inbound,) = await first.inbox.until(1)
    cursor = first.inbox.cursor
    assert cursor == str(int(inbound.key.rpartition(":")[2]) + 1)
    await first.stop()
    group.say(li, "二")
    second = new_side()
    second.listen(cursor)
    assert event(await second.inbox.next(), Said).content.text == "二"


async def test_a_second_poller_is_told_apart(
    new_side: Callable[..., Side], api: BotApi, group: Chat, li: Person
) -> None:
    """409 is no outage: somebody else holds the token."""
    first, second = new_side(), new_side()
    task = first.listen()
    await api.wait_call("getUpdates")
    second.listen()
    with pytest.raises(AnotherPoller):
        await asyncio.wait_for(task, 10)


@pytest.mark.parametrize("kind", ["500", "502", "reset", "garbage"])
async def test_a_broken_answer_to_a_poll_is_raised_and_nothing_is_lost(
    new_side: Callable[..., Side], api: BotApi, group: Chat, li: Person, kind: str
) -> None:
    """The caller starts the loop again, and what waited is still there."""
    api.faults.next("getUpdates", kind)
    group.say(li, "还在")
    side = new_side()
    with pytest.raises(AnswerLost):
        await asyncio.wait_for(side.listen(), 10)
    side.listen()
    assert event(await side.inbox.next(), Said).content.text == "还在"


async def test_a_revoked_token_is_told_apart(new_side: Callable[..., Side], api: BotApi) -> None:
    """A token that Telegram refuses needs a person, not patience."""
    side = new_side()
    api.faults.next("getUpdates", "401")
    with pytest.raises(TokenRefused):
        await asyncio.wait_for(side.listen(), 10)
