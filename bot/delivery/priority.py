"""What goes first when a room's lane is full."""

from enum import IntEnum


class Priority(IntEnum):
    """Smaller numbers overtake greater ones that wait in the same room."""

    ALERT = 0
    REPLY = 1
    BRIEFING = 2
    TALK = 3
    DECORATION = 4
    """Waits for everything else, and is left out rather than complained of."""

    @property
    def reserve(self) -> float:
        """The part of a network's quota that is kept free for what is more urgent."""
        kept = {Priority.BRIEFING: 0.05, Priority.TALK: 0.1, Priority.DECORATION: 0.5}
        return kept.get(self, 0.0)
