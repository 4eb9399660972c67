"""The end of a consignment: signed for or void, and what was found missing after that."""

from __future__ import annotations

from datetime import datetime

from storage import UnitOfWork
from storage.tables import Consignment, Incident
from workflows.authority import Standing
from workflows.custody import receiving, rules
from workflows.custody.evidence import reference
from workflows.custody.rules import Event, State
from workflows.custody.service import Handing, hand
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.text import _


async def finish(
    uow: UnitOfWork,
    consignment: Consignment,
    event: Event,
    reason: str | None,
    *,
    by: By,
    standing: Standing,
    now: datetime,
) -> None:
    """It is delivered, says whoever has or receives it, or void; what is said of it once it is
    delivered is noted, never lost. Raises `Refusal` (`custody-holder`, `custody-state`)."""
    incident = await to_act_in(uow, consignment.incident_id)
    later = event is Event.DELIVER and consignment.state == State.DELIVERED and reason is not None
    state = (
        State.DELIVERED if later else rules.after(consignment.state, event, reference(consignment))
    )
    if not await _may(uow, consignment, event, by, standing, later=later):
        raise Refusal(
            "custody-holder",
            _(
                "{name} has {reference} and says that, or the Logistics Section's Chief.",
                name=consignment.holder,
                reference=reference(consignment),
            ),
        )
    why = None if reason is None else checked_reason(reason)
    if later:
        await _remarked(uow, incident, consignment, str(why), by=by, now=now)
        return
    if event is Event.DELIVER and by.person_id != consignment.holder_id:
        # Whoever signs for the goods has them: the card says so.
        await hand(uow, consignment, Handing(again=True, way="word"), by=by, now=now)
    consignment.state, consignment.state_at, consignment.reason = state, now, why
    await uow.custody.save(consignment)
    text = (
        _("{name} received {reference} for good", name=by.name, reference=reference(consignment))
        if state is State.DELIVERED
        else _("{name} declared {reference} void", name=by.name,
               reference=reference(consignment))
    )  # fmt: skip
    if why is not None and state is State.DELIVERED:
        text = _("{text}. Note: {note}", text=text, note=why)
    elif why is not None:
        text = _("{text}. Reason: {reason}", text=text, reason=why)
    await record(
        uow, incident, f"custody.{state.value}", text, by=by, now=now,
        thing=reference(consignment),
        changes={"state": state, "state_at": iso(now), "reason": why},
    )  # fmt: skip


async def _may(
    uow: UnitOfWork,
    consignment: Consignment,
    event: Event,
    by: By,
    standing: Standing,
    *,
    later: bool,
) -> bool:
    if by.person_id == consignment.holder_id or standing.holds("logistics", "supply"):
        return True
    if event is Event.VOID:
        return False
    if later:
        steps = await uow.custody.steps(consignment.id or 0)
        had = {person for each in steps for person in (each.from_id, each.to_id)}
        if standing.member or by.person_id in had:
            return True
    return await receiving.is_receiver(uow, consignment, by)


async def _remarked(
    uow: UnitOfWork,
    incident: Incident,
    consignment: Consignment,
    note: str,
    *,
    by: By,
    now: datetime,
) -> None:
    """What was missing or damaged is noted also after somebody has signed for the goods; the same
    of the same person once."""
    before = consignment.reason
    told = f"{note} ({by.name})"
    if before is not None and told in before.split("; "):
        return
    consignment.reason = told if before is None else f"{before}; {told}"
    await uow.custody.save(consignment)
    text = _(
        "{name} notes about {reference}: {note}",
        name=by.name,
        reference=reference(consignment),
        note=note,
    )
    await record(
        uow, incident, "custody.remarked", text, by=by, now=now,
        thing=reference(consignment), changes={"reason": consignment.reason},
    )  # fmt: skip
