"""What is announced about units by the clock: tasks that begin and end, rests, late arrivals."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.cards import resource as cards
from handlers.document import Block, Button, Document, Para, Span
from handlers.escalating import LIANZHI, tell_all
from handlers.ringing import Rings, Wake
from storage.tables import Incident, Person, Resource, ResourceBooking, ResourceTrack
from workflows.errors import Refusal
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of
from workflows.resources import booking, journey, resting, service, tracking
from workflows.resources.rules import Span as Time, Status, tired_at
from workflows.resources.service import called, noted
from workflows.text import Msg, _


async def _unit(wake: Wake, key: int | None = None) -> tuple[Incident, Resource] | None:
    """The unit that the timer is about, if it is still there."""
    found = await wake.uow.resources.by_id(int(wake.timer.subject) if key is None else key)
    if found is None:
        return None
    incident = await wake.uow.incidents.locked(found.incident_id)
    if incident is None or incident.state in OVER:
        return None
    resource = await wake.uow.resources.get(incident.id, found.number)
    if resource is None or resource.status == Status.RELEASED:
        return None
    return incident, resource


async def announce(
    wake: Wake,
    incident: Incident,
    resource: Resource,
    text: Msg,
    buttons: Sequence[Button] = (),
    more: Sequence[Block] = (),
    bookings: Sequence[ResourceBooking] = (),
) -> None:
    """Every room of the incident is told; its leader and those it is promised to in private."""
    uow = wake.uow
    show = Button(f"U{resource.number}", f"/resource show {cards.me(resource)}")
    document = Document((Para(Span(("⏰ ", text))), *more), (*buttons, show))
    rooms = await rooms_of(uow, incident.id)
    if rooms:
        await wake.actions.tell(uow, rooms, document)
    people: dict[int, Person] = {}
    for key in (resource.leader_id, *(each.by_id for each in bookings)):
        person = None if key is None else await uow.people.person(key)
        if person is not None and key is not None:
            people[key] = person
    await tell_all(uow, wake.actions, tuple(people.values()), document)
    await cards.refresh(uow, wake.actions, incident, resource, wake.now)


async def begins(wake: Wake) -> None:
    """The time has come from which on a unit is promised."""
    uow, now = wake.uow, wake.now
    row = await uow.resources.booking(int(wake.timer.subject))
    if row is None:
        return
    found = await _unit(wake, row.resource_id)
    # Read again now that the incident is held: it may have been freed or moved meanwhile.
    row = await uow.resources.booking(int(wake.timer.subject))
    if found is None or row is None or row.state != "booked" or row.starts_at > now:
        return
    incident, resource = found
    assert resource.id is not None
    running = [
        each
        for each in await uow.resources.bookings([resource.id])
        if each.id != row.id and each.starts_at < row.starts_at
    ]
    try:
        await booking.begin(uow, incident, resource, row, by=LIANZHI, now=now)
    except Refusal as refusal:
        text = _("{unit} cannot begin: {task}. {reason}", unit=called(resource), task=row.task,
                 reason=refusal.text)  # fmt: skip
        await announce(wake, incident, resource, text, bookings=(row,))
        return
    text = _("{unit} begins now: {task}", unit=called(resource), task=row.task)
    if running:
        text = _(
            "{unit} is to begin now: {task}. It is still at: {other}",
            unit=called(resource),
            task=row.task,
            other=running[0].task,
        )
    await announce(wake, incident, resource, text, bookings=(row, *running))


async def ends(wake: Wake) -> None:
    """The time is over for which a unit was promised, and it is not free."""
    uow, now = wake.uow, wake.now
    row = await uow.resources.booking(int(wake.timer.subject))
    if row is None:
        return
    found = await _unit(wake, row.resource_id)
    row = await uow.resources.booking(int(wake.timer.subject))
    if found is None or row is None or row.state != "booked":
        return
    if row.ends_at is None or row.ends_at > now:
        return
    incident, resource = found
    text = _("The time of {unit} is over: {task}. Is it free?", unit=called(resource),
             task=row.task)  # fmt: skip
    free = Button(_("Free"), f"/resource free {cards.me(resource)}")
    await announce(wake, incident, resource, text, (free,), bookings=(row,))
    await uow.timers.set(booking.ENDS, str(row.id), now + booking.AGAIN)


async def tired(wake: Wake) -> None:
    """A unit has worked for as long as it may without a rest."""
    uow, now = wake.uow, wake.now
    found = await _unit(wake)
    if found is None:
        return
    incident, resource = found
    due = tired_at(resource.on_since, resource.work_minutes)
    if due is None or due > now or resource.status != Status.ASSIGNED:
        return
    assert resource.on_since is not None
    text = _(
        "{unit} has been on duty since {since}. A rest of {length} is due.",
        unit=called(resource),
        since=resource.on_since,
        length=_minutes(resource.rest_minutes),
    )
    assert resource.id is not None
    bookings = await uow.resources.bookings([resource.id])
    from_others = await booking.alike(uow, resource, Time(now), now)
    buttons = [
        Button(
            _("{unit} takes over", unit=called(each)),
            f"/resource rest {cards.me(resource)} relief={cards.me(each)}",
        )
        for each in from_others
    ]
    await noted(uow, incident, resource, "resource.tired", text, (), by=LIANZHI, now=now)
    await announce(wake, incident, resource, text, buttons, bookings=bookings)
    await uow.timers.set(resting.TIRED, str(resource.id), now + resting.AGAIN)


def _minutes(minutes: int) -> Msg:
    if minutes % 60 == 0 and minutes:
        return _("{n} h", n=minutes // 60)
    return _("{n} min", n=minutes)


async def rested(wake: Wake) -> None:
    """A rest is over."""
    found = await _unit(wake)
    if found is None:
        return
    incident, resource = found
    if resource.rest_until is None or resource.rest_until > wake.now:
        return
    await resting.end_rest(wake.uow, resource, by=LIANZHI, now=wake.now)
    text = _("{unit} has rested and is available", unit=called(resource))
    await announce(wake, incident, resource, text)


async def mended(wake: Wake) -> None:
    """The time has come by which a unit was to be in service again."""
    found = await _unit(wake)
    if found is None or found[1].status != Status.OUT:
        return
    incident, resource = found
    text = _("{unit} was to be in service again by now. Is it?", unit=called(resource))
    button = Button(_("Available"), f"/resource status {cards.me(resource)} available")
    await announce(wake, incident, resource, text, (button,))


async def late(wake: Wake) -> None:
    """A unit is not where it was to be by now."""
    uow, now = wake.uow, wake.now
    found = await _unit(wake)
    if found is None:
        return
    incident, resource = found
    if not journey.under_way(resource) or resource.due is None or now < resource.due:
        return
    assert resource.id is not None
    text = _(
        "{unit} is late: it was to be at {place} {time}",
        unit=called(resource),
        place=resource.bound_for or "",
        time=resource.due,
    )
    track = await uow.resources.track(resource.id)
    more: list[Block] = []
    if track is not None:
        more += _reached(resource, track, wake)
        if track.eta is not None and track.eta > now:
            more.append(Para(cards.eta(track.eta, resource.due)))
    elif resource.contact is not None:
        more.append(Para(_("Contact: {contact}", contact=resource.contact)))
    await noted(uow, incident, resource, "resource.late", text, (), by=LIANZHI, now=now)
    bookings = await uow.resources.bookings([resource.id])
    arrived = Button(_("Arrived"), f"/resource arrive {cards.me(resource)}")
    await announce(wake, incident, resource, text, (arrived,), more, bookings)


async def silent(wake: Wake) -> None:
    """A unit under way has told nothing for too long."""
    uow, now = wake.uow, wake.now
    found = await _unit(wake)
    if found is None or not journey.under_way(found[1]):
        return
    incident, resource = found
    assert resource.id is not None
    track = await uow.resources.track(resource.id)
    if track is None or now - track.at < tracking.SILENT_AFTER:
        return
    track.silent_told = True
    await uow.resources.save(track)
    text = _(
        "{unit} is silent: no position since {time}, on its way to {place}",
        unit=called(resource),
        time=track.at,
        place=resource.bound_for or "",
    )
    await noted(uow, incident, resource, "resource.silent", text, (), by=LIANZHI, now=now)
    bookings = await uow.resources.bookings([resource.id])
    await announce(wake, incident, resource, text, (), _reached(resource, track, wake), bookings)


async def stuck(wake: Wake) -> None:
    """A unit under way tells where it is, and does not move."""
    uow, now = wake.uow, wake.now
    found = await _unit(wake)
    if found is None or not journey.under_way(found[1]):
        return
    incident, resource = found
    if not await tracking.stands(uow, resource, now):
        return
    assert resource.id is not None
    track = await uow.resources.track(resource.id)
    assert track is not None
    text = _(
        "{unit} has stood still for {n} min, on its way to {place}",
        unit=called(resource),
        n=round(tracking.STUCK_AFTER.total_seconds() / 60),
        place=resource.bound_for or "",
    )
    await noted(uow, incident, resource, "resource.stuck", text, (), by=LIANZHI, now=now)
    out = Button(_("Out of service"), f"/resource status {cards.me(resource)} out")
    bookings = await uow.resources.bookings([resource.id])
    await announce(
        wake, incident, resource, text, (out,), _reached(resource, track, wake), bookings
    )


def _reached(resource: Resource, track: ResourceTrack, wake: Wake) -> list[Block]:
    """Where it was last, and how it is reached."""
    more: list[Block] = [Para(cards.position(track, wake.now))]
    if resource.contact is not None:
        more.append(Para(_("Contact: {contact}", contact=resource.contact)))
    return more


async def doubted(wake: Wake) -> None:
    """From now on a position that cannot be is pointed out again."""


RINGS: Rings = {
    journey.SILENT: silent,
    journey.STUCK: stuck,
    tracking.DOUBT: doubted,
    booking.BEGINS: begins,
    booking.ENDS: ends,
    resting.TIRED: tired,
    resting.RESTED: rested,
    service.SERVED: mended,
    journey.LATE: late,
}
