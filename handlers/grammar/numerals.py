"""Numbers as people type them: `3`, `1,200`, `三`, `两百`, `3万`, `八成`, `百分之八十`."""

from __future__ import annotations

import re
from decimal import Decimal

_ASCII = re.compile(
    r"[0-9]{1,3}(?:,[0-9]{3}){1,5}(?![0-9])(?:\.[0-9]{1,9})?|[0-9]{1,15}(?:\.[0-9]{1,9})?"
)
_RUN = re.compile("[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟点]{1,24}")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10**4, "亿": 10**8}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")


def chinese_number(run: str) -> Decimal | None:
    """The number that a whole run of Chinese numerals says, or None.

    A row of bare digits (`三五`) is None: it says "three to five" as often as 35.
    `一百五` is 150 and `一万二` is 12,000, as spoken.
    """
    whole, point, after = run.translate(_FORMAL).partition("点")
    value = _integer(whole)
    if value is None or not point:
        return None if value is None else Decimal(value)
    if not after or any(char not in _DIGITS for char in after):
        return None
    return Decimal(f"{value}." + "".join(str(_DIGITS[char]) for char in after))


def _integer(run: str) -> int | None:
    for sign, worth in (("亿", 10**8), ("万", 10**4)):
        if sign in run:
            head, _, tail = run.partition(sign)
            if any(each in head for each in _BIG):
                return None
            many = _section(head)
            rest = _tail(tail, worth)
            return None if not many or rest is None else many * worth + rest
    return _section(run)


def _tail(tail: str, worth: int) -> int | None:
    if not tail:
        return 0
    if len(tail) == 1 and _DIGITS.get(tail):
        return _DIGITS[tail] * worth // 10
    rest = _integer(tail.removeprefix("零").removeprefix("〇"))
    return rest if rest is not None and rest < worth else None


def _section(run: str) -> int | None:
    """A number below 10,000."""
    if run in _DIGITS:
        return _DIGITS[run]
    total, digit, last, bridged = 0, None, 10_000, False
    for place, char in enumerate(run):
        if char in "零〇":
            if digit is not None or total == 0:
                return None
            bridged = True
        elif char in _DIGITS:
            if digit is not None:
                return None
            digit = _DIGITS[char]
        elif char in _SMALL and _SMALL[char] < last:
            if digit is None and not (char == "十" and (place == 0 or bridged)):
                return None
            last = _SMALL[char]
            total += (1 if digit is None else digit) * last
            digit, bridged = None, False
        else:
            return None
    if digit is not None:
        spoken = last if last > 10 and not bridged and last < 10_000 else 10
        total += digit * spoken // 10
    return total or None


_ENGLISH = re.compile(
    "(?:(zero)|(one)|(two)|(three)|(four)|(five)|(six)|(seven)|(eight)|(nine)|(ten)|(eleven)"
    "|(twelve))(?![a-z0-9'-])"
)


def number_at(plain: str, start: int, end: int) -> tuple[Decimal, int] | None:
    """The number at `start` of a text in structural form, with the place where it ends.

    What follows is not looked at, except that ASCII digits may be followed by 万 and so on.
    """
    found = _ASCII.match(plain, start, end)
    if found:
        value, place = Decimal(found[0].replace(",", "")), found.end()
        for sign, worth in (*_SMALL.items(), *_BIG.items()):
            if sign != "十" and plain.startswith(sign, place, end):
                return value * worth, place + 1
        return value, place
    word = _ENGLISH.match(plain, start, end)
    if word:
        return Decimal((word.lastindex or 1) - 1), word.end()
    if start < end and plain[start] == "半":
        return Decimal("0.5"), start + 1
    run = _RUN.match(plain, start, end)
    said = chinese_number(run[0]) if run else None
    return None if run is None or said is None else (said, run.end())


_PERCENT = re.compile(r"[ \t]{0,3}(?:%|percent\b|per cent\b)")


def percent_at(plain: str, start: int, end: int) -> tuple[Decimal, int, bool] | None:
    """The percentage at `start`, 80 for `80%`, where it ends, and whether it was marked so."""
    if plain.startswith("百分之", start, end):
        said = number_at(plain, start + 3, end)
        if said is None and plain.startswith("百", start + 3, end):
            return Decimal(100), start + 4, True
        return None if said is None else (*said, True)
    found = number_at(plain, start, end)
    if found is None:
        return None
    value, place = found
    if plain.startswith("成", place, end):
        place += 1
        more = 5 if plain.startswith("半", place, end) else 0
        return value * 10 + more, place + (1 if more else 0), True
    sign = _PERCENT.match(plain, place, end)
    return (value, sign.end(), True) if sign else (value, place, False)
