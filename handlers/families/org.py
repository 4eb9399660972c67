"""`/org`: the organisation as a picture and in words; it grows and shrinks with the incident."""

from __future__ import annotations

from handlers.cards.organisation import ROLE_CHOICES, chart, headquarters_line
from handlers.context import Context
from handlers.document import Bullets, Document, Heading, Para
from handlers.families.incident import THIS, WHICH
from handlers.families.role import LABEL, announced, organiser
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind
from workflows.organisation import headquarters, service
from workflows.organisation.chart import Seat
from workflows.organisation.scene import scene
from workflows.text import _

FAMILY = Family(Name("org", "架构"), _("The organisation: as a picture, larger, smaller"))

UNIT = Arg(
    "unit",
    "部门",
    Kind.CHOICE,
    required=True,
    question=_("Which part of the organisation?"),
    choices=ROLE_CHOICES,
)


@command(
    FAMILY,
    None,
    THIS,
    allow="reader",
    summary=_("Show the organisation as a picture and in words"),
    examples=("/org", "/架构"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The words at once; the picture follows."""
    incident = await context.incident()
    there = await scene(context.uow, incident, context.now)
    return chart(there, incident, context.now)


@command(
    FAMILY,
    Name("groups", "工作组"),
    WHICH,
    allow="reader",
    summary=_("List the groups of the on-scene headquarters, and who leads each"),
    examples=("/org groups", "/架构 工作组"),
)
async def groups(context: Context, args: Args) -> Document:
    """As the plan of the person's agency names them."""
    context.narrow()
    incident = await context.incident()
    there = await scene(context.uow, incident, context.now)
    shelf = context.means.shelf
    lines = [
        headquarters_line(there, each) for each in headquarters.groups(shelf, context.actor.agency)
    ]
    return Document(
        (
            Heading(_("Groups of the on-scene headquarters")),
            Bullets(tuple(lines)),
            Para(_("Source: {source}", source=headquarters.source(shelf))),
        )
    )


@command(
    FAMILY,
    Name("expand", "增设"),
    UNIT,
    LABEL,
    Arg(
        "under",
        "隶属",
        Kind.CHOICE,
        positional=False,
        choices=ROLE_CHOICES,
    ),
    Arg("of", "上级编号", Kind.TEXT, positional=False, example=("I", "I")),
    WHICH,
    allow="organise",
    summary=_("Set up a part of the organisation"),
    examples=("/org expand division label=A", "/架构 增设 片区 编号=A"),
)
async def expand(context: Context, args: Args) -> Document:
    """Nobody needs to hold it yet: the position above answers for it."""
    incident = await context.incident()
    under = args.optional_text("under")
    seat = await service.expand(
        context.uow,
        incident.id,
        args.text("unit"),
        label=args.optional_text("label"),
        under=None if under is None else Seat(under, args.optional_text("of") or ""),
        organiser=await organiser(context),
        by=context.by(),
        now=context.now,
    )
    there = await scene(context.uow, incident, context.now)
    more = service.answers_for(there, seat)
    text = _("Set up: {title}", title=seat.title)
    return await announced(context, incident, text, *(() if more is None else (more,)))


@command(
    FAMILY,
    Name("collapse", "撤并"),
    UNIT,
    LABEL,
    WHICH,
    allow="organise",
    summary=_("Take a part of the organisation back; the position above answers for it"),
    examples=("/org collapse division label=A", "/架构 撤并 片区 编号=A"),
)
async def collapse(context: Context, args: Args) -> Document:
    """Who held it is released."""
    incident = await context.incident()
    seat, gone = await service.collapse(
        context.uow,
        incident.id,
        args.text("unit"),
        label=args.optional_text("label"),
        organiser=await organiser(context),
        by=context.by(),
        now=context.now,
    )
    more = tuple(
        _("{name} no longer is {title}.", name=who.name, title=seat.title) for _held, who in gone
    )
    return await announced(context, incident, _("Taken back: {title}", title=seat.title), *more)


@command(
    FAMILY,
    Name("split", "分组"),
    UNIT,
    LABEL,
    WHICH,
    allow="organise",
    summary=_("Share out what one position leads too many of"),
    examples=("/org split operations", "/架构 分组 作业部"),
)
async def split(context: Context, args: Args) -> Document:
    """The proposal that stands under the warning is carried out."""
    incident = await context.incident()
    splits = await service.split(
        context.uow,
        incident.id,
        args.text("unit"),
        label=args.optional_text("label"),
        organiser=await organiser(context),
        by=context.by(),
        now=context.now,
    )
    heads = tuple(each.head.title for each in splits)
    return await announced(context, incident, _("Set up: {titles}", titles=heads))
