"""How long a network wants a room to be left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Halt:
    """Nothing goes to the room before `until`, which is stored.

    `ends` is the same moment on the process's own steady clock, in seconds; None where another
    process was told. Only that one says how long a wait is, whoever sets the time meanwhile.
    """

    until: datetime
    ends: float | None = None

    def left(self, now: datetime, steady: float, since: datetime | None = None) -> float:
        """Seconds that are left. A time before `since`, when it was the latter already, shows that
        the clock was set back: a stored halt tells nothing then, and asking anew tells it."""
        if self.ends is not None:
            return self.ends - steady
        if since is not None and now < since:
            return 0.0
        return (self.until - now).total_seconds()
