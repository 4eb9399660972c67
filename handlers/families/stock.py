"""`/stock`: what lies where, and every movement of it."""

from __future__ import annotations

from handlers.cards import stock as cards
from handlers.context import Context
from handlers.document import Block, Button, Document, Heading, Para
from handlers.families.incident import WHICH
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind, quoted
from storage.tables import Depot, Incident
from workflows.errors import Refusal
from workflows.stock import depots, kinds, rules
from workflows.stock.expiry import day
from workflows.stock.keeper import Amount, Done, Keeper
from workflows.stock.rules import Place, Sort
from workflows.stock.service import Batch
from workflows.stock.units import units
from workflows.text import Msg, _

FAMILY = Family(Name("stock", "库存", ("物资", "仓储")), _("Stock: what lies where, one ledger"))

QTY = Arg(
    "qty",
    "数量",
    Kind.QUANTITY,
    required=True,
    question=_("How much?"),
    example=("12 boxes", "12箱"),
)
KIND = Arg(
    "kind",
    "物资",
    Kind.TEXT,
    required=True,
    aliases=("品名",),
    question=_("Of what?"),
    example=("tents", "帐篷"),
)
AT = Arg(
    "at",
    "库",
    Kind.TEXT,
    required=True,
    positional=False,
    aliases=("depot", "仓库", "入"),
    leads=("at",),
    question=_("In which depot? Type its number, such as D2, or its name."),
    example=("D2", "D2"),
)
FROM = Arg(
    "from",
    "从",
    Kind.TEXT,
    required=True,
    positional=False,
    aliases=("出",),
    leads=("from",),
    question=_("From which depot? Type its number, such as D2, or its name."),
    example=("D2", "D2"),
)
BATCH = Arg("batch", "批号", Kind.WORD, positional=False, aliases=("批次",), example=("A7", "A7"))
EXPIRY = Arg(
    "expiry",
    "有效期",
    Kind.WORD,
    positional=False,
    aliases=("expires", "保质期", "有效期至"),
    example=("2027-06-30", "2027-06-30"),
)
CONDITION = Arg(
    "condition",
    "状况",
    Kind.CHOICE,
    positional=False,
    aliases=("状态",),
    choices=(
        Choice("good", rules.CONDITIONS["good"], ("good", "完好", "良好")),
        Choice("repair", rules.CONDITIONS["repair"], ("repair", "待修", "维修")),
        Choice("broken", rules.CONDITIONS["broken"], ("broken", "损坏", "报废")),
    ),
)
REASON = Arg(
    "reason", "原因", Kind.TEXT, positional=False, example=("wet in transport", "运输受潮")
)
CLASS = Arg(
    "class", "分类", Kind.WORD, positional=False, aliases=("code", "编码"), example=("1", "1")
)
TO = Arg(
    "to",
    "去向",
    Kind.CHOICE,
    positional=False,
    leads=("to",),
    choices=(
        Choice("scene", rules.SORTS[Sort.SCENE], ("scene", "现场")),
        Choice("transit", rules.SORTS[Sort.TRANSIT], ("transit", "在途", "运输")),
        Choice("used", rules.SORTS[Sort.USED], ("used", "消耗", "耗用")),
        Choice("lost", rules.SORTS[Sort.LOST], ("lost", "损失", "丢失", "报损")),
        Choice("outside", rules.SORTS[Sort.OUTSIDE], ("outside", "外部", "调出")),
        Choice("promised", rules.SORTS[Sort.PROMISED], ("promised", "预留", "预占")),
    ),
)


async def keeper(context: Context) -> Keeper:
    """The person at work on the stock, about the room's incident if it has one."""
    shelf = context.means.shelf
    return Keeper(
        uow=context.uow,
        units=units(shelf),
        codes=kinds.codes(shelf),
        standing=await context.standing(),
        by=context.by(),
        now=context.now,
        today=context.now.astimezone(context.zone).date(),
        incident=await context.incident_or_none(),
    )


def amount(args: Args) -> Amount:
    """So much of what was typed."""
    quantity = args.quantity("qty")
    return Amount(args.text("kind"), quantity.amount, quantity.unit)


async def depot(context: Context, args: Args, name: str) -> Depot:
    """The depot that an argument names. Raises `Refusal`."""
    return await depots.named(context.uow, args.text(name))


@command(
    FAMILY,
    Name("add", "入库", ("新增",)),
    QTY,
    KIND,
    AT,
    BATCH,
    EXPIRY,
    CONDITION,
    CLASS,
    Arg("new", "新品", Kind.YES, positional=False, example=("yes", "是")),
    REASON,
    allow="member",
    summary=_("New stock comes into a depot; a kind that is not known yet is made"),
    examples=(
        "/stock add 120 tents at D2 batch=A7 expiry=2027-06-30 class=1",
        "/库存 入库 120顶 帐篷 库=D2 批号=A7 有效期=2027-06-30 分类=1",
    ),
)
async def add(context: Context, args: Args) -> Document:
    """It comes from outside our books."""
    who = await keeper(context)
    place = await depot(context, args, "at")
    expiry = args.optional_text("expiry")
    batch = args.optional_text("batch")
    of = Batch(
        "" if batch is None else rules.batch(batch),
        None if expiry is None else day(expiry),
        args.optional_text("condition") or rules.GOOD,
    )
    new = "new" in args and args.yes("new")
    what = amount(args)
    if not new and await kinds.known(context.uow, what.kind) is None:
        near = await kinds.nearest(context.uow, what.kind)
        if near:
            return _doubtful(context, args, place, near)
    done = await who.add(
        what,
        place,
        of,
        described=kinds.Described(code=args.optional_text("class")),
        new=new,
        reason=args.optional_text("reason"),
    )
    there = await _there(who, done, depots.place(place))
    return await moved(
        who,
        done,
        _(
            "{depot}: {quantity} of {kind} added, {there} there now.",
            depot=depots.shown(place),
            quantity=cards.quantity(who.units, done.kind, done.milli),
            kind=done.kind.name,
            there=there,
        ),
    )


def _doubtful(context: Context, args: Args, place: Depot, near: tuple[str, ...]) -> Document:
    """A kind nobody has heard of, but of some it could be a slip: asked, not guessed."""
    name = rules.name(args.text("kind"))
    quantity = args.quantity("qty")
    count = f"{quantity.amount:f}{quantity.unit or ''}"
    rest = f" at=D{place.id}" + "".join(
        f" {key}={quoted(args.text(key))}"
        for key in ("batch", "expiry", "condition", "class", "reason")
        if key in args
    )
    only = (context.actor.account,)
    meant = [Button(each, f"/stock add {count} {quoted(each)}{rest}", only=only) for each in near]
    fresh = Button(_("“{name}” is new", name=name),
                   f"/stock add {count} {quoted(name)} new=yes{rest}", only=only)  # fmt: skip
    context.narrow()
    text = _("There is no “{name}” in stock yet. Which one is it?", name=name)
    return Document((Para(text),), (*meant, fresh))


@command(
    FAMILY,
    Name("take", "出库", ("领用", "领取")),
    QTY,
    KIND,
    Arg(
        "from",
        "从",
        Kind.TEXT,
        positional=False,
        aliases=("depot", "仓库", "库"),
        leads=("from",),
        example=("D2", "D2"),
    ),
    TO,
    BATCH,
    REASON,
    WHICH,
    allow="member",
    summary=_("Take stock out of a depot, what expires first at first"),
    examples=(
        "/stock take 20 tents from D2 to scene",
        "/库存 出库 20顶 帐篷 从=D2 去向=现场",
    ),
)
async def take(context: Context, args: Args) -> Document:
    """To the scene of the incident if nothing else is said; without a depot, each that has enough
    is offered."""
    who = await keeper(context)
    what = amount(args)
    if "from" not in args:
        return await _offered(context, who, what, args)
    place = await depot(context, args, "from")
    source = depots.place(place)
    target = _target(args.optional_text("to"), source, who.incident)
    done = await who.take(
        what,
        source,
        target,
        reason=args.optional_text("reason"),
        batch=args.optional_text("batch"),
    )
    return await moved(who, done, await route(who, done, source, target))


def _target(typed: str | None, source: Place, incident: Incident | None) -> Place:
    sort = Sort.SCENE if typed is None else Sort(typed)
    if sort is Sort.PROMISED:
        return Place(sort, source.number)
    if sort is Sort.OUTSIDE:
        return rules.OUTSIDE
    if incident is None and sort in (Sort.SCENE, Sort.TRANSIT):
        raise Refusal(
            "stock-where",
            _("This room has no incident whose scene it could go to. Say to=used or to=outside."),
        )
    return Place(sort, 0 if incident is None else incident.id)


async def _offered(context: Context, who: Keeper, what: Amount, args: Args) -> Document:
    """Depots to take from, the one whose stock expires first at first."""
    kind = await kinds.named(context.uow, what.kind)
    assert kind.id is not None
    sources = await context.uow.stock.sources(kind.id, after=who.today)
    sums: dict[int, int] = {}
    for each in sources:
        sums[each.depot_id] = sums.get(each.depot_id, 0) + each.milli
    context.narrow()
    if not sums:
        raise Refusal(
            "stock-none", _("No depot has any {kind} that could be taken.", kind=kind.name)
        )
    blocks: list[Block] = [Heading(_("From which depot? What expires first stands first."))]
    buttons: list[Button] = []
    count = f"{what.amount:f}{what.unit or ''}"
    rest = "".join(
        f" {key}={quoted(args.text(key))}" for key in ("to", "batch", "reason") if key in args
    )
    for number in list(sums)[:6]:
        first = next(each for each in sources if each.depot_id == number)
        shown = cards.lot(first.batch, first.expiry, rules.GOOD)
        line: list[str | Msg] = [
            f"D{number} {first.depot} ",
            cards.quantity(who.units, kind, sums[number]),
        ]
        blocks.append(Para(cards.line(line, shown)))
        command_ = f"/stock take {count} {quoted(kind.name)} from=D{number}{rest}"
        buttons.append(Button(f"D{number} {first.depot}", command_, only=(context.actor.account,)))
    return Document(tuple(blocks), tuple(buttons))


async def route(who: Keeper, done: Done, source: Place, target: Place) -> Msg:
    """How much went from where to where, and what is left."""
    return _(
        "{quantity} of {kind}: {source} → {target}. {there} left there.",
        quantity=cards.quantity(who.units, done.kind, done.milli),
        kind=done.kind.name,
        source=await who.shown(source),
        target=await who.shown(target),
        there=await _there(who, done, source),
    )


async def _there(who: Keeper, done: Done, place: Place) -> Msg:
    held = await who.uow.stock.held(sort=place.sort, number=place.number, kind_id=done.kind.id)
    return cards.quantity(who.units, done.kind, sum(each.milli for each in held))


async def moved(who: Keeper, done: Done, text: Msg) -> Document:
    """What was done, and of which lots."""
    lots = await cards.portions(who.uow, who.units, done.kind, done.moved.portions, who.today)
    return Document((Para(text),) if lots is None else (Para(text), lots))
