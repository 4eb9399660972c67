"""The communications plan (ICS 205): who speaks with whom by which channel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from storage import UnitOfWork
from storage.tables import CommsLine, Incident
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import one_line, reason as checked_reason, worded
from workflows.incidents.scene import to_act_in
from workflows.text import Json, Msg, _

MODES = ("analog", "digital", "mixed")
"""As ICS 205 has them: A, D and M."""

LIMITS: Mapping[str, int] = {
    "name": 60,
    "zone": 30,
    "channel": 30,
    "function": 60,
    "assignment": 120,
    "rx_tone": 20,
    "tx_tone": 20,
    "remarks": 200,
}
"""Characters of each column."""

LOWEST, HIGHEST = 30_000, 300_000_000_000
"""Radio frequencies in hertz: from long wave to what the radio regulations end at."""

MOST = 200
"""Lines of one plan."""

_FREQUENCY = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*(hz|khz|mhz|ghz|兆赫|兆|千赫|吉赫|赫)?")
_UNITS: Mapping[str | None, int] = {
    **dict.fromkeys(("hz", "赫"), 1),
    **dict.fromkeys(("khz", "千赫"), 1_000),
    **dict.fromkeys(("mhz", "兆赫", "兆"), 1_000_000),
    None: 1_000_000,
    **dict.fromkeys(("ghz", "吉赫"), 1_000_000_000),
}


def frequency(typed: str) -> int:
    """Whole hertz of `150.775`, `150.775 MHz`, `7050 kHz`, `409.75兆`: megahertz if nothing else
    is said. Raises `Refusal` (`comms-frequency`)."""
    folded = one_line(typed).replace("．", ".").casefold()
    found = _FREQUENCY.fullmatch(folded)
    hertz = None if found is None else Decimal(found[1]) * _UNITS[found[2]]
    if hertz is None or hertz != hertz.to_integral_value() or not LOWEST <= hertz <= HIGHEST:
        raise Refusal(
            "comms-frequency",
            _(
                "“{text}” is not a frequency. Type megahertz, such as 150.775, or with a unit: "
                "7050 kHz.",
                text=one_line(typed)[:40],
            ),
        )
    return int(hertz)


def shown_frequency(hertz: int) -> str:
    """Megahertz with at least four places, as radio operators write them: `150.7750`."""
    whole = f"{Decimal(hertz) / 1_000_000:.6f}"
    return whole[:-2] if whole.endswith("00") else whole


async def add(
    uow: UnitOfWork, incident_id: int, told: Mapping[str, str], *, by: By, now: datetime
) -> CommsLine:
    """A new line; `told` by columns as typed, with `rx` and `tx` for the frequencies.

    Raises `Refusal`.
    """
    values = checked(told)
    incident = await to_act_in(uow, incident_id)
    known = await uow.comms.lines(incident_id)
    for each in known:
        if each.name.casefold() == str(values["name"]).casefold() and each.zone == values.get(
            "zone"
        ):
            raise Refusal(
                "comms-twice",
                _(
                    "{reference} has that name. Change it with /comms set {reference}, or give "
                    "another name or zone.",
                    reference=f"C{each.number}",
                ),
            )
    if len(known) >= MOST:
        raise Refusal(
            "comms-many",
            _("The plan has {n} lines. Drop some first: /comms drop C2", n=len(known)),
        )
    made = await uow.comms.add(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "C"),
        state_at=now,
        made_at=now,
        made_by=by.person_id,
        **values,
    )
    said = _(
        "{name} added channel {reference} to the communications plan: {words}",
        name=by.name,
        reference=f"C{made.number}",
        words=made.name,
    )
    await _recorded(uow, incident, made, "comms.added", said, by, now)
    return made


async def change(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    told: Mapping[str, str],
    *,
    by: By,
    now: datetime,
) -> CommsLine:
    """Change what is told of a line. Raises `Refusal`."""
    if not told:
        raise Refusal(
            "comms-nothing",
            _(
                "Say what is to be changed: name=, zone=, channel=, function=, for=, rx=, "
                "rxtone=, tx=, txtone=, mode= or remarks=."
            ),
        )
    values = checked(told)
    incident, found = await _used(uow, incident_id, number)
    for name, value in values.items():
        setattr(found, name, value)
    await uow.comms.save(found)
    said = _(
        "{name} changed channel {reference} of the communications plan: {words}",
        name=by.name,
        reference=f"C{number}",
        words=found.name,
    )
    await _recorded(uow, incident, found, "comms.changed", said, by, now)
    return found


async def drop(
    uow: UnitOfWork, incident_id: int, number: int, why: str | None, *, by: By, now: datetime
) -> CommsLine:
    """A line is used no more. Raises `Refusal`."""
    incident, found = await _used(uow, incident_id, number)
    found.state, found.state_at = "dropped", now
    found.reason = None if why is None else checked_reason(why)
    await uow.comms.save(found)
    said = _(
        "{name} took channel {reference} out of the communications plan: {words}",
        name=by.name,
        reference=f"C{number}",
        words=found.name,
    )
    await _recorded(uow, incident, found, "comms.dropped", said, by, now)
    return found


def checked(told: Mapping[str, str]) -> dict[str, str | int]:
    """The columns of a line from what was typed. Raises `Refusal`."""
    values: dict[str, str | int] = {}
    for name, typed in told.items():
        if name in ("rx", "tx"):
            values[f"{name}_hz"] = frequency(typed)
        elif name == "mode":
            values["mode"] = typed
        else:
            values[name] = _short(typed, LIMITS[name])
    return values


def _short(typed: str, limit: int) -> str:
    shown = one_line(typed)
    return worded(
        shown,
        limit,
        "comms-words",
        _(
            "Say it in words, 1 to {limit} characters; yours has {length}.",
            limit=limit,
            length=len(shown),
        ),
    )


async def _used(uow: UnitOfWork, incident_id: int, number: int) -> tuple[Incident, CommsLine]:
    incident = await to_act_in(uow, incident_id)
    found = await uow.comms.get(incident_id, number)
    if found is None or found.state != "used":
        raise Refusal(
            "comms-unknown",
            _(
                "The communications plan of {incident} has no {reference}. /comms list shows it.",
                reference=f"C{number}",
                incident=f"I{incident_id}",
            ),
        )
    return incident, found


async def _recorded(
    uow: UnitOfWork,
    incident: Incident,
    line: CommsLine,
    code: str,
    text: Msg,
    by: By,
    now: datetime,
) -> None:
    thing = f"C{line.number}"
    await record(uow, incident, code, text, by=by, now=now, thing=thing, changes=fields(line))


def fields(line: CommsLine) -> dict[str, Json]:
    """The fields of a line as the ledger keeps them."""
    return {
        "name": line.name,
        "zone": line.zone,
        "channel": line.channel,
        "function": line.function,
        "assignment": line.assignment,
        "rx_hz": line.rx_hz,
        "rx_tone": line.rx_tone,
        "tx_hz": line.tx_hz,
        "tx_tone": line.tx_tone,
        "mode": line.mode,
        "remarks": line.remarks,
        "state": line.state,
        "state_at": iso(line.state_at),
        "reason": line.reason,
        "made_at": iso(line.made_at),
        "made_by": line.made_by,
    }
