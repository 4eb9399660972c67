"""What is known of a call to a network that did not succeed."""

from __future__ import annotations

from datetime import timedelta


class SendFault(Exception):
    """A call to the network that did not succeed; the subclass says what is known."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(SendFault):
    """Nothing reached the network: refused, unresolved, not connected."""


class AccountRefused(Unreachable):
    """The network does not take our account; somebody has to mend that first."""


class AnswerLost(SendFault):
    """It may or may not have been carried out: read timeout, reset, 5xx."""


class RateLimited(SendFault):
    """Refused for now, for this room; try again after `after`."""

    def __init__(self, after: timedelta, reason: str = "") -> None:
        super().__init__(reason)
        self.after = after


class RoomMoved(SendFault):
    """The room goes on as `to`."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


class RoomGone(SendFault):
    """The bot may not write here any more: removed, muted, room deleted."""


class ThreadGone(RoomGone):
    """The topic or thread was closed or deleted, not the room that it is part of."""


class TargetGone(SendFault):
    """The message to edit, delete or answer is not there."""


class MediaUnavailable(SendFault):
    """A file cannot be had from the network that it lies on; nothing was sent.

    With `forever` it will not be had later either: a line says so in its place. With `spent` it
    has been tried for as long as rooms may wait for it.
    """

    def __init__(self, reason: str = "", *, forever: bool = False, spent: bool = False) -> None:
        super().__init__(reason)
        self.forever = forever
        self.spent = spent


class Rejected(SendFault):
    """The network will never take this message as it is."""


class ThreadRefused(Rejected):
    """The room has no threads, or the bot may open none; nobody misses it."""
