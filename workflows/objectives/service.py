"""Making objectives and following them: rules, store, ledger and timeline together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Objective
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.objectives import rules
from workflows.text import Json, Msg, _

MOST_OPEN = 200
"""Objectives of one incident; more cannot be led by anybody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is told of an objective; None for what is not."""

    text: str | None = None
    measure: str | None = None
    target: str | None = None
    achievable: bool | None = None
    tier: str | None = None
    priority: str | None = None
    due: datetime | None = None

    def values(self) -> dict[str, str | bool | datetime]:
        """What was told, checked. Raises `Refusal`."""
        checked = {
            "text": None if self.text is None else rules.text(self.text),
            "measure": None if self.measure is None else rules.measure(self.measure),
            "target": None if self.target is None else rules.measure(self.target),
            "achievable": self.achievable,
            "tier": self.tier,
            "priority": self.priority,
            "due": self.due,
        }
        return {name: value for name, value in checked.items() if value is not None}


async def make(
    uow: UnitOfWork, incident_id: int, wanted: Wanted, *, by: By, now: datetime
) -> Objective:
    """A new objective. Raises `Refusal`."""
    incident = await to_act_in(uow, incident_id)
    assert by.person_id is not None
    values = wanted.values()
    known = await uow.objectives.all(incident_id, open_only=True)
    for each in known:
        if each.text.casefold() == str(values["text"]).casefold():
            raise Refusal(
                "objective-twice",
                _(
                    "{reference} says the same and is open. Change it with /objective set "
                    "{reference}.",
                    reference=f"O{each.number}",
                ),
            )
    if len(known) >= MOST_OPEN:
        raise Refusal(
            "objective-many",
            _("{n} objectives are open. Finish or drop some first.", n=len(known)),
        )
    made = await uow.objectives.add(
        incident_id=incident_id,
        number=await uow.incidents.next_number(incident_id, "O"),
        state_at=now,
        agency=by.agency,
        made_at=now,
        made_by=by.person_id,
        **values,
    )
    await record(
        uow,
        incident,
        "objective.made",
        _(
            "{name} set objective {reference}: {text}",
            name=by.name,
            reference=f"O{made.number}",
            text=made.text,
        ),
        by=by,
        now=now,
        thing=f"O{made.number}",
        changes=fields(made),
    )
    return made


async def named(uow: UnitOfWork, incident_id: int, number: int) -> Objective:
    """`O` of that number. Raises `Refusal` (`objective-unknown`)."""
    found = await uow.objectives.get(incident_id, number)
    if found is None:
        raise Refusal(
            "objective-unknown",
            _(
                "There is no objective {reference} in {incident}. /objective list shows those "
                "there are.",
                reference=f"O{number}",
                incident=f"I{incident_id}",
            ),
        )
    return found


async def change(
    uow: UnitOfWork, incident_id: int, number: int, wanted: Wanted, *, by: By, now: datetime
) -> Objective:
    """Tell more or something else about an open objective. Raises `Refusal`."""
    values = wanted.values()
    if not values:
        raise Refusal(
            "objective-nothing",
            _(
                "Say what is to be changed: by=, measure=, target=, priority=, tier=, "
                "achievable= or text=."
            ),
        )
    text = _("{name} changed objective {reference}", name=by.name, reference=f"O{number}")
    if "text" in values:
        text = _("{text}: {words}", text=text, words=str(values["text"]))
    return await _changed(
        uow, incident_id, number, rules.Event.CHANGE, "objective.changed", text, values, by, now
    )


async def progress(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    percent: int,
    note: str | None,
    *,
    by: By,
    now: datetime,
) -> Objective:
    """How far it is, in percent; one that was done goes on. Raises `Refusal`."""
    told = None if note is None else checked_reason(note)
    text = _(
        "{name}: {reference} is at {percent} %",
        name=by.name,
        reference=f"O{number}",
        percent=percent,
    )
    if told is not None:
        text = _("{text}. {note}", text=text, note=told)
    return await _changed(
        uow,
        incident_id,
        number,
        rules.Event.PROGRESS,
        "objective.progress",
        text,
        {"progress": percent},
        by,
        now,
        note=told,
    )


async def done(
    uow: UnitOfWork, incident_id: int, number: int, *, by: By, now: datetime
) -> Objective:
    """It is reached. Raises `Refusal`."""
    text = _("{name}: {reference} is reached", name=by.name, reference=f"O{number}")
    values = {"progress": 100}
    return await _changed(
        uow, incident_id, number, rules.Event.DONE, "objective.done", text, values, by, now
    )


async def drop(
    uow: UnitOfWork, incident_id: int, number: int, reason: str, *, by: By, now: datetime
) -> Objective:
    """It is pursued no longer. Raises `Refusal`."""
    why = checked_reason(reason)
    text = _(
        "{name} dropped {reference}. Reason: {reason}",
        name=by.name,
        reference=f"O{number}",
        reason=why,
    )
    return await _changed(
        uow,
        incident_id,
        number,
        rules.Event.DROP,
        "objective.dropped",
        text,
        {"reason": why},
        by,
        now,
        note=why,
    )


async def _changed(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    event: rules.Event,
    code: str,
    text: Msg,
    values: Mapping[str, str | bool | int | datetime],
    by: By,
    now: datetime,
    *,
    note: str | None = None,
) -> Objective:
    incident = await to_act_in(uow, incident_id)
    objective = await named(uow, incident_id, number)
    state = rules.after(objective.state, event, f"O{number}")
    told = dict(values)
    if state != objective.state:
        told |= {"state": state, "state_at": now}
    before = {name: _stored(getattr(objective, name)) for name in told}
    for name, value in told.items():
        setattr(objective, name, value)
    after = {name: _stored(value) for name, value in told.items()}
    await uow.objectives.changed(objective, now, by.person_id, before, after, note)
    await record(
        uow,
        incident,
        code,
        text,
        by=by,
        now=now,
        thing=f"O{number}",
        changes=after,
        params={"reason": note},
    )
    return objective


def lacks(objective: Objective) -> tuple[rules.Lack, ...]:
    """What the objective lacks of being SMART."""
    return rules.lacks(
        objective.text,
        measure=objective.measure,
        target=objective.target,
        achievable=objective.achievable,
        tier=objective.tier,
        priority=objective.priority,
        due=objective.due,
    )


def fields(objective: Objective) -> dict[str, Json]:
    """The fields of an objective as the ledger keeps them."""
    made = objective.model_dump(exclude={"id", "incident_id", "number"})
    return {name: _stored(value) for name, value in made.items()}


def _stored(value: object) -> Json:
    if isinstance(value, datetime):
        return iso(value)
    assert value is None or isinstance(value, (str, bool, int))
    return value
