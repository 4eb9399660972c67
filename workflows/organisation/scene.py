"""The organisation of an incident as the store has it, and the things that are named in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, OrgUnit, Person, Position
from workflows.errors import Refusal
from workflows.organisation import rules
from workflows.organisation.chart import Holder, Node, Opened, Seat, responsible, tree
from workflows.organisation.positions import ROLES
from workflows.text import Json, Msg, _


@dataclass(frozen=True, slots=True)
class Scene:
    """Who holds what at a moment, and which parts there are."""

    held: tuple[tuple[Position, Person], ...]
    units: tuple[OrgUnit, ...]
    root: Node

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Every seat there is, the commander's first."""
        return tuple(node.seat for _depth, node in self.root.walk())

    def holders(self, seat: Seat, *, deputy: bool = False) -> list[tuple[Position, Person]]:
        """Who holds a seat, or its deputies."""
        return [
            (position, person)
            for position, person in self.held
            if at(position) == seat and position.deputy == deputy
        ]

    def unit(self, seat: Seat) -> OrgUnit | None:
        """The part of that seat, if it was set up."""
        return next((each for each in self.units if Seat(each.role, each.label) == seat), None)

    def responsible(self, seat: Seat) -> Node | None:
        """Who answers for a seat."""
        return responsible(self.root, seat)


def at(position: Position) -> Seat:
    """The seat of a position that somebody holds."""
    return Seat(position.role, position.label)


async def scene(uow: UnitOfWork, incident: Incident, now: datetime) -> Scene:
    """The organisation as it is at `now`. Codes nobody knows are left out."""
    held = [each for each in await uow.organisation.held(incident.id, now) if each[0].role in ROLES]
    units = [each for each in await uow.organisation.units(incident.id) if each.role in ROLES]
    root = tree(
        [
            Opened(each.id, Seat(each.role, each.label), each.parent_id)
            for each in units
            if each.id is not None
        ],
        [Holder(at(each), who.name, each.agency, each.deputy) for each, who in held],
    )
    return Scene(tuple(held), tuple(units), root)


def named(people: Sequence[tuple[Position, Person]]) -> tuple[Msg | str, ...]:
    """People with the agencies for which they hold something."""
    return tuple(
        _("{name} ({agency})", name=person.name, agency=position.agency)
        if position.agency
        else person.name
        for position, person in people
    )


async def agency_of(uow: UnitOfWork, person: Person, wanted: str | None) -> str:
    """The short name of the agency for which somebody is to hold a role.

    The one that is named, else the one for which the person speaks. Raises `Refusal`
    (`role-no-agency`, `role-agency`): who belongs to none cannot command.
    """
    assert person.id is not None
    mine = await uow.agencies.of_person(person.id)
    if not mine:
        raise Refusal(
            "role-no-agency",
            _(
                "{name} belongs to no agency and can hold no role. First: /agency join NAME; its "
                "liaison officer agrees.",
                name=person.name,
            ),
        )
    shorts = [each.short for each in mine]
    if wanted is not None:
        known = await uow.agencies.named(wanted)
        if known is None or known.short not in shorts:
            raise Refusal(
                "role-agency",
                _(
                    "{name} does not belong to {agency}, but to {agencies}.",
                    name=person.name,
                    agency=wanted[:60],
                    agencies=tuple(shorts),
                ),
            )
        return known.short
    return person.agency if person.agency in shorts else shorts[0]


def new(position: Position, until: str | None = None) -> dict[str, Json]:
    """The fields of a position as the ledger keeps them."""
    return {
        "role": position.role,
        "label": position.label,
        "person_id": position.person_id,
        "agency": position.agency,
        "deputy": position.deputy,
        "since": position.since.isoformat(),
        "until": until,
    }


def meant(
    scene_: Scene, role: str, label: str | None, person: Person | None, *, deputy: bool | None
) -> tuple[Position, Person]:
    """The held position that a role means, with a label or a person where it takes one to tell.

    Raises `Refusal` (`role-not-held`, `role-which`).
    """
    typed = rules.label(role, label) if label is not None else None
    found = [
        (position, who)
        for position, who in scene_.held
        if position.role == role
        and (typed is None or position.label.casefold() == typed.casefold())
        and (person is None or who.id == person.id)
        and (deputy is None or position.deputy == deputy)
    ]
    if deputy is None and person is None and (holders := [f for f in found if not f[0].deputy]):
        found = holders
    if len(found) == 1:
        return found[0]
    title = Seat(role, typed or "").title
    if not found:
        if deputy:
            text = _("Nobody like that is deputy: {title}.", title=title)
        elif person is not None:
            text = _("{name} does not hold {title}.", name=person.name, title=title)
        else:
            text = _("Nobody holds {title}.", title=title)
        raise Refusal("role-not-held", _("{text} /role list shows who holds what.", text=text))
    raise Refusal(
        "role-which",
        _(
            "That could be several: {held}. Name the person or the label.",
            held=tuple(
                _("{title}: {name}", title=at(position).title, name=who.name)
                for position, who in found
            ),
        ),
    )
