"""`/resource`: teams, vehicles, vessels and equipment as units."""

from __future__ import annotations

from handlers.cards import incident as incidents, resource as cards
from handlers.context import Context, Scope
from handlers.document import Block, Button, Document, Heading, Para
from handlers.families.incident import WHICH
from handlers.meant import place_meant, somebody
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind, Named
from storage.tables import Resource
from workflows import agencies
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.resources import places, resting, rules, service
from workflows.text import Msg, _

FAMILY = Family(Name("resource", "资源"), _("Units: register, assign, follow, release"))

REF = Arg(
    "unit",
    "资源",
    Kind.REFERENCE,
    required=True,
    letters="U",
    question=_("Which unit?"),
    example=("U5", "U5"),
)
DETAILS = (
    Arg("type", "型号", Kind.TEXT, positional=False, aliases=("类型", "规格"),
        example=("8 t", "8吨")),
    Arg(
        "category",
        "类别",
        Kind.CHOICE,
        positional=False,
        choices=tuple(
            Choice(code, rules.CATEGORIES[code], names)
            for code, names in cards.CATEGORY_NAMES.items()
        ),
    ),
    Arg("leader", "负责人", Kind.PERSON, positional=False, aliases=("队长",),
        example=("@anna", "@anna")),
    Arg("people", "人数", Kind.INTEGER, positional=False, maximum=rules.MOST_PEOPLE,
        example=("6", "6")),
    Arg("contact", "联系方式", Kind.TEXT, positional=False, aliases=("电话",),
        example=("channel 3", "3频道")),
    Arg("agency", "单位", Kind.TEXT, positional=False, example=("Fire", "消防")),
    Arg("place", "位置", Kind.PLACE, positional=False, aliases=("地点", "驻地"),
        example=("East depot", "东库")),
    Arg("work", "连续工作", Kind.DURATION, positional=False, example=("12h", "12小时")),
    Arg("rest", "休整", Kind.DURATION, positional=False, example=("6h", "6小时")),
)  # fmt: skip


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show the units that are here, by status"),
    examples=("/resource", "/资源"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The board of T-cards."""
    return await _board(context, None, None, None)


@command(
    FAMILY,
    Name("new", "新建", ("登记", "add", "register")),
    Arg(
        "name",
        "名称",
        Kind.TEXT,
        required=True,
        question=_("What is it called?"),
        example=("Convoy 1", "运输一队"),
    ),
    Arg("kind", "种类", Kind.TEXT, positional=False, ask=True,
        question=_("What is it? A pump truck, a team of divers, a boat…"),
        example=("truck convoy", "运输车队")),
    *DETAILS,
    WHICH,
    allow="incident-member",
    summary=_("Register a team, vehicle, vessel or equipment as a unit"),
    examples=(
        "/resource new Convoy 1 kind=truck convoy type=8 t people=6 contact=channel 3",
        "/资源 新建 运输一队 种类=运输车队 型号=8吨 人数=6 联系方式=3频道",
    ),
)  # fmt: skip
async def new(context: Context, args: Args) -> Document:
    """The unit's card in every room of the incident."""
    incident = await context.incident()
    wanted = await _wanted(context, args, new=True)
    made = await service.make(context.uow, incident.id, wanted, by=context.by(), now=context.now)
    context.scope = Scope.INCIDENT
    return await cards.card(context.uow, incident, made, context.now)


@command(
    FAMILY,
    Name("set", "修改", ("change", "更改")),
    REF,
    Arg("name", "名称", Kind.TEXT, positional=False, example=("Convoy 1", "运输一队")),
    Arg("kind", "种类", Kind.TEXT, positional=False, example=("truck convoy", "运输车队")),
    *DETAILS,
    allow="incident-member",
    summary=_("Tell more or something else about a unit"),
    examples=("/resource set U5 people=8 leader=@anna", "/资源 修改 U5 人数=8 负责人=@anna"),
)
async def change(context: Context, args: Args) -> Document:
    """The card with what is known now."""
    incident = await context.incident()
    resource = await own(context, args.reference("unit").number)
    await service.change(
        context.uow, resource, await _wanted(context, args, new=False),
        by=context.by(), now=context.now,
    )  # fmt: skip
    context.scope = Scope.INCIDENT
    return await cards.card(context.uow, incident, resource, context.now)


@command(
    FAMILY,
    Name("show", "查看"),
    REF,
    allow="reader",
    summary=_("Show the card of a unit: what it does, where it is, when it will be there"),
    examples=("/resource show U5", "/资源 查看 U5"),
)
async def show(context: Context, args: Args) -> Document:
    """The card; from now on this one is kept up to date."""
    incident = await context.incident()
    found = await service.named(context.uow, incident.id, args.reference("unit").number)
    return await cards.card(context.uow, incident, found, context.now)


@command(
    FAMILY,
    Name("list", "列表"),
    Arg(
        "status",
        "状态",
        Kind.CHOICE,
        choices=(
            Choice("available", rules.STATUSES[rules.Status.AVAILABLE], ("available", "可用")),
            Choice("assigned", rules.STATUSES[rules.Status.ASSIGNED], ("assigned", "已分派")),
            Choice("out", rules.STATUSES[rules.Status.OUT], ("out", "停用", "out of service")),
            Choice("released", rules.STATUSES[rules.Status.RELEASED], ("released", "已释放")),
        ),
    ),
    Arg("kind", "种类", Kind.TEXT, positional=False, example=("truck", "车")),
    Arg("agency", "单位", Kind.TEXT, positional=False, example=("Fire", "消防")),
    WHICH,
    allow="reader",
    summary=_("List the units by status, or those of a kind or an agency"),
    examples=("/resource list available kind=truck", "/资源 列表 可用 种类=车"),
)
async def list_all(context: Context, args: Args) -> Document:
    """T-cards as a list."""
    agency = args.optional_text("agency")
    short = None if agency is None else (await agencies.named(context.uow, agency)).short
    return await _board(context, args.optional_text("status"), args.optional_text("kind"), short)


async def _board(
    context: Context, status: str | None, kind: str | None, agency: str | None
) -> Document:
    context.narrow()
    incident = await context.incident()
    found = await cards.board(
        context.uow, incident, context.now, status=status, kind=kind, agency=agency
    )
    title = _("Units of {incident}:", incident=incidents.name(incident))
    blocks: list[Block] = [Heading(title), *found]
    if not found:
        blocks.append(Para(_("There is no such unit. /resource new NAME registers one.")))
    return Document(
        tuple(blocks),
        (Button(_("Map"), f"/resource map incident=I{incident.id}"),) if found else (),
    )


async def own(context: Context, number: int) -> Resource:
    """The unit of that number, of which the person may say how it is. Raises `Refusal`."""
    incident = await context.incident()
    resource = await service.named(context.uow, incident.id, number)
    standing: Standing = await context.standing()
    service.require_voice(resource, standing, context.actor.person_id)
    return resource


async def _wanted(context: Context, args: Args, *, new: bool) -> service.Wanted:
    incident = await context.incident()
    agency = args.optional_text("agency")
    where = await place_meant(context, args.optional_place("place"), incident=incident)
    goal = None if where is None else await places.goal(context.uow, incident, where)
    leader, leader_id = await _leader(context, args)
    name, kind = args.optional_text("name"), args.optional_text("kind")
    category = args.optional_text("category")
    if category is None and (new or kind is not None):
        category = rules.category_of(f"{kind or ''} {name or ''}")
    work, rest = args.optional_duration("work"), args.optional_duration("rest")
    minutes: tuple[int | None, int | None] = (
        None if work is None else int(work.total_seconds() // 60),
        None if rest is None else int(rest.total_seconds() // 60),
    )
    if new:
        usual = resting.limits(context.means.shelf, category or "default")
        minutes = (
            usual[0] if minutes[0] is None else minutes[0],
            usual[1] if minutes[1] is None else minutes[1],
        )
    _bounded(minutes)
    return service.Wanted(
        name=name,
        category=category,
        kind=kind,
        type=args.optional_text("type"),
        leader=leader,
        leader_id=leader_id,
        people=args.optional_integer("people"),
        contact=args.optional_text("contact"),
        agency=None if agency is None else (await agencies.named(context.uow, agency)).short,
        place=None if goal is None else goal.words,
        spot=None if goal is None else goal.spot,
        work_minutes=minutes[0],
        rest_minutes=minutes[1],
    )


def _bounded(minutes: tuple[int | None, int | None]) -> None:
    week = 7 * 24 * 60
    if any(each is not None and not 0 <= each <= week for each in minutes):
        raise Refusal(
            "resource-duty", _("Work and rest last at most 7 days. Say it like work=12h rest=6h.")
        )


async def _leader(context: Context, args: Args) -> tuple[str | None, int | None]:
    """Who leads the unit: somebody known, or a name that was typed."""
    typed = args.optional_person("leader")
    if typed is None:
        return None, None
    try:
        person = await somebody(context, typed)
    except Refusal as refusal:
        if refusal.code == "person-unknown" and typed.named is Named.NAME:
            return typed.value, None
        raise
    return person.name, person.id


def told(resource: Resource, text: Msg) -> Document:
    """A sentence about a unit, with a button for its card."""
    button = Button(f"U{resource.number}", f"/resource show {cards.me(resource)}")
    return Document((Para(text),), (button,))
