"""Consignments and hand-overs: rules, store, ledger and timeline together."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Consignment, CustodyStep, Incident, Resource
from workflows.custody import receiving, rules
from workflows.custody.evidence import Evidence, kept, reference
from workflows.custody.rules import Event
from workflows.errors import Refusal
from workflows.geo.points import Point
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.text import Json, Msg, _

FRESH = timedelta(minutes=15)
"""So old may the carrier's position be that a hand-over takes place there."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What goes from where to where, for what and with what."""

    goods: str | None = None
    """As typed; None: what the request asks for."""
    origin: str | None = None
    destination: str | None = None
    receiver: str | None = None
    request: int | None = None
    order: int | None = None
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Handing:
    """How something passes on; None for what was not told."""

    place: str | None = None
    spot: Point | None = None
    order: int | None = None
    unit: int | None = None
    note: str | None = None
    evidence: Evidence | None = None
    again: bool = False
    way: str = "scan"


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-over, in words; `new` unless it had been recorded before."""

    consignment: Consignment
    step: CustodyStep
    text: Msg
    new: bool = True


async def send(
    uow: UnitOfWork, incident_id: int, draft: Draft, *, by: By, now: datetime
) -> Consignment:
    """A new consignment, in the hands of whoever makes it. Raises `Refusal`."""
    incident = await to_act_in(uow, incident_id)
    assert by.person_id is not None
    if draft.unit is not None:
        await _carrier(uow, incident, draft.unit)
    if draft.order is not None and await uow.orders.get(incident_id, draft.order) is None:
        raise _nothing(f"T{draft.order}", incident)
    lines = await _lines(uow, incident, draft)
    made = await uow.custody.add(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "C"),
        code=rules.made(secrets.choice),
        goods=rules.goods(", ".join(each.said for each in lines)),
        origin=draft.origin,
        destination=draft.destination,
        receiver=draft.receiver,
        request_number=draft.request,
        order_number=draft.order,
        unit_number=draft.unit,
        holder=by.name,
        holder_id=by.person_id,
        holder_agency=by.agency,
        state_at=now,
        made_at=now,
        made_by=by.person_id,
    )
    assert made.id is not None
    for place, each in enumerate(lines):
        await uow.custody.line(
            consignment_id=made.id, place=place, kind=each.kind, milli=each.milli, unit=each.unit
        )
    await record(
        uow,
        incident,
        "custody.sent",
        _("{name} made waybill {reference}: {goods}", name=by.name, reference=reference(made),
          goods=made.goods),
        by=by,
        now=now,
        thing=reference(made),
        changes=fields(made),
    )  # fmt: skip
    return made


async def _lines(uow: UnitOfWork, incident: Incident, draft: Draft) -> list[rules.Item]:
    """What goes under the waybill, line by line."""
    asked: list[rules.Item] = []
    if draft.request is not None:
        request = await uow.requests.get(incident.id, draft.request)
        if request is None or request.id is None:
            raise _nothing(f"R{draft.request}", incident)
        asked = [
            rules.Item(each.kind, each.quantity - each.dropped, each.unit)
            for each in await uow.requests.lines_of(request.id)
            if each.quantity > each.dropped
        ]
    if draft.goods is not None:
        return [rules.item(each) for each in rules.items(rules.goods(draft.goods))]
    if not asked:
        raise Refusal(
            "custody-goods",
            _("Say what is sent, 1 to {limit} characters: 200 sandbags, 2 pumps",
              limit=rules.LONGEST),
        )  # fmt: skip
    return asked


def fields(consignment: Consignment) -> dict[str, Json]:
    """The fields of a consignment as the ledger keeps them: its code stays out of it."""
    made: dict[str, Json] = {}
    left_out = {"id", "incident_id", "number", "code"}
    for name, value in consignment.model_dump(exclude=left_out).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    return made


async def _carrier(uow: UnitOfWork, incident: Incident, number: int) -> Resource:
    found = await uow.resources.get(incident.id, number)
    if found is None:
        raise _nothing(f"U{number}", incident)
    return found


def _nothing(reference: str, incident: Incident) -> Refusal:
    return Refusal(
        "custody-unknown",
        _("There is no {reference} in {incident}.", reference=reference,
          incident=f"I{incident.id}"),
    )  # fmt: skip


async def named(uow: UnitOfWork, incident_id: int, number: int) -> Consignment:
    """`C` of that number, held for this transaction after its incident. Raises `Refusal`
    (`custody-unknown`)."""
    await uow.incidents.locked(incident_id)
    found = await uow.custody.get(incident_id, number)
    if found is None:
        raise Refusal(
            "custody-unknown",
            _(
                "There is no waybill {reference} in {incident}. /custody list shows those there "
                "are.",
                reference=f"C{number}",
                incident=f"I{incident_id}",
            ),
        )
    return found


async def scanned(uow: UnitOfWork, typed: str) -> Consignment:
    """The consignment whose code was scanned or typed, held as by `named`. Raises `Refusal`
    (`custody-code`)."""
    code = rules.read(typed)
    found = None if code is None else await uow.custody.by_code(code)
    if found is None:
        raise Refusal(
            "custody-code",
            _(
                "That is no code of a waybill here. It stands below its QR code and looks like "
                "{example}.",
                example="7K3Q-X9MT-2D4V",
            ),
        )
    return await named(uow, found.incident_id, found.number)


async def hand(
    uow: UnitOfWork, consignment: Consignment, handing: Handing, *, by: By, now: datetime
) -> Handed:
    """Somebody has it from now on: recorded once, however often it is scanned.

    Raises `Refusal` (`custody-state`, `custody-back`, `custody-unknown`, `custody-note`).
    """
    incident = await to_act_in(uow, consignment.incident_id)
    assert consignment.id is not None
    steps = await uow.custody.steps(consignment.id)
    if consignment.holder_id == by.person_id and steps:
        return Handed(consignment, steps[-1], handed(steps[-1], consignment), new=False)
    rules.after(consignment.state, Event.HAND, reference(consignment))
    if consignment.holder_id == by.person_id:
        raise Refusal(
            "custody-yours",
            _(
                "You sent {reference} yourself and still have it. Whoever takes it over scans its "
                "code.",
                reference=reference(consignment),
            ),
        )
    had = {each.from_id for each in steps} | {each.to_id for each in steps}
    if by.person_id in had and not handing.again:
        raise Refusal(
            "custody-back",
            _(
                "You had {reference} before and handed it on; {name} has it now. If it has come "
                "back to you: /custody take {reference} again=yes",
                reference=reference(consignment),
                name=consignment.holder,
            ),
        )
    spot, place = await _where(uow, incident, consignment, handing, now)
    if handing.unit is not None:
        await _carrier(uow, incident, handing.unit)
    step = await uow.custody.step(
        consignment_id=consignment.id,
        step=len(steps) + 1,
        from_name=consignment.holder,
        from_id=consignment.holder_id,
        from_agency=consignment.holder_agency,
        to_name=by.name,
        to_id=by.person_id,
        to_agency=by.agency,
        at=now,
        place=place,
        lat=None if spot is None else spot.lat,
        lon=None if spot is None else spot.lon,
        order_number=handing.order or consignment.order_number,
        evidence=[] if handing.evidence is None else [kept(handing.evidence)],
        note=None if handing.note is None else rules.note(handing.note),
        way=handing.way,
        message_id=None if handing.evidence is None else handing.evidence.message,
    )
    consignment.holder, consignment.holder_id = by.name, by.person_id
    consignment.holder_agency, consignment.state_at = by.agency, now
    changes = ["holder", "holder_id", "holder_agency", "state_at"]
    if handing.unit is not None:
        consignment.unit_number = handing.unit
        changes.append("unit_number")
    await uow.custody.save(consignment)
    now_are = fields(consignment)
    text = handed(step, consignment)
    if await receiving.is_meant_for_others(uow, consignment, by):
        text = _("⚠️ {text}. It is meant for {name}", text=text, name=consignment.receiver or "")
    await record(
        uow,
        incident,
        "custody.handed",
        text,
        by=by,
        now=now,
        thing=reference(consignment),
        changes={name: now_are[name] for name in changes},
        params={"step": step_fields(step)},
    )
    return Handed(consignment, step, text)


def handed(step: CustodyStep, consignment: Consignment) -> Msg:
    """A hand-over in a sentence."""
    text = _(
        "{reference} passed from {giver} to {taker}",
        reference=reference(consignment),
        giver=_who(step.from_name, step.from_agency),
        taker=_who(step.to_name, step.to_agency),
    )
    if step.place is not None:
        text = _("{text}, {place}", text=text, place=step.place)
    if step.order_number is not None:
        text = _("{text}, by order {order}", text=text, order=f"T{step.order_number}")
    if step.note is not None:
        text = _("{text}. {note}", text=text, note=step.note)
    return text


def _who(name: str, agency: str | None) -> Msg | str:
    return name if agency is None else _("{name} ({agency})", name=name, agency=agency)


def step_fields(step: CustodyStep) -> dict[str, Json]:
    """A hand-over as the ledger keeps it."""
    made: dict[str, Json] = {}
    for name, value in step.model_dump(exclude={"id", "consignment_id"}).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    return made


async def _where(
    uow: UnitOfWork,
    incident: Incident,
    consignment: Consignment,
    handing: Handing,
    now: datetime,
) -> tuple[Point | None, str | None]:
    """Where a hand-over takes place: as it was told, else where the carrier is by its tracker."""
    if handing.spot is not None or handing.place is not None:
        place = handing.place or str(handing.spot)
        return handing.spot, place
    number = handing.unit or consignment.unit_number
    unit = None if number is None else await uow.resources.get(incident.id, number)
    track = None if unit is None or unit.id is None else await uow.resources.track(unit.id)
    if track is None or now - track.at > FRESH:
        return None, None
    spot = Point(track.lat, track.lon)
    return spot, str(spot)


async def story(uow: UnitOfWork, incident_id: int, request: int, limit: int) -> list[int]:
    """Where the ledger goes on with a request, beside its own entries: the stock that moved for it,
    the units promised for it, and the hands through which it went; numbers in the ledger, of each
    thing the newest `limit`."""
    things = [f"C{each.number}" for each in await uow.custody.of_request(incident_id, request)]
    found = await uow.resources.bookings_of_request(incident_id, request)
    things += [f"booking {each.id}" for each in found]
    seqs = {
        each.ledger_seq
        for each in await uow.stock.movements(incident_id=incident_id, request=request, limit=limit)
    }
    for thing in things:
        seqs |= {*await uow.timeline.ledger_of(incident_id, thing, limit=limit)}
    return sorted(seqs)
