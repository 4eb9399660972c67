"""What an incident can be and become. Pure.

The scales are three (see GB practice): the event level says how grave it is, the response level
what was set in motion, the warning colour what is expected. None follows from another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from workflows.errors import Refusal
from workflows.text import Msg, _

LONGEST_TITLE = 120
LONGEST_PLACE = 200
LONGEST_REASON = 500

LEVELS = ("I", "II", "III", "IV")
EVENT_LEVELS: Mapping[str, Msg] = {
    "I": _("I, extremely serious"),
    "II": _("II, major"),
    "III": _("III, serious"),
    "IV": _("IV, general"),
}
RESPONSE_LEVELS: Mapping[str, Msg] = {
    "I": _("Level I response"),
    "II": _("Level II response"),
    "III": _("Level III response"),
    "IV": _("Level IV response"),
}
COLOURS = ("red", "orange", "yellow", "blue")
TYPES = (
    "pipeline",
    "fire",
    "chemical",
    "spill",
    "flood",
    "landslide",
    "earthquake",
    "traffic",
    "epidemic",
    "other",
)


class State(StrEnum):
    """Where an incident stands."""

    DECLARED = "declared"
    ACTIVE = "active"
    CONTAINED = "contained"
    CLOSED = "closed"
    MERGED = "merged"


class Event(StrEnum):
    """What can happen to an incident as a whole."""

    ACTIVATE = "activate"
    CONTAIN = "contain"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.DECLARED: {
        Event.ACTIVATE: State.ACTIVE,
        Event.CONTAIN: State.CONTAINED,
        Event.CLOSE: State.CLOSED,
        Event.MERGE: State.MERGED,
    },
    State.ACTIVE: {
        Event.CONTAIN: State.CONTAINED,
        Event.CLOSE: State.CLOSED,
        Event.MERGE: State.MERGED,
    },
    State.CONTAINED: {
        Event.ACTIVATE: State.ACTIVE,
        Event.CLOSE: State.CLOSED,
        Event.MERGE: State.MERGED,
    },
    State.CLOSED: {Event.REOPEN: State.ACTIVE},
    State.MERGED: {},
}

STATES: Mapping[State, Msg] = {
    State.DECLARED: _("declared"),
    State.ACTIVE: _("active"),
    State.CONTAINED: _("contained"),
    State.CLOSED: _("closed"),
    State.MERGED: _("merged"),
}

OVER = frozenset({State.CLOSED, State.MERGED})


def after(state: str, event: Event) -> State:
    """The state that follows. Raises `Refusal` (`incident-state`)."""
    now = State(state)
    following = TRANSITIONS[now].get(event)
    if following is None:
        raise Refusal("incident-state", _wrong_event(now, event))
    return following


def _wrong_event(now: State, event: Event) -> Msg:
    if event is Event.REOPEN:
        return _("The incident is {state}. Only a closed one can be reopened.", state=STATES[now])
    if now is State.CLOSED:
        return _("The incident is closed. To go on with it: /incident reopen REASON.")
    return _("The incident is {state} already. Nothing was changed.", state=STATES[now])


def title(typed: str) -> str:
    """A title on one line. Raises `Refusal` (`incident-title`) if it has no words or too many."""
    shown = one_line(typed)
    if not any(sign.isalnum() for sign in shown):
        raise Refusal(
            "incident-title",
            _("A title needs words: what happened and where, such as “Gas leak at valve 3”."),
        )
    if len(shown) > LONGEST_TITLE:
        raise Refusal(
            "incident-title",
            _(
                "A title has at most {limit} characters; yours has {length}. Say it shorter and "
                "give the rest by /log.",
                limit=LONGEST_TITLE,
                length=len(shown),
            ),
        )
    return shown


def worded(shown: str, limit: int, code: str, otherwise: Msg) -> str:
    """What was typed if it has a letter or a digit and `limit` characters at most. Raises
    `Refusal` of that code, with what is said `otherwise`."""
    if any(sign.isalnum() for sign in shown) and len(shown) <= limit:
        return shown
    raise Refusal(code, otherwise)


def place(typed: str) -> str:
    """The words for a place on one line. Raises `Refusal` (`incident-place`)."""
    shown = one_line(typed)
    return worded(
        shown,
        LONGEST_PLACE,
        "incident-place",
        _(
            "A place is told in words or coordinates, 1 to {limit} characters.",
            limit=LONGEST_PLACE,
        ),
    )


def reason(typed: str) -> str:
    """A reason on one line. Raises `Refusal` (`incident-reason`)."""
    shown = one_line(typed)
    return worded(
        shown,
        LONGEST_REASON,
        "incident-reason",
        _("A reason is told in words, 1 to {limit} characters.", limit=LONGEST_REASON),
    )


def one_line(typed: str) -> str:
    """Words with one space between them, without signs that nobody sees."""
    seen = (
        sign if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs") else ""
        for sign in typed
    )
    return " ".join("".join(seen).split())


def designation(year: int, serial: int) -> str:
    """The formal designation, `2026-003`."""
    return f"{year}-{serial:03}"


def graded(event: str | None, response: str | None) -> tuple[Msg, ...]:
    """The levels that are set, each as it is called."""
    levels = [] if event is None else [_("event level {level}", level=EVENT_LEVELS[event])]
    if response is not None:
        levels.append(RESPONSE_LEVELS[response])
    return tuple(levels)
