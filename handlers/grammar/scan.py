"""Where quotations and keys stand in the text of a command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from handlers.folding import fold
from handlers.grammar.situation import Source
from handlers.registry import Arg

_PAIRS = dict.fromkeys('"“”„', '"”“„') | dict.fromkeys("'‘", "'’‘")
_PAIRS |= {"「": "」", "『": "』", "«": "»"}
_MOST = 400
_OPENS = re.compile(r"(?<![^\s,;=:、(])[" + "".join(_PAIRS) + "]")
_CLOSES = {
    closers: re.compile(f"[{closers}](?=[\\s,;。、.!?)=:]|$)")
    if "'" in closers or '"' in closers
    else re.compile(f"[{closers}]")
    for closers in set(_PAIRS.values())
}


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between quotation marks, and where it goes on after them."""

    start: int
    end: int
    after: int


def quotations(source: Source, start: int, end: int) -> dict[int, Quotation]:
    """The quotations by the place of their opening mark.

    A mark opens one only where a word begins and closes it only where one ends, so that
    the apostrophe of `it's` does neither. Straight and curved marks close each other, as
    phones mix them. A mark that is never closed is a character like any other.
    """
    found: dict[int, Quotation] = {}
    unclosed: set[str] = set()
    place = start
    while len(found) < _MOST and (opening := _OPENS.search(source.plain, place, end)):
        at = opening.start()
        closers = _PAIRS[opening[0]]
        closing = None
        if closers not in unclosed:
            closing = _CLOSES[closers].search(source.plain, at + 1, end)
            if closing is None:
                unclosed.add(closers)
        if closing is None:
            place = at + 1
            continue
        found[at] = Quotation(at + 1, closing.start(), closing.end())
        place = closing.end()
    return found


_LINK = re.compile(r"(?:https?://|geo:(?=[-+0-9])|[a-z]{3,16}://)[^\s“”「」。、]+")


def links(source: Source, start: int, end: int) -> dict[int, Quotation]:
    """The addresses by where they begin: signs in them introduce nothing."""
    found = _LINK.finditer(source.plain, start, end)
    return {each.start(): Quotation(*each.span(), each.end()) for each in found}


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that introduces an argument by name, and where its value begins.

    `arg` is None for a word with a sign that is no key. `lead` marks one without a sign.
    `below` is True where it begins a line after the first.
    """

    start: int
    after: int
    arg: str | None
    lead: bool
    below: bool
    sign: str


Words = tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    pattern: re.Pattern[str]
    chinese: tuple[str, ...]
    keys: dict[str, str]
    leads: dict[str, str]


@lru_cache(maxsize=512)
def _lexicon(words: Words) -> _Lexicon:
    keys = {fold(key): name for name, names, _leads in words for key in names}
    leads = {fold(lead): name for name, _keys, given in words for lead in given}
    ordered = sorted(keys, key=len, reverse=True)
    chinese = tuple(key for key in ordered if not key.isascii())
    parts = [r"(?<![^\s,;。、])(?P<word>[^\W\d_][\w-]{0,23})(?P<sign>=|:(?!//))"]
    if ordered:
        names = "|".join(map(re.escape, ordered))
        parts.insert(0, rf"(?<![^\s,;。、])(?P<key>{names})[ \t]{{0,2}}(?P<keysign>=|:(?!//))")
        if chinese:
            parts.append(rf"(?P<glued>{'|'.join(map(re.escape, chinese))})=")
    if leads:
        names = "|".join(map(re.escape, sorted(leads, key=len, reverse=True)))
        parts.insert(0, rf"(?<![^\s,;。、])(?P<lead>{names})(?=[ \t]+[^\s=:])")
    return _Lexicon(re.compile("|".join(parts)), chinese, keys, leads)


def hits(
    source: Source, start: int, end: int, args: tuple[Arg, ...], quoted: dict[int, Quotation]
) -> Iterator[Hit]:
    """The keys of `args` in order, those inside quotations left out."""
    words = tuple((arg.name, arg.keys, arg.leads) for arg in args)
    lexicon = _lexicon(words)
    inside = sorted((each.start, each.after) for each in quoted.values())
    next_inside = 0
    for match in lexicon.pattern.finditer(source.plain, start, end):
        at = match.start()
        while next_inside < len(inside) and inside[next_inside][1] <= at:
            next_inside += 1
        if next_inside < len(inside) and inside[next_inside][0] <= at:
            continue
        groups = match.groupdict()
        if groups["word"] and groups["sign"] == "=":
            key = next((each for each in lexicon.chinese if groups["word"].endswith(each)), None)
            if key is not None:
                at = match.end() - 1 - len(key)
                groups["glued"] = key
        lead, key = groups.get("lead"), groups.get("key") or groups.get("glued")
        name = lexicon.leads[lead] if lead else lexicon.keys[key] if key else None
        sign = groups.get("keysign") or groups.get("sign") or ("=" if groups.get("glued") else "")
        line = source.plain[max(start, at - 40) : at]
        below = "\n" in line and not line.rpartition("\n")[2].strip()
        yield Hit(at, match.end(), name, bool(lead), below, sign)
