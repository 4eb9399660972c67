"""An initial assessment as people see it: what was said, what is proposed and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.cards.incident import name
from handlers.cards.labels import TYPES
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Inline, Para
from storage.tables import Assessment, Incident
from workflows.incidents.rules import EVENT_LEVELS, RESPONSE_LEVELS
from workflows.organisation.assessment import ASKED, COMPLEXITY
from workflows.organisation.chart import Seat
from workflows.text import Msg, _

PRIORITIES: Mapping[str, Msg] = {
    "life": _("life safety"),
    "environment": _("the environment"),
    "property": _("property"),
}


def document(incident: Incident, made: Assessment) -> Document:
    """Answers and proposal, with the button by which a person confirms it."""
    answers, proposal = made.answers, made.proposal
    blocks: list[Block] = [
        Heading(
            _("Initial assessment A{number} of {incident}", number=str(made.id),
              incident=name(incident))
        ),
        Bullets(tuple(_answered(answers))),
        Para(Bold(_("Proposed, with reasons:"))),
        Bullets(tuple(_proposed(proposal))),
    ]  # fmt: skip
    unknown = tuple(ASKED[each] for each in proposal["unknown"] if each in ASKED)
    if unknown:
        blocks.append(Para(_("Not known yet: {what}", what=unknown)))
    blocks.append(Para(_("Nothing is changed until somebody in command confirms it.")))
    which = f"A{made.id} incident=I{incident.id}"
    return Document(
        tuple(blocks),
        (
            Button(_("Confirm"), f"/incident confirm {which}"),
            Button(_("Level only"), f"/incident confirm {which} organisation=no"),
        ),
    )


def _answered(answers: Mapping[str, Any]) -> list[Inline]:
    lines: list[Inline] = []
    if answers.get("type") in TYPES:
        lines.append(TYPES[answers["type"]])
    for code, label in ASKED.items():
        value = answers.get(code)
        if value is None:
            continue
        shown: Msg | str | int = PRIORITIES.get(value, value) if code == "priority" else value
        lines.append(_("{label}: {value}", label=label, value=shown))
    factors = tuple(COMPLEXITY[each] for each in answers["complexity"] if each in COMPLEXITY)
    if factors:
        lines.append(_("makes it complex: {factors}", factors=factors))
    return lines


def _proposed(proposal: Mapping[str, Any]) -> list[Inline]:
    lines: list[Inline] = []
    for scale, labels in (("event", EVENT_LEVELS), ("response", RESPONSE_LEVELS)):
        each = proposal[scale]
        if each is None:
            continue
        what = labels[each["what"]]
        if scale == "event":
            what = _("event level {level}", level=what)
        lines.append(_why(what, each))
    lines += [_why(Seat(each["what"]).title, each) for each in proposal["seats"]]
    for each in proposal["packs"]:
        named = Msg.from_json(each["name"]) if "name" in each else each["what"]
        pack = _("reporting pack: {pack}", pack=named)
        lines.append(_why(pack, each))
    return lines


def _why(what: Msg, each: Mapping[str, Any]) -> Msg:
    return _("{what} — {why}", what=what, why=Msg.from_json(each["why"]))
