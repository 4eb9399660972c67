"""How often a network may be called: sliding windows, as its documentation states them.

Telegram: about 30 messages a second per bot, one a second in a chat, 20 a minute in a group
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass


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

    def wait(self, now: float) -> float:
        """Seconds until one more call fits; 0.0 if it fits now."""
        while self._times and self._times[0] <= now - self._window.seconds:
            self._times.popleft()
        if len(self._times) < self._window.count:
            return 0.0
        return self._times[-self._window.count] + self._window.seconds - now

    def take(self, now: float) -> None:
        """A call is made now."""
        self._times.append(now)


class Quota:
    """All windows that a room's calls must fit."""

    def __init__(self, windows: Iterable[Sliding]) -> None:
        self._windows = tuple(windows)

    def wait(self, now: float) -> float:
        """Seconds until a call fits every window."""
        return max((window.wait(now) for window in self._windows), default=0.0)

    def take(self, now: float) -> None:
        """A call is made now."""
        for window in self._windows:
            window.take(now)
