"""What cannot be read gets one answer that says what to type instead."""

from __future__ import annotations

from dataclasses import replace

from handlers.document import Button, Code, Document, Para, Span
from handlers.grammar.explain import explain
from handlers.grammar.outcome import Problem
from handlers.grammar.read import read
from handlers.registry import Language
from tests.unit.grammar.sample import REGISTRY, SITUATION
from workflows.text import Msg


def _explained(line: str, language: Language) -> Document:
    outcome = read(line, REGISTRY, replace(SITUATION, language=language))
    assert isinstance(outcome, Problem)
    return explain(outcome, language)


def _codes(document: Document) -> list[str]:
    return [
        part.text
        for block in document.blocks
        if isinstance(block, Para) and isinstance(block.inner, Span)
        for part in block.inner.parts
        if isinstance(part, Code)
    ]


def test_bad_value_names_what_was_typed_what_is_expected_and_an_example() -> None:
    """The example is one that people of that room would type."""
    document = _explained("/request 3 pumps priority=huge", "en")
    first, second = document.blocks[:2]
    assert isinstance(first, Para)
    assert isinstance(first.inner, Msg)
    assert first.inner.param("text") == "huge"
    assert first.inner.param("argument") == "priority"
    assert isinstance(second, Para)
    assert _codes(document) == ["urgent"]
    assert _codes(_explained("/需求 3 水泵 优先=特急", "zh")) == ["紧急"]
    assert _codes(_explained("/需求 3 水泵 优先=特急", "both")) == ["urgent", "紧急"]


def test_suggestions_are_buttons_that_run_them() -> None:
    """One tap does what was meant; nothing runs without it."""
    document = _explained("/桥接 新键 北岸", "zh")
    assert document.buttons == (Button("/桥接 新建 北岸", "/桥接 新建 北岸"),)


def test_suggestions_for_an_answer_are_answers() -> None:
    """In a form a clear text answers the question instead of being run."""
    problem = Problem("bad-value", Msg("Which?"), suggestions=("11-12", "12-11"))
    buttons = explain(problem, "en", answers_form=True).buttons
    assert [each.command for each in buttons] == ["11-12", "12-11"]
    assert all(each.answers_form for each in buttons)


def test_what_was_typed_is_repeated_short_and_on_one_line() -> None:
    """A page of text does not come back as a page."""
    document = _explained("/request " + "x\n" * 500 + "y" * 500, "en")
    first = document.blocks[0]
    assert isinstance(first, Para)
    assert isinstance(first.inner, Msg)
    said = first.inner.param("text")
    assert isinstance(said, str)
    assert len(said) <= 60
    assert "\n" not in said
