"""Numbers in figures of both widths and in Chinese, without guessing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from handlers.folding import half
from handlers.grammar.nearest import nearest
from handlers.grammar.numerals import chinese_number, number_at, percent_at

_DIGITS = "零一二三四五六七八九"


def _section(number: int) -> str:
    """A number below 10,000 as a careful writer writes it."""
    out, pending = "", False
    for worth, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // worth % 10
        if digit:
            out += ("零" if pending and out else "") + _DIGITS[digit] + unit
            pending = False
        else:
            pending = bool(out)
    return out


def _written(number: int) -> str:
    if number < 10_000:
        return _section(number) or "零"
    head, tail = divmod(number, 10_000)
    bridge = "零" if 0 < tail < 1000 else ""
    return _section(head) + "万" + bridge + (_section(tail) if tail else "")


@given(st.integers(0, 99_999_999))
def test_chinese_number_reads_back_as_written(number: int) -> None:
    """Every number below a hundred million, carefully written, is itself."""
    assert chinese_number(_written(number)) == number


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("十", 10),
        ("十二", 12),
        ("两百", 200),
        ("一百五", 150),
        ("一百零五", 105),
        ("一万二", 12000),
        ("三千五", 3500),
        ("三点五", Decimal("3.5")),
        ("叁拾", 30),
        ("一亿", 100000000),
        ("二十", 20),
        ("两千零三", 2003),
    ],
)
def test_chinese_number_as_spoken(said: str, number: Decimal) -> None:
    """The short forms of speech mean what speakers mean."""
    assert chinese_number(said) == number


@pytest.mark.parametrize("said", ["三五", "一二", "百", "十百", "一千万亿千", "零零", "两两", "点"])
def test_vague_or_broken_number_is_none(said: str) -> None:
    """`三五` says "three to five": it is not 35."""
    assert chinese_number(said) is None


@given(st.decimals(0, 10**9, places=3, allow_nan=False))
def test_figures_are_read_alike_in_both_widths(number: Decimal) -> None:
    """Full-width figures are the same number."""
    text = f"{number:f}"
    wide = "".join(chr(ord(char) + 0xFEE0) for char in text)
    assert (
        number_at(half(wide), 0, len(wide))
        == number_at(text, 0, len(text))
        == (
            number,
            len(text),
        )
    )


@given(st.integers(1000, 10**12))
def test_thousands_may_be_parted_by_commas(number: int) -> None:
    """`1,200` is a number; its comma parts no list."""
    text = f"{number:,}"
    assert number_at(text, 0, len(text)) == (Decimal(number), len(text))


@pytest.mark.parametrize(
    ("said", "percent"),
    [
        ("80%", 80),
        ("80 %", 80),
        ("八成", 80),
        ("八成半", 85),
        ("百分之八十", 80),
        ("百分之百", 100),
        ("80 percent", 80),
        ("12.5%", Decimal("12.5")),
    ],
)
def test_percentage(said: str, percent: Decimal) -> None:
    """A percentage is a number of hundredths, marked as one."""
    assert percent_at(said, 0, len(said)) == (Decimal(percent), len(said), True)


def test_slip_in_a_word_of_two_characters_is_near() -> None:
    """One character kept in its place is enough in Chinese; nothing in common is not."""
    names = ("桥接", "帮助", "事件", "bridge", "help", "me")
    assert nearest("桥结", names) == ("桥接",)
    assert nearest("帮住", names) == ("帮助",)
    assert nearest("hlep", names) == ("help",)
    assert nearest("brigde", names) == ("bridge",)
    assert nearest("苹果", names) == ()
    assert nearest("xy", names) == ()
