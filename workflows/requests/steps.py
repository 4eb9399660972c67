"""Who takes which step of a request, and on whom it waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from storage import UnitOfWork
from storage.tables import Person, Request
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.organisation.chart import Seat
from workflows.organisation.positions import COMMANDER, ROLES, Section
from workflows.organisation.scene import Scene, scene
from workflows.requests.reminding import Reminders
from workflows.requests.rules import State
from workflows.requests.whole import Whole
from workflows.stock.units import Units
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Acting:
    """Who does something, with which authority, when."""

    by: By
    standing: Standing
    now: datetime
    units: Units
    zone: ZoneInfo
    reminders: Reminders

    @property
    def today(self) -> date:
        """The day where people are."""
        return self.now.astimezone(self.zone).date()

    @property
    def person_id(self) -> int:
        """The person."""
        assert self.by.person_id is not None
        return self.by.person_id


class Step(StrEnum):
    """The steps that somebody of the organisation takes, in their order."""

    APPROVE = "approve"
    CHECK = "check"
    ORDER = "order"
    FINANCE = "finance"


STEP_OF: Mapping[State, Step] = {
    State.NEED: Step.APPROVE,
    State.APPROVED: Step.CHECK,
    State.CHECKED: Step.ORDER,
    State.ORDERED: Step.FINANCE,
}

WAITS: Mapping[Step, Msg] = {
    Step.APPROVE: _("the section’s approval"),
    Step.CHECK: _("the Resources check: have we got it?"),
    # Translators: not the glossary's order
    Step.ORDER: _("Logistics to order it"),
    Step.FINANCE: _("Finance’s approval"),
}

TOOK: Mapping[Step, Msg] = {
    Step.APPROVE: _("approved for the section"),
    Step.CHECK: _("checked by Resources"),
    Step.ORDER: _("ordered by Logistics"),
    Step.FINANCE: _("approved by Finance"),
}

SUPPLY = "supply"
_SEATS = {Step.CHECK: "resources", Step.ORDER: SUPPLY, Step.FINANCE: "finance"}
_CHIEFS = (Section.OPERATIONS, Section.PLANNING, Section.LOGISTICS, Section.FINANCE)


def forget(whole: Whole) -> None:
    """Who took the steps that it waits for again is no longer noted."""
    step = STEP_OF.get(whole.state)
    if step is not None:
        before = list(Step)[: list(Step).index(step)]
        taken = whole.request.steps
        whole.request.steps = {each: taken[each] for each in before if each in taken}


def section(roles: frozenset[str]) -> str:
    """The role whose holder approves what somebody with these roles asks for."""
    sections = {ROLES[each].section for each in roles if each in ROLES}
    for each in _CHIEFS:
        if each in sections:
            return each.value
    return COMMANDER if sections else Section.OPERATIONS.value


def seat(step: Step, request: Request) -> Seat:
    """Whose step it is."""
    return Seat(request.section if step is Step.APPROVE else _SEATS[step])


def above(role: str) -> frozenset[str]:
    """A role and all that stand above it."""
    found = {role}
    while (up := ROLES[role].above) is not None:
        found.add(up)
        role = up
    return frozenset(found)


def may_take(step: Step, request: Request, standing: Standing) -> bool:
    """Whether somebody of that standing may take the step: who holds the seat, or one above."""
    return standing.admin or not standing.roles.isdisjoint(above(seat(step, request).role))


def logistics(standing: Standing) -> bool:
    """Whether somebody finds and moves supplies for the incident."""
    return standing.admin or not standing.roles.isdisjoint(above(SUPPLY) | {"ground-support"})


def takers(there: Scene, step: Step, request: Request) -> tuple[Seat, tuple[Person, ...]]:
    """The seat that answers for a step at this moment, and who holds it."""
    wanted = seat(step, request)
    node = there.responsible(wanted)
    if node is None:
        return wanted, ()
    return node.seat, tuple(person for _position, person in there.holders(node.seat))


async def require_step(uow: UnitOfWork, whole: Whole, step: Step, acting: Acting) -> None:
    """Raise `Refusal` (`request-not-yours`) unless the person may take the step."""
    if may_take(step, whole.request, acting.standing):
        return
    there = await scene(uow, whole.incident, acting.now)
    held, people = takers(there, step, whole.request)
    raise Refusal(
        "request-not-yours",
        _(
            "{reference} waits for {what}. That is for {title} ({names}) to say.",
            reference=whole.reference,
            what=WAITS[step],
            title=held.title,
            names=tuple(each.name for each in people),
        )
        if people
        else _(
            "{reference} waits for {what}. That is for {title} to say, and nobody holds that.",
            reference=whole.reference,
            what=WAITS[step],
            title=held.title,
        ),
    )


def alone(there: Scene, step: Step, request: Request, person_id: int) -> bool:
    """Whether that person and nobody else answers for the step."""
    _seat, people = takers(there, step, request)
    return {each.id for each in people} == {person_id}


def agencies_of(whole: Whole) -> frozenset[str]:
    """The agencies for which something is asked here."""
    named = {whole.request.agency, *(each.agency for each in whole.lines)}
    return frozenset(each for each in named if each)


def asks(whole: Whole, acting: Acting) -> bool:
    """Whether the person asked for it, or is of an agency for which it was asked."""
    if acting.person_id == whole.request.by_id:
        return True
    return not acting.standing.agencies.isdisjoint(agencies_of(whole))


def receives(whole: Whole, acting: Acting) -> bool:
    """Whether the person may say what came and what became of it."""
    return acting.standing.admin or bool(acting.standing.roles) or asks(whole, acting)


def supplies(agency: str | None, by_id: int, acting: Acting) -> bool:
    """Whether the person may say what a supplier does."""
    mine = agency is not None and agency in acting.standing.agencies
    return mine or by_id == acting.person_id or logistics(acting.standing)


async def names(uow: UnitOfWork, people: Sequence[int]) -> tuple[str, ...]:
    """The names of people."""
    found = [await uow.people.person(each) for each in people]
    return tuple(each.name for each in found if each is not None)
