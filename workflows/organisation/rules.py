"""What may be set up, how it is labelled, and when somebody leads too many or too few. Pure.

Span of control: one to five is right, three to seven is bearable (NIMS 2017, ICS management
characteristics).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from workflows.errors import Refusal
from workflows.incidents.rules import one_line
from workflows.organisation.chart import Node, Seat
from workflows.organisation.positions import COMMANDER, ROLES, Section
from workflows.text import Msg, _

OFFER_LIFE = timedelta(minutes=30)
"""How long an offered role waits for its answer."""

IDEAL, FEWEST, MOST = 5, 3, 7
LONGEST_LABEL = 20
MOST_SEATS = 200
"""Of one incident; a picture of more than sixty can no longer be read on a phone."""

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def label(role: str, typed: str | None) -> str:
    """A label on one line, empty for none. Raises `Refusal` (`org-label`)."""
    shown = "" if typed is None else one_line(typed)
    if not shown:
        return ""
    if not ROLES[role].many:
        raise Refusal(
            "org-label",
            _("There is only one {title}; it takes no label.", title=ROLES[role].title),
        )
    if len(shown) > LONGEST_LABEL or not any(sign.isalnum() for sign in shown):
        raise Refusal(
            "org-label",
            _(
                "A label is a letter, a number or a short name of at most {limit} characters, such "
                "as label=A.",
                limit=LONGEST_LABEL,
            ),
        )
    return shown.upper() if len(shown) == 1 else shown


def next_label(role: str, taken: Collection[str]) -> str:
    """The next free label: I, II, III for branches, A, B, C for divisions, else 1, 2, 3."""
    names = _ROMAN if role == "branch" else tuple("ABCDEFGHJKLMN") if role == "division" else ()
    free = (each for each in (*names, *map(str, range(1, MOST_SEATS))) if each not in taken)
    return next(free)


def seat(role: str, typed: str | None, known: Sequence[Seat]) -> Seat:
    """The seat that is meant by a role with or without a label, of those there are.

    Without a label the only one there is; a new one if there is none. Raises `Refusal`
    (`org-which`, `org-label`).
    """
    named = label(role, typed)
    if named or not ROLES[role].many:
        same = [each for each in known if each.role == role and _alike(each.label, named)]
        return same[0] if same else Seat(role, named)
    there = [each for each in known if each.role == role]
    if len(there) == 1:
        return there[0]
    if not there:
        return Seat(role, next_label(role, ()))
    raise Refusal(
        "org-which",
        _(
            "There are several: {seats}. Say which, as in label={example}.",
            seats=tuple(each.title for each in there),
            example=there[0].label,
        ),
    )


def _alike(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def new_seat(role: str, typed: str | None, known: Sequence[Seat]) -> Seat:
    """The seat that is to be set up. Raises `Refusal` (`org-there`, `org-label`, `org-many`)."""
    if len(known) >= MOST_SEATS:
        raise Refusal(
            "org-many", _("The organisation has {n} positions already; that is the most.",
                          n=MOST_SEATS)
        )  # fmt: skip
    named = label(role, typed)
    taken = {each.label for each in known if each.role == role}
    if not named and ROLES[role].many:
        named = next_label(role, taken)
    if any(_alike(each, named) for each in taken) or role == COMMANDER:
        raise Refusal("org-there", _("{title} is there already.", title=Seat(role, named).title))
    return Seat(role, named)


@dataclass(frozen=True, slots=True)
class Split:
    """Seats that would go under a new one."""

    head: Seat
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody leads too many or too few; with too many, how they could be shared out."""

    seat: Seat
    n: int
    splits: tuple[Split, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether it is too many."""
        return self.n > MOST

    @property
    def text(self) -> Msg:
        """What is wrong."""
        if self.wide:
            return _(
                "{title} leads {n}; one person can lead {most} at most, {ideal} well.",
                title=self.seat.title,
                n=self.n,
                most=MOST,
                ideal=IDEAL,
            )
        return _(
            "{title} leads only {n}; with fewer than {fewest} it can be led from above.",
            title=self.seat.title,
            n=self.n,
            fewest=FEWEST,
        )


def spans(root: Node) -> tuple[Span, ...]:
    """Where the span of control is left, from the top.

    Too few is said only of branches and of those who lead divisions or groups: a section that has
    just been set up begins with one unit.
    """
    known = [node.seat for _depth, node in root.walk()]
    found: list[Span] = []
    for _depth, node in root.walk():
        # Command Staff advise the commander; they are not led by him as sections are.
        n = sum(each.seat.kind.section is not Section.COMMAND for each in node.below)
        if n > MOST:
            found.append(Span(node.seat, n, _splits(node, known)))
        elif 0 < n < FEWEST and node.seat.role == "branch":
            found.append(Span(node.seat, n))
    return tuple(found)


def _splits(node: Node, known: Sequence[Seat]) -> tuple[Split, ...]:
    """Logistics has branches of its own; all else is shared out evenly under new branches."""
    loose = [each.seat for each in node.below]
    there = set(known)
    if node.seat.role == "logistics":
        made = []
        for head in (Seat("support-branch"), Seat("service-branch")):
            mine = tuple(each for each in loose if each.kind.above == head.role)
            if head not in there and mine:
                made.append(Split(head, mine))
        return tuple(made)
    if node.seat.role == COMMANDER:
        made = []
        for section in (Section.OPERATIONS, Section.PLANNING, Section.LOGISTICS, Section.FINANCE):
            head = Seat(str(section))
            mine = tuple(each for each in loose if each.kind.section is section and each != head)
            if head not in there and mine:
                made.append(Split(head, mine))
        return tuple(made)
    work = [each for each in loose if each.role in ("division", "group", "task-force",
                                                    "strike-team", "staging")]  # fmt: skip
    if node.seat.role not in ("operations", "branch") or len(work) <= IDEAL:
        return ()
    heads = ceil(len(work) / IDEAL)
    taken = {each.label for each in known if each.role == "branch"}
    made = []
    for number in range(heads):
        head = Seat("branch", next_label("branch", taken))
        taken.add(head.label)
        share = work[number * len(work) // heads : (number + 1) * len(work) // heads]
        made.append(Split(head, tuple(share)))
    return tuple(made)
