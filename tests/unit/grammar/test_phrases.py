"""What people type is read as they mean it, in either language, or asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.folding import is_cjk
from handlers.grammar.outcome import Invocation, Problem
from handlers.grammar.read import read
from handlers.grammar.situation import MentionSpan, Situation
from handlers.values import Named, Person, Reference
from tests.unit.grammar.phrases import CHINESE, ENGLISH, TALK, WRONG
from tests.unit.grammar.sample import REGISTRY, SITUATION, Desk, told

PHRASES = (*ENGLISH, *CHINESE, *TALK, *WRONG)


@pytest.mark.parametrize(("phrase", "meaning"), PHRASES)
def test_phrase_is_read_as_meant(phrase: str, meaning: str) -> None:
    """Each phrase of the table has the reading beside it."""
    assert told(read(phrase, REGISTRY, SITUATION)) == meaning


def test_table_is_large_and_speaks_both_languages() -> None:
    """There are 200 phrases and more, of which about half are Chinese."""
    chinese = [phrase for phrase, _meaning in PHRASES if any(map(is_cjk, phrase))]
    assert len(PHRASES) >= 200
    assert len(chinese) >= 0.45 * len(PHRASES)
    assert len(dict(PHRASES)) == len(PHRASES)


@pytest.mark.parametrize("phrase", [phrase for phrase, _meaning in WRONG])
def test_every_suggestion_is_a_command_in_the_language_of_the_room(phrase: str) -> None:
    """What is suggested can be pressed, and begins as people of that room would type it."""
    for language in ("en", "zh"):
        situation = replace(SITUATION, language=language)
        outcome = read(phrase, REGISTRY, situation)
        assert isinstance(outcome, Problem)
        for line in outcome.suggestions:
            suggested = read(line, REGISTRY, situation)
            assert isinstance(suggested, Invocation)
            assert is_cjk(line[1]) is (language == "zh")


def _read(text: str, situation: Situation = SITUATION) -> Invocation[Desk]:
    outcome = read(text, REGISTRY, situation)
    assert isinstance(outcome, Invocation)
    return outcome


def test_mention_marked_by_the_network_names_the_account() -> None:
    """A mention whose shown name has a space is one person, and the text follows it."""
    text = "/order new Li Lei Close valve 3"
    mention = MentionSpan(11, 17, "telegram:42")
    args = _read(text, replace(SITUATION, mentions=(mention,))).args
    assert args.person("to") == Person(Named.ACCOUNT, "telegram:42")
    assert args.text("text") == "Close valve 3"


def test_roster_name_with_a_space_is_one_person() -> None:
    """Names that the roster knows are taken whole."""
    args = _read("/role assign IC zhang wei", replace(SITUATION, names=("Zhang Wei",))).args
    assert args.person("person") == Person(Named.NAME, "Zhang Wei")


def test_reply_to_a_card_means_that_card() -> None:
    """A reference may be left out in a reply, and the other arguments keep their places."""
    situation = replace(SITUATION, replied=Reference("R", 12, 3))
    assert _read("/request approve", situation).args.reference("ref") == Reference("R", 12, 3)
    assert _read("/request approve R9", situation).args.reference("ref") == Reference("R", 9)
    situation = replace(SITUATION, replied=Reference("O", 2))
    args = _read("/objective progress 80% going well", situation).args
    assert args.reference("ref") == Reference("O", 2)
    assert args.number("percent") == 80
    assert args.text("text") == "going well"


def test_reply_to_a_card_of_another_kind_does_not_help() -> None:
    """An order's card cannot stand for a request."""
    situation = replace(SITUATION, replied=Reference("T", 4))
    assert _read("/request approve", situation).missing == ("ref",)


def test_suggestion_keeps_what_was_typed_after_the_slip() -> None:
    """The corrected line is whole, so that one tap does what was meant."""
    outcome = read("/桥接 新键 北岸 指挥部", REGISTRY, replace(SITUATION, language="zh"))
    assert isinstance(outcome, Problem)
    assert outcome.suggestions == ("/桥接 新建 北岸 指挥部",)


def test_bots_of_ours_are_known_in_any_case_and_others_are_left_alone() -> None:
    """A suffix is ours only if it is one of our handles."""
    assert told(read("/help@LIANZHIBOT", REGISTRY, SITUATION)) == "help"
    nobody = replace(SITUATION, bots=frozenset())
    assert told(read("/help@LianzhiBot", REGISTRY, nobody)) == "@LianzhiBot"
