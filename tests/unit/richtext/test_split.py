"""Texts are cut to what a network takes, and nothing is lost or broken."""

from __future__ import annotations

import json
import time

import pytest
import regex
from hypothesis import given, strategies as st

from bot.richtext import (
    Html,
    TelegramText,
    TgEntity,
    clean,
    from_plain,
    nobody,
    safe_text,
    split_caption,
    split_html,
    split_telegram,
    to_matrix,
    to_plain,
    to_telegram,
)
from tests.unit.richtext.samples import assert_valid, covered, documents, known, typed, units
from tests.unit.richtext.test_neutral import assert_in_the_subset


def squeezed(text: str) -> str:
    """Text without blanks: what a cut must never lose."""
    return "".join(text.split())


def unmarked(text: str) -> str:
    """Text without what a list, a table or a link adds once more where it is cut."""
    text = regex.sub(r"^ *\d\. |^ *\d\.$|\(a@example.org\)|[•·–]", "", text, flags=regex.M)
    return squeezed(text)


@given(typed.map(lambda text: text * 4), st.integers(16, 90))
def test_parts_hold_all_of_the_text_in_order(text: str, limit: int) -> None:
    """Only blanks at a cut may go; no part is blank or too long."""
    safe = safe_text(text)
    parts = split_telegram(TelegramText(safe), limit)
    assert squeezed("".join(part.text for part in parts)) == squeezed(safe)
    at = 0
    for part in parts:
        assert_valid(part, limit)
        found = safe.find(part.text, at)
        assert found >= 0
        assert not safe[at:found].strip()
        at = found + len(part.text)


@given(typed.map(lambda text: text * 4), st.integers(64, 200))
def test_no_cut_goes_through_a_grapheme(text: str, limit: int) -> None:
    """Families, flags and accents stay whole, as far as one of them fits."""
    safe = safe_text(text)
    ends = {found.end() for found in regex.finditer(r"\X", safe)} | {0}
    longest = max((units(each) for each in regex.findall(r"\X", safe)), default=0)
    at = 0
    for part in split_telegram(TelegramText(safe), limit):
        at = safe.index(part.text, at) + len(part.text)
        assert at in ends or longest > limit or safe[at:].isspace() or safe[at].isspace()


@given(documents, st.integers(24, 80))
def test_entities_are_valid_in_every_part(html: Html, limit: int) -> None:
    """Each piece of an entity covers in its part what the entity covered in the whole."""
    whole = to_telegram(html, known)
    parts = split_telegram(whole, limit)
    for part in parts:
        assert_valid(part, limit)
    for kind in {entity.type for entity in whole.entities}:
        before = "".join(
            covered(whole.text, entity.offset, entity.length)
            for entity in whole.entities
            if entity.type == kind
        )
        after = "".join(
            covered(part.text, entity.offset, entity.length)
            for part in parts
            for entity in part.entities
            if entity.type == kind
        )
        assert squeezed(after) == squeezed(before)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 10, []),
        (" \n ", 10, []),
        ("short", 10, ["short"]),
        ("第一段第一段。\n\n第二段很长很长", 12, ["第一段第一段。", "第二段很长很长"]),
        ("第一行行行行\n第二行行行行", 10, ["第一行行行行", "第二行行行行"]),
        ("一二三四五六。七八九十一二", 10, ["一二三四五六。", "七八九十一二"]),
        ("aaa bbb ccc ddd", 9, ["aaa bbb", "ccc ddd"]),
        ("v1.25 is out. Next one", 16, ["v1.25 is out.", "Next one"]),
        ("😀😀😀", 3, ["😀", "😀", "😀"]),
        ("👨‍👩‍👧👨‍👩‍👧", 10, ["👨‍👩‍👧", "👨‍👩‍👧"]),
        ("🇨🇳🇭🇰", 6, ["🇨🇳", "🇭🇰"]),
        ("aaaaaa\n    indented", 12, ["aaaaaa", "    indented"]),
        ("a" * 25, 10, ["a" * 10, "a" * 10, "a" * 5]),
        ("ab" + " " * 40 + "cd", 10, ["ab", "cd"]),
    ],
)
def test_the_cut_is_where_a_reader_would_make_it(
    text: str, limit: int, expected: list[str]
) -> None:
    """Paragraph, line, sentence, blank, grapheme: the best in a part's second half."""
    assert [part.text for part in split_telegram(TelegramText(text), limit)] == expected


def test_a_link_that_is_cut_leads_to_the_same_place_in_both_parts() -> None:
    """Address, language and person go with each piece; offsets start anew."""
    whole = TelegramText(
        "😀" * 10 + "字" * 10, (TgEntity("text_link", 4, 26, url="https://e.org"),)
    )
    first, second = split_telegram(whole, 20)
    assert first.entities == (TgEntity("text_link", 4, 16, url="https://e.org"),)
    assert second.entities == (TgEntity("text_link", 0, 10, url="https://e.org"),)


def test_a_caption_is_short_and_the_rest_are_texts() -> None:
    """1,024 units first, then 4,096 each."""
    parts = split_caption(TelegramText("字" * 9000))
    assert [units(part.text) for part in parts] == [1024, 4096, 3880]


@given(documents, st.integers(400, 900))
def test_pieces_of_html_are_whole_and_fit(html: Html, size: int) -> None:
    """Every piece is clean alone, holds text and fits with its body; together they are all."""
    pieces = split_html(html, size)
    for piece in pieces:
        assert_in_the_subset(piece)
        assert to_plain(piece).strip()
        sent = to_matrix(piece, nobody)
        content = [sent.body, sent.formatted_body or ""]
        assert len(json.dumps(content, ensure_ascii=False).encode()) <= size + 200
    shown = "\n".join(to_telegram(piece, nobody).text for piece in pieces)
    assert unmarked(shown) == unmarked(to_telegram(html, nobody).text)


def test_64_kilobytes_fit_into_events_and_take_no_time() -> None:
    """Worst characters included: quotes, ampersands, astral characters."""
    for text in ("汉字。" * 7000, '"' * 64_000, "&<" * 32_000, "😀" * 16_000, "a\n" * 32_000):
        began = time.thread_time()
        html = from_plain(text)
        pieces = split_html(html)
        parts = split_telegram(to_telegram(html, nobody))
        assert time.thread_time() - began < 0.6
        for piece in pieces:
            sent = to_matrix(clean("<b>x</b>" + piece), nobody)
            event = {"body": sent.body, "formatted_body": sent.formatted_body}
            assert len(json.dumps(event, ensure_ascii=False).encode()) < 45_000
        for part in parts:
            assert_valid(part, 4096)
        assert squeezed("".join(part.text for part in parts)) == squeezed(text)


def test_a_grapheme_longer_than_a_message_is_cut_all_the_same() -> None:
    """An endless emoji chain stops neither the lane nor the loop."""
    parts = split_telegram(TelegramText("😀\u200d" * 4000))
    for part in parts:
        assert_valid(part, 4096)
    assert "".join(part.text for part in parts) == "😀\u200d" * 4000
