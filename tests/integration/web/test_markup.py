"""What people type becomes formatting, and nothing that they type becomes anything else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from bot.richtext import clean, to_plain
from bot.transports.web.markup import find_mentions, is_command, to_html


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("**泄漏**已控制", "<b>泄漏</b>已控制"),
        ("**粗体。**后面", "<b>粗体。</b>后面"),
        ("_a_ __b__ ~~c~~", "<i>a</i> <u>b</u> <s>c</s>"),
        ("||密||", "<span data-mx-spoiler>密</span>"),
        ("`**x**`", "<code>**x**</code>"),
        ("**a _b_**", "<b>a <i>b</i></b>"),
        ("**a _b**_", "<b>a _b</b>_"),
        ("snake_case_name", "snake_case_name"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("****", "****"),
        ("**未完", "**未完"),
        ("a\nb", "a<br>b"),
        ("> 引\n答", "<blockquote>引</blockquote>答"),
        ("```\n<b>\n```", "<pre>&lt;b&gt;</pre>"),
        ("```py\nx\n```", '<pre><code class="language-py">x</code></pre>'),
        ("```\n未完", "```<br>未完"),
        ("见https://a.example/x。", '见<a href="https://a.example/x">https://a.example/x</a>。'),
        ("https://a.example.", '<a href="https://a.example">https://a.example</a>.'),
        ("[图](https://a.example)", '<a href="https://a.example">图</a>'),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ('[x](https://a"onclick="b)', '[x](<a href="https://a">https://a</a>"onclick="b)'),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("&lt;", "&amp;lt;"),
        ("/需求 **3** _x_", "/需求 **3** _x_"),
        ("！需求 ||3||", "！需求 ||3||"),
    ],
)
def test_marks_become_formatting(typed: str, html: str) -> None:
    """The whole of the marks, and what only looks like one."""
    assert to_html(typed) == html


@given(st.text(alphabet="*_~|`>[]()@a 中<&\n\"'", max_size=80))
def test_whatever_is_typed_is_neutral_html_already(typed: str) -> None:
    """Sanitising changes nothing more, and no letter is lost."""
    html = to_html(typed)
    assert clean(html) == html
    kept = to_plain(html)
    assert kept.count("中") == typed.count("中")
    assert kept.count("a") == typed.count("a")


@pytest.mark.parametrize("piece", ["**a ", "||a", "_", "[", "`", "> ", "https://a ", "*_*_"])
def test_a_long_text_of_marks_takes_no_long_time(piece: str) -> None:
    """Linear, whatever is repeated."""
    started = time.thread_time()
    to_html(piece * (40_000 // len(piece)))
    assert time.thread_time() - started < 2.0


def test_mentions_stand_in_commands_too() -> None:
    """`/指令 @王建国 …` keeps its words and knows whom it means."""
    people = {"王建国": "telegram:5", "王": "telegram:6"}
    typed = "/指令 @王建国 **封路**"
    assert to_html(typed, people) == ('/指令 <a data-account="telegram:5">王建国</a> **封路**')
    assert find_mentions(typed, people) == ((4, 8, "telegram:5"),)


@pytest.mark.parametrize("typed", ["/help", " !1", "／帮助", "！1"])
def test_commands_are_known_by_their_first_character(typed: str) -> None:
    """Half and full width."""
    assert is_command(typed)


@pytest.mark.parametrize("typed", ["", "/", "! 注意", "a /help"])
def test_other_words_are_no_commands(typed: str) -> None:
    """A lone slash, a sigh, a path in a sentence."""
    assert not is_command(typed)
