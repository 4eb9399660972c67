"""Movements of stock: two sides, exact quantities, nothing below zero, all in the ledger.

Everything that changes stock goes through `move`; what is taken is chosen first-expired-first-out
while its rows are held, so that two who take the last of it at once never both get it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from storage import UnitOfWork
from storage.queries.stock import Held
from storage.tables import StockEntry, StockKind, StockLot, StockMovement
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.rules import reason as checked_reason
from workflows.stock import rules
from workflows.stock.expiry import RING
from workflows.stock.rules import Place, Portion, Sort
from workflows.stock.units import Unit, Units
from workflows.text import Json, Msg, Param, _

BOOK = "stock"
"""The ledger's thing whose fields are all holdings, `depot:2/15` for lot 15 in D2."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement, and of which lots it was."""

    movement: StockMovement
    portions: tuple[Portion, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What tells lots of a kind apart."""

    batch: str = ""
    expiry: date | None = None
    condition: str = rules.GOOD


def quantity(units: Units, kind: StockKind, amount: Decimal, unit: str | None) -> tuple[int, str]:
    """So much of a kind in thousandths of its base unit, and the unit's code.

    Without a unit it is counted in the one in which the kind is shown. Raises `Refusal`
    (`unit-unknown`, `unit-other` and those of `Units.milli`).
    """
    found = units[kind.shown] if unit is None else units.named(unit)
    if found is None:
        raise Refusal(
            "unit-unknown",
            _(
                "“{unit}” is not a unit that is known here. {kind} is counted in {shown}.",
                unit=(unit or "")[:20],
                kind=kind.name,
                shown=units[kind.shown].label,
            ),
        )
    pack = kind.packs.get(found.code)
    if pack is None and found.base != kind.unit:
        raise Refusal(
            "unit-other",
            _(
                "{unit} does not convert: {kind} is counted in {shown}.",
                unit=found.label,
                kind=kind.name,
                shown=units[kind.shown].label,
            ),
        )
    return units.milli(amount, _shown(units, kind, found), pack), found.code


def _shown(units: Units, kind: StockKind, unit: Unit) -> Unit:
    """Of single things a bare number is of the measure word that the kind has."""
    return units[kind.shown] if unit.base == kind.unit and unit.whole else unit


def said(units: Units, kind: StockKind, milli: int) -> Msg:
    """So much of a kind, as people read it: `3 boxes`."""
    return units.said(milli, kind.shown)


async def take(
    uow: UnitOfWork,
    kind: StockKind,
    milli: int,
    *,
    source: Place,
    target: Place,
    by: By,
    now: datetime,
    today: date,
    units: Units,
    reason: str | None = None,
    batch: str | None = None,
    code: str = "stock.taken",
    incident_id: int | None = None,
    request: int | None = None,
) -> Moved:
    """Move so much of a kind from a place, the first to expire first, to another.

    `today` is the day where people are: what expired before it is taken only as a named `batch`.
    `request` is the number of a request of the incident `incident_id`. Raises `Refusal`:
    `stock-short` (with what there is), and those of `rules.way`.
    """
    await uow.stock.turn()
    held = await uow.stock.locked(source.sort, source.number, _key(kind))
    found = rules.first_out(lots(held), milli, today=today, batch=batch)
    if rules.total(found) < milli:
        raise short(units, kind, held, milli, rules.total(found), batch)
    return await move(
        uow,
        kind,
        found,
        source=source,
        target=target,
        by=by,
        now=now,
        reason=reason,
        code=code,
        incident_id=incident_id,
        request=request,
    )


async def put(
    uow: UnitOfWork,
    kind: StockKind,
    milli: int,
    of: Batch,
    *,
    target: Place,
    by: By,
    now: datetime,
    source: Place = rules.OUTSIDE,
    reason: str | None = None,
    code: str = "stock.added",
    incident_id: int | None = None,
    request: int | None = None,
) -> Moved:
    """New stock comes from outside our books into a place. Raises `Refusal`."""
    await uow.stock.turn()
    lot = await lot_of(uow, kind, of)
    return await move(
        uow,
        kind,
        (Portion(_key(lot), milli),),
        source=source,
        target=target,
        by=by,
        now=now,
        reason=reason,
        code=code,
        incident_id=incident_id,
        request=request,
    )


async def move(
    uow: UnitOfWork,
    kind: StockKind,
    portions: Sequence[Portion],
    *,
    source: Place,
    target: Place,
    by: By,
    now: datetime,
    reason: str | None = None,
    code: str = "stock.moved",
    incident_id: int | None = None,
    request: int | None = None,
    becomes: str | None = None,
) -> Moved:
    """Move these very lots from one place to another: one entry of the ledger with both sides.

    With `becomes` they arrive in that condition. Raises `Refusal` (`stock-short`, `stock-way`,
    `stock-reason`); nothing has changed then.
    """
    if source != target or becomes is None:
        rules.way(source, target, reason)
    why = None if reason is None else checked_reason(reason)
    await uow.stock.turn()
    held = {each.lot_id: each for each in await uow.stock.locked(
        source.sort, source.number, _key(kind)
    )}  # fmt: skip
    if source.sort is not Sort.OUTSIDE:
        for each in portions:
            if each.lot_id not in held or held[each.lot_id].milli < each.milli:
                raise Refusal(
                    "stock-short",
                    _(
                        "There is less of {kind} there than that. Look again: /stock list",
                        kind=kind.name,
                    ),
                )
    entries, changes = [], dict[str, Json]()
    arrived = []
    for each in portions:
        lot = await uow.stock.lot(each.lot_id)
        assert lot is not None
        assert each.milli > 0
        into = lot
        if becomes is not None and becomes != lot.condition:
            into = await lot_of(uow, kind, Batch(lot.batch, lot.expiry, becomes))
        for place, of, milli in ((source, lot, -each.milli), (target, into, each.milli)):
            after = await uow.stock.change(place.sort, place.number, of, milli)
            changes[f"{place}/{of.id}"] = after
            entries.append(
                StockEntry(
                    movement_id=0,
                    sort=place.sort,
                    number=place.number,
                    lot_id=_key(of),
                    milli=milli,
                )
            )
        arrived.append(Portion(_key(into), each.milli))
    written = await uow.ledger.append(
        code,
        now,
        actor=by.account,
        room=by.room,
        thing=BOOK,
        changes=changes,
        kind=kind.name,
        milli=rules.total(portions),
        source=str(source),
        target=str(target),
        reason=why,
        incident=incident_id,
        request=request,
    )
    movement = StockMovement(
        at=now,
        code=code,
        kind_id=_key(kind),
        milli=rules.total(portions),
        source=str(source),
        target=str(target),
        reason=why,
        incident_id=incident_id,
        request=request,
        person_id=by.person_id,
        name=by.name,
        agency=by.agency,
        ledger_seq=written.seq,
    )
    if target.sort is Sort.DEPOT:
        await _watch(uow, target, now)
    return Moved(await uow.stock.moved(movement, entries), tuple(arrived))


async def _watch(uow: UnitOfWork, depot: Place, now: datetime) -> None:
    """What has come into a depot is looked at for its expiry."""
    known = await uow.timers.get(RING, str(depot.number))
    if known is None or known.due_at > now:
        await uow.timers.set(RING, str(depot.number), now, {} if known is None else known.data)


async def lot_of(uow: UnitOfWork, kind: StockKind, of: Batch) -> StockLot:
    """The lot of a kind with that batch, expiry and condition, made if there is none yet."""
    ident = f"{kind.id}|{of.batch}|{of.expiry or ''}|{of.condition}"
    return await uow.stock.lot_like(
        kind_id=kind.id, batch=of.batch, expiry=of.expiry, condition=of.condition, ident=ident
    )


def short(
    units: Units,
    kind: StockKind,
    held: Sequence[Held],
    wanted: int,
    found: int,
    batch: str | None = None,
) -> Refusal:
    """Why so much cannot be taken, of a `batch` if one was named, and what can."""
    there = sum(each.milli for each in held)
    params: dict[str, Param] = {
        "kind": kind.name,
        "wanted": said(units, kind, wanted),
        "there": said(units, kind, found),
    }
    if batch is not None:
        text = _(
            "There is only {there} of {kind}, batch {batch}, there, not {wanted}.",
            batch=batch,
            **params,
        )
    elif there >= wanted:
        text = _(
            "Only {there} of {kind} can be taken there, not {wanted}: the rest is expired or not "
            "in good condition. Name its batch (batch=) to take it all the same.",
            **params,
        )
    elif found and there > found:
        text = _(
            "Only {there} of {kind} can be taken there, not {wanted}; {rest} more is expired or "
            "not in good condition.",
            rest=said(units, kind, there - found),
            **params,
        )
    elif found:
        text = _("There is only {there} of {kind} there, not {wanted}.", **params)
    else:
        text = _("There is no {kind} there that could be taken.", kind=kind.name)
    return Refusal("stock-short", text)


def lots(held: Sequence[Held]) -> list[rules.Lot]:
    """What is held, as lots to choose from."""
    return [
        rules.Lot(each.lot_id, each.milli, each.expiry, each.condition, each.batch) for each in held
    ]


def _key(row: StockKind | StockLot) -> int:
    assert row.id is not None
    return row.id
