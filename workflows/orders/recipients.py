"""Who is behind the recipient of an order, who stands above, with which authority it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, Order, Person
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.orders.conflicts import Giver, Recipient, Target
from workflows.orders.words import folded
from workflows.organisation.chart import Node, Seat
from workflows.organisation.positions import COMMANDER, ROLES, Layer, Rank
from workflows.organisation.scene import Scene, at, scene
from workflows.text import Msg, _

LIAISON = "liaison"
REPRESENTATIVE = "agency-rep"


@dataclass(frozen=True, slots=True)
class To:
    """A recipient: of kind `target`, and the person's id, `role/label`, the agency's short name or
    the team's name."""

    target: Target
    key: str

    def __str__(self) -> str:
        return f"{self.target}:{self.key}"

    @staticmethod
    def of(order: Order) -> To:
        """The recipient of an order."""
        return To(Target(order.kind), order.assignee)

    @staticmethod
    def read(stored: str) -> To:
        """Read what `str` wrote; ValueError for anything else."""
        target, _colon, key = stored.partition(":")
        return To(Target(target), key)

    @property
    def seat(self) -> Seat:
        """The seat of a role."""
        role, _slash, label = self.key.partition("/")
        return Seat(role, label)


@dataclass(frozen=True, slots=True)
class Behind:
    """The people to whom an order goes.

    `doers` have to do it themselves: none for an agency, whose people divide the work. `instead`
    is the seat that answers for one which nobody holds.
    """

    people: tuple[Person, ...]
    doers: frozenset[int] = frozenset()
    instead: Seat | None = None

    @property
    def ids(self) -> frozenset[int]:
        """Their ids."""
        return _ids(self.people)


async def behind(uow: UnitOfWork, incident: Incident, to: To, now: datetime) -> Behind:
    """The people behind a recipient at `now`; none if there are none any more."""
    match to.target:
        case Target.PERSON:
            person = await uow.people.person(int(to.key))
            people = _once(() if person is None else (person,))
            return Behind(people, _ids(people))
        case Target.ROLE:
            there = await scene(uow, incident, now)
            if to.seat.role not in ROLES:
                return Behind(())
            node = there.responsible(to.seat)
            if node is None:
                return Behind(())
            people = _people(there.holders(node.seat))
            return Behind(people, _ids(people), None if node.seat == to.seat else node.seat)
        case Target.AGENCY:
            return Behind(await _of_agency(uow, incident, to.key, now))
        case Target.TEAM:
            people = await _of_team(uow, incident, to.key)
            return Behind(people, _ids(people))


async def _of_agency(
    uow: UnitOfWork, incident: Incident, short: str, now: datetime
) -> tuple[Person, ...]:
    """Who answers for an agency here: its commander and representatives, its liaison officer; if
    there are none of these, all its people."""
    held = await uow.organisation.held(incident.id, now)
    answering = [
        person
        for position, person in held
        if position.agency == short
        and position.role in (COMMANDER, REPRESENTATIVE)
        and not position.deputy
    ]
    agency = await uow.agencies.named(short)
    if agency is None or agency.id is None:
        return _once(answering)
    if agency.liaison_id is not None:
        officer = await uow.people.person(agency.liaison_id)
        answering += [officer] if officer is not None else []
    return _once(answering or await uow.agencies.members(agency.id))


async def _of_team(uow: UnitOfWork, incident: Incident, team: str) -> tuple[Person, ...]:
    present = [
        each.person_id
        for each in await uow.roster.all(incident.id)
        if each.team is not None and folded(each.team) == folded(team)
    ]
    people = [await uow.people.person(each) for each in present if each is not None]
    return _once(each for each in people if each is not None)


async def teams(uow: UnitOfWork, incident: Incident) -> list[str]:
    """The teams that are checked in."""
    return list(dict.fromkeys(each.team for each in await uow.roster.all(incident.id) if each.team))


def title(to: To, people: Sequence[Person]) -> Msg | str:
    """What a recipient is called; `people` are those behind it."""
    match to.target:
        case Target.PERSON:
            return people[0].name if people else "?"
        case Target.ROLE:
            return to.seat.title if to.seat.role in ROLES else to.key
        case Target.AGENCY:
            return to.key
        case Target.TEAM:
            return _("team {name}", name=to.key)


async def called(uow: UnitOfWork, to: To) -> Msg | str:
    """As `title`, without asking who is behind it."""
    person = await uow.people.person(int(to.key)) if to.target is Target.PERSON else None
    return title(to, () if person is None else (person,))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an escalation: a stable name, and who is told."""

    name: str
    people: tuple[Person, ...]


async def chain(
    uow: UnitOfWork, incident: Incident, order: Order, now: datetime
) -> tuple[Step, ...]:
    """Who is told, one after the other, when an order is not acknowledged.

    As `above`; nobody who got the order, or who gave it.
    """
    return await above(uow, incident, To.of(order), now, without=frozenset({order.by_id}))


async def above(
    uow: UnitOfWork,
    incident: Incident,
    to: To,
    now: datetime,
    *,
    without: frozenset[int] = frozenset(),
) -> tuple[Step, ...]:
    """Who is told, one after the other, when a recipient does not answer.

    The deputies, then whoever stands above up to the commander, then the Liaison Officer of the
    incident and of the agency concerned. Nobody twice, and not those who have been told already.
    """
    there = await scene(uow, incident, now)
    receivers = await behind(uow, incident, to, now)
    seats = _seats(there, to, receivers)
    steps = [("deputy", _people(d for seat in seats for d in there.holders(seat, deputy=True)))]
    heads: dict[Seat, None] = {}
    for seat in seats or (Seat(COMMANDER),):
        path = there.root.path(seat) or (there.root,)
        higher = path[:-1] if seats else path
        heads |= dict.fromkeys(node.seat for node in reversed(higher))
    top = Seat(COMMANDER)
    heads.pop(top, None)
    for seat in (*heads, top):
        steps.append((f"up {seat.role}/{seat.label}", _people(there.holders(seat))))
    steps.append(("liaison", await _liaison(uow, there, to, receivers)))
    told = set(receivers.ids | without)
    found: list[Step] = []
    for name, people in steps:
        new = tuple(each for each in people if each.id not in told)
        if new:
            told |= _ids(new)
            found.append(Step(name, new))
    return tuple(found)


def _seats(there: Scene, to: To, receivers: Behind) -> tuple[Seat, ...]:
    """The seats from which the chain goes up."""
    if to.target is Target.ROLE:
        return (to.seat,) if receivers.instead is None else (receivers.instead,)
    held = (at(position) for position, who in there.held if who.id in receivers.ids)
    return tuple(dict.fromkeys(held))


async def _liaison(uow: UnitOfWork, there: Scene, to: To, receivers: Behind) -> tuple[Person, ...]:
    officers = [person for _position, person in there.holders(Seat(LIAISON))]
    shorts = [to.key] if to.target is Target.AGENCY else [each.agency for each in receivers.people]
    for short in dict.fromkeys(shorts):
        agency = None if short is None else await uow.agencies.named(short)
        if agency is not None and agency.liaison_id is not None:
            officer = await uow.people.person(agency.liaison_id)
            officers += [officer] if officer is not None else []
    return _once(officers)


async def deputies(uow: UnitOfWork, incident: Incident, to: To, now: datetime) -> frozenset[int]:
    """Who may answer in the recipient's place: deputies; for an agency all its people."""
    if to.target is Target.AGENCY:
        agency = await uow.agencies.named(to.key)
        if agency is None or agency.id is None:
            return frozenset()
        return _ids(await uow.agencies.members(agency.id))
    there = await scene(uow, incident, now)
    seats = _seats(there, to, await behind(uow, incident, to, now))
    return _ids(_people(each for seat in seats for each in there.holders(seat, deputy=True)))


async def giver(
    uow: UnitOfWork, incident: Incident, person_id: int | None, standing: Standing, now: datetime
) -> Giver:
    """With which authority somebody gives an order in the incident."""
    there = await scene(uow, incident, now)
    mine = [position for position, who in there.held if who.id == person_id]
    leads: set[str] = set()
    for position in mine:
        path = there.root.path(at(position))
        if path and ROLES[position.role].rank is not Rank.SPECIALIST:
            leads |= _below(path[-1])
    unified = await uow.handovers.unified(incident.id)
    commanding = {position.agency for position in mine if position.role == COMMANDER}
    speaking = {position.agency for position in mine if position.role == REPRESENTATIVE}
    return Giver(
        admin=standing.admin,
        commands=standing.commands,
        safety="safety" in standing.roles,
        directs_teams=any(
            ROLES[position.role].layer is Layer.EXECUTION
            and ROLES[position.role].rank is not Rank.SPECIALIST
            for position in mine
        ),
        leads=frozenset(leads),
        agencies=standing.agencies,
        command=frozenset(commanding),
        unified=frozenset(agency.short for _member, agency in unified),
        speaks_for=frozenset(speaking) | standing.liaison_of,
    )


def _below(node: Node) -> set[str]:
    return {f"{each.seat.role}/{each.seat.label}" for depth, each in node.walk() if depth}


async def recipient(
    uow: UnitOfWork, incident: Incident, to: To, receivers: Behind, now: datetime
) -> Recipient:
    """What authority over a recipient depends on."""
    there = await scene(uow, incident, now)
    if to.target is Target.AGENCY:
        return Recipient(to.target, agencies=frozenset({to.key}))
    seats = (
        {to.seat}
        if to.target is Target.ROLE
        else {at(position) for position, who in there.held if who.id in receivers.ids}
    )
    agencies: set[str] = set()
    for each in receivers.people:
        assert each.id is not None
        agencies |= {agency.short for agency in await uow.agencies.of_person(each.id)}
    shown = frozenset(f"{seat.role}/{seat.label}" for seat in seats)
    return Recipient(to.target, shown, frozenset(agencies))


def unknown(typed: str, near: Sequence[str] = ()) -> Refusal:
    """Nobody and nothing is called so; `near` are names that may have been meant."""
    name = typed[:60]
    if near:
        return Refusal(
            "order-to",
            _(
                "I know no person, role, agency or checked-in team called “{name}”. Did you mean: "
                "{names}?",
                name=name,
                names=tuple(near),
            ),
        )
    return Refusal(
        "order-to",
        _(
            "I know no person, role, agency or checked-in team called “{name}”. Mention a person "
            "with @, or see /role list, /agency list and /roster.",
            name=name,
        ),
    )


def _people(held: Iterable[tuple[object, Person]]) -> tuple[Person, ...]:
    return _once(person for _position, person in held)


def _once(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple({each.id: each for each in people}.values())


def _ids(people: Iterable[Person]) -> frozenset[int]:
    return frozenset(each.id for each in people if each.id is not None)
