"""What people do with stock, each with its authority, its movement and its line in the timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from storage import UnitOfWork
from storage.tables import Depot, Incident, StockCount, StockKind
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.record import By, record
from workflows.incidents.rules import reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.stock import depots, kinds, rules, service
from workflows.stock.rules import Place, Sort
from workflows.stock.service import Batch, Moved
from workflows.stock.units import Units
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of what, as typed."""

    kind: str
    amount: Decimal
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What was moved."""

    kind: StockKind
    milli: int
    moved: Moved


@dataclass(frozen=True, slots=True)
class Counted:
    """A count; `differs` is what there is more (below zero: less) than in the books. `settled`
    unless it has to be explained first."""

    kind: StockKind
    depot: Depot
    milli: int
    booked: int
    settled: bool
    promised: int = 0
    """So much of `booked` lies there for somebody who has been promised it."""

    @property
    def differs(self) -> int:
        """Thousandths that were counted and are not in the books."""
        return self.milli - self.booked


@dataclass(frozen=True)
class Keeper:
    """Somebody at work on the stock, at a moment. `incident` is what it is about, if anything;
    `today` is the day where it is."""

    uow: UnitOfWork
    units: Units
    codes: kinds.Codes
    standing: Standing
    by: By
    now: datetime
    today: date
    incident: Incident | None = None

    def about(self, incident: Incident | None) -> Keeper:
        """The same, but about that incident."""
        return replace(self, incident=incident)

    async def add(
        self,
        what: Amount,
        depot: Depot,
        of: Batch,
        *,
        described: kinds.Described,
        new: bool = False,
        reason: str | None = None,
    ) -> Done:
        """New stock into a depot. A kind that nothing is like is made; with `new` in any case.

        Raises `Refusal` (`kind-near` with names that could have been meant).
        """
        depots.require_keeper(self.standing, depot)
        kind = await kinds.known(self.uow, what.kind)
        if kind is None:
            near = () if new else await kinds.nearest(self.uow, what.kind)
            if near:
                raise Refusal(
                    "kind-near",
                    _(
                        "“{name}” is new here. Did you mean {names}? If not, add new=yes.",
                        name=rules.name(what.kind),
                        names=near,
                    ),
                )
            described = replace(described, unit=described.unit or what.unit)
            kind = await kinds.make(
                self.uow, what.kind, described,
                units=self.units, codes=self.codes, by=self.by, now=self.now,
            )  # fmt: skip
        elif described != kinds.Described():
            await kinds.change(
                self.uow, kind, described,
                units=self.units, codes=self.codes, by=self.by, now=self.now,
            )  # fmt: skip
        milli, _unit = service.quantity(self.units, kind, what.amount, what.unit)
        moved = await service.put(
            self.uow, kind, milli, of,
            target=depots.place(depot), by=self.by, now=self.now, reason=reason,
        )  # fmt: skip
        return Done(kind, milli, moved)

    async def take(
        self,
        what: Amount,
        source: Place,
        target: Place,
        *,
        reason: str | None = None,
        batch: str | None = None,
        request: int | None = None,
        code: str = "stock.taken",
    ) -> Done:
        """Move so much, first-expired-first-out, from a place to another. Raises `Refusal`."""
        await self._require(source, target)
        kind = await kinds.named(self.uow, what.kind)
        milli, _unit = service.quantity(self.units, kind, what.amount, what.unit)
        if self.incident is not None:
            await to_act_in(self.uow, self.incident.id)
        moved = await service.take(
            self.uow, kind, milli,
            source=source, target=target, by=self.by, now=self.now, today=self.today,
            units=self.units, reason=reason, batch=batch, code=code, request=request,
            incident_id=None if self.incident is None else self.incident.id,
        )  # fmt: skip
        await self._note(kind, milli, source, target, reason)
        return Done(kind, milli, moved)

    async def back(
        self,
        what: Amount,
        source: Place,
        depot: Depot,
        condition: str | None,
        *,
        reason: str | None = None,
        batch: str | None = None,
    ) -> Done:
        """Things come back into a depot, in whatever condition. Raises `Refusal`."""
        target = depots.place(depot)
        await self._require(source, target)
        kind = await kinds.named(self.uow, what.kind)
        milli, _unit = service.quantity(self.units, kind, what.amount, what.unit)
        if self.incident is not None:
            await to_act_in(self.uow, self.incident.id)
        await self.uow.stock.turn()
        assert kind.id is not None
        lots = await self.uow.stock.locked(source.sort, source.number, kind.id)
        found = rules.last_in(service.lots(lots), milli, batch=batch)
        if rules.total(found) < milli:
            raise service.short(self.units, kind, lots, milli, rules.total(found), batch)
        moved = await service.move(
            self.uow, kind, found,
            source=source, target=target, by=self.by, now=self.now, reason=reason,
            code="stock.returned", becomes=condition,
            incident_id=None if self.incident is None else self.incident.id,
        )  # fmt: skip
        await self._note(kind, milli, source, target, reason)
        return Done(kind, milli, moved)

    async def damage(
        self, what: Amount, depot: Depot, condition: str, reason: str, batch: str | None = None
    ) -> Done:
        """Things in a depot are in another condition from now on. Raises `Refusal`."""
        depots.require_keeper(self.standing, depot)
        kind = await kinds.named(self.uow, what.kind)
        milli, _unit = service.quantity(self.units, kind, what.amount, what.unit)
        await self.uow.stock.turn()
        place = depots.place(depot)
        assert kind.id is not None
        lots = await self.uow.stock.locked(place.sort, place.number, kind.id)
        other = [each for each in service.lots(lots) if each.condition != condition]
        found = rules.last_in(other, milli, batch=batch)
        if rules.total(found) < milli:
            raise service.short(self.units, kind, lots, milli, rules.total(found), batch)
        moved = await service.move(
            self.uow, kind, found,
            source=place, target=place, by=self.by, now=self.now, reason=reason,
            code="stock.condition", becomes=condition,
        )  # fmt: skip
        return Done(kind, milli, moved)

    async def count(
        self, what: Amount, depot: Depot, *, reason: str | None = None, batch: str | None = None
    ) -> Counted:
        """What was counted in a depot. A difference changes the books only with its reason: what
        is missing goes to the lost, what is found comes from outside. Raises `Refusal`."""
        depots.require_keeper(self.standing, depot)
        kind = await kinds.named(self.uow, what.kind)
        milli = 0
        if what.amount != 0:
            milli, _unit = service.quantity(self.units, kind, what.amount, what.unit)
        await self.uow.stock.turn()
        assert kind.id is not None
        place = depots.place(depot)
        lots = await self._counted(place, kind.id, batch)
        kept = Place(Sort.PROMISED, place.number)
        promised = sum(each.milli for each in await self._counted(kept, kind.id, batch))
        free = sum(each.milli for each in lots)
        booked = free + promised
        differs = milli - booked
        if -differs > free:
            raise await self._promised_away(kind, depot, milli, promised)
        if differs and reason is None:
            return Counted(kind, depot, milli, booked, settled=False, promised=promised)
        why = None if reason is None else checked_reason(reason)
        moved = None
        if differs < 0:
            gone = rules.last_in(lots, -differs)
            moved = await service.move(
                self.uow, kind, gone,
                source=place, target=Place(Sort.LOST), by=self.by, now=self.now, reason=why,
                code="stock.missing",
            )  # fmt: skip
        elif differs > 0:
            last = max(lots, key=lambda each: each.milli, default=None)
            of = Batch(batch or "") if last is None else Batch(last.batch, last.expiry)
            moved = await service.put(
                self.uow, kind, differs, of,
                target=place, by=self.by, now=self.now, reason=why, code="stock.found",
            )  # fmt: skip
        await self.uow.stock.save(
            StockCount(
                depot_id=depot.id,
                kind_id=kind.id,
                batch=batch,
                counted=milli,
                booked=booked,
                reason=why,
                movement_id=None if moved is None else moved.movement.id,
                at=self.now,
                person_id=self.by.person_id,
            )
        )
        if moved is None:
            await self.uow.ledger.append(
                "stock.counted",
                self.now,
                actor=self.by.account,
                room=self.by.room,
                depot=depot.id,
                kind=kind.name,
                milli=milli,
            )
        return Counted(kind, depot, milli, booked, settled=True, promised=promised)

    async def _counted(self, place: Place, kind: int, batch: str | None) -> list[rules.Lot]:
        held = await self.uow.stock.locked(place.sort, place.number, kind)
        return [each for each in service.lots(held) if batch is None or each.batch == batch]

    async def _promised_away(
        self, kind: StockKind, depot: Depot, milli: int, promised: int
    ) -> Refusal:
        """What is missing has been promised: whoever waits for it has to know first."""
        place = str(Place(Sort.PROMISED, depot.id or 0))
        waiting: dict[str, int] = {}
        for each in await self.uow.stock.movements(kind_id=kind.id, place=place, limit=1000):
            name = f"I{each.incident_id}-R{each.request}"
            came = each.milli if each.target == place else -each.milli
            waiting[name] = waiting.get(name, 0) + came
        return Refusal(
            "stock-promised",
            _(
                "{promised} of {kind} in {depot} is promised to {requests}, and only {counted} "
                "was counted. Take the promise back first (/request withdraw), then count again.",
                promised=service.said(self.units, kind, promised),
                kind=kind.name,
                depot=depots.shown(depot),
                requests=tuple(name for name, left in sorted(waiting.items()) if left > 0),
                counted=service.said(self.units, kind, milli),
            ),
        )

    async def _require(self, *places: Place) -> None:
        for each in places:
            if each.sort in (Sort.DEPOT, Sort.PROMISED):
                depot = await self.uow.stock.depot(each.number)
                assert depot is not None
                if each == places[0]:
                    depots.require_keeper(self.standing, depot)

    async def _note(
        self, kind: StockKind, milli: int, source: Place, target: Place, reason: str | None
    ) -> None:
        """The incident's timeline has a line of it."""
        if self.incident is None:
            return
        text = _(
            "{name}: {quantity} of {kind} from {source} to {target}",
            name=self.by.name,
            quantity=service.said(self.units, kind, milli),
            kind=kind.name,
            source=await self.shown(source),
            target=await self.shown(target),
        )
        await record(
            self.uow,
            self.incident,
            "stock.noted",
            text,
            by=self.by,
            now=self.now,
            params={"kind": kind.name, "milli": milli, "reason": reason},
        )

    async def shown(self, place: Place) -> Msg | str:
        """A place as people call it."""
        if place.sort in (Sort.DEPOT, Sort.PROMISED):
            depot = await self.uow.stock.depot(place.number)
            return "?" if depot is None else depots.shown(depot)
        label = rules.SORTS[place.sort]
        if place.number and (self.incident is None or self.incident.id != place.number):
            return _("{place} ({incident})", place=label, incident=f"I{place.number}")
        return label
