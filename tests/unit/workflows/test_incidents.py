"""What an incident can be and become, and who may do what in it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from workflows.authority import Standing, Where, allowed, require
from workflows.errors import Refusal
from workflows.incidents import rules
from workflows.incidents.rules import TRANSITIONS, Event, State


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_what_the_table_does_not_name_is_refused(state: State, event: Event) -> None:
    following = TRANSITIONS[state].get(event)
    if following is not None:
        assert rules.after(state, event) is following
        return
    with pytest.raises(Refusal) as refused:
        rules.after(state, event)
    assert refused.value.code == "incident-state"


def test_every_state_but_merged_leads_to_closed_and_from_there_on() -> None:
    for state in set(State) - {State.MERGED, State.CLOSED}:
        assert TRANSITIONS[state][Event.CLOSE] is State.CLOSED
    assert TRANSITIONS[State.CLOSED] == {Event.REOPEN: State.ACTIVE}
    assert not TRANSITIONS[State.MERGED]


@pytest.mark.parametrize("typed", ["", "  ", "🔥🔥", "!!!", "\u200b", "x" * 121, "\u202e"])
def test_a_title_without_words_or_with_too_many_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.title(typed)
    assert refused.value.code == "incident-title"


@given(st.text())
def test_a_title_is_one_line_of_signs_that_are_seen(typed: str) -> None:
    try:
        title = rules.title(typed)
    except Refusal:
        return
    assert title == " ".join(title.split())
    assert 0 < len(title) <= rules.LONGEST_TITLE
    assert rules.title(title) == title


NOBODY = Standing(where=Where.INCIDENT)
MEMBER = Standing(agencies=frozenset({"Fire"}), where=Where.INCIDENT)
STAFF = Standing(roles=frozenset({"safety"}), where=Where.INCIDENT)
DEPUTY = Standing(
    roles=frozenset({"commander"}), deputy_of=frozenset({"commander"}), where=Where.PRIVATE
)
AWAY = Standing(agencies=frozenset({"Fire"}), roles=frozenset({"commander"}), where=Where.ELSEWHERE)
ADMIN = Standing(admin=True, where=Where.INCIDENT)


@pytest.mark.parametrize(
    ("code", "may"),
    [
        ("member", [False, True, False, False, True, True]),
        ("reader", [True, True, True, True, True, True]),
        ("incident-member", [False, True, True, True, False, True]),
        ("reporter", [True, True, True, True, False, True]),
        ("strike", [False, False, True, True, False, True]),
        ("staff", [False, False, True, True, False, True]),
        ("command", [False, False, False, True, False, True]),
        ("command-anywhere", [False, False, False, True, True, True]),
        ("liaison", [False, False, False, False, False, True]),
    ],
)
def test_who_may_do_what_in_an_incident(code: str, may: list[bool]) -> None:
    everybody = [NOBODY, MEMBER, STAFF, DEPUTY, AWAY, ADMIN]
    assert [allowed(code, who) for who in everybody] == may


def test_who_is_refused_learns_whom_to_ask_or_where_to_do_it() -> None:
    with pytest.raises(Refusal) as refused:
        require("command", Standing(commanders=("Li", "Han"), where=Where.INCIDENT))
    assert refused.value.params["names"] == ("Li", "Han")
    with pytest.raises(Refusal) as away:
        require("command", AWAY)
    assert "room" in away.value.text.id
