"""Which orders cannot both stand. Pure.

Found when an order is made and not when somebody acts on it: one person, team or resource in two
places at overlapping times, two orders that contradict each other, the same task twice, an order
to somebody whom its giver does not lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from workflows.orders.words import NOT, action, alike, folded, opposite, same_place, things, tokens
from workflows.text import Msg, _

ALIKE = 0.75
"""From which similarity on two texts say the same task."""

AT_LEAST = timedelta(minutes=1)
"""How long a task takes at least."""


class Kind(StrEnum):
    """Why two orders, or one alone, cannot stand; the graver before."""

    CONTRADICTION = "contradiction"
    PLACES = "places"
    TWICE = "twice"
    AUTHORITY = "authority"


KINDS: Mapping[Kind, Msg] = {
    Kind.CONTRADICTION: _("They contradict each other."),
    Kind.PLACES: _("They send the same to two places at the same time."),
    Kind.TWICE: _("They are the same task twice."),
    Kind.AUTHORITY: _("Its giver does not lead whom it goes to."),
}


class Target(StrEnum):
    """To what kind of recipient an order goes."""

    PERSON = "person"
    ROLE = "role"
    AGENCY = "agency"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Task:
    """An order as far as conflicts are concerned.

    `people` are those who have to do it themselves, empty for an agency; `team` and `resource` are
    names. `due` None: until it is done.
    """

    text: str
    giver: int
    assignee: str
    starts: datetime
    due: datetime | None = None
    people: frozenset[int] = frozenset()
    team: str | None = None
    resource: str | None = None
    place: str | None = None
    action: str | None = None

    @property
    def scope(self) -> frozenset[str]:
        """The things and the place that it is about."""
        return things(self.text) | (tokens(self.place) if self.place is not None else frozenset())


def overlap(one: Task, other: Task) -> bool:
    """Whether there is a moment at which both are to be done."""
    return _before_end(one.starts, other) and _before_end(other.starts, one)


def _before_end(at: datetime, task: Task) -> bool:
    return task.due is None or at < max(task.due, task.starts + AT_LEAST)


def shared(one: Task, other: Task) -> bool:
    """Whether the same person, team or resource has to do both."""
    return (
        not one.people.isdisjoint(other.people)
        or _same(one.team, other.team)
        or _same(one.resource, other.resource)
    )


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and folded(one) == folded(other)


def between(one: Task, other: Task) -> Kind | None:
    """Why the two cannot both stand, the gravest reason; None if they can."""
    if not overlap(one, other):
        return None
    for kind, holds in _RULES:
        if holds(one, other):
            return kind
    return None


def _contradict(one: Task, other: Task) -> bool:
    if not opposite(one.action, other.action):
        return False
    first, second = one.scope, other.scope
    if first and second:
        return alike(first, second)
    return shared(one, other)


def _two_places(one: Task, other: Task) -> bool:
    if one.place is None or other.place is None:
        return False
    return shared(one, other) and not same_place(one.place, other.place)


def _twice(one: Task, other: Task) -> bool:
    if one.action != other.action:
        return False
    if one.giver == other.giver and one.assignee != other.assignee:
        return False
    if one.place is not None and other.place is not None and not same_place(one.place, other.place):
        return False
    read = tokens if one.action is None else things
    first, second = read(one.text), read(other.text)
    if not first or not second:
        alone = one.action is not None and one.assignee == other.assignee
        return (alone and first == second) or folded(one.text) == folded(other.text)
    return alike(first, second) and len(first & second) >= ALIKE * len(first | second)


_RULES = (
    (Kind.CONTRADICTION, _contradict),
    (Kind.PLACES, _two_places),
    (Kind.TWICE, _twice),
)


@dataclass(frozen=True, slots=True)
class Giver:
    """With which authority an order is given.

    `leads` are the seats below the giver's own (`role/label`), `command` the agencies for which
    the giver commands and `unified` all that command together. `speaks_for` are the agencies whose
    liaison officer or representative the giver is.
    """

    admin: bool = False
    commands: bool = False
    safety: bool = False
    directs_teams: bool = False
    leads: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()
    command: frozenset[str] = frozenset()
    unified: frozenset[str] = frozenset()
    speaks_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom an order goes: `seats` that the recipients hold, `agencies` that they are of."""

    target: Target
    seats: frozenset[str] = frozenset()
    agencies: frozenset[str] = field(default_factory=frozenset)


STOPPING = frozenset({"stop", "evacuate", "keep out", f"{NOT}enter", f"{NOT}start", "power off"})
"""What a Safety Officer orders to anybody, on his own word (ICS: emergency authority)."""


def within_authority(giver: Giver, to: Recipient, text: str) -> bool:
    """Whether the giver leads whom the order goes to."""
    if giver.admin or (giver.safety and action(text) in STOPPING):
        return True
    own = not to.agencies.isdisjoint(giver.speaks_for)
    if giver.commands:
        if len(giver.unified) < 2 or own:
            return True
        if to.target is Target.ROLE or not to.agencies:
            return True
        return not to.agencies.isdisjoint(giver.command)
    if own:
        return True
    match to.target:
        case Target.ROLE:
            return bool(to.seats) and to.seats <= giver.leads
        case Target.PERSON:
            if to.seats:
                return not to.seats.isdisjoint(giver.leads)
            return giver.directs_teams and not to.agencies.isdisjoint(giver.agencies)
        case Target.TEAM:
            return giver.directs_teams
        case Target.AGENCY:
            return False
