"""A problem in words: what was not understood, what was expected, the nearest commands."""

from __future__ import annotations

from handlers.document import Block, Button, Code, Document, Para, Span
from handlers.grammar.outcome import Problem
from handlers.registry import Language
from workflows.text import _


def explain(problem: Problem, language: Language, answers_form: bool = False) -> Document:
    """One answer to a line that could not be read, for a room of `language`.

    A suggestion is also a button, which runs it; nothing runs by itself. With
    `answers_form` the suggestions are answers to the open question instead.
    """
    blocks: list[Block] = [Para(problem.text)]
    english, chinese = problem.example or ("", "")
    examples = {"en": (english,), "zh": (chinese,), "both": (english, chinese)}[language]
    shown = tuple(dict.fromkeys(each for each in examples if each))
    if problem.expected is not None:
        blocks.append(Para(_("Expected: {expected}.", expected=problem.expected)))
    if shown:
        parts = [part for each in shown for part in (" / ", Code(each))][1:]
        blocks.append(Para(Span((_("For example:"), " ", *parts))))
    if problem.suggestions:
        parts = [part for each in problem.suggestions for part in (" · ", Code(each))][1:]
        blocks.append(Para(Span((_("Did you mean:"), " ", *parts))))
    buttons = tuple(
        Button(label=each, command=each, answers_form=answers_form) for each in problem.suggestions
    )
    return Document(tuple(blocks), buttons)
