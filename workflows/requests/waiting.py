"""What a request waits for at this moment, and on whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storage import UnitOfWork
from storage.tables import Person
from workflows.organisation.chart import Seat
from workflows.organisation.scene import Scene
from workflows.requests import amounts
from workflows.requests.rules import Place, State
from workflows.requests.steps import STEP_OF, SUPPLY, WAITS, takers
from workflows.requests.whole import Whole, held
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that is waited for; `title` is the seat or the agency that it is for."""

    what: Msg
    title: Msg | str | None
    people: tuple[Person, ...]


async def waits(uow: UnitOfWork, whole: Whole, there: Scene) -> list[Wait]:
    """What the request waits for; nothing when it is over."""
    step = STEP_OF.get(whole.state)
    if step is not None:
        held_by, people = takers(there, step, whole.request)
        return [Wait(WAITS[step], held_by.title, people)]
    if whole.state not in (State.SOURCING, State.COMMITTED, State.DELIVERED):
        return []
    found: list[Wait] = []
    open_ = tuple(
        amounts.shown(whole.open(each), each.unit, each.kind)
        for each in whole.lines
        if whole.open(each)
    )
    if open_:
        seat, people = holders(there, Seat(SUPPLY))
        found.append(
            Wait(_("a commitment of {what} by any agency", what=open_), seat.title, people)
        )
    found += await _of_suppliers(uow, whole)
    return found + await _on_scene(uow, whole, there)


async def _of_suppliers(uow: UnitOfWork, whole: Whole) -> list[Wait]:
    found: list[Wait] = []
    for place, one in ((Place.PROMISED, "ship"), (Place.TRANSIT, "arrive")):
        by_supplier: dict[tuple[str, str | None], list[str]] = {}
        for part in whole.parts:
            if held(part, place):
                line = whole.line(part.line)
                shown = amounts.shown(held(part, place), line.unit, line.kind)
                by_supplier.setdefault((part.supplier, part.agency), []).append(shown)
        for (supplier, agency), shown_ in by_supplier.items():
            what = (
                _("{what} to be sent", what=tuple(shown_))
                if one == "ship"
                else _("{what} to arrive", what=tuple(shown_))
            )
            found.append(Wait(what, supplier, await officer(uow, agency)))
    return found


async def _on_scene(uow: UnitOfWork, whole: Whole, there: Scene) -> list[Wait]:
    """Acceptance by who asked; assignment, and use or return, by the section it is for."""
    found: list[Wait] = []
    asker = await uow.people.person(whole.request.by_id)
    mine = () if asker is None else (asker,)
    seat, people = holders(there, Seat(whole.request.section))
    for place, what, title, who in (
        (Place.ARRIVED, _("acceptance of {what}", what=_much(whole, Place.ARRIVED)), None, mine),
        (
            Place.ACCEPTED,
            _("{what} to be assigned or used", what=_much(whole, Place.ACCEPTED)),
            seat.title,
            people,
        ),
        (
            Place.ASSIGNED,
            _("{what} to be returned or used up", what=_much(whole, Place.ASSIGNED)),
            seat.title,
            people,
        ),
    ):
        if whole.total(place):
            found.append(Wait(what, title, who))
    return found


def _much(whole: Whole, place: Place) -> tuple[str, ...]:
    return tuple(
        amounts.shown(whole.total(place, each), each.unit, each.kind)
        for each in whole.lines
        if whole.total(place, each)
    )


def holders(there: Scene, wanted: Seat) -> tuple[Seat, tuple[Person, ...]]:
    """The seat that answers for one, and who holds it."""
    node = there.responsible(wanted)
    if node is None:
        return wanted, ()
    return node.seat, tuple(person for _position, person in there.holders(node.seat))


async def officer(uow: UnitOfWork, agency: str | None) -> tuple[Person, ...]:
    """The Liaison Officer of an agency, who answers for what it promised."""
    known = None if agency is None else await uow.agencies.named(agency)
    if known is None or known.liaison_id is None:
        return ()
    person = await uow.people.person(known.liaison_id)
    return () if person is None else (person,)


def people_of(waiting: Iterable[Wait]) -> tuple[Person, ...]:
    """Everybody on whom something waits, once."""
    return tuple({each.id: each for wait in waiting for each in wait.people}.values())
