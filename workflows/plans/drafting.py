"""An action plan assembled from what is known: its sheets, its gaps, its digest. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from workflows.objectives.service import lacks
from workflows.organisation import approval
from workflows.periods.slipping import expected
from workflows.plans.facts import Facts, amount, people
from workflows.plans.forms import command, contact, work
from workflows.plans.forms.command import known, objectives
from workflows.plans.forms.parts import find, incident
from workflows.plans.rules import SECTIONS
from workflows.plans.sheets import Body, Sheet, Signatures, Value
from workflows.text import Json, Msg, _


def sheets(facts: Facts) -> tuple[Sheet, ...]:
    """The plan: its seven elements on a cover, then the forms."""
    return (
        cover(facts),
        command.ics202(facts, frozenset(command.ENCLOSED)),
        command.ics203(facts),
        *work.ics204(facts),
        contact.ics205(facts),
        contact.ics205a(facts),
        contact.ics206(facts),
        command.ics207(facts),
        contact.ics208(facts),
        work.ics215(facts),
        work.ics215a(facts),
    )


def cover(facts: Facts) -> Sheet:
    """The seven elements, each with what people wrote first and what the record says after it, then
    what is missing and who has approved."""
    data: Mapping[str, list[Value]] = {
        "overview": _overview(facts),
        "objectives": _listed(objectives(facts)),
        "organisation": _duties(facts),
        "tasks": _tasks(facts),
        "safety": _safety(facts),
        "communications": _channels(facts),
        "adjustment": _adjustment(facts),
    }
    blocks = [
        Body(
            str(at),
            SECTIONS[code],
            tuple(filter(None, (facts.words.get(code), *data[code]))) or None,
            2,
        )
        for at, code in enumerate(SECTIONS, 1)
    ]
    missing = gaps(facts)
    return Sheet(
        "",
        _("Incident Action Plan"),
        (
            incident(facts, number="2", period="3"),
            *blocks,
            Body("8", _("Gaps that are known"), missing or _("none"), 1),
            Signatures(
                "9",
                _("Approved by everybody who commands"),
                tuple((each.name, each.agency) for each in facts.root.holders),
            ),
        ),
    )


def _listed(value: Value) -> list[Value]:
    return list(value) if isinstance(value, tuple) else []


def _overview(facts: Facts) -> list[Value]:
    row = facts.incident
    lines: list[Value] = []
    if facts.kind:
        lines.append(_("Kind: {kind}", kind=facts.kind))
    if row.event_level is not None:
        lines.append(_("Event level: {level}", level=row.event_level))
    if row.place:
        lines.append(_("Place: {place}", place=row.place))
    lines.append(_("Began: {time}", time=facts.time(row.started_at)))
    return [*lines, *known(facts)]


def _duties(facts: Facts) -> list[Value]:
    lines: list[Value] = []
    for _depth, node in facts.root.walk():
        names = (*people(node.holders), *people(node.deputies))
        if names:
            lines.append(_("{title}: {names}", title=node.seat.title, names=names))
    return lines


def _tasks(facts: Facts) -> list[Value]:
    lines: list[Value] = []
    for each in facts.tasks:
        text = _(
            "T{number} {to}: {text}", number=str(each.row.number), to=each.to, text=each.row.text
        )
        if each.row.due is not None:
            text = _("{text}. By {time}", text=text, time=facts.time(each.row.due))
        lines.append(text)
    return lines


def _safety(facts: Facts) -> list[Value]:
    lines: list[Value] = [] if facts.safety is None else [facts.safety.text]
    for each in facts.hazards:
        text = _("Hazard {reference}: {text}", reference=f"H{each.number}", text=each.text)
        if each.mitigation:
            text = _("{text}. Mitigation: {words}", text=text, words=each.mitigation)
        lines.append(text)
    return lines


def _channels(facts: Facts) -> list[Value]:
    return [
        _("Channel {reference}: {words}", reference=f"C{each.number}",
          words=" ".join(filter(None, (each.name, each.channel, each.function, each.assignment))))
        for each in facts.channels
    ]  # fmt: skip


BEHIND = 20
"""Percentage points by which an objective may stay behind the time that has passed."""


def _adjustment(facts: Facts) -> list[Value]:
    """What slips, and when that is looked at next."""
    lines: list[Value] = []
    for each in facts.objectives:
        if each.state != "open" or each.due is None:
            continue
        wanted = expected(each.made_at, each.due, facts.now)
        if each.due <= facts.now:
            lines.append(
                _("O{number} is late: {percent} % at {time}", number=str(each.number),
                  percent=each.progress, time=facts.time(facts.now))
            )  # fmt: skip
        elif wanted - each.progress > BEHIND:
            lines.append(
                _("O{number} is behind: {percent} % done, {wanted} % of the time is over",
                  number=str(each.number), percent=each.progress, wanted=wanted)
            )  # fmt: skip
    lines.append(_("The plan is compared with progress at each tactics meeting."))
    if facts.meets is not None:
        lines.append(_("The next tactics meeting is at {time}.", time=facts.time(facts.meets)))
    return lines


def gaps(facts: Facts) -> tuple[Msg, ...]:
    """What the plan lacks, so that nobody signs it without knowing."""
    found: list[Msg] = []
    root = facts.root
    if facts.period is None:
        found.append(_("No operational period is set: /period start"))
    if not facts.objectives:
        found.append(_("There is no objective: /objective new"))
    for each in facts.objectives:
        if each.state == "open" and (missing := lacks(each)):
            found.append(
                _("O{number} is not SMART yet: {n} of 5 are missing", number=str(each.number),
                  n=len({str(lack) for lack in missing} - {"target"}) or 1)
            )  # fmt: skip
    for role, why in (
        ("safety", _("Nobody is Safety Officer.")),
        ("operations", _("Nobody is Operations Section Chief.")),
        ("planning", _("Nobody is Planning Section Chief.")),
    ):
        if not any(node.staffed for node in find(root, role)):
            found.append(why)
    if not facts.tasks:
        found.append(_("No order is open: nobody has a task."))
    if facts.safety is None and not facts.words.get("safety"):
        found.append(_("There is no safety message (208): /safety TEXT"))
    found += [
        _("Hazard {reference} has no mitigation.", reference=f"H{each.number}")
        for each in facts.hazards
        if not each.mitigation
    ]
    if not facts.channels and not facts.words.get("communications"):
        found.append(_("The communications plan (205) is empty: /comms add"))
    if not facts.words.get("medical"):
        found.append(_("The medical plan (206) has no procedures: /plan edit medical TEXT"))
    found += [
        _("{kind}: {need} still needed", kind=each.kind, need=amount(each.need, each.unit))
        for each in work.totals(facts.asked)
        if each.need
    ]
    return tuple(found)


def snapshot(facts: Facts, number: int) -> dict[str, Json]:
    """All that is printed of a version, before a language is chosen."""
    return {
        "plan": number,
        "incident": facts.incident.title,
        "number": facts.designation,
        "period": facts.span,
        "prepared": facts.prepared,
        "made": f"{facts.time(facts.now)} {facts.zone.key}",
        "gaps": [each.to_json() for each in gaps(facts)],
        "sheets": [each.to_json() for each in sheets(facts)],
    }


def manifest(printed: Mapping[str, Json], reference: str) -> dict[str, Json]:
    """What commanders approve: the version and the SHA-256 of all that is printed of it."""
    whole = json.dumps(printed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {"text": reference, "snapshot": hashlib.sha256(whole.encode()).hexdigest()}


def digest(printed: Mapping[str, Json], reference: str) -> str:
    """The digest by which a version is approved."""
    return approval.digest(manifest(printed, reference))
