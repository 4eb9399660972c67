"""Payloads become messages, once, and failures say what is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.transports.base import (
    AnswerLost,
    RateLimited,
    Rejected,
    RoomGone,
    RoomMoved,
    SendFault,
    TargetGone,
    Unreachable,
)
from bot.transports.telegram.faults import TokenRefused
from tests.integration.telegram.conftest import Side, order, text
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person


async def test_a_text_is_posted_edited_and_taken_back(side: Side, group: Chat) -> None:
    """The id that a send returns is what edit and delete are for."""
    remote = await side.transport.send(order(group, text("一")))
    assert group.message(int(remote)).text == "一"
    await side.transport.edit(order(group, text("二"), target=remote))
    assert group.message(int(remote)).text == "二"
    await side.transport.delete(order(group, {}, target=remote))
    assert group.message(int(remote)).deleted


async def test_an_edit_that_changes_nothing_is_success(side: Side, group: Chat) -> None:
    """Telegram calls it an error; what was wanted is so."""
    remote = await side.transport.send(order(group, text("一")))
    await side.transport.edit(order(group, text("一"), target=remote))
    assert group.message(int(remote)).text == "一"


async def test_deleting_what_is_gone_is_success(side: Side, group: Chat) -> None:
    """Whether somebody was quicker or nothing was ever there."""
    remote = await side.transport.send(order(group, text("一")))
    group.delete(int(remote))
    await side.transport.delete(order(group, {}, target=remote))
    await side.transport.delete(order(group, {}, target=99_999))


async def test_a_reply_points_at_its_target_and_survives_its_absence(
    side: Side, group: Chat, li: Person
) -> None:
    """A target that was deleted costs the pointer, not the message."""
    said = group.say(li, "问")
    remote = await side.transport.send(order(group, text("答"), reply_to=said.id))
    assert group.message(int(remote)).reply_to == said.id
    group.delete(said)
    later = await side.transport.send(order(group, text("再答"), reply_to=said.id, txn="t2"))
    assert group.message(int(later)).reply_to is None


async def test_a_topic_gets_what_is_for_it(
    side: Side, api: BotApi, bot: BotAccount, li: Person
) -> None:
    """`/5` in a room's id is the topic; the general one has none."""
    forum = api.supergroup("论坛", li, admins=[bot], forum=True)
    forum.say(li, "第一条")
    topic = forum.topic(li, "物资")
    inside = await side.transport.send(order(forum, text("内"), thread=topic.id))
    general = await side.transport.send(order(forum, text("外"), thread=1))
    assert forum.message(int(inside)).thread == topic.id
    assert forum.message(int(general)).thread is None


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("500", AnswerLost),
        ("502", AnswerLost),
        ("reset", AnswerLost),
        ("hang", AnswerLost),
        ("garbage", AnswerLost),
        ("lost_reset", AnswerLost),
        ("lost_close", AnswerLost),
        ("lost_hang", AnswerLost),
        ("401", TokenRefused),
        ("403", RoomGone),
        ("400", Rejected),
    ],
)
async def test_each_failure_says_what_is_known(
    side: Side, api: BotApi, group: Chat, kind: str, fault: type[SendFault]
) -> None:
    """Only what surely did not arrive may be repeated without a question."""
    api.faults.next("sendMessage", kind)
    with pytest.raises(fault):
        await side.transport.send(order(group, text("一")))


async def test_a_refused_connection_is_told_from_a_lost_answer(
    new_side: Callable[..., Side], api: BotApi, group: Chat
) -> None:
    """Nothing listened, so nothing arrived."""
    side = new_side()
    await api.outage()
    with pytest.raises(Unreachable):
        await side.transport.send(order(group, text("一")))
    await api.recover()
    await side.transport.send(order(group, text("一")))


async def test_a_limit_says_how_long_to_wait(side: Side, api: BotApi, group: Chat) -> None:
    """`retry_after` is obeyed by whoever called."""
    api.faults.next("sendMessage", "429", retry_after=7)
    with pytest.raises(RateLimited) as raised:
        await side.transport.send(order(group, text("一")))
    assert raised.value.after == timedelta(seconds=7)


async def test_a_group_that_became_a_supergroup_says_where_it_is(
    side: Side, api: BotApi, bot: BotAccount, li: Person
) -> None:
    """The new room's id comes with the refusal."""
    old = api.group("小组", li, bot)
    new = old.migrate(li)
    with pytest.raises(RoomMoved) as raised:
        await side.transport.send(order(old, text("一")))
    assert raised.value.to == f"telegram:{new.id}"


async def test_a_bot_that_was_removed_muted_or_blocked_knows_that_the_room_is_gone(
    side: Side, api: BotApi, bot: BotAccount, li: Person, group: Chat
) -> None:
    """Three ways to lose a room, one meaning."""
    muted = api.supergroup("禁言", li, bot)
    muted.mute(bot)
    private = api.private(li)
    private.block()
    group.leave(bot, by=li)
    for chat in (muted, private, group):
        with pytest.raises(RoomGone):
            await side.transport.send(order(chat, text("一")))


async def test_a_topic_that_is_closed_or_unknown_is_a_room_that_is_gone(
    side: Side, api: BotApi, li: Person, bot: BotAccount
) -> None:
    """Said with the topic as reason, so that the caller can tell people."""
    forum = api.supergroup("论坛", li, bot, forum=True)
    forum.say(li, "第一条")
    topic = forum.topic(li, "物资")
    forum.close_topic(li, topic.id)
    for thread in (topic.id, 4711):
        with pytest.raises(RoomGone):
            await side.transport.send(order(forum, text("一"), thread=thread))


async def test_editing_what_is_not_there_or_not_ours_says_so(
    side: Side, group: Chat, li: Person
) -> None:
    """The target is gone for us either way."""
    said = group.say(li, "别人的")
    for target in (said.id, 99_999):
        with pytest.raises(TargetGone):
            await side.transport.edit(order(group, text("一"), target=target))
