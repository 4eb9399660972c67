"""Which requests may be one and the same, and how much is looked at to find that out."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

import pytest

from storage.tables import Request, RequestLine
from workflows.requests.alike import MOST_COMPARED, MOST_TWINS, folded, matching, same


def asked(number: int) -> Request:
    """A request of that number."""
    return Request(number=number, incident_id=1, state="need", section="operations", by_id=1)


def line(kind: str) -> RequestLine:
    """A line for that."""
    return RequestLine(request_id=0, number=1, kind=kind, quantity=1000)


def numbers(mine: Request, kinds: tuple[str, ...], of: Mapping[int, tuple[str, ...]]) -> list[int]:
    """The numbers of those that may be the same as `mine`."""
    lines = {number: [line(each) for each in names] for number, names in of.items()}
    others = [asked(number) for number in of]
    found = matching(mine, [line(each) for each in kinds], others, lines)
    return [each.number for each in found]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Repair Truck", "repairtruck", True),
        ("抢修车", "大型抢修车", True),
        ("repair truck", "repair trucks", True),
        ("repair truck", "water pump", False),
        ("泵", "水泵", False),
        ("抢修车", "消防车", False),
    ],
)
def test_names_are_the_same_if_nearly_equal_or_one_within_the_other(
    one: str, other: str, alike: bool
) -> None:
    assert same(folded(one), folded(other)) is alike
    assert same(folded(other), folded(one)) is alike


def test_any_line_that_is_alike_makes_two_alike() -> None:
    of = {1: ("沙袋", "抢修车"), 2: ("水泵",), 3: ("大型抢修车",)}
    assert numbers(asked(9), ("抢修车", "救生衣"), of) == [1, 3]


def test_of_many_that_are_alike_the_newest_are_found() -> None:
    of = dict.fromkeys(range(1, 401), ("抢修车",))
    found = numbers(asked(500), ("抢修车",), of)
    assert found == list(range(401 - MOST_TWINS, 401))


def test_only_the_newest_are_compared() -> None:
    of = {1: ("抢修车",), **dict.fromkeys(range(2, MOST_COMPARED + 2), ("水泵",))}
    assert numbers(asked(500), ("抢修车",), of) == []
    del of[2]
    assert numbers(asked(500), ("抢修车",), of) == [1]


def test_many_long_requests_hold_nobody_up() -> None:
    chance = random.Random(7)
    names = ["".join(chance.choices("abcdefghij", k=40)) for _each in range(400 * 30)]
    of = {n: tuple(names[n * 30 : n * 30 + 30]) for n in range(1, 399)}
    lines = {number: [line(each) for each in kinds] for number, kinds in of.items()}
    others = [asked(number) for number in of]
    mine = [line(each) for each in names[:30]]
    matching(asked(500), mine, others[:1], lines)
    began = time.process_time()
    matching(asked(500), mine, others, lines)
    assert time.process_time() - began < 1
