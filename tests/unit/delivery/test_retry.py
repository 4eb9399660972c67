"""Every fault, for every kind of call, at every try: what is decided."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from bot.delivery.retry import (
    GONE_PATIENCE,
    LONGEST_WAIT,
    LOST_PATIENCE,
    PATIENCE,
    Action,
    Again,
    Decision,
    Done,
    Follow,
    GiveUp,
    backoff,
    decide,
)
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
    Unreachable,
)

HALF = Again(timedelta(seconds=0.5))
MINUTE = Again(LONGEST_WAIT)
AFTER_5 = Again(timedelta(seconds=16))
HALT = Again(timedelta(seconds=7), halt=True)
LIMITED = RateLimited(timedelta(seconds=7))
MOVED = RoomMoved("loopback:new")
FOLLOW = Follow("loopback:new")
DEAD = GiveUp()
ALL: tuple[Action, ...] = ("send", "edit", "delete")
CHANGES: tuple[Action, ...] = ("edit", "delete")

# fault, actions, whether others pass; then the decisions after 1, 6 (= PATIENCE) and 999 tries
TABLE: list[tuple[SendFault, tuple[Action, ...], bool | None, Decision, Decision, Decision]] = [
    (LIMITED, ALL, None, HALT, HALT, HALT),
    (Unreachable(), ALL, None, HALF, AFTER_5, MINUTE),
    (AnswerLost(), ALL, False, HALF, AFTER_5, MINUTE),
    (AnswerLost(), ALL, True, HALF, DEAD, DEAD),
    (Rejected(), ALL, None, DEAD, DEAD, DEAD),
    (MediaUnavailable(), ("send",), None, HALF, DEAD, DEAD),
    (MediaUnavailable(forever=True), ("send",), None, DEAD, DEAD, DEAD),
    (MediaUnavailable(spent=True), ("send",), None, DEAD, DEAD, DEAD),
    (TargetGone(), ("send",), None, DEAD, DEAD, DEAD),
    (TargetGone(), CHANGES, None, Done(), Done(), Done()),
    (RoomGone(), ALL, None, HALF, GiveUp(room=True), GiveUp(room=True)),
    (ThreadGone(), ("send",), None, HALF, GiveUp(room=True), GiveUp(room=True)),
    (ThreadGone(), CHANGES, None, DEAD, DEAD, DEAD),
    (MOVED, ALL, None, FOLLOW, DEAD, DEAD),
    (SendFault("nobody foresaw it"), ALL, None, HALF, DEAD, DEAD),
]

CASES = [
    pytest.param(
        fault,
        action,
        tries,
        passing,
        decision,
        id=f"{type(fault).__name__}-{action}-{tries}-{'others pass' if passing else 'none pass'}",
    )
    for fault, actions, others, *decisions in TABLE
    for action in actions
    for tries, decision in zip((1, PATIENCE, 999), decisions, strict=True)
    for passing in ((others,) if others is not None else (False, True))
]


@pytest.mark.parametrize(("fault", "action", "tries", "passing", "decision"), CASES)
def test_the_decision_is_that_of_the_table(
    fault: SendFault, action: Action, tries: int, passing: bool, decision: Decision
) -> None:
    decided = decide(fault, action, tries, others_pass=passing, tried_for=LOST_PATIENCE)
    assert decided == decision


def test_every_fault_that_there_is_stands_in_the_table() -> None:
    assert {type(row[0]) for row in TABLE} == {SendFault, ThreadGone, *SendFault.__subclasses__()}


def test_a_message_has_patience_until_its_last_try() -> None:
    for fault in (AnswerLost(), SendFault()):
        decided = decide(fault, "send", PATIENCE - 1, others_pass=True, tried_for=LOST_PATIENCE)
        assert isinstance(decided, Again)


def test_tries_in_quick_succession_do_not_end_the_patience() -> None:
    """A network that fails in part is reached again and again, and each time all try at once."""
    soon = LOST_PATIENCE - timedelta(seconds=1)
    decided = decide(AnswerLost(), "send", 10 * PATIENCE, others_pass=True, tried_for=soon)
    assert isinstance(decided, Again)


def test_a_room_that_may_be_just_about_to_open_is_tried_a_few_times() -> None:
    decisions = [
        decide(RoomGone(), "send", tries, others_pass=True, tried_for=LOST_PATIENCE)
        for tries in range(1, GONE_PATIENCE + 1)
    ]
    assert all(isinstance(each, Again) for each in decisions[:-1])
    assert decisions[-1] == GiveUp(room=True)


def test_a_rate_limit_of_nothing_does_not_become_a_tight_loop() -> None:
    limited = RateLimited(timedelta())
    decision = decide(limited, "send", 1, others_pass=False, tried_for=timedelta())
    assert decision == Again(timedelta(milliseconds=100), halt=True)


def test_waits_double_up_to_a_minute_and_stay_there() -> None:
    waits = [backoff(tries) for tries in range(1, 2000)]
    assert waits[0] == timedelta(seconds=0.5)
    assert waits[-1] == LONGEST_WAIT
    assert all(later in (2 * earlier, LONGEST_WAIT) for earlier, later in pairwise(waits))
