"""Matrix's body and formatted_body and the neutral form."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.richtext import (
    Html,
    MatrixText,
    TargetMention,
    clean,
    from_matrix,
    from_plain,
    nobody,
    safe_text,
    to_matrix,
)
from tests.unit.richtext.samples import EMOJI, documents, typed
from tests.unit.richtext.test_neutral import assert_in_the_subset, read_elsewhere

_SPECIFIED = {
    "del", "h3", "h4", "h5", "h6", "blockquote", "p", "a", "ul", "ol", "li", "u", "strong", "em",
    "code", "br", "table", "thead", "tbody", "tr", "th", "td", "pre", "span",
}  # fmt: skip


def same_name(account: str) -> TargetMention | None:
    """A resolver that knows Matrix accounts only, by their id alone."""
    kind, _, user = account.partition(":")
    return TargetMention(user_id=user) if kind == "matrix" else None


@pytest.mark.parametrize(
    ("body", "formatted", "expected"),
    [
        ("a <b>\nc", None, "a &lt;b&gt;<br>c"),
        ("x", "", "x"),
        ("x", "<strong>a</strong> <em>b</em> <del>c</del>", "<b>a</b> <i>b</i> <s>c</s>"),
        ("x", "<mx-reply><blockquote>old</blockquote></mx-reply>new", "new"),
        ("x", '<a href="https://matrix.to/#/@li:example.org">李</a>: hi',
         '<a data-account="matrix:@li:example.org">李</a>: hi'),
        ("x", '<a href="https://matrix.to/#/%40li%3Aexample.org?via=x">李</a>',
         '<a data-account="matrix:@li:example.org">李</a>'),
        ("x", '<a href="https://matrix.to/#/%23room:example.org">room</a>',
         '<a href="https://matrix.to/#/%23room:example.org">room</a>'),
        ("x", '<a href="https://matrix.to/#/@li:e.org&quot;&gt;<b>">李</a>',
         '<a href="https://matrix.to/#/@li:e.org&quot;&gt;&lt;b&gt;">李</a>'),
        ("x", '<a data-account="telegram:1">admin</a>', "admin"),
        ("x", '<font data-mx-color="#f00">r</font><span data-mx-bg-color="#0f0">g</span>', "rg"),
        ("x", '<img data-mx-emoticon src="mxc://a/b" alt=":fire:">', ":fire:"),
        ("x", "<span data-mx-spoiler>s</span>", "<span data-mx-spoiler>s</span>"),
        ("x", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n", "<p>a</p><ul><li>b</li></ul>"),
    ],
)  # fmt: skip
def test_a_message_becomes_the_neutral_form(
    body: str, formatted: str | None, expected: str
) -> None:
    """Pills, replies, colours, emoticons; an account that the sender made up is not believed."""
    assert from_matrix(body, formatted) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("> <@a:hs> old\n> more\n\nnew", "new"),
        ("> * <@a:hs> waves\n\nnew\n> mine", "new<br>&gt; mine"),
        ("> not a fallback\n\nnew", "&gt; not a fallback<br><br>new"),
        ("new\n> <@a:hs> old", "new<br>&gt; &lt;@a:hs&gt; old"),
    ],
)
def test_the_old_reply_fallback_goes_from_replies_only(body: str, expected: str) -> None:
    """Only at the head, only in the form that the specification gave it."""
    assert from_matrix(body, None, reply_fallback=True) == expected
    assert from_matrix(body, None) == from_plain(body)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a &lt;b&gt;<br>c", MatrixText("a <b>\nc")),
        ("<b>a</b><s>b</s>", MatrixText("ab", "<strong>a</strong><del>b</del>")),
        ('<a data-account="matrix:@li:example.org">x</a>!',
         MatrixText("李四!",
                    '<a href="https://matrix.to/#/@li:example.org">李四</a>!',
                    ("@li:example.org",))),
        ('<a data-account="web:w">王&amp;</a>!', MatrixText("王&!", "<strong>王&amp;</strong>!")),
        ("甲<blockquote>乙<br>丙</blockquote>丁",
         MatrixText("甲\n> 乙\n> 丙\n丁", "甲<blockquote>乙<br>丙</blockquote>丁")),
    ],
)  # fmt: skip
def test_the_neutral_form_becomes_content(html: str, expected: MatrixText) -> None:
    """Body for people without markup, formatted_body only where there is some."""

    def resolve(account: str) -> TargetMention | None:
        known = account == "matrix:@li:example.org"
        return TargetMention("李四", "@li:example.org") if known else None

    assert to_matrix(Html(html), resolve) == expected


@given(documents)
def test_only_specified_elements_are_sent_and_they_come_back(html: Html) -> None:
    """html → Matrix → html gives the same; an independent parser finds only allowed tags."""
    sent = to_matrix(html, nobody)
    if sent.formatted_body is None:
        assert from_matrix(sent.body, None) == from_plain(sent.body)
        return
    assert {tag for tag, _ in read_elsewhere(sent.formatted_body).tags} <= _SPECIFIED
    back = from_matrix(sent.body, sent.formatted_body)
    assert_in_the_subset(back)
    again = to_matrix(back, nobody)
    assert again == sent


@given(documents)
def test_mentions_name_each_user_once(html: Html) -> None:
    """`m.mentions` lists exactly the accounts of this network that the text mentions."""
    sent = to_matrix(html, same_name)
    mentioned = 'data-account="matrix:' in html
    assert sent.user_ids == (("@li:example.org",) if mentioned else ())
    assert mentioned == ("https://matrix.to/#/@li:example.org" in (sent.formatted_body or ""))


@pytest.mark.parametrize("emoji", EMOJI)
def test_emoji_and_chinese_survive_the_way_there_and_back(emoji: str) -> None:
    """Exactly the same neutral form."""
    html = clean(f"前{emoji}<b>火{emoji}</b><pre>{emoji}\n  x</pre>后<br>{emoji}")
    sent = to_matrix(html, nobody)
    assert from_matrix(sent.body, sent.formatted_body) == html


@given(typed)
def test_typed_text_gets_no_markup(text: str) -> None:
    """Neither HTML nor Markdown that a person typed turns into formatting."""
    sent = to_matrix(from_plain(text), nobody)
    assert sent.formatted_body is None
    assert sent.body.strip() == safe_text(text).strip()


@pytest.mark.parametrize(
    "formatted", ["<img src='mxc://h/x'>", "<script>alert(1)</script>", "<p> </p>", "&#8203;"]
)
def test_markup_that_shows_nothing_leaves_the_words_of_the_body(formatted: str) -> None:
    assert from_matrix("3号阀关闭", formatted) == "3号阀关闭"
