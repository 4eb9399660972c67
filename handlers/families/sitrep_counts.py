"""Casualties and damage in a sentence as people write it: `2人死亡、3人受伤`, `2 dead`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from handlers.grammar.numerals import number_at
from handlers.grammar.situation import Source
from workflows.sitreps.figures import NOBODY_HURT, Code

_WORDS: Mapping[Code | str, str] = {
    Code.DEAD: "死亡|遇难|身亡|丧生|死|dead|deaths?|deceased|died|killed|fatalit(?:y|ies)",
    Code.MISSING: "失踪|失联|下落不明|missing|unaccounted for",
    Code.SEVERE: "重伤|危重|(?:seriously|severely) (?:injured|hurt)|(?:serious|severe) injuries",
    "light": "轻微伤|轻伤|(?:slightly|lightly) (?:injured|hurt)|(?:minor|light) injuries",
    Code.INJURED: "受伤|负伤|伤者|伤员|伤|injured|hurt|wounded|injuries",
    Code.TRAPPED: "被困|受困|遇险|trapped",
    Code.EVACUATED: "紧急转移安置|转移安置|紧急转移|转移|疏散|撤离|evacuated|relocated",
    Code.AFFECTED: "受灾|受影响|affected",
    Code.COLLAPSED: "(?:房屋)?倒塌(?:房屋|住房)?|collapsed",
    Code.DAMAGED: "(?:房屋)?(?:受损|损坏)(?:房屋|住房)?|damaged",
    Code.LOSS: "直接经济损失|经济损失|(?:direct )?economic loss(?:es)?|loss(?:es)?",
}
_PEOPLE = frozenset(
    {
        *(Code.DEAD, Code.MISSING, Code.SEVERE, "light", Code.INJURED),
        *(Code.TRAPPED, Code.EVACUATED, Code.AFFECTED),
    }
)
_WORD = re.compile(
    "|".join(f"(?P<w{place}>{words})(?![a-z])" for place, words in enumerate(_WORDS.values()))
)
_CODES = tuple(_WORDS)
_NOBODY = re.compile(
    r"\s*(?:0|零|无|没有|暂无|尚无|未发生|未造成|none|nil|no|nobody|no one)\s*(?:人员|人|任何)?\s*"
    r"(?:伤亡|死伤|受伤|死亡|casualt(?:y|ies)|hurt|injured|injuries|dead)?\s*(?:情况|报告)?[。.!\s]*"
)
_UNKNOWN = re.compile(
    r"(?:人数|数|情况)?\s*(?:不详|未知|不明|待核实?|待查|核实中|unknown|not known|unclear)"
)
_UNIT = re.compile(
    r"\s*(?:余|多)?\s*(?:人|名|个|位|间|栋|户|座|处|people|persons?|buildings?|houses?)"
)
_MONEY = re.compile(r"\s*(亿元|亿|万元|万|元|yuan|cny|rmb)")
_YUAN = {"亿元": 10**8, "亿": 10**8, "万元": 10**4, "万": 10**4}
_THINGS = frozenset({Code.COLLAPSED, Code.DAMAGED, Code.LOSS})
_OTHERWISE = "岁号时点分日月年:%度米"
"""After these a number counts neither people nor things."""
_ABOUT = re.compile(
    r"(?:大约|约|近|至少|超过|逾|(?:about|around|at least|over|more than|nearly)(?![a-z]))"
)
_STOP = re.compile(r"[\s,;:=、。.()0-9-]|[一二两三四五六七八九十百千]")
_FILLER = re.compile(
    r"[\s,;:=、。.()\[\]和及并其中共已者了有各]+|(?:and|of them|of these|were|was|are|is|have been|"
    r"has been|人数|人员|群众|其中|累计|造成|people|persons?)(?![a-z])|(?:余|多)?人"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of a sentence. `rest` are numbers in it that belong to nothing or cannot be;
    `plain` if the figures say all, so that the words need not be kept."""

    values: Mapping[Code, int]
    rest: str = ""
    plain: bool = True


def read_counts(typed: str) -> Counts:
    """The figures of people in a sentence. None hurt (`0`, `无`) is nobody dead, missing, injured
    or trapped."""
    source = Source.of(typed)
    if _NOBODY.fullmatch(source.plain):
        return Counts(dict.fromkeys(NOBODY_HURT, 0))
    return _paired(source, _PEOPLE)


def read_damage(typed: str) -> Mapping[Code, int]:
    """The figures of things in a sentence, whose words are kept in any case."""
    return _paired(Source.of(typed), _THINGS).values


@dataclass(frozen=True, slots=True)
class _Token:
    """A number, a word that says what is counted, or (neither) words of another kind."""

    text: str
    number: Decimal | None = None
    word: Code | str | None = None


def _paired(source: Source, wanted: frozenset[Code | str]) -> Counts:
    """Each number with the word beside it, whichever comes first."""
    tokens = [each for each in _tokens(source) if each.word is None or each.word in wanted]
    found: dict[Code | str, int] = {}
    rest: list[str] = []
    plain = True
    place = 0
    while place < len(tokens):
        one = tokens[place]
        two = tokens[place + 1] if place + 1 < len(tokens) else _Token("")
        place += 1
        word, number = one.word or two.word, one.number if one.word is None else two.number
        if word is None or number is None or (one.word is None and one.number is None):
            plain = False
            if one.number is not None:
                rest.append(one.text)
            continue
        place += 1
        if number % 1 or number < 0 or found.setdefault(word, int(number)) != number:
            rest.append(f"{one.text} {two.text}" if one.text != two.text else one.text)
    if "light" in found:
        light = found.pop("light")
        found.setdefault(Code.INJURED, light + found.get(Code.SEVERE, 0))
    elif Code.SEVERE in found:
        found.setdefault(Code.INJURED, found[Code.SEVERE])
    counted = {code: found[code] for code in Code if code in found}
    return Counts(counted, " ".join(rest), plain and not _ABOUT.search(source.plain))


def _tokens(source: Source) -> Iterator[_Token]:
    plain, end = source.plain, len(source.plain)
    place = 0
    while place < end:
        match = _FILLER.match(plain, place) or _ABOUT.match(plain, place)
        if match is not None and match.end() > place:
            place = match.end()
            continue
        start = place
        word = _WORD.match(plain, place)
        sign = plain[place] == "-"
        number = None if word else number_at(plain, place + sign, end)
        if word is None and number is None:
            place += 1
            while place < end and not _STOP.match(plain, place):
                place += 1
            yield _Token(source.typed[start:place])
            continue
        if word is not None:
            place = word.end()
            unknown = _UNKNOWN.match(plain, place)
            if unknown is not None:
                place = unknown.end()
                yield _Token(source.typed[start:place])
                continue
            yield _Token(source.typed[start:place], word=_CODES[int((word.lastgroup or "w0")[1:])])
        elif number is not None:
            amount, place = number
            if plain[place : place + 1] in _OTHERWISE and place < end:
                place += 1
                yield _Token(source.typed[start:place])
                continue
            if money := _MONEY.match(plain, place):
                amount, place = amount * _YUAN.get(money[1], 1), money.end()
            elif unit := _UNIT.match(plain, place):
                place = unit.end()
            yield _Token(source.typed[start:place], number=-amount if sign else amount)
