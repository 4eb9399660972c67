"""What to do with a call that did not succeed, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from bot.transports.base import (
    AnswerLost,
    MediaUnavailable,
    RateLimited,
    Rejected,
    RoomGone,
    RoomMoved,
    SendFault,
    TargetGone,
    ThreadGone,
    ThreadRefused,
    Unreachable,
)

Action = Literal["send", "edit", "delete", "react", "pin", "unpin"]

LONGEST_WAIT = timedelta(seconds=60)
"""Between two tries while a network is down: an outage's end is noticed within a minute."""

PATIENCE = 6
"""Tries of a message that its network answers with faults while it takes others."""

LOST_PATIENCE = timedelta(seconds=12)
"""And for at least so long where answers are lost. A network that fails in part takes this and that
in between, and each of those ends the waits of the others: tries alone say little."""

GONE_PATIENCE = 4
"""Tries in a room that the bot may not write in: an invitation is accepted within seconds, and
rights that are taken by mistake are given back."""


@dataclass(frozen=True, slots=True)
class Again:
    """Try again after `wait`. With `halt` the whole room waits, as its network has asked."""

    wait: timedelta
    halt: bool = False


@dataclass(frozen=True, slots=True)
class Follow:
    """The room is now `to`; the call is made there."""

    to: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was asked is so already, or can never be so and nobody misses it."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A dead letter. With `room` nothing else can go to the room either."""

    room: bool = False


Decision: TypeAlias = Again | Follow | Done | GiveUp


def decide(
    fault: SendFault,
    action: Action,
    tries: int,
    *,
    others_pass: bool,
    tried_for: timedelta,
) -> Decision:
    """The decision after `tries` tries, the failed one included, `tried_for` after the first.

    `others_pass` says that the network has taken other messages since this one was first tried:
    then the fault is this message's own and patience ends.
    """
    match fault:
        case RateLimited():
            return Again(max(fault.after, timedelta(milliseconds=100)), halt=True)
        case RoomMoved():
            return Follow(fault.to) if tries < PATIENCE else GiveUp()
        case ThreadGone() if action != "send":
            return GiveUp()
        case RoomGone():
            return GiveUp(room=True) if tries >= GONE_PATIENCE else Again(backoff(tries))
        case ThreadRefused():
            return Done()
        case Rejected() | MediaUnavailable(forever=True) | MediaUnavailable(spent=True):
            return GiveUp()
        case TargetGone():
            return GiveUp() if action == "send" else Done()
        case Unreachable():
            return Again(backoff(tries))
        case AnswerLost():
            spent = tries >= PATIENCE and tried_for >= LOST_PATIENCE
            return GiveUp() if others_pass and spent else Again(backoff(tries))
    return GiveUp() if tries >= PATIENCE else Again(backoff(tries))


def backoff(tries: int) -> timedelta:
    """Half a second, doubled at every try, up to `LONGEST_WAIT`."""
    return min(timedelta(seconds=0.5 * 2 ** min(tries - 1, 10)), LONGEST_WAIT)
