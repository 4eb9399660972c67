"""What is wrong with a configuration: where it stands and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from bot.settings.lines import Loc, line_of
from bot.settings.model import PREFIX, Unfit, near
from workflows.text import Msg, _


class BadSettings(Exception):
    """The configuration cannot be used. Each problem is one line; the first one comes first."""

    def __init__(self, *problems: Msg) -> None:
        super().__init__(problems[0].id)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Origin:
    """The texts that values came from, to say where one stands."""

    file: str
    text: str
    environment: Mapping[str, str]

    def problem(self, loc: Loc, text: Msg) -> Msg:
        """One line that names the place: the variable, or file, line and key."""
        if variable := self._variable(loc):
            return _("{place}: {problem}", place=variable, problem=text)
        if line := line_of(self.text, loc):
            return _("{place}: {problem}", place=f"{self.file}:{line}: {dotted(loc)}", problem=text)
        return _("{place}: {problem}", place=f"{self.file}: {dotted(loc)}", problem=text)

    def _variable(self, loc: Loc) -> str | None:
        """The variable that set this key or the whole it is in."""
        present = {name.upper(): name for name in self.environment}
        names = [str(part).upper() for part in loc]
        for end in range(len(names), 0, -1):
            if found := present.get(PREFIX + "__".join(names[:end])):
                return found
        return None


def dotted(loc: Loc) -> str:
    """The place as people write it; lists count from 1: `bridge[2].rooms`."""
    made = ""
    for part in loc:
        made += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if made else part
    return made


_SHAPES: Mapping[str, Callable[[], Msg]] = {
    "string": lambda: _("must be text in quotes"),
    "int": lambda: _("must be a whole number"),
    "float": lambda: _("must be a number"),
    "decimal": lambda: _("must be a number"),
    "bool": lambda: _("must be true or false"),
    "list": lambda: _("must be a list, as in {example}", example='["a", "b"]'),
    "tuple": lambda: _("must be a list, as in {example}", example='["a", "b"]'),
    "dict": lambda: _("must be a section"),
    "model": lambda: _("must be a section"),
    "path": lambda: _("must be a path in quotes"),
    "url": lambda: _("must be a web address, as in {example}", example='"https://example.org"'),
    "missing": lambda: _("is missing"),
}

_BOUNDS: Mapping[str, Callable[[str], Msg]] = {
    "greater_than": lambda bound: _("must be more than {bound}", bound=bound),
    "greater_than_equal": lambda bound: _("must be at least {bound}", bound=bound),
    "less_than": lambda bound: _("must be less than {bound}", bound=bound),
    "less_than_equal": lambda bound: _("must be at most {bound}", bound=bound),
}
_BOUND_KEYS = ("gt", "ge", "lt", "le")


def described(error: ErrorDetails, keys: Sequence[str]) -> Msg:
    """What a validation error means; `keys` are those that its place knows.

    A validator explains itself by raising `ValueError` with a `Msg`. The value is never
    repeated here: it may be a secret.
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        meant = near(str(error["loc"][-1]), keys)
        return _('unknown key (did you mean "{near}"?)', near=meant) if meant else _("unknown key")
    if kind in ("literal_error", "enum"):
        quoted = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return _("must be {choices}", choices=" | ".join(f'"{choice}"' for choice in quoted))
    if kind in ("too_short", "string_too_short"):
        if kind == "string_too_short":
            return _("must not be empty")
        return _("needs at least {number} entries", number=int(context.get("min_length", 1)))
    if kind in _BOUNDS:
        return _BOUNDS[kind](str(next(context[key] for key in _BOUND_KEYS if key in context)))
    if kind in ("value_error", "assertion_error"):
        cause = context.get("error")
        if isinstance(cause, Unfit):
            return cause.text
        if isinstance(cause, Exception) and cause.args and isinstance(cause.args[0], Msg):
            return cause.args[0]
        return _("cannot be used: {reason}", reason=str(cause))
    shape = _SHAPES.get(kind.split("_")[0])
    return shape() if shape else _("cannot be used: {reason}", reason=str(error["msg"]))
