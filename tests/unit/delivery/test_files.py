"""A file that cannot be had holds up its rooms once, and not for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.delivery import files
from bot.delivery.files import Files
from bot.delivery.retry import Again, GiveUp, backoff, decide
from bot.transports.base import (
    AnswerLost,
    Media,
    MediaUnavailable,
    Rejected,
    RoomGone,
    SendFault,
    TargetGone,
    Unreachable,
)
from tests.unit.delivery.loopback import Loopback


@dataclass
class Net(Loopback):
    """A network whose files raise what is set, and which counts who asks."""

    met: dict[str, SendFault] = field(default_factory=dict)
    hangs: bool = False
    asked_for: list[str] = field(default_factory=list)

    async def open_media(self, media: Media) -> AsyncIterator[bytes]:
        name = dict(media.ref)["url"]
        self.asked_for.append(name)
        if self.hangs:
            await asyncio.Event().wait()
        if name in self.met:
            raise self.met[name]
        yield b"one"
        yield b"two"


class Clock:
    """Seconds that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def lying(name: str, host: str = "a.test") -> Media:
    """A file of the network."""
    return Media("loopback", "document", name, "text/plain", (("url", f"mxc://{host}/{name}"),))


async def fetched(held: Files, media: Media) -> bytes:
    """All of it."""
    return b"".join([chunk async for chunk in held.open(media)])


async def fault_of(held: Files, media: Media) -> MediaUnavailable:
    """Why it cannot be had."""
    with pytest.raises(MediaUnavailable) as caught:
        await fetched(held, media)
    return caught.value


@pytest.mark.parametrize("fault", [Rejected("404"), TargetGone("404"), RoomGone("403")])
async def test_a_file_that_is_refused_is_given_up_at_once_and_asked_for_once(
    fault: SendFault,
) -> None:
    """Each room is told; none waits."""
    net, clock = Net(), Clock()
    held = Files({"loopback": net}, clock)
    net.met["mxc://a.test/x"] = fault
    for _room in range(3):
        found = await fault_of(held, lying("x"))
        assert found.forever
        assert decide(found, "send", 1, others_pass=False, tried_for=timedelta()) == GiveUp()
    assert net.asked_for == ["mxc://a.test/x"]
    assert await fetched(held, lying("y")) == b"onetwo"
    net.met.clear()
    clock.now += files.GONE_SECONDS
    assert await fetched(held, lying("x")) == b"onetwo"


async def tried_for(held: Files, clock: Clock, media: Media) -> float:
    """How long a lane tries the file, with the waits of the table, until it is given up."""
    begun, tries = clock.now, 0
    while True:
        tries += 1
        decision = decide(
            await fault_of(held, media),
            "send",
            tries,
            others_pass=True,
            tried_for=timedelta(seconds=clock.now - begun),
        )
        if not isinstance(decision, Again):
            return clock.now - begun
        clock.now += backoff(tries).total_seconds()


@pytest.mark.parametrize("fault", [AnswerLost("502"), Unreachable("refused")])
async def test_a_file_that_may_come_is_tried_for_seconds_in_all_rooms_together(
    fault: SendFault,
) -> None:
    """And several of one server, in several rooms, do not add up."""
    net, clock = Net(), Clock()
    held = Files({"loopback": net}, clock)
    net.met = {f"mxc://a.test/x{n}": fault for n in range(20)}
    assert 3 < await tried_for(held, clock, lying("x0")) < 10
    assert await tried_for(held, clock, lying("x0")) == 0
    assert sum([await tried_for(held, clock, lying(f"x{n}")) for n in range(1, 20)]) == 0
    assert await fetched(held, lying("well", "b.test")) == b"onetwo"
    net.met.clear()
    clock.now += files.AILING_SECONDS
    assert await fetched(held, lying("x0")) == b"onetwo"


async def test_files_of_a_server_that_hangs_do_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LEAST_SECONDS", 0.01)
    net, clock = Net(hangs=True), Clock()
    held = Files({"loopback": net}, clock)
    held._ailing["loopback/a.test"] = files._Ailing(clock.now + 5, left=0.0)
    async with asyncio.timeout(2):
        for number in range(5):
            assert (await fault_of(held, lying(f"x{number}"))).spent
    net.hangs = False
    assert await fetched(held, lying("well")) == b"onetwo"
    assert not held._ailing


async def test_a_file_that_fails_once_is_sent() -> None:
    net, clock = Net(), Clock()
    held = Files({"loopback": net}, clock)
    net.met["mxc://a.test/x"] = AnswerLost("502")
    found = await fault_of(held, lying("x"))
    assert decide(found, "send", 1, others_pass=True, tried_for=timedelta()) == Again(backoff(1))
    net.met.clear()
    assert await fetched(held, lying("x")) == b"onetwo"
    net.met["mxc://a.test/x"] = AnswerLost("502")
    clock.now += 60
    assert not (await fault_of(held, lying("x"))).spent
