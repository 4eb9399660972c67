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
    Rejected,
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
    kept: set[str] = field(default_factory=set)
    """Rooms in which nothing can be deleted."""

    def main(self, room: str) -> str | None:
        whole, slash, _topic = room.partition("/")
        return whole if slash else None

    async def send(self, sending: Sending) -> str:
        if sending.room in self.gone:
            await self._call("send", sending)
            raise ThreadGone("TOPIC_CLOSED")
        return await super().send(sending)

    async def edit(self, sending: Sending) -> None:
        at = self._at(sending)
        if at.room in self.gone:
            await self._call("edit", sending)
            raise ThreadGone("TOPIC_CLOSED")
        await super().edit(at)

    async def delete(self, sending: Sending) -> None:
        at = self._at(sending)
        if at.room in self.kept:
            await self._call("delete", sending)
            raise ThreadGone("TOPIC_CLOSED")
        await super().delete(at)

    def _show(self, sending: Sending) -> str:
        """No id is given twice, whatever was deleted."""
        if sending.txn not in self.remotes:
            super()._show(sending)
            shown, remote = self.shown[sending.room], f"m{len(self.calls)}"
            shown[-1] = (remote, shown[-1][1])
            self.remotes[sending.txn] = remote
        return self.remotes[sending.txn]

    def _at(self, sending: Sending) -> Sending:
        """The topics of a group share their ids: the call, in the one where its target stands."""
        found = (room for room, shown in self.shown.items() if sending.target in dict(shown))
        return replace(sending, room=next(found, sending.room))


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


async def test_a_correction_that_a_closed_topic_refuses_is_said_in_the_general_one(
    desk: Desk,
) -> None:
    """All are told that the topic is closed, the wrong words are taken away, the order is kept;
    a further correction changes what stands in the general topic."""
    said = await desk.say(B, "go north")
    net(desk).gone.add(TOPIC)
    await desk.take(desk.edited(B, said.remote, "go south"))
    await desk.say(B, "three")
    notice, *lines = desk.texts(A)
    assert "closed or deleted" in notice
    assert lines == ["[🧵 Pumps] Li: go south", "[🧵 Pumps] Li: three"]
    assert desk.texts(TOPIC) == []
    assert len([text for text in desk.texts(B) if "Pumps" in text]) == 1
    await desk.take(desk.edited(B, said.remote, "go west"))
    assert desk.texts(A)[1:] == ["Li: go west", "[🧵 Pumps] Li: three"]
    assert {row.state for row in await desk.rows()} == {"sent"}


async def test_a_second_correction_in_a_topic_known_to_be_closed_arrives_as_well(
    desk: Desk,
) -> None:
    """That the topic is closed is told once; where wrong words cannot be deleted, that is told."""
    first, second = await desk.say(B, "one"), await desk.say(B, "two")
    net(desk).gone.add(TOPIC)
    net(desk).kept.add(TOPIC)
    await desk.take(desk.edited(B, first.remote, "1"), desk.edited(B, second.remote, "2"))
    assert desk.texts(A)[1:3] == ["[🧵 Pumps] Li: 1", "[🧵 Pumps] Li: 2"]
    assert desk.texts(TOPIC) == ["Li: one", "Li: two"]
    about = [text for text in desk.texts(B) if "Pumps" in text]
    assert len([text for text in about if text.startswith("⚠")]) == 3
    assert {(row.action, row.state) for row in await desk.rows() if row.state != "sent"} == {
        ("delete", "dead")
    }


async def test_what_is_taken_back_while_its_correction_is_refused_is_not_said_anew(
    desk: Desk,
) -> None:
    said = await desk.say(B, "one")
    network = net(desk)
    network.gone.add(TOPIC)

    async def taken_back() -> None:
        async with desk.world.store.write() as uow:
            message = await uow.messages.find(B, said.remote or "")
            assert message is not None
            await desk.world.post.erase_copies(uow, message, origin=False)

    network.faults[TOPIC] = deque([taken_back])
    await desk.take(desk.edited(B, said.remote, "two"))
    assert desk.texts(TOPIC) == []
    assert [call.action for call in network.calls if call.text == "Li: two"] == ["edit"]


async def test_a_correction_that_a_room_refuses_is_told_of_where_it_was_written(
    desk: Desk,
) -> None:
    """Once for a message; a newer correction takes the place of the one that was refused."""
    await desk.bridge("north", b="en", c="en")
    said = await desk.say(B, "one")
    for words in ("two", "three"):
        net(desk).faults[C] = deque([Rejected("no")])
        await desk.take(desk.edited(B, said.remote, words))
    told = [text for text in desk.texts(B) if "correction" in text or "更正" in text]
    assert len(told) == 1
    assert "/retry send" in told[0] or "/重发" in told[0]
    assert [row.payload["text"] for row in await desk.rows() if row.state == "dead"] == [
        "Li: three"
    ]
    async with desk.world.store.write() as uow:
        dead = await uow.outbox.dead()
        await uow.outbox.revive([row.id for row in dead if row.id is not None])
        await desk.world.post.wake(uow, (C,))
    await desk.world.idle()
    assert desk.texts(C)[-1] == "Li: three"


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
