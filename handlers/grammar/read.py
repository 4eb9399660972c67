"""From a line that somebody wrote to the command in it, if it is one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from handlers.folding import is_cjk
from handlers.grammar.arguments import read_arguments, shorten
from handlers.grammar.heads import Head, first_is_text, glued, heads
from handlers.grammar.nearest import nearest, nearest_folded
from handlers.grammar.outcome import Invocation, NotCommand, OtherBot, Problem
from handlers.grammar.scan import hits, links, quotations
from handlers.grammar.situation import Situation, Source
from handlers.registry import Command, Entry, Language, Registry
from workflows.text import Msg, _

C = TypeVar("C")

_SUFFIX = re.compile(r"([^\s@]{1,64})@([a-z0-9_]{3,64})(?=\s|$|[,:])")
_ENDS = re.compile(r"[.!?。,:=;、]*(?=\s|$)|[,:=;、]|(?=[\"“”'‘「『@])")
_LATIN = re.compile(r"([a-z][a-z0-9_-]{1,31})[.!?。,:;]*(?=\s|$)")
_CHINESE = re.compile("(?=[a-z0-9]*[㐀-䶿一-鿿〇])([㐀-䶿一-鿿〇a-z0-9]{1,12})[。.!?,:;]*(?=\\s|$)")
_SUGGESTED = 5


def read(
    text: str, registry: Registry[C], situation: Situation
) -> NotCommand | OtherBot | Invocation[C] | Problem:
    """What `text` is. Pure; never raises, whatever the text.

    A command begins with `/` or `!` in either width, directly followed by a letter.
    """
    source = Source.of(text)
    start, end = source.trim(0, len(text))
    if start >= end or source.plain[start] not in "/!":
        return NotCommand()
    place = start + 1
    if place >= end or not source.plain[place].isalpha():
        return NotCommand()
    suffix = _SUFFIX.match(source.plain, place)
    if suffix:
        handle = suffix[2]
        if handle in {bot.lower() for bot in situation.bots}:
            blank = " " * (len(handle) + 1)
            at = suffix.end(1)
            plain = source.plain[:at] + blank + source.plain[suffix.end() :]
            source = Source(source.typed, plain)
        elif handle.endswith("bot") or suffix[1].isascii():
            return OtherBot(text[suffix.start(2) : suffix.end(2)])
    outcome = _from_head(registry, situation, source, place)
    if isinstance(outcome, Problem) and outcome.suggestions:
        part = outcome.code.startswith("unknown")
        lines = (_runnable(registry, situation, line, part) for line in outcome.suggestions)
        return replace(outcome, suggestions=tuple(dict.fromkeys(line for line in lines if line)))
    return outcome


def _runnable(registry: Registry[C], situation: Situation, line: str, part: bool) -> str:
    """`line` if it is a whole command; with `part` as much of it as names one; else nothing.

    A suggestion is a button, and a button has to do something.
    """
    source = Source.of(line)
    aside = replace(situation, mentions=())
    if isinstance(_from_head(registry, aside, source, 1), Invocation):
        return line
    named = heads(registry, source, 1) if part else []
    short = _line(named[0], situation.language) if len(named) == 1 else ""
    again = Source.of(short)
    whole = short and isinstance(_from_head(registry, aside, again, 1), Invocation)
    return short if whole else ""


def _from_head(
    registry: Registry[C], situation: Situation, source: Source, place: int
) -> NotCommand | Invocation[C] | Problem:
    language = situation.language
    found = heads(registry, source, place)
    if not found:
        return _unknown(registry, source, place, language)
    after = found[0].after
    if not glued(source.plain, after):
        if source.plain[after - 1].isascii() or not source.plain[after : after + 1].isalnum():
            ends = _ENDS.match(source.plain, after)
            next_cjk = after < len(source.plain) and is_cjk(source.plain[after])
            if ends is None and not next_cjk:
                return _unknown(registry, source, place, language)
            after = ends.end() if ends else after
    elif found[0].names == 1 and after - place == 1:
        return _unknown(registry, source, place, language)
    elif found[0].names == 1:
        return _run_on(registry, situation, source, place, found[0])
    if len(found) > 1:
        rest = _rest(source, after)
        return Problem(
            "which",
            _("“{text}” can be read in two ways.", text=shorten(source.typed[place - 1 : after])),
            suggestions=tuple(_line(each, language) + rest for each in found[:_SUGGESTED]),
        )
    head = found[0]
    asked = _two_readings(registry, situation, source, place, head, after)
    if asked is not None:
        return asked
    if head.command is not None:
        return read_arguments(head.command, source, after, situation)
    return _without_verb(head.entry, source, after, situation)


def _two_readings(
    registry: Registry[C],
    situation: Situation,
    source: Source,
    place: int,
    head: Head[C],
    after: int,
) -> Problem | None:
    """The question whether a verb is one, or the first word of what the family takes as text.

    `/sitrep first aid post open` is asked about, since the text of both is optional; a key, a
    quotation or a new line after the verb make it clear.
    """
    command, plain = head.command, head.entry.plain
    words = source.plain[place : head.after].split(maxsplit=1)
    if command is None or plain is None or len(words) < 2 or words[0] not in registry.families:
        return None
    if not (first_is_text(command) and first_is_text(plain)):
        return None
    arg = command.positional[0]
    if arg.required or plain.positional[0].name != arg.name:
        return None
    end = len(source.plain)
    line_end = source.plain.find("\n", after)
    start, stop = source.trim(after, end if line_end < 0 else line_end, ",;、")
    quoted = quotations(source, start, end)
    if start >= stop or start in quoted:
        return None
    first = next(hits(source, start, end, command.args, quoted | links(source, start, end)), None)
    if first is not None and first.start == start and (first.arg or first.sign == "="):
        return None
    language = situation.language
    key = arg.shown(language)
    verb = source.typed[head.after - len(words[1]) : head.after]
    rest = " ".join(source.typed[start:].split())
    between = source.typed[head.after : start].rstrip() + " "
    return Problem(
        "which",
        _("“{text}” can be read in two ways.", text=shorten(source.typed[place - 1 :])),
        suggestions=(
            f"{command.line(language)} {key}={rest}",
            f"{plain.line(language)} {key}={verb}{between}{rest}",
        ),
    )


def _rest(source: Source, after: int) -> str:
    """What was typed after the command, on one line, to be appended to a suggestion."""
    rest = " ".join(source.typed[after:].split())
    return f" {rest}" if 0 < len(rest) <= 120 else ""


def _line(head: Head[C], language: Language) -> str:
    if head.command is not None:
        return head.command.line(language)
    return "/" + head.entry.family.name.shown(language)


def _unknown(
    registry: Registry[C], source: Source, place: int, language: Language
) -> NotCommand | Problem:
    """A word after the prefix that names nothing: a slip, or nothing of ours.

    After `/` any plain word is taken for a slip; after `!`, with which people also begin
    sentences, only one that is near a name. Paths and the like never are.
    """
    word = _LATIN.match(source.plain, place) or _CHINESE.match(source.plain, place)
    if word is None or not (word.end() >= len(source.plain) or source.plain[word.end()].isspace()):
        return NotCommand()
    near = _near_lines(registry, word[1], language)
    if not near and source.plain[place - 1] == "!":
        return NotCommand()
    rest = _rest(source, word.end())
    typed = source.typed[place - 1 : word.end(1)]
    return Problem(
        "unknown-command",
        _("There is no command “{text}”.", text=typed),
        suggestions=tuple(line + rest for line in near) or (_help(registry, language),),
    )


def _help(registry: Registry[C], language: Language) -> str:
    """The command that lists the commands; where there is none, the first that there is."""
    entry = registry.family("help") or registry.entries[0]
    return "/" + entry.family.name.shown(language)


def _near_lines(registry: Registry[C], word: str, language: Language) -> tuple[str, ...]:
    """Command lines whose names, alone or run together, are near `word`."""
    lines = registry.spellings(language)
    exact = registry.verbs.get(word, ())
    said = tuple(entry.verbs[word].line(language) for entry in exact)
    near = tuple(lines[name] for name in nearest_folded(word, lines))
    return tuple(dict.fromkeys(said + near))[:_SUGGESTED]


def _run_on(
    registry: Registry[C],
    situation: Situation,
    source: Source,
    place: int,
    head: Head[C],
) -> NotCommand | Invocation[C] | Problem:
    """A Chinese family with more characters directly after it.

    They are its arguments if they can be read as what comes first; free text would be
    a guess, since the whole may be a longer word, and is asked about.
    """
    language = situation.language
    plain = head.entry.plain
    if plain is not None and plain.positional and not first_is_text(plain):
        read = read_arguments(plain, source, head.after, situation)
        if isinstance(read, Invocation) and read.args.values:
            return read
    if source.plain[place - 1] == "!":
        return NotCommand()
    word = source.typed[place : source.word_end(place, len(source.plain))]
    near = _near_lines(registry, word, language)
    if plain is not None and first_is_text(plain):
        shown = plain.line(language)
        near = tuple(dict.fromkeys((shown + _rest(source, head.after), *near)))
    elif not near:
        near = tuple(each.line(language) for each in head.entry.verbs.values())
        near = tuple(dict.fromkeys(near))[:_SUGGESTED]
    return Problem(
        "unknown-command",
        _("There is no command “{text}”.", text=shorten(f"/{word}")),
        suggestions=near or (_help(registry, language),),
    )


def _without_verb(
    entry: Entry[C], source: Source, after: int, situation: Situation
) -> Invocation[C] | Problem:
    """A family with no verb after it: its card, what it does with arguments, or a slip."""
    language = situation.language
    start, end = source.trim(after, len(source.plain))
    if start >= end:
        alone = entry.card or entry.plain
        if alone is not None:
            return read_arguments(alone, source, end, situation)
        return _choose_verb(entry, _("What is to be done is missing."), "no-verb", language)
    target = entry.plain
    if target is None and entry.card is not None and (entry.card.args or not entry.verbs):
        target = entry.card
    stop = source.word_end(start, end)
    word = source.plain[start:stop]
    near = nearest(word, entry.verbs) if not quotations(source, start, stop) else ()
    lines = tuple(dict.fromkeys(entry.verbs[name].line(language) for name in near))
    if target is None:
        text = _(
            "“{family}” does not know “{verb}”.",
            family=entry.family.name.shown(language),
            verb=shorten(source.typed[start:stop]),
        )
        if lines:
            rest = _rest(source, stop)
            return Problem("unknown-verb", text, suggestions=tuple(each + rest for each in lines))
        return _choose_verb(entry, text, "unknown-verb", language)
    if lines and stop == end and first_is_text(target):
        quoted = f"{target.line(language)} “{source.typed[start:stop]}”"
        text = _("“{text}” can be read in two ways.", text=shorten(source.typed[start:stop]))
        return Problem("which", text, suggestions=(*lines, quoted))
    read = read_arguments(target, source, start, situation)
    if isinstance(read, Problem) and lines and read.code in ("bad-value", "left-over"):
        rest = _rest(source, stop)
        return Problem(
            "unknown-verb",
            _(
                "“{family}” does not know “{verb}”.",
                family=entry.family.name.shown(language),
                verb=shorten(source.typed[start:stop]),
            ),
            read.expected,
            read.example,
            tuple(each + rest for each in lines),
        )
    return read


def _choose_verb(entry: Entry[C], text: Msg, code: str, language: Language) -> Problem:
    lines = dict.fromkeys(each.line(language) for each in entry.verbs.values())
    commands: tuple[Command[C], ...] = entry.commands
    examples = commands[0].examples if commands else None
    return Problem(code, text, None, examples, tuple(lines)[:_SUGGESTED])
