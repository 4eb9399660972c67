"""Texts and names let no control, direction or invisibility trick through."""

from __future__ import annotations

import time

import pytest
import regex
from hypothesis import given

from bot.richtext import first_graphemes, safe_file_name, safe_name, safe_text
from tests.unit.richtext.samples import EMOJI, typed

_DIRECTION = regex.compile(r"[\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a\x00b\x07c\x1b[0m", "abc[0m"),
        ("a\tb", "a\tb"),
        ("a\r\nb\rc\u2028d\x0be\x85f", "a\nb\nc\nd\ne\nf"),
        ("\ud83d", "\ufffd"),
        ("x\udc00y", "x\ufffdy"),
        ("\u202egpj.exe\u202c", "gpj.exe"),
        ("a\u2067b\u2069c", "abc"),
        ("שלום \u200fעולם", "שלום \u200fעולם"),
        ("مرحبا ١٢٣", "مرحبا ١٢٣"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u200b\u200b\u200b\u200b\u200bb", "a\u200b\u200bb"),
        ("\ufeffa\u2060b", "ab"),
        ("hi\U000e0068\U000e0069", "hi"),
        ("a\ufe0f\ufe0f\ufe0f", "a\ufe0f"),
        ("a" + "\u0301" * 100, "a" + "\u0301" * 8),
        ("葛\U000e0100", "葛\U000e0100"),
    ],
)
def test_safe_text_drops_tricks_and_keeps_writing(given_text: str, expected: str) -> None:
    """Each trick alone, and the ordinary writing that resembles it."""
    assert safe_text(given_text) == expected


@pytest.mark.parametrize("emoji", EMOJI)
def test_safe_text_keeps_emoji_sequences(emoji: str) -> None:
    """Families, flags, skin tones, keycaps and ideographic variants are whole afterwards."""
    assert safe_text(f"到{emoji}了") == f"到{emoji}了"


@given(typed)
def test_safe_text_is_final_and_can_be_encoded(text: str) -> None:
    """A second pass changes nothing; UTF-8 takes it; no direction control is left."""
    safe = safe_text(text)
    safe.encode()
    assert safe_text(safe) == safe
    assert not _DIRECTION.search(safe)
    assert "\r" not in safe
    assert "\x00" not in safe


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("  张三 \n 李四 ", "张三 李四"),
        ("【消防】王", "(消防)王"),
        ("[消防]王：撤退", "(消防)王·撤退"),
        ("［x］﹕y∶z", "(x)·y·z"),
        ("a\u202eb", "ab"),
        ("张\u200b三\u2060", "张三"),
        ("张\u3164三", "张三"),
        ("👨‍👩‍👧 家", "👨‍👩‍👧 家"),
        ("\u3164", "?"),
        ("\u200b\u200d\ufe0f", "?"),
        ("\u2800\u2800", "?"),
        ("\u0301\u0302", "?"),
        ("", "?"),
        ("\ud800", "\ufffd"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 3),
    ],
)
def test_safe_name_is_one_line_without_header_signs(name: str, expected: str) -> None:
    """Brackets, colons, blanks, invisible and only-invisible names."""
    assert safe_name(name) == expected


@given(typed)
def test_no_name_can_hold_what_an_author_header_is_made_of(name: str) -> None:
    """No bracket, colon, line end or direction control survives; it is short and visible."""
    safe = safe_name(name, 20)
    assert not set(safe) & set("【】[]［］:：︰﹕∶\n\r\u2028\u2029")
    assert not _DIRECTION.search(safe)
    assert regex.search(r"[\p{L}\p{N}\p{P}\p{S}]", safe)
    assert len(regex.findall(r"\X", safe)) <= 20
    assert safe == safe.strip()
    assert safe_name(safe, 20) == safe


def test_a_long_name_is_cut_between_graphemes() -> None:
    """A family counts as one; the cut is marked."""
    assert first_graphemes("👨‍👩‍👧" * 5, 3) == "👨‍👩‍👧" * 2 + "…"
    assert first_graphemes("👨‍👩‍👧" * 3, 3) == "👨‍👩‍👧" * 3


@pytest.mark.parametrize(
    "bomb",
    [
        "a" + "\u0301" * 64_000,
        "\u202e\u2066" * 32_000,
        "\u200b\u200d" * 32_000,
        "\U0001f3f4" + "\U000e0067" * 64_000,
        "\ud800" * 64_000,
    ],
)
def test_64_kilobytes_of_tricks_take_no_time(bomb: str) -> None:
    """Linear work: far below what would hold up a room."""
    began = time.thread_time()
    safe_name(safe_text(bomb))
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("报告.pdf", "报告.pdf"),
        ("a/../../b\\c.txt", "c.txt"),
        ("照片\u202egpj.exe", "照片gpj.exe"),
        ("x" * 9000 + ".pdf", "x" * 100 + ".pdf"),
        ("animation-" + "[0, " * 3000, ("animation-" + "[0, " * 3000)[:120]),
        (" ..\x00 ", "photo"),
    ],
)
def test_a_file_name_is_short_harms_no_folder_and_shows_its_ending(name: str, kept: str) -> None:
    assert safe_file_name(name, "photo") == kept
