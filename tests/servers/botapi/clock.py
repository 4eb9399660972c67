"""The server's time, which a test can move."""

import time
from collections.abc import Callable


class Clock:
    """Unix time from `base`, plus what `advance` added."""

    def __init__(self, base: Callable[[], float] = time.time) -> None:
        self._base = base
        self._offset = 0.0

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return self._base() + self._offset

    def advance(self, seconds: float) -> None:
        """Moves the time forward (or, if negative, back)."""
        self._offset += seconds
