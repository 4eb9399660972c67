"""A file that somebody posted is fetched after the commit and handed to a family's timer, once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.fetching import AGAIN, ENOUGH, TRIES, Fetching
from bot.richtext import Html
from bot.transports.base import Content, Media, Rejected, Said, Unreachable
from bot.transports.web.files import FileStore
from handlers.posted import FETCH, Fetched, Wanted, fetch, given
from storage import UnitOfWork
from storage.tables import Timer
from tests.integration.dispatch.desk import A, Desk
from workflows.text import Msg

TABLE = "物资,数量\n帐篷,3\n".encode("gb18030")


@dataclass
class Post:
    """A desk with a file in room A, and a family that waits for it."""

    desk: Desk
    files: FileStore
    handed: list[dict[str, Any]] = field(default_factory=list)
    fetching: Fetching = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """The process is another one; what was under way is lost."""
        world = self.desk.world
        self.fetching = Fetching(
            world.store, {"loopback": world.net}, self.files, lambda: world.moment
        )

        async def then(uow: UnitOfWork, timer: Timer) -> None:
            self.handed.append(timer.data)

        self.clock = Clock(
            world.store, {FETCH: self.fetching.ring, "then": then}, lambda: world.moment
        )

    async def posted(self, content: bytes, *, size: int | None = None) -> int:
        """Somebody posts a file; the message's id."""
        self.desk.world.net.files["f1"] = content
        media = Media("loopback", "document", "库存.csv", "text/csv", (("id", "f1"),), size)
        said = self.desk.event(A, Said(Content(html=Html(""), media=(media,))), remote="f1")
        await self.desk.take(said)
        async with self.desk.world.store.read() as uow:
            place = await uow.messages.find(A, "f1")
        assert place is not None
        assert place.id is not None
        return place.id

    async def ask(self, message_id: int, **more: Any) -> None:
        """The family wants it."""
        async with self.desk.world.store.write() as uow:
            wanted = Wanted(message_id, then="then", subject="1", data={"kept": "yes"}, **more)
            await fetch(uow, wanted, self.desk.world.moment)

    async def ring(self, after: timedelta = timedelta(0)) -> None:
        """Time passes, what is due rings, and what is under way ends."""
        self.desk.world.moment += after
        await self.clock.ring()
        await asyncio.gather(*self.fetching.under_way.values())
        await self.clock.ring()

    async def content(self, sha256: str) -> bytes:
        """What lies in the file store."""
        return b"".join([chunk async for chunk in self.files.read(sha256)])


@pytest.fixture
async def post(each_desk: Desk, tmp_path: Path) -> AsyncIterator[Post]:
    """A desk with a file store."""
    made = Post(each_desk, FileStore(tmp_path / "media"))
    yield made
    await made.fetching.aclose()


async def test_a_file_is_handed_over_with_its_hash_once(post: Post) -> None:
    message_id = await post.posted(TABLE)
    await post.ask(message_id)
    await post.ask(message_id)
    await post.ring()
    await post.ring(AGAIN)
    (handed,) = post.handed
    got = given(handed)
    assert isinstance(got, Fetched)
    assert (got.name, got.size, handed["kept"]) == ("库存.csv", len(TABLE), "yes")
    assert await post.content(got.sha256) == TABLE


async def test_what_a_reader_makes_of_it_is_kept_too(post: Post) -> None:
    await post.ask(await post.posted(TABLE), reader="sheet")
    await post.ring()
    got = given(post.handed[0])
    assert isinstance(got, Fetched)
    assert got.made is not None
    assert '"帐篷"'.encode() in await post.content(got.made)


async def test_a_crash_and_an_outage_only_delay_it(post: Post) -> None:
    await post.ask(await post.posted(TABLE))
    await post.clock.ring()
    await post.fetching.aclose()
    post.restart()
    post.desk.world.net.away = Unreachable("down")
    await post.ring(AGAIN)
    assert not post.handed
    post.desk.world.net.away = None
    await post.ring(AGAIN)
    assert isinstance(given(post.handed[0]), Fetched)


async def test_what_cannot_be_had_is_told_with_the_reason(post: Post) -> None:
    message_id = await post.posted(TABLE)
    for fault, text in (
        (Rejected("gone"), "cannot be fetched"),
        (None, "too big"),
    ):
        post.desk.world.net.away = fault
        await post.ask(message_id, limit=5)
        await post.ring()
        why = given(post.handed.pop())
        assert isinstance(why, Msg)
        assert text in why.id
    post.desk.world.net.away = Unreachable("down")
    await post.ask(message_id)
    await post.ring()
    assert not post.handed
    await post.ring(ENOUGH)
    assert isinstance(given(post.handed[0]), Msg)


async def test_an_unreadable_table_is_told_as_such(post: Post) -> None:
    await post.ask(await post.posted(b"\xd0\xcf\x11\xe0"), reader="sheet")
    await post.ring()
    why = given(post.handed[0])
    assert isinstance(why, Msg)
    assert "old or protected" in why.id


async def test_a_file_that_ends_the_process_each_time_is_given_up_and_told(post: Post) -> None:
    end = threading.Event()

    def hangs(_content: bytes) -> dict[str, Any]:
        end.wait(20)
        return {}

    await post.ask(await post.posted(TABLE), reader="sheet")
    for _time in range(TRIES):
        post.fetching.readers = {"sheet": hangs}
        await post.clock.ring()
        assert post.fetching.under_way
        await post.fetching.aclose()
        post.restart()
        post.desk.world.moment += AGAIN
    end.set()
    await post.ring()
    (handed,) = post.handed
    why = given(handed)
    assert isinstance(why, Msg)
    assert "cannot be read" in why.id
    assert handed["kept"] == "yes"
    await post.ring(AGAIN)
    assert len(post.handed) == 1


async def test_a_reader_that_fails_is_given_up_and_told(post: Post) -> None:
    tries: list[bytes] = []

    def fails(content: bytes) -> dict[str, Any]:
        tries.append(content)
        raise MemoryError

    post.fetching.readers = {"sheet": fails}
    await post.ask(await post.posted(TABLE), reader="sheet")
    for _time in range(TRIES + 3):
        await post.ring(AGAIN)
    assert len(tries) == TRIES
    assert [type(given(each)) for each in post.handed] == [Msg]


async def test_a_reader_that_does_not_end_gets_one_thread_and_is_told(post: Post) -> None:
    begun, end = [], threading.Event()

    def hangs(content: bytes) -> dict[str, Any]:
        begun.append(content)
        end.wait(20)
        return {}

    post.fetching.readers = {"sheet": hangs}
    post.fetching.reading = timedelta(milliseconds=20)
    await post.ask(await post.posted(TABLE), reader="sheet")
    try:
        await post.ring()
        await post.ring(AGAIN)
    finally:
        end.set()
    assert len(begun) == 1
    assert [type(given(each)) for each in post.handed] == [Msg]


async def test_an_outage_is_waited_out_however_often_it_is_tried(post: Post) -> None:
    await post.ask(await post.posted(TABLE))
    post.desk.world.net.away = Unreachable("down")
    for _time in range(TRIES * 3):
        await post.ring(AGAIN)
    assert not post.handed
    post.desk.world.net.away = None
    await post.ring(AGAIN)
    assert isinstance(given(post.handed[0]), Fetched)


async def test_a_message_that_was_taken_back_has_no_file(post: Post) -> None:
    message_id = await post.posted(TABLE)
    await post.desk.take(post.desk.deleted(A, "f1"))
    await post.ask(message_id)
    await post.ring()
    assert isinstance(given(post.handed[0]), Msg)
