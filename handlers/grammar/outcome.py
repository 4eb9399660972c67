"""What a line turns out to be: no command, somebody else's, a command, or a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from handlers.registry import Command
from handlers.values import Args
from workflows.text import Msg

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class NotCommand:
    """Something that people say to each other."""


@dataclass(frozen=True, slots=True)
class OtherBot:
    """A command with the suffix of another bot, which is left alone."""

    handle: str


@dataclass(frozen=True, slots=True)
class Invocation(Generic[C]):
    """A command with its arguments; `missing` required ones are to be asked for, in order."""

    command: Command[C]
    args: Args
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is meant as a command and cannot be read; nothing is done.

    `code` is stable: unknown-command, unknown-verb, which (two readings), bad-value,
    unknown-key, repeated-key, left-over, no-verb. `text` says what was not understood,
    `expected` what was, with an `example` in English and Chinese; `suggestions` are whole
    command lines (or, from `value_of`, whole answers) in the room's language, never run
    by themselves. `argument` is the name of the argument concerned.
    """

    code: str
    text: Msg
    expected: Msg | None = None
    example: tuple[str, str] | None = None
    suggestions: tuple[str, ...] = ()
    argument: str | None = None
