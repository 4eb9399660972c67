"""What a unit is and becomes, and when it is promised twice. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workflows.errors import Refusal
from workflows.incidents.rules import one_line, worded
from workflows.text import Msg, _

LONGEST_NAME = 60
LONGEST_CONTACT = 120
LONGEST_TASK = 300
MOST_PEOPLE = 5000
MOST_UNITS = 2000
"""Units of one incident."""

AT_LEAST = timedelta(minutes=1)
"""How long a task takes at least."""

FARTHEST = timedelta(days=366)
"""No task is promised to begin or end later than that."""


class Status(StrEnum):
    """ICS resource status, and `released` for what has gone home."""

    AVAILABLE = "available"
    ASSIGNED = "assigned"
    OUT = "out"
    RELEASED = "released"


class Event(StrEnum):
    """What can happen to a unit."""

    ASSIGN = "assign"
    FREE = "free"
    FAIL = "fail"
    MEND = "mend"
    RELEASE = "release"


TRANSITIONS: Mapping[Status, Mapping[Event, Status]] = {
    Status.AVAILABLE: {
        Event.ASSIGN: Status.ASSIGNED,
        Event.FAIL: Status.OUT,
        Event.RELEASE: Status.RELEASED,
    },
    Status.ASSIGNED: {
        Event.ASSIGN: Status.ASSIGNED,
        Event.FREE: Status.AVAILABLE,
        Event.FAIL: Status.OUT,
    },
    Status.OUT: {
        Event.FAIL: Status.OUT,
        Event.MEND: Status.AVAILABLE,
        Event.RELEASE: Status.RELEASED,
    },
    Status.RELEASED: {},
}

STATUSES: Mapping[Status, Msg] = {
    Status.AVAILABLE: _("available"),
    Status.ASSIGNED: _("assigned"),
    Status.OUT: _("out of service"),
    Status.RELEASED: _("released"),
}

CATEGORIES: Mapping[str, Msg] = {
    "team": _("team"),
    "vehicle": _("vehicle"),
    "vessel": _("vessel"),
    "aircraft": _("aircraft"),
    "equipment": _("equipment"),
    "convoy": _("convoy"),
}

_WORDS: Mapping[str, tuple[str, ...]] = {
    "convoy": ("convoy", "车队", "船队"),
    "aircraft": ("helicopter", "aircraft", "drone", "uav", "直升机", "飞机", "无人机"),
    "vessel": ("boat", "vessel", "ship", "tug", "barge", "船", "艇", "舟"),
    "team": (
        *("team", "crew", "squad", "platoon", "company", "people", "medics", "divers"),
        *("队", "组", "班", "人员", "小分队", "突击", "支队", "大队", "中队"),
    ),
    "vehicle": (
        *("vehicle", "truck", "engine", "ambulance", "car", "van", "bus", "crane", "tanker"),
        *("excavator", "loader", "bulldozer", "车", "吊机", "挖掘机", "推土机", "装载机"),
    ),
}
"""What a kind is taken for, by words in it; the first that fits."""


def category_of(kind: str) -> str:
    """Which sort of thing a kind is, as far as its words say; else equipment."""
    plain = unicodedata.normalize("NFKC", kind).casefold()
    for category, words in _WORDS.items():
        if any(word in plain for word in words):
            return category
    return "equipment"


def after(status: str, event: Event, reference: str) -> Status:
    """The status that follows. Raises `Refusal` (`resource-status`)."""
    now = Status(status)
    following = TRANSITIONS[now].get(event)
    if following is not None:
        return following
    if now is Status.RELEASED:
        text = _("{reference} was released and has gone home.", reference=reference)
    elif event is Event.RELEASE:
        text = _(
            "{reference} still has a task. Free it first: /resource free {reference}.",
            reference=reference,
        )
    elif now is Status.OUT:
        text = _(
            "{reference} is out of service. Once it is mended: /resource status {reference} "
            "available.",
            reference=reference,
        )
    else:
        text = _(
            "{reference} is {status} already. Nothing was changed.",
            reference=reference,
            status=STATUSES[now],
        )
    raise Refusal("resource-status", text)


def name(typed: str) -> str:
    """A unit's name, kind, type or leader on one line. Raises `Refusal` (`resource-name`)."""
    shown = one_line(typed)
    return worded(
        shown,
        LONGEST_NAME,
        "resource-name",
        _(
            "Names, kinds and types are words of 1 to {limit} characters; “{text}” is not.",
            limit=LONGEST_NAME,
            text=shown[:LONGEST_NAME],
        ),
    )


def contact(typed: str) -> str:
    """How a unit is reached, on one line. Raises `Refusal` (`resource-contact`)."""
    shown = one_line(typed)
    return worded(
        shown,
        LONGEST_CONTACT,
        "resource-contact",
        _(
            "Say how it is reached in 1 to {limit} characters, such as a number or a channel.",
            limit=LONGEST_CONTACT,
        ),
    )


def task(typed: str) -> str:
    """What a unit is to do, on one line. Raises `Refusal` (`resource-task`)."""
    shown = one_line(typed)
    return worded(
        shown,
        LONGEST_TASK,
        "resource-task",
        _("Say in words what it is to do, 1 to {limit} characters.", limit=LONGEST_TASK),
    )


def people(number: int) -> int:
    """How many people a unit has. Raises `Refusal` (`resource-people`)."""
    if not 0 <= number <= MOST_PEOPLE:
        raise Refusal(
            "resource-people",
            _("Say 0 to {most} people; {n} cannot be.", most=MOST_PEOPLE, n=number),
        )
    return number


def ident(agency: str | None, name: str) -> str:
    """What makes two units of different incidents the same thing: name and agency, without signs
    and blanks."""

    def plain(text: str) -> str:
        folded = unicodedata.normalize("NFKC", text).casefold()
        return "".join(sign for sign in folded if sign.isalnum())

    return f"{plain(agency or '')}/{plain(name)}"


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which something is promised; `ends` None: until it is freed."""

    starts: datetime
    ends: datetime | None = None

    def overlaps(self, other: Span) -> bool:
        """Whether there is a moment that belongs to both; an end belongs to neither."""
        return (other.ends is None or self.starts < other.ends) and (
            self.ends is None or other.starts < self.ends
        )


def span(starts: datetime, ends: datetime | None, now: datetime) -> Span:
    """The time of a task. Raises `Refusal` (`resource-times`) for one that cannot be."""
    if ends is not None and ends < starts + AT_LEAST:
        raise Refusal(
            "resource-times",
            _("It would end at {end}, before it begins at {start}.", end=ends, start=starts),
        )
    if ends is not None and ends <= now:
        raise Refusal("resource-times", _("That time is over: {time}.", time=ends))
    if max(starts, ends or starts) > now + FARTHEST:
        raise Refusal(
            "resource-times", _("That is more than a year ahead. Say a time that is nearer.")
        )
    return Span(starts, ends)


def first_clash(wanted: Span, promised: Iterable[tuple[int, Span]], now: datetime) -> int | None:
    """The key of the first promise that overlaps. One whose end has passed without the unit being
    free goes on."""
    for key, each in promised:
        real = Span(each.starts, None if each.ends is not None and each.ends <= now else each.ends)
        if wanted.overlaps(real):
            return key
    return None


def tired_at(on_since: datetime | None, work_minutes: int) -> datetime | None:
    """When a unit needs a rest; None while it is off duty, or without a limit."""
    if on_since is None or work_minutes <= 0:
        return None
    return on_since + timedelta(minutes=work_minutes)
