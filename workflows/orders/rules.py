"""What an order is and becomes, and when an answer to it is missed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from workflows.errors import Refusal
from workflows.incidents.rules import one_line, worded
from workflows.text import Msg, _

LONGEST_TEXT = 500
LONGEST_NAME = 60

ANSWER = timedelta(minutes=10)
"""Within that time an order is acknowledged; then the next one up is told."""
SOONEST = timedelta(minutes=2)
"""Nobody is given less, however near the time is by which it is to be done."""


class State(StrEnum):
    """Where an order stands."""

    HELD = "held"
    GIVEN = "given"
    ACKNOWLEDGED = "acknowledged"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What can happen to an order."""

    RELEASE = "release"
    SEE = "see"
    ACKNOWLEDGE = "acknowledge"
    DONE = "done"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.HELD: {
        Event.RELEASE: State.GIVEN,
        Event.SEE: State.HELD,
        Event.WITHDRAW: State.WITHDRAWN,
    },
    State.GIVEN: {
        Event.SEE: State.GIVEN,
        Event.ACKNOWLEDGE: State.ACKNOWLEDGED,
        Event.DONE: State.DONE,
        Event.DECLINE: State.DECLINED,
        Event.WITHDRAW: State.WITHDRAWN,
    },
    State.ACKNOWLEDGED: {
        Event.SEE: State.ACKNOWLEDGED,
        Event.ACKNOWLEDGE: State.ACKNOWLEDGED,
        Event.DONE: State.DONE,
        Event.DECLINE: State.DECLINED,
        Event.WITHDRAW: State.WITHDRAWN,
    },
    State.DONE: {},
    State.DECLINED: {},
    State.WITHDRAWN: {},
}

STATES: Mapping[State, Msg] = {
    State.HELD: _("held back"),
    State.GIVEN: _("given"),
    State.ACKNOWLEDGED: _("acknowledged"),
    State.DONE: _("done"),
    State.DECLINED: _("declined"),
    State.WITHDRAWN: _("withdrawn"),
}

OPEN = frozenset({State.HELD, State.GIVEN, State.ACKNOWLEDGED})


def after(state: str, event: Event, reference: str) -> State:
    """The state that follows. Raises `Refusal` (`order-state`)."""
    now = State(state)
    following = TRANSITIONS[now].get(event)
    if following is not None:
        return following
    if now is State.HELD:
        text = _(
            "{reference} is held back until its conflict is decided. Do not act on it yet.",
            reference=reference,
        )
    else:
        text = _(
            "{reference} is {state} already. Nothing was changed.",
            reference=reference,
            state=STATES[now],
        )
    raise Refusal("order-state", text)


def answer_by(given: datetime, due: datetime | None) -> datetime:
    """Until when an order is to be acknowledged: sooner if it is to be done soon."""
    wait = ANSWER if due is None else min(ANSWER, (due - given) / 2)
    return given + max(wait, SOONEST)


def text(typed: str) -> str:
    """What is to be done, on one line. Raises `Refusal` (`order-text`)."""
    shown = one_line(typed)
    return worded(
        shown,
        LONGEST_TEXT,
        "order-text",
        _(
            "Say in words what is to be done, 1 to {limit} characters; yours has {length}.",
            limit=LONGEST_TEXT,
            length=len(shown),
        ),
    )


def name(typed: str) -> str:
    """The name of a place or of a resource on one line. Raises `Refusal` (`order-name`)."""
    shown = one_line(typed)
    return worded(
        shown,
        LONGEST_NAME,
        "order-name",
        _("A place or resource is named in 1 to {limit} characters.", limit=LONGEST_NAME),
    )


def times(starts: datetime, due: datetime | None) -> None:
    """Raise `Refusal` (`order-times`) for an order that ends before it begins."""
    if due is not None and due <= starts:
        raise Refusal(
            "order-times",
            _("It is to be done by {due}, but begins at {starts}.", due=due, starts=starts),
        )
