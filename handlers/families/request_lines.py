"""Several lines of a request from the words of one message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.grammar.readers import read_value
from handlers.grammar.situation import Situation, Source, Taken
from handlers.registry import Arg
from handlers.values import Kind, Quantity
from workflows.errors import Refusal
from workflows.requests.service import Wanted
from workflows.text import _

_AMOUNT = Arg("amount", "数量", Kind.QUANTITY)
_BREAK = re.compile(r"[\n;；]+")
_NUMBER = re.compile(r"[0-9０-９一二两三四五六七八九十百千万半]")


def lines(first: Quantity, words: str, now: datetime, zone: ZoneInfo) -> tuple[Wanted, ...]:
    """The line whose quantity is known, and one for each further line or `;` of the words, which
    has its own quantity, before or after what it is of.

    Raises `Refusal` (`request-line-quantity`) for a line without one.
    """
    head, *more = [each.strip() for each in _BREAK.split(words) if each.strip()] or [""]
    made = [Wanted(first.amount, first.unit, head)]
    situation = Situation(now, zone)
    for typed in more:
        found = next(_readings(typed, situation), None)
        if found is None:
            raise Refusal(
                "request-line-quantity",
                _(
                    "“{text}” says no quantity. Each line is a quantity and what is needed, such "
                    "as “200 m boom”.",
                    text=typed[:60],
                ),
            )
        made.append(found)
    return tuple(made)


def _readings(typed: str, situation: Situation) -> Iterator[Wanted]:
    source = Source.of(typed)
    end = len(typed)
    read = read_value(source, 0, end, _AMOUNT, situation)
    if isinstance(read, Taken) and isinstance(read.value, Quantity) and typed[read.end :].strip():
        yield Wanted(read.value.amount, read.value.unit, typed[read.end :].strip())
    for match in _NUMBER.finditer(source.plain):
        start = match.start()
        read = read_value(source, start, end, _AMOUNT, situation) if start else None
        if isinstance(read, Taken) and isinstance(read.value, Quantity) and read.end == end:
            yield Wanted(read.value.amount, read.value.unit, typed[:start].strip())
