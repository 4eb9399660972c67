"""A request with its lines and parts: the sums, the state that follows, the fields. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from storage.tables import Incident, Request, RequestLine, RequestPart
from workflows.errors import Refusal
from workflows.incidents.record import iso
from workflows.requests import amounts, rules
from workflows.requests.rules import LIVE, MOVES, NOT_SUPPLIED, SUPPLIED, Move, Place, State
from workflows.text import Json, Msg, _


@dataclass
class Whole:
    """All that belongs to one request; `before` are its fields as the ledger knows them."""

    incident: Incident
    request: Request
    lines: list[RequestLine]
    parts: list[RequestPart]
    before: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.request.id is not None:
            self.before = self.fields()

    @property
    def reference(self) -> str:
        """`R1`."""
        return f"R{self.request.number}"

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.request.state)

    def line(self, number: int) -> RequestLine:
        """The line of that number. Raises `Refusal` (`request-line`)."""
        for each in self.lines:
            if each.number == number:
                return each
        raise Refusal(
            "request-line",
            _("{reference} has no line {n}.", reference=self.reference, n=number),
        )

    def part(self, number: int) -> RequestPart:
        """The part of that number. Raises `Refusal` (`request-part`)."""
        for each in self.parts:
            if each.number == number:
                return each
        raise Refusal(
            "request-part",
            _("{reference} has no part {n}.", reference=self.reference, n=number),
        )

    def of(self, line: RequestLine) -> list[RequestPart]:
        """The parts of a line."""
        return [each for each in self.parts if each.line == line.number]

    def wanted(self, line: RequestLine) -> int:
        """How much of a line is wanted at all."""
        return line.quantity - line.dropped

    def open(self, line: RequestLine) -> int:
        """How much of a line nobody has promised, or has not come as promised."""
        promised = sum(
            each.quantity - sum(held(each, place) for place in NOT_SUPPLIED)
            for each in self.of(line)
        )
        return max(0, self.wanted(line) - promised)

    def total(self, place: Place, line: RequestLine | None = None) -> int:
        """How much is at a place; units are not looked at, so that only zero means something
        over several lines."""
        parts = self.parts if line is None else self.of(line)
        return sum(held(each, place) for each in parts)

    def settle(self, now: datetime) -> None:
        """Bring the state to what the quantities say."""
        if self.state not in SUPPLIED:
            return
        if any(self.open(each) for each in self.lines):
            state = State.SOURCING
        elif any(self.total(each) for each in (Place.PROMISED, Place.TRANSIT, Place.ARRIVED)):
            state = State.COMMITTED
        elif any(self.total(each) for each in LIVE):
            state = State.DELIVERED
        elif any(self.total(each) for each in (Place.CONSUMED, Place.RETURNED, Place.LOST)):
            state = State.DONE
        else:
            state = State.CANCELLED
        self.turn(state, now)

    def turn(self, state: State, now: datetime) -> None:
        """It stands there from now on."""
        if state != self.request.state:
            self.request.state, self.request.state_at = state, now

    def fields(self) -> dict[str, Json]:
        """All fields as the ledger keeps them: `line2.dropped`, `part1.transit`."""
        made = _dumped(self.request, "", {"id", "incident_id", "number"})
        for line in self.lines:
            made |= _dumped(line, f"line{line.number}.", {"id", "request_id", "number"})
        for part in self.parts:
            made |= _dumped(part, f"part{part.number}.", {"id", "request_id", "number"})
        return made

    def changes(self) -> dict[str, Json]:
        """The fields that differ from what the ledger knows."""
        missing = object()
        now = self.fields()
        return {name: now[name] for name in now if self.before.get(name, missing) != now[name]}


def _dumped(
    row: Request | RequestLine | RequestPart, prefix: str, without: set[str]
) -> dict[str, Json]:
    return {
        f"{prefix}{name}": iso(value) if isinstance(value, datetime) else value
        for name, value in row.model_dump(exclude=without).items()
    }


def held(part: RequestPart, place: Place) -> int:
    """How much of a part is at a place."""
    amount: int = getattr(part, place.value)
    return amount


def available(part: RequestPart, move: Move) -> int:
    """How much of a part can take that step."""
    return sum(held(part, place) for place in MOVES[move][0])


def shift(part: RequestPart, move: Move, quantity: int) -> dict[Place, int]:
    """Move that much of a part; from which places how much. None of it is made or lost.

    Raises `Refusal` (`request-amount`) if there is not that much.
    """
    sources, target = MOVES[move]
    if quantity > available(part, move):
        raise Refusal("request-amount", short(part, move, quantity))
    taken: dict[Place, int] = {}
    left = quantity
    for place in sources:
        some = min(left, held(part, place))
        if some:
            setattr(part, place.value, held(part, place) - some)
            taken[place] = some
            left -= some
    setattr(part, target.value, held(part, target) + quantity)
    return taken


def short(part: RequestPart, move: Move, quantity: int) -> Msg:
    """Why that much of a part cannot take that step: where all of it is."""
    return _(
        "Of part {n} by {supplier} {amount} cannot be noted so: {places}.",
        n=part.number,
        supplier=part.supplier,
        amount=amounts.number(quantity),
        places=where((part,)),
    )


def nothing_open(whole: Whole, lines: Iterable[RequestLine]) -> Refusal:
    """Nobody need promise anything of these lines any more; and where all of it is, if anywhere."""
    places = where(part for line in lines for part in whole.of(line))
    if not places:
        text = _("Nothing of {reference} is open any more.", reference=whole.reference)
    else:
        text = _(
            "Nothing of {reference} is open any more: {places}.",
            reference=whole.reference,
            places=places,
        )
    return Refusal("request-amount", text)


def several_lines(whole: Whole, lines: Iterable[RequestLine]) -> Refusal:
    """One of these lines has to be named; by what, and how much of each is open."""
    shown = tuple(
        _(
            "line={n}: {amount}",
            n=each.number,
            amount=amounts.shown(whole.open(each), each.unit, each.kind),
        )
        for each in lines
    )
    return Refusal(
        "request-which",
        _(
            "{reference} has several lines. Which one? {lines}",
            reference=whole.reference,
            lines=shown,
        ),
    )


def where(parts: Iterable[RequestPart]) -> tuple[Msg, ...]:
    """How much is where, in words, of things with one unit."""
    known = list(parts)
    return tuple(
        _(
            "{amount} {place}",
            amount=amounts.number(sum(held(each, place) for each in known)),
            place=rules.PLACES[place],
        )
        for place in Place
        if any(held(each, place) for each in known)
    )
