"""What a request is and becomes, and where each piece of what was promised can go. Pure.

The chain is that of ICS: need, section approval, Resources Unit check, Logistics order, Finance
approval, commitment, shipment, arrival, acceptance, assignment, return or consumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from workflows.errors import Refusal
from workflows.incidents.rules import one_line, worded
from workflows.text import Msg, _

LONGEST_KIND = 80
LONGEST_WORDS = 200
MOST_LINES = 30
MOST_PARTS = 100


class State(StrEnum):
    """Where a request stands; from SOURCING on it follows from the quantities of its parts."""

    NEED = "need"
    APPROVED = "approved"
    CHECKED = "checked"
    ORDERED = "ordered"
    SOURCING = "sourcing"
    COMMITTED = "committed"
    DELIVERED = "delivered"
    DONE = "done"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    JOINED = "joined"


class Event(StrEnum):
    """What can happen to a request. `HAVE` and `NONE` are the two answers of the check, `PASS`
    is Finance's approval or that none is needed, `REVIEW` that it is needed after all, `REOPEN` and
    `RECHECK` that its section's approval and the check are, `RESHAPE` a change of its lines, `MOVE`
    that something of its parts has moved."""

    APPROVE = "approve"
    HAVE = "have"
    NONE = "none"
    ORDER = "order"
    PASS = "pass"
    REVIEW = "review"
    REOPEN = "reopen"
    RECHECK = "recheck"
    REJECT = "reject"
    CANCEL = "cancel"
    JOIN = "join"
    RESHAPE = "reshape"
    MOVE = "move"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.NEED: {
        Event.APPROVE: State.APPROVED,
        Event.REJECT: State.REJECTED,
        Event.CANCEL: State.CANCELLED,
        Event.JOIN: State.JOINED,
        Event.RESHAPE: State.NEED,
    },
    State.APPROVED: {
        Event.HAVE: State.SOURCING,
        Event.NONE: State.CHECKED,
        Event.REJECT: State.REJECTED,
        Event.CANCEL: State.CANCELLED,
        Event.JOIN: State.JOINED,
        Event.RESHAPE: State.APPROVED,
        Event.REOPEN: State.NEED,
    },
    State.CHECKED: {
        Event.ORDER: State.ORDERED,
        Event.REJECT: State.REJECTED,
        Event.CANCEL: State.CANCELLED,
        Event.JOIN: State.JOINED,
        Event.RESHAPE: State.CHECKED,
        Event.REOPEN: State.NEED,
        Event.RECHECK: State.APPROVED,
    },
    State.ORDERED: {
        Event.PASS: State.SOURCING,
        Event.REJECT: State.REJECTED,
        Event.CANCEL: State.CANCELLED,
        Event.JOIN: State.JOINED,
        Event.RESHAPE: State.ORDERED,
        Event.REOPEN: State.NEED,
        Event.RECHECK: State.APPROVED,
    },
    State.SOURCING: {
        Event.MOVE: State.SOURCING,
        Event.REVIEW: State.ORDERED,
        Event.REOPEN: State.NEED,
        Event.RECHECK: State.APPROVED,
        Event.CANCEL: State.SOURCING,
        Event.JOIN: State.JOINED,
        Event.RESHAPE: State.SOURCING,
    },
    State.COMMITTED: {Event.MOVE: State.COMMITTED, Event.CANCEL: State.COMMITTED},
    State.DELIVERED: {Event.MOVE: State.DELIVERED},
    State.DONE: {Event.MOVE: State.DONE},
    State.REJECTED: {},
    State.CANCELLED: {},
    State.JOINED: {},
}

STATES: Mapping[State, Msg] = {
    State.NEED: _("asked for, not approved yet"),
    State.APPROVED: _("approved"),
    State.CHECKED: _("not on hand, to be ordered"),
    State.ORDERED: _("ordered, for Finance to approve"),
    State.SOURCING: _("open for commitments"),
    State.COMMITTED: _("promised in full"),
    State.DELIVERED: _("delivered"),
    State.DONE: _("settled"),
    State.REJECTED: _("rejected"),
    State.CANCELLED: _("cancelled"),
    State.JOINED: _("joined into another"),
}

ENDED = frozenset({State.DONE, State.REJECTED, State.CANCELLED, State.JOINED})
BEFORE_SUPPLY = frozenset({State.NEED, State.APPROVED, State.CHECKED, State.ORDERED})
SUPPLIED = frozenset({State.SOURCING, State.COMMITTED, State.DELIVERED, State.DONE})

PRIORITIES = ("urgent", "routine", "low")
"""Block 8 of the ICS 213RR, the most urgent first."""


def after(state: str, event: Event, reference: str) -> State:
    """The state that follows. Raises `Refusal` (`request-state`)."""
    now = State(state)
    following = TRANSITIONS[now].get(event)
    if following is not None:
        return following
    raise Refusal(
        "request-state",
        _(
            "{reference} is {state} now. Nothing was changed.",
            reference=reference,
            state=STATES[now],
        ),
    )


class Place(StrEnum):
    """Where what was promised can be; `missing` never came, `lost` was lost after acceptance."""

    PROMISED = "promised"
    TRANSIT = "transit"
    ARRIVED = "arrived"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    CONSUMED = "consumed"
    RETURNED = "returned"
    DAMAGED = "damaged"
    SENT_BACK = "sent_back"
    MISSING = "missing"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


PLACES: Mapping[Place, Msg] = {
    Place.PROMISED: _("promised"),
    Place.TRANSIT: _("on the way"),
    Place.ARRIVED: _("arrived, not accepted yet"),
    Place.ACCEPTED: _("on hand"),
    Place.ASSIGNED: _("assigned"),
    Place.CONSUMED: _("used up"),
    Place.RETURNED: _("returned"),
    Place.DAMAGED: _("damaged on arrival"),
    Place.SENT_BACK: _("damaged and sent back"),
    Place.MISSING: _("missing on arrival"),
    Place.LOST: _("lost"),
    Place.WITHDRAWN: _("withdrawn"),
}

LIVE = (Place.PROMISED, Place.TRANSIT, Place.ARRIVED, Place.ACCEPTED, Place.ASSIGNED)
"""Where something more has to happen to it."""

NOT_SUPPLIED = (Place.WITHDRAWN, Place.DAMAGED, Place.SENT_BACK, Place.MISSING)
"""What counts as never supplied: that much is wanted again."""


class Move(StrEnum):
    """What can happen to what was promised."""

    SHIP = "ship"
    ARRIVE = "arrive"
    ACCEPT = "accept"
    DAMAGE = "damage"
    MISS = "miss"
    ASSIGN = "assign"
    FREE = "free"
    CONSUME = "consume"
    RETURN = "return"
    SEND_BACK = "send_back"
    LOSE = "lose"
    WITHDRAW = "withdraw"


MOVES: Mapping[Move, tuple[tuple[Place, ...], Place]] = {
    Move.SHIP: ((Place.PROMISED,), Place.TRANSIT),
    Move.ARRIVE: ((Place.TRANSIT, Place.PROMISED), Place.ARRIVED),
    Move.ACCEPT: ((Place.ARRIVED,), Place.ACCEPTED),
    Move.DAMAGE: ((Place.ARRIVED,), Place.DAMAGED),
    Move.MISS: ((Place.ARRIVED, Place.TRANSIT), Place.MISSING),
    Move.ASSIGN: ((Place.ACCEPTED,), Place.ASSIGNED),
    Move.FREE: ((Place.ASSIGNED,), Place.ACCEPTED),
    Move.CONSUME: ((Place.ASSIGNED, Place.ACCEPTED), Place.CONSUMED),
    Move.RETURN: ((Place.ACCEPTED, Place.ASSIGNED), Place.RETURNED),
    Move.SEND_BACK: ((Place.DAMAGED,), Place.SENT_BACK),
    Move.LOSE: ((Place.ASSIGNED, Place.ACCEPTED), Place.LOST),
    Move.WITHDRAW: ((Place.PROMISED,), Place.WITHDRAWN),
}
"""From where, the first that has some before the next, to where."""


def kind(typed: str) -> str:
    """What is asked for, on one line. Raises `Refusal` (`request-kind`)."""
    shown = one_line(typed)
    if not any(sign.isalpha() for sign in shown) or len(shown) > LONGEST_KIND:
        raise Refusal(
            "request-kind",
            _(
                "Say in 1 to {limit} characters what is needed, such as “repair truck”.",
                limit=LONGEST_KIND,
            ),
        )
    return shown


def words(typed: str | None) -> str | None:
    """A place, a note or a name on one line. Raises `Refusal` (`request-words`)."""
    if typed is None:
        return None
    shown = one_line(typed)
    return worded(
        shown,
        LONGEST_WORDS,
        "request-words",
        _("A place, note or name has words, 1 to {limit} characters.", limit=LONGEST_WORDS),
    )


def needed(by: datetime | None, now: datetime) -> None:
    """Raise `Refusal` (`request-past`) for a time that is over."""
    if by is not None and by <= now:
        raise Refusal(
            "request-past",
            _("{time} is over. Say a time to come, such as by=+2h.", time=by),
        )
