"""What people type about briefings, safety and channels is read as they mean it."""

from __future__ import annotations

import pytest

from handlers import families
from handlers.context import Context
from handlers.grammar.read import read
from handlers.registry import Registry, discover
from tests.unit.grammar.phrases_briefs import PHRASES
from tests.unit.grammar.sample import SITUATION, told


@pytest.fixture(scope="module")
def registry() -> Registry[Context]:
    """Every command of the program."""
    return discover(families, Context)


@pytest.mark.parametrize(("phrase", "meaning"), PHRASES)
def test_a_phrase_is_read_as_meant(registry: Registry[Context], phrase: str, meaning: str) -> None:
    assert told(read(phrase, registry, SITUATION)) == meaning


def test_each_command_has_a_phrase(registry: Registry[Context]) -> None:
    mine = {each.key for each in registry if each.family.name.en in ("brief", "safety", "comms")}
    assert mine == mine & {meaning.partition(" ")[0] for _phrase, meaning in PHRASES}
