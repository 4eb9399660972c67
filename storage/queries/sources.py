"""Who could give a kind of thing, near a place; and who has agreed to help whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row as Found, func, select as columns
from sqlmodel import col, or_, select

from storage.queries.base import Queries, table
from storage.tables import Depot, MutualAid, StockHolding, StockLot

_DEPOT, _LOT, _HOLDING = table(Depot).c, table(StockLot).c, table(StockHolding).c
_AID = table(MutualAid).c
_GROUP = tuple(_DEPOT[each] for each in ("id", "name", "lat", "lon", "agency"))

Box = tuple[float, float, float, float]
"""South, west, north and east, in degrees."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What an open depot has of a kind that can be given: `milli` thousandths of its base unit in
    good condition, of which the first expires on `expiry`."""

    depot: int
    name: str
    lat: float | None
    lon: float | None
    agency: str | None
    milli: int
    expiry: date | None


def _supply(row: Found[Any]) -> Supply:
    depot, name, lat, lon, agency, milli, expiry = tuple[Any, ...](row)
    # PostgreSQL adds up whole numbers to a decimal.
    return Supply(depot, name, lat, lon, agency, int(milli), expiry)


class Sources(Queries):
    """Depots by what they have and where they are, and agreements of mutual aid."""

    async def of(
        self, kind_id: int, *, after: date, box: Box | None = None, least: int | None = None
    ) -> list[Supply]:
        """What depots have of a kind that can be used on the day `after` at least; with `box` only
        those in it, and those of which nobody has said where they are; with `least` those that
        have so much."""
        found = (
            columns(*_GROUP, func.sum(_HOLDING.milli), func.min(_LOT.expiry))
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
            .group_by(*_GROUP)
        )
        if box is not None:
            south, west, north, east = box
            inside = _DEPOT.lat.between(south, north) & _DEPOT.lon.between(west, east)
            near = columns(_DEPOT.id).where(or_(_DEPOT.lat.is_(None), inside))
            # As a list of depots it is the last column of the index on holdings.
            found = found.where(_HOLDING.number.in_(near.correlate(None)))
        if least is not None:
            found = found.having(func.sum(_HOLDING.milli) >= least)
        return [_supply(row) for row in (await self.run(found)).all()]

    async def agree(self, one: str, other: str, **values: Any) -> MutualAid:
        """An agreement between two agencies, in the place of one that they had."""
        known = await self.agreement(one, other)
        first, second = sorted((one, other))
        made = known or MutualAid(first=first, second=second, **values)
        for name, value in values.items():
            setattr(made, name, value)
        self.session.add(made)
        await self.session.flush()
        return made

    async def agreement(self, one: str, other: str) -> MutualAid | None:
        """What two agencies have agreed."""
        first, second = sorted((one, other))
        found = select(MutualAid).where(MutualAid.first == first, MutualAid.second == second)
        return (await self.session.exec(found)).one_or_none()

    async def end(self, agreement: MutualAid) -> None:
        """It holds no longer."""
        await self.session.delete(agreement)
        await self.session.flush()

    async def agreed(self, agency: str, today: date) -> dict[str, int | None]:
        """Who has agreed with an agency by that day, and the minutes until they lend."""
        found = columns(_AID.first, _AID.second, _AID.lead_minutes).where(
            or_(_AID.first == agency, _AID.second == agency),
            or_(_AID.until.is_(None), _AID.until >= today),
        )
        rows = [tuple[Any, ...](row) for row in (await self.run(found)).all()]
        return {second if first == agency else first: lead for first, second, lead in rows}

    async def agreements(self, agency: str | None = None) -> Sequence[MutualAid]:
        """All agreements, or those of one agency, by names."""
        found = select(MutualAid)
        if agency is not None:
            found = found.where(or_(MutualAid.first == agency, MutualAid.second == agency))
        return (
            await self.session.exec(found.order_by(col(MutualAid.first), col(MutualAid.second)))
        ).all()
