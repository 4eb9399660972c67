"""The one ledger of stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select as columns
from sqlmodel import col, or_, select

from storage.queries.base import Queries, table
from storage.tables import (
    Depot,
    StockCapacity,
    StockCount,
    StockEntry,
    StockHolding,
    StockImport,
    StockKind,
    StockLot,
    StockMovement,
    StockName,
)

_DEPOT, _LOT, _HOLDING = table(Depot).c, table(StockLot).c, table(StockHolding).c
_HELD = (
    *(_HOLDING[each] for each in ("sort", "number", "kind_id", "lot_id")),
    *(_LOT[each] for each in ("batch", "expiry", "condition")),
    _HOLDING.milli,
)
_SOURCE = (
    *(_DEPOT[each] for each in ("id", "name", "lat", "lon", "agency")),
    *(_LOT[each] for each in ("id", "batch", "expiry")),
    _HOLDING.milli,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A lot in a place, with how much of it is there (thousandths of the kind's base unit)."""

    sort: str
    number: int
    kind_id: int
    lot_id: int
    batch: str
    expiry: date | None
    condition: str
    milli: int


@dataclass(frozen=True, slots=True)
class Source:
    """A lot that can be taken from an open depot."""

    depot_id: int
    depot: str
    lat: float | None
    lon: float | None
    agency: str | None
    lot_id: int
    batch: str
    expiry: date | None
    milli: int


AWAY = ("transit", "scene", "used", "lost")
"""The sorts of place whose number is that of an incident."""


def _held(row: Sequence[Any]) -> Held:
    return Held(*row)


def _source(row: Sequence[Any]) -> Source:
    return Source(*row)


class Stock(Queries):
    """Depots, kinds, lots, what lies where and how it got there.

    What changes holdings calls `turn` first.
    """

    async def save(self, *rows: Any) -> None:
        """Write new and changed rows down."""
        self.session.add_all(rows)
        await self.session.flush()

    # Depots

    async def depot(self, number: int) -> Depot | None:
        """`D` of that number."""
        return await self.by_key(Depot, number) if 0 < number < 2**62 else None

    async def depot_named(self, ident: str) -> Depot | None:
        """The depot whose name is compared as `ident`."""
        return (await self.session.exec(select(Depot).where(Depot.ident == ident))).one_or_none()

    async def depots(self, *, open_only: bool = True) -> Sequence[Depot]:
        """The depots, by number."""
        found = select(Depot)
        if open_only:
            found = found.where(Depot.state == "open")
        return (await self.session.exec(found.order_by(col(Depot.id)))).all()

    # Kinds

    async def add_kind(self, names: Mapping[str, str], **values: Any) -> StockKind:
        """A new kind; `names` are its names by how they are compared."""
        made = StockKind(**values)
        await self.save(made)
        assert made.id is not None
        await self.add_names(made.id, names)
        return made

    async def add_names(self, kind_id: int, names: Mapping[str, str]) -> None:
        """Further names of a kind, by how they are compared."""
        await self.save(
            *(StockName(ident=each, kind_id=kind_id, name=name) for each, name in names.items())
        )

    async def kind(self, kind_id: int) -> StockKind | None:
        """The kind with that key."""
        return await self.by_key(StockKind, kind_id)

    async def kind_named(self, ident: str) -> StockKind | None:
        """The kind that has that name."""
        found = select(StockKind).join(StockName, col(StockName.kind_id) == col(StockKind.id))
        return (await self.session.exec(found.where(StockName.ident == ident))).one_or_none()

    async def kinds(self, of: Iterable[int] | None = None) -> dict[int, StockKind]:
        """All kinds, or these, by key."""
        found = select(StockKind)
        if of is not None:
            found = found.where(col(StockKind.id).in_(list(of)))
        rows = (await self.session.exec(found.order_by(col(StockKind.id)))).all()
        return {each.id: each for each in rows if each.id is not None}

    async def names(self, kind_id: int | None = None) -> Sequence[StockName]:
        """All names of kinds, or of one."""
        found = select(StockName)
        if kind_id is not None:
            found = found.where(StockName.kind_id == kind_id)
        return (await self.session.exec(found.order_by(col(StockName.ident)))).all()

    # Lots and holdings

    async def lot(self, lot_id: int) -> StockLot | None:
        """The lot with that key."""
        return await self.by_key(StockLot, lot_id)

    async def lot_like(self, **values: Any) -> StockLot:
        """The lot of these values, made if there is none."""
        known = select(StockLot).where(StockLot.ident == values["ident"])
        lot = (await self.session.exec(known)).one_or_none()
        if lot is None:
            lot = StockLot(**values)
            await self.save(lot)
        return lot

    async def locked(self, sort: str, number: int, kind_id: int) -> list[Held]:
        """What is in a place of a kind, first to expire first; nobody else changes it before this
        transaction ends."""
        rows = (
            select(StockHolding)
            .where(
                StockHolding.kind_id == kind_id,
                StockHolding.sort == sort,
                StockHolding.number == number,
            )
            .order_by(col(StockHolding.lot_id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        await self.session.exec(rows)
        return await self.held(sort=sort, number=number, kind_id=kind_id)

    async def held(
        self,
        *,
        sort: str | None = None,
        number: int | None = None,
        kind_id: int | None = None,
        agency: str | None = None,
        incident_id: int | None = None,
    ) -> list[Held]:
        """What is held, by kind, then first to expire first; nothing of which there is none."""
        found = columns(*_HELD).where(_HOLDING.lot_id == _LOT.id, _HOLDING.milli != 0)
        if sort is not None:
            found = found.where(_HOLDING.sort == sort)
        if number is not None:
            found = found.where(_HOLDING.number == number)
        if kind_id is not None:
            found = found.where(_HOLDING.kind_id == kind_id)
        if agency is not None:
            mine = columns(_DEPOT.id).where(_DEPOT.agency == agency)
            found = found.where(_HOLDING.sort == "depot", _HOLDING.number.in_(mine))
        if incident_id is not None:
            found = found.where(_HOLDING.sort.in_(AWAY), _HOLDING.number == incident_id)
        ordered = found.order_by(
            _HOLDING.kind_id,
            _LOT.expiry.is_(None),
            _LOT.expiry,
            _HOLDING.lot_id,
            _HOLDING.number,
        )
        return [_held(row) for row in (await self.run(ordered)).all()]

    async def change(self, sort: str, number: int, lot: StockLot, milli: int) -> int:
        """Add `milli` (below zero: take away) to a holding; what is there afterwards.

        The database refuses what would fall below zero.
        """
        values = {
            "sort": sort,
            "number": number,
            "lot_id": lot.id,
            "kind_id": lot.kind_id,
            "milli": milli,
        }
        insert = self.insert(StockHolding)
        if milli < 0 and sort != "outside":
            # An insert would be refused for what it proposes before it meets what is there.
            known = await self.session.get(StockHolding, (sort, number, lot.id))
            if known is not None:
                known.milli += milli
                await self.save(known)
                return known.milli
        upsert = insert.values(**values).on_conflict_do_update(
            index_elements=["sort", "number", "lot_id"],
            set_={"milli": StockHolding.milli + milli},
        )
        after = upsert.returning(col(StockHolding.milli))
        return int((await self.run(after)).scalar_one())

    async def sources(self, kind_id: int, *, after: date) -> list[Source]:
        """What can be taken of a kind from open depots: in good condition, and to be used on the
        day `after` at least; first to expire first."""
        found = (
            columns(*_SOURCE)
            .where(
                _HOLDING.lot_id == _LOT.id,
                _HOLDING.number == _DEPOT.id,
                _HOLDING.kind_id == kind_id,
                _HOLDING.sort == "depot",
                _HOLDING.milli > 0,
                _LOT.condition == "good",
                or_(_LOT.expiry.is_(None), _LOT.expiry >= after),
                _DEPOT.state == "open",
            )
            .order_by(_LOT.expiry.is_(None), _LOT.expiry, _DEPOT.id)
        )
        return [_source(row) for row in (await self.run(found)).all()]

    async def total(self, kind_id: int, sort: str | None = None) -> int:
        """The sum over all places of that sort, or over all there are."""
        found = select(func.coalesce(func.sum(StockHolding.milli), 0)).where(
            StockHolding.kind_id == kind_id
        )
        if sort is not None:
            found = found.where(StockHolding.sort == sort)
        return int((await self.session.exec(found)).one())

    async def sums(self) -> dict[int, dict[str, int]]:
        """How much there is altogether, by kind and sort of place."""
        found = (
            columns(_HOLDING.kind_id, _HOLDING.sort, func.sum(_HOLDING.milli))
            .where(_HOLDING.milli != 0)
            .group_by(_HOLDING.kind_id, _HOLDING.sort)
            .order_by(_HOLDING.kind_id)
        )
        sums: dict[int, dict[str, int]] = {}
        rows: Sequence[Sequence[Any]] = (await self.run(found)).all()
        for kind_id, sort, milli in rows:
            sums.setdefault(kind_id, {})[sort] = int(milli)
        return sums

    async def expiring(self, until: date) -> list[Held]:
        """What lies in depots and is good until that day at most, first to expire first."""
        found = (
            columns(*_HELD)
            .where(
                _HOLDING.lot_id == _LOT.id,
                _HOLDING.sort == "depot",
                _HOLDING.milli > 0,
                _LOT.expiry <= until,
            )
            .order_by(_LOT.expiry, _LOT.id, _HOLDING.number)
        )
        return [_held(row) for row in (await self.run(found)).all()]

    # Movements

    async def moved(self, movement: StockMovement, entries: Sequence[StockEntry]) -> StockMovement:
        """Write a movement down with its two sides."""
        await self.save(movement)
        for each in entries:
            assert movement.id is not None
            each.movement_id = movement.id
        await self.save(*entries)
        return movement

    async def movements(
        self,
        *,
        kind_id: int | None = None,
        incident_id: int | None = None,
        request: int | None = None,
        place: str | None = None,
        limit: int = 50,
    ) -> Sequence[StockMovement]:
        """Movements, newest first."""
        found = select(StockMovement)
        if kind_id is not None:
            found = found.where(StockMovement.kind_id == kind_id)
        if incident_id is not None:
            found = found.where(StockMovement.incident_id == incident_id)
        if request is not None:
            found = found.where(StockMovement.request == request)
        if place is not None:
            found = found.where(or_(StockMovement.source == place, StockMovement.target == place))
        newest = found.order_by(col(StockMovement.id).desc()).limit(limit)
        return (await self.session.exec(newest)).all()

    async def entries(self, movement_id: int) -> Sequence[StockEntry]:
        """The sides of a movement."""
        found = select(StockEntry).where(StockEntry.movement_id == movement_id)
        return (await self.session.exec(found.order_by(col(StockEntry.id)))).all()

    # Capacity, counts and imports

    async def capacities(
        self, *, kind_id: int | None = None, sort: str | None = None
    ) -> Sequence[StockCapacity]:
        """What can be made or carried."""
        found = select(StockCapacity).where(StockCapacity.state == "open")
        if kind_id is not None:
            found = found.where(StockCapacity.kind_id == kind_id)
        if sort is not None:
            found = found.where(StockCapacity.sort == sort)
        return (await self.session.exec(found.order_by(col(StockCapacity.id)))).all()

    async def capacity(self, capacity_id: int) -> StockCapacity | None:
        """The capacity with that key."""
        return await self.by_key(StockCapacity, capacity_id)

    async def counts(self, depot_id: int, limit: int = 20) -> Sequence[StockCount]:
        """Counts in a depot, newest first."""
        found = select(StockCount).where(StockCount.depot_id == depot_id)
        return (
            await self.session.exec(found.order_by(col(StockCount.id).desc()).limit(limit))
        ).all()

    async def importing(self, message_id: int) -> StockImport | None:
        """The import of the file that this message brought."""
        found = select(StockImport).where(StockImport.message_id == message_id)
        return (await self.session.exec(found)).one_or_none()

    async def import_by_id(self, import_id: int) -> StockImport | None:
        """The import with that key, as it is now; nobody else changes it before this transaction
        ends."""
        found = select(StockImport).where(StockImport.id == import_id).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def imported(self, sha256: str, *, besides: int) -> StockImport | None:
        """Another import of the very same file that runs, is done, or broke off after some rows."""
        found = select(StockImport).where(
            StockImport.sha256 == sha256,
            StockImport.id != besides,
            or_(col(StockImport.state).in_(("running", "done")), col(StockImport.done) > 0),
        )
        fresh = found.order_by(col(StockImport.id)).limit(1)
        fresh = fresh.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).first()
