"""Arguments by place and by key, from the text after the command's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

from handlers.grammar.expect import expected
from handlers.grammar.nearest import nearest
from handlers.grammar.outcome import Invocation, Problem
from handlers.grammar.readers import place_of, read_value
from handlers.grammar.scan import Hit, Quotation, hits, links, quotations
from handlers.grammar.situation import Situation, Source, Taken, Unread
from handlers.registry import Arg, Command
from handlers.values import Args, Kind, Named, Person, Reference, Value
from workflows.geo.places import Place
from workflows.text import _

C = TypeVar("C")
_SEPARATORS = ",;、"
_SHOWN = 60
_LINE = 200
_TRIED = 16
_HITS = 400
_WHOLE_NAME = re.compile(r"(?=.*[^\W\d_])[\w.\-'’·&() ]{1,64}")


class _Found(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def shorten(text: str) -> str:
    """`text` on one line and short enough to be repeated in a reply."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def bad_value(arg: Arg, typed: str, why: Unread | None, language: str) -> Problem:
    """The problem that `typed` cannot be the value of `arg`."""
    words, example = expected(arg)
    shown = arg.zh if language == "zh" else arg.name
    text = (
        _("“{text}” is not understood as {argument}.", text=shorten(typed), argument=shown)
        if why is None
        else why.why
    )
    instead = why.instead if why else ()
    return Problem("bad-value", text, words, example, instead, arg.name)


def value_of(arg: Arg, text: str, situation: Situation) -> Value | Problem:
    """The value of `arg` that `text` says as a whole; free text is taken as typed.

    `situation.mentions` must be in places of `text`.
    """
    source = Source.of(text)
    start, end = source.trim(0, len(text))
    quoted = quotations(source, start, end).get(start)
    if quoted and quoted.after == end:
        start, end = quoted.start, quoted.end
    if arg.kind is Kind.TEXT and not arg.many and start < end:
        return text[start:end]
    if arg.kind is Kind.PLACE and start < end:
        place = place_of(text[start:end])
        if isinstance(place, Place):
            return place
        return bad_value(arg, text[start:end], place, situation.language)
    read = read_value(source, start, end, arg, situation) if start < end else None
    if isinstance(read, Taken) and source.trim(read.end, end, _SEPARATORS + "。")[0] >= end:
        return read.value
    if arg.kind is Kind.PERSON and not arg.many and _WHOLE_NAME.fullmatch(source.plain, start, end):
        return Person(Named.NAME, text[start:end])
    return bad_value(
        arg, text[start:end], read if isinstance(read, Unread) else None, situation.language
    )


@dataclass(slots=True)
class _Reading(Generic[C]):
    command: Command[C]
    source: Source
    situation: Situation
    quoted: dict[int, Quotation]
    line: str
    begin: int
    values: dict[str, Value] = field(default_factory=dict)
    blank: set[str] = field(default_factory=set)
    free: list[tuple[int, int]] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    tried: int = 0

    def bad(self, arg: Arg, start: int, end: int, why: Unread | None) -> _Found:
        found = bad_value(arg, self.source.typed[start:end], why, self.situation.language)
        typed = self.source.typed
        lines = tuple(
            " ".join(f"{self.line} {typed[self.begin : start]}{each}{typed[end:]}".split())
            for each in found.suggestions
        )
        return _Found(
            Problem(found.code, found.text, found.expected, found.example, lines, arg.name)
        )

    def twice(self, arg: Arg) -> _Found:
        key = arg.shown(self.situation.language)
        return _Found(
            Problem("repeated-key", _("“{key}” is given twice.", key=key), argument=arg.name)
        )

    def leave(self, start: int, end: int) -> None:
        """Keep a part for the arguments by place, if there is anything in it."""
        start, end = self.source.trim(start, end, _SEPARATORS)
        if start < end:
            self.free.append((start, end))

    def by_key(self, hit: Hit, end: int) -> None:
        """Read the value of a key that goes up to `end` at most."""
        arg = self.command.arg(hit.arg or "")
        if arg.name in self.values or arg.name in self.blank:
            raise self.twice(arg)
        start = hit.after
        while start < end and self.source.plain[start] in " \t":
            start += 1
        quoted = self.quoted.get(start)
        text = arg.free
        whole = text and (hit.below or not self.command.positional)
        if quoted is None and not whole:
            line_end = self.source.plain.find("\n", start, end)
            if line_end >= 0:
                self.leave(line_end, end)
                end = line_end
        last = end
        start, end = self.source.trim(start, end)
        if (end < len(self.source.plain) and last == end) or not text:
            start, end = self.source.trim(start, end, _SEPARATORS)
        if start >= end:
            self.blank.add(arg.name)
        elif quoted is not None:
            self.values[arg.name] = self.inside(arg, quoted)
            self.leave(quoted.after, end)
        elif text:
            self.values[arg.name] = self.source.typed[start:end]
        else:
            read = read_value(self.source, start, end, arg, self.situation)
            if not isinstance(read, Taken):
                raise self.bad(arg, start, end, read)
            self.values[arg.name] = read.value
            self.leave(read.end, end)

    def inside(self, arg: Arg, quoted: Quotation) -> Value:
        """The value of a quotation, of which nothing may be left."""
        if arg.kind in (Kind.TEXT, Kind.WORD, Kind.PLACE):
            text = self.source.typed[quoted.start : quoted.end]
            return (text,) if arg.many else text
        start, end = self.source.trim(quoted.start, quoted.end)
        read = read_value(self.source, start, end, arg, self.situation) if start < end else None
        if not isinstance(read, Taken) or read.end < end:
            if arg.kind is Kind.PERSON and not arg.many and start < end:
                # A name with spaces, or one that begins with a figure.
                return Person(Named.NAME, self.source.typed[start:end])
            why = read if isinstance(read, Unread) else None
            raise self.bad(arg, quoted.start, quoted.end, why)
        return read.value

    def is_key(self, hit: Hit) -> bool:
        """Whether a lead word is one here: a plain word of the text if no value follows it."""
        if not hit.lead:
            return True
        arg = self.command.arg(hit.arg or "")
        if arg.free or arg.name in self.values:
            return arg.name not in self.values
        self.tried += 1
        if self.tried > _TRIED:
            return False
        start, end = self.source.trim(hit.after, len(self.source.plain))
        read = read_value(self.source, start, end, arg, self.situation)
        return read is not None or self.source.plain[start : start + 1].isdigit()

    def check_unknown(self, hit: Hit) -> None:
        """Refuse what looks like a key and is none, unless it can only be free text."""
        word = self.source.typed[hit.start : hit.after - 1]
        if word in self.passed:
            return
        self.passed.add(word)
        language = self.situation.language
        keys = {key: arg for arg in self.command.args for key in arg.keys}
        near = nearest(word, keys) if hit.sign == "=" or hit.below else ()
        has_keys = len(self.command.positional) < len(self.command.args)
        takes_text = any(arg.free for arg in self.command.args)
        first_line = not hit.below and "\n" not in self.source.plain[: hit.start]
        if not near and (hit.sign != "=" or (takes_text and not (has_keys and first_line))):
            return
        shown = tuple(dict.fromkeys(keys[key].shown(language) for key in near))
        known = shown or tuple(arg.shown(language) for arg in self.command.args)
        text = _("“{key}” is not a key of this command.", key=word)
        if not known:
            raise _Found(Problem("unknown-key", text, argument=word))
        typed = self.source.typed
        before, after = typed[self.begin : hit.start], typed[hit.after - 1 :]
        lines = tuple(f"{self.line} {before.lstrip()}{key}{after}" for key in shown)
        raise _Found(
            Problem(
                "unknown-key",
                text,
                _("one of: {choices}", choices=known),
                suggestions=tuple(each for each in lines if len(each) <= _LINE),
                argument=word,
            )
        )

    def replied(self, arg: Arg) -> Reference | None:
        """The thing whose card is replied to, if `arg` can mean it."""
        replied = self.situation.replied
        if arg.kind is not Kind.REFERENCE or replied is None:
            return None
        return replied if replied.letter in arg.letters else None

    def by_place(self) -> None:
        """Give the free parts to the arguments that have a place, in order."""
        waiting = [arg for arg in self.command.positional if arg.name not in self.values]
        rest: Arg | None = None
        for begin, end in self.free:
            place = begin
            while place < end:
                line = self.source.plain.rfind("\n", 0, place)
                if rest is not None and not self.source.plain[line + 1 : place].strip():
                    typed = self.source.typed[place:end]
                    self.values[rest.name] = f"{self.values[rest.name]}\n{typed}"
                    break
                if not waiting:
                    raise self.left_over(place, end)
                arg = waiting[0]
                if arg.free and len(waiting) == 1:
                    rest = waiting.pop(0)
                    self.values[rest.name] = self.rest(place, end)
                    break
                place = self.next_value(waiting, place, end)
                place, end = self.source.trim(place, end, _SEPARATORS)

    def rest(self, place: int, end: int) -> str:
        quoted = self.quoted.get(place)
        if quoted and quoted.after == end:
            return self.source.typed[quoted.start : quoted.end]
        return self.source.typed[place:end]

    def next_value(self, waiting: list[Arg], place: int, end: int) -> int:
        """Read the first waiting argument that takes what stands at `place`; where it ends."""
        why: tuple[Arg, Unread | None] | None = None
        while waiting:
            arg = waiting.pop(0)
            quoted = self.quoted.get(place)
            if quoted is not None:
                self.values[arg.name] = self.inside(arg, quoted)
                return quoted.after
            read = read_value(self.source, place, end, arg, self.situation)
            if isinstance(read, Taken):
                self.values[arg.name] = read.value
                return read.end
            if why is None or isinstance(read, Unread):
                why = (arg, read)
            replied = self.replied(arg)
            if replied is not None:
                self.values[arg.name] = replied
            elif arg.required:
                break
            if waiting and waiting[0].free and waiting[0] is self._last:
                text = waiting.pop(0)
                self.values[text.name] = self.rest(place, end)
                return end
        if why is None:
            raise self.left_over(place, end)
        arg, unread = why
        stop = end if arg.kind in (Kind.TIME, Kind.DURATION) else self.source.word_end(place, end)
        raise self.bad(arg, place, stop, unread)

    def places(self) -> None:
        """Places are read from the words that were found for them."""
        for arg in self.command.args:
            words = self.values.get(arg.name)
            if arg.kind is not Kind.PLACE or not isinstance(words, str):
                continue
            read = place_of(words)
            if isinstance(read, Unread):
                start = self.source.typed.find(words, self.begin)
                raise self.bad(arg, start, start + len(words), read)
            self.values[arg.name] = read

    @property
    def _last(self) -> Arg:
        return self.command.positional[-1]

    def left_over(self, start: int, end: int) -> _Found:
        typed = shorten(self.source.typed[start:end])
        usage = self.command.usage(self.situation.language)
        return _Found(
            Problem(
                "left-over",
                _("“{text}” belongs to nothing here.", text=typed),
                _("the form {usage}", usage=usage),
                self.command.examples,
            )
        )


def read_arguments(
    command: Command[C], source: Source, start: int, situation: Situation
) -> Invocation[C] | Problem:
    """Read the arguments of `command` from place `start` of `source` on."""
    end = len(source.plain)
    quoted = quotations(source, start, end)
    reading = _Reading(command, source, situation, quoted, command.line(situation.language), start)
    try:
        _read(reading, start, end)
    except _Found as found:
        return found.problem
    for arg in command.args:
        replied = reading.replied(arg)
        if arg.name not in reading.values and replied is not None:
            reading.values[arg.name] = replied
            break
    missing = tuple(
        arg.name for arg in command.args if arg.required and arg.name not in reading.values
    )
    if command.form and all(isinstance(each, Reference) for each in reading.values.values()):
        missing = missing or tuple(arg.name for arg in command.args if arg.ask)[:1]
    ordered = {
        arg.name: reading.values[arg.name] for arg in command.args if arg.name in reading.values
    }
    return Invocation(command, Args(ordered), missing)


def _read(reading: _Reading[C], start: int, end: int) -> None:
    keys: list[Hit] = []
    signed: set[str] = set()
    apart = reading.quoted | links(reading.source, start, end)
    found = hits(reading.source, start, end, reading.command.args, apart)
    for hit in islice(found, _HITS):
        if hit.arg is None:
            reading.check_unknown(hit)
        elif reading.is_key(hit):
            if not hit.lead and hit.arg in signed:
                raise reading.twice(reading.command.arg(hit.arg))
            if not hit.lead:
                signed.add(hit.arg)
            keys.append(hit)
    keys = [hit for hit in keys if not hit.lead or hit.arg not in signed]
    reading.leave(start, keys[0].start if keys else end)
    for number, hit in enumerate(keys):
        reading.by_key(hit, keys[number + 1].start if number + 1 < len(keys) else end)
    reading.by_place()
    reading.places()
