"""Anybody's HTML becomes the neutral form and nothing else."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, strategies as st

from bot.richtext import (
    Html,
    clean,
    excerpt,
    from_plain,
    nobody,
    safe_text,
    to_matrix,
    to_plain,
    to_telegram,
)
from tests.unit.richtext.samples import MARKUP, documents, typed

_ALLOWED = {"b", "i", "u", "s", "code", "pre", "blockquote", "span", "a", "br", "p", "ul", "ol"}
_ALLOWED |= {"li", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}


class _Reader(HTMLParser):
    """An independent reader: the standard library's."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        if tag == "br":
            self.text += "\n"
        else:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment {data!r}")


def read_elsewhere(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.stack == []
    return reader


def assert_in_the_subset(html: Html) -> None:
    for tag, attributes in read_elsewhere(html).tags:
        assert tag in _ALLOWED
        for name, value in attributes:
            assert (tag, name) in {
                ("a", "href"),
                ("a", "data-account"),
                ("span", "data-mx-spoiler"),
                ("code", "class"),
                ("ol", "start"),
                ("li", "value"),
            }
            if name == "href":
                assert value is not None
                assert value.lower().startswith(("http://", "https://", "mailto:", "tel:"))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<strong>a</strong><em>b</em><del>c</del><ins>d</ins>",
         "<b>a</b><i>b</i><s>c</s><u>d</u>"),
        ("<script>alert(1)</script>x<style>b{}</style>", "x"),
        ("<img src=x onerror=alert(1) alt='图 <b>'>", "图 &lt;b&gt;"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href=" jav&#x09;ascript:alert(1)">x</a>', "x"),
        ('<a href="data:text/html,x">x</a>', "x"),
        ('<a href="/relative">x</a>', "x"),
        ('<a href="//evil.example">x</a>', "x"),
        ('<a href="https://a.b/?q=&quot;&amp;" onclick="x()" style="y">x</a>',
         '<a href="https://a.b/?q=&quot;&amp;">x</a>'),
        ('<b style="position:fixed" onmouseover=x class=y id=z>t</b>', "<b>t</b>"),
        ("<!-- x -->a<!--[if IE]><b>y</b><![endif]-->", "a"),
        ("<b>a<i>b</b>c", "<b>a<i>b</i></b><i>c</i>"),
        ("<b>open", "<b>open</b>"),
        ("close</b></p>", "close<p></p>"),
        ("1 < 2 && 3 > 2", "1 &lt; 2 &amp;&amp; 3 &gt; 2"),
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("<span data-mx-spoiler>x</span>", "<span data-mx-spoiler>x</span>"),
        ('<span data-mx-spoiler="why">x</span>', "(why) <span data-mx-spoiler>x</span>"),
        ('<span data-mx-color="#f00">x</span><font color="red">y</font>', "xy"),
        ('<pre><code class="language-c++ evil">\na <b>\n</code></pre>',
         '<pre><code class="language-c++">a <b>\n</b></code></pre>'),
        ('<code class="language-&quot;&gt;<script>">x</code>', "<code>x</code>"),
        ("<p>a</p>\n<p>b</p>\n", "<p>a</p><p>b</p>"),
        ("<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("a\n  <b>b</b>\nc", "a <b>b</b> c"),
        ("<h1>T</h1>", "<h3>T</h3>"),
        ("<details><summary>S</summary>x</details>", "<p><b>S</b><br>x</p>"),
        ("<svg><script>x</script></svg><math><mtext></mtext></math>y", "y"),
        ("<iframe src=x>z</iframe><form action=x><input value=q>k</form>", "k"),
        ('<a data-account="telegram:12">张三</a>', '<a data-account="telegram:12">张三</a>'),
        ('<a data-account="x y">n</a>', "n"),
        ("<b>\u202ex\x00y</b>", "<b>xy</b>"),
        ("<b>\ud83d</b>", "<b>\ufffd</b>"),
        ("", ""),
    ],
)  # fmt: skip
def test_clean_knows_what_may_stay(html: str, expected: str) -> None:
    """Formatting stays, everything that acts or decorates goes, text is never lost."""
    assert clean(html) == expected
    assert clean(clean(html)) == expected


@given(
    st.lists(
        st.sampled_from(
            [
                *MARKUP,
                "<",
                ">",
                '"',
                "'",
                "&",
                "/",
                "a",
                "<a href=",
                "<p ",
                "<table>",
                "<td>",
                "<svg>",
                "<style>",
                "<math>",
                "<!",
                "<?",
                "</",
                "<pre>",
                "<noscript>",
                "<textarea>",
                "=",
                "x",
                " ",
                "\n",
                "<span data-mx-spoiler='<b>'>",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_no_soup_of_markup_leaves_the_subset(soup: str) -> None:
    """However tags, quotes and comments are broken, the result is balanced and allowed."""
    assert_in_the_subset(clean(soup))
    assert_in_the_subset(clean(soup * 60))


@given(typed)
def test_typed_text_never_becomes_markup(text: str) -> None:
    """The only element is the line end, and an independent parser reads the same text."""
    html = from_plain(text)
    reader = read_elsewhere(html)
    assert {tag for tag, _ in reader.tags} <= {"br"}
    assert reader.text == safe_text(text)
    assert clean(html) == html


@given(documents)
def test_the_neutral_form_passes_through_clean_unchanged(html: Html) -> None:
    """What is already clean is not altered, whatever elements it has."""
    assert clean(html) == html
    assert_in_the_subset(html)


@given(typed)
def test_plain_text_comes_back_as_it_was_typed(text: str) -> None:
    """Apart from blank lines before and blanks after it."""
    lines = safe_text(text).rstrip()
    body = lines[lines[: len(lines) - len(lines.lstrip())].rfind("\n") + 1 :]
    assert to_plain(from_plain(text)) == body


@pytest.mark.parametrize(
    "bomb",
    [
        "<b>" * 10_000 + "x",
        "<div>" * 10_000 + "x",
        "<blockquote>" * 10_000 + "x" + "</blockquote>" * 10_000,
        "<ul><li>" * 10_000,
        "<table><tr><td>" * 5_000 + "x",
        "<a href='http://x'><b>" * 4_000,
        "<div><!--</div>-->" * 4_000,
        "<div a='>' b='</div>'>" * 3_000,
        "<" * 64_000,
        "&" * 64_000,
        "<a " + "x=1 " * 16_000,
        '<a x="' * 10_000,
        "".join(f"<b class={n}>" for n in range(4_000)) + "<p>" * 2_000 + "</b>" * 2_000,
        '<a href="https://matrix.to/#/@' + ":" * 60_000 + '#">x</a>',
        "<svg><math>" * 6_000,
    ],
)
def test_bombs_neither_crash_nor_take_time(bomb: str) -> None:
    """Ten thousand nested tags cost what flat ones cost, and the result is shallow."""
    began = time.thread_time()
    html = clean(bomb)
    text = to_plain(html)
    assert time.thread_time() - began < 0.6
    assert "x" in text or "x" not in bomb or "<a" in bomb
    assert_in_the_subset(html)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br><br>b", "a\n\nb"),
        ("<h3>标题</h3>正文", "标题\n正文"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>d", "• a\n  • b\n• c\nd"),
        ("<ol><li>a</li><li><p>b</p></li></ol>", "1. a\n2. b"),
        ("前<blockquote>q<br>r</blockquote>后", "前\n> q\n> r\n后"),
        ("a<pre>x\n  y</pre>b", "a\nx\n  y\nb"),
        ("<table><thead><tr><th>组</th><th>人数</th></tr></thead><tbody><tr><td>一</td><td>5</td>"
         "</tr><tr><td>二<br>组</td><td></td></tr></tbody></table>",
         "组 · 人数\n一 · 5\n二 组 · –"),
        ('<a href="https://e.org/">图</a>', "图 (https://e.org/)"),
        ('<a href="https://e.org/">https://e.org</a>', "https://e.org"),
        ("<span data-mx-spoiler>秘</span>", "秘"),
    ],
)  # fmt: skip
def test_plain_text_is_lines_for_a_phone(html: str, expected: str) -> None:
    """Paragraphs, lists, quotes, code, tables and links without markup."""
    assert clean(html) == html
    assert to_plain(Html(html)) == expected


def test_an_excerpt_is_one_line_and_gives_no_spoiler_away() -> None:
    """Line ends become blanks, a cut is marked, hidden text stays hidden."""
    html = clean("甲<br>乙 <span data-mx-spoiler>密码</span>" + "丙" * 100)
    assert excerpt(html, 10) == "甲 乙 ▒▒▒丙丙…"
    assert excerpt(Html("")) == ""


@pytest.mark.parametrize(
    ("html", "kept", "shown"),
    [
        ('<ol start="3"><li>a</li><li>b</li></ol>', '<ol start="3">', "3. a\n4. b"),
        ("<ol start='0'><li>a</li></ol>", '<ol start="0">', "0. a"),
        ('<ol start="-2"><li>a</li><li>b</li></ol>', '<ol start="-2">', "-2. a\n-1. b"),
        ('<ol start="007x"><li>a</li></ol>', '<ol start="7">', "7. a"),
        ('<ol start="9999999999999999999"><li>a</li></ol>', "<ol>", "1. a"),
        ('<ol start="x"><li>a</li></ol>', "<ol>", "1. a"),
        ('<ol start="٣"><li>a</li></ol>', "<ol>", "1. a"),
        ('<ol start=""><li>a</li></ol>', "<ol>", "1. a"),
        ("<ol start='3\" onclick=\"x'><li>a</li></ol>", '<ol start="3">', "3. a"),
        ('<ol><li>a</li><li value="7">b</li><li>c</li></ol>', "<ol>", "1. a\n7. b\n8. c"),
        ('<ul><li value="7">b</li></ul>', "<ul>", "• b"),
        (
            '<ol start="5"><li>a<ol start="2"><li>b</li></ol></li><li>c</li></ol>',
            '<ol start="5">',
            "5. a\n  2. b\n6. c",
        ),
    ],
)
def test_a_list_keeps_its_numbers_on_every_network(html: str, kept: str, shown: str) -> None:
    """Those that HTML can read and that stay within nine digits."""
    neutral = clean(html)
    assert_in_the_subset(neutral)
    assert neutral.startswith(kept)
    assert clean(neutral) == neutral
    assert to_plain(neutral) == to_telegram(neutral, nobody).text == shown
    matrix = to_matrix(neutral, nobody)
    assert matrix.body == shown
    assert matrix.formatted_body is not None
    assert matrix.formatted_body.startswith(kept)


@given(st.integers(-999_999_999, 999_999_990), st.lists(st.none() | st.integers(-99, 99)))
def test_items_count_on_from_the_number_before(start: int, values: list[int | None]) -> None:
    items = "".join("<li>x</li>" if v is None else f'<li value="{v}">x</li>' for v in values)
    expected, number = [], start
    for value in values:
        number = number if value is None else value
        expected.append(f"{number}. x")
        number += 1
    shown = to_telegram(clean(f'<ol start="{start}">{items}</ol>'), nobody).text
    assert shown.split("\n") == (expected or [""])
