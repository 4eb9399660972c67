"""`/request add`, `split`, `substitute`, `join`, `cost`, `limit`: changes of a request, money."""

from __future__ import annotations

from handlers.cards import request as cards
from handlers.context import Context, Scope
from handlers.document import Block, Bullets, Document, Heading, Inline, Para, Span, say
from handlers.families.incident import WHICH
from handlers.families.request import FAMILY
from handlers.families.request_lines import lines
from handlers.families.request_telling import (
    AMOUNT,
    LINE,
    PART,
    REF,
    acting,
    much,
    over_approval,
    told,
)
from handlers.meant import somebody
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from workflows.requests import alike, amounts, costs, limits, reshaping
from workflows.requests.limits import Spent
from workflows.requests.service import Wanted
from workflows.text import _

SOME = Arg(
    "amount",
    "数量",
    Kind.QUANTITY,
    required=True,
    aliases=("qty",),
    question=_("How much or how many, in which unit?"),
    example=("2", "2辆"),
)
WHAT = Arg(
    "kind",
    "物资",
    Kind.TEXT,
    required=True,
    question=_("What is needed?"),
    example=("tow truck", "拖车"),
)


@command(
    FAMILY,
    Name("add", "追加", ("增加",)),
    REF,
    SOME,
    WHAT,
    allow="incident-member",
    summary=_("Add lines to a request that is not approved yet"),
    examples=("/request add R1 200 m boom", "/需求 追加 R1 200米 围油栏"),
)
async def add(context: Context, args: Args) -> Document:
    """One more line, or several below one another."""
    incident = await context.incident()
    wanted = lines(args.quantity("amount"), args.text("kind"), context.now, context.zone)
    whole, text = await reshaping.add(
        context.uow,
        incident.id,
        args.reference("request").number,
        wanted,
        await acting(context),
    )
    return await told(context, whole, text)


@command(
    FAMILY,
    Name("substitute", "替换", ("替代", "换成")),
    REF,
    SOME,
    WHAT,
    LINE,
    Arg("cost", "费用", Kind.NUMBER, positional=False, aliases=("估价",),
        example=("12000", "1.2万")),
    allow="incident-member",
    summary=_("Let something else stand in for what is open of a line"),
    examples=("/request substitute R1 2 tow truck line=1", "/需求 替换 R1 2辆 拖车 项=1"),
)  # fmt: skip
async def substitute(context: Context, args: Args) -> Document:
    """A new line instead of what is open of the old one, approved as if it were asked for anew."""
    incident = await context.incident()
    given = args.quantity("amount")
    whole, text = await reshaping.substitute(
        context.uow,
        incident.id,
        args.reference("request").number,
        Wanted(given.amount, given.unit, args.text("kind"), args.optional_number("cost")),
        await acting(context),
        line=args.optional_integer("line"),
    )
    return await told(context, whole, text)


@command(
    FAMILY,
    Name("split", "拆分", ("分出",)),
    REF,
    AMOUNT,
    LINE,
    allow="incident-member",
    summary=_("Make a request of its own of a part of what is open"),
    examples=("/request split R1 1", "/需求 拆分 R1 1辆"),
)
async def split(context: Context, args: Args) -> Document:
    """Two cards, which stand where the one stood."""
    incident = await context.incident()
    whole, made, text = await reshaping.split(
        context.uow,
        incident.id,
        args.reference("request").number,
        await acting(context),
        much=much(args),
        line=args.optional_integer("line"),
    )
    await cards.refresh(context.uow, context.actions, made, context.now)
    return await told(context, whole, text)


@command(
    FAMILY,
    Name("join", "合并"),
    REF,
    Arg(
        "into",
        "并入",
        Kind.REFERENCE,
        required=True,
        letters="R",
        question=_("Into which request?"),
        example=("R2", "R2"),
    ),
    allow="incident-member",
    summary=_("Make two requests for the same one"),
    examples=("/request join R2 into=R1", "/需求 合并 R2 并入=R1"),
)
async def join(context: Context, args: Args) -> Document:
    """The lines of the one are lines of the other, which keeps whom they are for."""
    incident = await context.incident()
    kept, gone = await alike.join(
        context.uow,
        incident.id,
        args.reference("request").number,
        args.reference("into").number,
        await acting(context),
    )
    await cards.refresh(context.uow, context.actions, gone, context.now)
    text = _(
        "{name} joined {gone} into {kept}",
        name=context.actor.name,
        gone=gone.reference,
        kept=kept.reference,
    )
    return await told(context, kept, text)


@command(
    FAMILY,
    Name("apart", "不同", ("different",)),
    REF,
    Arg(
        "from",
        "与",
        Kind.REFERENCE,
        required=True,
        letters="R",
        leads=("from",),
        question=_("From which request?"),
        example=("R2", "R2"),
    ),
    allow="incident-member",
    summary=_("Say that two requests that look alike are two"),
    examples=("/request apart R2 from R1", "/需求 不同 R2 与=R1"),
)
async def apart(context: Context, args: Args) -> Document:
    """Nobody is asked again whether to join them."""
    incident = await context.incident()
    whole, other = await alike.apart(
        context.uow,
        incident.id,
        args.reference("request").number,
        args.reference("from").number,
        await acting(context),
    )
    context.scope = Scope.INCIDENT
    for each in (whole, other):
        await cards.refresh(context.uow, context.actions, each, context.now)
    return say(
        _(
            "{name}: {first} and {second} are different",
            name=context.actor.name,
            first=whole.reference,
            second=other.reference,
        )
    )


@command(
    FAMILY,
    Name("cost", "费用", ("花费",)),
    REF,
    Arg(
        "amount",
        "金额",
        Kind.NUMBER,
        required=True,
        question=_("How much, in yuan?"),
        example=("12000", "1.2万"),
    ),
    LINE,
    PART,
    allow="incident-member",
    summary=_("Say what it is estimated to cost; with part= what that part did cost"),
    examples=("/request cost R1 12000 line=1", "/需求 费用 R1 12000 项=1"),
)
async def cost(context: Context, args: Args) -> Document:
    """Estimates of the whole or of a line, actual cost of a part."""
    incident = await context.incident()
    number, part = args.reference("request").number, args.optional_integer("part")
    by = await acting(context)
    if part is not None:
        whole, text = await costs.actual(
            context.uow, incident.id, number, part, args.number("amount"), by
        )
    else:
        whole, text, above = await costs.estimated(
            context.uow,
            incident.id,
            number,
            args.number("amount"),
            by,
            line=args.optional_integer("line"),
        )
        if above:
            await over_approval(context, whole)
    return await told(context, whole, text)


@command(
    FAMILY,
    Name("limit", "限额", ("预算",)),
    Arg("approval", "审批", Kind.NUMBER, positional=False, aliases=("单笔",),
        example=("50000", "5万")),
    Arg("total", "总额", Kind.NUMBER, positional=False, aliases=("合计",),
        example=("1000000", "100万")),
    Arg("agency", "单位", Kind.TEXT, positional=False, example=("Fire", "消防")),
    Arg("tell", "通知", Kind.PERSON, positional=False, example=("@anna", "@anna")),
    WHICH,
    allow="reader",
    summary=_("Show what the incident costs, or set from which cost on Finance approves"),
    examples=("/request limit approval=50000 total=1000000", "/需求 限额 审批=5万 总额=100万"),
)  # fmt: skip
async def limit(context: Context, args: Args) -> Document:
    """Limits and running totals, of the incident and of each agency."""
    incident = await context.incident()
    if not any(name in args for name in ("approval", "total", "tell")):
        context.narrow()
        return await _money(context)
    named = args.optional_person("tell")
    person = None if named is None else await somebody(context, named)
    accounts = (
        ()
        if person is None or person.id is None
        else tuple(each.id for each in await context.uow.people.accounts(person.id))
    )
    set_ = await costs.limit(
        context.uow,
        incident.id,
        await acting(context),
        agency=args.optional_text("agency"),
        approval=args.optional_number("approval"),
        total=args.optional_number("total"),
        tell=accounts[:1],
    )
    context.scope = Scope.INCIDENT
    return say(
        _("{name} set limits: {limits}", name=context.actor.name, limits=costs.described(set_))
    )


async def _money(context: Context) -> Document:
    incident = await context.incident()
    sums = await limits.totals(context.uow, incident)
    known = await context.uow.requests.limits(incident.id)
    rows: list[Inline] = [_spent(_("The incident"), sums.whole)]
    rows += [_spent(agency or "?", each) for agency, each in sorted(sums.agencies.items())]
    blocks: list[Block] = [
        Heading(_("What {incident} costs", incident=f"I{incident.id}")),
        Bullets(tuple(rows)),
    ]
    for each in known:
        described: list[Inline] = []
        for text in costs.described(each):
            described += [" · ", text] if described else [text]
        blocks.append(Para(Span(("💰 ", *described))))
    if not known:
        blocks.append(Para(_("There are no limits. Finance and command set them.")))
    return Document(tuple(blocks))


def _spent(name: Inline, spent: Spent) -> Inline:
    return Span(
        (
            name,
            _(": "),
            _(
                "estimated {estimated}, actual {actual}",
                estimated=amounts.yuan(spent.estimated),
                actual=amounts.yuan(spent.actual),
            ),
        )
    )
