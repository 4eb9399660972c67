"""What people type about places and what is nearest is read as they mean it."""

from __future__ import annotations

import pytest

from handlers import families
from handlers.context import Context
from handlers.grammar.read import read
from handlers.registry import Registry, discover
from tests.unit.grammar.phrases_geo import PHRASES
from tests.unit.grammar.sample import SITUATION, told


@pytest.fixture(scope="module")
def registry() -> Registry[Context]:
    """Every command of the program."""
    return discover(families, Context)


@pytest.mark.parametrize(("phrase", "meaning"), PHRASES)
def test_a_phrase_is_read_as_meant(registry: Registry[Context], phrase: str, meaning: str) -> None:
    assert told(read(phrase, registry, SITUATION)) == meaning
