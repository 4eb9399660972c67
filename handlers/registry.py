"""What commands there are: each one a decorated function, and all that follows from it.

A module of `handlers.families` holds one `Family` named `FAMILY` and its commands:

    FAMILY = Family(Name("bridge", "桥接"), _("Join rooms into one channel"))

    @command(
        FAMILY,
        Name("new", "新建"),
        Arg("name", "名称", Kind.TEXT, required=True, question=_("What is it called?")),
        summary=_("Make a bridge and give its code"),
        examples=("/bridge new North shore", "/桥接 新建 北岸"),
        allow="admin",
    )
    async def bridge_new(context: Context, args: Args) -> Document: ...

`discover` finds them; nothing is registered by being imported.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Generic, Literal, TypeVar

from handlers.document import Document
from handlers.folding import fold
from handlers.values import Args, Kind
from workflows.text import Msg

C = TypeVar("C")
Language = Literal["zh", "en", "both"]


@dataclass(frozen=True, slots=True)
class Name:
    """What a family or verb is called; `aliases` are understood and never shown."""

    en: str
    zh: str
    aliases: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every name, the two shown ones first."""
        return (self.en, self.zh, *self.aliases)

    def shown(self, language: Language) -> str:
        """The name in `language`; English where a room speaks both."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that an argument allows; `code` is what the handler gets."""

    code: str
    label: Msg
    names: tuple[str, ...]

    @property
    def shown(self) -> tuple[str, str]:
        """How the choice is typed in English and in Chinese: the first two names."""
        return (self.names[0], self.names[1] if len(self.names) > 1 else self.names[0])


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument of a command.

    `name` and `zh` are its keys and `aliases` further ones. Positional arguments are read
    in the order in which they are declared; each can be given by key as well. The last
    positional TEXT or PLACE takes the rest of the message, any other one word or a quotation.
    `leads` are words that introduce the value without a sign (`by 14:00`).

    `choices` are for CHOICE, and for PERSON where a role may stand for its holder.
    `letters` are those that a REFERENCE may have. `when` says to which side an incomplete
    TIME is completed; "future" refuses a time that is over, "past" one that is to come.
    `minimum` and `maximum` bound numbers. With `many` the value is a tuple, typed with
    commas. With `ask` a form offers the argument though it is optional. `example` is in
    English and Chinese; None means that of the kind. `known` says which names of several words
    a TEXT or WORD may be, by their key in `Situation.known`.
    """

    name: str
    zh: str
    kind: Kind
    required: bool = False
    positional: bool = True
    many: bool = False
    ask: bool = False
    aliases: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    question: Msg | None = None
    choices: tuple[Choice, ...] = ()
    letters: str = ""
    when: Literal["future", "past", "any"] = "future"
    minimum: int = 0
    maximum: int | None = None
    example: tuple[str, str] | None = None
    known: str = ""

    def __post_init__(self) -> None:
        if (self.required or self.ask) and self.question is None:
            raise ValueError(f"argument {self.name} is asked for but has no question")
        if self.kind is Kind.CHOICE and not self.choices:
            raise ValueError(f"argument {self.name} is a choice of nothing")
        if self.kind is Kind.REFERENCE and not self.letters:
            raise ValueError(f"argument {self.name} refers to nothing")

    @property
    def free(self) -> bool:
        """Whether it takes whatever words there are: text, or a place."""
        return self.kind in (Kind.TEXT, Kind.PLACE) and not self.many

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key, the two shown ones first."""
        return (self.name, self.zh, *self.aliases)

    def shown(self, language: Language) -> str:
        """The key in `language`; English where a room speaks both."""
        return self.zh if language == "zh" else self.name


@dataclass(frozen=True, slots=True)
class Family:
    """The first word of a command. With `menu` it is offered in Telegram's command menu."""

    name: Name
    summary: Msg
    menu: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Command(Generic[C]):
    """One thing that can be done.

    `verb` is None for what the family does without one: with `card` when nothing follows,
    otherwise with its arguments. `allow` is a code of the authority table. `private_ok`
    is False where it needs a shared room, `needs_reply` True where it is typed as a reply.

    With `form` the optional arguments are asked for where nothing but a reference was typed, and
    what is known by then can be sent at each question. `last` gives what was said for arguments
    before, by name, to be offered as the answers; `dataclasses.replace` puts it in.
    """

    family: Family
    verb: Name | None
    args: tuple[Arg, ...]
    allow: str
    summary: Msg
    examples: tuple[str, str]
    run: Callable[[C, Args], Awaitable[Document]]
    private_ok: bool = True
    needs_reply: bool = False
    card: bool = False
    form: bool = False
    last: Callable[[C, Args], Awaitable[Mapping[str, str]]] | None = None

    def __post_init__(self) -> None:
        seen: dict[str, str] = {}
        for arg in self.args:
            for key in (*arg.keys, *arg.leads):
                other = seen.setdefault(fold(key), arg.name)
                if other != arg.name:
                    raise ValueError(f"{self.key}: {key!r} names both {other} and {arg.name}")
        if self.card and (self.verb is not None or any(arg.required for arg in self.args)):
            raise ValueError(f"{self.key}: a card has neither verb nor required arguments")

    @property
    def key(self) -> str:
        """What identifies the command for ever: `bridge.new`, `help`, `log.card`."""
        last = "card" if self.card else "" if self.verb is None else self.verb.en
        return f"{self.family.name.en}.{last}".removesuffix(".")

    @property
    def positional(self) -> tuple[Arg, ...]:
        """The arguments that may be given by place, in order."""
        return tuple(arg for arg in self.args if arg.positional)

    def arg(self, name: str) -> Arg:
        """The argument called `name`; KeyError if there is none."""
        for arg in self.args:
            if arg.name == name:
                return arg
        raise KeyError(name)

    def line(self, language: Language) -> str:
        """How the command begins, as typed: `/bridge new`, `/桥接 新建`."""
        words = [self.family.name.shown(language)]
        if self.verb is not None:
            words.append(self.verb.shown(language))
        return "/" + " ".join(words)

    def usage(self, language: Language) -> str:
        """The command with its arguments: `/bridge new NAME`, optional ones in brackets."""
        parts = [self.line(language)]
        for arg in self.args:
            shown = arg.shown(language)
            part = shown.upper() if arg.positional else f"{shown}="
            parts.append(part if arg.required else f"[{part}]")
        return " ".join(parts)


def command(
    family: Family,
    verb: Name | None,
    /,
    *args: Arg,
    allow: str,
    summary: Msg,
    examples: tuple[str, str],
    private_ok: bool = True,
    needs_reply: bool = False,
    card: bool = False,
    form: bool = False,
) -> Callable[[Callable[[C, Args], Awaitable[Document]]], Command[C]]:
    """Turn a function into the command that it carries out; see `Command` for the fields."""

    def made(run: Callable[[C, Args], Awaitable[Document]]) -> Command[C]:
        return Command(
            family=family,
            verb=verb,
            args=args,
            allow=allow,
            summary=summary,
            examples=examples,
            run=run,
            private_ok=private_ok,
            needs_reply=needs_reply,
            card=card,
            form=form,
        )

    return made


@dataclass(frozen=True, slots=True, eq=False)
class Entry(Generic[C]):
    """A family with its commands: by verb, without a verb, and its card."""

    family: Family
    commands: tuple[Command[C], ...]
    verbs: dict[str, Command[C]] = field(repr=False)
    plain: Command[C] | None
    card: Command[C] | None


class Registry(Generic[C]):
    """All commands. ValueError if a name could mean two things."""

    def __init__(self, commands: Iterable[Command[C]]) -> None:
        self.commands = tuple(commands)
        self._keys: dict[str, Command[C]] = {}
        for each in self.commands:
            if self._keys.setdefault(each.key, each) is not each:
                raise ValueError(f"{each.key} is defined twice")
        self._spellings: dict[Language, dict[str, str]] = {}
        families = dict.fromkeys(each.family for each in self.commands)
        self.entries = tuple(self._entry(family) for family in families)
        self._families: dict[str, Entry[C]] = {}
        self.verbs: dict[str, tuple[Entry[C], ...]] = {}
        for entry in self.entries:
            for name in entry.family.name.all:
                other = self._families.setdefault(fold(name), entry)
                if other is not entry:
                    first, second = other.family.name.en, entry.family.name.en
                    raise ValueError(f"{name!r} names both families {first} and {second}")
            for verb in entry.verbs:
                self.verbs[verb] = (*self.verbs.get(verb, ()), entry)

    def _entry(self, family: Family) -> Entry[C]:
        commands = tuple(each for each in self.commands if each.family == family)
        verbs: dict[str, Command[C]] = {}
        for each in commands:
            for name in each.verb.all if each.verb is not None else ():
                other = verbs.setdefault(fold(name), each)
                if other is not each:
                    raise ValueError(f"{name!r} names both {other.key} and {each.key}")
        plain = [each for each in commands if each.verb is None and not each.card]
        card = [each for each in commands if each.card]
        return Entry(
            family, commands, verbs, plain[0] if plain else None, card[0] if card else None
        )

    def __iter__(self) -> Iterator[Command[C]]:
        return iter(self.commands)

    @property
    def families(self) -> dict[str, Entry[C]]:
        """The families by every folded name."""
        return self._families

    def family(self, name: str) -> Entry[C] | None:
        """The family with this name in either language, or None."""
        return self._families.get(fold(name))

    def command(self, key: str) -> Command[C]:
        """The command with this `Command.key`; KeyError if there is none."""
        return self._keys[key]

    def spellings(self, language: Language) -> Mapping[str, str]:
        """Every folded way to name a command, and its command line in `language`.

        Families, verbs that only one family has, and both run together in either order.
        """
        if language not in self._spellings:
            self._spellings[language] = dict(self._spell(language))
        return self._spellings[language]

    def _spell(self, language: Language) -> Iterator[tuple[str, str]]:
        for verb, entries in self.verbs.items():
            if len(entries) == 1:
                yield verb, entries[0].verbs[verb].line(language)
        for entry in self.entries:
            for verb, command in entry.verbs.items():
                line = command.line(language)
                for family in map(fold, entry.family.name.all):
                    yield from ((family + verb, line), (verb + family, line))
                    yield f"{family}_{verb}", line
        for family, entry in self._families.items():
            yield family, "/" + entry.family.name.shown(language)

    def menu(self) -> tuple[tuple[str, Msg], ...]:
        """Telegram's command menu: name in Latin letters, description to be translated."""
        return tuple(
            (entry.family.name.en, entry.family.summary)
            for entry in self.entries
            if entry.family.menu
        )

    def table(self, language: Literal["zh", "en"], translate: Callable[[Msg], str]) -> str:
        """The documentation table of all commands, as Markdown, ending in a newline."""
        place = 1 if language == "zh" else 0
        head = (
            ("命令", "作用", "例") if language == "zh" else ("command", "what it does", "example")
        )
        rows = [head, ("---", "---", "---")]
        rows += [
            (f"`{each.usage(language)}`", translate(each.summary), f"`{each.examples[place]}`")
            for each in self.commands
        ]
        cells = ([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows)
        return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def discover(package: ModuleType, context: type[C]) -> Registry[C]:
    """The registry of all commands in the modules of `package`, in order of module name.

    `context` is the type that every command function takes first. ValueError if a module
    has commands of a family other than its own `FAMILY`.
    """
    found: list[Command[C]] = []
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        here = [value for value in vars(module).values() if isinstance(value, Command)]
        family = getattr(module, "FAMILY", None)
        for each in dict.fromkeys(here):
            if each.family is not family:
                raise ValueError(f"{module.__name__} holds {each.key}, not of its FAMILY")
        found.extend(dict.fromkeys(here))
    return Registry(found)
