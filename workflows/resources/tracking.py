"""Where a unit is, how fast it goes and when it will be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from storage import UnitOfWork
from storage.tables import Incident, Resource, ResourceFix, ResourceTrack
from workflows.geo.points import Point, about
from workflows.incidents.record import By
from workflows.incidents.rules import OVER
from workflows.resources import journey
from workflows.resources.places import scene
from workflows.resources.rules import Status
from workflows.resources.service import called, noted
from workflows.text import Msg, _

DOUBT = "resource.doubt"
"""The timer by which a position that cannot be is pointed out once in a while, by the unit's
key."""

THERE = 250.0
"""Metres from where it is bound for within which a unit has arrived."""

STANDS = 100.0
"""Metres within which it has not moved."""

STUCK_AFTER = timedelta(minutes=15)
"""So long a unit under way may stand still."""

SILENT_AFTER = timedelta(minutes=10)
"""So long a unit under way may be silent."""

AHEAD = timedelta(minutes=5)
"""A clock may be fast by so much."""

OLD = timedelta(days=1)
"""A position that is older says nothing."""

THIN = timedelta(seconds=30)
"""Of positions that are closer together only the first is kept."""

KEPT = 500
"""Positions of a unit that are kept."""

SHOWN = timedelta(minutes=3)
"""The card of a unit that moves is brought up to date no more often."""

FAR = 2_000_000.0
"""Metres from the incident beyond which a position is not believed: as for places that are typed
(`workflows.geo.doubt`)."""

ROAD = 1.3
"""How much longer the way is than the straight line: the mean detour factor of road networks,
1.2 to 1.4 (Ballou, Rahardja, Sakai, Transportation Research A 36, 2002)."""

USUAL: Mapping[str, float] = {
    "team": 30 / 3.6,
    "vehicle": 40 / 3.6,
    "convoy": 40 / 3.6,
    "vessel": 20 / 3.6,
    "aircraft": 180 / 3.6,
    "equipment": 25 / 3.6,
}
"""Metres a second that are assumed of a category while its own speed is not known."""

FASTEST: Mapping[str, float] = {"aircraft": 340.0}
"""Metres a second that are possible; `QUICK` for all others."""

QUICK = 70.0

COARSE = 3000.0
"""Metres of accuracy from which on a position does not say where a unit is, only that it is
heard."""

ALLOWED = 2000.0
"""Metres that a unit may seem to jump, however inaccurate its positions are said to be."""

SLOW = 1.5
"""Metres a second below which a unit stands, and its speed says nothing of when it arrives."""


class News(StrEnum):
    """What a position tells that people should hear of."""

    ARRIVED = "arrived"
    LATE = "late"
    HEARD = "heard"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Fix:
    """One position: metres a second, degrees from north, metres; None where it is not known."""

    at: datetime
    spot: Point
    source: str
    speed: float | None = None
    course: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a position. `taken` unless it was too old or cannot be; with `show` its card
    is to be brought up to date, which is not done for each step."""

    resource: Resource
    taken: bool
    news: tuple[tuple[News, Msg], ...] = field(default=())
    show: bool = False


def sane(fix: Fix, now: datetime) -> bool:
    """Whether the time of a position can be."""
    return now - OLD <= fix.at <= now + AHEAD


def believable(spot: Point, around: Point | None) -> bool:
    """Whether a position can belong to an incident: not on the other side of the world."""
    return around is None or about(spot, around) <= FAR


def possible(fix: Fix, last: Fix, category: str) -> bool:
    """Whether a unit can have come from one position to the other: not quicker than can be."""
    stated = max(fix.accuracy or 0.0, 0.0) + max(last.accuracy or 0.0, 0.0)
    way = about(fix.spot, last.spot)
    seconds = max((fix.at - last.at).total_seconds(), 1.0)
    if way <= ALLOWED:
        return True
    way -= min(stated, ALLOWED)
    return way / seconds <= FASTEST.get(category, QUICK)


def speed_of(fix: Fix, last: ResourceTrack | None, kept: ResourceFix | None = None) -> float | None:
    """How fast it goes: as it says, else by the way since its last position, or since the last
    that was kept where that is only just over."""
    if fix.speed is not None and 0 <= fix.speed <= 400:
        return fix.speed
    if last is None:
        return None
    seconds = (fix.at - last.at).total_seconds()
    before: ResourceTrack | ResourceFix = last
    if seconds < 5 and kept is not None:
        before, seconds = kept, (fix.at - kept.at).total_seconds()
    if not 5 <= seconds <= 900:
        return last.speed
    return about(fix.spot, Point(before.lat, before.lon)) / seconds


def arrival(
    spot: Point, goal: Point, speeds: tuple[float, ...], category: str, at: datetime
) -> datetime:
    """When it will be there, from its mean speed while it moves, else from what is usual."""
    moving = [each for each in speeds if each >= SLOW]
    pace = sum(moving) / len(moving) if moving else USUAL.get(category, 40 / 3.6)
    detour = 1.0 if category == "aircraft" else ROAD
    return at + timedelta(seconds=round(about(spot, goal) * detour / pace))


async def moved(uow: UnitOfWork, resource: Resource, fix: Fix, *, now: datetime) -> Moved:
    """Take a position of a unit; what is to be told because of it."""
    incident = await uow.incidents.get(resource.incident_id)
    if incident is None or incident.state in OVER or resource.status == Status.RELEASED:
        return Moved(resource, False)
    if not sane(fix, now):
        return Moved(resource, False)
    assert resource.id is not None
    last = await uow.resources.track(resource.id)
    if last is not None and fix.at <= last.at:
        return Moved(resource, False)
    if (fix.accuracy or 0) >= COARSE:
        return await _heard_only(uow, incident, resource, last, fix, now)
    if not await _believed(uow, incident, resource, fix, last):
        return await _doubted(uow, incident, resource, fix, now)
    kept = next(iter(await uow.resources.fixes(resource.id, 1)), None)
    speed = speed_of(fix, last, kept)
    before = None if last is None else last.at
    thin = kept is not None and fix.at - kept.at < THIN
    track = last or ResourceTrack(
        resource_id=resource.id, lat=fix.spot.lat, lon=fix.spot.lon, at=fix.at, source=fix.source,
        moved_at=fix.at,
    )  # fmt: skip
    if about(fix.spot, Point(track.lat, track.lon)) > STANDS or (speed or 0) >= SLOW:
        track.moved_at = fix.at
    news = await _heard(uow, incident, resource, track, fix, now)
    track.lat, track.lon = fix.spot.lat, fix.spot.lon
    track.at, track.source = fix.at, fix.source
    track.speed, track.course, track.accuracy = speed, fix.course, fix.accuracy
    await uow.resources.save(track)
    if not thin:
        await uow.resources.fix(
            KEPT, resource_id=resource.id, at=fix.at, lat=fix.spot.lat, lon=fix.spot.lon,
            speed=speed, source=fix.source,
        )  # fmt: skip
    if journey.under_way(resource):
        news += await _under_way(uow, incident, resource, track, fix, now)
    pace = SHOWN.total_seconds()
    step = before is None or fix.at.timestamp() // pace != before.timestamp() // pace
    return Moved(resource, True, tuple(news), step)


async def _heard(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    track: ResourceTrack,
    fix: Fix,
    now: datetime,
) -> list[tuple[News, Msg]]:
    if not track.silent_told:
        return []
    track.silent_told = False
    text = _("{unit} is heard again", unit=called(resource))
    await noted(uow, incident, resource, "resource.heard", text, (), by=tracker(fix), now=now)
    return [(News.HEARD, text)]


async def _heard_only(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    last: ResourceTrack | None,
    fix: Fix,
    now: datetime,
) -> Moved:
    """A position that is too inaccurate moves nothing, and its time is not that of where the unit
    was last; but a unit that tells so much is not silent."""
    news: list[tuple[News, Msg]] = []
    if last is not None:
        news = await _heard(uow, incident, resource, last, fix, now)
        await uow.resources.save(last)
        if journey.under_way(resource):
            key, due = str(resource.id), max(fix.at, now) + SILENT_AFTER
            await uow.timers.set(journey.SILENT, key, due)
    return Moved(resource, False, tuple(news))


async def _under_way(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    track: ResourceTrack,
    fix: Fix,
    now: datetime,
) -> list[tuple[News, Msg]]:
    assert resource.id is not None
    key = str(resource.id)
    goal = journey.goal_of(resource).spot
    if goal is not None and about(fix.spot, goal) <= THERE + min(fix.accuracy or 0, THERE):
        track.eta = None
        await uow.resources.save(track)
        await journey.arrive(
            uow, resource, by=tracker(fix), now=now,
            params={"lat": fix.spot.lat, "lon": fix.spot.lon},
        )  # fmt: skip
        place = resource.bound_for or ""
        return [(News.ARRIVED, _("{unit} has arrived at {place}", unit=called(resource),
                                 place=place))]  # fmt: skip
    await uow.timers.set(journey.SILENT, key, max(fix.at, now) + SILENT_AFTER)
    if await uow.timers.get(journey.STUCK, key) is None:
        await uow.timers.set(journey.STUCK, key, max(fix.at, now) + STUCK_AFTER)
    if goal is None:
        return []
    speeds = tuple(
        each.speed for each in await uow.resources.fixes(resource.id, 20)
        if each.speed is not None and fix.at - each.at <= timedelta(minutes=15)
    )  # fmt: skip
    track.eta = arrival(fix.spot, goal, speeds, resource.category, fix.at)
    late = resource.due is not None and track.eta > resource.due + 2 * journey.GRACE
    tell = late and not track.late_told
    if late:
        track.late_told = True
    elif resource.due is not None and track.eta <= resource.due:
        track.late_told = False
    await uow.resources.save(track)
    if not tell or resource.due is None:
        return []
    text = _(
        "{unit} will be late at {place}: expected {eta}, due {time}",
        unit=called(resource),
        place=resource.bound_for or "",
        eta=track.eta,
        time=resource.due,
    )
    await noted(uow, incident, resource, "resource.delayed", text, (), by=tracker(fix), now=now)
    return [(News.LATE, text)]


async def stands(uow: UnitOfWork, resource: Resource, now: datetime) -> bool:
    """Whether a unit has kept to one place for as long as it may, and still tells where it is."""
    assert resource.id is not None
    track = await uow.resources.track(resource.id)
    if track is None or now - track.at > SILENT_AFTER:
        return False
    here = Point(track.lat, track.lon)
    for each in reversed(await uow.resources.fixes(resource.id, KEPT)):
        if about(Point(each.lat, each.lon), here) > STANDS:
            return False
        if now - each.at >= STUCK_AFTER:
            return True
    # What is kept does not reach back so far: it may have come only just now.
    return False


AGREE = 3
"""So many doubtful positions that agree with each other are believed after all."""


async def _believed(
    uow: UnitOfWork, incident: Incident, resource: Resource, fix: Fix, last: ResourceTrack | None
) -> bool:
    if not believable(fix.spot, scene(incident)):
        return False
    if last is None:
        return True
    before = Fix(last.at, Point(last.lat, last.lon), last.source, accuracy=last.accuracy)
    if possible(fix, before, resource.category):
        return True
    doubted = await uow.timers.get(DOUBT, str(resource.id))
    if doubted is None or "lat" not in doubted.data:
        return False
    data = doubted.data
    spot = Point(float(data["lat"]), float(data["lon"]))
    other = Fix(datetime.fromisoformat(data["at"]), spot, fix.source)
    agree = int(data["n"]) + 1 if possible(fix, other, resource.category) else 1
    await uow.timers.set(DOUBT, str(resource.id), doubted.due_at, _doubt(fix, agree))
    return agree >= AGREE


def _doubt(fix: Fix, agree: int) -> dict[str, str | float]:
    return {"lat": fix.spot.lat, "lon": fix.spot.lon, "at": fix.at.isoformat(), "n": agree}


async def _doubted(
    uow: UnitOfWork, incident: Incident, resource: Resource, fix: Fix, now: datetime
) -> Moved:
    """A position that cannot be changes nothing; people hear of it, once in half an hour."""
    if await uow.timers.get(DOUBT, str(resource.id)) is not None:
        return Moved(resource, False)
    due = now + timedelta(minutes=30)
    await uow.timers.set(DOUBT, str(resource.id), due, _doubt(fix, 1))
    text = _(
        "{unit} is said to be at {place}, which cannot be. That position was not taken.",
        unit=called(resource),
        place=str(fix.spot),
    )
    await noted(
        uow, incident, resource, "resource.doubted", text, (), by=tracker(fix), now=now,
        params={"lat": fix.spot.lat, "lon": fix.spot.lon, "source": fix.source},
    )  # fmt: skip
    return Moved(resource, False, ((News.DOUBTFUL, text),))


def tracker(fix: Fix) -> By:
    """Who tells a position, for the record."""
    return By(None, None, fix.source)
