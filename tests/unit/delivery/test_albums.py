"""Albums in a lane: one call, as many messages as files, through quotas, refusals and crashes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.delivery.albums import GATHERED
from bot.delivery.priority import Priority
from bot.delivery.quota import Quota, Sliding, Window
from bot.richtext import from_plain
from bot.stored import dump
from bot.transports.base import (
    AnswerLost,
    AskKnown,
    Content,
    Limits,
    Media,
    Payload,
    RateLimited,
    Rejected,
    Sending,
)
from tests.unit.delivery.loopback import Loopback
from tests.unit.delivery.world import START, World, opened

A, ORIGIN = "loopback:a", "loopback:origin"


@dataclass
class Albumed(Loopback):
    """Texts of one letter can be albums of three."""

    idempotent: bool = False
    albums: list[tuple[str, ...]] = field(default_factory=list)
    found_album: tuple[str, ...] | bool = True

    def album(self, payloads: Sequence[Payload]) -> int:
        return min(3, len(payloads))

    async def send_album(self, sendings: Sequence[Sending]) -> tuple[str, ...]:
        self.albums.append(tuple(str(each.payload["text"]) for each in sendings))
        assert all(each.payload.keys() == {"text"} for each in sendings)
        await self._call("album", sendings[0])
        return tuple(self._show(each) for each in sendings)

    async def find_album(
        self, sendings: Sequence[Sending], known: AskKnown
    ) -> tuple[str, ...] | bool:
        self.asked.append((str(sendings[0].payload["text"]), (await known()).remotes))
        if self.found_album is True:
            return True
        return tuple(self.remotes[each.txn] for each in sendings if each.txn in self.remotes)


@pytest.fixture
async def world(ready_sqlite_url: str) -> AsyncIterator[World]:
    async with opened(ready_sqlite_url, Albumed) as made:
        await made.rooms(A, ORIGIN)
        yield made


def net(world: World) -> Albumed:
    """The network."""
    assert isinstance(world.net, Albumed)
    return world.net


async def written(world: World, *texts: str, album: str | None = "g") -> list[int]:
    """Somebody's files in one album, queued for A; the messages' ids."""
    made = []
    async with world.store.write() as uow:
        for text in texts:
            message_id = await world.message(uow, ORIGIN, text)
            payload: Payload = {"text": text} if album is None else {"text": text, "album": album}
            await uow.messages.place(message_id, A)
            await world.post.order(
                uow, A, "send", payload, message_id, priority=Priority.TALK, origin_room=ORIGIN
            )
            made.append(message_id)
    return made


async def places(world: World, ids: list[int]) -> list[str | None]:
    """What each message is in A."""
    async with world.store.read() as uow:
        return [await uow.messages.remote(each, A) for each in ids]


async def test_neighbours_of_one_album_are_one_call_and_messages_each(world: World) -> None:
    """More than fit make another; those of another album, or of none, stand apart."""
    ids = [*await written(world, "a", "b", "c", "d", "e"), *await written(world, "f", album="h")]
    ids += await written(world, "g", album=None)
    world.start()
    await world.idle()
    assert net(world).albums == [("a", "b", "c"), ("d", "e")]
    assert net(world).texts(A) == list("abcdefg")
    assert await places(world, ids) == [str(number) for number in range(1, 8)]
    async with world.store.read() as uow:
        copies = await uow.messages.copies(ids[1], A)
    assert [(each.slot, each.line) for each in copies] == [(0, None)]


async def relayed(world: World, text: str, *, files: int = 1, album: str | None = "g") -> None:
    """Somebody's files are handed over."""
    picture = Media("loopback", "photo", "a.jpg", "image/jpeg", (("id", "a"),), 1)
    content = Content(from_plain(text), (picture,) * files, album=album)
    async with world.store.write() as uow:
        message = await uow.messages.get(await world.message(uow, ORIGIN, text))
        assert message is not None
        message.content = dump(content)
        await world.post.relay(uow, message, [A])


async def test_files_of_an_album_that_are_handed_over_by_and_by_are_one_call(world: World) -> None:
    """The first waits for them, also through a crash, and what was said next waits behind it."""
    await relayed(world, "a")
    world.start()
    await relayed(world, "b")
    assert {row.not_before for row in await world.rows(A)} == {START + GATHERED}
    await world.crash()
    world.start()
    world.moment += GATHERED * 0.9
    await relayed(world, "c")
    await relayed(world, "x", album=None)
    world.moment += GATHERED * 0.1
    world.delivery.wake([A])
    await world.idle(time_passes=False)
    assert net(world).albums == [("Li: a", "Li: b", "Li: c")]
    assert net(world).texts(A) == ["Li: a", "Li: b", "Li: c", "Li: x"]


async def test_what_comes_after_its_album_has_gone_is_not_lost(world: World) -> None:
    await relayed(world, "a")
    await relayed(world, "b")
    world.moment += GATHERED
    world.start()
    await world.idle(time_passes=False)
    await relayed(world, "c")
    world.moment += GATHERED
    world.delivery.wake([A])
    await world.idle(time_passes=False)
    assert net(world).albums == [("Li: a", "Li: b")]
    assert net(world).texts(A) == ["Li: a", "Li: b", "Li: c"]


async def test_a_clock_that_is_set_back_holds_up_no_album(world: World) -> None:
    """Nor what was said after it."""
    await relayed(world, "a")
    await relayed(world, "b")
    await relayed(world, "x", album=None)
    world.moment -= timedelta(hours=1)
    world.start()
    async with asyncio.timeout(5):
        await world.until(lambda: len(net(world).texts(A)) == 3, time_passes=False)
    assert net(world).texts(A) == ["Li: a", "Li: b", "Li: x"]


async def test_an_album_that_is_whole_waits_for_nothing(world: World) -> None:
    """The files of one message."""
    await relayed(world, "a", files=2, album=None)
    assert [row.not_before for row in await world.rows(A)] == [None]


async def test_an_album_with_something_in_between_is_two(world: World) -> None:
    """Order goes first."""
    await written(world, "a", "b")
    await written(world, "x", album=None)
    await written(world, "c")
    world.start()
    await world.idle()
    assert net(world).texts(A) == ["a", "b", "x", "c"]
    assert net(world).albums == [("a", "b")]


async def test_a_refused_album_goes_file_by_file(world: World) -> None:
    """In the same order; a file that is refused alone is the only one to be given up."""
    net(world).faults[A] = deque([Rejected("no")])
    await written(world, "a", "b", "c")
    world.start()
    await world.idle()
    assert net(world).texts(A) == ["a", "b", "c"]
    assert await world.states(A) == ["sent"] * 3


async def test_an_album_that_must_wait_stays_one(world: World) -> None:
    net(world).faults[A] = deque([RateLimited(timedelta(seconds=9))])
    await written(world, "a", "b")
    world.start()
    await world.idle()
    assert net(world).albums == [("a", "b")] * 2
    assert net(world).texts(A) == ["a", "b"]


async def test_an_album_that_arrived_unanswered_is_mapped_and_not_repeated(world: World) -> None:
    """The lost answer is looked for, for all files."""
    remotes: list[str] = []

    async def lost() -> None:
        rows = await world.rows(A)
        sent = [Sending(A, {"text": str(r.payload["text"])}, r.txn) for r in rows]
        remotes.extend(net(world)._show(each) for each in sent)
        raise AnswerLost("cut")

    net(world).faults[A] = deque([lost])
    net(world).found_album = False
    ids = await written(world, "a", "b", "c")
    world.start()
    await world.idle()
    assert net(world).texts(A) == ["a", "b", "c"]
    assert await places(world, ids) == remotes


async def test_an_album_of_which_nothing_can_be_told_is_repeated_with_a_mark(
    world: World,
) -> None:
    """On its first file."""
    net(world).faults[A] = deque([AnswerLost("cut")])
    await written(world, "a", "b")
    world.start()
    await world.idle()
    assert net(world).albums == [("a", "b")] * 2
    first, second = net(world).texts(A)
    assert "Possibly repeated" in first
    assert second == "b"


async def test_after_a_crash_the_album_is_the_same_album(world: World) -> None:
    """What was stored as tried is looked for, not sent anew as other albums."""
    stuck = asyncio.Event()

    async def hangs() -> None:
        await stuck.wait()

    net(world).faults[A] = deque([hangs])
    await written(world, "a", "b")
    world.start()
    await world.watch.until(lambda: len(net(world).albums) == 1, lambda: None)
    await world.crash()
    await written(world, "c")
    world.start()
    await world.idle()
    assert net(world).asked[0][0] == "a"
    assert net(world).albums == [("a", "b")] * 2
    assert [text[-1] for text in net(world).texts(A)] == ["a", "b", "c"]


def test_an_album_counts_as_many_messages_as_it_has() -> None:
    """At once where a window is wide enough, else one after the other."""
    quota = Quota([Sliding(Window(1, 1.0)), Sliding(Window(20, 60.0))])
    quota.take(100.0)
    assert quota.wait_more(100.0, 9) == 0.0
    quota.take_more(100.0, 9)
    assert quota.wait(100.0) == 10.0
    assert quota.wait_more(111.0, 10) == 0.0
    quota.take(111.0)
    assert quota.wait_more(111.0, 10) == 49.0
    quota.take_more(111.0, 9)
    assert quota.wait(121.0) == 39.0


async def test_an_album_that_the_quota_does_not_let_go_whole_is_parted(world: World) -> None:
    """Nobody waits for most of a minute for pictures to be together."""
    net(world).limits = Limits(group=((4, 60.0),))
    await written(world, "x", "y", album=None)
    await written(world, "a", "b", "c")
    world.start()
    await world.watch.until(lambda: len(net(world).texts(A)) >= 4, lambda: None)
    assert net(world).albums == [("a", "b")]
