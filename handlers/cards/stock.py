"""Stock as people read it: depots, lots, movements, what is soon over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from handlers.document import Block, Bold, Bullets, Inline, Para, Span, Table
from storage import UnitOfWork
from storage.queries.stock import Held
from storage.tables import Depot, StockCapacity, StockKind
from workflows.stock import depots, rules, service
from workflows.stock.rules import Portion, Sort
from workflows.stock.units import Units
from workflows.text import Msg, _

LINES = 40
"""Of a list; the rest is counted and stands in the exported file."""


def lot(
    batch: str, expiry: date | None, condition: str, today: date | None = None
) -> Inline | None:
    """What tells a lot from others, None if nothing does; with `today` what is over is said to be
    expired."""
    parts: list[Msg] = []
    if batch:
        parts.append(_("batch {batch}", batch=batch))
    if expiry is not None and today is not None and expiry < today:
        parts.append(_("⛔ expired, good until {day}", day=expiry.isoformat()))
    elif expiry is not None:
        parts.append(_("good until {day}", day=expiry.isoformat()))
    if condition != rules.GOOD:
        parts.append(rules.CONDITIONS[condition])
    return joined(parts)


def joined(parts: Sequence[Inline]) -> Inline | None:
    """Pieces with a comma between them, None for none."""
    if not parts:
        return None
    whole: list[Inline] = [parts[0]]
    for each in parts[1:]:
        whole += [_(", "), each]
    return Span(tuple(whole))


def line(parts: Sequence[Inline], shown: Inline | None) -> Inline:
    """Pieces, and after a colon what tells the lot."""
    return Span((*parts,) if shown is None else (*parts, _(": "), shown))


def quantity(units: Units, kind: StockKind, milli: int) -> Msg:
    """So much of a kind: `12 boxes`."""
    return service.said(units, kind, milli)


async def portions(
    uow: UnitOfWork, units: Units, kind: StockKind, found: Sequence[Portion], today: date
) -> Bullets | None:
    """Of which lots something was, if lots differ at all."""
    items: list[Inline] = []
    for each in found:
        known = await uow.stock.lot(each.lot_id)
        shown = None if known is None else lot(known.batch, known.expiry, known.condition, today)
        if shown is not None:
            items.append(Span((quantity(units, kind, each.milli), _(": "), shown)))
    return Bullets(tuple(items)) if items else None


def lots(units: Units, kinds: dict[int, StockKind], held: Sequence[Held], today: date) -> Bullets:
    """Lots, a line for each: quantity, kind, batch."""
    items = []
    for each in held[:LINES]:
        kind = kinds[each.kind_id]
        parts: list[Inline] = [Bold(kind.name), " ", quantity(units, kind, each.milli)]
        shown = lot(each.batch, each.expiry, each.condition, today)
        if shown is not None:
            parts += [_(": "), shown]
        items.append(Span(tuple(parts)))
    return Bullets(tuple(items))


async def of_depot(uow: UnitOfWork, units: Units, depot: Depot, today: date) -> list[Block]:
    """A depot with everything in it."""
    held = await uow.stock.held(sort=Sort.DEPOT, number=depot.id)
    held += await uow.stock.held(sort=Sort.PROMISED, number=depot.id)
    kinds = await uow.stock.kinds({each.kind_id for each in held})
    blocks: list[Block] = [head(depot)]
    stored = [each for each in held if each.sort == Sort.DEPOT]
    promised = [each for each in held if each.sort == Sort.PROMISED]
    if not held:
        blocks.append(Para(_("Nothing is in stock here.")))
    if stored:
        blocks.append(lots(units, kinds, stored, today))
        blocks += more(len(stored))
    if promised:
        blocks += [Para(_("Promised, still here:")), lots(units, kinds, promised, today)]
    return blocks


def more(count: int) -> list[Block]:
    """How many lines were left out, and where they are."""
    if count <= LINES:
        return []
    return [Para(_("{count} more: /stock export", count=count - LINES))]


def head(depot: Depot) -> Para:
    """A depot on one line: number, name, agency, where it is."""
    parts: list[Inline] = [Bold(depots.shown(depot))]
    if depot.agency:
        parts.append(f" · {depot.agency}")
    if depot.lat is not None and depot.lon is not None:
        parts.append(f" · {depot.lat:.5f}, {depot.lon:.5f}")
    elif depot.place:
        parts.append(f" · {depot.place}")
    if depot.contact:
        parts.append(f" · {depot.contact}")
    return Para(Span(tuple(parts)))


def capacities(units: Units, rows: Sequence[StockCapacity], names: dict[int, Depot]) -> Table:
    """What can be made or carried."""
    made = []
    for each in rows:
        sort = _("makes") if each.sort == "production" else _("carries")
        depot = None if each.depot_id is None else names.get(each.depot_id)
        made.append(
            (
                f"{each.id}",
                Span((sort, " ", each.name)),
                _(
                    "{quantity} in {hours} h",
                    quantity=units.said(each.milli, each.unit),
                    hours=each.hours,
                ),
                _("ready after {minutes} min", minutes=each.lead_minutes),
                each.agency or "",
                depots.shown(depot) if depot is not None else each.contact or "",
            )
        )
    head_ = (_("No."), _("Capacity"), _("How much"), _("Lead time"), _("Agency"), _("Where"))
    return Table(head_, tuple(made[:LINES]))
