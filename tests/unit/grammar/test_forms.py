"""A form asks for one thing at a time and can be left, gone back in, stored and resumed."""

from __future__ import annotations

from typing import TypeVar

import pytest

from handlers.grammar.form import Ask, Cancelled, Complete, Form, answer, begin, is_step, resume
from handlers.grammar.outcome import Invocation
from handlers.grammar.read import read
from handlers.registry import Command
from handlers.values import Named, Person
from tests.unit.grammar.sample import REGISTRY, SITUATION, Desk, told

T = TypeVar("T")


def _open(line: str) -> Ask:
    outcome = read(line, REGISTRY, SITUATION)
    assert isinstance(outcome, Invocation)
    return _is(begin(outcome), Ask)


def _is(step: object, kind: type[T]) -> T:
    assert isinstance(step, kind)
    return step


def _command(ask: Ask) -> Command[Desk]:
    return REGISTRY.command(ask.form.command)


def _say(ask: Ask, text: str) -> Ask | Complete[Desk] | Cancelled:
    """Answer, with the form stored and read back on the way, as after a restart."""
    form = Form.from_json(ask.form.to_json())
    assert form == ask.form
    return answer(form, _command(ask), text, SITUATION)


def _done(step: object) -> str:
    return told(_is(step, Complete).invocation)


def test_nothing_missing_is_complete_at_once() -> None:
    """No question is asked that the line has answered."""
    outcome = read("/bridge join ABC123", REGISTRY, SITUATION)
    assert isinstance(outcome, Invocation)
    assert _done(begin(outcome)) == "bridge.join | code=ABC123"


def test_missing_arguments_are_asked_in_order() -> None:
    """Each answer is read as the kind that its question wants."""
    ask = _open("/objective new")
    assert ask.form.asking == "text"
    ask = _is(_say(ask, "Stop the leak by hand"), Ask)
    assert ask.form.asking == "by"
    ask = _is(_say(ask, "明早8点"), Ask)
    assert ask.form.asking == "measure"
    assert _done(_say(ask, "no flow")) == (
        "objective.new | text=Stop the leak by hand | by=11-23 08:00 | measure=no flow"
    )


def test_answer_that_cannot_be_read_is_asked_again_with_the_reason() -> None:
    """The form stays where it was."""
    ask = _is(_say(_open("/objective new Stop"), "25:00"), Ask)
    assert ask.form.asking == "by"
    assert ask.problem is not None
    assert ask.problem.code == "bad-value"
    assert ask.problem.example is not None


def test_choices_are_offered_and_taken_by_name_or_number() -> None:
    """A choice is a button, and can be typed in either language or by its number."""
    ask = _open("/role assign")
    assert [offer.answer for offer in ask.offers] == [
        "incident commander",
        "operations",
        "safety officer",
        "cancel",
    ]
    for said in ("safety officer", "安全官", "3", "３"):
        step = _is(_say(ask, said), Ask)
        assert step.form.values == {"role": "safety"}
    assert _done(_say(step, "@li")) == "role.assign | role=safety | person=handle:li"
    assert Person(Named.ME) == _is(_say(step, "我"), Complete).invocation.args.person("person")


@pytest.mark.parametrize("word", ["cancel", "/cancel", "取消", "／取消", "Cancel "])
def test_cancel_leaves_the_form(word: str) -> None:
    """In either language, with or without the prefix, at any question."""
    assert isinstance(_say(_open("/bridge new"), word), Cancelled)
    assert is_step(word)


@pytest.mark.parametrize("word", ["back", "返回", "/back", "!返回"])
def test_back_asks_the_question_before_again(word: str) -> None:
    """Its answer is forgotten; before the first question there is none."""
    first = _open("/objective new Stop")
    second = _is(_say(first, "18:00"), Ask)
    assert _is(_say(second, word), Ask).form == first.form
    assert _is(_say(first, word), Ask).form == first.form
    assert "back" not in [offer.answer for offer in first.offers]
    assert "back" in [offer.answer for offer in second.offers]


@pytest.mark.parametrize("word", ["skip", "跳过"])
def test_skip_passes_what_is_optional_only(word: str) -> None:
    """An optional question can be passed and gone back to; a required one cannot be passed."""
    ask = _open("/incident new")
    refused = _is(_say(ask, word), Ask)
    assert refused.form == ask.form
    assert refused.problem is not None
    ask = _is(_say(ask, "Gas leak"), Ask)
    assert ask.form.asking == "level"
    assert [offer.answer for offer in ask.offers] == [
        "I", "II", "III", "IV", "skip", "back", "cancel",
    ]  # fmt: skip
    assert _done(_say(ask, word)) == "incident.new | title=Gas leak"
    assert _done(_say(ask, "重大")) == "incident.new | title=Gas leak | level=II"


def test_quotation_makes_any_word_an_answer() -> None:
    """A bridge may be called Cancel."""
    assert _done(_say(_open("/bridge new"), "“cancel”")) == "bridge.new | name=cancel"


def test_resumed_form_asks_its_question_again() -> None:
    """After a restart the same question with the same buttons is put."""
    ask = _is(_say(_open("/objective new Stop"), "18:00"), Ask)
    assert resume(Form.from_json(ask.form.to_json()), _command(ask)) == ask


@pytest.mark.parametrize("broken", [None, [], {}, {"command": 1}, {"command": "x", "values": []}])
def test_broken_stored_form_is_refused(broken: None) -> None:
    """What is no form is not taken for one."""
    with pytest.raises(ValueError, match="stored"):
        Form.from_json(broken)
