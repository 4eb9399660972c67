"""`/objective`: what is to be reached, how far it is, what comes first."""

from __future__ import annotations

from handlers.cards import incident as incidents, objective as cards
from handlers.context import Context, Scope
from handlers.document import Block, Button, Document, Heading, Para
from handlers.families.incident import WHICH
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from storage.tables import Objective
from workflows.objectives import rules, service
from workflows.text import Msg, _

FAMILY = Family(Name("objective", "目标"), _("Objectives: set, follow, reach"))

REF = Arg(
    "objective",
    "目标",
    Kind.REFERENCE,
    required=True,
    letters="O",
    question=_("Which objective?"),
    example=("O2", "O2"),
)
BY = Arg(
    "by",
    "截止",
    Kind.TIME,
    positional=False,
    leads=("by",),
    aliases=("期限", "时限"),
    example=("18:00", "18:00"),
)
MEASURE = Arg(
    "measure", "衡量", Kind.TEXT, positional=False, aliases=("指标",), example=("flow", "流量")
)
TARGET = Arg("target", "目标值", Kind.TEXT, positional=False, aliases=("标准",), example=("0", "0"))
TIER = Arg(
    "tier",
    "层级",
    Kind.CHOICE,
    positional=False,
    aliases=("阶段",),
    choices=tuple(Choice(code, cards.TIERS[code], cards.TIER_NAMES[code]) for code in rules.TIERS),
)
PRIORITY = Arg(
    "priority",
    "优先",
    Kind.CHOICE,
    positional=False,
    aliases=("优先级",),
    choices=tuple(
        Choice(code, cards.PRIORITIES[code], cards.PRIORITY_NAMES[code])
        for code in rules.PRIORITIES
    ),
)
ACHIEVABLE = Arg("achievable", "可行", Kind.YES, positional=False, example=("yes", "是"))


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show the objectives by what goes before"),
    examples=("/objective", "/目标"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """As `list`."""
    return await list_all.run(context, args)


@command(
    FAMILY,
    Name("new", "新建", ("set up", "设定")),
    Arg(
        "text",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("What is to be reached?"),
        example=("Stop the leak at valve 3", "堵住3号阀室泄漏"),
    ),
    BY,
    MEASURE,
    TARGET,
    TIER,
    PRIORITY,
    ACHIEVABLE,
    WHICH,
    allow="objectives",
    summary=_("Set an objective; what it lacks of being SMART is named and is no obstacle"),
    examples=(
        "/objective new Stop the leak by=18:00 measure=flow target=0 priority=life",
        "/目标 新建 堵住泄漏 截止=18:00 衡量=流量 目标值=0 优先=人员安全",
    ),
)
async def new(context: Context, args: Args) -> Document:
    """A new objective with its card in every room of the incident."""
    incident = await context.incident()
    made = await service.make(
        context.uow, incident.id, _wanted(args), by=context.by(), now=context.now
    )
    context.scope = Scope.INCIDENT
    return await cards.card(context.uow, incident, made, context.now)


@command(
    FAMILY,
    Name("set", "补充", ("change", "修改")),
    REF,
    BY,
    MEASURE,
    TARGET,
    TIER,
    PRIORITY,
    ACHIEVABLE,
    Arg("text", "内容", Kind.TEXT, positional=False, example=("Stop the leak", "堵住泄漏")),
    allow="objectives",
    summary=_("Tell what an objective lacks, or change it"),
    examples=(
        "/objective set O2 by=18:00 priority=life",
        "/目标 补充 O2 截止=18:00 优先=人员安全",
    ),
)
async def change(context: Context, args: Args) -> Document:
    """What was told is added; the card is edited in place."""
    incident = await context.incident()
    number = args.reference("objective").number
    changed = await service.change(
        context.uow, incident.id, number, _wanted(args), by=context.by(), now=context.now
    )
    text = _(
        "{name} changed objective {reference}", name=context.actor.name, reference=f"O{number}"
    )
    return await _announced(context, changed, text)


@command(
    FAMILY,
    Name("progress", "进展", ("进度",)),
    REF,
    Arg(
        "percent",
        "进度",
        Kind.PERCENT,
        required=True,
        question=_("How far is it, in percent?"),
        example=("80%", "八成"),
    ),
    Arg("note", "说明", Kind.TEXT, example=("two crews on it", "两支队伍正在处置")),
    allow="staff",
    summary=_("Say how far an objective is"),
    examples=("/objective progress O2 80% two crews on it", "/目标 进展 O2 八成 两支队伍正在处置"),
)
async def progress(context: Context, args: Args) -> Document:
    """Its percentage is that one now, and what was before stays on the card."""
    incident = await context.incident()
    number, percent = args.reference("objective").number, int(args.number("percent"))
    changed = await service.progress(
        context.uow,
        incident.id,
        number,
        percent,
        args.optional_text("note"),
        by=context.by(),
        now=context.now,
    )
    text = _(
        "{name}: {reference} is at {percent} %",
        name=context.actor.name,
        reference=f"O{number}",
        percent=percent,
    )
    return await _announced(context, changed, text)


@command(
    FAMILY,
    Name("done", "完成", ("达成",)),
    REF,
    allow="objectives",
    summary=_("An objective is reached"),
    examples=("/objective done O2", "/目标 完成 O2"),
)
async def done(context: Context, args: Args) -> Document:
    """It is over, at 100 %."""
    incident = await context.incident()
    number = args.reference("objective").number
    changed = await service.done(context.uow, incident.id, number, by=context.by(), now=context.now)
    text = _("{name}: {reference} is reached", name=context.actor.name, reference=f"O{number}")
    return await _announced(context, changed, text)


@command(
    FAMILY,
    Name("drop", "放弃", ("取消",)),
    REF,
    Arg(
        "reason",
        "原因",
        Kind.TEXT,
        required=True,
        question=_("Why is it dropped?"),
        example=("merged into O3", "已并入O3"),
    ),
    allow="objectives",
    summary=_("Pursue an objective no longer"),
    examples=("/objective drop O2 reason=merged into O3", "/目标 放弃 O2 原因=已并入O3"),
)
async def drop(context: Context, args: Args) -> Document:
    """It is over, with the reason on its card."""
    incident = await context.incident()
    number = args.reference("objective").number
    changed = await service.drop(
        context.uow, incident.id, number, args.text("reason"), by=context.by(), now=context.now
    )
    text = _(
        "{name} dropped {reference}. Reason: {reason}",
        name=context.actor.name,
        reference=f"O{number}",
        reason=changed.reason or "",
    )
    return await _announced(context, changed, text)


@command(
    FAMILY,
    Name("show", "查看"),
    REF,
    allow="reader",
    summary=_("Show the card of an objective"),
    examples=("/objective show O2", "/目标 查看 O2"),
)
async def show(context: Context, args: Args) -> Document:
    """The card; from now on this one is kept up to date."""
    incident = await context.incident()
    found = await service.named(context.uow, incident.id, args.reference("objective").number)
    return await cards.card(context.uow, incident, found, context.now)


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("List the objectives, life safety before environment before property"),
    examples=("/objective list", "/目标 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Open objectives by priority, tier and time, each with a button for its card."""
    context.narrow()
    incident = await context.incident()
    blocks: list[Block] = [
        Heading(_("Objectives of {incident}:", incident=incidents.name(incident)))
    ]
    found = await cards.listed(context.uow, incident.id, context.now)
    if not found:
        blocks.append(Para(_("There is no objective yet. /objective new TEXT sets one.")))
    known = rules.ranked(await context.uow.objectives.all(incident.id, open_only=True))
    buttons = tuple(
        Button(f"O{each.number}", f"/objective show I{incident.id}-O{each.number}")
        for each in known[:6]
    )
    return Document((*blocks, *found), buttons)


def _wanted(args: Args) -> service.Wanted:
    due = args.optional_time("by")
    return service.Wanted(
        text=args.optional_text("text"),
        measure=args.optional_text("measure"),
        target=args.optional_text("target"),
        achievable=args.yes("achievable") if "achievable" in args else None,
        tier=args.optional_text("tier"),
        priority=args.optional_text("priority"),
        due=None if due is None else due.at,
    )


async def _announced(context: Context, objective: Objective, text: Msg) -> Document:
    """The card is brought up to date, and the change is told in every room of the incident."""
    incident = await context.incident()
    context.scope = Scope.INCIDENT
    await cards.refresh(context.uow, context.actions, incident, objective, context.now)
    return Document((Para(text),))
