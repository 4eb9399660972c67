"""One reader for each kind of argument: from a place in a text to a typed value."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from handlers.folding import fold, half, is_cjk
from handlers.grammar.durations import duration_at
from handlers.grammar.numerals import number_at, percent_at
from handlers.grammar.situation import Situation, Source, Taken, Unread, at_boundary
from handlers.grammar.times import time_at
from handlers.grammar.vocabulary import ANSWERS, LANGUAGES, LEVEL, LEVELS, UNIT
from handlers.registry import Arg
from handlers.values import Kind, Named, Person, Quantity, Reference, Value
from workflows.errors import Refusal
from workflows.geo.places import Place, read_place
from workflows.text import _

Reading: TypeAlias = Taken | Unread | None
"""None: nothing there is of that kind at all. `Unread` says what exactly is wrong with it."""

Reader: TypeAlias = Callable[[Source, int, int, Arg, Situation], Reading]

_ORDINAL = "号第楼层级期点时年月日.-/:%成"


def _bounded(amount: Decimal, end: int, arg: Arg) -> Reading:
    if amount < arg.minimum or (arg.maximum is not None and amount > arg.maximum):
        return Unread(_("{number} is out of range.", number=amount))
    return Taken(amount, end)


def _number(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    negative = source.plain.startswith("-", start, end)
    found = number_at(source.plain, start + negative, end)
    if found is None:
        return None
    amount, place = found
    unit = UNIT.match(source.plain, place, end) if arg.kind is Kind.INTEGER else None
    if unit and unit["zh"] and unit.start("zh") == place:
        place = unit.end()
    if not at_boundary(source.plain, place, end):
        return None
    return _bounded(-amount if negative else amount, place, arg)


def _integer(source: Source, start: int, end: int, arg: Arg, situation: Situation) -> Reading:
    read = _number(source, start, end, arg, situation)
    if not isinstance(read, Taken) or not isinstance(read.value, Decimal):
        return read
    if read.value % 1:
        return Unread(_("{number} is not a whole number.", number=read.value))
    return Taken(int(read.value), read.end)


def _percent(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    found = percent_at(source.plain, start, end)
    if found is None or not at_boundary(source.plain, found[1], end):
        return None
    value, place, marked = found
    if value > 100:
        return Unread(_("{number} is out of range.", number=value))
    if not marked and 0 < value < 1:
        return Unread(
            _("“{text}” could be two percentages.", text=source.typed[start:place]),
            (f"{value.normalize():f}%", f"{(value * 100).normalize():f}%"),
        )
    return Taken(value, place)


def _quantity(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    plain = source.plain
    found = number_at(plain, start, end)
    if found is None:
        return None
    amount, place = found
    unit = UNIT.match(plain, place, end)
    if unit is None:
        spoken = not ("0" <= plain[place - 1] <= "9")
        after = plain[place : place + 1]
        glued = after and not at_boundary(plain, place, end)
        if glued and (spoken or after in _ORDINAL or not is_cjk(after)):
            return None
        bound = _bounded(amount, place, arg)
        return Taken(Quantity(amount), place) if isinstance(bound, Taken) else bound
    name, place = (unit["latin"] or unit["zh"]), unit.end()
    if plain.startswith("半", place, end):
        amount, place = amount + Decimal("0.5"), place + 1
    bound = _bounded(amount, place, arg)
    shown = (
        None
        if name in ("x", "×")
        else half(source.typed[unit.start(unit.lastgroup or 0) : unit.end()])
    )
    return Taken(Quantity(amount, shown), place) if isinstance(bound, Taken) else bound


def _time(source: Source, start: int, end: int, arg: Arg, situation: Situation) -> Reading:
    return time_at(source.plain, start, end, situation.now, situation.zone, arg.when)


def _duration(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    start += source.plain.startswith(("每", "+"), start, end)
    found = duration_at(source.plain, start, end)
    if found is None or not at_boundary(source.plain, found[1], end):
        return None
    return Taken(found[0], found[1])


def _word(source: Source, start: int, end: int, arg: Arg, situation: Situation) -> Reading:
    known = {fold(name): name for name in situation.known.get(arg.known, ())}
    whole = _named(source, start, end, known)
    stop = source.word_end(start, end) if whole is None else whole.end
    return Taken(source.typed[start:stop], stop) if stop > start else None


def _named(
    source: Source, start: int, end: int, names: dict[str, str], apart: bool = True
) -> Taken | None:
    """The longest of `names` (folded, to what it stands for) at `start`."""
    for name in sorted(names, key=len, reverse=True):
        stop = start + len(name)
        if not source.plain.startswith(name, start, end):
            continue
        if not apart or at_boundary(source.plain, stop, end):
            return Taken(names[name], stop)
    return None


def _choices(arg: Arg, situation: Situation) -> dict[str, str]:
    known = {fold(name): choice.code for choice in arg.choices for name in choice.names}
    codes = set(known.values())
    further = {fold(name): code for name, code in situation.titles.items() if code in codes}
    return further | known


def _choice(source: Source, start: int, end: int, arg: Arg, situation: Situation) -> Reading:
    return _named(source, start, end, _choices(arg, situation))


def _level(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    found = LEVEL.match(source.plain, start, end)
    if found is None or not at_boundary(source.plain, found.end(), end):
        return None
    return Taken("I" if found[1] else LEVELS[found[2]], found.end())


def _language(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    return _named(source, start, end, LANGUAGES)


def _yes(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    said = _named(source, start, end, ANSWERS)
    return None if said is None else Taken(said.value == "yes", said.end)


_ROOM = re.compile(
    r"(?:telegram:-?[0-9]{1,20}(?:/[0-9]{1,12})?|matrix:[!#][^\s,;]{1,255}|web:[^\s,;/]{1,64}"
    r"|[!#][^\s,;:]{1,200}:[^\s,;]{1,255})"
)


def _room(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    found = _ROOM.match(source.plain, start, end)
    return None if found is None else Taken(half(source.typed[start : found.end()]), found.end())


_ME = re.compile(r"(?:me|myself)(?![a-z0-9])|我自己|我|本人")
_ACCOUNT = re.compile(r"(?:telegram:[0-9]{1,20}|matrix:@[^\s,;]{1,255}|web:[^\s,;]{1,64})")
_HANDLE = re.compile(r"@([\w.\-=/+]{1,128}(?::[\w.\-]{1,200}(?::[0-9]{1,5})?)?)")
_NAME = re.compile(r"[^\W\d_][\w.\-'’·]{0,63}")


def _person(source: Source, start: int, end: int, arg: Arg, situation: Situation) -> Reading:
    for span in situation.mentions:
        if span.start == start and span.end <= end:
            return Taken(Person(Named.ACCOUNT, span.account), span.end)
    role = _named(source, start, end, _choices(arg, situation))
    if role is not None:
        return Taken(Person(Named.ROLE, str(role.value)), role.end)
    me = _ME.match(source.plain, start, end)
    if me and at_boundary(source.plain, me.end(), end):
        return Taken(Person(Named.ME), me.end())
    for pattern, named in ((_ACCOUNT, Named.ACCOUNT), (_HANDLE, Named.HANDLE)):
        found = pattern.match(source.plain, start, end)
        if found:
            typed = half(source.typed[start : found.end()]).rstrip(".-")
            plain_handle = named is Named.HANDLE and ":" not in typed
            return Taken(Person(named, typed[1:] if plain_handle else typed), found.end())
    known = _named(source, start, end, {fold(name): name for name in situation.names})
    if known is not None:
        return Taken(Person(Named.NAME, str(known.value)), known.end)
    name = _NAME.match(source.plain, start, end)
    if name is None or not at_boundary(source.plain, name.end(), end):
        return None
    return Taken(Person(Named.NAME, source.typed[start : name.end()]), name.end())


_REFERENCE = re.compile(
    r"(?:i([0-9]{1,9})[ ]?-[ ]?)?(?:([a-z])[ ]?-?|#)?([0-9]{1,9})(?![0-9a-z_%.:-])"
)


def _reference(source: Source, start: int, end: int, arg: Arg, situation: Situation) -> Reading:
    found = _REFERENCE.match(source.plain, start, end)
    if found is None:
        return None
    letter = (found[2] or "").upper()
    if not letter:
        replied = situation.replied is not None and situation.replied.letter in arg.letters
        if len(arg.letters) != 1 or replied:
            return None
        letter = arg.letters
    number = int(found[3])
    if letter not in arg.letters or number == 0:
        return Unread(
            _("“{text}” is not what is meant here.", text=source.typed[start : found.end()])
        )
    incident = int(found[1]) if found[1] and letter != "I" else None
    return Taken(Reference(letter, number, incident), found.end())


def place_of(typed: str) -> Place | Unread:
    """The place that a text says as a whole."""
    try:
        return read_place(typed)
    except Refusal as refusal:
        instead = refusal.params.get("instead")
        return Unread(refusal.text, (instead,) if isinstance(instead, str) else ())


def _place(source: Source, start: int, end: int, arg: Arg, _situation: Situation) -> Reading:
    """What stands before other arguments: a link, degrees, or one word."""
    stop = source.word_end(start, end)
    more = source.word_end(source.trim(stop, end)[0], end)
    if source.plain[stop - 1] in ",;" or "." in source.plain[start:stop]:
        read = place_of(source.typed[start:more])
        if isinstance(read, Place) and read.words is None:
            return Taken(read, more)
    whole = place_of(source.typed[start:stop])
    return Taken(whole, stop) if isinstance(whole, Place) else whole


READERS: dict[Kind, Reader] = {
    Kind.TEXT: _word,
    Kind.WORD: _word,
    Kind.CHOICE: _choice,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.PERCENT: _percent,
    Kind.QUANTITY: _quantity,
    Kind.TIME: _time,
    Kind.DURATION: _duration,
    Kind.PERSON: _person,
    Kind.REFERENCE: _reference,
    Kind.LEVEL: _level,
    Kind.LANGUAGE: _language,
    Kind.ROOM: _room,
    Kind.YES: _yes,
    Kind.PLACE: _place,
}

_MANY = 100
_BETWEEN = re.compile(r"[ \t]{0,3}[,、][ \t]{0,3}")


def read_value(source: Source, start: int, end: int, arg: Arg, situation: Situation) -> Reading:
    """The value of `arg` at `start`, which is not white space; with `many` a tuple of them.

    Text and words stop at white space, and at a comma where several are wanted.
    """
    reader = READERS[arg.kind]
    if not arg.many:
        return reader(source, start, end, arg, situation)
    values: list[Value] = []
    place = start
    while True:
        stop = end
        if arg.kind in (Kind.TEXT, Kind.WORD):
            comma = _NEXT_COMMA.search(source.plain, place, end)
            stop = comma.start() if comma else end
        read = reader(source, place, stop, arg, situation)
        if not isinstance(read, Taken):
            return read
        values.append(read.value)
        if len(values) > _MANY:
            return Unread(_("More than {n} at once are too many.", n=_MANY))
        between = _BETWEEN.match(source.plain, read.end, end)
        if between is None or between.end() >= end:
            return Taken(tuple(values), read.end)
        place = between.end()


_NEXT_COMMA = re.compile("[,、]")
