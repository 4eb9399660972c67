"""Messages for many rooms set out together, and nobody waits for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.transports.matrix.waves import FEW, LONGEST_SECONDS, PART, SHARE, Waves

MANY = 40


class Timer:
    """One that rings when the test says so."""

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self.seconds = seconds
        self.ring = ring
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Sea:
    """Calls that end when they are told to, on a clock that stands."""

    def __init__(self, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.timers: list[Timer] = []
        self.under_way: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []
        self._waves = Waves()
        monkeypatch.setattr(loop, "time", lambda: self.now)
        monkeypatch.setattr(loop, "call_later", self._later)

    def _later(self, seconds: float, ring: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, ring))
        return self.timers[-1]

    @property
    def timer(self) -> Timer | None:
        """The one that is still to ring."""
        return next((timer for timer in self.timers if not timer.cancelled), None)

    async def start(self, count: int) -> None:
        self.tasks += [asyncio.create_task(self._call()) for _ in range(count)]
        await calm()

    async def end(self, count: int = 1, *, after: float = 0.0) -> None:
        self.now += after
        for _ in range(count):
            self.under_way.pop(0).set()
        await calm()

    async def fill(self, lasts: float = 0.2) -> None:
        """MANY under way, after as many that took `lasts` seconds each."""
        for _ in range(MANY):
            await self.start(1)
            await self.end(after=lasts)
        await self.start(MANY)
        if (timer := self.timer) is not None:
            timer.ring()
        await calm()
        assert len(self.under_way) == MANY
        self.timers.clear()

    async def _call(self) -> None:
        async with self._waves.turn():
            done = asyncio.Event()
            self.under_way.append(done)
            await done.wait()


async def calm() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


@pytest.fixture
async def sea(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sea]:
    with monkeypatch.context() as patched:
        sea = Sea(asyncio.get_running_loop(), patched)
        yield sea
        for task in sea.tasks:
            task.cancel()
        await asyncio.gather(*sea.tasks, return_exceptions=True)


async def test_few_are_never_held_back(sea: Sea) -> None:
    await sea.start(FEW)
    assert len(sea.under_way) == FEW
    await sea.end()
    await sea.start(1)
    assert len(sea.under_way) == FEW


async def test_what_is_to_go_to_many_rooms_sets_out_within_one_wait(sea: Sea) -> None:
    """An alert, say."""
    await sea.fill()
    await sea.start(100 * MANY)
    if (timer := sea.timer) is not None:
        timer.ring()
    await calm()
    assert len(sea.under_way) == 101 * MANY


async def test_those_that_come_back_one_by_one_set_out_together(sea: Sea) -> None:
    await sea.fill()
    most = MANY * SHARE // (SHARE + 1)
    for back in range(1, most):
        await sea.end()
        await sea.start(1)
        assert len(sea.under_way) == MANY - back
    await sea.end()
    await sea.start(1)
    assert len(sea.under_way) == MANY


async def test_once_few_are_left_under_way_the_others_go(sea: Sea) -> None:
    await sea.fill()
    await sea.end(MANY - FEW)
    await sea.start(1)
    assert len(sea.under_way) == FEW
    await sea.end()
    assert len(sea.under_way) == FEW


@pytest.mark.parametrize("lasts", [0.02, 0.2, 5.0])
async def test_it_waits_for_a_part_of_what_an_answer_takes_and_never_for_long(
    sea: Sea, lasts: float
) -> None:
    await sea.fill(lasts)
    await sea.end()
    await sea.start(1)
    assert len(sea.under_way) == MANY - 1
    assert sea.timer is not None
    assert 0 < sea.timer.seconds <= min(PART * lasts, LONGEST_SECONDS)
    sea.timer.ring()
    await calm()
    assert len(sea.under_way) == MANY


async def test_a_room_that_never_answers_holds_nobody_back(sea: Sea) -> None:
    """Its calls stay under way; the others go when their time is up."""
    await sea.fill()
    for _ in range(3):
        await sea.end(2)
        await sea.start(2)
        assert sea.timer is not None
        sea.timer.ring()
        await calm()
        assert len(sea.under_way) == MANY


async def test_one_that_is_given_up_while_it_waits_takes_nobody_with_it(sea: Sea) -> None:
    await sea.fill()
    await sea.end(2)
    await sea.start(2)
    sea.tasks[-1].cancel()
    await calm()
    assert sea.timer is not None
    sea.timer.ring()
    await calm()
    assert len(sea.under_way) == MANY - 1
    await sea.end(MANY - 1)
    await sea.start(FEW)
    assert len(sea.under_way) == FEW
