"""Topics of a forum as threads of the whole group: opened, named, missed, told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.transports.base import (
    AnswerLost,
    RoomGone,
    Said,
    TargetGone,
    ThreadGone,
    ThreadRefused,
    TopicTold as Told,
)
from tests.integration.telegram.conftest import Inbox, Side, event, order, stored, text
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person

NAME = "物资 🚚"


@pytest.fixture
def forum(api: BotApi, bot: BotAccount, li: Person) -> Chat:
    """A forum in which the bot may do everything; 1 is the general topic's number."""
    made = api.supergroup("论坛", li, admins=[bot], forum=True)
    made.say(li, "建群")
    return made


@pytest.fixture
async def inbox(side: Side) -> Inbox:
    """What the transport hands over."""
    side.listen()
    return side.inbox


async def test_a_topic_is_opened_and_messages_go_into_it(side: Side, forum: Chat) -> None:
    payload = side.transport.compose_thread(f"telegram:{forum.id}", NAME, "zh")
    assert payload is not None
    opened = await side.transport.send(order(forum, payload))
    assert forum.topics[int(opened)].name == NAME
    inside = await side.transport.send(replace(order(forum, text("内")), thread=opened))
    assert forum.message(int(inside)).thread == int(opened)


async def test_a_topic_is_named_anew_and_repeating_that_does_no_harm(
    side: Side, forum: Chat, li: Person
) -> None:
    topic = forum.topic(li, "旧")
    payload = side.transport.compose_thread(f"telegram:{forum.id}", NAME, "zh")
    assert payload is not None
    for _time in range(2):
        await side.transport.edit(order(forum, payload, target=topic.id))
    assert topic.name == NAME
    forum.delete_topic(topic.id)
    with pytest.raises(TargetGone):
        await side.transport.edit(order(forum, payload, target=topic.id))


async def test_where_the_bot_may_open_no_topic_that_is_said_and_nothing_else_fails(
    side: Side, forum: Chat, group: Chat, bot: BotAccount, li: Person
) -> None:
    """No forum, or no right: a refusal that needs no repeating. Removed: the room is gone."""
    payload = side.transport.compose_thread(f"telegram:{forum.id}", NAME, "zh")
    assert payload is not None
    with pytest.raises(ThreadRefused):
        await side.transport.send(order(group, payload))
    forum.demote(bot, by=li)
    with pytest.raises(ThreadRefused):
        await side.transport.send(order(forum, payload))
    assert await side.transport.send(order(forum, text("照常")))
    forum.leave(bot, by=li)
    with pytest.raises(RoomGone) as gone:
        await side.transport.send(order(forum, payload))
    assert not isinstance(gone.value, ThreadGone)


async def test_only_what_can_have_topics_is_offered_one(
    side: Side, inbox: Inbox, api: BotApi, bot: BotAccount, li: Person, group: Chat, forum: Chat
) -> None:
    """Basic groups and topics never; a supergroup that was seen to be no forum not any more."""
    basic = api.group("小组", li, bot)
    assert side.transport.compose_thread(f"telegram:{basic.id}", NAME, "zh") is None
    assert side.transport.compose_thread(f"telegram:{forum.id}/5", NAME, "zh") is None
    assert side.transport.compose_thread(f"telegram:{group.id}", NAME, "zh") is not None
    group.say(li, "在")
    forum.say(li, "在")
    await inbox.until(2)
    assert side.transport.compose_thread(f"telegram:{group.id}", NAME, "zh") is None
    assert side.transport.compose_thread(f"telegram:{forum.id}", NAME, "zh") is not None


@pytest.mark.parametrize("how", ["closed", "deleted"])
async def test_a_topic_that_is_gone_is_told_from_a_room_that_is_gone(
    side: Side, forum: Chat, bot: BotAccount, li: Person, how: str
) -> None:
    topic = forum.topic(li, "物资")
    forum.demote(bot, by=li)
    if how == "closed":
        forum.close_topic(li, topic.id)
    else:
        forum.delete_topic(topic.id)
    with pytest.raises(ThreadGone):
        await side.transport.send(replace(order(forum, text("内")), thread=str(topic.id)))
    assert await side.transport.send(order(forum, text("外")))


async def test_what_is_done_to_a_topic_is_told(inbox: Inbox, forum: Chat, li: Person) -> None:
    topic = forum.topic(li, "物资")
    forum.rename_topic(li, topic.id, "饮水")
    forum.close_topic(li, topic.id)
    forum.close_topic(li, topic.id, closed=False)
    told = [each for each in await inbox.until(5) if isinstance(each.event, Told)]
    assert [each.room for each in told] == [f"telegram:{forum.id}/{topic.id}"] * 4
    assert [event(each, Told) for each in told] == [
        Told("物资"),
        Told("饮水"),
        Told(closed=True),
        Told(closed=False),
    ]
    forum.say(li, "水", thread=topic.id)
    assert event(await inbox.next(), Said).content.text == "水"


async def test_a_lost_topic_is_found_by_what_telegram_tells_of_it(
    side: Side, inbox: Inbox, api: BotApi, forum: Chat
) -> None:
    """It is known to be ours, and is not opened a second time. One never heard of may be."""
    payload = side.transport.compose_thread(f"telegram:{forum.id}", NAME, "zh")
    assert payload is not None
    api.faults.next("createForumTopic", "lost_reset", chat=forum.id)
    sending = order(forum, payload)
    with pytest.raises(AnswerLost):
        await side.transport.send(sending)
    with pytest.raises(AnswerLost):
        await side.transport.find_sent(sending, stored())
    told = [each for each in await inbox.until(2) if isinstance(each.event, Told)]
    assert event(told[0], Told) == Told(NAME, ours=True)
    (topic,) = forum.topics.values()
    async with side.store.write() as uow:
        room = f"telegram:{forum.id}"
        await uow.threads.name(room, str(topic.id), NAME, side.now(), ours=True)
    assert await side.transport.find_sent(sending, stored()) == str(topic.id)
    never = order(forum, {**payload, "name": "别的"}, txn="t2")
    for _time in range(2):
        with pytest.raises(AnswerLost):
            await side.transport.find_sent(never, stored())
    assert await side.transport.find_sent(never, stored()) is True
