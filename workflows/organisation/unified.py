"""Commanders of several agencies who command together: one set of objectives, one plan, one
Operations Section Chief; each keeps authority over the people of his own agency."""

from __future__ import annotations

from datetime import datetime

from storage import UnitOfWork
from storage.tables import Agency, Approval, Incident, Person, Position
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.organisation.approval import settle
from workflows.organisation.positions import COMMANDER
from workflows.organisation.scene import agency_of, new
from workflows.organisation.service import end
from workflows.text import Json, Msg, _


async def join(
    uow: UnitOfWork, number: int, agency: Agency, person: Person, *, by: By, now: datetime
) -> Position:
    """An agency commands too from now on, by this person of it. The agency that commanded alone is
    its first member. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    commanding = await _commanding(uow, incident, now)
    if any(each.until is not None for each, _who in commanding):
        raise Refusal(
            "handover-under-way",
            _("The command is being handed over just now. Wait until that is done."),
        )
    members = await uow.handovers.unified(incident.id)
    if any(each.agency == agency.short for each, _who in commanding):
        raise Refusal(
            "unified-in", _("{agency} commands here already.", agency=agency.name)
        )  # fmt: skip
    short = await agency_of(uow, person, agency.short)
    if any(who.id == person.id for _each, who in commanding):
        raise Refusal(
            "unified-person",
            _("{name} commands already, for another agency. Name somebody else of {agency}.",
              name=person.name, agency=agency.name),
        )  # fmt: skip
    if not members:
        for each, who in commanding:
            await _first(uow, incident, each, who, by=by, now=now)
    assert agency.id is not None
    assert person.id is not None
    await uow.handovers.join(incident.id, agency.id, now, by.person_id)
    held = await uow.organisation.assign(
        incident.id, COMMANDER, person.id, now, agency=short, by=by.person_id
    )
    await _recorded(
        uow, incident, agency, "unified.joined",
        _("{agency} joined the unified command, by {name}", agency=agency.name, name=person.name),
        {"joined_at": iso(now), "left_at": None}, by=by, now=now,
    )  # fmt: skip
    await record(
        uow, incident, "role.assigned",
        _("{name} commands for {agency}", name=person.name, agency=agency.name),
        by=by, now=now, thing=f"position {held.id}", changes=new(held),
    )  # fmt: skip
    return held


async def _first(
    uow: UnitOfWork, incident: Incident, position: Position, who: Person, *, by: By, now: datetime
) -> None:
    """The agency that commanded alone becomes a member."""
    agency = await uow.agencies.named(position.agency) if position.agency else None
    if agency is None or agency.id is None:
        raise Refusal(
            "unified-no-agency",
            _(
                "{name} commands for no agency. A unified command is of agencies: first hand the "
                "command over to somebody who belongs to one.",
                name=who.name,
            ),
        )
    await uow.handovers.join(incident.id, agency.id, now, by.person_id)
    await _recorded(
        uow, incident, agency, "unified.joined",
        _("{agency} joined the unified command, by {name}", agency=agency.name, name=who.name),
        {"joined_at": iso(now), "left_at": None}, by=by, now=now,
    )  # fmt: skip


async def leave(
    uow: UnitOfWork, number: int, agency: Agency, *, by: By, now: datetime
) -> tuple[Approval, ...]:
    """An agency commands no longer; its commander and his deputies are released. Where one is left
    that one commands alone. What waits for approval no longer waits for it: what was settled by
    that. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    members = await uow.handovers.unified(incident.id)
    mine = next((each for each, who in members if who.id == agency.id), None)
    if mine is None:
        raise Refusal(
            "unified-out",
            _("{agency} is not in the unified command. /unified list shows who is.",
              agency=agency.name),
        )  # fmt: skip
    held = await uow.organisation.held(incident.id, now, role=COMMANDER)
    gone = tuple((each, who) for each, who in held if each.agency == agency.short)
    if not any(not each.deputy and each.agency != agency.short for each, _who in held):
        raise Refusal(
            "role-command", _("{agency} is the last that commands. Hand the command over instead: "
                              "/role handover commander @person.", agency=agency.name)
        )  # fmt: skip
    for each, who in gone:
        await end(uow, incident, each, who, by=by, now=now)
    await uow.handovers.leave(mine, now, by.person_id)
    await _recorded(
        uow, incident, agency, "unified.left",
        _("{agency} left the unified command", agency=agency.name), {"left_at": iso(now)},
        by=by, now=now,
    )  # fmt: skip
    left = await uow.handovers.unified(incident.id)
    if len(left) == 1:
        await uow.handovers.leave(left[0][0], now, by.person_id)
        await _recorded(
            uow, incident, left[0][1], "unified.ended",
            _("{agency} commands alone again", agency=left[0][1].name), {"left_at": iso(now)},
            by=by, now=now,
        )  # fmt: skip
    waited = await uow.approvals.asked(incident.id)
    told = [await settle(uow, incident, asked, by=by, now=now) for asked in waited]
    return tuple(each for each in told if each.state != "asked")


async def _commanding(
    uow: UnitOfWork, incident: Incident, now: datetime
) -> list[tuple[Position, Person]]:
    held = await uow.organisation.held(incident.id, now, role=COMMANDER)
    return [(each, who) for each, who in held if not each.deputy]


async def _recorded(
    uow: UnitOfWork, incident: Incident, agency: Agency, code: str, text: Msg,
    changes: dict[str, Json], *, by: By, now: datetime,
) -> None:  # fmt: skip
    await record(
        uow, incident, code, text, by=by, now=now, thing=f"unified {agency.short}",
        changes=changes, params={"agency": agency.short},
    )  # fmt: skip
