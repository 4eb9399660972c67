"""What people type about an incident is read as they mean it, by the commands that there are."""

from __future__ import annotations

import pytest

from handlers import families
from handlers.context import Context
from handlers.folding import is_cjk
from handlers.grammar.read import read
from handlers.registry import Registry, discover
from tests.unit.grammar.incident_phrases import CHINESE, ENGLISH, TALK, WRONG
from tests.unit.grammar.sample import SITUATION, told

PHRASES = (*ENGLISH, *CHINESE, *TALK, *WRONG)
FAMILIES = frozenset(
    (
        *("agency", "alert", "audit", "checkin", "checkout", "incident", "log"),
        *("objective", "order", "org", "role", "roster", "status", "unified"),
    )
)


@pytest.fixture(scope="module")
def registry() -> Registry[Context]:
    """Every command of the program."""
    return discover(families, Context)


@pytest.mark.parametrize(("phrase", "meaning"), PHRASES)
def test_a_phrase_is_read_as_meant(registry: Registry[Context], phrase: str, meaning: str) -> None:
    assert told(read(phrase, registry, SITUATION)) == meaning


def test_there_are_three_hundred_and_about_half_are_chinese() -> None:
    chinese = [phrase for phrase, _meaning in PHRASES if any(map(is_cjk, phrase))]
    assert len(PHRASES) >= 300
    assert 0.4 <= len(chinese) / len(PHRASES) <= 0.6
    assert len(dict(PHRASES)) == len(PHRASES)


@pytest.mark.parametrize("table", [ENGLISH, CHINESE])
def test_each_table_has_nearly_every_command_about_incidents(
    registry: Registry[Context], table: tuple[tuple[str, str], ...]
) -> None:
    """Of those that people type; what only buttons say may be missing."""
    known = {each.key for each in registry if each.family.name.en in FAMILIES}
    typed = {meaning.partition(" ")[0] for _phrase, meaning in table}
    assert len(known & typed) >= 0.8 * len(known), sorted(known - typed)
