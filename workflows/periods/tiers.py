"""Rescue, resettlement, reconstruction: what an incident is about changes by decision alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Objective, TierChange
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.objectives.rules import TIERS, State
from workflows.text import Msg, _

NAMES: dict[str, Msg] = {
    "rescue": _("rescue"),
    "resettlement": _("resettlement"),
    "reconstruction": _("reconstruction"),
}


async def current(uow: UnitOfWork, incident_id: int) -> str:
    """The tier that an incident is about; rescue until somebody decides otherwise."""
    changes = await uow.periods.tiers(incident_id)
    return changes[-1].tier if changes else TIERS[0]


@dataclass(frozen=True, slots=True)
class Decided:
    """A change of tier, and the objectives of the one that was left that are still open."""

    change: TierChange
    left_open: tuple[Objective, ...]


async def decide(
    uow: UnitOfWork, number: int, tier: str, reason: str, *, by: By, now: datetime
) -> Decided:
    """The incident is about that tier from now on, with the reason. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    before = await current(uow, number)
    if tier == before:
        raise Refusal(
            "tier-same",
            _("The incident is about {tier} already. Nothing was changed.", tier=NAMES[tier]),
        )
    why = checked_reason(reason)
    made = await uow.periods.change_tier(
        incident_id=number, tier=tier, before=before, reason=why, at=now, by=by.person_id
    )
    await record(
        uow,
        incident,
        "incident.tier",
        _(
            "{name} decided: from {before} to {after}. Reason: {reason}",
            name=by.name,
            before=NAMES[before],
            after=NAMES[tier],
            reason=why,
        ),
        by=by,
        now=now,
        thing="tier",
        changes={"tier": tier, "before": before, "reason": why, "at": iso(now)},
    )
    open_ = await uow.objectives.all(number, open_only=True)
    return Decided(made, tuple(each for each in open_ if each.tier == before))


def proposed(tier: str, objectives: Sequence[Objective]) -> str | None:
    """The tier to go on to: where all objectives of this one are over, and there were some."""
    mine = [each for each in objectives if each.tier == tier]
    place = TIERS.index(tier)
    over = all(each.state != State.OPEN for each in mine)
    reached = any(each.state == State.DONE for each in mine)
    return TIERS[place + 1] if over and reached and place + 1 < len(TIERS) else None
