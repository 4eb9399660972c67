"""Calls that wait only because their network was not reached."""

from __future__ import annotations

import time

from bot.delivery.joining import Call
from bot.transports.base import AnswerLost, SendFault, Unreachable


class Outage:
    """What one lane knows of its network's outages; it need not outlive the process.

    What waits for another reason, above all since its network said for how long, is none of this.
    """

    def __init__(self) -> None:
        self._waiting: set[int | None] = set()
        self._over: set[int | None] = set()
        self._begun = 0.0
        self._ended = float("-inf")

    def trying(self) -> None:
        """A call is made, or looked for, now."""
        self._begun = time.monotonic()

    def failed(self, call: Call, fault: SendFault) -> None:
        """That call has failed so and is to be made again later."""
        ids = {each.id for each in call.rows}
        self._waiting -= ids
        self._over -= ids
        if isinstance(fault, (Unreachable, AnswerLost)):
            # One that began before the outage ended tells nothing of the time after.
            (self._over if self._begun < self._ended else self._waiting).update(ids)

    def ended(self) -> None:
        """The network is reached again: what has waited for that need wait no longer."""
        self._over |= self._waiting
        self._waiting.clear()
        self._ended = time.monotonic()

    def is_over(self, row_id: int | None) -> bool:
        """Whether the row may go, whatever moment its retry was put off to."""
        return row_id in self._over
