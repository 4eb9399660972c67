"""Where a unit is based or bound for: words, with a point on the map where they give one."""

from __future__ import annotations

from dataclasses import dataclass

from storage import UnitOfWork
from storage.tables import Incident
from workflows.geo import doubt
from workflows.geo.places import Place
from workflows.geo.points import Point
from workflows.orders.words import folded

SCENE = frozenset({"scene", "the scene", "incident", "现场", "事发地", "事件现场", "灾害现场"})
"""Words for where the incident is."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A place in words, and where that is, if it is known."""

    words: str
    spot: Point | None = None


def scene(incident: Incident) -> Point | None:
    """Where the incident is, if it is known."""
    if incident.lat is None or incident.lon is None:
        return None
    return Point(incident.lat, incident.lon)


async def goal(uow: UnitOfWork, incident: Incident, place: Place) -> Goal:
    """What place somebody means: degrees, the scene, a depot, another unit, else just its words.

    Raises `Refusal` (`place-far`).
    """
    doubt.check(place, scene(incident), incident.zone)
    words = str(place) if place.words is None else place.words
    if place.point is not None:
        return Goal(words, place.point)
    plain = folded(words)
    own = None if incident.place is None else folded(incident.place)
    if plain in SCENE or plain == own:
        return Goal(incident.place or words, scene(incident))
    for depot in await uow.stock.depots():
        if plain in (f"d{depot.id}", folded(depot.name)):
            if depot.lat is None or depot.lon is None:
                return Goal(depot.name)
            return Goal(depot.name, Point(depot.lat, depot.lon))
    for each in await uow.resources.all(incident.id, here_only=True):
        if plain in (f"u{each.number}", folded(each.name)) and each.id is not None:
            track = await uow.resources.track(each.id)
            if track is not None:
                return Goal(each.name, Point(track.lat, track.lon))
            if each.lat is not None and each.lon is not None:
                return Goal(each.name, Point(each.lat, each.lon))
    return Goal(words)
