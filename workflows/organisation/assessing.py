"""Keeping an initial assessment and carrying out what a person confirms of it."""

from __future__ import annotations

from datetime import datetime

from storage import UnitOfWork
from storage.tables import Assessment, Incident
from workflows.errors import Refusal
from workflows.incidents import service as incidents
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import graded
from workflows.incidents.scene import to_act_in
from workflows.organisation.assessment import Answers, level_of, propose, read_rules, seats_of
from workflows.organisation.scene import scene
from workflows.organisation.service import Organiser, expand
from workflows.shelf import Shelf
from workflows.text import Json, _


async def assess(
    uow: UnitOfWork, number: int, answers: Answers, shelf: Shelf, *, by: By, now: datetime
) -> Assessment:
    """Keep the answers with what is proposed from them; nothing else changes. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    assert by.person_id is not None
    proposal = propose(answers, read_rules(shelf)).to_json()
    made = await uow.assessments.add(
        incident_id=incident.id, person_id=by.person_id, answers=answers.to_json(),
        proposal=proposal, made_at=now,
    )  # fmt: skip
    await record(
        uow, incident, "incident.assessed",
        _("{by} made the initial assessment {reference}", by=by.name, reference=f"A{made.id}"),
        by=by, now=now, thing=f"A{made.id}",
        changes={"answers": made.answers, "proposal": proposal, "confirmed_at": None},
    )  # fmt: skip
    return made


async def confirm(
    uow: UnitOfWork,
    number: int,
    assessment_id: int,
    *,
    organisation: bool,
    by: By,
    now: datetime,
) -> tuple[Incident, Assessment]:
    """Set the level that was proposed, and with `organisation` set up the proposed parts that are
    not there. Only the newest assessment, and once. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    made = await uow.assessments.get(assessment_id)
    if made is None or made.incident_id != incident.id:
        raise Refusal(
            "assessment-unknown",
            _("There is no assessment {reference} here.", reference=f"A{assessment_id}"),
        )
    if made.confirmed_at is not None:
        who = await uow.people.person(made.confirmed_by) if made.confirmed_by else None
        raise Refusal(
            "assessment-confirmed",
            _("{name} confirmed this at {time} already.", name="?" if who is None else who.name,
              time=made.confirmed_at),
        )  # fmt: skip
    latest = await uow.assessments.latest(incident.id)
    if latest is not None and latest.id != made.id:
        raise Refusal(
            "assessment-older",
            _("There is a newer assessment: {reference}. Confirm that one.",
              reference=f"A{latest.id}"),
        )  # fmt: skip
    made.confirmed_at, made.confirmed_by = now, by.person_id
    await uow.assessments.save(made)
    await record(
        uow, incident, "incident.assessment-confirmed",
        _("{by} confirmed the initial assessment {reference}", by=by.name,
          reference=f"A{made.id}"),
        by=by, now=now, thing=f"A{made.id}",
        changes={"confirmed_at": iso(now), "confirmed_by": by.person_id},
        params={"packs": made.proposal["packs"]},
    )  # fmt: skip
    event, response = (level_of(made.proposal, scale) for scale in ("event", "response"))
    levels: dict[str, Json] = {"event_level": event, "response_level": response}
    if told := graded(event, response):
        incident = await incidents.change(
            uow, incident.id, {name: each for name, each in levels.items() if each is not None},
            "incident.level",
            _("{name} set what the assessment proposed: {levels}", name=by.name, levels=told),
            by=by, now=now, params={"assessment": made.id},
        )  # fmt: skip
    if organisation:
        there = set((await scene(uow, incident, now)).seats)
        for seat in seats_of(made.proposal):
            if seat not in there:
                await expand(uow, incident.id, seat.role, organiser=Organiser(True), by=by, now=now)
    return incident, made
