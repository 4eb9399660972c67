"""`/stock put`, `/stock move`, `/stock damage`: what comes back, goes elsewhere or breaks."""

from __future__ import annotations

from handlers.cards import stock as cards
from handlers.context import Context
from handlers.document import Document
from handlers.families.incident import WHICH
from handlers.families.stock import (
    AT,
    BATCH,
    CONDITION,
    FAMILY,
    FROM,
    KIND,
    QTY,
    REASON,
    TO,
    amount,
    depot,
    keeper,
    moved,
    route,
)
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from workflows.stock import depots, rules
from workflows.stock.rules import Place, Sort
from workflows.text import _


@command(
    FAMILY,
    Name("put", "还库", ("归还入库", "归库", "退库")),
    QTY,
    KIND,
    AT,
    Arg(
        "from",
        "从",
        Kind.CHOICE,
        positional=False,
        leads=("from",),
        choices=tuple(each for each in TO.choices if each.code in ("scene", "transit", "promised")),
    ),
    CONDITION,
    BATCH,
    REASON,
    WHICH,
    allow="member",
    summary=_("Stock comes back into a depot from the scene, from the road or from a promise"),
    examples=(
        "/stock put 18 tents at D2",
        "/库存 还库 18顶 帐篷 库=D2 状况=待修",
    ),
)
async def put(context: Context, args: Args) -> Document:
    """No more comes back than went."""
    who = await keeper(context)
    place = await depot(context, args, "at")
    sort = Sort(args.optional_text("from") or Sort.SCENE)
    if sort is Sort.PROMISED:
        source = Place(sort, place.id)
    else:
        source = Place(sort, (await context.incident()).id)
    done = await who.back(
        amount(args),
        source,
        place,
        args.optional_text("condition"),
        reason=args.optional_text("reason"),
        batch=args.optional_text("batch"),
    )
    return await moved(who, done, await route(who, done, source, depots.place(place)))


@command(
    FAMILY,
    Name("move", "调拨", ("移库",)),
    QTY,
    KIND,
    FROM,
    Arg(
        "to",
        "到",
        Kind.TEXT,
        required=True,
        positional=False,
        leads=("to",),
        aliases=("入",),
        question=_("Into which depot? Type its number, such as D3, or its name."),
        example=("D3", "D3"),
    ),
    BATCH,
    REASON,
    allow="member",
    summary=_("Move stock from one depot into another"),
    examples=(
        "/stock move 50 tents from D2 to D3",
        "/库存 调拨 50顶 帐篷 从=D2 到=D3",
    ),
)
async def move(context: Context, args: Args) -> Document:
    """First-expired-first-out, like every movement."""
    who = await keeper(context)
    source = depots.place(await depot(context, args, "from"))
    target = depots.place(await depot(context, args, "to"))
    done = await who.about(None).take(
        amount(args),
        source,
        target,
        reason=args.optional_text("reason"),
        batch=args.optional_text("batch"),
        code="stock.moved",
    )
    return await moved(who, done, await route(who, done, source, target))


@command(
    FAMILY,
    Name("damage", "报损", ("损坏",)),
    QTY,
    KIND,
    AT,
    Arg(
        "reason",
        "原因",
        Kind.TEXT,
        required=True,
        positional=False,
        question=_("What happened to it?"),
        example=("leaking roof", "屋顶漏水"),
    ),
    CONDITION,
    BATCH,
    allow="member",
    summary=_("Stock in a depot is broken or has to be repaired: it is given to nobody then"),
    examples=(
        "/stock damage 3 tents at D2 reason=leaking roof",
        "/库存 报损 3顶 帐篷 库=D2 状况=待修 原因=屋顶漏水",
    ),
)
async def damage(context: Context, args: Args) -> Document:
    """It stays where it is, in another condition."""
    who = await keeper(context)
    place = await depot(context, args, "at")
    condition = args.optional_text("condition") or rules.BROKEN
    done = await who.damage(
        amount(args), place, condition, args.text("reason"), args.optional_text("batch")
    )
    return await moved(
        who,
        done,
        _(
            "{depot}: {quantity} of {kind} are now: {condition}.",
            depot=depots.shown(place),
            quantity=cards.quantity(who.units, done.kind, done.milli),
            kind=done.kind.name,
            condition=rules.CONDITIONS[condition],
        ),
    )
