"""How long the best sources of a kind take to be found among many."""

from __future__ import annotations

import random
import time
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, text

from storage import Store, UnitOfWork
from storage.queries.sources import Supply
from storage.tables import Depot, StockHolding, StockKind, StockLot
from tests.bench.figure import Figure, ms, percentile
from tests.bench.stores import DATABASES, empty
from workflows.geo.points import Point, metres
from workflows.shelf import Shelf
from workflows.stock.nearest import Answer, answer, found, need_of
from workflows.stock.ranking import Need, Terms

ROWS, DEPOTS, KINDS = 100_000, 5_000, 40
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SOUTH, NORTH, WEST, EAST = 22.0, 42.0, 102.0, 122.0
AGENCIES = ("Fire", "Civil", "Power", "Health", "Water")
CHUNK = 5_000


def somewhere(chance: random.Random) -> Point:
    """A point in the east of China."""
    return Point(chance.uniform(SOUTH, NORTH), chance.uniform(WEST, EAST))


async def fill(store: Store, rows: int, depots: int, kinds: int, seed: int = 1) -> list[Supply]:
    """Depots all over the country that hold `rows` lots between them, each kind as often as the
    others; what they have of the first kind."""
    chance = random.Random(seed)
    places = [somewhere(chance) for _number in range(depots)]
    made: list[dict[str, object]] = [
        {
            "id": number,
            "name": f"Depot {number}",
            "ident": f"depot {number}",
            "lat": point.lat,
            "lon": point.lon,
            "agency": chance.choice(AGENCIES),
            "state": "open",
            "made_at": NOW,
        }
        for number, point in enumerate(places, 1)
    ]
    goods: list[dict[str, object]] = [
        {
            "id": number,
            "name": f"Kind {number}",
            "unit": "piece",
            "shown": "piece",
            "packs": {},
            "made_at": NOW,
        }
        for number in range(1, kinds + 1)
    ]
    lots: list[dict[str, object]] = []
    held: list[dict[str, object]] = []
    for row in range(rows):
        kind, depot = row % kinds + 1, chance.randint(1, depots)
        expiry = TODAY + timedelta(days=chance.randint(-30, 700)) if chance.random() < 0.5 else None
        lots.append(
            {
                "id": row + 1,
                "kind_id": kind,
                "batch": f"{row}",
                "expiry": expiry,
                "condition": "good",
                "ident": f"{kind}|{row}",
            }
        )
        held.append(
            {
                "sort": "depot",
                "number": depot,
                "lot_id": row + 1,
                "kind_id": kind,
                "milli": chance.randint(1, 200) * 1000,
            }
        )
    async with store.write() as uow:
        for model, values in (
            (Depot, made),
            (StockKind, goods),
            (StockLot, lots),
            (StockHolding, held),
        ):
            for start in range(0, len(values), CHUNK):
                await uow.sources.run(insert(model), values[start : start + CHUNK])
        # As a database does by itself some time after so many rows have come.
        await uow.sources.run(text("ANALYZE"))
    async with store.read() as uow:
        return await uow.sources.of(1, after=TODAY)


async def best(uow: UnitOfWork, kind: int, at: Point, milli: int | None, terms: Terms) -> Answer:
    """What `/stock nearest` does, from the question to the ranked list."""
    need = await need_of(uow, at, milli, "Fire", TODAY)
    return answer(await found(uow, kind, need, terms), need, terms)


async def plainly(uow: UnitOfWork, kind: int, need: Need) -> list[tuple[float, int]]:
    """What one would do without thinking: every source, each by its geodesic."""
    supplies = await uow.sources.of(kind, after=need.today)
    return sorted(
        (metres(Point(each.lat, each.lon), need.at), each.depot)
        for each in supplies
        if each.lat is not None and each.lon is not None
    )


async def measured(store: Store, count: int, kinds: int, terms: Terms) -> tuple[list[float], float]:
    """The seconds of `count` answers, and of a plain one."""
    chance = random.Random(2)
    taken = []
    for number in range(count + 5):
        at, kind = somewhere(chance), chance.randint(1, kinds)
        milli = chance.choice((None, 10_000, 500_000, 5_000_000))
        began = time.perf_counter()
        async with store.read() as uow:
            await best(uow, kind, at, milli, terms)
        if number >= 5:
            taken.append(time.perf_counter() - began)
    plain = []
    for _number in range(5):
        need = Need(somewhere(chance), None, None, {}, TODAY)
        began = time.perf_counter()
        async with store.read() as uow:
            await plainly(uow, chance.randint(1, kinds), need)
        plain.append(time.perf_counter() - began)
    return taken, min(plain)


async def nearest(quick: bool) -> list[Figure]:
    """Best sources over 100,000 rows and 5,000 depots, on both databases."""
    terms = Terms.read(Shelf().read("workflows.stock", "travel"))
    count = 30 if quick else 300
    figures = []
    for database in DATABASES:
        async with empty(database) as store:
            await fill(store, ROWS, DEPOTS, KINDS)
            taken, plain = await measured(store, count, KINDS, terms)
        half, most = percentile(taken, 0.5), percentile(taken, 0.95)
        figures.append(
            Figure(
                f"nearest sources, {ROWS:,} rows, {DEPOTS:,} depots, {database}, p50 / p95",
                f"{ms(half)} / {ms(most)}",
                f"{ms(plain)} (every source by its geodesic)",
                "p95 ≤ 50 ms",
                most <= 0.050,
            )
        )
    return figures
