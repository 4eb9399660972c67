"""`/stock depot …`, `/stock list`, `/stock history`: where stock lies, and how it got there."""

from __future__ import annotations

from dataclasses import replace

from handlers.cards import stock as cards
from handlers.context import Context
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Inline, Para, Span
from handlers.families.stock import FAMILY, keeper
from handlers.meant import place_meant
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from storage.tables import StockKind
from workflows.errors import Refusal
from workflows.stock import depots, kinds
from workflows.stock.keeper import Keeper
from workflows.stock.rules import Place, Sort
from workflows.text import Msg, _, ngettext

HERE = Arg(
    "place",
    "位置",
    Kind.PLACE,
    positional=False,
    aliases=("地点", "坐标"),
    example=("31.2304, 121.4737", "31.2304, 121.4737"),
)
OF = Arg("agency", "单位", Kind.TEXT, positional=False, example=("Fire", "消防"))
CONTACT = Arg(
    "contact", "联系", Kind.TEXT, positional=False, aliases=("电话",), example=("Li", "李")
)
NEWEST = 12
SORTS = (Sort.DEPOT, Sort.PROMISED, Sort.TRANSIT, Sort.SCENE)


@command(
    FAMILY,
    None,
    allow="member",
    summary=_("Show the depots and what is in stock altogether"),
    examples=("/stock", "/库存"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """Every kind with its sums; buttons for the depots."""
    return await _all(context, await keeper(context))


@command(
    FAMILY,
    Name("depot new", "仓库新建", ("new depot", "新建仓库", "仓库 新建", "新仓库")),
    Arg(
        "name",
        "名称",
        Kind.TEXT,
        required=True,
        question=_("What is the depot called?"),
        example=("North depot", "北岸物资库"),
    ),
    HERE,
    OF,
    CONTACT,
    allow="member",
    summary=_("Make a depot with its place and the agency that owns what lies there"),
    examples=(
        "/stock depot new North depot place=31.2304, 121.4737 agency=Fire",
        "/库存 仓库新建 北岸物资库 位置=31.2304, 121.4737 单位=消防",
    ),
)
async def depot_new(context: Context, args: Args) -> Document:
    """A new depot; a location that is replied to is its place."""
    place = await place_meant(
        context, args.optional_place("place"), incident=await context.incident_or_none()
    )
    made = await depots.make(
        context.uow,
        args.text("name"),
        lat=None if place is None else place.lat,
        lon=None if place is None else place.lon,
        place=None if place is None else place.words,
        agency=args.optional_text("agency"),
        contact=args.optional_text("contact"),
        standing=await context.standing(),
        by=context.by(),
        now=context.now,
    )
    blocks: list[Block] = [Para(_("Depot {depot} is made.", depot=depots.shown(made)))]
    blocks.append(cards.head(made))
    if made.lat is None:
        blocks.append(Para(_("It has no coordinates yet, so that it is not ranked by distance.")))
    return Document(tuple(blocks))


@command(
    FAMILY,
    Name("depot set", "仓库修改", ("set depot", "修改仓库", "仓库 修改")),
    Arg(
        "depot",
        "库",
        Kind.TEXT,
        required=True,
        question=_("Which depot?"),
        example=("D2", "D2"),
    ),
    HERE,
    OF,
    CONTACT,
    allow="member",
    summary=_("Change where a depot is, whose it is or whom to call"),
    examples=(
        "/stock depot set D2 place=31.2304, 121.4737",
        "/库存 仓库修改 D2 位置=31.2304, 121.4737",
    ),
)
async def depot_set(context: Context, args: Args) -> Document:
    """What is told changes, the rest stays; a location that is replied to is its place."""
    place = await place_meant(
        context, args.optional_place("place"), incident=await context.incident_or_none()
    )
    changed = await depots.change(
        context.uow,
        await depots.named(context.uow, args.text("depot")),
        lat=None if place is None else place.lat,
        lon=None if place is None else place.lon,
        place=None if place is None else place.words,
        agency=args.optional_text("agency"),
        contact=args.optional_text("contact"),
        standing=await context.standing(),
        by=context.by(),
        now=context.now,
    )
    text = _("Depot {depot} is changed.", depot=depots.shown(changed))
    return Document((Para(text), cards.head(changed)))


@command(
    FAMILY,
    Name("depot close", "仓库关闭", ("close depot", "关闭仓库", "仓库 关闭")),
    Arg(
        "depot",
        "库",
        Kind.TEXT,
        required=True,
        question=_("Which depot?"),
        example=("D2", "D2"),
    ),
    allow="member",
    summary=_("Close a depot that is empty"),
    examples=("/stock depot close D2", "/库存 仓库关闭 D2"),
)
async def depot_close(context: Context, args: Args) -> Document:
    """It is offered no more; its history stays."""
    found = await depots.named(context.uow, args.text("depot"))
    closed = await depots.close(
        context.uow, found, standing=await context.standing(), by=context.by(), now=context.now
    )
    return Document((Para(_("Depot {depot} is closed.", depot=depots.shown(closed))),))


@command(
    FAMILY,
    Name("list", "列表", ("查看", "show", "depots", "仓库")),
    Arg("what", "内容", Kind.TEXT, example=("D2", "D2")),
    allow="member",
    summary=_("Show the stock of a depot, of a kind, or all of it"),
    examples=("/stock list D2", "/库存 列表 帐篷"),
)
async def list_all(context: Context, args: Args) -> Document:
    """A depot's lots, or where a kind is."""
    context.narrow()
    who = await keeper(context)
    what = args.optional_text("what")
    if what is None:
        return await _all(context, who)
    kind = await kinds.known(context.uow, what)
    if kind is not None:
        return Document(tuple(await _of_kind(who, kind)))
    try:
        depot = await depots.named(context.uow, what)
    except Refusal:
        if not await kinds.nearest(context.uow, what):
            raise
        await kinds.named(context.uow, what)
        raise
    return Document(tuple(await cards.of_depot(context.uow, who.units, depot, who.today)))


async def _all(context: Context, who: Keeper) -> Document:
    uow = context.uow
    known = await uow.stock.kinds()
    there = await uow.stock.depots()
    blocks: list[Block] = [Heading(_("Stock in all depots:"))]
    if not there:
        blocks.append(Para(_("There is no depot yet. /stock depot new NAME makes one.")))
    blocks += [cards.head(each) for each in there[: cards.LINES]]
    items: list[Inline] = []
    sums = {
        kind: by_sort
        for kind, by_sort in (await uow.stock.sums()).items()
        if any(by_sort.get(sort) for sort in SORTS)
    }
    for number, by_sort in list(sums.items())[: cards.LINES]:
        kind = known[number]
        parts: list[Inline] = [Bold(kind.name), " "]
        parts.append(cards.quantity(who.units, kind, by_sort.get(Sort.DEPOT, 0)))
        away = [
            Span((label, " ", cards.quantity(who.units, kind, by_sort[sort])))
            for sort, label in (
                (Sort.PROMISED, _("reserved")),
                (Sort.TRANSIT, _("on the way")),
                (Sort.SCENE, _("on scene")),
            )
            if by_sort.get(sort)
        ]
        if away:
            parts += [" · ", cards.joined(away) or ""]
        items.append(Span(tuple(parts)))
    if items:
        blocks.append(Bullets(tuple(items)))
    blocks += cards.more(len(sums))
    capacities = await uow.stock.capacities()
    if capacities:
        blocks.append(
            Para(
                ngettext(
                    "Besides {n} capacity to make or carry: /stock capacity",
                    "Besides {n} capacities to make or carry: /stock capacity",
                    len(capacities),
                )
            )
        )
    buttons = [Button(depots.shown(each), f"/stock list D{each.id}") for each in there[:6]]
    buttons.append(Button(_("Soon expiring"), "/stock expiring"))
    return Document(tuple(blocks), tuple(buttons))


async def _of_kind(who: Keeper, kind: StockKind) -> list[Block]:
    held = await who.uow.stock.held(kind_id=kind.id)
    blocks: list[Block] = [Heading(_("{kind}, by place:", kind=kind.name))]
    label = who.codes.label(kind.code)
    if kind.code is not None and label is not None:
        blocks.append(Para(_("Class {code}: {label}", code=kind.code, label=label)))
    items: list[Inline] = []
    for each in held:
        if each.sort == Sort.OUTSIDE:
            continue
        place = await who.about(None).shown(Place(Sort(each.sort), each.number))
        parts: list[Inline] = [place, _(": "), cards.quantity(who.units, kind, each.milli)]
        if each.sort == Sort.PROMISED:
            parts.append(Span((" · ", _("reserved"))))
        lot = cards.lot(each.batch, each.expiry, each.condition, who.today)
        items.append(cards.line(parts, lot))
    if not items:
        blocks.append(Para(_("There is none at present.")))
    else:
        blocks.append(Bullets(tuple(items[: cards.LINES])))
    blocks += cards.more(len(items))
    return blocks


@command(
    FAMILY,
    Name("history", "流水", ("movements", "记录")),
    Arg("kind", "物资", Kind.TEXT, example=("tents", "帐篷")),
    allow="member",
    summary=_("Show the latest movements, of one kind or of all"),
    examples=("/stock history tents", "/库存 流水 帐篷"),
)
async def history(context: Context, args: Args) -> Document:
    """When, how much, from where to where, by whom and why."""
    context.narrow()
    who = replace(await keeper(context), incident=None)
    typed = args.optional_text("kind")
    kind = None if typed is None else await kinds.named(context.uow, typed)
    rows = await context.uow.stock.movements(
        kind_id=None if kind is None else kind.id, limit=NEWEST
    )
    known = await context.uow.stock.kinds({each.kind_id for each in rows})
    items: list[Inline] = []
    for each in rows:
        text: Msg = _(
            "{at}: {quantity} of {kind}, {source} → {target}, {name}",
            at=each.at,
            quantity=cards.quantity(who.units, known[each.kind_id], each.milli),
            kind=known[each.kind_id].name,
            source=await who.shown(Place.parse(each.source)),
            target=await who.shown(Place.parse(each.target)),
            name=each.name or "?",
        )
        if each.reason:
            text = _("{text}. Reason: {reason}", text=text, reason=each.reason)
        items.append(text)
    blocks: list[Block] = [Heading(_("Movements of stock, newest first:"))]
    blocks.append(Bullets(tuple(items)) if items else Para(_("There are none yet.")))
    return Document(tuple(blocks))
