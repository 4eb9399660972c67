"""When a schedule's briefings are due. Pure: the zone and the times are passed in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from workflows.errors import Refusal
from workflows.text import _

LEAST, MOST = timedelta(minutes=15), timedelta(days=7)
"""Between two briefings of one schedule."""

MOST_CLOCKS = 12
"""Times of one day."""

BEFORE = timedelta(minutes=30)
"""How long before an operational period its briefing is sent, if nothing else is said."""

ON_TIME = timedelta(minutes=2)
"""Who is told within this is told on time."""

GRACE = timedelta(hours=3)
"""A briefing that was missed is sent within this, or half the time to the next one if that is
less; after that the next one says more."""

LOOK = timedelta(minutes=5)
"""How often a schedule that follows the periods looks when they begin."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again from `start` on, `start` itself included."""

    step: timedelta
    start: datetime

    def after(self, moment: datetime) -> datetime:
        """The first moment later than that one."""
        if moment < self.start:
            return self.start
        return self.start + ((moment - self.start) // self.step + 1) * self.step


@dataclass(frozen=True, slots=True)
class Daily:
    """At these times of each day in a zone, not before `start`."""

    clocks: tuple[str, ...]
    zone: ZoneInfo
    start: datetime

    def after(self, moment: datetime) -> datetime:
        """The first moment later than that one. A time that a change of clocks leaves out is
        told when the clocks go on; one that it repeats counts once."""
        floor = max(moment, self.start - timedelta(microseconds=1))
        day = floor.astimezone(self.zone).date() - timedelta(days=1)
        return next(each for each in self._from(day) if each > floor)

    def _from(self, day: date) -> Iterator[datetime]:
        while True:
            moments = (_at(day, clock, self.zone) for clock in self.clocks)
            yield from sorted(moments)
            day += timedelta(days=1)


def apart(clocks: Sequence[str], step: timedelta) -> bool:
    """Whether these times of day, around the clock, lie exactly `step` from each other."""
    minutes = sorted(int(each[:2]) * 60 + int(each[3:]) for each in clocks)
    around = pairwise([*minutes, minutes[0] + 24 * 60])
    return all(timedelta(minutes=after - before) == step for before, after in around)


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    hour, minute = map(int, clock.split(":"))
    # fold 0: of a repeated time the first; one that does not exist comes out after the gap.
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


def missed(rule: Every | Daily, due: datetime, now: datetime) -> tuple[datetime, int]:
    """The last moment that is over, and how many before it were missed as well; `due` is over."""
    if isinstance(rule, Every):
        last = max(due, rule.after(now) - rule.step)
        return last, (last - due) // rule.step
    last, count = due, 0
    while (following := rule.after(last)) <= now:
        last, count = following, count + 1
    return last, count


def grace(last: datetime, following: datetime) -> timedelta:
    """How late the briefing of the moment `last` may be sent."""
    return max(ON_TIME, min(GRACE, (following - last) / 2))


def step(length: timedelta) -> timedelta:
    """A time between two briefings. Raises `Refusal` (`briefing-every`)."""
    if LEAST <= length <= MOST:
        return length
    raise Refusal(
        "briefing-every",
        _(
            "Briefings come every {least} at most and every {most} at least. Say for example "
            "every=12h, or at=07:30,19:30.",
            least=LEAST,
            most=MOST,
        ),
    )


def clocks(moments: Sequence[datetime], zone: ZoneInfo) -> tuple[str, ...]:
    """The times of day of these moments, each once. Raises `Refusal` (`briefing-at`)."""
    found = sorted({each.astimezone(zone).strftime("%H:%M") for each in moments})
    if len(found) > MOST_CLOCKS:
        raise Refusal(
            "briefing-at",
            _("At most {limit} times of a day. More often: every=1h.", limit=MOST_CLOCKS),
        )
    minutes = [_minutes(each) for each in found]
    # The first one of the next day comes after the last one of this day.
    gaps = pairwise([*minutes, minutes[0] + 24 * 60])
    if any(later - early < LEAST.seconds // 60 for early, later in gaps):
        raise Refusal(
            "briefing-at",
            _("Between two briefings there have to be {least} at least.", least=LEAST),
        )
    return tuple(found)


def _minutes(clock: str) -> int:
    found = _CLOCK.fullmatch(clock)
    assert found is not None
    return int(found[1]) * 60 + int(found[2])
