"""The organisation without a store: positions, tree, span of control, assessment."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from handlers.cards.organisation import ROLE_CHOICES
from workflows.errors import Refusal
from workflows.organisation import rules
from workflows.organisation.approval import digest
from workflows.organisation.assessment import (
    Answers,
    Proposal,
    level_of,
    propose,
    read_rules,
    seats_of,
)
from workflows.organisation.chart import TOP, Holder, Opened, Seat, responsible, tree
from workflows.organisation.positions import (
    CHIEFS,
    COMMANDER,
    RANK_MAY,
    RANK_MUST,
    ROLES,
    Layer,
    Rank,
    may,
    must,
    within,
)
from workflows.shelf import NotUsable, Shelf

RULES = read_rules(Shelf())
LI = Holder(TOP, "Li", "Fire")


def test_every_position_stands_under_the_commander_and_says_what_it_may_and_must_do() -> None:
    assert len(ROLES) >= 38
    for role in ROLES.values():
        assert role.code == COMMANDER or within(role.code, COMMANDER)
        assert may(role)
        assert len(must(role)) >= 2
    assert set(RANK_MAY) == set(RANK_MUST) == set(Rank)
    assert {role.layer for role in ROLES.values()} == set(Layer)
    assert frozenset({"operations", "planning", "logistics", "finance"}) == CHIEFS


def test_no_two_positions_are_called_the_same() -> None:
    names = [name.casefold() for choice in ROLE_CHOICES for name in choice.names]
    assert len(names) == len(set(names))


def test_a_function_that_nobody_holds_stays_with_the_position_above() -> None:
    chief = Holder(Seat("operations"), "Han")
    root = tree([Opened(1, Seat("branch", "I")), Opened(2, Seat("division", "A"), 1)], [LI, chief])
    found = responsible(root, Seat("division", "A"))
    assert found is not None
    assert found.seat == Seat("operations")
    alone = tree([], [LI])
    for code in ROLES:
        head = responsible(alone, Seat(code))
        assert head is not None
        assert head.seat == TOP
    assert responsible(tree([], []), Seat("food")) is None


def test_a_part_hangs_under_the_nearest_part_above_that_there_is() -> None:
    root = tree([Opened(1, Seat("food")), Opened(2, Seat("logistics"))], [LI])
    assert [node.seat.role for node in root.path(Seat("food"))] == [
        "commander",
        "logistics",
        "food",
    ]
    grown = tree(
        [Opened(1, Seat("food")), Opened(2, Seat("logistics")), Opened(3, Seat("service-branch"))],
        [LI],
    )
    assert [node.seat.role for node in grown.path(Seat("food"))][-2] == "service-branch"


def divisions(n: int, head: str = "operations") -> list[Opened]:
    """That many divisions under the Operations Section Chief."""
    return [
        Opened(0, Seat(head)),
        *(Opened(at + 1, Seat("division", str(at))) for at in range(n)),
    ]


@pytest.mark.parametrize(("n", "wide"), [(1, False), (5, False), (7, False), (8, True), (15, True)])
def test_more_than_seven_under_one_are_warned_of(n: int, wide: bool) -> None:
    spans = rules.spans(tree(divisions(n), [LI]))
    assert any(span.wide for span in spans) is wide


def test_a_branch_that_leads_fewer_than_three_can_be_taken_back() -> None:
    opened = [
        Opened(1, Seat("operations")),
        Opened(2, Seat("branch", "I")),
        Opened(3, Seat("division", "A"), 2),
    ]
    (span,) = rules.spans(tree(opened, [LI]))
    assert not span.wide
    assert span.seat == Seat("branch", "I")


def test_command_staff_are_not_counted_as_led() -> None:
    officers = [Opened(at, Seat(code)) for at, code in enumerate(("pio", "safety", "liaison"))]
    chiefs = [Opened(at + 9, Seat(code)) for at, code in enumerate(sorted(CHIEFS))]
    experts = [Opened(at + 20, Seat(code)) for at, code in enumerate(("experts", "community"))]
    assert not rules.spans(tree([*officers, *chiefs, *experts], [LI]))


@given(st.integers(8, 40))
def test_what_is_proposed_leads_nobody_too_many_and_loses_nobody(n: int) -> None:
    (span,) = rules.spans(tree(divisions(n), [LI]))
    shared = [seat for split in span.splits for seat in split.seats]
    assert sorted(shared, key=lambda seat: seat.label) == sorted(
        (Seat("division", str(at)) for at in range(n)), key=lambda seat: seat.label
    )
    assert all(1 <= len(split.seats) <= rules.IDEAL for split in span.splits)
    heads = [split.head for split in span.splits]
    assert len(set(heads)) == len(heads)


def test_logistics_is_shared_out_into_its_own_two_branches() -> None:
    units = ("supply", "facilities", "ground-support", "communications", "medical", "food")
    more = [Opened(20 + at, Seat("specialist", str(at)), 1) for at in range(2)]
    opened = [Opened(1, Seat("logistics")), *(Opened(2 + n, Seat(u)) for n, u in enumerate(units))]
    (span,) = rules.spans(tree([*opened, *more], [LI]))
    assert [split.head.role for split in span.splits] == ["support-branch", "service-branch"]


@pytest.mark.parametrize(
    ("role", "typed", "known", "expected"),
    [
        ("safety", None, [], Seat("safety")),
        ("division", None, [], Seat("division", "A")),
        ("division", "b", [], Seat("division", "B")),
        ("branch", None, [], Seat("branch", "I")),
        ("division", None, [Seat("division", "Nord")], Seat("division", "Nord")),
        ("division", "nord", [Seat("division", "Nord")], Seat("division", "Nord")),
    ],
)
def test_a_role_and_a_label_mean_a_seat(
    role: str, typed: str | None, known: list[Seat], expected: Seat
) -> None:
    assert rules.seat(role, typed, known) == expected


@pytest.mark.parametrize(
    ("role", "typed", "known", "code"),
    [
        ("safety", "A", [], "org-label"),
        ("division", "🔥", [], "org-label"),
        ("division", "x" * 21, [], "org-label"),
        ("division", None, [Seat("division", "A"), Seat("division", "B")], "org-which"),
    ],
)
def test_what_means_no_seat_is_refused(
    role: str, typed: str | None, known: list[Seat], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        rules.seat(role, typed, known)
    assert refused.value.code == code


def test_labels_go_on_where_they_were_left() -> None:
    known = [Seat("branch", "I"), Seat("branch", "II"), Seat("division", "A")]
    assert rules.new_seat("branch", None, known) == Seat("branch", "III")
    assert rules.new_seat("division", None, known) == Seat("division", "B")
    with pytest.raises(Refusal):
        rules.new_seat("branch", "ii", known)


@pytest.mark.parametrize(
    ("said", "event", "response"),
    [
        (Answers(type="fire"), "IV", None),
        (Answers(type="fire", dead=2), "IV", None),
        (Answers(type="fire", dead=3), "III", None),
        (Answers(type="fire", dead=1, missing=2), "III", None),
        (Answers(type="fire", dead=10), "II", None),
        (Answers(type="fire", injured=50), "II", None),
        (Answers(type="fire", dead=29, injured=100), "I", None),
        (Answers(type="fire", trapped=3), "III", None),
        (Answers(type="fire", evacuated=10_000), "III", None),
        (Answers(type="spill", evacuated=10_000), "II", None),
        (Answers(type="flood", dead=19), None, None),
        (Answers(type="flood", dead=20), None, "IV"),
        (Answers(type="earthquake", dead=150, missing=60), None, "I"),
        (Answers(), "IV", None),
    ],
)
def test_the_level_that_is_proposed_is_the_gravest_that_is_reached(
    said: Answers, event: str | None, response: str | None
) -> None:
    proposal = propose(said, RULES).to_json()
    assert level_of(proposal, "event") == event
    assert level_of(proposal, "response") == response


def test_the_organisation_grows_with_what_was_said() -> None:
    def seats(said: Answers) -> set[str]:
        return {seat.role for seat in seats_of(propose(said, RULES).to_json())}

    small = Answers(type="traffic")
    assert seats(small) == set()
    assert "operations" in seats(replace(small, trapped=1))
    assert {"liaison", "planning"} <= seats(replace(small, complexity=("agencies",)))
    assert "safety" in seats(replace(small, hazards="gas"))
    assert {"finance", "information-center"} <= seats(replace(small, dead=12))
    assert seats(replace(small, dead=12)) >= seats(replace(small, dead=3))


def test_what_was_not_answered_is_named_and_blocks_nothing() -> None:
    proposal: Proposal = propose(Answers(type="fire", dead=0), RULES)
    assert "dead" not in proposal.unknown
    assert {"missing", "extent", "hazards"} <= set(proposal.unknown)


def test_answers_are_read_as_they_were_stored() -> None:
    said = Answers(type="spill", dead=0, complexity=("hazmat", "long"), weather="北风")
    assert Answers.from_json(said.to_json()) == said


def test_another_text_has_another_digest_and_the_order_of_keys_does_not_count() -> None:
    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})
    assert digest({"a": "1"}) != digest({"a": "1 "})


def test_an_operators_own_thresholds_and_packs_take_the_place_of_ours(tmp_path: Path) -> None:
    ours = resources.files("workflows.organisation").joinpath("assessment.toml").read_text("utf-8")
    assert 'types = ["", "epidemic", "other"]' in ours
    own = ours.replace('types = ["", "epidemic", "other"]', 'types = ["fire"]')
    (tmp_path / "assessment.toml").write_text(own.replace("least = 3,", "least = 2,"), "utf-8")
    said = Answers(type="fire", dead=2)
    proposal = propose(said, read_rules(Shelf(tmp_path)))
    assert level_of(proposal.to_json(), "event") == "III"
    assert {each.what for each in proposal.packs} == {"work-safety", "local"}
    assert {each.what for each in propose(said, RULES).packs} == {"work-safety"}


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('is = "IV"', 'is = "V"', "V"),
        ('of = "response"', 'of = "mood"', "mood"),
        ('"trapped"', '"bored"', "bored"),
    ],
)
def test_rules_that_cannot_be_used_say_what_is_wrong(
    tmp_path: Path, right: str, wrong: str, named: str
) -> None:
    ours = resources.files("workflows.organisation").joinpath("assessment.toml").read_text("utf-8")
    (tmp_path / "assessment.toml").write_text(ours.replace(right, wrong), "utf-8")
    with pytest.raises(NotUsable, match=named):
        read_rules(Shelf(tmp_path))
