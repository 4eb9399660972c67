"""Whatever people do with stock, in whatever order: nothing appears, nothing vanishes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from storage import Store, UnitOfWork
from storage.tables import Depot, LedgerEntry
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.replay import replay
from workflows.shelf import Shelf
from workflows.stock import depots, kinds, rules, service
from workflows.stock.keeper import Amount, Keeper
from workflows.stock.rules import Place, Sort
from workflows.stock.service import Batch
from workflows.stock.units import units

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
BY = By(None, "telegram:7", "Li Na", None, "telegram:-1")
UNITS, CODES = units(Shelf()), kinds.codes(Shelf())

WHICH = st.integers(0, 1)
AMOUNTS = st.one_of(
    st.tuples(st.integers(-1, 60).map(Decimal), st.sampled_from([None, "kg", "g", "t", "箱"])),
    st.tuples(st.decimals("0.001", "5", places=4), st.sampled_from(["kg", "t", "斤"])),
)
REASONS = st.sampled_from([None, "wet in transport"])
CONDITIONS = st.sampled_from([None, *rules.CONDITIONS])
BATCHES = st.sampled_from(["", "A", "B"])
DAYS = st.sampled_from([None, TODAY - timedelta(1), TODAY, TODAY + timedelta(40)])
SORTS = st.sampled_from([Sort.SCENE, Sort.TRANSIT, Sort.USED, Sort.LOST, Sort.OUTSIDE])

NUMBERS = itertools.count(1)


class Warehouse(RuleBasedStateMachine):
    """Two depots and a kind of their own, counted in kilograms, in boxes of 24."""

    store: Store
    loop: asyncio.Runner

    @initialize()
    def begin(self) -> None:
        """A new kind and two new depots."""
        self.number = next(NUMBERS)
        self.name = f"rice {self.number:05} x"
        self.books: dict[str, int] = {}

        async def make(who: Keeper) -> None:
            await kinds.make(
                who.uow, self.name, kinds.Described(unit="kg", pack="24/箱"),
                units=UNITS, codes=CODES, by=BY, now=NOW,
            )  # fmt: skip
            self.depots = [
                await depots.make(
                    who.uow, f"depot {self.number} {letter}",
                    lat=None, lon=None, place=None, agency=None, contact=None,
                    standing=who.standing, by=BY, now=NOW,
                )
                for letter in "xy"
            ]  # fmt: skip

        self.act(make)
        for which, day in itertools.product((0, 1), (None, TODAY + timedelta(9))):
            self.add(which, (Decimal(90), "kg"), "A", day, None)
        for sort in (Sort.SCENE, Sort.TRANSIT, Sort.LOST):
            reason = "wet in transport"
            self.go(self.place(0), Place(sort, self.number), (Decimal(20), None), reason, None)

    def act(self, what: Callable[[Keeper], Awaitable[object]]) -> bool:
        """In a transaction of its own; whether it was done."""

        async def one() -> bool:
            try:
                async with self.store.write() as uow:
                    await what(self.keeper(uow))
            except Refusal:
                return False
            return True

        return self.loop.run(one())

    def keeper(self, uow: UnitOfWork) -> Keeper:
        """Somebody who may do everything."""
        return Keeper(uow, UNITS, CODES, Standing(admin=True), BY, NOW, TODAY)

    def moved(self, source: Place, target: Place, milli: int) -> None:
        """What the books should say from now on."""
        self.books[str(source)] = self.books.get(str(source), 0) - milli
        self.books[str(target)] = self.books.get(str(target), 0) + milli

    def of(self, amount: tuple[Decimal, str | None]) -> Amount:
        """So much of the kind."""
        return Amount(self.name, *amount)

    def place(self, which: int) -> Place:
        """A depot as a place."""
        return depots.place(self.depots[which])

    @rule(which=WHICH, amount=AMOUNTS, batch=BATCHES, day=DAYS, condition=CONDITIONS)
    def add(
        self,
        which: int,
        amount: tuple[Decimal, str | None],
        batch: str,
        day: date | None,
        condition: str | None,
    ) -> None:
        """New stock."""
        done: list[int] = []

        async def act(who: Keeper) -> None:
            of = Batch(batch, day, condition or rules.GOOD)
            made = await who.add(
                self.of(amount), self.depots[which], of, described=kinds.Described()
            )
            done.append(made.milli)

        if self.act(act):
            self.moved(rules.OUTSIDE, self.place(which), done[0])

    @rule(
        which=WHICH, amount=AMOUNTS, sort=SORTS, reason=REASONS,
        batch=st.one_of(st.none(), BATCHES),
    )  # fmt: skip
    def take(
        self,
        which: int,
        amount: tuple[Decimal, str | None],
        sort: Sort,
        reason: str | None,
        batch: str | None,
    ) -> None:
        """Out of a depot."""
        target = Place(sort, 0 if sort is Sort.OUTSIDE else self.number)
        self.go(self.place(which), target, amount, reason, batch)

    @rule(amount=AMOUNTS, source=SORTS, into=SORTS, reason=REASONS)
    def go_on(
        self, amount: tuple[Decimal, str | None], source: Sort, into: Sort, reason: str | None
    ) -> None:
        """From the road to the scene, from there to the used, and what nobody should."""
        numbers = [0 if each is Sort.OUTSIDE else self.number for each in (source, into)]
        self.go(Place(source, numbers[0]), Place(into, numbers[1]), amount, reason, None)

    @rule(which=WHICH, other=WHICH, amount=AMOUNTS, promised=st.booleans())
    def move(
        self, which: int, other: int, amount: tuple[Decimal, str | None], promised: bool
    ) -> None:
        """To the other depot, to the same one, or promised to somebody."""
        target = self.place(other)
        if promised:
            target = Place(Sort.PROMISED, target.number)
        self.go(self.place(which), target, amount, None, None)

    def go(
        self,
        source: Place,
        target: Place,
        amount: tuple[Decimal, str | None],
        reason: str | None,
        batch: str | None,
    ) -> None:
        """A movement that is done whole or not at all."""
        done: list[int] = []

        async def act(who: Keeper) -> None:
            made = await who.take(self.of(amount), source, target, reason=reason, batch=batch)
            done.append(made.milli)

        if self.act(act):
            self.moved(source, target, done[0])

    @rule(which=WHICH, amount=AMOUNTS, source=SORTS, condition=CONDITIONS)
    def back(
        self,
        which: int,
        amount: tuple[Decimal, str | None],
        source: Sort,
        condition: str | None,
    ) -> None:
        """Into a depot, in whatever condition."""
        place = Place(source, self.number)
        done: list[int] = []

        async def act(who: Keeper) -> None:
            made = await who.back(self.of(amount), place, self.depots[which], condition)
            done.append(made.milli)

        if self.act(act):
            self.moved(place, self.place(which), done[0])

    @rule(which=WHICH, amount=AMOUNTS, condition=st.sampled_from([*rules.CONDITIONS]))
    def damage(self, which: int, amount: tuple[Decimal, str | None], condition: str) -> None:
        """Things stay where they are, in another condition."""
        depot: Depot = self.depots[which]
        self.act(lambda who: who.damage(self.of(amount), depot, condition, "leaking roof"))

    @rule(which=WHICH, amount=AMOUNTS, reason=REASONS)
    def count(self, which: int, amount: tuple[Decimal, str | None], reason: str | None) -> None:
        """The books follow the shelves once the difference has a reason."""
        done: list[tuple[int, bool]] = []

        async def act(who: Keeper) -> None:
            made = await who.count(self.of(amount), self.depots[which], reason=reason)
            done.append((made.differs, made.settled))

        if self.act(act) and done[0][1] and (differs := done[0][0]):
            if differs > 0:
                self.moved(rules.OUTSIDE, self.place(which), differs)
            else:
                self.moved(self.place(which), Place(Sort.LOST), -differs)

    @invariant()
    def nothing_appears_and_nothing_vanishes(self) -> None:
        """Each place holds what was brought and not taken; the sum over all is what it was."""

        async def look() -> dict[str, int]:
            async with self.store.read() as uow:
                kind = await kinds.named(uow, self.name)
                found: dict[str, int] = {}
                for each in await uow.stock.held(kind_id=kind.id):
                    assert each.milli > 0 or each.sort == Sort.OUTSIDE
                    place = f"{each.sort}:{each.number}"
                    found[place] = found.get(place, 0) + each.milli
                return found

        if hasattr(self, "depots"):
            held = self.loop.run(look())
            assert held == {place: milli for place, milli in self.books.items() if milli}
            assert sum(held.values()) == 0

    def teardown(self) -> None:
        """The ledger makes the same state again, and its chain is whole."""

        async def look() -> None:
            async with self.store.read() as uow:
                entries: list[LedgerEntry] = []
                while more := await uow.ledger.entries(entries[-1].seq if entries else 0):
                    entries += more
                book = replay(entries).get(service.BOOK, {})
                held = {
                    f"{each.sort}:{each.number}/{each.lot_id}": each.milli
                    for each in await uow.stock.held()
                }
                assert {place: milli for place, milli in book.items() if milli} == held
                assert await uow.ledger.first_bad() is None

        self.loop.run(look())


def test_the_sum_over_all_places_is_constant_whatever_is_done(ready_url: str) -> None:
    with asyncio.Runner() as loop:
        opened = loop.run(Store.open(ready_url))

        class Here(Warehouse):
            store = opened

        Here.loop = loop
        try:
            run_state_machine_as_test(
                Here,
                settings=settings(
                    max_examples=12,
                    stateful_step_count=20,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            loop.run(opened.close())
