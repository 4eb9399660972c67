"""Who types what a button of a question says has pressed it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.catalogues import Catalogues, Spoken
from handlers import families
from handlers.context import Context
from handlers.grammar.form import Form, resume, worded
from handlers.registry import Arg, Command, discover
from handlers.values import Value
from workflows.text import Msg

REGISTRY = discover(families, Context)
LANGUAGES: tuple[Spoken, ...] = ("en", "zh")


def questions() -> Iterator[tuple[Command[Context], Arg]]:
    """Every question that any command can ask."""
    for command in REGISTRY.commands:
        for arg in command.args:
            if arg.question is not None:
                yield command, arg


@pytest.mark.parametrize(
    ("command", "arg"),
    [pytest.param(*each, id=f"{each[0].key}-{each[1].name}") for each in questions()],
)
def test_a_buttons_words_are_its_answer_in_both_languages(
    command: Command[Context], arg: Arg
) -> None:
    values: dict[str, Value] = {
        each.name: "x" for each in command.args if each.required and each.name != arg.name
    }
    form = Form(command.key, values, arg.name, asked=tuple(values)[:1])
    spoken = Catalogues.load()

    def said(text: Msg) -> tuple[str, ...]:
        return tuple(spoken.text(text.id, language) for language in LANGUAGES)

    for offer in resume(form, command).offers:
        if isinstance(offer.label, Msg):
            for words in said(offer.label):
                assert worded(form, command, f" {words} ", said) == offer.answer
    assert worded(form, command, "some other words", said) == "some other words"
