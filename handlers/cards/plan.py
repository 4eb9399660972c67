"""An action plan as people see it: its card, its PDF."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from handlers.cards.forms import MAKER, data
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Paper,
    Para,
    Thing,
)
from storage import UnitOfWork
from storage.tables import Incident, Plan
from workflows.organisation import approval
from workflows.plans.rules import MORE, SECTIONS, SIGNED, STATES, State
from workflows.plans.service import reference
from workflows.text import Msg, _, ngettext

SIGNS: Mapping[State, str] = {
    State.DRAFT: "📝",
    State.ASKED: "🖊️",
    State.APPROVED: "✅",
    State.PUBLISHED: "📋",
    State.SUPERSEDED: "🗄️",
}
GAPS = 12
"""Gaps that a card names."""


def thing(plan: Plan) -> Thing:
    """What the card of a version shows."""
    return Thing(plan.incident_id, "V", plan.number)


async def card(uow: UnitOfWork, incident: Incident, plan: Plan, now: datetime) -> Document:
    """The card of a version: where it stands, what it lacks, who is awaited, next steps."""
    state = State(plan.state)
    blocks: list[Block] = [
        Heading(
            _(
                "{sign} I{incident} · Action plan, version {number} [{digest}]",
                sign=SIGNS[state],
                incident=str(incident.id),
                number=plan.number,
                digest=plan.digest[: approval.SHOWN],
            )
        ),
        Para(_("{state} since {time}", state=STATES[state], time=plan.state_at)),
    ]
    if period := str(plan.snapshot.get("period", "")):
        blocks.append(Para(_("Operational period: {period}", period=period)))
    if written := tuple({**SECTIONS, **MORE}[each] for each in plan.words):
        blocks.append(Para(_("Written by people: {sections}", sections=written)))
    if state in (State.DRAFT, State.ASKED):
        blocks += _gaps(plan)
    if state is State.ASKED and plan.approval_id is not None:
        asked = await uow.approvals.get(plan.approval_id)
        if asked is not None:
            waiting = await approval.waiting(uow, asked, now)
            blocks.append(Para(Bold(_("Still waiting for: {agencies}", agencies=waiting))))
    if plan.signed:
        names = tuple(
            _("{name} ({agency})", name=str(each["name"]), agency=str(each["agency"]))
            if each["agency"]
            else str(each["name"])
            for each in plan.signed
        )
        blocks.append(Para(_("Approved by: {names}", names=names)))
    return Document(tuple(blocks), _steps(plan), card=thing(plan))


def _gaps(plan: Plan) -> list[Block]:
    missing = [Msg.from_json(each) for each in plan.snapshot.get("gaps", [])]
    if not missing:
        return [Para(_("Nothing is missing."))]
    blocks: list[Block] = [
        Para(Bold(ngettext("{n} gap:", "{n} gaps:", len(missing)))),
        Bullets(tuple(missing[:GAPS])),
    ]
    if len(missing) > GAPS:
        blocks.append(Para(_("and {n} more", n=len(missing) - GAPS)))
    return blocks


def _steps(plan: Plan) -> tuple[Button, ...]:
    me = f"incident=I{plan.incident_id}"
    read = Button(_("Read it (PDF)"), f"/plan show V{plan.number} {me}")
    match State(plan.state):
        case State.DRAFT:
            return (
                Button(_("Put it to command"), f"/plan submit {me}"),
                Button(_("Draft it anew"), f"/plan draft {me}"),
                read,
            )
        case State.ASKED:
            signs = f"{plan.digest[: approval.SHOWN]} {me}"
            return (
                Button(_("Approve"), f"/plan approve {signs}"),
                Button(_("Do not approve"), f"/plan refuse {signs}"),
                read,
            )
        case State.APPROVED:
            return (Button(_("Publish"), f"/plan publish {me}"), read)
        case _:
            return (read,)


def paper(plan: Plan) -> Paper:
    """The version as PDF. What was signed is printed the same whenever it is asked for."""
    shot = plan.snapshot
    signed = plan.state in SIGNED
    name = f"{reference(plan)}-plan"
    return Paper(
        name,
        MAKER,
        _("Action plan of I{incident}, version {number}", incident=str(plan.incident_id),
          number=plan.number),
        data(
            incident=str(shot["incident"]),
            number=str(shot["number"]),
            period=str(shot["period"]),
            prepared=str(shot["prepared"]),
            made=str(shot["made"]),
            sheets=shot["sheets"],
            digest=plan.digest,
            link=f"{reference(plan)} sha256:{plan.digest}",
            state=_("Approved, version {number}", number=plan.number)
            if signed
            else _("DRAFT, not approved"),
            firm=signed,
            signed=list(plan.signed),
        ),
        "pdf",
    )  # fmt: skip
