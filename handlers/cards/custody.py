"""A consignment as people see it: who has it, through whose hands it went, its waybill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.context import Actions, Gate
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Code,
    Document,
    Heading,
    Inline,
    Paper,
    Para,
    Span,
    Thing,
    lines,
)
from storage import UnitOfWork
from storage.tables import Consignment, CustodyStep, Incident
from workflows.custody import rules
from workflows.custody.rules import STATES, State
from workflows.incidents.scene import rooms_of
from workflows.resources.service import called
from workflows.text import Json, Msg, _, ngettext

SIGNS = {State.OPEN: "📦", State.DELIVERED: "✅", State.VOID: "✖️"}


def me(consignment: Consignment) -> str:
    """What means the consignment from anywhere, `I3-C2`."""
    return f"I{consignment.incident_id}-C{consignment.number}"


def link(consignment: Consignment, gate: Gate | None) -> str:
    """What its QR code says: an address if there is a door, else what to type."""
    if gate is None:
        return f"/custody {rules.shown(consignment.code)}"
    return gate.link("w", rules.shown(consignment.code))


async def card(uow: UnitOfWork, incident: Incident, consignment: Consignment) -> Document:
    """The card: what it is, who has it, how it came there."""
    assert consignment.id is not None
    state = State(consignment.state)
    blocks: list[Block] = [
        Heading(Span((f"{SIGNS[state]} ", f"C{consignment.number} · {consignment.goods}"))),
        Para(_("{state} since {time}", state=STATES[state], time=consignment.state_at)),
        Para(Bold(_hands(consignment))),
    ]
    blocks += [Para(each) for each in await _facts(uow, incident, consignment)]
    steps = await uow.custody.steps(consignment.id)
    if steps:
        blocks.append(Bullets(tuple(_step(each) for each in steps)))
    buttons: tuple[Button, ...] = ()
    if state is State.OPEN:
        buttons = (
            Button(_("I have received it"), f"/custody take {me(consignment)}"),
            Button(_("Waybill"), f"/custody waybill {me(consignment)}"),
            Button(_("Delivered"), f"/custody deliver {me(consignment)}"),
        )
    return Document(tuple(blocks), buttons, card=Thing(incident.id, "C", consignment.number))


async def refresh(
    uow: UnitOfWork, actions: Actions, incident: Incident, consignment: Consignment
) -> None:
    """Bring the card up to date wherever it stands, and say it in rooms where it does not."""
    rooms = await rooms_of(uow, incident.id)
    await actions.show(uow, rooms, await card(uow, incident, consignment))


def _holder(consignment: Consignment) -> Msg | str:
    if consignment.holder_agency is None:
        return consignment.holder
    return _("{name} ({agency})", name=consignment.holder, agency=consignment.holder_agency)


def _hands(consignment: Consignment) -> Msg:
    name = _holder(consignment)
    if consignment.state == State.DELIVERED:
        return _("Received for good by {name}", name=name)
    return _("In the hands of {name}", name=name)


async def _facts(uow: UnitOfWork, incident: Incident, consignment: Consignment) -> Sequence[Inline]:
    facts: list[Inline] = []
    if consignment.origin is not None or consignment.destination is not None:
        facts.append(
            _("From {origin} to {destination}", origin=consignment.origin or "—",
              destination=consignment.destination or "—")
        )  # fmt: skip
    if consignment.receiver is not None:
        facts.append(_("For {name}", name=consignment.receiver))
    if consignment.unit_number is not None:
        unit = await uow.resources.get(incident.id, consignment.unit_number)
        if unit is not None:
            facts.append(_("Carried by {unit}", unit=called(unit)))
    if consignment.order_number is not None:
        facts.append(_("By order {reference}", reference=f"T{consignment.order_number}"))
    if consignment.request_number is not None:
        facts.append(_("For request {reference}", reference=f"R{consignment.request_number}"))
    if consignment.reason is not None and consignment.state == State.DELIVERED:
        facts.append(_("Note: {note}", note=consignment.reason))
    elif consignment.reason is not None:
        facts.append(_("Reason: {reason}", reason=consignment.reason))
    return facts


def _step(step: CustodyStep) -> Inline:
    giver: Msg | str = step.from_name
    if step.from_agency is not None:
        giver = _("{name} ({agency})", name=step.from_name, agency=step.from_agency)
    taker: Msg | str = step.to_name
    if step.to_agency is not None:
        taker = _("{name} ({agency})", name=step.to_name, agency=step.to_agency)
    parts: list[Inline] = [_("{time}: {giver} → {taker}", time=step.at, giver=giver, taker=taker)]
    if step.place is not None:
        parts.append(f" · {step.place}")
    if step.order_number is not None:
        parts.append(f" · T{step.order_number}")
    if step.note is not None:
        parts += [" · ⚠️ ", step.note]
    for each in step.evidence:
        parts += [" · 📎 ", Code(str(each["sha256"])[:16])]
        parts += [
            part
            for file in each["files"]
            if file["sha256"] is not None
            for part in (" ", Code(str(file["sha256"])[:16]))
        ]
    return Span(tuple(parts))


async def waybill(
    uow: UnitOfWork, incident: Incident, consignment: Consignment, gate: Gate | None, now: datetime
) -> Document:
    """The waybill as a PDF, and its code for who cannot scan."""
    assert consignment.id is not None
    rows = await uow.custody.lines(consignment.id)
    steps = await uow.custody.steps(consignment.id)
    unit = None
    if consignment.unit_number is not None:
        unit = await uow.resources.get(incident.id, consignment.unit_number)
    carrier = [] if unit is None else [str(called(unit))]
    if unit is not None:
        carrier += [each for each in (unit.leader, unit.contact) if each]
    maker = await uow.people.person(consignment.made_by)
    items = [rules.Item(each.kind, each.milli, each.unit) for each in rows]
    facts: list[tuple[Msg, Json]] = [
        (_("Origin"), consignment.origin or ""),
        (_("Destination"), consignment.destination or ""),
        (_("Receiver"), consignment.receiver or ""),
        (_("Carrier"), " · ".join(carrier)),
        (_("Request"), "" if consignment.request_number is None
         else f"R{consignment.request_number}"),
        (_("By order"), "" if consignment.order_number is None
         else f"T{consignment.order_number}"),
        (_("Sender"), " · ".join(filter(None, (None if maker is None else maker.name,
                                               consignment.holder_agency if not steps
                                               else steps[0].from_agency)))),
        (_("Made"), lines(_("{time}", time=consignment.made_at))),
    ]  # fmt: skip
    data: dict[str, Json] = {
        "link": link(consignment, gate),
        "code": rules.shown(consignment.code),
        "number": me(consignment),
        "incident": incident.title,
        "title": lines(_("Waybill")),
        "facts": [
            {"name": lines(name), "value": [value] if isinstance(value, str) else value}
            for name, value in facts
        ],
        "head": [["#"], *map(lines, (_("Goods"), _("Quantity"), _("Received"), _("Remarks")))],
        "goods": [
            {"kind": each.kind, "amount": " ".join(filter(None, (each.number, each.unit)))}
            for each in items
        ],
        "hands": [
            ["#"],
            *map(
                lines,
                (
                    _("Handed over by"),
                    _("Taken over by"),
                    _("Time and place"),
                    _("Signature"),
                ),
            ),
        ],
        "steps": [
            {
                "giver": " · ".join(filter(None, (each.from_name, each.from_agency))),
                "taker": " · ".join(filter(None, (each.to_name, each.to_agency))),
                "time": lines(_("{time}", time=each.at)),
                "place": each.place or "",
                "note": each.note or "",
            }
            for each in steps
        ],
        "handed": lines(_("Hand-overs")),
        "scan": lines(
            _(
                "Whoever takes the goods over scans this code, or sends the line below it to the "
                "bot in any chat. A photo in the message that is answered is kept as evidence."
            )
        ),
        "line": lines(_("/custody {code}", code=rules.shown(consignment.code))),
        "foot": lines(_("Printed {time}", time=now)),
    }  # fmt: skip
    paper = Paper(
        name=f"{me(consignment)}-waybill",
        template="waybill",
        caption=_("Waybill {reference}", reference=me(consignment)),
        data=data,
        format="pdf",
    )
    shown = rules.shown(consignment.code)
    blocks: tuple[Block, ...] = (
        Heading(_("Waybill {reference}", reference=me(consignment))),
        Para(consignment.goods),
        Para(Span((_("Its code:"), " ", Code(f"/custody {shown}", f"/交接 {shown}")))),
        Para(ngettext("{n} hand-over so far", "{n} hand-overs so far", len(steps))),
    )
    return Document(blocks, papers=(paper,))


def listed(known: Sequence[Consignment]) -> Sequence[Block]:
    """Consignments, a line each."""
    if not known:
        return (Para(_("Nothing is on its way. /custody new GOODS makes a waybill.")),)
    return (Bullets(tuple(_line(each) for each in known[-40:])),)


def _line(each: Consignment) -> Inline:
    state = State(each.state)
    return Span(
        (
            f"{SIGNS[state]} ",
            Bold(f"C{each.number}"),
            f" {each.goods} — ",
            _hands(each),
        )
    )
