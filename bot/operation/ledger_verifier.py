#!/usr/bin/env python3
"""Verify a record that `lianzhi ledger export` has written: python3 lianzhi-ledger-verify.py FILE

Needs Python 3.9 or newer and nothing else. Every line is one entry, canonical JSON (RFC 8785) that
ends in the SHA-256 of the entry without it; each entry holds the hash of the one before. Heads of
the chain that were posted into rooms are given as they stand there, NUMBER:HASH; whoever rewrites
the whole record cannot make it agree with them.

Exit codes: 0 whole, 1 altered (the first bad entry is named), 2 cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence

START = "0" * 64
"""What the first entry has for the hash before it."""

FIELDS = frozenset({"seq", "at", "actor", "room", "code", "params", "before", "hash"})

SHORTEST_HEAD = 16
"""Hexadecimal digits by which a head can be given."""

WHOLE, ALTERED, UNREADABLE = 0, 1, 2

TEXTS = {
    "usage": (
        "用法：lianzhi-ledger-verify.py 文件 [序号:哈希 …]",
        "Usage: lianzhi-ledger-verify.py FILE [NUMBER:HASH ...]",
    ),
    "unreadable": ("读不出来：{reason}", "Cannot be read: {reason}"),
    "whole": (
        "台账完整：共 {count} 条，末条 {head}",
        "The record is whole: {count} entries, head {head}",
    ),
    "bad": (
        "第 {number} 条被改动、删除、插入或移位。",
        "Entry {number} was altered, removed, inserted or moved.",
    ),
    "head": (
        "第 {number} 条与公布的末条不符：台账被整体改写过。",
        "Entry {number} does not agree with the head that was posted: the record was rewritten.",
    ),
}


def canonical(value: object) -> bytes:
    """The value as RFC 8785 writes it. Raises ValueError for what JSON has no place for."""
    return _written(value).encode("utf-8")


def _written(value: object) -> str:
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        # RFC 8785, 3.2.3: names in the order of their UTF-16 code units.
        names = sorted(value, key=lambda name: str(name).encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_written(str(n))}:{_written(value[n])}" for n in names) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(_written, value)) + "]"
    raise ValueError(f"{type(value).__name__} is not JSON")


def number(value: float) -> str:
    """A number as ECMAScript writes it (RFC 8785, 3.2.2.3; ECMA-262, Number::toString)."""
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a number of JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _e, exponent = f"{abs(value)!r}".partition("e")
    whole, _dot, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # The value is 0.DIGITS times ten to the power of `point`.
    point = len(whole) + int(exponent or 0)
    if whole == "0":
        point = int(exponent or 0) - (len(fraction) - len(fraction.lstrip("0")))
    digits = digits.rstrip("0")
    if 0 < point <= 21:
        if len(digits) <= point:
            return sign + digits.ljust(point, "0")
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    shown = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{shown}e{'+' if power > 0 else '-'}{abs(power)}"


def first_bad(lines: Iterable[bytes], heads: Mapping[int, str]) -> tuple[int | None, int, str]:
    """The number of the first entry that was altered, removed, inserted or moved, None if none
    was; how many entries are well before it; the hash of the last of those.

    A head that an entry does not agree with, or that there is no entry for, makes that one bad.
    """
    before, count = START, 0
    for line in lines:
        entry = _entry(line)
        hashed = None if entry is None else entry.pop("hash")
        if (
            entry is None
            or entry["seq"] != count + 1
            or entry["before"] != before
            or hashed != hashlib.sha256(canonical(entry)).hexdigest()
            or not _agrees(heads.get(count + 1), str(hashed))
        ):
            return count + 1, count, before
        before, count = str(hashed), count + 1
    missing = [each for each in heads if each > count]
    return (count + 1 if missing else None), count, before


def _agrees(head: str | None, hashed: str) -> bool:
    return head is None or hashed.startswith(head)


def _entry(line: bytes) -> dict[str, object] | None:
    """The entry, if the line is exactly how an entry is written."""
    try:
        entry = json.loads(line)
        if not isinstance(entry, dict) or set(entry) != FIELDS or canonical(entry) != line:
            return None
    except (ValueError, RecursionError):
        return None
    return entry


def read_head(typed: str) -> tuple[int, str]:
    """`41:3f2a…` as number and hash. Raises ValueError."""
    seq, colon, head = typed.strip().lower().partition(":")
    if not (colon and seq.isdecimal() and int(seq) > 0 and set(head) <= set("0123456789abcdef")):
        raise ValueError(typed)
    if not SHORTEST_HEAD <= len(head) <= 64:
        raise ValueError(typed)
    return int(seq), head


def read_lines(content: bytes) -> list[bytes]:
    """The entries, one a line; what does not end with a line is an entry that is bad."""
    lines = content.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else [*lines[:-1], lines[-1] + b"?"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the file that is named; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0].startswith("-"):
        return _say("usage", UNREADABLE)
    try:
        heads = dict(map(read_head, given[1:]))
        with open(given[0], "rb") as file:  # noqa: PTH123 - for the oldest Pythons, as it stands
            content = file.read()
    except (OSError, ValueError) as error:
        return _say("unreadable", UNREADABLE, reason=str(error))
    bad, count, last = first_bad(read_lines(content), heads)
    if bad is None:
        return _say("whole", WHOLE, count=count, head=f"{count}:{last}")
    without, _count, _last = first_bad(read_lines(content), {})
    return _say("bad" if without == bad else "head", ALTERED, number=bad)


def _say(name: str, code: int, **values: object) -> int:
    stream = sys.stdout if code == WHOLE else sys.stderr
    for text in TEXTS[name]:
        print(text.format(**values), file=stream)
    return code


if __name__ == "__main__":
    sys.exit(main())
