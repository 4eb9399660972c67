"""A thousand people take one each of the last hundred, at once: exactly a hundred get one."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, date, datetime

from storage import Store
from storage.tables import StockKind
from tests.bench.figure import Figure, percentile
from tests.bench.stores import DATABASES, empty
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.shelf import Shelf
from workflows.stock import service
from workflows.stock.rules import Place, Sort
from workflows.stock.units import units

TAKES, THERE = 1000, 100
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
DEPOT, SCENE = Place(Sort.DEPOT, 1), Place(Sort.SCENE, 1)
BY = By(None, "telegram:7", "Li Na", "Fire", "telegram:-1")


async def takes(quick: bool) -> list[Figure]:
    """On SQLite and on PostgreSQL, each in transactions of their own."""
    count = 100 if quick else TAKES
    figures = []
    for name in DATABASES:
        async with empty(name) as store:
            figures.append(await _figure(name, store, count))
    return figures


async def _figure(name: str, store: Store, count: int) -> Figure:
    there = min(THERE, count // 2)
    kind = await stocked(store, there)
    began = time.monotonic()
    ends, waits = await rushed(store, kind, count)
    seconds = time.monotonic() - began
    async with store.read() as uow:
        assert kind.id is not None
        left = await uow.stock.total(kind.id, "depot")
        given = await uow.stock.total(kind.id, "scene")
        whole = await uow.stock.total(kind.id)
        sound = await uow.ledger.first_bad() is None
    met = (ends["taken"], ends["refused"]) == (there, count - there)
    met = met and (left, given, whole) == (0, there * 1000, 0) and sound
    return Figure(
        f"{count:,} takes at once of the last {there}, {name}",
        f"{ends['taken']} taken, {ends['refused']} refused in {seconds:.1f} s "
        f"(p95 {percentile(waits, 0.95):.1f} s)",
        "none",
        f"exactly {there}, nothing lost",
        met,
    )


async def stocked(store: Store, count: int) -> StockKind:
    """A depot with so many tents, half of which expire sooner."""
    async with store.write() as uow:
        kind = await uow.stock.add_kind(
            {"tent": "tent"}, name="tent", unit="piece", shown="ding", packs={}, made_at=NOW
        )
        for batch, share in (("A", count // 2), ("B", count - count // 2)):
            of = service.Batch(batch, TODAY.replace(year=2027 + (batch == "B")))
            await service.put(uow, kind, share * 1000, of, target=DEPOT, by=BY, now=NOW)
    return kind


async def rushed(store: Store, kind: StockKind, count: int) -> tuple[Counter[str], list[float]]:
    """So many people take one each at once: how that ended, and the seconds that each waited."""
    known = units(Shelf())
    waits: list[float] = []

    async def one() -> str:
        began = time.monotonic()
        try:
            async with store.write() as uow:
                await service.take(
                    uow, kind, 1000, source=DEPOT, target=SCENE, by=BY, now=NOW, today=TODAY,
                    units=known,
                )  # fmt: skip
        except Refusal as refusal:
            return "refused" if refusal.code == "stock-short" else refusal.code
        finally:
            waits.append(time.monotonic() - began)
        return "taken"

    return Counter(await asyncio.gather(*(one() for _each in range(count)))), waits
