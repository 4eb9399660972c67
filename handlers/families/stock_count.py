"""`/stock count`, `/stock expiring`: the books against the shelves and against the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from handlers.cards import stock as cards
from handlers.context import Context
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Inline, Para, Span
from handlers.families.stock import AT, BATCH, FAMILY, KIND, QTY, REASON, amount, depot, keeper
from handlers.registry import Arg, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind, quoted
from storage.queries.stock import Held
from storage.tables import StockKind
from workflows.shelf import in_any_case
from workflows.stock import depots, expiry
from workflows.stock.keeper import Counted, Keeper
from workflows.stock.rules import Sort
from workflows.stock.units import Units, units
from workflows.text import Msg, Param, _

SOON = timedelta(days=30)

WHY_LESS: tuple[tuple[Msg, str, str], ...] = (
    (_("Broken or spoiled"), "broken or spoiled", "损坏或损耗"),
    (_("Given out unrecorded"), "given out without a record", "已发放未登记"),
    (_("Missing"), "missing, cause unknown", "去向不明"),
)
WHY_MORE: tuple[tuple[Msg, str, str], ...] = (
    (_("Came in unrecorded"), "came in without a record", "入库未登记"),
    (_("Miscounted before"), "miscounted before", "此前盘点有误"),
)


@command(
    FAMILY,
    Name("count", "盘点", ("清点",)),
    QTY,
    KIND,
    AT,
    BATCH,
    REASON,
    allow="member",
    summary=_("What was counted in a depot; a difference from the books is explained"),
    examples=(
        "/stock count 97 tents at D2 reason=three torn",
        "/库存 盘点 97顶 帐篷 库=D2 原因=三顶破损",
    ),
)
async def count(context: Context, args: Args) -> Document:
    """The books follow the count once a difference has a reason."""
    who = await keeper(context)
    counted = await who.count(
        amount(args),
        await depot(context, args, "at"),
        reason=args.optional_text("reason"),
        batch=args.optional_text("batch"),
    )
    if not counted.settled:
        context.narrow()
        return _asked(context, who, counted, args)
    found = cards.quantity(who.units, counted.kind, counted.milli)
    place = depots.shown(counted.depot)
    if not counted.differs:
        return Document(
            (
                Para(
                    _(
                        "{depot}: {quantity} of {kind} counted, as in the books.",
                        depot=place,
                        quantity=found,
                        kind=counted.kind.name,
                    )
                ),
            )
        )
    return Document(
        (
            Para(_difference(who, counted)),
            Para(
                _(
                    "The books say {quantity} now. Reason: {reason}",
                    quantity=found,
                    reason=args.text("reason"),
                )
            ),
        )
    )


def _difference(who: Keeper, counted: Counted) -> Msg:
    values: dict[str, Param] = {
        "depot": depots.shown(counted.depot),
        "kind": counted.kind.name,
    }
    booked = cards.quantity(who.units, counted.kind, counted.booked)
    differs = cards.quantity(who.units, counted.kind, abs(counted.differs))
    if counted.promised:
        values["promised"] = cards.quantity(who.units, counted.kind, counted.promised)
        if counted.differs < 0:
            return _(
                "{depot}: the books say {booked} of {kind} ({promised} of it promised); "
                "{differs} fewer were counted.",
                booked=booked,
                differs=differs,
                **values,
            )
        return _(
            "{depot}: the books say {booked} of {kind} ({promised} of it promised); "
            "{differs} more were counted.",
            booked=booked,
            differs=differs,
            **values,
        )
    if counted.differs < 0:
        return _(
            "{depot}: the books say {booked} of {kind}; {differs} fewer were counted.",
            booked=booked,
            differs=differs,
            **values,
        )
    return _(
        "{depot}: the books say {booked} of {kind}; {differs} more were counted.",
        booked=booked,
        differs=differs,
        **values,
    )


def _asked(context: Context, who: Keeper, counted: Counted, args: Args) -> Document:
    quantity = args.quantity("qty")
    batch = args.optional_text("batch")
    line = (
        f"/stock count {quantity.amount:f}{quantity.unit or ''} {quoted(counted.kind.name)} "
        f"at=D{counted.depot.id}" + (f" batch={quoted(batch)}" if batch else "")
    )
    place = 2 if context.place.language == "zh" else 1
    buttons = tuple(
        Button(each[0], f"{line} reason={each[place]}", only=(context.actor.account,))
        for each in (WHY_LESS if counted.differs < 0 else WHY_MORE)
    )
    return Document(
        (
            Para(_difference(who, counted)),
            Para(_("Why? Tap, or type the count again with reason=. Nothing has changed yet.")),
        ),
        buttons,
    )


@command(
    FAMILY,
    Name("expiring", "临期", ("到期", "过期", "效期")),
    Arg("within", "期限", Kind.DURATION, leads=("within",), example=("60d", "60天")),
    allow="member",
    summary=_("Show what is expired or soon will be, within 30 days if nothing else is said"),
    examples=("/stock expiring within 60d", "/库存 临期 60天"),
)
async def expiring(context: Context, args: Args) -> Document:
    """First to expire first."""
    context.narrow()
    who = await keeper(context)
    within = min(args.optional_duration("within") or SOON, timedelta(days=3660))
    found = await context.uow.stock.expiring(who.today + within)
    if not found:
        return Document(
            (Para(_("Nothing in stock expires within {days} days.", days=within.days)),)
        )
    kinds = await context.uow.stock.kinds({each.kind_id for each in found})
    blocks: list[Block] = [Heading(_("Expired or soon expiring, use it first:"))]
    blocks.append(_lines(who.units, kinds, found, who.today))
    return Document((*blocks, *cards.more(len(found))))


def _lines(
    units: Units, kinds: dict[int, StockKind], found: Sequence[Held], today: date
) -> Bullets:
    items: list[Inline] = []
    for each in found[: cards.LINES]:
        assert each.expiry is not None
        left = (each.expiry - today).days
        over = left < 0
        parts: list[Inline] = [
            "⛔ " if over else "⚠️ ",
            f"D{each.number} ",
            Bold(kinds[each.kind_id].name),
            " ",
            cards.quantity(units, kinds[each.kind_id], each.milli),
            " · ",
            _("expired") if over else _("{days} days left", days=left),
        ]
        items.append(cards.line(parts, cards.lot(each.batch, each.expiry, each.condition)))
    return Bullets(tuple(items))


async def announce(wake: Wake) -> None:
    """A depot's batches are looked at: each is announced some days before it is over, and once it
    is, in the room where the depot was made and to its agency's liaison officer."""
    uow, number = wake.uow, int(wake.timer.subject)
    depot = await uow.stock.depot(number)
    if depot is None or depot.state != "open":
        return
    told = {int(lot): int(stage) for lot, stage in wake.timer.data.get("told", {}).items()}
    held = [
        each
        for each in await uow.stock.held(sort=Sort.DEPOT, number=number)
        if each.expiry is not None
    ]
    today = wake.now.astimezone(wake.zone).date()
    lots = [(each.lot_id, each.expiry) for each in held if each.expiry is not None]
    looked = expiry.look(lots, told, today, in_any_case(expiry.warn_days, wake.means.shelf))
    if looked.again is not None:
        await uow.timers.set(
            expiry.RING,
            wake.timer.subject,
            expiry.morning(looked.again, wake.zone),
            {"told": {str(lot): stage for lot, stage in looked.told.items()}},
        )
    news = [each for each in held if each.lot_id in looked.news]
    if not news:
        return
    kinds = await uow.stock.kinds({each.kind_id for each in news})
    shown = Document(
        (
            Heading(Span((_("Stock is expiring in {depot}:", depot=depots.shown(depot)),))),
            _lines(in_any_case(units, wake.means.shelf), kinds, news, today),
        ),
        (Button(_("Soon expiring"), "/stock expiring"),),
    )
    if depot.room is not None:
        await wake.actions.tell(uow, (depot.room,), shown)
    owner = None if depot.agency is None else await uow.agencies.named(depot.agency)
    if owner is not None and owner.liaison_id is not None:
        await wake.actions.tell_person(uow, owner.liaison_id, shown)


RINGS: Rings = {expiry.RING: announce}
