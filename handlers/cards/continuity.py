"""The continuity pack and blank forms as papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from handlers.cards import incident as incidents, plan as plans
from handlers.cards.forms import paper
from handlers.cards.labels import TYPES
from handlers.document import Document, Heading, Paper, Para, lines
from storage import UnitOfWork
from storage.tables import BlankForm, Incident
from workflows.continuity import service
from workflows.continuity.lists import lists
from workflows.incidents.record import By
from workflows.plans.facts import Facts, gather
from workflows.plans.forms.catalogue import FORMS
from workflows.plans.rules import State
from workflows.plans.sheets import Sheet
from workflows.text import Json, _

OPEN = ("201", "202", "203", "204", "205", "205A", "206", "207", "208", "213RR", "215A", "211")
"""The forms that say how things stand."""


async def pack(
    uow: UnitOfWork, incident: Incident, *, by: By, now: datetime, period: int | None = None
) -> Document:
    """Everything that is needed to go on by paper and radio, as one file. Blank forms are given out
    with it; `period` is the one at whose end it is made."""
    facts = await gather(
        uow, incident, now, person_id=by.person_id, name=by.name,
        kind=TYPES.get(incident.type or "", ""),
    )  # fmt: skip
    given = await service.give_out(uow, incident, service.PACKED, by=by, now=now)
    plan = await uow.plans.latest(incident.id, State.PUBLISHED)
    prints: dict[str, Json] = {}
    if plan is not None:
        prints["1-plan"] = dict(plans.paper(plan).data)
    prints["2-situation"] = dict(situation(facts).data)
    prints["3-blank-forms"] = dict(blanks(facts, given).data)
    head: list[Json] = [
        incidents.name(incident),
        lines(_("Continuity pack, made {time}", time=f"{facts.time(now)} {facts.zone.key}")),
        lines(
            _("The plan in force is version {number}.", number=plan.number)
            if plan is not None
            else _("No action plan is in force.")
        ),
        lines(
            _(
                "Write on the blank forms by hand. When the network is back, each is entered by "
                "its serial number: /form enter SERIAL TEXT"
            )
        ),
    ]
    text = (
        _("Continuity pack at the end of {reference}", reference=f"P{period}")
        if period is not None
        else _("Continuity pack")
    )
    name = f"I{incident.id}-pack-{facts.time(now).replace(':', '').replace(' ', '-')}"
    csv: dict[str, Json] = {name: each.to_json() for name, each in lists(facts).items()}
    data: dict[str, Json] = {"head": head, "pdf": prints, "csv": csv}
    return Document(
        (
            Heading(incidents.name(incident)),
            Para(
                _(
                    "{what}: contacts, organisation, plan, open orders and requests, and {n} blank "
                    "forms with serial numbers follow as one file. Print it.",
                    what=text,
                    n=len(given),
                )
            ),
        ),
        papers=(Paper(name, "pack", text, data, "zip"),),
    )


def situation(facts: Facts) -> Paper:
    """How things stand, on the forms that say it."""
    sheets = [sheet for code in OPEN for sheet in FORMS[code](facts)]
    return paper(facts, sheets, f"I{facts.incident.id}-situation", _("Situation on forms"))


def blanks(facts: Facts, given: Sequence[BlankForm]) -> Paper:
    """Blank forms, each with its serial."""
    empty = facts.blank()
    forms: Mapping[str, Sheet] = {
        code: FORMS[code](empty)[0] for code in dict.fromkeys(each.code for each in given)
    }
    sheets = [replace(forms[each.code], serial=each.serial) for each in given]
    return paper(empty, sheets, f"I{facts.incident.id}-blank-forms", _("Blank forms"))
