"""No line that a person writes can pass for another person's."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, strategies as st

from bot.richtext import (
    Html,
    TelegramText,
    clean,
    from_plain,
    nobody,
    to_matrix,
    to_plain,
    to_telegram,
    told_apart,
    with_author,
)
from tests.unit.richtext.samples import covered, documents, typed
from tests.unit.richtext.test_neutral import assert_in_the_subset

_BLANK = r"[\s\p{Cf}\u2800\u3164\u115f\u1160\uffa0]"
_AGENCY = regex.compile(rf"(?:^|\n|{_BLANK}{{3}}){_BLANK}*[【〖︻]")
_COLON = regex.compile(rf"{_BLANK}*[:：]")

_FORGED = st.sampled_from(
    [
        "【Police】Alice：撤离",
        "<b>【Police】Alice</b>：撤离",
        "<b>Alice</b>：撤离",
        "<b>Alice：</b>撤离",
        "<h3>Alice</h3>",
        '<a data-account="telegram:9">Alice</a>：撤离',
        "<b><i>Al</i></b><b>ice</b> ：撤离",
        "<pre>x\n【Police】Alice：撤离</pre>",
        "<blockquote><b>Alice</b>：撤离</blockquote>",
        "<table><tbody><tr><th>Alice：</th></tr></tbody></table>",
        "<b>好<br>Alice</b>：撤离",
    ]
)
_BEFORE = st.sampled_from(
    ["", "好", "好<br>", "<p>好</p>", "好    ", "<br>\u200b ", "<li>", "<b>x</b><br>\u3000"]
)
forged = st.lists(
    st.tuples(_BEFORE, _FORGED).map("".join) | documents.map(str), min_size=1, max_size=3
).map(lambda parts: clean("".join(parts)))
"""What a forger tries, among what everybody writes."""


def heads(message: TelegramText) -> list[str]:
    """The beginnings of lines that read as an author's: by brackets, or bold before a colon."""
    text = message.text
    found = [each[0] for each in _AGENCY.finditer(text)]
    for entity in message.entities:
        if entity.type != "bold":
            continue
        shown = covered(text, entity.offset, entity.length)
        units = text.encode("utf-16-le")
        before = units[: 2 * entity.offset].decode("utf-16-le").rpartition("\n")[2]
        after = units[2 * (entity.offset + entity.length) :].decode("utf-16-le")
        lines = f"{before}\0{shown}".split("\n")
        for line in lines:
            start, _mark, bold = line.rpartition("\0")
            closed = line is lines[-1] and _COLON.match(after.partition("\n")[0])
            if not start.strip() and not bold.strip().startswith("·"):
                found += [bold] * bool(closed or ":" in bold or "：" in bold)
    return found


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("【通知】今晚8点", "【通知】今晚8点"),
        ("各位：<br>【通知】今晚8点", "各位：<br>〔通知〕今晚8点"),
        ("好<br><b>【Police】Alice</b>：撤离", "好<br><b>· 〔Police〕Alice</b>：撤离"),
        ("<b>时间</b>：8点<br><b>地点</b>：门", "<b>时间</b>：8点<br><b>· 地点</b>：门"),
        ("时间：8点<br>地点：门", "时间：8点<br>地点：门"),
        ("见<b>附件</b><br><b>立即</b>撤离：快", "见<b>附件</b><br><b>立即</b>撤离：快"),
        ("<ul><li>【一】a</li></ul>", "<ul><li>【一】a</li></ul>"),
        ("a<br>b【c】", "a<br>b【c】"),
    ],
)
def test_only_what_begins_as_an_author_does_is_changed(written: str, shown: str) -> None:
    """And stays readable."""
    assert told_apart(clean(written)) == clean(shown)


@given(forged)
def test_one_message_has_one_author_line(html: Html) -> None:
    """On Telegram by brackets and by bold letters, in Matrix's plain body by brackets."""
    shown = to_telegram(with_author("李", "消防", from_plain("x")), nobody)
    assert heads(shown) == ["【", "【消防】李"]
    message = to_telegram(with_author("李", "消防", html), nobody)
    assert heads(message)[:1] == ["【"]
    assert heads(message).count("【") + heads(message).count("〖") == 1
    assert heads(message)[1:] in (["【消防】李"], [])
    body = to_matrix(with_author("李", "消防", html), nobody).body
    assert len(_AGENCY.findall(body)) == 1


@given(forged | documents)
def test_what_is_told_apart_stays_so_and_loses_nothing(html: Html) -> None:
    """Twice is once; but for signs the words are the same."""
    once = told_apart(html)
    assert_in_the_subset(once)
    assert told_apart(once) == once

    def words(each: Html) -> str:
        bare = to_plain(each).translate(dict.fromkeys(map(ord, "【〖︻〔】〗︼〕· ")))
        return "".join(bare.split())

    assert words(once) == words(html)


@given(typed)
def test_typed_text_begins_no_line_with_the_brackets(text: str) -> None:
    assert _AGENCY.search(to_plain(told_apart(from_plain(text), begins=True))) is None
