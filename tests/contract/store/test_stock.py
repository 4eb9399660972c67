"""The one ledger of stock on both databases: what is taken at once, by whom, and what adds up."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from storage import Store
from storage.tables import StockKind
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.replay import replay
from workflows.shelf import Shelf
from workflows.stock import rules, service
from workflows.stock.rules import Place, Sort
from workflows.stock.units import units

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
BY = By(None, "telegram:7", "Li Na", "Fire", "telegram:-1")
UNITS = units(Shelf())
DEPOT, SCENE = Place(Sort.DEPOT, 2), Place(Sort.SCENE, 3)


async def stocked(store: Store, *batches: tuple[int, service.Batch]) -> StockKind:
    """Tents in D2: so many of each batch."""
    async with store.write() as uow:
        kind = await uow.stock.add_kind(
            {"帐篷": "帐篷", "tent": "tent"},
            name="帐篷",
            unit="piece",
            shown="ding",
            packs={},
            made_at=NOW,
        )
        for count, batch in batches:
            await service.put(uow, kind, count * 1000, batch, target=DEPOT, by=BY, now=NOW)
    return kind


async def take(
    store: Store, kind: StockKind, count: int, batch: str | None = None
) -> service.Moved:
    async with store.write() as uow:
        return await service.take(
            uow, kind, count * 1000, source=DEPOT, target=SCENE, by=BY, now=NOW, today=TODAY,
            units=UNITS, batch=batch,
        )  # fmt: skip


async def test_of_many_who_take_the_last_at_once_exactly_so_many_get_one(store: Store) -> None:
    kind = await stocked(store, (5, service.Batch()))

    async def one() -> bool:
        try:
            await take(store, kind, 1)
        except Refusal as refused:
            return refused.code != "stock-short"
        return True

    assert sum(await asyncio.gather(*(one() for _each in range(40)))) == 5
    async with store.read() as uow:
        assert kind.id is not None
        assert await uow.stock.total(kind.id, "depot") == 0
        assert await uow.stock.total(kind.id, "scene") == 5000
        assert await uow.stock.total(kind.id) == 0


async def test_what_expires_first_goes_first_and_what_has_expired_stays(store: Store) -> None:
    kind = await stocked(
        store,
        (4, service.Batch("old", date(2026, 11, 1))),
        (4, service.Batch("never")),
        (4, service.Batch("later", date(2027, 6, 1))),
        (4, service.Batch("soon", date(2026, 12, 1))),
        (4, service.Batch("bad", date(2026, 11, 30), rules.BROKEN)),
    )
    moved = await take(store, kind, 9)
    async with store.read() as uow:
        lots = [await uow.stock.lot(each.lot_id) for each in moved.portions]
    found = [(lot.batch, each.milli) for lot, each in zip(lots, moved.portions, strict=True) if lot]
    assert found == [("soon", 4000), ("later", 4000), ("never", 1000)]
    with pytest.raises(Refusal, match="stock-short"):
        await take(store, kind, 4)
    named = await take(store, kind, 4, batch="old")
    assert rules.total(named.portions) == 4000


async def test_the_database_itself_refuses_less_than_nothing(store: Store) -> None:
    kind = await stocked(store, (5, service.Batch()))

    async def overdraw() -> None:
        async with store.write() as uow:
            lot = await service.lot_of(uow, kind, service.Batch())
            await uow.stock.change("depot", 2, lot, -5001)

    with pytest.raises(Exception, match="not_below_zero"):
        await overdraw()


async def test_the_ledger_replays_to_the_holdings(store: Store) -> None:
    kind = await stocked(store, (5, service.Batch()), (3, service.Batch("b", date(2026, 12, 1))))
    await take(store, kind, 4)
    async with store.read() as uow:
        book = replay(await uow.ledger.entries())[service.BOOK]
        held = {
            f"{each.sort}:{each.number}/{each.lot_id}": each.milli
            for each in await uow.stock.held()
        }
        sides = await uow.stock.entries(1)
    assert {place: milli for place, milli in book.items() if milli} == held
    assert sum(each.milli for each in sides) == 0


def test_units_convert_exactly_or_are_refused() -> None:
    rice = StockKind(name="大米", unit="kg", shown="t", packs={"bag": 25_000}, made_at=NOW)
    assert service.quantity(UNITS, rice, Decimal("1.5"), None) == (1_500_000, "t")
    assert service.quantity(UNITS, rice, Decimal(3), "袋") == (75_000, "bag")
    assert service.quantity(UNITS, rice, Decimal(500), "克") == (500, "g")
    for amount, unit, code in (
        (Decimal(1), "米", "unit-other"),
        (Decimal(1), "箱", "unit-other"),
        (Decimal(1), "furlongs", "unit-other"),
        (Decimal(1), "摞", "unit-unknown"),
        (Decimal("0.5"), "袋", "quantity-part"),
        (Decimal("0.0001"), "kg", "quantity-fine"),
        (Decimal(0), "kg", "quantity-none"),
        (Decimal(10) ** 12, "kg", "quantity-huge"),
    ):
        with pytest.raises(Refusal, match=code):
            service.quantity(UNITS, rice, amount, unit)
