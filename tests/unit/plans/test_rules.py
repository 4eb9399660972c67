"""The arithmetic of ICS 215, what a version can become, serials that a slip does not pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storage.tables import RequestLine
from tests.unit.printed.sample import asked, facts
from workflows.continuity import serials
from workflows.errors import Refusal
from workflows.plans import drafting, rules
from workflows.plans.facts import Asked
from workflows.plans.forms.work import totals
from workflows.plans.rules import Event, State

LINES = st.lists(
    st.tuples(
        st.sampled_from(["泵", "foam", "boom"]),
        st.sampled_from(["", "t", "m"]),
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.integers(0, 10**9),
    ),
    max_size=20,
)


@given(LINES)
def test_the_totals_are_what_the_open_requests_still_wait_for(
    told: list[tuple[str, str, int, int, int]],
) -> None:
    lines = [
        Asked(
            asked(1, kind, 1, 0).request,
            RequestLine(
                id=at,
                request_id=1,
                number=at,
                kind=kind,
                unit=unit,
                quantity=wanted,
                dropped=dropped,
            ),
            have,
            None,
            "",
        )
        for at, (kind, unit, wanted, dropped, have) in enumerate(told)
    ]
    found = totals(lines)
    assert len({(each.kind, each.unit) for each in found}) == len(found)
    for each in found:
        mine = [one for one in lines if (one.line.kind, one.line.unit) == (each.kind, each.unit)]
        assert each.need == sum(max(0, one.required - one.have) for one in mine)
        assert each.required == sum(one.required for one in mine)
        assert each.required - each.have == each.need
        assert each.need >= 0


def test_more_than_is_required_of_one_request_does_not_hide_what_another_lacks() -> None:
    (total,) = totals([asked(1, "泵", 2, 9), asked(2, "泵", 5, 1)])
    assert total.need == 4000
    assert total.have == 3000


@pytest.mark.parametrize("state", list(State))
def test_what_was_signed_is_never_changed(state: State) -> None:
    if state in rules.CHANGING:
        assert rules.after(state, Event.CHANGE, 1) is State.DRAFT
    else:
        with pytest.raises(Refusal):
            rules.after(state, Event.CHANGE, 1)


@pytest.mark.parametrize("state", [each for each in State if each is not State.APPROVED])
def test_only_what_is_approved_is_published(state: State) -> None:
    with pytest.raises(Refusal):
        rules.after(state, Event.PUBLISH, 1)


@given(st.text(max_size=200))
def test_words_of_a_section_are_kept_or_refused(typed: str) -> None:
    try:
        kept = rules.words(typed)
    except Refusal:
        return
    assert rules.words(kept) == kept


def test_the_digest_is_of_all_that_is_printed() -> None:
    of = facts()
    same = drafting.digest(drafting.snapshot(of, 1), "I3-V1")
    assert drafting.digest(drafting.snapshot(facts(), 1), "I3-V1") == same
    changed = replace(of, words={"weather": "暴雨"})
    assert drafting.digest(drafting.snapshot(changed, 1), "I3-V1") != same
    assert drafting.digest(drafting.snapshot(of, 2), "I3-V2") != same


def test_gaps_are_named_and_go_when_they_are_filled() -> None:
    def named(**more: Any) -> set[str]:
        return {each.id for each in drafting.gaps(facts(**more))}

    medical = "The medical plan (206) has no procedures: /plan edit medical TEXT"
    assert medical in named()
    assert medical not in named(words={"medical": "救护车在东门"})
    assert "Nobody is Safety Officer." in {each.id for each in drafting.gaps(facts().blank())}
    assert "Nobody is Safety Officer." not in named()
    assert "Hazard {reference} has no mitigation." in named()
    assert "No operational period is set: /period start" in named(period=None)


CODES = st.sampled_from(["201", "205A", "211", "213", "213RR", "214", "215A", "221"])


@given(st.integers(1, 10**6), CODES, st.integers(1, 99_999))
def test_a_serial_is_read_as_it_was_given(incident: int, code: str, number: int) -> None:
    made = serials.serial(incident, code, number)
    assert serials.read(made) == (made, incident)
    assert serials.read(f" {made.lower()} ") == (made, incident)


@given(st.integers(1, 999), CODES, st.integers(1, 999), st.data())
def test_one_wrong_digit_or_two_that_changed_places_are_found(
    incident: int, code: str, number: int, pick: st.DataObject
) -> None:
    made = serials.serial(incident, code, number)
    start = made.rindex("-") + 1
    at = pick.draw(st.integers(start, len(made) - 2))
    digit = pick.draw(st.sampled_from([each for each in "0123456789" if each != made[at]]))
    with pytest.raises(Refusal):
        serials.read(made[:at] + digit + made[at + 1 :])
    if at + 1 < len(made) - 1 and made[at] != made[at + 1]:
        with pytest.raises(Refusal):
            serials.read(made[:at] + made[at + 1] + made[at] + made[at + 2 :])


@pytest.mark.parametrize("typed", ["", "I3", "X3-213-001A", "I3-999-001A", "I3-213-1A", "💥" * 50])
def test_what_is_no_serial_is_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        serials.read(typed)
