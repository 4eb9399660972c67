"""Action plans from the draft to what is in force: rules, store, ledger and timeline together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from storage import UnitOfWork
from storage.tables import Incident, Plan
from workflows.errors import Refusal
from workflows.incidents.record import By, record
from workflows.incidents.scene import to_act_in
from workflows.organisation import approval
from workflows.plans import drafting, rules
from workflows.plans.facts import Facts, gather
from workflows.plans.rules import CHANGING, Event, State
from workflows.plans.sheets import stamp
from workflows.text import Json, Msg, _

SUBJECT = "plan"
"""Of approvals that are about action plans."""


@dataclass(frozen=True, slots=True)
class Drafter:
    """Who drafts, when, and the word for the incident's type."""

    by: By
    now: datetime
    kind: Msg | str = ""


def reference(plan: Plan) -> str:
    """`I3-V2`."""
    return f"I{plan.incident_id}-V{plan.number}"


async def draft(uow: UnitOfWork, incident_id: int, who: Drafter) -> Plan:
    """The plan from what is known now: the version that can still be changed, else the next one."""
    incident = await to_act_in(uow, incident_id)
    return await _drafted(uow, incident, who, {})


async def edit(
    uow: UnitOfWork, incident_id: int, section: str, typed: str | None, who: Drafter
) -> Plan:
    """Write a section, or with None leave it to the record again. Raises `Refusal`."""
    incident = await to_act_in(uow, incident_id)
    if typed is None:
        known = await uow.plans.latest(incident_id)
        if known is None or section not in known.words:
            raise Refusal("plan-nothing", _("Nobody has written that section."))
    return await _drafted(
        uow, incident, who, {section: None if typed is None else rules.words(typed)}
    )


async def _drafted(
    uow: UnitOfWork, incident: Incident, who: Drafter, told: Mapping[str, str | None]
) -> Plan:
    latest = await uow.plans.latest(incident.id)
    if latest is not None:
        latest = await _fresh(uow, incident, latest, who.by, who.now)
    before: Mapping[str, str] = {} if latest is None else latest.words
    merged = {**before, **told}
    words = {section: text for section, text in merged.items() if text is not None}
    facts = await gather(
        uow, incident, who.now, person_id=who.by.person_id, name=who.by.name, kind=who.kind,
        words=words,
    )  # fmt: skip
    if latest is not None and latest.state in CHANGING:
        await _withdraw(uow, latest, who.now)
        latest.state = rules.after(latest.state, Event.CHANGE, latest.number)
        latest.state_at, latest.made_at, latest.made_by = who.now, who.now, who.by.person_id
        latest.approval_id = None
        _fill(latest, facts, words)
        await uow.plans.save(latest)
        plan = latest
    else:
        plan = await _next(uow, incident, facts, words, who)
    text = (
        _("{name} drafted the action plan, version {number}", name=who.by.name, number=plan.number)
        if not told
        else _(
            "{name} changed the action plan, version {number}: {sections}",
            name=who.by.name,
            number=plan.number,
            sections=tuple({**rules.SECTIONS, **rules.MORE}[each] for each in told),
        )
    )
    code = "plan.edited" if told else "plan.drafted"
    await _recorded(uow, incident, plan, code, text, who.by, who.now)
    return plan


async def _next(
    uow: UnitOfWork, incident: Incident, facts: Facts, words: dict[str, str], who: Drafter
) -> Plan:
    number = await uow.incidents.next_number(incident.id, "V")
    empty: dict[str, Json] = {}
    plan = Plan(
        incident_id=incident.id, number=number, state_at=who.now, words=words, snapshot=empty,
        digest="", signed=[], made_at=who.now, made_by=who.by.person_id,
    )  # fmt: skip
    _fill(plan, facts, words)
    await uow.plans.save(plan)
    return plan


def _fill(plan: Plan, facts: Facts, words: dict[str, str]) -> None:
    plan.words = dict(words)
    plan.period = None if facts.period is None else facts.period.number
    plan.snapshot = drafting.snapshot(facts, plan.number)
    plan.digest = drafting.digest(plan.snapshot, reference(plan))


async def _withdraw(uow: UnitOfWork, plan: Plan, now: datetime) -> None:
    """What was said to the text so far counts no more."""
    asked = None if plan.approval_id is None else await uow.approvals.get(plan.approval_id)
    if asked is not None and asked.state == "asked":
        asked.state, asked.settled_at = "superseded", now
        await uow.approvals.save(asked)


async def named(uow: UnitOfWork, incident: Incident, number: int | None, by: By, now: datetime) -> (
    Plan
):  # fmt: skip
    """The version of that number, else the newest. Raises `Refusal`."""
    found = (
        await uow.plans.latest(incident.id)
        if number is None
        else await uow.plans.get(incident.id, number)
    )
    newest = found or await uow.plans.latest(incident.id)
    if newest is None:
        raise Refusal("plan-none", _("There is no action plan yet. /plan draft makes one."))
    if found is None:
        raise Refusal(
            "plan-unknown",
            _("There is no version {number}. The newest is {newest}: /plan show {newest}",
              number=str(number), newest=f"V{newest.number}"),
            argument="version",
        )  # fmt: skip
    return await _fresh(uow, incident, found, by, now)


async def submit(uow: UnitOfWork, incident_id: int, *, by: By, now: datetime) -> Plan:
    """Put the draft to everybody who commands. Raises `Refusal`."""
    incident = await to_act_in(uow, incident_id)
    plan = await named(uow, incident, None, by, now)
    await _ask(uow, incident, plan, by, now)
    return plan


async def _ask(uow: UnitOfWork, incident: Incident, plan: Plan, by: By, now: datetime) -> None:
    plan.state = rules.after(plan.state, Event.ASK, plan.number)
    plan.state_at = now
    words = drafting.manifest(plan.snapshot, reference(plan))
    asked = await approval.ask(uow, incident, SUBJECT, words, by=by, now=now)
    assert asked.digest == plan.digest
    plan.approval_id = asked.id
    await uow.plans.save(plan)
    text = _(
        "{name} put version {number} of the action plan to everybody who commands [{digest}]",
        name=by.name, number=plan.number, digest=plan.digest[: approval.SHOWN],
    )  # fmt: skip
    await _recorded(uow, incident, plan, "plan.asked", text, by, now)


async def voice(
    uow: UnitOfWork,
    incident_id: int,
    read: str,
    *,
    agreed: bool,
    reason: str | None,
    by: By,
    now: datetime,
) -> Plan:
    """A commander approves or refuses the text that he has read: `read` is its digest or the
    beginning of that. A text that has changed since is refused. Raises `Refusal`."""
    incident = await to_act_in(uow, incident_id)
    plan = await named(uow, incident, None, by, now)
    if plan.state not in CHANGING:
        rules.after(plan.state, Event.APPROVE, plan.number)
    if len(read) < approval.SHOWN or not plan.digest.startswith(read.lower()):
        raise Refusal(
            "plan-changed",
            _(
                "What you have read is not the plan as it is now: it was changed since, or it is "
                "another one. Now it is version {number} [{digest}]. Read it again: /plan show",
                number=plan.number, digest=plan.digest[: approval.SHOWN],
            ),
        )  # fmt: skip
    if plan.state == State.DRAFT:
        await _ask(uow, incident, plan, by, now)
    assert plan.approval_id is not None
    await approval.voice(
        uow, incident, plan.approval_id, read, agreed=agreed, reason=reason, by=by, now=now
    )
    return await _fresh(uow, incident, plan, by, now)


async def _fresh(uow: UnitOfWork, incident: Incident, plan: Plan, by: By, now: datetime) -> Plan:
    """The version with what its approval has become meanwhile, in whichever way it was given."""
    if plan.state != State.ASKED or plan.approval_id is None:
        return plan
    asked = await uow.approvals.get(plan.approval_id)
    if asked is None or asked.state not in ("approved", "refused"):
        return plan
    if asked.state == "refused":
        plan.state = rules.after(plan.state, Event.REFUSE, plan.number)
        code, text = (
            "plan.refused",
            _("Version {number} of the action plan was not approved", number=plan.number),
        )
    else:
        plan.state = rules.after(plan.state, Event.APPROVE, plan.number)
        plan.signed = await _signatures(uow, incident, plan.approval_id)
        code, text = "plan.approved", _(
            "Version {number} of the action plan is approved [{digest}]",
            number=plan.number, digest=plan.digest[: approval.SHOWN],
        )  # fmt: skip
    plan.state_at = now
    await uow.plans.save(plan)
    await _recorded(uow, incident, plan, code, text, by, now)
    return plan


async def _signatures(
    uow: UnitOfWork, incident: Incident, approval_id: int
) -> list[dict[str, str]]:
    zone = ZoneInfo(incident.zone)
    made = []
    for each in await uow.approvals.voices(approval_id):
        person = await uow.people.person(each.person_id)
        name = "" if person is None else person.name
        made.append(
            {
                "name": name,
                "agency": each.agency,
                "at": stamp(each.at, zone),
                "mark": each.digest[: approval.SHOWN],
            }
        )
    return made


async def publish(uow: UnitOfWork, incident_id: int, *, by: By, now: datetime) -> Plan:
    """What is approved is in force from now on, and takes the place of what was. Raises
    `Refusal`."""
    incident = await to_act_in(uow, incident_id)
    plan = await named(uow, incident, None, by, now)
    plan.state = rules.after(plan.state, Event.PUBLISH, plan.number)
    plan.state_at = now
    await uow.plans.save(plan)
    await _recorded(
        uow, incident, plan, "plan.published",
        _("{name} published version {number} of the action plan [{digest}]", name=by.name,
          number=plan.number, digest=plan.digest[: approval.SHOWN]),
        by, now,
    )  # fmt: skip
    for older in await uow.plans.all(incident_id, State.PUBLISHED, State.APPROVED):
        if older.number < plan.number:
            older.state = rules.after(older.state, Event.REPLACE, older.number)
            older.state_at = now
            await uow.plans.save(older)
            text = _("Version {number} of the action plan is superseded", number=older.number)
            await _recorded(uow, incident, older, "plan.superseded", text, by, now)
    return plan


def fields(plan: Plan) -> dict[str, Json]:
    """A version as the ledger keeps it; what is printed of it by its digest."""
    words: dict[str, Json] = {str(name): str(text) for name, text in plan.words.items()}
    return {
        "state": str(plan.state),
        "period": plan.period,
        "words": words,
        "digest": plan.digest,
        "approval_id": plan.approval_id,
        "signed": list(plan.signed),
    }


async def _recorded(
    uow: UnitOfWork, incident: Incident, plan: Plan, code: str, text: Msg, by: By, now: datetime
) -> None:
    await record(
        uow, incident, code, text, by=by, now=now, thing=f"V{plan.number}", changes=fields(plan)
    )
