"""ICS 205, 205A, 206, 208 and 213: how people speak, are cared for and are warned. Pure."""

from __future__ import annotations

from workflows.plans.facts import Facts, people
from workflows.plans.forms.parts import find, incident, prepared, signed
from workflows.plans.sheets import Body, Box, Grid, Row, Sheet, Ticks, Value
from workflows.text import _

TITLES = {
    "205": _("Incident Radio Communications Plan"),
    "205A": _("Communications List"),
    "206": _("Medical Plan"),
    "208": _("Safety Message/Plan"),
    "213": _("General Message"),
}

MODES = {"analog": "A", "digital": "D", "mixed": "M"}
"""As ICS 205 writes them."""

AMBULANCE = ("ambulance", "medevac", "救护", "急救", "医疗")
"""In the kind or name of a unit that carries patients."""


def megahertz(hertz: int | None) -> str:
    """A frequency as ICS 205 has it, four places behind the point."""
    return "" if hertz is None else f"{hertz / 1_000_000:.4f}"


def ics205(facts: Facts) -> Sheet:
    """Incident Radio Communications Plan."""
    return Sheet(
        "205",
        TITLES["205"],
        (
            Row(
                (
                    Box("1", _("Incident Name"), facts.incident.title, 1.2),
                    Box("2", _("Date/Time Prepared"), _made(facts), 0.8),
                    Box("3", _("Operational Period"), facts.span, 1.2),
                )
            ),
            Grid(
                "4",
                _("Basic Radio Channel Use"),
                (
                    _("Zone Grp."),
                    _("Ch #"),
                    _("Function"),
                    _("Channel Name/Talkgroup"),
                    _("Assignment"),
                    _("RX Freq (MHz)"),
                    _("RX Tone/NAC"),
                    _("TX Freq (MHz)"),
                    _("TX Tone/NAC"),
                    _("Mode (A, D or M)"),
                    _("Remarks"),
                ),
                tuple(
                    (
                        each.zone or "",
                        each.channel or "",
                        each.function or "",
                        each.name,
                        each.assignment or "",
                        megahertz(each.rx_hz),
                        each.rx_tone or "",
                        megahertz(each.tx_hz),
                        each.tx_tone or "",
                        MODES.get(each.mode or "", ""),
                        each.remarks or "",
                    )
                    for each in facts.channels
                ),
                (0.7, 0.6, 1.1, 1.5, 1.4, 1.0, 0.9, 1.0, 0.9, 0.8, 1.5),
                least=8,
            ),
            Body("5", _("Special Instructions"), facts.words.get("communications"), 4),
            prepared(facts, "6"),
        ),
        wide=True,
    )


def _made(facts: Facts) -> str:
    return facts.time(facts.now) if facts.prepared else ""


def ics205a(facts: Facts) -> Sheet:
    """Communications List: everybody by name, with position and ways to reach them."""
    return Sheet(
        "205A",
        TITLES["205A"],
        (
            incident(facts),
            Grid(
                "3",
                _("Basic Local Communications Information"),
                (
                    _("Incident Assigned Position"),
                    _("Name"),
                    _("Agency"),
                    _("Methods of Contact"),
                ),
                tuple(
                    (
                        tuple(seat.title for seat in each.seats) or None,
                        each.name,
                        each.agency,
                        tuple(each.ways) or None,
                    )
                    for each in facts.contacts
                ),
                (1.5, 1.3, 1.0, 2.0),
                least=16,
            ),
            prepared(facts, "4"),
        ),
    )


STATION = ("station:", "救护点:")
HOSPITAL = ("hospital:", "医院:")


def _rows(text: str, signs: tuple[str, ...], width: int) -> tuple[tuple[Value, ...], ...]:
    """The lines that begin with one of these, their parts after it told apart by semicolons."""
    rows: list[tuple[Value, ...]] = []
    for line in text.splitlines():
        folded = line.replace("：", ":").replace("；", ";").strip()
        sign = next((each for each in signs if folded.casefold().startswith(each)), None)
        if sign is not None:
            parts = [each.strip() for each in folded[len(sign) :].split(";")]
            rows.append(
                tuple((*parts[: width - 1], "; ".join(parts[width - 1 :]), *[""] * width)[:width])
            )
    return tuple(rows)


def ics206(facts: Facts) -> Sheet:
    """Medical Plan: ambulances from the units, aid stations and hospitals from lines of the medical
    procedures that begin so (`hospital: name; address; contact; travel time`), the rest of these as
    they were written; what is not known is left to the pen."""
    written = facts.words.get("medical", "")
    procedures = "\n".join(
        line
        for line in written.splitlines()
        if not _rows(line, STATION, 4) and not _rows(line, HOSPITAL, 7)
    )
    carrying = [
        each
        for each in facts.units
        if any(word in f"{each.kind} {each.name}".casefold() for word in AMBULANCE)
    ]
    safety = tuple(name for node in find(facts.root, "safety") for name in people(node.holders))
    return Sheet(
        "206",
        TITLES["206"],
        (
            incident(facts),
            Grid(
                "3",
                _("Medical Aid Stations"),
                (
                    _("Aid Station"),
                    _("Location"),
                    _("Contact Numbers/Frequency"),
                    _("Paramedics on Site?"),
                ),
                _rows(written, STATION, 4),
                (1.3, 1.6, 1.3, 0.9),
                least=4,
            ),
            Grid(
                "4",
                _("Transportation (air or ground)"),
                (_("Ambulance Service"), _("Location"), _("Contact"), _("Level of Service")),
                tuple(
                    (f"U{each.number} {each.name}", each.place or "", each.contact or "", each.type)
                    for each in carrying
                ),
                (1.3, 1.6, 1.3, 0.9),
                least=4,
            ),
            Grid(
                "5",
                _("Hospitals"),
                (
                    _("Hospital Name"),
                    _("Address, Coordinates of Helipad"),
                    _("Contact"),
                    _("Travel Time"),
                    _("Trauma Center"),
                    _("Burn Center"),
                    _("Helipad"),
                ),
                _rows(written, HOSPITAL, 7),
                (1.4, 1.8, 1.1, 0.8, 0.8, 0.8, 0.8),
                least=4,
            ),
            Body("6", _("Special Medical Emergency Procedures"), procedures or None, 6),
            prepared(facts, "7"),
            signed("8", Box("8", _("Approved by Safety Officer"), safety or None, 1.4)),
        ),
    )


def ics208(facts: Facts) -> Sheet:
    """Safety Message/Plan."""
    lines: list[Value] = []
    if facts.safety is not None:
        lines.append(facts.safety.text)
    if text := facts.words.get("safety"):
        lines.append(text)
    for each in facts.hazards:
        hazard = _("Hazard {reference}: {text}", reference=f"H{each.number}", text=each.text)
        if each.mitigation:
            hazard = _("{text}. Mitigation: {words}", text=hazard, words=each.mitigation)
        lines.append(hazard)
    needed = None if not facts.prepared else bool(lines)
    return Sheet(
        "208",
        TITLES["208"],
        (
            incident(facts),
            Body(
                "3",
                _("Safety Message/Expanded Safety Message, Safety Plan, Site Safety Plan"),
                tuple(lines) or None,
                22,
            ),
            Ticks(
                "4",
                _("Site Safety Plan Required?"),
                ((_("Yes"), needed is True), (_("No"), needed is False)),
            ),
            Row((Box("", _("Approved Site Safety Plans Located at"), None),)),
            prepared(facts, "5"),
        ),
    )


def ics213(facts: Facts, to: str = "", subject: str = "", text: str = "") -> Sheet:
    """General Message, with room for the reply."""
    at = facts.time(facts.now) if facts.prepared else ""
    day, _space, clock = at.partition(" ")
    sender: Value = facts.prepared
    if facts.prepared and facts.position:
        sender = _("{name}, {title}", name=facts.prepared, title=facts.position)
    return Sheet(
        "213",
        TITLES["213"],
        (
            Row((Box("1", _("Incident Name"), facts.incident.title),)),
            Row((Box("2", _("To (Name and Position)"), to),)),
            Row((Box("3", _("From (Name and Position)"), sender),)),
            Row(
                (
                    Box("4", _("Subject"), subject, 2.0),
                    Box("5", _("Date"), day, 0.7),
                    Box("6", _("Time"), clock, 0.6),
                )
            ),
            Body("7", _("Message"), text, 14),
            signed("8", Box("8", _("Approved by"), None, 1.4)),
            Body("9", _("Reply"), None, 12),
            signed("10", Box("10", _("Replied by"), None, 1.4)),
        ),
    )
