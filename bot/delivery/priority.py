"""What goes first when a room's lane is full."""

from enum import IntEnum


class Priority(IntEnum):
    """Smaller numbers overtake greater ones that wait in the same room."""

    ALERT = 0
    REPLY = 1
    BRIEFING = 2
    TALK = 3
