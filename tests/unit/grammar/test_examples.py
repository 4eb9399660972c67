"""What commands give as examples can be typed as it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers import families
from handlers.context import Context
from handlers.grammar.outcome import Invocation
from handlers.grammar.read import read
from handlers.registry import Language, discover
from tests.unit.grammar.sample import SITUATION

REGISTRY = discover(families, Context)
LANGUAGES: tuple[Language, ...] = ("en", "zh")
EXAMPLES = [
    (command.key, example, language)
    for command in REGISTRY.commands
    for language, example in zip(LANGUAGES, command.examples, strict=True)
]


@pytest.mark.parametrize(("key", "example", "language"), EXAMPLES)
def test_an_example_is_read_whole_as_the_command_it_belongs_to(
    key: str, example: str, language: Language
) -> None:
    outcome = read(example, REGISTRY, replace(SITUATION, language=language))
    assert isinstance(outcome, Invocation), outcome
    assert outcome.command.key == key
    assert not outcome.missing
