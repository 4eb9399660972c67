"""How often a network may be called: sliding windows, as its documentation states them.

Telegram: about 30 messages a second per bot, one a second in a chat, 20 a minute in a group
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

PACED_SECONDS = 30.0
"""A window of this length or longer is not used up at once by what may wait: nobody is to be cut
off for most of a minute."""

PACES = 3
"""Such a window gives that part of its calls in that part of its time."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` calls within any `seconds`."""

    count: int
    seconds: float


class Sliding:
    """The calls of the last `seconds`. Times are monotonic seconds."""

    def __init__(self, window: Window, past: Iterable[float] = ()) -> None:
        self._window = window
        self._times: deque[float] = deque(past)

    def wait(self, now: float, reserve: float = 0.0) -> float:
        """Seconds until one more call fits, with that part of the window kept free; 0.0 if it fits
        now."""
        while self._times and self._times[0] <= now - self._window.seconds:
            self._times.popleft()
        return self._wait(self._times, now, reserve)

    def wait_more(self, now: float, calls: int, reserve: float) -> float:
        """Seconds until so many calls fit at once; those that never would need not."""
        limit = self._window.count - int(self._window.count * reserve)
        free = max(1, limit - calls + 1)
        return _until(self._times, free, self._window.seconds, now) if calls < limit else 0.0

    def take_more(self, now: float, calls: int) -> None:
        """So many calls more are made now; those that do not fit count as soon as they would."""
        at = now
        for _call in range(calls):
            at += self._wait(self._times, at, 0.0)
            self._times.append(at)

    def backlog(self, now: float, calls: int, reserve: float) -> float:
        """Seconds until the last of `calls` further calls fits."""
        times, at = self._times.copy(), now
        for _call in range(calls):
            at += self._wait(times, at, reserve)
            times.append(at)
        return at - now

    def _wait(self, times: deque[float], now: float, reserve: float) -> float:
        limit = self._window.count - int(self._window.count * reserve)
        wait = _until(times, limit, self._window.seconds, now)
        if reserve > 0.0 and self._window.seconds >= PACED_SECONDS and limit >= 2 * PACES:
            wait = max(wait, _until(times, limit // PACES, self._window.seconds / PACES, now))
        return wait

    def take(self, now: float) -> None:
        """A call is made now."""
        self._times.append(now)

    def move(self, taken: float, now: float | None) -> None:
        """The call that was taken then counts from now on; with None it was not made."""
        try:
            self._times.remove(taken)
        except ValueError:
            return
        if now is not None:
            insort(self._times, now)


class Shared(Sliding):
    """The window of all rooms together, and who waits for it: what is urgent first."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._queue: list[tuple[float, int]] = []
        self._tickets = 0

    def enter(self, reserve: float) -> tuple[float, int]:
        """Wait in line; the ticket is handed back to `leave`."""
        self._tickets += 1
        insort(self._queue, ticket := (reserve, self._tickets))
        return ticket

    def leave(self, ticket: tuple[float, int]) -> None:
        """Wait no longer."""
        self._queue.remove(ticket)

    def ahead(self, ticket: tuple[float, int]) -> float:
        """Seconds that those before it in the line will need, rather too few: without it every
        room would wake for every call of any."""
        rank = bisect_left(self._queue, ticket)
        return 0.9 * rank * self._window.seconds / self._window.count


class Quota:
    """All windows that a room's calls must fit, its own and that of all rooms together."""

    def __init__(self, windows: Iterable[Sliding], shared: Shared | None = None) -> None:
        self._own = tuple(windows)
        self.shared = shared
        self._windows = (*self._own, shared) if shared is not None else self._own

    def wait(self, now: float, reserve: float = 0.0) -> float:
        """Seconds until a call fits every window."""
        return max((window.wait(now, reserve) for window in self._windows), default=0.0)

    def wait_own(self, now: float, reserve: float = 0.0) -> float:
        """Seconds until a call fits the room's own windows."""
        return max((window.wait(now, reserve) for window in self._own), default=0.0)

    def backlog(self, now: float, calls: int, reserve: float) -> float:
        """Seconds until the last of `calls` further calls fits."""
        if not calls:
            return 0.0
        return max((each.backlog(now, calls, reserve) for each in self._windows), default=0.0)

    def wait_more(self, now: float, calls: int, reserve: float = 0.0) -> float:
        """Seconds until so many calls fit at once, where a window is wide enough for them."""
        return max((each.wait_more(now, calls, reserve) for each in self._windows), default=0.0)

    def take_more(self, now: float, calls: int) -> None:
        """So many calls more are made now."""
        for window in self._windows:
            window.take_more(now, calls)

    def take(self, now: float) -> None:
        """A call is made now."""
        for window in self._windows:
            window.take(now)

    def begun(self, taken: float, now: float) -> None:
        """The call that was taken then leaves only now."""
        for window in self._windows:
            window.move(taken, now)

    def ended(self, taken: float, now: float) -> None:
        """The call was answered now: its network has counted it no later than that."""
        for window in self._windows:
            window.move(taken, now)

    def unused(self, taken: float) -> None:
        """The call that was taken then is not made."""
        for window in self._windows:
            window.move(taken, None)


def _until(times: deque[float], limit: int, seconds: float, now: float) -> float:
    return max(0.0, times[-limit] + seconds - now) if len(times) >= limit else 0.0
