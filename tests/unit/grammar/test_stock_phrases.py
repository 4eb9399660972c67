"""What people type about stock is read as they mean it."""

from __future__ import annotations

import pytest

from handlers import families
from handlers.context import Context
from handlers.folding import is_cjk
from handlers.grammar.read import read
from handlers.registry import Registry, discover
from tests.unit.grammar.phrases_stock import PHRASES
from tests.unit.grammar.sample import SITUATION, told


@pytest.fixture(scope="module")
def registry() -> Registry[Context]:
    """Every command of the program."""
    return discover(families, Context)


@pytest.mark.parametrize(("phrase", "meaning"), PHRASES)
def test_a_phrase_is_read_as_meant(registry: Registry[Context], phrase: str, meaning: str) -> None:
    assert told(read(phrase, registry, SITUATION)) == meaning


def test_about_half_are_chinese_and_some_are_wrong() -> None:
    chinese = [phrase for phrase, _meaning in PHRASES if any(map(is_cjk, phrase))]
    assert 0.4 <= len(chinese) / len(PHRASES) <= 0.6
    assert sum(meaning.startswith("?") for _phrase, meaning in PHRASES) >= 6
