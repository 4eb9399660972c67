"""Asking for what is missing, one question at a time: the steps, without storing them.

A form is a `Form` value, stored as JSON by whoever keeps it; each step makes the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from handlers.document import Inline
from handlers.folding import fold
from handlers.grammar.arguments import value_of
from handlers.grammar.outcome import Invocation, Problem
from handlers.grammar.situation import Situation
from handlers.registry import Arg, Command
from handlers.values import Args, Kind, Value
from workflows.text import Json, Msg, _

C = TypeVar("C")

_SKIP = frozenset({"skip", "跳过", "略过", "不填"})
_BACK = frozenset({"back", "返回", "上一步"})
_CANCEL = frozenset({"cancel", "取消", "算了"})
_ENOUGH = frozenset({"send", "that is all", "报送", "就这些"})

WITHOUT = frozenset({"skip", "send"})
"""Answers of the buttons that go on without an answer to the question."""

MOST_OFFERED = 12
"""Choices that are shown as buttons; of more, such as every role, one is typed."""


@dataclass(frozen=True, slots=True)
class Form:
    """An open form: the `Command.key`, what is known, and the argument being asked for.

    `asked` are the arguments answered or skipped in this form, oldest first; `skipped`
    those of them that were skipped.
    """

    command: str
    values: Mapping[str, Value]
    asking: str
    asked: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """A JSON object from which `Form.from_json` makes an equal form."""
        return {
            "command": self.command,
            "values": Args(self.values).to_json(),
            "asking": self.asking,
            "asked": list(self.asked),
            "skipped": list(self.skipped),
        }

    @staticmethod
    def from_json(value: Json) -> Form:
        """Read what `to_json` wrote; ValueError for anything else."""
        match value:
            case {
                "command": str(command),
                "values": values,
                "asking": str(asking),
                "asked": list(asked),
                "skipped": list(skipped),
            }:
                return Form(
                    command,
                    Args.from_json(values).values,
                    asking,
                    tuple(map(str, asked)),
                    tuple(map(str, skipped)),
                )
        raise ValueError("not a stored form")


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer that is offered as a button: what it shows and what it answers."""

    label: Inline
    answer: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The next question of `form`; `problem` says why the last answer did not do."""

    form: Form
    question: Msg
    offers: tuple[Offer, ...]
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Complete(Generic[C]):
    """Everything is known; the invocation can run."""

    invocation: Invocation[C]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person left the form; nothing is done."""


def begin(invocation: Invocation[C]) -> Ask | Complete[C]:
    """The first question for what `invocation` lacks, or Complete if that is nothing."""
    if not invocation.missing:
        return Complete(invocation)
    return _next(invocation.command, invocation.args.values, (), ())


def again(command: Command[C], values: Mapping[str, Value], name: str) -> Ask:
    """The question of one argument alone; all else stays as it is given."""
    others = tuple(arg.name for arg in command.args if arg.name not in (name, *values))
    return _ask(Form(command.key, dict(values), name, skipped=others), command)


def answer(
    form: Form, command: Command[C], text: str, situation: Situation
) -> Ask | Complete[C] | Cancelled:
    """The step after `text` as the answer; `command` is that of `form.command`.

    `skip`, `back` and `cancel` are understood in both languages, with or without the
    prefix; in quotation marks they are answers like others.
    """
    arg = command.arg(form.asking)
    word = fold(text).removeprefix("/").removeprefix("!")
    if word in _CANCEL:
        return Cancelled()
    if word in _BACK:
        return _back(form, command)
    if word in _SKIP:
        if arg.required:
            shown = arg.shown(situation.language)
            return _ask(
                form,
                command,
                Problem("not-optional", _("{argument} cannot be skipped.", argument=shown)),
            )
        return _next(command, form.values, (*form.asked, arg.name), (*form.skipped, arg.name))
    if word in _ENOUGH and _sendable(command, form.values):
        return _complete(command, form.values)
    value = _chosen(arg, word)
    read = value_of(arg, text, situation) if value is None else value
    if isinstance(read, Problem):
        return _ask(form, command, read)
    return _next(command, {**form.values, arg.name: read}, (*form.asked, arg.name), form.skipped)


def worded(form: Form, command: Command[C], text: str, said: Callable[[Msg], Iterable[str]]) -> str:
    """The answer of the button whose words `text` repeats, as `said` has them in each language;
    any other text as it is."""
    typed = fold(text)
    for offer in _ask(form, command).offers:
        if isinstance(offer.label, Msg) and typed in map(fold, said(offer.label)):
            return offer.answer
    return text


def is_step(text: str) -> bool:
    """Whether `text`, with or without the prefix, moves within a form or leaves it."""
    return fold(text).removeprefix("/").removeprefix("!") in _SKIP | _BACK | _CANCEL


def resume(form: Form, command: Command[C]) -> Ask:
    """The question of a stored form again, as after a restart."""
    return _ask(form, command)


def _chosen(arg: Arg, word: str) -> Value | None:
    """The choice that has `word` as its number in the list, where numbers mean nothing else."""
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 4 else 0
    if arg.kind is not Kind.CHOICE or arg.many or not 1 <= number <= len(arg.choices):
        return None
    if any(fold(name) == word for choice in arg.choices for name in choice.names):
        return None
    return arg.choices[number - 1].code


def _next(
    command: Command[C],
    values: Mapping[str, Value],
    asked: tuple[str, ...],
    skipped: tuple[str, ...],
) -> Ask | Complete[C]:
    open_ = [arg for arg in command.args if arg.name not in values and arg.name not in skipped]
    wanted = [arg for arg in open_ if arg.required] or [arg for arg in open_ if arg.ask]
    if not wanted:
        return _complete(command, values)
    return _ask(Form(command.key, dict(values), wanted[0].name, asked, skipped), command)


def _complete(command: Command[C], values: Mapping[str, Value]) -> Complete[C]:
    known = {arg.name: values[arg.name] for arg in command.args if arg.name in values}
    return Complete(Invocation(command, Args(known)))


def _sendable(command: Command[C], values: Mapping[str, Value]) -> bool:
    """Whether what is known is enough."""
    return command.form and all(arg.name in values for arg in command.args if arg.required)


def _back(form: Form, command: Command[C]) -> Ask:
    """The question before this one again, its answer forgotten; the first stays the first."""
    if not form.asked:
        return _ask(form, command)
    last = form.asked[-1]
    return _ask(
        replace(
            form,
            values={name: value for name, value in form.values.items() if name != last},
            asking=last,
            asked=form.asked[:-1],
            skipped=tuple(name for name in form.skipped if name != last),
        ),
        command,
    )


def _ask(form: Form, command: Command[C], problem: Problem | None = None) -> Ask:
    arg = command.arg(form.asking)
    if arg.question is None:
        raise ValueError(f"{command.key} has no question for {arg.name}")
    few = len(arg.choices) <= MOST_OFFERED
    offers = [Offer(choice.label, choice.shown[0]) for choice in arg.choices if few]
    if arg.kind is Kind.LEVEL:
        levels = (_("I, extremely serious"), _("II, major"), _("III, serious"), _("IV, general"))
        names = ("I", "II", "III", "IV")
        offers = [Offer(label, name) for label, name in zip(levels, names, strict=True)]
    elif arg.kind is Kind.YES:
        offers = [Offer(_("Yes"), "yes"), Offer(_("No"), "no")]
    elif arg.kind is Kind.LANGUAGE:
        offers = [
            Offer(_("Chinese"), "zh"),
            Offer(_("English"), "en"),
            Offer(_("Both languages"), "both"),
        ]
    if not arg.required:
        offers.append(Offer(_("Skip"), "skip"))
    if _sendable(command, form.values):
        offers.append(Offer(_("Send as it is"), "send"))
    if form.asked:
        offers.append(Offer(_("Back"), "back"))
    offers.append(Offer(_("Cancel"), "cancel"))
    return Ask(form, arg.question, tuple(offers), problem)
