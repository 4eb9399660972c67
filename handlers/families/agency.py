"""`/agency`: who takes part, and who belongs to whom."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Code,
    Document,
    Heading,
    Inline,
    Para,
    Span,
    say,
)
from handlers.meant import somebody
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind, quoted
from storage.tables import Agency, Person
from workflows import agencies
from workflows.errors import Refusal
from workflows.text import Msg, _, ngettext

FAMILY = Family(Name("agency", "单位"), _("Agencies: who takes part, and who belongs to whom"))

NAME = Arg(
    "name",
    "名称",
    Kind.TEXT,
    required=True,
    question=_("Which agency?"),
    example=("Fire", "消防"),
)
WHO = Arg(
    "person",
    "人",
    Kind.PERSON,
    required=True,
    question=_("Who? Mention the person."),
    example=("@anna", "@anna"),
)
OF = Arg("agency", "单位", Kind.TEXT, positional=False, example=("Fire", "消防"))


@command(
    FAMILY,
    None,
    allow="anyone",
    summary=_("Show the agencies and yours among them"),
    examples=("/agency", "/单位"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The agencies, with buttons to join those that the person is not in."""
    context.narrow()
    shown = await _listed(context)
    mine = {each.id for each in await context.uow.agencies.of_person(context.actor.person_id)}
    only = (context.actor.account,)
    buttons = [
        Button(
            _("Join {agency}", agency=each.short), f"/agency join {quoted(each.short)}", only=only
        )
        for each in await context.uow.agencies.all()
        if each.id not in mine
    ]
    return Document(shown.blocks, tuple(buttons[:8]))


@command(
    FAMILY,
    Name("new", "新建"),
    Arg(
        "name",
        "名称",
        Kind.TEXT,
        required=True,
        question=_("What is the agency called?"),
        example=("Fire brigade", "消防救援支队"),
    ),
    Arg("short", "简称", Kind.TEXT, positional=False, example=("Fire", "消防")),
    allow="admin",
    summary=_("Make an agency; its short name stands before its people's messages"),
    examples=("/agency new Fire brigade short=Fire", "/单位 新建 消防救援支队 简称=消防"),
)
async def new(context: Context, args: Args) -> Document:
    """A new agency without people."""
    made = await agencies.found(
        context.uow,
        args.text("name"),
        args.optional_text("short"),
        by=context.by(),
        now=context.now,
    )
    return say(
        _("Agency “{name}” is made; it is shown as {short}.", name=made.name, short=made.short),
        _(
            "Its people type /agency join {short}. /agency liaison @person names who lets them in.",
            short=made.short,
        ),
    )


@command(
    FAMILY,
    Name("list", "列表"),
    allow="anyone",
    summary=_("List the agencies"),
    examples=("/agency list", "/单位 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Every agency with its liaison officer and how many people it has."""
    context.narrow()
    return await _listed(context)


@command(
    FAMILY,
    Name("join", "加入"),
    NAME,
    allow="anyone",
    summary=_("Ask to belong to an agency, or speak for one that you belong to"),
    examples=("/agency join Fire", "/单位 加入 消防"),
)
async def join(context: Context, args: Args) -> Document:
    """Its liaison officer, or an administrator, agrees by a button."""
    context.narrow()
    agency = await agencies.named(context.uow, args.text("name"))
    asked = await agencies.join(
        context.uow, agency, by=context.by(), admin=context.actor.admin, now=context.now
    )
    if asked.switched:
        return say(_("You speak for {agency} from now on.", agency=agency.name))
    if asked.approved:
        return say(_("You belong to {agency} from now on.", agency=agency.name))
    officer = (
        None if agency.liaison_id is None else await context.uow.people.person(agency.liaison_id)
    )
    question = _question(context, agency, officer)
    told = None
    if officer is not None and officer.id is not None:
        told = await context.actions.tell_person(context.uow, officer.id, question)
    if not context.place.private:
        return question
    if told is not None and officer is not None:
        return say(_("{name}, Liaison Officer of {agency}, was asked.", name=officer.name,
                     agency=agency.name))  # fmt: skip
    return say(
        _("You have asked to belong to {agency}.", agency=agency.name),
        _("Nobody who may agree reads this chat. Ask them to type:"),
        Code(f"/agency approve {_asker(context, agency)}",
             zh=f"/单位 批准 {_asker(context, agency, key='单位')}"),
    )  # fmt: skip


@command(
    FAMILY,
    Name("approve", "批准"),
    WHO,
    OF,
    allow="anyone",
    summary=_("Let somebody into your agency"),
    examples=("/agency approve @anna", "/单位 批准 @anna"),
)
async def approve(context: Context, args: Args) -> Document:
    """The person belongs to it from now on, and is told."""
    return await _decided(context, args, agreed=True)


@command(
    FAMILY,
    Name("refuse", "谢绝"),
    WHO,
    OF,
    allow="anyone",
    summary=_("Do not let somebody into your agency"),
    examples=("/agency refuse @anna", "/单位 谢绝 @anna"),
)
async def refuse(context: Context, args: Args) -> Document:
    """The person is told; nothing else changes."""
    return await _decided(context, args, agreed=False)


@command(
    FAMILY,
    Name("leave", "退出"),
    NAME,
    allow="anyone",
    summary=_("Belong to an agency no longer"),
    examples=("/agency leave Fire", "/单位 退出 消防"),
)
async def leave(context: Context, args: Args) -> Document:
    """Out of it; what the person holds for it goes on until it is handed over, and is named."""
    context.narrow()
    agency = await agencies.named(context.uow, args.text("name"))
    if not await agencies.leave(context.uow, agency, by=context.by(), now=context.now):
        return say(_("Your request to {agency} is taken back.", agency=agency.name))
    text = _("You belong to {agency} no longer.", agency=agency.name)
    person = context.actor.person_id
    held = await agencies.still_held(context.uow, agency, person, context.now)
    if not held:
        return say(text)
    lines = tuple(_("{reference}: {title}", reference=which, title=title) for which, title in held)
    return Document(
        (
            Para(text),
            Para(_("⚠ You still hold, until somebody takes it over:")),
            Bullets(lines),
            Para(_("/role handover passes it on.")),
        )
    )


@command(
    FAMILY,
    Name("liaison", "联络官"),
    WHO,
    OF,
    allow="liaison",
    summary=_("Name the Liaison Officer of an agency, who lets its people in"),
    examples=("/agency liaison @anna agency=Fire", "/单位 联络官 @anna 单位=消防"),
)
async def liaison(context: Context, args: Args) -> Document:
    """Somebody else answers for the agency from now on."""
    person = await somebody(context, args.person("person"))
    agency = await _own(context, args)
    await agencies.appoint(
        context.uow,
        agency,
        person,
        by=context.by(),
        admin=context.actor.admin,
        now=context.now,
    )
    return say(
        _("{name} is the Liaison Officer of {agency}.", name=person.name, agency=agency.name)
    )


async def _decided(context: Context, args: Args, *, agreed: bool) -> Document:
    person = await somebody(context, args.person("person"))
    named = args.optional_text("agency")
    wanted = None if named is None else await agencies.named(context.uow, named)
    agency = await agencies.waiting(
        context.uow, person, wanted, by=context.by(), admin=context.actor.admin
    )
    assert person.id is not None
    await agencies.decide(
        context.uow, agency, person.id, agreed=agreed, by=context.by(), now=context.now
    )
    text = (
        _("{name} belongs to {agency} from now on.", name=person.name, agency=agency.name)
        if agreed
        else _("{name} was not let into {agency}.", name=person.name, agency=agency.name)
    )
    await _tell_asker(context, agency, person, text)
    return say(text)


async def _tell_asker(context: Context, agency: Agency, person: Person, text: Msg) -> None:
    """The answer also goes where the question was put, if that was elsewhere."""
    assert agency.id is not None
    assert person.id is not None
    membership = await context.uow.agencies.membership(person.id, agency.id)
    asked = None if membership is None else membership.asked_room
    near = await context.uow.incidents.bridged([context.place.id])
    if asked is not None and asked not in near:
        await context.actions.tell(context.uow, (asked,), say(text))


async def _own(context: Context, args: Args) -> Agency:
    """The agency that was named, or else the only one whose liaison officer the person is."""
    named = args.optional_text("agency")
    if named is not None:
        return await agencies.named(context.uow, named)
    led = await context.uow.agencies.led_by(context.actor.person_id)
    if len(led) == 1:
        return led[0]
    raise Refusal("agency-which-own", _("Say for which agency: agency=NAME."))


def _question(context: Context, agency: Agency, officer: Person | None) -> Document:
    who = _asker(context, agency)
    return say(
        _("{name} asks to belong to {agency}.", name=context.actor.name, agency=agency.name),
        _("An administrator decides:")
        if officer is None
        else _("Its Liaison Officer, {name}, or an administrator decides:", name=officer.name),
        buttons=(
            Button(_("Agree"), f"/agency approve {who}"),
            Button(_("Refuse"), f"/agency refuse {who}"),
        ),
    )


def _asker(context: Context, agency: Agency, *, key: str = "agency") -> str:
    """Who asks which agency, as the arguments of a command."""
    return f"{context.actor.account} {key}={quoted(agency.short)}"


async def _listed(context: Context) -> Document:
    known = await context.uow.agencies.all()
    if not known:
        return say(_("There is no agency yet. An administrator makes one with /agency new NAME."))
    sizes = await context.uow.agencies.sizes()
    lines: list[Inline] = []
    for each in known:
        assert each.id is not None
        parts: list[Inline] = [Bold(each.name)]
        if each.short != each.name:
            parts.append(f" [{each.short}]")
        parts += [" — ", ngettext("{n} person", "{n} people", sizes.get(each.id, 0))]
        officer = (
            None if each.liaison_id is None else await context.uow.people.person(each.liaison_id)
        )
        if officer is not None:
            parts += [" · ", _("Liaison Officer: {name}", name=officer.name)]
        lines.append(Span(tuple(parts)))
    blocks: list[Block] = [Heading(_("Agencies:")), Bullets(tuple(lines))]
    mine = await context.uow.agencies.of_person(context.actor.person_id)
    if mine:
        names = tuple(each.name for each in mine)
        blocks.append(Para(_("You belong to: {names}", names=names)))
    return Document(tuple(blocks))
