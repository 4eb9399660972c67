"""`/request`: what is needed, who approves it, what it waits for."""

from __future__ import annotations

from handlers.cards import incident as incidents, request as cards
from handlers.context import Context, Scope
from handlers.document import Block, Button, Document, Heading, Para, say
from handlers.escalating import tell_all
from handlers.families.incident import WHICH
from handlers.families.request_lines import lines
from handlers.families.request_telling import (
    NOTE,
    REASON,
    REF,
    acting,
    told,
)
from handlers.meant import place_meant
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from workflows.organisation.scene import scene
from workflows.requests import amounts, keeping, rules, service
from workflows.requests.alike import twins
from workflows.requests.rules import Event
from workflows.requests.steps import Step
from workflows.requests.waiting import people_of, waits
from workflows.requests.whole import Whole
from workflows.stock import kinds
from workflows.text import Msg, _

FAMILY = Family(Name("request", "需求"), _("Requests: ask, approve, supply, return"))

PRIORITY_NAMES = {
    "urgent": ("urgent", "紧急", "急"),
    "routine": ("routine", "常规", "一般", "普通"),
    "low": ("low", "低", "不急"),
}
PRIORITY = Arg(
    "priority",
    "优先",
    Kind.CHOICE,
    positional=False,
    aliases=("优先级",),
    choices=tuple(
        Choice(code, cards.PRIORITIES[code], PRIORITY_NAMES[code]) for code in rules.PRIORITIES
    ),
)


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show the requests that something is still waited for"),
    examples=("/request", "/需求"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """Open requests, the urgent first, with buttons for their cards."""
    return await _listed(context, whole=False)


@command(
    FAMILY,
    None,
    Arg(
        "amount",
        "数量",
        Kind.QUANTITY,
        required=True,
        aliases=("qty",),
        question=_("How much or how many, in which unit?"),
        example=("3", "3辆"),
    ),
    Arg(
        "kind",
        "物资",
        Kind.TEXT,
        required=True,
        question=_("What is needed? Further lines each with a quantity make one request."),
        example=("repair truck", "抢修车"),
    ),
    Arg("to", "送到", Kind.PLACE, positional=False, leads=("to", "送到"), aliases=("地点",),
        example=("valve 3", "3号阀室")),
    Arg("by", "截止", Kind.TIME, positional=False, leads=("by",), aliases=("期限",),
        example=("14:00", "14:00")),
    PRIORITY,
    NOTE,
    Arg("substitutes", "替代", Kind.TEXT, positional=False, aliases=("可替代",),
        example=("tow truck", "拖车")),
    Arg("objective", "目标", Kind.REFERENCE, positional=False, letters="O", example=("O2", "O2")),
    WHICH,
    allow="incident-member",
    summary=_("Ask for something; its section approves it by a tap"),
    examples=(
        "/request 3 repair truck to valve 3 by 14:00 priority=urgent",
        "/需求 3 抢修车 送到=3号阀室 截止=14:00 优先=紧急",
    ),
)  # fmt: skip
async def new(context: Context, args: Args) -> Document:
    """The request's card in every room of the incident, and with those who approve it."""
    incident = await context.incident()
    needed = args.optional_time("by")
    aim = args.optional_reference("objective")
    where = await place_meant(context, args.optional_place("to"), incident=incident)
    wanted = lines(args.quantity("amount"), args.text("kind"), context.now, context.zone)
    made = await service.make(
        context.uow,
        incident.id,
        service.Draft(
            wanted,
            place=None if where is None else str(where),
            needed_by=None if needed is None else needed.at,
            priority=args.optional_text("priority") or "routine",
            note=args.optional_text("note"),
            substitutes=args.optional_text("substitutes"),
            objective=None if aim is None else aim.number,
        ),
        await acting(context),
    )
    context.scope = Scope.INCIDENT
    document = await cards.card(context.uow, made, context.now)
    there = await scene(context.uow, incident, context.now)
    waiting = people_of(await waits(context.uow, made, there))
    others = [each for each in waiting if each.id != context.actor.person_id]
    await tell_all(context.uow, context.actions, others, document)
    for each in await twins(context.uow, made):
        other = await keeping.load(context.uow, incident, each)
        await cards.refresh(context.uow, context.actions, other, context.now)
    await _offer_kinds(context, made)
    return document


async def _offer_kinds(context: Context, made: Whole) -> None:
    """Whoever asks for a kind that no depot knows, but one like it, is shown that one, here alone;
    a tap takes it instead. Nothing is guessed."""
    me = cards.reference(made.request)
    blocks: list[Block] = []
    buttons: list[Button] = []
    for line in made.lines[:3]:
        near = await kinds.nearest(context.uow, line.kind)
        if not near or await kinds.known(context.uow, line.kind) is not None:
            continue
        blocks.append(
            Para(_("No depot knows “{kind}”. Is {names} meant?", kind=line.kind, names=near))
        )
        much = f"{amounts.number(line.quantity).replace(',', '')}{line.unit}"
        command = f"/request substitute {me} {much} “{near[0]}” line={line.number}"
        buttons.append(Button(_("Ask for {kind}", kind=near[0]), command))
    if blocks:
        here = (context.place.id,)
        await context.actions.tell(context.uow, here, Document(tuple(blocks), tuple(buttons)))


@command(
    FAMILY,
    Name("approve", "批准", ("同意",)),
    REF,
    NOTE,
    allow="incident-member",
    summary=_("Approve a request for the section, or its cost for Finance"),
    examples=("/request approve R1", "/需求 批准 R1"),
)
async def approve(context: Context, args: Args) -> Document:
    """The step that it waits for, and those after it that are for the same person alone."""
    incident = await context.incident()
    whole, steps = await service.approve(
        context.uow,
        incident.id,
        args.reference("request").number,
        await acting(context),
        args.optional_text("note"),
    )
    event = Event.PASS if steps == (Step.FINANCE,) else Event.APPROVE
    return await told(context, whole, _said(context, whole, event, args))


def _said(context: Context, whole: Whole, event: Event, args: Args) -> Msg:
    note = rules.words(args.optional_text("note"))
    return service.took_step(event, context.actor.name, whole.reference, note)


@command(
    FAMILY,
    Name("check", "核查", ("核实",)),
    REF,
    Arg(
        "answer",
        "结果",
        Kind.CHOICE,
        required=True,
        question=_("Have we got it?"),
        choices=(
            Choice("have", _("We have it"), ("have", "有", "yes")),
            Choice("none", _("We do not have it"), ("none", "没有", "无", "no")),
        ),
    ),
    NOTE,
    allow="incident-member",
    summary=_("Say whether the incident has it already, or it is to be ordered"),
    examples=("/request check R1 none", "/需求 核查 R1 没有"),
)
async def check(context: Context, args: Args) -> Document:
    """What is on hand needs no order."""
    incident = await context.incident()
    have = args.text("answer") == "have"
    whole, _steps = await service.check(
        context.uow,
        incident.id,
        args.reference("request").number,
        await acting(context),
        have=have,
        note=args.optional_text("note"),
    )
    return await told(
        context, whole, _said(context, whole, Event.HAVE if have else Event.NONE, args)
    )


@command(
    FAMILY,
    Name("order", "订购", ("采购",)),
    REF,
    Arg("cost", "费用", Kind.NUMBER, positional=False, aliases=("预算",),
        example=("12000", "12000")),
    NOTE,
    allow="incident-member",
    # Translators: not the glossary's order
    summary=_("Logistics orders it; above the incident’s limit Finance is asked"),
    examples=("/request order R1 cost=12000", "/需求 订购 R1 费用=12000"),
)  # fmt: skip
async def order(context: Context, args: Args) -> Document:
    """From now on suppliers commit, or Finance approves first."""
    incident = await context.incident()
    whole, _steps = await service.order(
        context.uow,
        incident.id,
        args.reference("request").number,
        await acting(context),
        cost=args.optional_number("cost"),
        note=args.optional_text("note"),
    )
    return await told(context, whole, _said(context, whole, Event.ORDER, args))


@command(
    FAMILY,
    Name("reject", "驳回", ("拒绝",)),
    REF,
    Arg(
        "reason",
        "原因",
        Kind.TEXT,
        required=True,
        question=_("Why is it rejected?"),
        example=("two are there already", "现场已有两辆"),
    ),
    allow="incident-member",
    summary=_("Refuse the step that a request waits for, with the reason"),
    examples=("/request reject R1 two are there already", "/需求 驳回 R1 现场已有两辆"),
)
async def reject(context: Context, args: Args) -> Document:
    """It is over, and whoever asked is told why."""
    incident = await context.incident()
    whole = await service.reject(
        context.uow,
        incident.id,
        args.reference("request").number,
        args.text("reason"),
        await acting(context),
    )
    text = _(
        "{name} rejected {reference}. Reason: {reason}",
        name=context.actor.name,
        reference=whole.reference,
        reason=whole.request.reason or "",
    )
    return await told(context, whole, text)


@command(
    FAMILY,
    Name("cancel", "撤销", ("取消",)),
    REF,
    REASON,
    allow="incident-member",
    summary=_("Want no more of it; what is on the way still has to be dealt with"),
    examples=("/request cancel R1 no longer needed", "/需求 撤销 R1 不再需要"),
)
async def cancel(context: Context, args: Args) -> Document:
    """Whatever was promised and not yet sent is called off."""
    incident = await context.incident()
    whole = await service.cancel(
        context.uow,
        incident.id,
        args.reference("request").number,
        args.optional_text("reason"),
        await acting(context),
    )
    text = _("{name} cancelled {reference}", name=context.actor.name, reference=whole.reference)
    if whole.request.reason is not None:
        text = _("{text}. Reason: {reason}", text=text, reason=whole.request.reason)
    return await told(context, whole, text)


@command(
    FAMILY,
    Name("show", "查看"),
    REF,
    allow="reader",
    summary=_("Show the card of a request: what it waits for and on whom"),
    examples=("/request show R1", "/需求 查看 R1"),
)
async def show(context: Context, args: Args) -> Document:
    """The card; from now on this one is kept up to date."""
    incident = await context.incident()
    whole = await keeping.named(context.uow, incident, args.reference("request").number)
    return await cards.card(context.uow, whole, context.now)


@command(
    FAMILY,
    Name("steps", "步骤", ("more", "更多")),
    REF,
    Arg("page", "页", Kind.INTEGER, positional=False, example=("2", "2")),
    allow="reader",
    summary=_("Show all next steps of a request as buttons, where its card has no room for them"),
    examples=("/request steps R1 page=2", "/需求 步骤 R1 页=2"),
)
async def steps(context: Context, args: Args) -> Document:
    """A page of the buttons, for this room."""
    context.narrow()
    incident = await context.incident()
    whole = await keeping.named(context.uow, incident, args.reference("request").number)
    buttons = cards.page(
        whole, await twins(context.uow, whole), max(1, args.optional_integer("page") or 1)
    )
    if not buttons:
        return say(_("{reference} has no further steps.", reference=whole.reference))
    return Document((Para(_("Next steps of {reference}:", reference=whole.reference)),), buttons)


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("List all requests of the incident"),
    examples=("/request list", "/需求 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Those that are over, too."""
    return await _listed(context, whole=True)


async def _listed(context: Context, *, whole: bool) -> Document:
    context.narrow()
    incident = await context.incident()
    title = _("Requests of {incident}:", incident=incidents.name(incident))
    found = await cards.listed(context.uow, incident, context.now, whole=whole)
    blocks: list[Block] = [Heading(title), *found]
    if not found:
        blocks.append(Para(_("Nothing is waited for. /request QUANTITY KIND asks for something.")))
    open_ = await context.uow.requests.all(incident.id, open_only=True)
    buttons = [
        Button(f"R{each.number}", f"/request show {cards.reference(each)}") for each in open_[-6:]
    ]
    if not open_ and incident.type is not None:
        listed = f"/request pack incident=I{incident.id}"
        buttons.append(Button(_("What this type and level need first"), listed))
    return Document(tuple(blocks), tuple(buttons))
