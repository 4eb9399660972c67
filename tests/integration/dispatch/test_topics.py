"""Topics that are rooms of their own, and rooms that cannot be written in: who is told of it."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from bot.administrators import Administrators
from bot.announcing import Announcing
from bot.delivery.retry import GONE_PATIENCE
from bot.topics import TRIED_AGAIN
from bot.transports.base import (
    Entered,
    HasTopics,
    Inbound,
    Lost,
    Moved,
    RoomGone,
    Sending,
    ThreadGone,
    TopicTold,
)
from tests.integration.dispatch.desk import ADMIN, A, B, C, Desk
from tests.unit.delivery.loopback import Loopback
from tests.unit.delivery.world import opened
from workflows.text import Msg

TOPIC = f"{A}/5"
DUTY = "loopback:duty"
"""Where the administrator writes to the bot alone."""


@dataclass
class Forum(Loopback):
    """A network with topics, of which `gone` ones take nothing."""

    gone: set[str] = field(default_factory=set)

    def main(self, room: str) -> str | None:
        whole, slash, _topic = room.partition("/")
        return whole if slash else None

    async def send(self, sending: Sending) -> str:
        if sending.room in self.gone:
            await self._call("send", sending)
            raise ThreadGone("TOPIC_CLOSED")
        return await super().send(sending)


@pytest.fixture
async def desk(ready_sqlite_url: str) -> AsyncIterator[Desk]:
    """A topic of A's is bridged with B by itself; an administrator is known."""
    async with opened(ready_sqlite_url, Forum) as world:
        made = Desk(world)
        admins = Administrators((ADMIN, "loopback:unheard"))
        made.dispatcher = replace(made.dispatcher, admins=admins)
        means = vars(world.delivery)["_means"]
        announcing = Announcing(world.post, admins)
        vars(world.delivery)["_means"] = replace(means, announcer=announcing)
        await made.bridged("own", {TOPIC: "en", B: "zh"})
        hello = replace(made.said(DUTY, "/help", by="admin"), private=True)
        await made.take(hello, replace(told(made, "Pumps"), title="Flood / Pumps"))
        world.net.shown.clear()
        yield made


def net(desk: Desk) -> Forum:
    """The network."""
    assert isinstance(desk.world.net, Forum)
    assert isinstance(desk.world.net, HasTopics)
    return desk.world.net


def told(desk: Desk, title: str = "", closed: bool | None = None) -> Inbound:
    """The network tells of the topic."""
    return replace(desk.event(TOPIC, TopicTold(title, closed)), sender=None, title="")


async def test_a_topic_of_its_own_that_is_gone_goes_on_in_the_general_one_and_all_are_told(
    desk: Desk,
) -> None:
    """Nothing is given up, the order is kept, and the notice stands first."""
    net(desk).gone.add(TOPIC)
    for words in ("one", "two", "three"):
        await desk.say(B, words)
    notice, *lines = desk.texts(A)
    assert notice.startswith("[🧵 Pumps] ⚠ The topic “Pumps” of Flood is closed or deleted.")
    assert lines == [f"[🧵 Pumps] Li: {words}" for words in ("one", "two", "three")]
    assert desk.texts(TOPIC) == []
    assert len([text for text in desk.texts(B) if "Pumps" in text]) == 1
    assert len([text for text in desk.texts(DUTY) if "Pumps" in text]) == 1
    assert {row.state for row in await desk.rows()} == {"sent"}


async def test_a_topic_that_is_open_again_takes_what_is_for_it(desk: Desk) -> None:
    """The state outlives a restart; both sides are told that it ended."""
    net(desk).gone.add(TOPIC)
    await desk.say(B, "one")
    await desk.world.stop()
    desk.world.delivery = desk.world.new_delivery()
    await desk.say(B, "two")
    assert desk.texts(A)[-1] == "[🧵 Pumps] Li: two"
    net(desk).gone.clear()
    await desk.take(told(desk, closed=False))
    await desk.say(B, "three")
    assert desk.texts(TOPIC) == ["The topic “Pumps” of Flood is open again.", "Li: three"]
    assert len(desk.texts(B)) == 2
    await desk.take(told(desk, closed=False))
    assert len(desk.texts(B)) == 2


async def test_words_in_a_topic_thought_closed_are_reason_to_try_it_again(desk: Desk) -> None:
    """That it was opened again may have been told while nobody listened; not at every word."""
    net(desk).gone.add(TOPIC)
    await desk.say(B, "one")
    net(desk).gone.clear()
    await desk.say(TOPIC, "soon")
    await desk.say(B, "two")
    assert desk.texts(TOPIC) == []
    desk.world.moment += TRIED_AGAIN
    await desk.say(TOPIC, "later")
    await desk.say(B, "three")
    assert desk.texts(TOPIC) == ["Li: three"]


async def test_where_the_general_topic_is_closed_too_words_are_dead_letters_that_are_told_of(
    desk: Desk,
) -> None:
    net(desk).gone |= {TOPIC, A}
    await desk.world.say(TOPIC, "one", origin=B)
    desk.world.start()
    await desk.world.idle()
    assert "dead" in {row.state for row in await desk.rows()}
    assert [text for text in desk.texts(B) if "/重发" in text]


async def test_an_edit_that_a_closed_topic_refuses_takes_nothing_else_along(desk: Desk) -> None:
    """It stands as it was; what is written next arrives."""
    said = await desk.say(B, "one")
    net(desk).faults[TOPIC] = deque([ThreadGone("TOPIC_CLOSED")])
    await desk.take(desk.edited(B, said.remote, "two"))
    await desk.say(B, "three")
    assert desk.texts(TOPIC) == ["Li: one", "Li: three"]
    assert [row.action for row in await desk.rows() if row.state == "dead"] == ["edit"]


async def test_administrators_and_the_other_side_learn_that_a_forum_is_lost(desk: Desk) -> None:
    """Though only a topic of it is linked; once, until the bot is back."""
    lost = Lost(Msg("the bot was removed"))
    for _time in range(2):
        await desk.take(desk.event(A, lost))
    assert len(desk.texts(B)) == len(desk.texts(DUTY)) == 1
    await desk.take(desk.event(A, Entered("Flood")), desk.event(A, lost))
    assert len(desk.texts(DUTY)) == 2


async def test_administrators_learn_of_a_room_that_takes_nothing_any_more(desk: Desk) -> None:
    """Muted, without a word from the network. Who knows already why it is lost is not told."""
    await desk.bridge("north", b="en", c="en")
    await desk.take(desk.event(A, Lost(Msg("removed"))))
    for room in (C, A):
        net(desk).faults[room] = deque(RoomGone("M_FORBIDDEN") for _try in range(GONE_PATIENCE))
        await desk.world.say(room, "x", "y", origin=B)
        await desk.world.idle()
    known, notice = desk.texts(DUTY)
    assert "is cut off" in known
    assert f"⚠ 2 messages were not delivered to {C}" in notice


async def test_a_room_that_goes_on_elsewhere_is_told_of_once(desk: Desk) -> None:
    """Networks tell of it in both rooms."""
    await desk.take(*(desk.event(B, Moved("loopback:new")) for _time in range(2)))
    assert len([text for text in desk.texts(TOPIC) if "replaced by a new room" in text]) == 1
    assert len([text for text in desk.texts(DUTY) if "replaced by a new room" in text]) == 1
