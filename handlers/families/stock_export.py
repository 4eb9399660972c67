"""`/stock export`: the stock as a table."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import Document, Paper, Para, lines
from handlers.families.stock import FAMILY, keeper
from handlers.registry import Arg, Choice, Name, command
from handlers.values import Args, Kind
from workflows.errors import Refusal
from workflows.stock import depots, importing, rules
from workflows.stock.keeper import Keeper
from workflows.stock.rules import Sort
from workflows.text import Json, _, ngettext

MOST = 5_000
"""Rows of one table: so many can be imported again."""


@command(
    FAMILY,
    Name("export", "导出"),
    Arg(
        "format",
        "格式",
        Kind.CHOICE,
        choices=(
            Choice("xlsx", _("Excel table"), ("xlsx", "excel", "表格")),
            Choice("csv", _("CSV table"), ("csv",)),
        ),
    ),
    Arg("at", "库", Kind.TEXT, positional=False, leads=("at",), example=("D2", "D2")),
    allow="member",
    summary=_("The stock as a table that can be imported again"),
    examples=("/stock export", "/库存 导出 csv"),
)
async def export(context: Context, args: Args) -> Document:
    """Every lot in every depot, or in one, with capacity on a sheet of its own."""
    context.narrow()
    who = await keeper(context)
    typed = args.optional_text("at")
    only = None if typed is None else await depots.named(context.uow, typed)
    held = await context.uow.stock.held(sort=Sort.DEPOT, number=None if only is None else only.id)
    if len(held) > MOST:
        raise Refusal(
            "export-long",
            _("That is more than {limit} rows. Export each depot by itself: at=D1", limit=MOST),
        )
    known = await context.uow.stock.kinds()
    there = {each.id: each for each in await context.uow.stock.depots(open_only=False)}
    rows: list[Json] = []
    for each in held:
        kind, depot = known[each.kind_id], there[each.number]
        number, unit = who.units.number(each.milli, kind.shown)
        rows.append(
            [
                depot.name,
                kind.name,
                {"number": f"{number:f}"},
                lines(unit.label),
                each.batch,
                None if each.expiry is None else {"date": each.expiry.isoformat()},
                lines(rules.CONDITIONS[each.condition]),
                kind.code or "",
                depot.agency or "",
            ]
        )
    order = ("depot", "kind", "qty", "unit", "batch", "expiry", "condition", "class")
    head: list[Json] = [lines(importing.LABELS[each]) for each in order]
    head.append(lines(_("Agency")))
    form = args.optional_text("format") or "xlsx"
    local = context.now.astimezone(context.zone)
    stock: dict[str, Json] = {"title": lines(_("Stock")), "head": head, "rows": rows}
    sheets: list[Json] = [stock]
    if form == "xlsx":
        sheets.append(await _capacities(who))
    paper = Paper(
        name=f"stock-{local:%Y%m%d-%H%M}",
        template="sheets",
        caption=_("Stock on {at}", at=context.now),
        data={"sheets": sheets},
        format=form,
    )
    text = ngettext(
        "The table with {n} row follows.", "The table with {n} rows follows.", len(rows)
    )
    return Document((Para(text),), papers=(paper,))


async def _capacities(who: Keeper) -> Json:
    rows: list[Json] = []
    for each in await who.uow.stock.capacities():
        number, unit = who.units.number(each.milli, each.unit)
        sort = _("production") if each.sort == "production" else _("transport")
        rows.append(
            [
                lines(sort),
                each.name,
                {"number": f"{number:f}"},
                lines(unit.label),
                each.hours,
                each.lead_minutes,
                each.agency or "",
                each.contact or "",
            ]
        )
    head = (
        _("Capacity"), _("Item"), _("Quantity"), _("Counted in"), _("Hours"),
        _("Lead time, minutes"),
        _("Agency"), _("Contact"),
    )  # fmt: skip
    return {"title": lines(_("Capacity")), "head": [lines(each) for each in head], "rows": rows}
