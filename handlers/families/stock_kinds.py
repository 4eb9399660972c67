"""`/stock kind`, `/stock capacity`: what things are, and who can make or carry them."""

from __future__ import annotations

from datetime import timedelta

from handlers.cards import stock as cards
from handlers.context import Context
from handlers.document import Block, Bullets, Document, Heading, Para
from handlers.families.stock import CLASS, FAMILY, keeper
from handlers.families.stock_depots import CONTACT, OF
from handlers.registry import Arg, Choice, Name, command
from handlers.values import Args, Kind
from storage.tables import StockKind
from workflows.stock import capacity as can, depots, kinds
from workflows.stock.keeper import Keeper
from workflows.text import _

SORT = Arg(
    "sort",
    "类别",
    Kind.CHOICE,
    required=True,
    question=_("Can it be made there, or carried?"),
    choices=(
        Choice("production", _("production"), ("production", "生产", "make", "产能")),
        Choice("transport", _("transport"), ("transport", "运输", "carry", "运力")),
    ),
)


@command(
    FAMILY,
    Name("kind", "物资", ("品种",)),
    Arg(
        "name",
        "名称",
        Kind.TEXT,
        required=True,
        question=_("What is it called?"),
        example=("drinking water", "矿泉水"),
    ),
    Arg("unit", "计量单位", Kind.WORD, positional=False, example=("bottle", "瓶")),
    CLASS,
    Arg("also", "又名", Kind.TEXT, positional=False, example=("water", "饮用水")),
    Arg("pack", "包装", Kind.TEXT, positional=False, example=("24/box", "24瓶/箱")),
    allow="member",
    summary=_("Say what a kind of stock is: unit, class, other names, what a pack holds"),
    examples=(
        "/stock kind water unit=bottle pack=24/box also=饮用水 class=1",
        "/库存 物资 矿泉水 计量单位=瓶 包装=24瓶/箱 又名=water 分类=1",
    ),
)
async def kind(context: Context, args: Args) -> Document:
    """Made if there is none of that name, else added to."""
    who = await keeper(context)
    said = kinds.Described(
        args.optional_text("unit"),
        args.optional_text("class"),
        args.optional_text("also"),
        args.optional_text("pack"),
    )
    found = await kinds.known(context.uow, args.text("name"))
    if found is None:
        found = await kinds.make(
            context.uow, args.text("name"), said,
            units=who.units, codes=who.codes, by=context.by(), now=context.now,
        )  # fmt: skip
    elif said != kinds.Described():
        found = await kinds.change(
            context.uow, found, said,
            units=who.units, codes=who.codes, by=context.by(), now=context.now,
        )  # fmt: skip
    return Document(tuple(await _shown(who, found)))


async def _shown(who: Keeper, found: StockKind) -> list[Block]:
    blocks: list[Block] = [
        Heading(
            _(
                "{kind}: counted in {unit}",
                kind=found.name,
                unit=who.units[found.shown].label,
            )
        )
    ]
    also = [each.name for each in await who.uow.stock.names(found.id) if each.name != found.name]
    if also:
        blocks.append(Para(_("Also called {names}.", names=tuple(also))))
    for code, milli in sorted(found.packs.items()):
        blocks.append(
            Para(
                _(
                    "One {pack} holds {quantity}.",
                    pack=who.units[code].one,
                    quantity=cards.quantity(who.units, found, milli),
                )
            )
        )
    label = who.codes.label(found.code)
    if found.code is not None and label is not None:
        blocks.append(Para(_("Class {code}: {label}", code=found.code, label=label)))
    if who.codes.sample:
        blocks.append(
            Para(_("Only the first level of GB/T 38565 is known here; your operator can add all."))
        )
    return blocks


@command(
    FAMILY,
    Name("capacity", "能力", ("capacities", "产能", "运力")),
    allow="member",
    summary=_("Show who can make or carry how much"),
    examples=("/stock capacity", "/库存 能力"),
)
async def capacities(context: Context, args: Args) -> Document:
    """What stands beside what lies in depots."""
    context.narrow()
    who = await keeper(context)
    rows = await context.uow.stock.capacities()
    blocks: list[Block] = [Heading(_("Capacity to make and to carry:"))]
    if rows:
        names = {each.id: each for each in await context.uow.stock.depots(open_only=False)}
        blocks.append(cards.capacities(who.units, rows, names))
    else:
        blocks.append(Para(_("None is known yet. /stock capacity add tells of one.")))
    return Document(tuple(blocks))


@command(
    FAMILY,
    Name("capacity add", "能力登记", ("add capacity", "登记能力", "能力 登记")),
    SORT,
    Arg(
        "qty",
        "数量",
        Kind.QUANTITY,
        required=True,
        question=_("How much?"),
        example=("500 t", "500吨"),
    ),
    Arg(
        "name",
        "名称",
        Kind.TEXT,
        required=True,
        question=_("Of what?"),
        example=("tents", "帐篷"),
    ),
    Arg("per", "每", Kind.DURATION, positional=False, example=("24h", "24小时")),
    Arg("lead", "准备", Kind.DURATION, positional=False, example=("4h", "4小时")),
    Arg("at", "库", Kind.TEXT, positional=False, example=("D2", "D2")),
    OF,
    CONTACT,
    allow="member",
    summary=_("Tell how much of something an agency can make, or carry, in which time"),
    examples=(
        "/stock capacity add production 500 tents per=24h lead=4h agency=Fire",
        "/库存 能力登记 运输 200吨 重型货车 每=24小时 准备=2小时",
    ),
)
async def capacity_add(context: Context, args: Args) -> Document:
    """It is not stock: it adds to no sum."""
    who = await keeper(context)
    quantity = args.quantity("qty")
    at = args.optional_text("at")
    made = await can.make(
        context.uow,
        can.Said(
            sort=args.text("sort"),
            name=args.text("name"),
            amount=quantity.amount,
            unit=quantity.unit,
            per=args.optional_duration("per") or timedelta(days=1),
            lead=args.optional_duration("lead") or timedelta(0),
            agency=args.optional_text("agency"),
            contact=args.optional_text("contact"),
        ),
        None if at is None else await depots.named(context.uow, at),
        units=who.units,
        by=context.by(),
        now=context.now,
    )
    names = {each.id: each for each in await context.uow.stock.depots()}
    return Document(
        (Para(_("Noted, beside the stock:")), cards.capacities(who.units, (made,), names))
    )


@command(
    FAMILY,
    Name("capacity end", "能力注销", ("end capacity", "能力 注销")),
    Arg(
        "number",
        "编号",
        Kind.INTEGER,
        required=True,
        question=_("Which one? Its number stands in the list."),
        example=("2", "2"),
    ),
    allow="member",
    summary=_("A capacity is there no longer"),
    examples=("/stock capacity end 2", "/库存 能力注销 2"),
)
async def capacity_end(context: Context, args: Args) -> Document:
    """It is offered no more."""
    ended = await can.end(
        context.uow,
        args.integer("number"),
        standing=await context.standing(),
        by=context.by(),
        now=context.now,
    )
    return Document((Bullets((_("Capacity {number} is ended: {name}", number=ended.id or 0,
                                name=ended.name),)),))  # fmt: skip
