"""A unit as people see it: its card, the board of T-cards, and what is said when it is promised
twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from handlers.context import Actions
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Para,
    Span,
    Thing,
)
from storage import UnitOfWork
from storage.tables import Incident, Resource, ResourceBooking, ResourceTrack
from workflows.geo.points import Point, about
from workflows.incidents.scene import rooms_of
from workflows.resources import rules
from workflows.resources.booking import Clash, alike
from workflows.resources.rules import CATEGORIES, STATUSES, Status
from workflows.resources.service import Unit, called, units
from workflows.text import Msg, _, ngettext

SIGNS: Mapping[Status, str] = {
    Status.AVAILABLE: "🟢",
    Status.ASSIGNED: "🔵",
    Status.OUT: "🔴",
    Status.RELEASED: "⚪",
}
CATEGORY_NAMES: Mapping[str, tuple[str, ...]] = {
    "team": ("team", "队伍", "人员队伍", "队"),
    "vehicle": ("vehicle", "车辆", "车"),
    "vessel": ("vessel", "船艇", "船舶", "船"),
    "aircraft": ("aircraft", "航空器", "飞机"),
    "equipment": ("equipment", "装备", "设备"),
    "convoy": ("convoy", "车队"),
}
STATUS_NAMES: Mapping[str, tuple[str, ...]] = {
    "available": ("available", "可用", "free", "空闲", "修复", "mended"),
    "out": ("out", "停用", "out of service", "故障", "broken", "failed"),
}

LISTED = 60
"""Units on the board; more are counted."""


def me(resource: Resource) -> str:
    """What means the unit from anywhere, `I3-U5`."""
    return f"I{resource.incident_id}-U{resource.number}"


async def card(uow: UnitOfWork, incident: Incident, resource: Resource, now: datetime) -> Document:
    """The card of a unit: what it is, how it is, what it does, where it is, next steps."""
    assert resource.id is not None
    status = Status(resource.status)
    bookings = await uow.resources.bookings([resource.id])
    track = await uow.resources.track(resource.id)
    blocks: list[Block] = [
        Heading(Span((f"{SIGNS[status]} ", f"U{resource.number} · {resource.name}")))
    ]
    blocks += [Para(each) for each in _what(resource)]
    since = _("{status} since {time}", status=STATUSES[status], time=resource.status_at)
    blocks.append(Para(since))
    if resource.reason is not None:
        blocks.append(Para(_("Reason: {reason}", reason=resource.reason)))
    if bookings:
        blocks.append(Bullets(tuple([await _promise(uow, each, now) for each in bookings])))
    blocks += [Para(each) for each in _way(resource, track, now)]
    if track is not None:
        blocks.append(Para(position(track, now)))
    elif resource.place is not None:
        blocks.append(Para(_("Base: {place}", place=resource.place)))
    blocks += [Para(each) for each in _duty(resource, now)]
    carriers = await uow.resources.followed(resource.id)
    people = [await uow.people.person(each.person_id) for each in carriers if each.agreed_at]
    devices = [each.name for each in await uow.resources.devices(resource.id)]
    sources = (*(each.name for each in people if each is not None), *devices)
    if sources and status is not Status.RELEASED:
        blocks.append(Para(_("Position from: {sources}", sources=sources)))
    return Document(tuple(blocks), _steps(resource), card=Thing(incident.id, "U", resource.number))


async def refresh(
    uow: UnitOfWork, actions: Actions, incident: Incident, resource: Resource, now: datetime
) -> None:
    """Bring the card up to date wherever it stands, and say it in rooms where it does not."""
    rooms = await rooms_of(uow, incident.id)
    await actions.show(uow, rooms, await card(uow, incident, resource, now))


def _what(resource: Resource) -> list[Inline]:
    kind: Msg | str = resource.kind
    if resource.type is not None:
        kind = _("{kind}, type {type}", kind=resource.kind, type=resource.type)
    lines: list[Inline] = [
        _("{category}: {kind}", category=CATEGORIES[resource.category], kind=kind)
        if resource.agency is None
        else _(
            "{category}: {kind} · {agency}",
            category=CATEGORIES[resource.category],
            kind=kind,
            agency=resource.agency,
        )
    ]
    who: list[Inline] = []
    if resource.leader is not None:
        who.append(_("Leader: {name}", name=resource.leader))
    if resource.people:
        who.append(ngettext("{n} person", "{n} people", resource.people))
    if resource.contact is not None:
        who.append(_("Contact: {contact}", contact=resource.contact))
    if who:
        parts: list[Inline] = []
        for each in who:
            parts += [" · ", each] if parts else [each]
        lines.append(Span(tuple(parts)))
    return lines


async def _promise(uow: UnitOfWork, booking: ResourceBooking, now: datetime) -> Inline:
    giver = await uow.people.person(booking.by_id)
    name = "?" if giver is None else giver.name
    if booking.agency is not None:
        time: Msg = _("for {name} ({agency})", name=name, agency=booking.agency)
    else:
        time = _("for {name}", name=name)
    parts: list[Inline] = [Bold(booking.task)]
    if booking.place is not None and booking.place not in booking.task:
        parts.append(f" 📍 {booking.place}")
    parts += [" — ", time, _(", "), when(booking, now)]
    if booking.order_number is not None:
        parts.append(f" [T{booking.order_number}]")
    if booking.request_number is not None:
        parts.append(f" [R{booking.request_number}]")
    return Span(tuple(parts))


def when(booking: ResourceBooking, now: datetime) -> Msg:
    """The time of a promise, in words."""
    ends = booking.ends_at
    if booking.starts_at > now:
        if ends is None:
            return _("from {start}", start=booking.starts_at)
        return _("{start} to {end}", start=booking.starts_at, end=ends)
    if ends is None:
        return _("until it is freed")
    return _("until {end}", end=ends) if ends > now else _("was to end {end}", end=ends)


def _way(resource: Resource, track: ResourceTrack | None, now: datetime) -> list[Inline]:
    if resource.bound_for is None:
        return []
    place = resource.bound_for
    if resource.arrived_at is not None:
        return [_("Arrived at {place} {time}", place=place, time=resource.arrived_at)]
    lines: list[Inline] = [
        _("➡️ Bound for {place}", place=place)
        if resource.due is None
        else _("➡️ Bound for {place}, due {time}", place=place, time=resource.due)
    ]
    if track is None:
        return lines
    if track.eta is not None:
        lines.append(Bold(eta(track.eta, resource.due)))
    if resource.bound_lat is not None and resource.bound_lon is not None:
        left = about(Point(track.lat, track.lon), Point(resource.bound_lat, resource.bound_lon))
        lines.append(_("{distance} to go as the crow flies", distance=far(left)))
    return lines


def eta(at: datetime, due: datetime | None) -> Msg:
    """When it will be there, and by how much that is too late."""
    if due is not None and at > due:
        late = max(round((at - due).total_seconds() / 60), 1)
        return _("Expected {time}, {n} min late", time=at, n=late)
    return _("Expected {time}", time=at)


def far(metres: float) -> Msg:
    """A distance in words."""
    if metres < 1000:
        return _("{n} m", n=round(metres / 10) * 10)
    return _("{n} km", n=Decimal(str(round(metres / 1000, 1 if metres < 100_000 else 0))))


def position(track: ResourceTrack, now: datetime) -> Msg:
    """Where it was last, and how long ago."""
    degrees = {"lat": f"{track.lat:.5f}", "lon": f"{track.lon:.5f}"}
    old = max(round((now - track.at).total_seconds() / 60), 0)
    if track.speed is None:
        return _("Position {lat}, {lon}, {n} min ago", **degrees, n=old)
    return _(
        "Position {lat}, {lon}, {n} min ago, {speed} km/h",
        **degrees,
        n=old,
        speed=round(track.speed * 3.6),
    )


def _duty(resource: Resource, now: datetime) -> list[Inline]:
    if resource.rest_until is not None and resource.rest_until > now:
        return [_("Rests until {time}", time=resource.rest_until)]
    tired = rules.tired_at(resource.on_since, resource.work_minutes)
    if tired is None or resource.on_since is None:
        return []
    if tired <= now:
        return [Bold(_("⏳ On duty since {since}: a rest is due", since=resource.on_since))]
    return [_("On duty since {since}, a rest is due {time}", since=resource.on_since, time=tired)]


def _steps(resource: Resource) -> tuple[Button, ...]:
    unit = me(resource)
    assign = Button(_("Assign"), f"/resource assign {unit}")
    free = Button(_("Free"), f"/resource free {unit}")
    send = Button(_("Send to"), f"/resource send {unit}")
    arrived = Button(_("Arrived"), f"/resource arrive {unit}")
    out = Button(_("Out of service"), f"/resource status {unit} out")
    mended = Button(_("Available"), f"/resource status {unit} available")
    track = Button(_("Track"), f"/resource track {unit}")
    rest = Button(_("Rest"), f"/resource rest {unit}")
    home = Button(_("Demobilise"), f"/resource demob {unit}")
    under_way = resource.bound_for is not None and resource.arrived_at is None
    return {
        Status.AVAILABLE: (assign, send, rest, out, track, home),
        Status.ASSIGNED: (*((arrived,) if under_way else (send,)), free, out, track),
        Status.OUT: (mended, home),
    }.get(Status(resource.status), ())


async def board(
    uow: UnitOfWork,
    incident: Incident,
    now: datetime,
    *,
    status: str | None = None,
    kind: str | None = None,
    agency: str | None = None,
) -> Sequence[Block]:
    """The T-cards of an incident: units by status, each with what it does."""
    known = [
        each
        for each in await units(uow, incident.id, here_only=status != Status.RELEASED)
        if (status is None or each.row.status == status)
        and (agency is None or each.row.agency == agency)
        and (kind is None or kind.casefold() in f"{each.row.kind} {each.row.name}".casefold())
    ]
    blocks: list[Block] = []
    left = LISTED
    for state in Status:
        these = [each for each in known if each.row.status == state]
        if not these:
            continue
        heads = sum(each.row.people for each in these)
        blocks.append(
            Para(
                Bold(
                    Span(
                        (
                            f"{SIGNS[state]} ",
                            STATUSES[state],
                            f" — {len(these)}",
                            *(
                                (" · ", ngettext("{n} person", "{n} people", heads))
                                if heads
                                else ()
                            ),
                        )
                    )
                )
            )
        )
        shown = these[: max(left, 0)]
        left -= len(shown)
        if shown:
            blocks.append(Bullets(tuple(line(each, now) for each in shown)))
    if len(known) > LISTED:
        blocks.append(Para(_("and {n} more", n=len(known) - LISTED)))
    return blocks


def line(unit: Unit, now: datetime) -> Inline:
    """A unit on one line."""
    row = unit.row
    parts: list[Inline] = [Bold(f"U{row.number}"), f" {row.name}"]
    if row.kind != row.name:
        parts += [_(", "), row.kind]
    if row.type is not None:
        parts.append(f" {row.type}")
    if row.agency is not None:
        parts.append(_(" ({text})", text=row.agency))
    if unit.booking is not None:
        parts += [" — ", unit.booking.task, _(", "), when(unit.booking, now)]
    if row.reason is not None:
        parts += [" — ", row.reason]
    if row.bound_for is not None and row.arrived_at is None:
        parts += [" ➡️ ", row.bound_for]
        if unit.eta is not None:
            parts += [" · ", eta(unit.eta, row.due)]
    if row.rest_until is not None and row.rest_until > now:
        parts += [" · ", _("Rests until {time}", time=row.rest_until)]
    return Span(tuple(parts))


async def failed(
    uow: UnitOfWork,
    resource: Resource,
    left: Sequence[ResourceBooking],
    text: Msg,
    now: datetime,
) -> Document:
    """A unit has broken down: what it leaves undone, where it stands, who could take over."""
    assert resource.id is not None
    blocks: list[Block] = [Para(Span(("🔴 ", text)))]
    buttons: list[Button] = []
    if left:
        blocks.append(Para(Bold(_("It was promised for:"))))
        blocks.append(Bullets(tuple([await _promise(uow, each, now) for each in left])))
    track = await uow.resources.track(resource.id)
    if track is not None:
        blocks.append(Para(position(track, now)))
    aboard = [
        f"C{each.number} {each.goods}"
        for each in await uow.custody.all(resource.incident_id, open_only=True)
        if each.unit_number == resource.number
    ]
    if aboard:
        blocks.append(Para(Bold(_("It has aboard: {goods}", goods=tuple(aboard)))))
    running = [each for each in left if each.starts_at <= now]
    if running:
        ends = running[0].ends_at
        others = await alike(uow, resource, rules.Span(now, ends), now)
        if others:
            names = tuple(str(called(each)) for each in others)
            blocks.append(Para(_("Available instead: {units}", units=names)))
            buttons += [
                Button(
                    _("{unit} takes over", unit=called(each)),
                    f"/resource relieve {me(resource)} by {me(each)}",
                )
                for each in others
            ]
        else:
            blocks.append(Para(_("No other unit of that sort is available then.")))
    buttons.append(Button(f"U{resource.number}", f"/resource show {me(resource)}"))
    return Document(tuple(blocks), tuple(buttons))


async def clash(
    uow: UnitOfWork,
    incident: Incident,
    wanted: Resource,
    task: str,
    found: Clash,
    others: Sequence[Resource],
    asker: Msg | str,
    now: datetime,
) -> Document:
    """What both sides read when a unit is wanted twice."""
    holder = await uow.people.person(found.booking.by_id)
    name = "?" if holder is None else holder.name
    has: Msg | str = name
    if found.booking.agency is not None:
        has = _("{name} ({agency})", name=name, agency=found.booking.agency)
    blocks: list[Block] = [
        Heading(_("⚠️ {unit} cannot be promised twice", unit=called(wanted))),
        Bullets(
            (
                _("It stands: {task}, for {name}", task=found.booking.task, name=has),
                when(found.booking, now),
                _("Refused: {task}, for {name}", task=task, name=asker),
            )
        ),
    ]
    if found.unit.incident_id != incident.id:
        blocks.append(
            Para(
                _(
                    "It is promised in another incident, {incident}.",
                    incident=f"I{found.unit.incident_id}",
                )
            )
        )
    if others:
        names = tuple(str(called(each)) for each in others)
        blocks.append(Para(_("Available instead: {units}", units=names)))
    else:
        blocks.append(Para(_("No other unit of that sort is available then.")))
    buttons = tuple(Button(f"U{each.number}", f"/resource show {me(each)}") for each in others)
    return Document(tuple(blocks), buttons)
