"""What endangers people, and the channels they speak by, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers.cards import incident as incidents
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Inline, Para, Span
from storage import UnitOfWork
from storage.tables import CommsLine, Hazard, Incident, SafetyMessage
from workflows.briefings.comms import shown_frequency
from workflows.text import Msg, _, ngettext

MODES: Mapping[str, Msg] = {
    "analog": _("analog"),
    "digital": _("digital"),
    "mixed": _("analog and digital"),
}
MODE_NAMES: Mapping[str, tuple[str, ...]] = {
    "analog": ("analog", "模拟", "a"),
    "digital": ("digital", "数字", "d"),
    "mixed": ("mixed", "混合", "m"),
}

SHOWN = 30
"""Hazards and channels of one card."""


async def card(uow: UnitOfWork, incident: Incident) -> Document:
    """The safety message that holds, and the hazards that are open."""
    message = await uow.safety.current(incident.id)
    hazards = await uow.safety.hazards(incident.id, open_only=True)
    blocks: list[Block] = [Heading(_("Safety: {incident}", incident=incidents.name(incident)))]
    if message is None:
        blocks.append(
            Para(_("There is no safety message yet. The Safety Officer sets one: /safety TEXT"))
        )
    else:
        blocks += said(message)
    if hazards:
        blocks.append(Para(Bold(ngettext("{n} open hazard:", "{n} open hazards:", len(hazards)))))
        blocks.append(Bullets(tuple(hazard(each) for each in hazards[:SHOWN])))
        if len(hazards) > SHOWN:
            blocks.append(Para(_("and {n} more", n=len(hazards) - SHOWN)))
    else:
        blocks.append(Para(_("No hazard is reported. /safety hazard TEXT reports one.")))
    return Document(tuple(blocks))


def said(message: SafetyMessage) -> Sequence[Block]:
    """A safety message with who said it and when."""
    lines: list[Block] = [Para(Bold(each)) for each in message.text.splitlines()]
    lines.append(Para(_("{name}, {time}", name=message.name, time=message.made_at)))
    return lines


def hazard(found: Hazard) -> Inline:
    """A hazard on one line."""
    parts: list[Inline] = ["⚠️ ", Bold(f"H{found.number}"), f" {found.text}"]
    if found.area is not None:
        parts += [" · ", _("Area: {area}", area=found.area)]
    if found.mitigation is not None:
        parts += [" — ", _("Mitigation: {mitigation}", mitigation=found.mitigation)]
    else:
        parts += [" — ", _("nothing is done about it yet")]
    return Span(tuple(parts))


def plan(incident: Incident, lines: Sequence[CommsLine]) -> Document:
    """The communications plan."""
    blocks: list[Block] = [
        Heading(_("Communications plan: {incident}", incident=incidents.name(incident)))
    ]
    if lines:
        blocks.append(Bullets(tuple(channel(each) for each in lines[:SHOWN])))
    else:
        blocks.append(Para(_("It is empty. /comms add NAME rx=150.775 for=Team 1 adds a channel.")))
    if len(lines) > SHOWN:
        blocks.append(Para(_("and {n} more", n=len(lines) - SHOWN)))
    add = (Button(_("Add a channel"), f"/comms add incident=I{incident.id}"),)
    return Document(tuple(blocks), add)


def channel(line: CommsLine) -> Inline:
    """A line of the plan."""
    parts: list[Inline] = ["📻 ", Bold(f"C{line.number}"), f" {line.name}"]
    place: list[Inline] = []
    if line.zone is not None:
        place.append(_("zone {zone}", zone=line.zone))
    if line.channel is not None:
        place.append(_("channel {channel}", channel=line.channel))
    if line.function is not None:
        place.append(_("function: {function}", function=line.function))
    if line.assignment is not None:
        place.append(_("for {assignment}", assignment=line.assignment))
    for name, hertz, tone in (
        ("RX", line.rx_hz, line.rx_tone),
        ("TX", line.tx_hz, line.tx_tone),
    ):
        if hertz is not None:
            place.append(f"{name} {shown_frequency(hertz)} MHz" + (f" ({tone})" if tone else ""))
        elif tone is not None:
            place.append(f"{name} ({tone})")
    if line.mode is not None:
        place.append(MODES[line.mode])
    if line.remarks is not None:
        place.append(line.remarks)
    for each in place:
        parts += [" · ", each]
    return Span(tuple(parts))
