"""How long a period lasts, when a meeting may be, and what follows what. Pure.

An operational period runs on the wall clocks of the incident: one of 12 hours from 20:00 ends at
08:00, also in the night in which clocks change, when it has 11 or 13 hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from workflows.errors import Refusal
from workflows.text import Msg, _

USUAL = 12
SHORTEST = 1
LONGEST = 72
"""Hours of a period. ICS periods have 12 or 24; a longer operation is several of them."""

AHEAD = timedelta(days=7)
"""Nobody plans a period further ahead than that."""


class State(StrEnum):
    """Where a period stands."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to a period."""

    PLAN = "plan"
    BEGIN = "begin"
    CHANGE = "change"
    END = "end"
    CANCEL = "cancel"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.PLANNED: {
        Event.BEGIN: State.RUNNING,
        Event.CHANGE: State.PLANNED,
        Event.CANCEL: State.CANCELLED,
    },
    State.RUNNING: {Event.CHANGE: State.RUNNING, Event.END: State.ENDED},
    State.ENDED: {},
    # A period that never began gives its number to the next one that is planned.
    State.CANCELLED: {Event.PLAN: State.PLANNED},
}

STATES: Mapping[State, Msg] = {
    State.PLANNED: _("planned"),
    State.RUNNING: _("running"),
    State.ENDED: _("ended"),
    State.CANCELLED: _("called off"),
}


def after(state: str, event: Event, reference: str) -> State:
    """The state of a period that follows. Raises `Refusal` (`period-state`)."""
    following = TRANSITIONS[State(state)].get(event)
    if following is None:
        raise Refusal(
            "period-state",
            _(
                "{reference} is {state}. Nothing was changed.",
                reference=reference,
                state=STATES[State(state)],
            ),
        )
    return following


class Held(StrEnum):
    """Where a meeting stands."""

    PLANNED = "planned"
    HELD = "held"
    SKIPPED = "skipped"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What can happen to a meeting."""

    MOVE = "move"
    SKIP = "skip"
    BEGIN = "begin"
    MISS = "miss"
    CANCEL = "cancel"
    MINUTE = "minute"


STEPS: Mapping[Held, Mapping[Step, Held]] = {
    Held.PLANNED: {
        Step.MOVE: Held.PLANNED,
        Step.SKIP: Held.SKIPPED,
        Step.BEGIN: Held.HELD,
        Step.MISS: Held.MISSED,
        Step.CANCEL: Held.CANCELLED,
        Step.MINUTE: Held.HELD,
    },
    # Its time came, and people agree that it is held later.
    Held.HELD: {Step.MOVE: Held.PLANNED, Step.MINUTE: Held.HELD},
    Held.SKIPPED: {Step.MOVE: Held.PLANNED},
    Held.MISSED: {Step.MOVE: Held.PLANNED, Step.MINUTE: Held.HELD},
    Held.CANCELLED: {},
}

MEETING_STATES: Mapping[Held, Msg] = {
    Held.PLANNED: _("planned"),
    Held.HELD: _("held"),
    Held.SKIPPED: _("skipped"),
    Held.MISSED: _("missed"),
    Held.CANCELLED: _("called off"),
}


def meeting_after(state: str, step: Step, name: Msg) -> Held:
    """The state of a meeting that follows. Raises `Refusal` (`meeting-state`)."""
    following = STEPS[Held(state)].get(step)
    if following is None:
        raise Refusal(
            "meeting-state",
            _(
                "The {meeting} is {state}. Nothing was changed.",
                meeting=name,
                state=MEETING_STATES[Held(state)],
            ),
        )
    return following


def length(hours: Decimal | timedelta | None) -> int:
    """The length of a period in minutes; None is the usual one. Raises `Refusal`
    (`period-length`)."""
    if hours is None:
        return USUAL * 60
    minutes = int(hours.total_seconds() // 60) if isinstance(hours, timedelta) else int(hours * 60)
    if minutes < SHORTEST * 60:
        raise Refusal(
            "period-length",
            _(
                "A period lasts {shortest} to {longest} hours, usually {usual}. For a shorter time "
                "set an objective with a time instead: /objective new TEXT by=14:00.",
                shortest=SHORTEST,
                longest=LONGEST,
                usual=USUAL,
            ),
        )
    if minutes > LONGEST * 60:
        raise Refusal(
            "period-length",
            _(
                "A period lasts {shortest} to {longest} hours, usually {usual}. A longer operation "
                "is several of them: when one ends, the next begins by itself and takes over what "
                "is open.",
                shortest=SHORTEST,
                longest=LONGEST,
                usual=USUAL,
            ),
        )
    return minutes


def ends(starts_at: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    """When a period ends that begins then and has that length on the wall clocks of a zone, in
    UTC.

    A wall time that clocks are put forward over is as much later as they are; of one that comes
    twice it is the first after the beginning.
    """
    wall = starts_at.astimezone(zone).replace(tzinfo=None) + timedelta(minutes=minutes)
    times = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return next(each for each in times if each > starts_at)


def check_start(at: datetime, now: datetime) -> None:
    """Raise `Refusal` (`period-past`, `period-far`) unless a period may begin then."""
    if at < now - timedelta(minutes=1):
        raise Refusal(
            "period-past",
            _(
                "{time} is past. A period begins now or later: /period start. What happened before "
                "goes into the timeline: /log TEXT.",
                time=at,
            ),
        )
    if at > now + AHEAD:
        raise Refusal(
            "period-far",
            _(
                "{time} is more than {n} days away. Plan the period when it is nearer.",
                time=at,
                n=AHEAD.days,
            ),
        )


GRAIN = timedelta(minutes=5)


def meeting_at(
    starts_at: datetime, before: timedelta, earliest: datetime, *, usual: int = USUAL
) -> datetime:
    """When a meeting is held that is `before` the start of a period for a preparation of `usual`
    hours. Where less time is left, from `earliest` on, all come nearer in proportion; to whole
    five minutes."""
    left = max(starts_at - earliest, timedelta(0))
    share = min(1.0, left / timedelta(hours=usual))
    if share == 1.0:
        return starts_at - before
    steps = before * share // GRAIN
    return starts_at - steps * GRAIN


def check_meeting(at: datetime, now: datetime, period: str, starts_at: datetime) -> None:
    """Raise `Refusal` (`meeting-past`, `meeting-late`) unless a meeting may be held then."""
    if at < now:
        raise Refusal(
            "meeting-past",
            _(
                "{time} is past. Name a time to come, such as +30min; what was held before goes "
                "into the timeline: /meeting minutes TEXT.",
                time=at,
            ),
        )
    if at > starts_at:
        raise Refusal(
            "meeting-late",
            _(
                "The meeting prepares {period}, which begins at {starts}. Take an earlier time, or "
                "let the period begin later: /period next at=TIME.",
                period=period,
                starts=starts_at,
            ),
        )
