"""What people do in a chat is what bots are told, and what tests can see."""

import asyncio

import pytest
from telegram import Bot, Message

from tests.servers.botapi import PNG, BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person


@pytest.fixture
def li(api: BotApi) -> Person:
    """Somebody."""
    return api.user("李雷", "lilei", "zh-hans", last_name="李")


@pytest.fixture
def chat(api: BotApi, account: BotAccount, li: Person) -> Chat:
    """A forum with the bot as an administrator."""
    return api.supergroup("指挥部", li, admins=[account], forum=True)


async def received(bot: Bot) -> list[Message]:
    """All messages that wait for the bot, edited ones too."""
    updates = await bot.get_updates()
    found = [each.message or each.edited_message for each in updates]
    return [each for each in found if each is not None]


async def test_a_reply_carries_the_message_and_the_quote(bot: Bot, chat: Chat, li: Person) -> None:
    """The replied message is whole but has no reply of its own; commands are marked."""
    first = chat.say(li, "/help 一二")
    second = chat.say(li, "二", reply_to=first.id, quote="一")
    chat.say(li, "三", reply_to=second.id)
    _, two, three = await received(bot)
    assert two.reply_to_message is not None
    assert two.reply_to_message.text == "/help 一二"
    assert [str(each.type) for each in two.reply_to_message.entities] == ["bot_command"]
    assert two.quote is not None
    assert two.quote.text == "一"
    assert three.reply_to_message is not None
    assert three.reply_to_message.reply_to_message is None


async def test_messages_in_a_topic_name_it(bot: Bot, chat: Chat, li: Person) -> None:
    """Each carries the thread and refers to the message that opened it, as Telegram does."""
    topic = chat.topic(li, "物资")
    chat.say(li, "在", thread=topic.id)
    opened, said = await received(bot)
    assert opened.forum_topic_created is not None
    assert (opened.message_thread_id, said.message_thread_id) == (topic.id, topic.id)
    assert said.is_topic_message is True
    assert said.reply_to_message is not None
    assert said.reply_to_message.forum_topic_created is not None


async def test_an_album_is_several_messages_of_one_group(bot: Bot, chat: Chat, li: Person) -> None:
    """They share a media_group_id; the first has the caption."""
    chat.album(li, [("photo", PNG), ("photo", PNG), ("video", b"v")], caption="三")
    messages = await received(bot)
    assert len({each.media_group_id for each in messages}) == 1
    assert [each.caption for each in messages] == ["三", None, None]


async def test_an_edit_of_a_live_location_moves_it(bot: Bot, chat: Chat, li: Person) -> None:
    """Each point is an edited message; after the stop there is no live_period."""
    live = chat.send_location(li, 1.0, 2.0, live_period=600)
    chat.move_location(live.id, 1.5, 2.0)
    chat.stop_location(live.id)
    places = [each.location for each in await received(bot)]
    assert [each.latitude for each in places if each] == [1.0, 1.5, 1.5]
    assert [bool(each.live_period) for each in places if each] == [True, True, False]


async def test_a_bot_is_told_of_its_own_pins_but_not_of_its_own_words(
    bot: Bot, chat: Chat, li: Person
) -> None:
    """Service messages that it caused come back to it, texts do not."""
    sent = await bot.send_message(chat.id, "一")
    await bot.pin_chat_message(chat.id, sent.message_id)
    messages = await received(bot)
    assert [each.pinned_message is not None for each in messages] == [True]


async def test_a_removed_bot_learns_it_and_nothing_more(
    bot: Bot, account: BotAccount, chat: Chat, li: Person
) -> None:
    """my_chat_member and the service message are the last it gets from the chat."""
    chat.leave(account, by=li)
    chat.say(li, "ohne dich")
    updates = await bot.get_updates()
    assert updates[0].my_chat_member is not None
    assert updates[0].my_chat_member.new_chat_member.status == "kicked"
    assert updates[1].message is not None
    assert updates[1].message.left_chat_member is not None
    assert len(updates) == 2


async def test_a_private_chat_bears_the_person_and_stays_silent_when_blocked(
    api: BotApi, bot: Bot, li: Person
) -> None:
    """Its id is the person's."""
    private = api.private(li)
    private.say(li, "你好")
    private.block()
    private.say(li, "nobody hears")
    updates = await bot.get_updates()
    assert updates[0].message is not None
    assert updates[0].message.chat.id == li.id
    assert updates[0].message.chat.first_name == "李雷"
    assert len(updates) == 2


async def test_malformed_updates_can_be_slipped_in(
    api: BotApi, account: BotAccount, bot: Bot, chat: Chat, li: Person
) -> None:
    """Unknown kinds and huge bodies are handed out between good ones, with ids in order."""
    account.queue.inject("something_new", {"a": [1, 2]})
    chat.say(li, "x" * 65536)
    updates = await bot.get_updates()
    assert [each.message is None for each in updates] == [True, False]
    assert updates[1].update_id == updates[0].update_id + 1


async def test_waiting_ends_with_the_message_that_fits(
    api: BotApi, bot: Bot, chat: Chat, li: Person
) -> None:
    """A later message, an edit and a deletion are all noticed; nothing fitting times out."""
    waiting = asyncio.create_task(chat.wait_for(lambda each: each.text == "好"))
    sent = await bot.send_message(chat.id, "不")
    assert not waiting.done()
    await bot.edit_message_text("好", chat.id, sent.message_id)
    assert (await waiting).id == sent.message_id
    assert (await chat.wait_for(lambda each: each.edited)).history == ["不"]
    assert len(await chat.wait_count(1)) == 1
    await bot.delete_message(chat.id, sent.message_id)
    assert chat.from_bots == []
    with pytest.raises(TimeoutError):
        await chat.wait_count(1, timeout=0.05)
    with pytest.raises(TimeoutError):
        await chat.wait_for(lambda each: each.text == "好", timeout=0.05)
