"""What people type about reports is read as they mean it, by the commands that there are."""

from __future__ import annotations

import pytest

from handlers import families
from handlers.context import Context
from handlers.grammar.outcome import Problem
from handlers.grammar.read import read
from handlers.registry import Registry, discover
from tests.unit.grammar.phrases_sitreps import SITREPS
from tests.unit.grammar.sample import SITUATION, told


@pytest.fixture(scope="module")
def registry() -> Registry[Context]:
    """Every command of the program."""
    return discover(families, Context)


@pytest.mark.parametrize(("phrase", "meaning"), SITREPS)
def test_a_phrase_about_a_report_is_read_as_meant(
    registry: Registry[Context], phrase: str, meaning: str
) -> None:
    assert told(read(phrase, registry, SITUATION)) == meaning


@pytest.mark.parametrize(
    ("phrase", "readings"),
    [
        (
            "/sitrep First aid post open",
            ("sitrep.first | status=aid post open", "sitrep | status=First aid post open"),
        ),
        (
            "/sitrep Update: road open\ncasualties: 0",
            (
                "sitrep.update | status=road open | casualties=0",
                "sitrep | status=Update: road open | casualties=0",
            ),
        ),
        ("/报告 终报 已发出", ("sitrep.final | status=已发出", "sitrep | status=终报 已发出")),
    ],
)
def test_each_of_two_readings_is_a_button_that_loses_no_word(
    registry: Registry[Context], phrase: str, readings: tuple[str, str]
) -> None:
    asked = read(phrase, registry, SITUATION)
    assert isinstance(asked, Problem)
    assert tuple(told(read(each, registry, SITUATION)) for each in asked.suggestions) == readings


def test_a_long_report_is_offered_whole(registry: Registry[Context]) -> None:
    words = "aid post open at the school " * 40
    asked = read(f"/sitrep first {words}", registry, SITUATION)
    assert isinstance(asked, Problem)
    assert [each.endswith(words.strip()) for each in asked.suggestions] == [True, True]


def test_only_the_verbs_of_reports_may_be_the_beginning_of_a_text(
    registry: Registry[Context],
) -> None:
    lines = [f"/{each.family.name.en} {each.verb.en} some words" for each in registry if each.verb]
    outcomes = {line: read(line, registry, SITUATION) for line in lines}
    asked = {line.split()[1] for line, each in outcomes.items()
             if isinstance(each, Problem) and each.code == "which"}  # fmt: skip
    assert asked == {"first", "update", "final"}
