"""Names of several words that the program itself shows can be typed as they are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers import families
from handlers.context import Context
from handlers.grammar.arguments import value_of
from handlers.grammar.outcome import Problem
from handlers.grammar.read import read
from handlers.registry import Registry, discover
from handlers.values import Named, Person
from tests.unit.grammar.sample import SITUATION, told
from workflows.periods.cycle import KNOWN, cycle, long_names
from workflows.shelf import Shelf

HERE = replace(
    SITUATION,
    names=("Fire Brigade", "Anna Lee", "Pump Team 2"),
    known={KNOWN: long_names(cycle(Shelf()))},
)


@pytest.fixture(scope="module")
def registry() -> Registry[Context]:
    """Every command of the program."""
    return discover(families, Context)


@pytest.mark.parametrize(
    ("phrase", "meaning"),
    [
        ("/sitrep due Fire Brigade every=4h", "sitrep.due | to=name:Fire Brigade | every=14400s"),
        ("/报告 应报 fire brigade 每=4小时", "sitrep.due | to=name:Fire Brigade | every=14400s"),
        ("/resource track U5 Anna Lee", "resource.track | unit=U5 | person=name:Anna Lee"),
        ("/resource track U5 Pump Team 2", "resource.track | unit=U5 | person=name:Pump Team 2"),
        (
            "/brief schedule at=07:30 to=Anna Lee,Fire Brigade",
            "brief.schedule | at=[11-23 07:30~] | to=[name:Anna Lee, name:Fire Brigade]",
        ),
        (
            "/meeting move tactics meeting 15:30",
            "meeting.move | name=tactics meeting | to=11-22 15:30",
        ),
        (
            "/meeting move Tactics Meeting to 15:30",
            "meeting.move | name=Tactics Meeting | to=11-22 15:30",
        ),
        (
            "/meeting move operational period briefing 15:30",
            "meeting.move | name=operational period briefing | to=11-22 15:30",
        ),
        (
            "/会议 改期 plan approval meeting 15:30",
            "meeting.move | name=plan approval meeting | to=11-22 15:30",
        ),
        (
            "/meeting postpone tactics meeting 1h",
            "meeting.postpone | name=tactics meeting | for=3600s",
        ),
        ("/meeting postpone tactics meeting", "meeting.postpone | name=tactics meeting"),
        (
            "/meeting skip tactics meeting reason=x",
            "meeting.skip | name=tactics meeting | reason=x",
        ),
        (
            "/meeting skip tactics meeting all agreed",
            "meeting.skip | name=tactics meeting | reason=all agreed",
        ),
        ("/meeting skip tactics meeting", "meeting.skip | name=tactics meeting | reason?"),
        (
            "/meeting minutes meeting=tactics meeting Valve first",
            "meeting.minutes | text=Valve first | meeting=tactics meeting",
        ),
    ],
)
def test_a_name_of_several_words_is_read_whole(
    registry: Registry[Context], phrase: str, meaning: str
) -> None:
    assert told(read(phrase, registry, HERE)) == meaning


@pytest.mark.parametrize(
    ("phrase", "meaning"),
    [
        (
            "/meeting move evening talk to 15:30",
            "meeting.move | name=evening talk | to=11-22 15:30",
        ),
        ("/meeting skip evening talk reason=x", "meeting.skip | name=evening talk | reason=x"),
    ],
)
def test_the_last_free_argument_still_waiting_takes_the_rest_though_nobody_knows_the_name(
    registry: Registry[Context], phrase: str, meaning: str
) -> None:
    assert told(read(phrase, registry, SITUATION)) == meaning


@pytest.mark.parametrize("typed", ["Anna Lee", " Anna Lee ", "3 号队", "Fire & Rescue (North)"])
def test_a_whole_answer_is_the_name_of_somebody(registry: Registry[Context], typed: str) -> None:
    arg = registry.command("resource.track").arg("person")
    assert value_of(arg, typed, SITUATION) == Person(Named.NAME, typed.strip())


@pytest.mark.parametrize("typed", ["42", "@anna now", "Anna, Han", "Anna\nLee", "a " * 40])
def test_what_is_no_name_is_no_answer(registry: Registry[Context], typed: str) -> None:
    arg = registry.command("resource.track").arg("person")
    assert isinstance(value_of(arg, typed, SITUATION), Problem)


def test_a_safety_message_that_begins_with_danger_is_one(registry: Registry[Context]) -> None:
    said = told(read("/safety Danger zone north of the road", registry, SITUATION))
    assert said == "safety | text=Danger zone north of the road"
