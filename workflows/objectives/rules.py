"""What an objective is, what it lacks, and what comes first. Pure.

An objective is SMART: specific, measurable, achievable, relevant, time-bound. What is missing is
named and never refused: in the first hour an objective of three words is worth more than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from workflows.errors import Refusal
from workflows.incidents.rules import one_line, worded
from workflows.text import Msg, _

LONGEST_TEXT = 300
LONGEST_MEASURE = 200

PRIORITIES = ("life", "environment", "property")
"""Life safety goes before the environment, the environment before property."""

TIERS = ("rescue", "resettlement", "reconstruction")


class State(StrEnum):
    """Where an objective stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Event(StrEnum):
    """What can happen to an objective."""

    CHANGE = "change"
    PROGRESS = "progress"
    DONE = "done"
    DROP = "drop"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.OPEN: {
        Event.CHANGE: State.OPEN,
        Event.PROGRESS: State.OPEN,
        Event.DONE: State.DONE,
        Event.DROP: State.DROPPED,
    },
    # What was thought to be done and is not goes on by its progress.
    State.DONE: {Event.PROGRESS: State.OPEN},
    State.DROPPED: {},
}

STATES: Mapping[State, Msg] = {
    State.OPEN: _("open"),
    State.DONE: _("reached"),
    State.DROPPED: _("dropped"),
}


def after(state: str, event: Event, reference: str) -> State:
    """The state that follows. Raises `Refusal` (`objective-state`)."""
    following = TRANSITIONS[State(state)].get(event)
    if following is None:
        raise Refusal(
            "objective-state",
            _(
                "{reference} is {state} already. Nothing was changed.",
                reference=reference,
                state=STATES[State(state)],
            ),
        )
    return following


class Lack(StrEnum):
    """What an objective can lack of being SMART."""

    SPECIFIC = "specific"
    MEASURE = "measure"
    TARGET = "target"
    ACHIEVABLE = "achievable"
    RELEVANT = "relevant"
    TIME = "time"


LACKS: Mapping[Lack, Msg] = {
    Lack.SPECIFIC: _("specific: say what, and where, in a few more words"),
    Lack.MEASURE: _("measurable: by what is it seen? measure=…"),
    Lack.TARGET: _("measurable: how much is enough? target=…"),
    Lack.ACHIEVABLE: _("achievable: can it be done with what is there? achievable=yes"),
    Lack.RELEVANT: _("relevant: what does it serve? priority=… or tier=…"),
    Lack.TIME: _("time-bound: until when? by=…"),
}

FEWEST_WORDS = 2
FEWEST_SIGNS = 4
"""Of Chinese, which has no spaces between words."""

_TARGET = re.compile(
    r"[0-9０-９%％]|[零一二三四五六七八九十百两半]|[无清归全]|不再|\b(?:no|none|zero|all|every|nobody|"
    r"nothing|full|empty|shut|closed|out|dry)\b",
    re.IGNORECASE,
)
_HAN = re.compile("[㐀-䶿一-鿿]")


def lacks(
    text: str,
    *,
    measure: str | None,
    target: str | None,
    achievable: bool | None,
    tier: str | None,
    priority: str | None,
    due: datetime | None,
) -> tuple[Lack, ...]:
    """What is missing, in the order of the letters. A measure such as “no flow” has its target."""
    found: list[Lack] = []
    han = len(_HAN.findall(text))
    if han < FEWEST_SIGNS and len(text.split()) < FEWEST_WORDS:
        found.append(Lack.SPECIFIC)
    if measure is None:
        found.append(Lack.MEASURE)
    elif target is None and not _TARGET.search(measure):
        found.append(Lack.TARGET)
    if not achievable:
        found.append(Lack.ACHIEVABLE)
    if tier is None and priority is None:
        found.append(Lack.RELEVANT)
    if due is None:
        found.append(Lack.TIME)
    return tuple(found)


class Ranked(Protocol):
    """What the order of objectives depends on."""

    priority: str | None
    tier: str | None
    due: datetime | None
    number: int


R = TypeVar("R", bound=Ranked)


def rank(objective: Ranked) -> tuple[int, int, float, int]:
    """What goes before: priority, then tier, then the earlier time; what is not told goes last."""
    priority, tier, due = objective.priority, objective.tier, objective.due
    return (
        len(PRIORITIES) if priority is None else PRIORITIES.index(priority),
        len(TIERS) if tier is None else TIERS.index(tier),
        float("inf") if due is None else due.timestamp(),
        objective.number,
    )


def ranked(objectives: Iterable[R]) -> list[R]:
    """Objectives, what goes before first."""
    return sorted(objectives, key=rank)


def text(typed: str) -> str:
    """What is to be reached, on one line. Raises `Refusal` (`objective-text`)."""
    return _words(typed, LONGEST_TEXT, "objective-text")


def measure(typed: str) -> str:
    """A measure or target on one line. Raises `Refusal` (`objective-measure`)."""
    return _words(typed, LONGEST_MEASURE, "objective-measure")


def _words(typed: str, limit: int, code: str) -> str:
    shown = one_line(typed)
    return worded(
        shown,
        limit,
        code,
        _(
            "Say it in words, 1 to {limit} characters; yours has {length}.",
            limit=limit,
            length=len(shown),
        ),
    )
