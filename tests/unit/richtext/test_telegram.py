"""Telegram entities and the neutral form."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from bot.richtext import (
    Html,
    TargetMention,
    TgEntity,
    clean,
    from_plain,
    from_telegram,
    nobody,
    safe_text,
    to_telegram,
)
from tests.unit.richtext.samples import (
    EMOJI,
    assert_valid,
    carried,
    covered,
    documents,
    known,
    typed,
    units,
)
from tests.unit.richtext.test_neutral import assert_in_the_subset

KINDS = (
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote",
    "expandable_blockquote", "text_link", "text_mention", "mention", "url", "hashtag",
    "custom_emoji", "date_time", "something_new",
)  # fmt: skip


def account_of(key: str) -> str | None:
    """A directory that knows one number and one user name."""
    return {"12345": "telegram:12345", "@zhangsan": "telegram:12345"}.get(key)


@pytest.mark.parametrize(
    ("text", "entities", "expected"),
    [
        ("😀粗", [TgEntity("bold", 2, 1)], "😀<b>粗</b>"),
        ("a<b>&", [TgEntity("italic", 1, 3)], "a<i>&lt;b&gt;</i>&amp;"),
        ("abcdef", [TgEntity("bold", 0, 4), TgEntity("italic", 2, 4)],
         "<b>ab<i>cd</i></b><i>ef</i>"),
        ("x\ny", [TgEntity("code", 0, 1)], "<code>x</code><br>y"),
        ("a\nx\n y\nb", [TgEntity("pre", 2, 4, language="py")],
         'a<br><pre><code class="language-py">x\n y</code></pre>b'),
        ("x", [TgEntity("pre", 0, 1, language='"><b>')], "<pre>x</pre>"),
        ("q\nb", [TgEntity("expandable_blockquote", 0, 1)], "<blockquote>q</blockquote>b"),
        ("q\n\nb", [TgEntity("blockquote", 0, 2)], "<blockquote>q</blockquote><br>b"),
        ("ab", [TgEntity("blockquote", 0, 2), TgEntity("bold", 1, 1)],
         "<blockquote>a<b>b</b></blockquote>"),
        ("s", [TgEntity("spoiler", 0, 1)], "<span data-mx-spoiler>s</span>"),
        ("l", [TgEntity("text_link", 0, 1, url='https://e.org/"&<')],
         '<a href="https://e.org/&quot;&amp;&lt;">l</a>'),
        ("l", [TgEntity("text_link", 0, 1, url="javascript:alert(1)")], "l"),
        ("l", [TgEntity("text_link", 0, 1, url="tg://user?id=12345")],
         '<a data-account="telegram:12345">l</a>'),
        ("张三", [TgEntity("text_mention", 0, 2, user_id=12345)],
         '<a data-account="telegram:12345">张三</a>'),
        ("张三", [TgEntity("text_mention", 0, 2, user_id=9)], "张三"),
        ("hi @zhangsan", [TgEntity("mention", 3, 9)],
         'hi <a data-account="telegram:12345">@zhangsan</a>'),
        ("hi @who", [TgEntity("mention", 3, 4)], "hi @who"),
        ("👍", [TgEntity("custom_emoji", 0, 2)], "👍"),
        ("e.org #x", [TgEntity("url", 0, 5), TgEntity("hashtag", 6, 2)], "e.org #x"),
        ("明天", [TgEntity("date_time", 0, 2)], "明天"),
        ("ab", [TgEntity("bold", -5, 6)], "<b>a</b>b"),
        ("ab", [TgEntity("bold", 1, 99)], "a<b>b</b>"),
        ("ab", [TgEntity("bold", 7, 2), TgEntity("bold", 0, 0), TgEntity("bold", 1, -1)], "ab"),
        ("a😀b", [TgEntity("bold", 2, 1)], "a<b>😀</b>b"),
        ("\u202ea", [TgEntity("bold", 0, 2)], "<b>a</b>"),
        ("", [TgEntity("bold", 0, 2)], ""),
    ],
)  # fmt: skip
def test_entities_become_markup(text: str, entities: list[TgEntity], expected: str) -> None:
    """Every kind, and what is unknown, overlapping, beyond the text or within a pair."""
    assert from_telegram(text, entities, account_of) == expected


@given(
    typed,
    st.lists(
        st.builds(
            TgEntity,
            st.sampled_from(KINDS),
            st.integers(-5, 60),
            st.integers(-5, 60),
            st.sampled_from([None, "https://e.org", "javascript:x", '"><script>']),
            st.sampled_from([None, "py", '"><b>']),
            st.sampled_from([None, 12345, 9]),
        ),
        max_size=12,
    ),
)
def test_no_set_of_entities_leaves_the_subset(text: str, entities: list[TgEntity]) -> None:
    """Malformed entities survive: the markup is balanced and allowed, and goes back validly."""
    html = from_telegram(text, entities, account_of)
    assert_in_the_subset(html)
    sent = to_telegram(html, known)
    if sent.text:
        assert_valid(sent)


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("😀<b>粗</b>", "😀粗", [TgEntity("bold", 2, 1)]),
        ("<b>a<code>b</code>c</b>", "abc",
         [TgEntity("bold", 0, 1), TgEntity("code", 1, 1), TgEntity("bold", 2, 1)]),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "a\nb\nc",
         [TgEntity("blockquote", 0, 3)]),
        ('<a href="https://e.org">e</a>', "e", [TgEntity("text_link", 0, 1, url="https://e.org")]),
        ('<a href="mailto:a@e.org">写信</a>', "写信 (a@e.org)", []),
        ('<a href="mailto:a@e.org">a@e.org</a>', "a@e.org", []),
        ('<a data-account="telegram:12345">x</a>!', "张三!",
         [TgEntity("text_mention", 0, 2, user_id=12345)]),
        ('<a data-account="matrix:@li:example.org">x</a>!', "@lisi_x!", []),
        ('<a data-account="web:w">王</a>!', "王!", [TgEntity("bold", 0, 1)]),
        ("<table><tbody><tr><th>组</th><th>数</th></tr><tr><td>一</td><td>5</td></tr></tbody>"
         "</table>", "组 · 数\n一 · 5", [TgEntity("bold", 0, 1), TgEntity("bold", 4, 1)]),
        ("<b>a</b><b>b</b> <i> </i>", "ab", [TgEntity("bold", 0, 2)]),
        ("<h3>T</h3><ul><li>x</li></ul>", "T\n• x", [TgEntity("bold", 0, 1)]),
        ('<pre><code class="language-py">  x\n</code></pre>y', "  x\ny",
         [TgEntity("pre", 0, 3, language="py")]),
    ],
)  # fmt: skip
def test_markup_becomes_entities(html: str, text: str, entities: list[TgEntity]) -> None:
    """Only what Telegram can hold, in the order it expects."""

    def resolve(account: str) -> TargetMention | None:
        if account.startswith("matrix:"):
            return TargetMention(username="lisi_x")
        return known(account)

    sent = to_telegram(clean(html), resolve)
    assert sent.text == text
    assert list(sent.entities) == entities


@given(documents)
def test_offsets_are_utf16_units_of_what_was_marked(html: Html) -> None:
    """Each part is valid by the codec's own count, whatever the elements."""
    sent = to_telegram(html, known)
    if sent.text:
        assert_valid(sent)


@given(carried)
def test_what_telegram_can_hold_comes_back_the_same(html: Html) -> None:
    """html → entities → html → entities: the text and its entities are stable."""
    once = to_telegram(html, nobody)
    again = to_telegram(from_telegram(once.text, once.entities, account_of), nobody)
    assert again == once


@pytest.mark.parametrize("emoji", EMOJI)
@pytest.mark.parametrize("tag", ["b", "i", "u", "s", "code", "blockquote", "pre"])
def test_emoji_and_chinese_survive_the_way_there_and_back(emoji: str, tag: str) -> None:
    """The markup lies on the same characters afterwards."""
    html = clean(f"前{emoji}<{tag}>火{emoji}</{tag}>后")
    sent = to_telegram(html, nobody)
    (entity,) = sent.entities
    assert covered(sent.text, entity.offset, entity.length) == f"火{emoji}"
    back = from_telegram(sent.text, sent.entities, account_of)
    assert back.replace("<br>", "") == html


@given(typed)
def test_typed_text_gets_no_entity(text: str) -> None:
    """Neither HTML nor Markdown that a person typed turns into formatting."""
    sent = to_telegram(from_plain(text), known)
    assert sent.entities == ()
    assert sent.text.strip() == safe_text(text).strip()
    assert from_telegram(sent.text, (), account_of) == from_plain(sent.text)


def test_a_typical_message_and_64_kilobytes_are_fast() -> None:
    """A generous bound, since machines differ: the real figures are far lower."""
    html = clean('前线 <b>火势</b> <a href="https://e.org">图</a> 😀<br>' * 1000)
    began = time.thread_time()
    sent = to_telegram(html, known)
    from_telegram(sent.text, sent.entities, account_of)
    assert time.thread_time() - began < 0.4
    assert units(sent.text) > 8000
