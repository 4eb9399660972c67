"""What agencies can make or carry, beside what lies in depots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from storage import UnitOfWork
from storage.tables import Depot, StockCapacity
from workflows import agencies
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.rules import one_line
from workflows.stock import depots, kinds, rules, service
from workflows.stock.units import Units
from workflows.text import _

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Said:
    """A capacity as it was told: so much of `name` in each `per`, `lead` after it is asked for."""

    sort: str
    name: str
    amount: Decimal
    unit: str | None
    per: timedelta
    lead: timedelta
    agency: str | None = None
    contact: str | None = None


def hours(per: timedelta) -> int:
    """A period in hours. Raises `Refusal` (`capacity-time`) for part of an hour: a rate that is
    rounded promises what nobody makes."""
    whole, rest = divmod(per, timedelta(hours=1))
    if rest or whole < 1 or per > LONGEST:
        raise _no_period()
    return whole


def _no_period() -> Refusal:
    return Refusal(
        "capacity-time",
        _("Say per what time, in whole hours, from one hour to a year, such as per=24h."),
    )


async def make(
    uow: UnitOfWork, said: Said, depot: Depot | None, *, units: Units, by: By, now: datetime
) -> StockCapacity:
    """A new capacity; of a kind in stock if its name is one. Raises `Refusal`."""
    name = rules.name(said.name)
    per = hours(said.per)
    if said.lead > LONGEST:
        raise _no_period()
    owner = by.agency if said.agency is None else (await agencies.named(uow, said.agency)).short
    kind = await kinds.known(uow, name)
    if kind is not None and said.sort == "production":
        milli, unit = service.quantity(units, kind, said.amount, said.unit)
        unit = kind.shown
    else:
        found = units.named(said.unit) if said.unit else units["piece"]
        if found is None:
            raise Refusal(
                "unit-unknown",
                _("“{unit}” is not a unit that is known here.", unit=(said.unit or "")[:20]),
            )
        milli, unit = units.milli(said.amount, found), found.code
    await uow.stock.turn()
    made = StockCapacity(
        sort=said.sort,
        kind_id=None if kind is None else kind.id,
        name=name if kind is None else kind.name,
        milli=milli,
        unit=unit,
        hours=per,
        lead_minutes=int(said.lead.total_seconds() // 60),
        agency=owner,
        depot_id=None if depot is None else depot.id,
        contact=None if said.contact is None else one_line(said.contact)[: depots.LONGEST_CONTACT],
        made_at=now,
        made_by=by.person_id,
    )
    await uow.stock.save(made)
    await _record(uow, made, by, now)
    return made


async def end(
    uow: UnitOfWork, number: int, *, standing: Standing, by: By, now: datetime
) -> StockCapacity:
    """It is there no longer. Raises `Refusal` (`capacity-unknown`)."""
    found = await uow.stock.capacity(number) if 0 < number < 2**62 else None
    if found is None or found.state != "open":
        raise Refusal(
            "capacity-unknown", _("There is no capacity of that number: /stock capacity lists all.")
        )
    depots.require_owner(standing, found.agency)
    await uow.stock.turn()
    found.state = "ended"
    await uow.stock.save(found)
    await _record(uow, found, by, now)
    return found


async def _record(uow: UnitOfWork, row: StockCapacity, by: By, now: datetime) -> None:
    await uow.ledger.append(
        "stock.capacity",
        now,
        actor=by.account,
        room=by.room,
        thing=f"stock-capacity-{row.id}",
        changes={
            each: getattr(row, each)
            for each in (
                "sort",
                "name",
                "milli",
                "unit",
                "hours",
                "lead_minutes",
                "agency",
                "state",
            )
        },
    )
