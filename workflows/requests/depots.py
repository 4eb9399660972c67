"""Parts of a request that come from a depot of ours: each step of them moves the stock, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from storage import UnitOfWork
from storage.tables import Depot, RequestLine, RequestPart, StockKind
from workflows.errors import Refusal
from workflows.requests import rules
from workflows.requests.rules import Move
from workflows.requests.steps import Acting
from workflows.requests.whole import Whole
from workflows.stock import kinds, service
from workflows.stock.depots import require_keeper
from workflows.stock.rules import BROKEN, Place, Portion, Sort
from workflows.stock.service import Moved
from workflows.stock.units import STEP
from workflows.text import Json, _


@dataclass(frozen=True, slots=True)
class Promised:
    """Stock that was promised: the depot's number, the kind, the lots, how much in the kind's base
    unit (thousandths)."""

    depot: int
    kind: int
    lots: tuple[int, ...]
    base: int

    @staticmethod
    def of(depot: Depot, kind: StockKind, moved: Moved, base: int) -> Promised:
        """What was moved from the depot's free stock to what it has promised."""
        assert depot.id is not None
        assert kind.id is not None
        return Promised(depot.id, kind.id, tuple(each.lot_id for each in moved.portions), base)

    def to_json(self) -> dict[str, Json]:
        """As it stands in `RequestPart.stock`."""
        return {
            "depot": self.depot,
            "kind": self.kind,
            "lots": list(self.lots),
            "base": self.base,
            "broken": [],
        }


async def base(
    uow: UnitOfWork, line: RequestLine, quantity: int, acting: Acting
) -> tuple[StockKind, int]:
    """The kind of a line and so much of it in its base unit. Raises `Refusal` (`kind-unknown` with
    the nearest kinds, `unit-other`)."""
    kind = await kinds.named(uow, line.kind)
    amount = Decimal(quantity) / STEP
    return kind, service.quantity(acting.units, kind, amount, line.unit or None)[0]


async def promise(
    uow: UnitOfWork, whole: Whole, line: RequestLine, quantity: int, depot: Depot, acting: Acting
) -> Promised:
    """So much of a line is promised from a depot: nobody else can take it from there.

    Raises `Refusal` (`stock-short` with what there is, `not-allowed`, `kind-unknown`).
    """
    require_keeper(acting.standing, depot)
    kind, milli = await base(uow, line, quantity, acting)
    assert depot.id is not None
    moved = await service.take(
        uow,
        kind,
        milli,
        source=Place(Sort.DEPOT, depot.id),
        target=Place(Sort.PROMISED, depot.id),
        by=acting.by,
        now=acting.now,
        today=acting.today,
        units=acting.units,
        code="stock.promised",
        incident_id=whole.incident.id,
        request=whole.request.number,
    )
    return Promised.of(depot, kind, moved, milli)


def _sort(place: rules.Place) -> Sort:
    match place:
        case rules.Place.PROMISED:
            return Sort.PROMISED
        case rules.Place.TRANSIT:
            return Sort.TRANSIT
        case rules.Place.CONSUMED:
            return Sort.USED
        case rules.Place.MISSING | rules.Place.LOST:
            return Sort.LOST
        case rules.Place.RETURNED | rules.Place.SENT_BACK | rules.Place.WITHDRAWN:
            return Sort.DEPOT
        case _:
            return Sort.SCENE


async def follow(
    uow: UnitOfWork,
    whole: Whole,
    part: RequestPart,
    move: Move,
    taken: Mapping[rules.Place, int],
    acting: Acting,
    why: str | None,
) -> None:
    """The stock behind a part moves as the part did. Raises `Refusal` (`stock-short`)."""
    if part.stock is None:
        return
    kind = await uow.stock.kind(int(part.stock["kind"]))
    assert kind is not None
    target = rules.MOVES[move][1]
    for source, quantity in taken.items():
        there, to = _place(whole, part, source), _place(whole, part, target)
        broken = BROKEN if move is Move.DAMAGE else None
        if there == to and broken is None:
            continue
        lots = "broken" if move is Move.SEND_BACK else "lots"
        moved = await service.move(
            uow,
            kind,
            await _portions(uow, kind, part, there, _share(part, quantity), lots),
            source=there,
            target=to,
            by=acting.by,
            now=acting.now,
            reason=why or whole.reference,
            code=f"stock.{CODES.get(move, 'moved')}",
            incident_id=whole.incident.id,
            request=whole.request.number,
            becomes=broken,
        )
        if broken is not None:
            known = {*part.stock["broken"], *(each.lot_id for each in moved.portions)}
            part.stock = {**part.stock, "broken": sorted(known)}


CODES = {Move.CONSUME: "used", Move.LOSE: "lost", Move.MISS: "lost", Move.RETURN: "returned"}


def _place(whole: Whole, part: RequestPart, place: rules.Place) -> Place:
    sort = _sort(place)
    assert part.stock is not None
    at_depot = sort in (Sort.DEPOT, Sort.PROMISED)
    return Place(sort, int(part.stock["depot"]) if at_depot else whole.incident.id)


def _share(part: RequestPart, quantity: int) -> int:
    """So much of a part in the base unit of its kind."""
    assert part.stock is not None
    share, rest = divmod(quantity * int(part.stock["base"]), part.quantity)
    if rest:
        raise Refusal("request-quantity", _("So much cannot be divided in the unit of the depot."))
    return share


async def _portions(
    uow: UnitOfWork, kind: StockKind, part: RequestPart, place: Place, milli: int, lots: str
) -> list[Portion]:
    """Of the part's own lots in a place so much, the first to expire first."""
    await uow.stock.turn()
    assert kind.id is not None
    assert part.stock is not None
    own = set(part.stock[lots])
    found: list[Portion] = []
    for each in await uow.stock.locked(place.sort, place.number, kind.id):
        some = min(milli, each.milli) if each.lot_id in own else 0
        if some:
            found.append(Portion(each.lot_id, some))
            milli -= some
    if milli:
        raise Refusal(
            "stock-short",
            _(
                "There is less of {kind} there than that. Look again: /stock list",
                kind=kind.name,
            ),
        )
    return found
