"""The organisation as a tree: who stands under whom, who answers for what nobody holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from workflows.organisation.positions import COMMANDER, ROLES, Role, Section
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Seat:
    """A position of an incident's organisation; the label tells several of one role apart."""

    role: str
    label: str = ""

    @property
    def kind(self) -> Role:
        """The position that it is one of."""
        return ROLES[self.role]

    @property
    def title(self) -> Msg:
        """What it is called, with its label."""
        if not self.label:
            return self.kind.title
        return _("{title} {label}", title=self.kind.title, label=self.label)


TOP = Seat(COMMANDER)


@dataclass(frozen=True, slots=True)
class Opened:
    """A part that was set up; `under` is what it was put below, None for the usual place."""

    id: int
    seat: Seat
    under: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in a seat."""

    seat: Seat
    name: str
    agency: str = ""
    deputy: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A seat with who is in it and what stands below."""

    seat: Seat
    holders: tuple[Holder, ...] = ()
    deputies: tuple[Holder, ...] = ()
    below: tuple[Node, ...] = ()

    @property
    def staffed(self) -> bool:
        """Whether somebody holds it."""
        return bool(self.holders)

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Node]]:
        """This and all below, each with its depth, from the top."""
        yield depth, self
        for each in self.below:
            yield from each.walk(depth + 1)

    def path(self, seat: Seat) -> tuple[Node, ...]:
        """From this down to that seat; empty if it is not below."""
        if self.seat == seat:
            return (self,)
        for each in self.below:
            if found := each.path(seat):
                return (self, *found)
        return ()


def tree(opened: Iterable[Opened], held: Sequence[Holder]) -> Node:
    """The organisation, from the commander down.

    A part hangs where it was put; else under the nearest part above it that there is. Somebody in
    a seat that was never set up makes it be there all the same.
    """
    parts = {each.seat: each for each in opened}
    by_id = {each.id: each for each in parts.values()}
    seats = dict.fromkeys([TOP, *parts, *(each.seat for each in held)])
    unlabelled = {seat.role: seat for seat in seats if not seat.label}

    def parent(seat: Seat) -> Seat:
        part = parts.get(seat)
        if part is not None and part.under is not None and part.under in by_id:
            return by_id[part.under].seat
        above = seat.kind.above
        while above is not None and above not in unlabelled:
            above = ROLES[above].above
        return unlabelled[above or COMMANDER]

    children: dict[Seat, list[Seat]] = {}
    for seat in seats:
        if seat != TOP:
            children.setdefault(parent(seat), []).append(seat)

    def grown(seat: Seat) -> Node:
        mine = [each for each in held if each.seat == seat]
        return Node(
            seat,
            tuple(each for each in mine if not each.deputy),
            tuple(each for each in mine if each.deputy),
            tuple(grown(each) for each in sorted(children.get(seat, ()), key=_place)),
        )

    return grown(TOP)


def responsible(root: Node, seat: Seat) -> Node | None:
    """Who answers for a seat: itself if somebody holds it, else the nearest above that is held.

    A seat that was not set up is answered for from where it would stand. None if nobody commands.
    """
    place: Seat | None = seat
    while place is not None:
        if path := root.path(place):
            return next((each for each in reversed(path) if each.staffed), None)
        above = ROLES[place.role].above
        place = None if above is None else Seat(above)
    return None


ORDER = {code: number for number, code in enumerate(ROLES)}


def _place(seat: Seat) -> tuple[int, int, str]:
    return ORDER[seat.role], len(seat.label), seat.label


def sections(root: Node) -> Mapping[Section, tuple[Node, ...]]:
    """The parts directly under command, by section, in the order in which they are shown."""
    found: dict[Section, list[Node]] = {}
    for each in root.below:
        found.setdefault(each.seat.kind.section, []).append(each)
    return {section: tuple(found[section]) for section in Section if section in found}


def pruned(root: Node) -> Node:
    """The commander's own node with command staff alone."""
    staff = tuple(each for each in root.below if each.seat.kind.section is Section.COMMAND)
    return replace(root, below=staff)
