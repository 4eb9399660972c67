"""What an objective lacks, what comes first, and what can happen to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from workflows.errors import Refusal
from workflows.objectives import rules
from workflows.objectives.rules import TRANSITIONS, Event, Lack, State

NOW = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)


@dataclass
class Told:
    """What the order of objectives depends on."""

    priority: str | None = None
    tier: str | None = None
    due: datetime | None = None
    number: int = 1


@dataclass(frozen=True)
class Full:
    """An objective that lacks nothing, unless it is told otherwise."""

    text: str = "Stop the leak at valve 3"
    measure: str | None = "flow"
    target: str | None = "0"
    achievable: bool | None = True
    tier: str | None = "rescue"
    priority: str | None = "life"
    due: datetime | None = NOW

    def lacks(self) -> set[str]:
        """What it lacks."""
        found = rules.lacks(
            self.text,
            measure=self.measure,
            target=self.target,
            achievable=self.achievable,
            tier=self.tier,
            priority=self.priority,
            due=self.due,
        )
        return set(map(str, found))


@pytest.mark.parametrize(
    ("told", "lacks"),
    [
        (Full(), set()),
        (Full(text="Rescue"), {"specific"}),
        (Full(text="救人"), {"specific"}),
        (Full(text="堵住泄漏"), set()),
        (Full(measure=None), {"measure"}),
        (Full(measure=None, target=None), {"measure"}),
        (Full(target=None), {"target"}),
        (Full(target=None, measure="no flow"), set()),
        (Full(target=None, measure="无流量"), set()),
        (Full(target=None, measure="人员清零"), set()),
        (Full(target=None, measure="八成居民已撤"), set()),
        (Full(achievable=None), {"achievable"}),
        (Full(achievable=False), {"achievable"}),
        (Full(tier=None), set()),
        (Full(priority=None), set()),
        (Full(tier=None, priority=None), {"relevant"}),
        (Full(due=None), {"time"}),
    ],
)
def test_what_an_objective_lacks_is_named(told: Full, lacks: set[str]) -> None:
    assert told.lacks() == lacks


def test_of_nothing_told_every_letter_is_lacking() -> None:
    found = rules.lacks(
        "救人", measure=None, target=None, achievable=None, tier=None, priority=None, due=None
    )
    assert set(found) == set(Lack) - {Lack.TARGET}
    assert set(rules.LACKS) == set(Lack)


def test_life_goes_before_the_environment_before_property_before_what_nobody_ranked() -> None:
    told = [
        Told(None, "rescue", NOW, 1),
        Told("property", "rescue", NOW, 2),
        Told("environment", None, NOW, 3),
        Told("life", "reconstruction", None, 4),
        Told("life", "rescue", NOW + timedelta(hours=1), 5),
        Told("life", "rescue", NOW, 6),
        Told("life", "rescue", None, 7),
    ]
    assert [each.number for each in rules.ranked(told)] == [6, 5, 7, 4, 3, 2, 1]


@given(st.permutations([Told(p, t, None, n) for n, (p, t) in enumerate(
    [(p, t) for p in (*rules.PRIORITIES, None) for t in (*rules.TIERS, None)])]))  # fmt: skip
def test_the_order_is_the_same_however_they_come(told: list[Told]) -> None:
    ranked = [each.priority for each in rules.ranked(told)]
    places = [(*rules.PRIORITIES, None).index(each) for each in ranked]
    assert places == sorted(places)
    assert rules.ranked(told) == rules.ranked(reversed(told))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_what_the_table_does_not_name_is_refused(state: State, event: Event) -> None:
    following = TRANSITIONS[state].get(event)
    if following is not None:
        assert rules.after(state, event, "O2") is following
        return
    with pytest.raises(Refusal) as refused:
        rules.after(state, event, "O2")
    assert refused.value.code == "objective-state"


@pytest.mark.parametrize("typed", ["", " ", "🔥🔥", "!!!", "x" * 301])
def test_words_are_needed_and_not_too_many(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.text(typed)
    assert refused.value.code == "objective-text"
