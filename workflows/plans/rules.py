"""What an action plan is and becomes, and which parts of it people write themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from workflows.errors import Refusal
from workflows.incidents.rules import one_line, worded
from workflows.text import Msg, _

LONGEST = 20_000
"""Characters of one section."""


class State(StrEnum):
    """Where a version of the plan stands."""

    DRAFT = "draft"
    ASKED = "asked"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Event(StrEnum):
    """What can happen to a version."""

    CHANGE = "change"
    ASK = "ask"
    APPROVE = "approve"
    REFUSE = "refuse"
    PUBLISH = "publish"
    REPLACE = "replace"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.DRAFT: {
        Event.CHANGE: State.DRAFT,
        Event.ASK: State.ASKED,
        Event.REPLACE: State.SUPERSEDED,
    },
    State.ASKED: {
        # What was said to a text does not count for another.
        Event.CHANGE: State.DRAFT,
        Event.APPROVE: State.APPROVED,
        Event.REFUSE: State.DRAFT,
        Event.REPLACE: State.SUPERSEDED,
    },
    # What was signed is not changed any more: a change makes the next version.
    State.APPROVED: {Event.PUBLISH: State.PUBLISHED, Event.REPLACE: State.SUPERSEDED},
    State.PUBLISHED: {Event.REPLACE: State.SUPERSEDED},
    State.SUPERSEDED: {},
}

STATES: Mapping[State, Msg] = {
    State.DRAFT: _("draft"),
    State.ASKED: _("waiting for approval"),
    State.APPROVED: _("approved, not published yet"),
    State.PUBLISHED: _("in force"),
    State.SUPERSEDED: _("superseded"),
}

CHANGING = (State.DRAFT, State.ASKED)
"""The states in which a version can still be changed."""

SIGNED = (State.APPROVED, State.PUBLISHED, State.SUPERSEDED)


def after(state: str, event: Event, number: int) -> State:
    """The state that follows. Raises `Refusal` (`plan-state`)."""
    following = TRANSITIONS[State(state)].get(event)
    if following is None:
        if event is Event.PUBLISH:
            text = _(
                "Version {number} is {state}. Only what everybody who commands has approved is "
                "published: /plan approve",
                number=number,
                state=STATES[State(state)],
            )
        else:
            text = _(
                "Version {number} is {state} already. Nothing was changed.",
                number=number,
                state=STATES[State(state)],
            )
        raise Refusal("plan-state", text)
    return following


SECTIONS: Mapping[str, Msg] = {
    "overview": _("Overview"),
    "objectives": _("Objectives"),
    "organisation": _("Organisation and duties"),
    "tasks": _("Tasks"),
    "safety": _("Safety and risk"),
    "communications": _("Communications and information"),
    "adjustment": _("Adjustment"),
}
"""The seven elements of the plan, in their order."""

MORE: Mapping[str, Msg] = {
    "emphasis": _("Command emphasis"),
    "awareness": _("General situational awareness"),
    "weather": _("Weather"),
    "medical": _("Medical procedures"),
    "instructions": _("Special instructions"),
    "outlook": _("Outlook: how it may go on or spread (209)"),
    "threat": _("Threats and risks to come (209)"),
    "health": _("Life, safety and health (209)"),
    "extent": _("Projected final size (209)"),
    "remarks": _("Remarks (209)"),
}
"""What else people write: blocks of the forms for which there are no data."""


def words(typed: str) -> str:
    """The words of a section, line by line. Raises `Refusal` (`plan-words`)."""
    lines = "\n".join(one_line(each) for each in typed.splitlines()).strip("\n")
    return worded(
        lines,
        LONGEST,
        "plan-words",
        _(
            "A section has words, at most {limit} characters; yours has {length}.",
            limit=LONGEST,
            length=len(lines),
        ),
    )
