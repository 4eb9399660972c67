"""Author lines and quotes say who speaks, and nobody can fake them by a name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from bot.richtext import (
    Html,
    author,
    clean,
    from_plain,
    nobody,
    to_matrix,
    to_plain,
    to_telegram,
    with_author,
    with_quote,
)
from tests.unit.richtext.samples import documents, typed
from tests.unit.richtext.test_neutral import assert_in_the_subset, read_elsewhere

_HEADER = re.compile(r"【消防】[^【】\[\]：:\n]+：x")
_BARE = re.compile(r"[^【】\[\]：:\n]+：x")


@pytest.mark.parametrize(
    ("name", "agency", "html", "expected"),
    [
        ("张三", "消防", "到位", "<b>【消防】张三</b>：到位"),
        ("张三", None, "<b>到</b>", "<b>张三</b>：<b>到</b>"),
        ("张三", "", "x", "<b>张三</b>：x"),
        ("张三", "消防", "", "<b>【消防】张三</b>"),
        ("【指挥部】李四：撤", "消防", "x", "<b>【消防】(指挥部)李四·撤</b>：x"),
        ("a<b>", "c&d", "x", "<b>【c&amp;d】a&lt;b&gt;</b>：x"),
        ("\u200b", "消防", "x", "<b>【消防】?</b>：x"),
        ("张三", None, "<p>a</p><p>b</p>", "<p><b>张三</b>：a</p><p>b</p>"),
        ("דוד", None, "x", "<b>\u2068דוד\u2069</b>：x"),
    ],
)
def test_the_author_line(name: str, agency: str | None, html: str, expected: str) -> None:
    """Name and agency in bold, then a full-width colon, then what was said."""
    assert with_author(name, agency, Html(html)) == expected


@pytest.mark.parametrize(
    "block",
    ["<pre>x</pre>", "<blockquote>x</blockquote>", "<ul><li>x</li></ul>",
     "<table><tbody><tr><td>x</td></tr></tbody></table>"],
)  # fmt: skip
def test_a_block_stands_below_its_author(block: str) -> None:
    """The header is a line of its own where the content cannot stand on it."""
    html = with_author("张三", None, clean(block))
    assert to_telegram(html, nobody).text.splitlines()[0] == "张三："
    assert len(to_telegram(html, nobody).text.splitlines()) == 2


@given(typed, typed)
def test_no_name_or_agency_can_fake_a_header(name: str, agency: str) -> None:
    """On both networks the head has our brackets and colon once, on one line."""
    bare = with_author(name, None, from_plain("x"))
    full = with_author(name, "消防", from_plain("x"))
    for shown in (to_telegram(bare, nobody).text, to_matrix(bare, nobody).body):
        assert _BARE.fullmatch(shown)
    for shown in (to_telegram(full, nobody).text, to_matrix(full, nobody).body):
        assert _HEADER.fullmatch(shown)
    both = to_plain(author(name, agency))
    assert both.count("【") == both.count("】") == ("【" in author("n", agency))
    assert {tag for tag, _ in read_elsewhere(full).tags} == {"b"}


@given(typed, typed)
def test_typed_text_after_a_header_stays_text(name: str, text: str) -> None:
    """Only the header is formatted on either network."""
    html = with_author(name, None, from_plain("." + text))
    assert [entity.type for entity in to_telegram(html, nobody).entities] == ["bold"]
    formatted = to_matrix(html, nobody).formatted_body
    assert formatted is not None
    assert [tag for tag, _ in read_elsewhere(formatted).tags if tag != "br"] == ["strong"]


@given(typed, documents)
def test_a_quote_is_one_block_before_the_answer(quoted: str, html: Html) -> None:
    """Whatever is quoted, the answer stands behind the quote, unchanged."""
    whole = with_quote("李四", quoted, html)
    assert_in_the_subset(whole)
    assert whole.endswith(html)
    head = whole.removesuffix(html)
    assert head.startswith("<blockquote><b>李四</b>：")
    assert head.endswith("</blockquote>")
    assert "<br>" not in head


def test_a_quote_shows_as_a_quote_on_each_network() -> None:
    """Telegram marks it, plain text prefixes it."""
    html = with_quote("李四", "请\n求 <b>", with_author("张三", "消防", from_plain("收到")))
    sent = to_telegram(html, nobody)
    assert sent.text == "李四：请 求 <b>\n【消防】张三：收到"
    assert [entity.type for entity in sent.entities] == ["blockquote", "bold", "bold"]
    assert to_plain(html) == "> 李四：请 求 <b>\n【消防】张三：收到"
