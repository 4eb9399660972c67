"""To whom an order goes: the person, role, agency or team that is named in a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers.context import Context
from handlers.grammar.nearest import nearest
from handlers.meant import somebody
from handlers.registry import Arg, Choice
from handlers.values import Args, Kind, Named, Person
from storage.tables import Incident
from workflows.errors import Refusal
from workflows.orders import recipients
from workflows.orders.conflicts import Target
from workflows.orders.recipients import To
from workflows.orders.words import folded
from workflows.organisation import rules as organisation
from workflows.organisation.chart import Seat
from workflows.organisation.positions import ROLES
from workflows.organisation.scene import scene
from workflows.text import Msg, _

TARGETS: Mapping[Target, tuple[Msg, tuple[str, ...]]] = {
    Target.PERSON: (_("a person"), ("person", "个人", "人员")),
    Target.ROLE: (_("a role"), ("role", "角色", "岗位")),
    Target.AGENCY: (_("an agency"), ("agency", "单位")),
    Target.TEAM: (_("a team"), ("team", "队伍", "队")),
}


KIND = Arg(
    "kind",
    "类别",
    Kind.CHOICE,
    positional=False,
    choices=tuple(Choice(code, label, names) for code, (label, names) in TARGETS.items()),
)
"""Tells apart what has the same name."""


async def recipient(context: Context, incident: Incident, args: Args) -> To:
    """The recipient that was named. Raises `Refusal` for none and for more than one."""
    typed = args.optional_text("kind")
    kind = None if typed is None else Target(typed)
    named = args.person("to")
    if named.named is Named.ROLE and kind in (None, Target.ROLE):
        there = await scene(context.uow, incident, context.now)
        seat = organisation.seat(named.value, args.optional_text("label"), there.seats)
        return _seat(seat)
    return await _meant(context, incident, named, kind)


async def everyone(context: Context, incident: Incident, args: Args) -> tuple[To, ...]:
    """All recipients that were named. A role means each of its seats; `kind` tells names apart
    that several have. Raises `Refusal` as `recipient` does."""
    typed = args.optional_text("kind")
    kind = None if typed is None else Target(typed)
    there = await scene(context.uow, incident, context.now)
    found: list[To] = []
    for named in args.people("to"):
        if named.named is Named.ROLE:
            seats = [each for each in there.seats if each.role == named.value]
            found += map(_seat, seats or (organisation.seat(named.value, None, there.seats),))
            continue
        try:
            found.append(await _meant(context, incident, named, None))
        except Refusal as refusal:
            if kind is None or refusal.code != "order-which":
                raise
            found.append(await _meant(context, incident, named, kind))
    return tuple(dict.fromkeys(found))


def _seat(seat: Seat) -> To:
    return To(Target.ROLE, f"{seat.role}/{seat.label}")


async def _meant(context: Context, incident: Incident, named: Person, kind: Target | None) -> To:
    names = ROLES[named.value].names if named.named is Named.ROLE else (named.value,)
    found: list[To] = []
    if named.named in (Named.NAME, Named.ROLE):
        found = await _things(context, incident, names)
    if kind is not None:
        found = [each for each in found if each.target is kind]
    people = kind in (None, Target.PERSON) and named.named is not Named.ROLE
    if people and (not found or await context.uow.people.named(named.value)):
        found.append(await _person(context, incident, named, alone=not found))
    if len(found) == 1:
        return found[0]
    if not found:
        raise recipients.unknown(names[0], await _near(context, incident, names[0]))
    raise Refusal(
        "order-which",
        _(
            "“{name}” is the name of several: {kinds}. Say which with kind=, such as "
            "kind={example}.",
            name=names[0][:60],
            kinds=tuple(TARGETS[each.target][0] for each in found),
            example=str(found[0].target),
        ),
    )


async def _things(context: Context, incident: Incident, names: Sequence[str]) -> list[To]:
    """Agencies and checked-in teams of these names."""
    found: list[To] = []
    wanted = {folded(each) for each in names}
    for each in names:
        agency = await context.uow.agencies.named(each)
        if agency is not None:
            found.append(To(Target.AGENCY, agency.short))
    for team in await recipients.teams(context.uow, incident):
        if folded(team) in wanted:
            found.append(To(Target.TEAM, team))
    return list(dict.fromkeys(found))


async def _person(context: Context, incident: Incident, named: Person, *, alone: bool) -> To:
    try:
        person = await somebody(context, named)
    except Refusal as refusal:
        if refusal.code == "person-unknown" and alone:
            near = await _near(context, incident, named.value)
            if near or named.named is Named.NAME:
                raise recipients.unknown(named.value, near) from None
        raise
    return To(Target.PERSON, str(person.id))


async def _near(context: Context, incident: Incident, typed: str) -> tuple[str, ...]:
    """Names of those whom somebody may have meant by a name that nobody has."""
    uow = context.uow
    held = await uow.organisation.held(incident.id, context.now)
    names = [person.name for _position, person in held]
    for row in await uow.roster.all(incident.id):
        who = None if row.person_id is None else await uow.people.person(row.person_id)
        names += [each for each in (row.team, row.name if who is None else who.name) if each]
    for agency in await uow.agencies.all():
        names += [agency.short, agency.name]
    names += [name for role in ROLES.values() for name in role.names]
    return nearest(typed.lstrip("@"), names)
