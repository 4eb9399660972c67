"""Where units, depots and the scene are: the picture, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.cards import incident as incidents, resource as cards
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Paper,
    Para,
    Span,
    lines,
)
from storage import UnitOfWork
from storage.tables import Incident
from workflows.geo.points import Point, about
from workflows.resources import journey, sketch
from workflows.resources.places import scene
from workflows.resources.rules import Status
from workflows.resources.service import Unit, units
from workflows.resources.sketch import Sketch, Thing
from workflows.resources.tracking import SILENT_AFTER
from workflows.text import Json, Msg, _

TRAIL = 30
"""Positions of a unit's way so far."""

LISTED = 30


async def picture(uow: UnitOfWork, incident: Incident, now: datetime) -> Document:
    """The map as a picture, with all that it shows in words."""
    known = await units(uow, incident.id)
    title = _("Where things are in {incident}:", incident=incidents.name(incident))
    placed = [each for each in known if each.spot is not None]
    missing = [each for each in known if each.spot is None]
    things = await _things(uow, incident, placed, ZoneInfo(incident.zone), now)
    blocks: list[Block] = [Heading(title)]
    around = scene(incident)
    if around is not None:
        spot = str(around)
        if incident.place not in (None, spot):
            spot = f"{incident.place} ({spot})"
        blocks.append(Para(_("Scene: {place}", place=spot)))
    if placed:
        blocks.append(Bullets(tuple(_line(each, around, now) for each in placed[:LISTED])))
    if len(placed) > LISTED:
        blocks.append(Para(_("and {n} more", n=len(placed) - LISTED)))
    if missing:
        names = tuple(f"U{each.row.number}" for each in missing[:LISTED])
        blocks.append(Para(_("Nobody has said where these are: {units}", units=names)))
    button = Button(_("Units"), f"/resource list incident=I{incident.id}")
    if not things:
        blocks.append(
            Para(
                _(
                    "There is nothing to draw yet. Say where the incident is with /incident place, "
                    "and share a location for a unit with /resource track."
                )
            )
        )
        return Document(tuple(blocks), (button,))
    made = Paper(
        name=f"I{incident.id}-map",
        template="where.typ",
        caption=_("Where things are in {incident}", incident=f"I{incident.id}"),
        data=_data(incident, sketch.draw(things), things, now),
    )
    return Document(tuple(blocks), (button,), papers=(made,))


def _line(unit: Unit, around: Point | None, now: datetime) -> Inline:
    assert unit.spot is not None
    parts: list[Inline] = [
        f"{cards.SIGNS[Status(unit.row.status)]} ",
        Bold(f"U{unit.row.number}"),
        f" {unit.row.name}: ",
    ]
    if unit.track is not None:
        parts.append(cards.position(unit.track, now))
    else:
        parts.append(_("Base: {place}", place=unit.row.place or str(unit.spot)))
    if around is not None:
        way = cards.far(about(unit.spot, around))
        parts += [" · ", _("{distance} from the scene", distance=way)]
    if unit.eta is not None and journey.under_way(unit.row):
        parts += [" ➡️ ", unit.row.bound_for or "", " · ", cards.eta(unit.eta, unit.row.due)]
    return Span(tuple(parts))


async def _things(
    uow: UnitOfWork, incident: Incident, placed: Sequence[Unit], zone: ZoneInfo, now: datetime
) -> list[Thing]:
    found: list[Thing] = []
    around = scene(incident)
    if around is not None:
        found.append(Thing(incident.place or incident.title, around, "scene", "scene", weight=9))
    for depot in await uow.stock.depots():
        if depot.lat is not None and depot.lon is not None:
            spot = Point(depot.lat, depot.lon)
            found.append(
                Thing(f"D{depot.id} {depot.name}", spot, "depot", "depot", "", 5, f"D{depot.id}")
            )
    for unit in placed:
        found.append(await _unit(uow, unit, zone, now))
        goal = journey.goal_of(unit.row)
        if journey.under_way(unit.row) and goal.spot is not None:
            found.append(Thing(goal.words, goal.spot, "goal", "goal", weight=1))
    return found


async def _unit(uow: UnitOfWork, unit: Unit, zone: ZoneInfo, now: datetime) -> Thing:
    row, track = unit.row, unit.track
    assert row.id is not None
    assert unit.spot is not None
    going = journey.under_way(row)
    small: list[str] = []
    stale = False
    if track is not None:
        old = now - track.at
        stale = old > SILENT_AFTER
        if stale:
            small.append(f"{track.at.astimezone(zone):%H:%M}?")
        elif track.speed is not None and going:
            small.append(f"{round(track.speed * 3.6)} km/h")
    if going and unit.eta is not None:
        small.append(f"→ {unit.eta.astimezone(zone):%H:%M}")
    trail: tuple[Point, ...] = ()
    if going and track is not None:
        fixes = await uow.resources.fixes(row.id, TRAIL)
        since = [each for each in fixes if row.sent_at is None or each.at >= row.sent_at]
        trail = tuple(Point(each.lat, each.lon) for each in since)
    look = "stale" if stale and row.status != Status.OUT else row.status
    return Thing(
        f"U{row.number} {row.name}", unit.spot, "unit", look, " · ".join(small),
        8 if going else 6, f"U{row.number}", trail, journey.goal_of(row).spot if going else None,
    )  # fmt: skip


_LEGEND: Sequence[tuple[str, str, Msg]] = (
    ("scene", "scene", _("scene")),
    ("depot", "depot", _("depot")),
    ("unit", "available", _("available")),
    ("unit", "assigned", _("assigned")),
    ("unit", "out", _("out of service")),
    ("unit", "stale", _("silent for more than 10 min")),
    ("goal", "goal", _("destination")),
)


def _data(
    incident: Incident, made: Sketch, things: Sequence[Thing], now: datetime
) -> dict[str, Json]:
    shown = {(each.sort, each.look) for each in things}
    left: Json = []
    if made.left:
        left = lines(_("Not labelled for want of room: {names}", names=made.left))
    return made.to_json() | {
        "title": f"I{incident.id} · {incident.title}",
        "under": lines(_("Where things are, {time}", time=now)),
        "legend": [
            {"sort": sort, "look": look, "says": lines(says)}
            for sort, look, says in _LEGEND
            if (sort, look) in shown
        ],
        "left": left,
        "square": [made.square.x, made.square.y, made.square.side],
        "foot": lines(
            _("A sketch to scale: coordinates WGS 84, north is up. It shows no roads and no water.")
        ),
        "foot_of_map": lines(_("To scale: coordinates WGS 84, north is up.")),
    }
