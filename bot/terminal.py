"""The operator's terminal: what language it reads, and what is said there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.catalogues import Catalogues, Spoken, language_of
from bot.speech import Speech
from workflows.text import Msg

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def terminal_language(environment: Mapping[str, str]) -> Spoken:
    """The language that the locale variables ask for: Chinese if they say so, else English.

    As gettext reads them: the first of LC_ALL, LC_MESSAGES and LANG that is set names the
    locale, and LANGUAGE goes before it unless that locale is C.
    """
    locale = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    wished = [locale]
    if locale not in ("C", "POSIX"):
        wished = [*environment.get("LANGUAGE", "").split(":"), locale]
    named = (language_of(tag.partition("@")[0]) for tag in wished if tag)
    return next((language for language in named if language), "en")


def language_option(arguments: Sequence[str], otherwise: Spoken) -> Spoken:
    """The language that `--lang` names, wherever it stands; a wrong one is told of later."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            following = arguments[index + 1] if index + 1 < len(arguments) else ""
            return language_of(value if equals else following) or otherwise
    return otherwise


def _print(line: str) -> None:
    print(line, flush=True)


def _complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Says things in one language; times in `zone`."""

    language: Spoken
    catalogues: Catalogues
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    out: Callable[[str], None] = _print
    err: Callable[[str], None] = _complain

    def text(self, msg: Msg) -> str:
        """The sentence in the terminal's language."""
        return Speech(self.catalogues, self.zone).text(msg, self.language)

    def say(self, msg: Msg) -> None:
        """Print a line."""
        self.out(self.text(msg))

    def complain(self, msg: Msg) -> None:
        """Print a line where errors go."""
        self.err(self.text(msg))
