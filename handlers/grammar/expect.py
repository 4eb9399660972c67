"""What is expected for each kind of argument, in words and by an example in each language."""

from __future__ import annotations

from handlers.registry import Arg
from handlers.values import Kind
from workflows.text import Msg, _

_EXPECTED: dict[Kind, tuple[Msg, tuple[str, str]]] = {
    Kind.TEXT: (_("some text"), ("“two words”", "“几个字”")),
    Kind.WORD: (_("one word"), ("K7Q2M9", "K7Q2M9")),
    Kind.CHOICE: (_("one of the choices"), ("", "")),
    Kind.INTEGER: (_("a whole number"), ("12", "十二")),
    Kind.NUMBER: (_("a number"), ("1.5", "1.5")),
    Kind.PERCENT: (_("a percentage from 0 to 100"), ("80%", "八成")),
    Kind.QUANTITY: (_("an amount, with its unit if it has one"), ("200 m", "200米")),
    Kind.TIME: (_("a time, with the day if it is not the next one"), ("14:00", "明早8点")),
    Kind.DURATION: (_("a length of time"), ("2h", "2小时")),
    Kind.PERSON: (_("a person: a mention, a handle, a name or “me”"), ("@li", "@李雷")),
    Kind.REFERENCE: (_("a reference"), ("R12", "R12")),
    Kind.LEVEL: (_("a level from I (most serious) to IV"), ("II", "重大")),
    Kind.LANGUAGE: (_("a language: Chinese, English or both"), ("both", "双语")),
    Kind.ROOM: (_("a room by its address"), ("telegram:-100123", "matrix:!abc:example.org")),
    Kind.YES: (_("yes or no"), ("yes", "是")),
    Kind.PLACE: (
        _("a place: words, coordinates or a map link"),
        ("31.2304, 121.4737", "北纬31.2304 东经121.4737"),
    ),
}

MOST, SHOWN = 20, 8
"""More choices than `MOST` are not named one by one: so many of them are."""


def expected(arg: Arg) -> tuple[Msg, tuple[str, str]]:
    """What `arg` wants, and an example in English and Chinese."""
    words, example = _EXPECTED[arg.kind]
    if arg.kind is Kind.CHOICE:
        labels: tuple[Msg, ...] = tuple(choice.label for choice in arg.choices)
        words, example = _("one of: {choices}", choices=labels), arg.choices[0].shown
        if len(labels) > MOST:
            left = len(labels) - SHOWN
            words = _("one of: {choices}, or {n} more", choices=labels[:SHOWN], n=left)
    elif arg.kind is Kind.REFERENCE:
        number = f"{arg.letters[0]}12"
        words, example = _("a reference such as {example}", example=number), (number, number)
    elif arg.maximum is not None and arg.kind in (Kind.INTEGER, Kind.NUMBER, Kind.QUANTITY):
        words = _("a number from {low} to {high}", low=arg.minimum, high=arg.maximum)
    return words, arg.example or example
