"""Threads from a batch to what rooms show, in any order and through every stop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from bot.delivery.joining import gathered
from bot.transports.base import (
    Batch,
    HasThreads,
    Inbound,
    Payload,
    Sending,
    ThreadGone,
    ThreadRefused,
    TopicTold,
)
from storage.tables import OutboxRow
from tests.integration.dispatch.desk import A, B, C, Desk
from tests.unit.delivery.loopback import Loopback
from tests.unit.delivery.world import opened

TOPIC = f"{A}/5"


@dataclass
class Threaded(Loopback):
    """Rooms with threads: of `gone` ones, and of rooms in `refusing`, none can be had."""

    any_message: bool = False
    gone: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)

    def compose_thread(self, room: str, title: str, language: str) -> Payload | None:
        return None if room in self.without else {"text": f"thread {title}", "opens": True}

    async def send(self, sending: Sending) -> str:
        if sending.payload.get("opens") and sending.room in self.refusing:
            await self._call("send", sending)
            raise ThreadRefused("no threads")
        if sending.thread in self.gone:
            await self._call("send", sending)
            raise ThreadGone("TOPIC_CLOSED")
        return await super().send(sending)

    def went(self, room: str) -> list[tuple[str, str | None, str | None, str | None]]:
        """What was sent there: words, thread, what it answers, mark."""
        return [
            (call.text, call.sending.thread, call.sending.reply_to, call.sending.mark)
            for call in self.calls
            if call.action == "send" and call.sending.room == room
        ]


@pytest.fixture
async def threads(ready_sqlite_url: str) -> AsyncIterator[Desk]:
    """A is a forum that hears B; C has no threads."""
    async with opened(ready_sqlite_url, Threaded) as world:
        desk = Desk(world)
        await desk.bridge("north", a="en", b="en", c="en")
        net(desk).without.add(C)
        yield desk


def net(desk: Desk) -> Threaded:
    """The network."""
    assert isinstance(desk.world.net, Threaded)
    assert isinstance(desk.world.net, HasThreads)
    return desk.world.net


def in_topic(desk: Desk, words: str, room: str = TOPIC, topic: str = "Pumps") -> Inbound:
    """Somebody writes in a topic."""
    return replace(desk.said(room, words), topic=topic)


def in_thread(desk: Desk, words: str, root: str, room: str = B) -> Inbound:
    """Somebody writes in a thread."""
    return replace(desk.said(room, words), thread=root)


def named(desk: Desk, title: str = "", **told: bool) -> Inbound:
    """The network tells of the topic."""
    made = desk.event(TOPIC, TopicTold(title, **told))
    return replace(made, sender=None)


async def test_a_topic_opens_a_thread_once_and_its_words_go_there(threads: Desk) -> None:
    await threads.take(in_topic(threads, "one"), in_topic(threads, "two"))
    await threads.take(in_topic(threads, "three"))
    root = threads.remote(B, "thread Pumps")
    assert net(threads).went(B) == [
        ("thread Pumps", None, None, None),
        ("Li: one", root, None, None),
        ("Li: two", root, None, None),
        ("Li: three", root, None, None),
    ]
    assert [words for words, *_rest in net(threads).went(C)] == [
        f"(🧵 Pumps) Li: {words}" for words in ("one", "two", "three")
    ]


async def test_what_is_said_in_the_thread_goes_into_the_topic(threads: Desk) -> None:
    await threads.take(in_topic(threads, "one"))
    await threads.take(in_thread(threads, "back", threads.remote(B, "thread Pumps")))
    assert net(threads).went(A) == [("Li: back", "5", None, None)]


async def test_a_topic_without_a_name_is_called_what_the_network_told_of_it(threads: Desk) -> None:
    """Earlier, when nobody needed it; or, for want of that, by its number."""
    await threads.take(named(threads, "Boats"))
    await threads.take(in_topic(threads, "one", topic=""))
    await threads.take(in_topic(threads, "one", f"{A}/6", topic=""))
    assert [words for words, *_ in net(threads).went(B) if words.startswith("thread")] == [
        "thread Boats",
        "thread #6",
    ]


async def test_a_thread_on_a_message_is_opened_under_its_words(threads: Desk) -> None:
    said = await threads.say(B, "Bridge closed")
    await threads.take(in_thread(threads, "since when", said.remote or ""))
    root = threads.remote(A, "thread Bridge closed")
    assert net(threads).went(A)[-1] == ("Li: since when", root, None, None)
    assert net(threads).went(C)[-1] == (
        "Li: since when", None, threads.remote(C, "Bridge closed"), None,
    )  # fmt: skip


async def test_where_a_thread_hangs_on_a_message_its_copy_is_the_root(threads: Desk) -> None:
    """On a network where any message can be one."""
    net(threads).any_message = True
    said = await threads.say(B, "Bridge closed")
    await threads.take(in_thread(threads, "since when", said.remote or ""))
    assert net(threads).went(A)[-1][1] == threads.remote(A, "Bridge closed")
    assert not [words for words, *_ in net(threads).went(A) if words.startswith("thread")]


async def test_a_refused_thread_is_no_dead_letter_and_its_words_arrive(threads: Desk) -> None:
    """Below the message that it hangs on, or under its name."""
    net(threads).refusing.update((A, B))
    said = await threads.say(B, "Bridge closed")
    await threads.take(in_thread(threads, "since when", said.remote or ""))
    await threads.take(in_topic(threads, "one"))
    copy = threads.remote(A, "Bridge closed")
    assert net(threads).went(A)[-1] == ("Li: since when", None, copy, None)
    assert net(threads).went(B)[-1] == ("Li: one", None, None, "🧵 Pumps")
    assert {row.state for row in await threads.rows()} == {"sent"}


async def test_a_topic_that_is_gone_is_told_once_and_nothing_is_lost(threads: Desk) -> None:
    await threads.take(in_topic(threads, "one"))
    root = threads.remote(B, "thread Pumps")
    net(threads).gone.add("5")
    await threads.take(*(in_thread(threads, words, root) for words in ("x", "y", "z")))
    shown = [text for text in threads.texts(A) if "Li:" in text]
    assert shown == ["[🧵 Pumps] Li: x", "[🧵 Pumps] Li: y", "[🧵 Pumps] Li: z"]
    for room in (A, B, C):
        assert len([text for text in threads.texts(room) if "closed or deleted" in text]) == 1
    net(threads).gone.clear()
    await threads.take(named(threads, closed=False))
    await threads.take(in_thread(threads, "again", root))
    assert net(threads).went(A)[-1] == ("Li: again", "5", None, None)


async def test_an_answer_in_a_topic_that_is_gone_does_not_go_there_after_all(
    threads: Desk,
) -> None:
    """An answer to one of its messages would."""
    said = in_topic(threads, "one")
    await threads.take(said)
    net(threads).gone.add("5")
    copy = threads.remote(B, "Li: one")
    answer = threads.said(B, "back", reply_to=copy)
    await threads.take(replace(answer, thread=threads.remote(B, "thread Pumps")))
    assert net(threads).went(A)[-1][:3] == ("Li: back", None, None)


async def test_a_new_name_is_written_over_the_old_one(threads: Desk) -> None:
    await threads.take(in_topic(threads, "one"))
    await threads.take(named(threads, "Boats"))
    assert threads.texts(B)[0] == "thread Boats"
    await threads.take(in_topic(threads, "two", topic="Boats"))
    assert threads.texts(B).count("thread Boats") == 1


async def test_a_topic_that_is_a_room_of_its_own_is_no_thread(threads: Desk) -> None:
    """Linked by itself, or configured, though its group is linked as a whole."""
    await threads.bridged("own", {TOPIC: "en", "loopback:d": "en"})
    await threads.take(in_topic(threads, "one"))
    assert net(threads).went("loopback:d") == [("Li: one", None, None, None)]
    assert net(threads).went(B) == []
    threads.dispatcher = replace(threads.dispatcher, topics=frozenset({f"{A}/6"}))
    await threads.take(in_topic(threads, "two", f"{A}/6"))
    assert net(threads).went(B) == []


async def test_a_command_in_a_topic_is_answered_there(threads: Desk) -> None:
    await threads.take(in_topic(threads, "/trial yes"))
    ((words, thread, _reply, _mark),) = net(threads).went(A)
    assert "counted" in words
    assert thread == "5"


async def test_an_edit_that_needs_more_messages_puts_them_into_the_thread(threads: Desk) -> None:
    said = in_topic(threads, "one")
    await threads.take(said)
    await threads.take(replace(threads.edited(TOPIC, said.remote, "one//\ntwo"), topic="Pumps"))
    assert net(threads).went(B)[-1][:2] == ("two", threads.remote(B, "thread Pumps"))


async def test_a_stop_between_the_root_and_the_words_changes_nothing(threads: Desk) -> None:
    """The root is there and not noted, the words wait: after a crash each stands once."""
    stuck = asyncio.Event()

    async def passes() -> None:
        """The root goes through."""

    async def hangs() -> None:
        await stuck.wait()

    net(threads).faults[B] = deque([passes, hangs])
    await threads.dispatcher.take("loopback", Batch((in_topic(threads, "one"),), cursor="1"))
    threads.world.start()
    await threads.world.watch.until(lambda: len(net(threads).went(B)) == 2, lambda: None)
    await threads.world.crash()
    threads.restart()
    await threads.delivered()
    root = threads.remote(B, "thread Pumps")
    assert threads.texts(B) == ["thread Pumps", "Li: one"]
    assert net(threads).went(B)[-1] == ("Li: one", root, None, None)
    await threads.take(in_thread(threads, "back", root))
    assert net(threads).went(A)[-1] == ("Li: back", "5", None, None)


async def test_lines_of_one_thread_are_joined_and_of_two_are_not() -> None:
    """As one message they would stand in one place."""
    now = datetime(2026, 7, 18, tzinfo=UTC)

    def row(number: int, thread: int | None) -> OutboxRow:
        payload = {"text": str(number)} | ({} if thread is None else {"thread": thread})
        return OutboxRow(
            id=number, room=A, priority=3, action="send", payload=payload, txn=str(number),
            origin_room=B, made_at=now,
        )  # fmt: skip

    def join(payloads: object) -> Payload | None:
        assert isinstance(payloads, list)
        assert all(set(each) == {"text"} for each in payloads)
        return {"text": "all"}

    rows = [row(1, 7), row(2, 7), row(3, 8), row(4, None)]
    assert [each.id for each in gathered(rows, join, now, frozenset())] == [1, 2]
    assert [each.id for each in gathered(rows[2:], join, now, frozenset())] == [3]
