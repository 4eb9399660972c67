"""A forum group and a Matrix room: each topic is a thread there, each thread a topic here."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.acceptance.places import WebPlace
from tests.servers.botapi import Chat
from tests.servers.botapi.chats import Topic
from tests.servers.botapi.messages import Message
from tests.servers.matrixevents import Body, Event
from tests.servers.synapse import Homeserver, Synapse
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Forum:
    """A forum group, the Matrix room and the web room that it is linked with."""

    world: World
    chat: Chat
    room: str

    def topic(self, name: str = "") -> Topic:
        """A new topic by 李雷."""
        return self.chat.topic(self.world.li, name or f"物资{secrets.token_hex(3)}")

    def say(self, words: str, topic: Topic | None = None, reply_to: int | None = None) -> Message:
        """李雷 writes in a topic, or in the general one."""
        thread = None if topic is None else topic.id
        return self.chat.say(self.world.li, words, thread=thread, reply_to=reply_to)

    async def told(self, words: str) -> Message:
        """The bot's message in the group that holds these words."""
        return await self.chat.wait_for(
            lambda message: message.sender.is_bot and words in message.text, 15
        )

    async def seen(self, words: str) -> Event:
        """The bot's event in the Matrix room that holds these words."""
        return await self.world.anna.wait_for(
            self.room,
            lambda event: event.sender == self.world.matrix_bot.user_id and words in event.body,
        )

    async def shown(self, words: str) -> list[Event]:
        """The bot's events in the Matrix room that hold these words, edits left out."""
        return [
            event
            for event in await self.world.anna.messages(self.room)
            if event.sender == self.world.matrix_bot.user_id
            and words in event.body
            and event.replaces is None
        ]

    async def write(self, words: str, root: str | None = None, reply_to: str | None = None) -> str:
        """Anna writes in a thread, as Element does, or in the main timeline."""
        relation: Body = {}
        if root is not None:
            relation = {
                "rel_type": "m.thread",
                "event_id": root,
                "is_falling_back": reply_to is None,
                "m.in_reply_to": {"event_id": reply_to or root},
            }
        content: Body = {"msgtype": "m.text", "body": words}
        if relation:
            content["m.relates_to"] = relation
        return await self.world.anna.send(self.room, "m.room.message", content)


def named(prefix: str) -> str:
    """Words that stand nowhere else."""
    return f"{prefix}{secrets.token_hex(3)}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def forum(tmp_path_factory: pytest.TempPathFactory, synapse: Synapse) -> AsyncIterator[Forum]:
    """A forum whose bot may open topics, in one bridge with a Matrix room and a web room."""
    async with (
        Homeserver(synapse) as hs,
        World(tmp_path_factory.mktemp("forum"), hs) as world,
    ):
        chat = world.api.supergroup("应急论坛", world.li, admins=[world.bot], forum=True)
        room = await world.anna.create_room(name="Threads", invite=(world.matrix_bot.user_id,))
        chat.say(world.li, "建群")  # 1 is the general topic's own number
        own = chat.topic(world.li, "专用")
        apart = chat.topic(world.li, "后勤")
        world.bridge.configure(
            world.toml()
            + f"""
[[room]]
id = "telegram:{chat.id}"
language = "zh"
[[room]]
id = "telegram:{chat.id}/{own.id}"
language = "zh"
[[room]]
id = "matrix:{room}"
language = "en"
[[bridge]]
name = "forum"
rooms = ["telegram:{chat.id}", "matrix:{room}", "web:spare"]
[[room]]
id = "telegram:{chat.id}/{apart.id}"
language = "zh"
[[bridge]]
name = "apart"
rooms = ["telegram:{chat.id}/{apart.id}", "web:annex"]
"""
        )
        await world.bridge.start()
        await world.anna.wait_for(
            room,
            lambda e: (
                e.state_key == world.matrix_bot.user_id and e.content.get("membership") == "join"
            ),
        )
        yield Forum(world, chat, room)


async def test_a_topic_is_a_thread_whose_root_names_it(forum: Forum) -> None:
    """What is written in it stands in the thread; the general topic stays the main timeline."""
    topic = forum.topic()
    first, second, hall = named("十顶帐篷"), named("收到"), named("大厅")
    forum.say(first, topic)
    said = forum.say(second, topic)
    forum.say(hall)
    shown = await forum.seen(first)
    assert shown.thread is not None
    root = await forum.world.anna.event(forum.room, shown.thread)
    assert topic.name in root.body
    assert root.sender == forum.world.matrix_bot.user_id
    assert shown.relation["is_falling_back"] is True
    assert shown.reply_to == root.id
    assert (await forum.seen(second)).thread == root.id
    assert (await forum.seen(hall)).relation == {}
    assert len(await forum.shown(topic.name)) == 1
    answer = named("车已出发")
    forum.say(answer, topic, reply_to=said.id)
    event = await forum.seen(answer)
    assert (event.thread, event.reply_to) == (root.id, (await forum.seen(second)).id)
    assert event.relation["is_falling_back"] is False


async def test_what_is_written_in_its_thread_arrives_in_the_topic(forum: Forum) -> None:
    """Answers to messages of the topic answer them there."""
    topic = forum.topic()
    asked = forum.say(named("缺几台泵"), topic)
    event = await forum.seen(asked.text)
    assert event.thread is not None
    words, answer = named("two pumps"), named("three")
    await forum.write(words, event.thread)
    told = await forum.told(words)
    assert (told.thread, told.reply_to) == (topic.id, None)
    await forum.write(answer, event.thread, reply_to=event.id)
    told = await forum.told(answer)
    assert (told.thread, told.reply_to) == (topic.id, asked.id)


async def test_a_command_in_a_topic_is_answered_in_it(forum: Forum) -> None:
    """And in its thread where the answer concerns both."""
    topic = forum.topic()
    asked = forum.say("/帮助", topic)
    answer = await forum.chat.wait_for(lambda message: message.reply_to == asked.id, 15)
    assert answer.thread == topic.id


async def test_a_thread_on_a_message_opens_a_topic_named_after_it(forum: Forum) -> None:
    """The bot may: what follows in either place stands in the other."""
    root_words, words, back = named("Bridge closed"), named("since when"), named("从昨晚起")
    root = await forum.write(root_words)
    await forum.told(root_words)
    await forum.write(words, root)
    told = await forum.told(words)
    assert told.thread is not None
    topic = forum.chat.topics[told.thread]
    assert root_words in topic.name
    forum.say(back, topic)
    assert (await forum.seen(back)).thread == root


async def test_without_the_right_to_open_topics_a_thread_answers_its_root(forum: Forum) -> None:
    """In the general topic, as an answer to the message that the thread hangs on."""
    world, chat = forum.world, forum.chat
    chat.promote(world.bot, "can_delete_messages", "can_pin_messages", by=world.li)
    try:
        root_words, words = named("Road blocked"), named("by a tree")
        root = await forum.write(root_words)
        copy = await forum.told(root_words)
        before = len(chat.topics)
        await forum.write(words, root)
        told = await forum.told(words)
        assert (told.thread, told.reply_to) == (None, copy.id)
        assert len(chat.topics) == before
    finally:
        chat.promote(world.bot, by=world.li)


async def test_a_room_without_threads_shows_what_a_message_belongs_to(forum: Forum) -> None:
    """By an answer to the thread's root, or by a line that names the topic."""
    topic, in_topic = forum.topic(), named("发电机")
    async with forum.world.browser("Wang", "spare") as wang:
        web = WebPlace(forum.world, wang, "Wang", "spare")
        forum.say(in_topic, topic)
        shown = await web.see_text(in_topic)
        assert topic.name in str(wang.events[int(shown.id)]["mark"])
        root_words, words = named("Dam"), named("holds")
        root = await forum.write(root_words)
        copy = await web.see_text(root_words)
        await forum.write(words, root)
        assert (await web.see_text(words)).reply_to == copy.id


@pytest.mark.parametrize("how", ["deleted", "closed"])
async def test_a_topic_that_is_gone_goes_on_in_the_general_one_and_both_are_told_once(
    forum: Forum, how: str
) -> None:
    """Nothing is lost and the order is kept."""
    topic, first = forum.topic(), named("先")
    forum.say(first, topic)
    root = (await forum.seen(first)).thread
    assert root is not None
    if how == "deleted":
        forum.chat.delete_topic(topic.id)
    else:
        forum.chat.promote(forum.world.bot, "can_delete_messages", by=forum.world.li)
        forum.chat.close_topic(forum.world.li, topic.id)
    lines = [named(f"line {number} ") for number in range(4)]
    try:
        for line in lines:
            await forum.write(line, root)
        shown = [await forum.told(line) for line in lines]
    finally:
        forum.chat.promote(forum.world.bot, by=forum.world.li)
    assert [message.thread for message in shown] == [None] * 4
    assert sorted(shown, key=lambda message: message.id) == shown
    assert all(topic.name in message.text for message in shown)
    await forum.seen(f"“{topic.name}”")
    notices = [text for text in forum.chat.texts if topic.name in text and "已关闭或删除" in text]
    assert len(notices) == 1
    assert len([e for e in await forum.shown("closed or deleted") if topic.name in e.body]) == 1
    assert all(len([text for text in forum.chat.texts if line in text]) == 1 for line in lines)


async def test_a_topic_that_is_open_again_is_used_again(forum: Forum) -> None:
    topic, first = forum.topic(), named("先")
    forum.say(first, topic)
    root = (await forum.seen(first)).thread
    assert root is not None
    forum.chat.promote(forum.world.bot, "can_delete_messages", by=forum.world.li)
    forum.chat.close_topic(forum.world.li, topic.id)
    outside, inside, marker = named("outside"), named("inside"), named("开")
    try:
        await forum.write(outside, root)
        assert (await forum.told(outside)).thread is None
        forum.chat.close_topic(forum.world.li, topic.id, closed=False)
        forum.say(marker)
        await forum.seen(marker)
        await forum.write(inside, root)
        assert (await forum.told(inside)).thread == topic.id
    finally:
        forum.chat.promote(forum.world.bot, by=forum.world.li)


async def test_a_new_name_of_a_topic_is_the_name_of_its_thread(forum: Forum) -> None:
    topic, words, new = forum.topic(), named("水"), named("饮用水")
    forum.say(words, topic)
    root = (await forum.seen(words)).thread
    forum.chat.rename_topic(forum.world.li, topic.id, new)
    event = await forum.world.anna.wait_for(forum.room, lambda e: new in e.new_body)
    assert event.replaces == root


async def test_a_topic_that_is_configured_is_a_room_of_its_own(forum: Forum) -> None:
    """It is in no bridge: nothing of it is told elsewhere."""
    own = next(topic for topic in forum.chat.topics.values() if topic.name == "专用")
    secret, public = named("内部"), named("公开")
    forum.say(secret, own)
    forum.say(public)
    await forum.seen(public)
    assert await forum.shown(secret) == []


async def test_a_topic_of_its_own_that_is_closed_goes_on_in_the_general_one_till_it_is_open(
    forum: Forum,
) -> None:
    """Both sides are told, there are no dead letters, and nothing of it reaches the group's own
    bridge."""
    world, chat = forum.world, forum.chat
    apart = next(topic for topic in chat.topics.values() if topic.name == "后勤")
    async with world.browser("Wang", "annex") as wang:
        chat.say(world.li, named("在"), thread=apart.id)
        chat.promote(world.bot, "can_delete_messages", by=world.li)
        chat.close_topic(world.li, apart.id)
        lines = [named(f"line {number} ") for number in range(3)]
        try:
            for line in lines:
                await wang.say(line)
            shown = [await forum.told(line) for line in lines]
            assert [message.thread for message in shown] == [None] * 3
            assert sorted(shown, key=lambda message: message.id) == shown
            assert all("🧵 后勤" in message.text for message in shown)
            notice = await forum.told("“后勤”")
            assert notice.id < shown[0].id
            web = WebPlace(world, wang, "Wang", "annex")
            await web.see_text("后勤")
            chat.close_topic(world.li, apart.id, closed=False)
            await web.see(lambda each: "后勤" in each.text and "重新" in each.text)
            inside = named("inside")
            await wang.say(inside)
            assert (await forum.told(inside)).thread == apart.id
            assert await forum.shown(lines[0]) == []
        finally:
            chat.promote(world.bot, by=world.li)


async def test_topics_and_threads_are_known_after_a_restart_even_one_in_the_middle(
    forum: Forum,
) -> None:
    """Killed between the root, which is there, and what was to follow it."""
    topic, before, after = forum.topic(), named("前"), named("后")
    forum.say(before, topic)
    root = (await forum.seen(before)).thread
    assert root is not None
    await forum.world.bridge.kill()
    forum.say(after, topic)
    back = named("back")
    await forum.write(back, root)
    await forum.world.bridge.start()
    assert (await forum.seen(after)).thread == root
    assert (await forum.told(back)).thread == topic.id
    assert len(await forum.shown(topic.name)) == 1


async def test_a_kill_while_a_topic_is_opened_neither_loses_nor_doubles_it(forum: Forum) -> None:
    """Its making was not answered: the topic is known by what Telegram tells of it."""
    root_words, words = named("Tunnel"), named("flooded")
    root = await forum.write(root_words)
    await forum.told(root_words)
    api = forum.world.api
    api.faults.next("createForumTopic", "lost_hang", chat=forum.chat.id)
    await forum.write(words, root)
    await api.until(lambda: [t for t in forum.chat.topics.values() if root_words in t.name])
    await forum.world.bridge.kill()
    await forum.world.bridge.start()
    told = await forum.told(words)
    named_so = [t for t in forum.chat.topics.values() if root_words in t.name]
    assert [each.id for each in named_so] == [told.thread]
    assert [text for text in forum.chat.texts if words in text] == [told.text]
