"""`/role`: who holds which position."""

from __future__ import annotations

from dataclasses import replace

from handlers.cards import incident as cards
from handlers.cards.organisation import ROLE_CHOICES, duties, listed, proposed
from handlers.context import Context, Scope
from handlers.document import Block, Button, Document, Heading, Para
from handlers.families.incident import WHICH
from handlers.meant import somebody
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from storage.tables import Incident, Person
from workflows.incidents.scene import rooms_of
from workflows.organisation import handover as handovers, rules, service
from workflows.organisation.chart import Seat
from workflows.organisation.positions import ROLES, Rank, Role
from workflows.organisation.scene import scene
from workflows.organisation.service import Organiser
from workflows.text import Msg, _

FAMILY = Family(Name("role", "角色"), _("Positions: who holds what, assign, hand over"))

ROLE = Arg(
    "role",
    "角色",
    Kind.CHOICE,
    required=True,
    aliases=("position", "岗位"),
    question=_("Which position?"),
    choices=ROLE_CHOICES,
)
DEPUTY = "deputy "
_RANKS = {Rank.COMMANDER: "总指挥", Rank.CHIEF: "部长", Rank.DIRECTOR: "主任"}
"""Ranks whose deputies have a title of their own, and the word before which 副 stands in it."""


def _deputies(role: Role) -> tuple[str, ...]:
    """What the deputy of a position is called: `deputy ops`, 作业部副部长."""
    rank = _RANKS[role.rank]
    return tuple(
        f"{DEPUTY}{name}" if name.isascii() else f"{name.removesuffix(rank)}副{rank}"
        for name in role.names
        if name.isascii() or name.endswith(rank)
    )


HELD = replace(
    ROLE,
    choices=(
        *ROLE_CHOICES,
        *(
            Choice(f"{DEPUTY}{each.code}", _("deputy: {title}", title=each.title), _deputies(each))
            for each in ROLES.values()
            if each.rank in _RANKS
        ),
    ),
)
"""A position, or that of its deputy."""
WHO = Arg(
    "person",
    "人",
    Kind.PERSON,
    required=True,
    question=_("Who? Mention the person."),
    example=("@anna", "@anna"),
)
WHOM = Arg("person", "人", Kind.PERSON, example=("@anna", "@anna"))
LABEL = Arg("label", "编号", Kind.TEXT, positional=False, example=("A", "A"))


def _held(args: Args) -> tuple[str, bool]:
    """The position that is named, and whether its deputy is meant."""
    named = args.text("role")
    return named.removeprefix(DEPUTY), named.startswith(DEPUTY)


async def organiser(context: Context) -> Organiser:
    """With which authority the person organises here."""
    who = await context.standing()
    return Organiser(who.admin or who.commands, who.roles)


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("List who holds which position"),
    examples=("/role", "/角色"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The same as the list."""
    return await _listed(context)


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("List who holds which position"),
    examples=("/role list", "/角色 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Who holds what, and the offers that wait."""
    return await _listed(context)


@command(
    FAMILY,
    Name("show", "职责"),
    ROLE,
    allow="anyone",
    summary=_("Tell what a position may and must do"),
    examples=("/role show safety", "/角色 职责 安全官"),
)
async def show(context: Context, args: Args) -> Document:
    """What whoever holds it may and must do."""
    context.narrow()
    seat = Seat(args.text("role"))
    return Document((Heading(seat.title), *duties(seat, deputy=False)))


@command(
    FAMILY,
    Name("assign", "任命", ("appoint",)),
    HELD,
    WHO,
    LABEL,
    Arg("deputy", "副职", Kind.YES, positional=False, example=("yes", "是")),
    Arg("agency", "单位", Kind.TEXT, positional=False, example=("Fire", "消防")),
    WHICH,
    allow="organise",
    summary=_("Put somebody into a position, or make somebody a deputy there"),
    examples=("/role assign safety @anna", "/角色 任命 安全官 @anna"),
)
async def assign(context: Context, args: Args) -> Document:
    """The person is told in private what the role may and must do."""
    person = await somebody(context, args.person("person"))
    role, deputy = _held(args)
    deputy = deputy or ("deputy" in args and args.yes("deputy"))
    incident = await context.incident()
    held = await service.assign(
        context.uow,
        incident.id,
        role,
        person,
        label=args.optional_text("label"),
        deputy=deputy,
        agency=args.optional_text("agency"),
        organiser=await organiser(context),
        by=context.by(),
        now=context.now,
    )
    seat = Seat(held.role, held.label)
    await tell_role(context, incident, person, seat, deputy=deputy)
    text = (
        _("{name} is now deputy: {title}", name=person.name, title=seat.title)
        if deputy
        else _("{name} is now {title}.", name=person.name, title=seat.title)
    )
    return await announced(context, incident, text)


@command(
    FAMILY,
    Name("release", "解除", ("dismiss", "免去")),
    HELD,
    WHOM,
    LABEL,
    WHICH,
    allow="staff",
    summary=_("Take somebody out of a position; who holds it may lay it down"),
    examples=("/role release safety", "/角色 解除 安全官"),
)
async def release(context: Context, args: Args) -> Document:
    """Who answers for it from then on is said."""
    named = args.optional_person("person")
    person = None if named is None else await somebody(context, named)
    incident = await context.incident()
    role, deputy = _held(args)
    position, who = await service.release(
        context.uow,
        incident.id,
        role,
        person,
        label=args.optional_text("label"),
        deputy=deputy or None,
        organiser=await organiser(context),
        by=context.by(),
        now=context.now,
    )
    seat = Seat(position.role, position.label)
    text = _("{name} no longer is {title}.", name=who.name, title=seat.title)
    if position.deputy:
        text = _("{name} no longer is deputy: {title}", name=who.name, title=seat.title)
    if who.id is not None and who.id != context.actor.person_id:
        await context.actions.tell_person(
            context.uow, who.id, Document((Heading(cards.name(incident)), Para(text)))
        )
    there = await scene(context.uow, incident, context.now)
    more = service.answers_for(there, seat)
    return await announced(context, incident, text, *(() if more is None else (more,)))


async def announced(context: Context, incident: Incident, text: Msg, *more: Msg) -> Document:
    """A change of the organisation, told in every room of the incident with what it leaves wrong;
    the incident's card is brought up to date."""
    context.scope = Scope.INCIDENT
    await cards.refresh(context.uow, context.actions, incident, context.now)
    blocks: list[Block] = [Heading(cards.name(incident)), Para(text), *map(Para, more)]
    there = await scene(context.uow, incident, context.now)
    buttons = []
    for span in rules.spans(there.root):
        if not span.wide:
            continue
        blocks.append(Para(_("⚠ {text}", text=span.text)))
        blocks += map(Para, proposed(span))
        if span.splits:
            label = f" label=“{span.seat.label}”" if span.seat.label else ""
            buttons.append(
                Button(
                    _("Share out: {title}", title=span.seat.title),
                    f"/org split {span.seat.role}{label} incident=I{incident.id}",
                )
            )
    return Document(tuple(blocks), tuple(buttons))


async def _listed(context: Context) -> Document:
    context.narrow()
    incident = await context.incident()
    there = await scene(context.uow, incident, context.now)
    blocks: list[Block] = [Heading(_("Positions in {incident}:", incident=cards.name(incident)))]
    blocks.append(listed(there))
    for offer in await context.uow.handovers.offered(incident.id):
        if offer.expires_at <= context.now or offer.role not in ROLES:
            continue
        person = await context.uow.people.person(offer.to_id)
        blocks.append(
            Para(
                _(
                    "Offered to {name} until {time}: {title} [{reference}]",
                    name="?" if person is None else person.name,
                    time=offer.expires_at,
                    title=handovers.seat_of(offer).title,
                    reference=f"H{offer.id}",
                )
            )
        )
    steps = (Button(_("Organisation"), f"/org incident=I{incident.id}"),)
    return Document(tuple(blocks), steps)


async def tell_role(
    context: Context, incident: Incident, person: Person, seat: Seat, *, deputy: bool
) -> None:
    """Tell somebody in private what the role may and must do."""
    assert person.id is not None
    title = _("deputy: {title}", title=seat.title) if deputy else seat.title
    head = Heading(_("{incident}: you are {title}", incident=cards.name(incident), title=title))
    document = Document((head, *duties(seat, deputy)))
    await context.actions.tell_person(
        context.uow, person.id, document, otherwise=await rooms_of(context.uow, incident.id)
    )
