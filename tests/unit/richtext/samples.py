"""What people write, and what attackers write, for the tests of rich text."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.richtext import TargetMention, TelegramText
from bot.richtext.neutral import Op, Token, write

EMOJI = [
    "😀",
    "👨‍👩‍👧‍👦",
    "🇨🇳",
    "🇭🇰🇨🇳",
    "👍🏽",
    "👩🏿‍🚒",
    "❤️‍🔥",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "1️⃣",
    "🏳️‍🌈",
    "𠮷野家",
    "葛󠄀城",
    "𝒳",
]
TRICKS = [
    "\u202ecod.exe",
    "a\u2066b",
    "\u2067\u2067\u2067",
    "\u200b\u200b\u200b\u200b",
    "\U000e0041\U000e0042",
    "\ud83d",
    "\udc00x",
    "\x00\x07\x1b[31m",
    "\r\nx\u2028y",
    "e" + "\u0301" * 40,
    "\ufeff",
    "【消防】张三：",
]
MARKUP = [
    "<b>x</b>",
    "<script>alert(1)</script>",
    "&lt;i&gt;",
    "&amp;lt;",
    "</span>",
    "*x* _y_ `z`",
    "<br>",
    "[a](javascript:x)",
    '"><img src=x onerror=y>',
    "<!-- ",
    "]]>",
    "<mx-reply>",
]
PLAIN = [
    "现场指挥部",
    "第2组到位。",
    "Hello, world. ",
    "\n",
    "\n\n",
    " ",
    "  ",
    "שלום",
    "مرحبا",
    "a",
]

typed = st.lists(
    st.one_of(
        st.sampled_from(EMOJI + TRICKS + MARKUP + PLAIN),
        st.text(st.characters(exclude_categories=()), max_size=12),
    ),
    max_size=12,
).map("".join)
"""Anything that a keyboard, a broken client or an attacker may send."""

words = st.lists(st.sampled_from(EMOJI + PLAIN[:3] + PLAIN[7:] + MARKUP), min_size=1, max_size=4)
words_of = words.map(" ".join)

ACCOUNTS = ("telegram:12345", "matrix:@li:example.org", "web:wang")
_LINKS = ("https://example.org/?a=1&b=%22", "http://例子.中国/x", "mailto:a@example.org")


def _wrap(inner: list[Token], name: str, value: str) -> list[Token]:
    return [(Op.OPEN, name, value), *inner, (Op.CLOSE, name, "")]


def _joined(parts: list[list[Token]]) -> list[Token]:
    return [token for part in parts for token in part]


_text = words_of.map(lambda text: [(Op.TEXT, text, "")])
_break: st.SearchStrategy[list[Token]] = st.just([(Op.BREAK, "br", "")])
_leaf = st.one_of(
    _text,
    words_of.map(lambda text: _wrap([(Op.TEXT, text, "")], "code", "")),
    st.tuples(_text, st.sampled_from(_LINKS)).map(lambda pair: _wrap(pair[0], "a", pair[1])),
    st.tuples(st.sampled_from(["张三", "Ann 😀"]), st.sampled_from(ACCOUNTS)).map(
        lambda pair: _wrap([(Op.TEXT, pair[0], "")], "mention", pair[1])
    ),
)
_inline = st.recursive(
    _leaf,
    lambda inner: st.tuples(
        st.lists(inner, min_size=1, max_size=3).map(_joined),
        st.sampled_from(["b", "i", "u", "s", "spoiler"]),
    ).map(lambda pair: _wrap(pair[0], pair[1], "")),
    max_leaves=4,
)
_line = st.lists(_inline, min_size=1, max_size=3).map(_joined)
_lines = st.lists(_line, min_size=1, max_size=3).map(
    lambda lines: _joined(
        [
            [*line, *([(Op.BREAK, "br", "")] if more else [])]
            for more, line in zip(range(len(lines) - 1, -1, -1), lines, strict=True)
        ]
    )
)
_pre = st.tuples(words_of, st.sampled_from(["", "python"])).map(
    lambda pair: _wrap(
        _wrap([(Op.TEXT, pair[0] + "\n  x", "")], "code", pair[1])
        if pair[1]
        else [(Op.TEXT, pair[0] + "\n  x", "")],
        "pre",
        "",
    )
)
_list = st.tuples(st.lists(_line, min_size=1, max_size=3), st.sampled_from(["ul", "ol"])).map(
    lambda pair: _wrap(_joined([_wrap(line, "li", "") for line in pair[0]]), pair[1], "")
)
_table = st.lists(st.lists(_text, min_size=2, max_size=2), min_size=1, max_size=3).map(
    lambda rows: _wrap(
        _wrap(
            _joined(
                [_wrap(_joined([_wrap(cell, "td", "") for cell in row]), "tr", "") for row in rows]
            ),
            "tbody",
            "",
        ),
        "table",
        "",
    )
)
_quote = _lines.map(lambda inner: _wrap(inner, "blockquote", ""))
_para = _line.map(lambda inner: _wrap(inner, "p", ""))
_head = _line.map(lambda inner: _wrap(inner, "h4", ""))

carried = st.lists(st.one_of(_lines, _pre, _quote), min_size=1, max_size=4).map(
    lambda parts: write(_joined(parts))
)
"""Neutral HTML of the elements that Telegram has too."""

documents = st.lists(
    st.one_of(_lines, _pre, _quote, _list, _table, _para, _head), min_size=1, max_size=5
).map(lambda parts: write(_joined(parts)))
"""Neutral HTML of any element."""


def known(account: str) -> TargetMention | None:
    """A resolver for Telegram and Matrix that knows two of the three accounts."""
    if account.startswith("telegram:"):
        return TargetMention(user_id=account.removeprefix("telegram:"), name="张三")
    if account.startswith("matrix:"):
        return TargetMention(
            user_id=account.removeprefix("matrix:"), name="李四", username="lisi_x"
        )
    return None


def units(text: str) -> int:
    """UTF-16 code units, counted by the codec."""
    return len(text.encode("utf-16-le")) // 2


def covered(text: str, offset: int, length: int) -> str:
    """The text under an entity, cut by the codec; raises if it splits a pair."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def assert_valid(message: TelegramText, limit: int | None = None) -> None:
    """Everything that Telegram asks of a text with entities."""
    assert message.text.strip()
    size = units(message.text)
    assert limit is None or size <= limit
    solid: list[tuple[int, int]] = []
    for entity in message.entities:
        assert entity.length > 0
        assert 0 <= entity.offset < entity.offset + entity.length <= size
        assert covered(message.text, entity.offset, entity.length).strip()
        if entity.type in ("code", "pre"):
            solid.append((entity.offset, entity.offset + entity.length))
    for entity in message.entities:
        here = (entity.offset, entity.offset + entity.length)
        if entity.type != "blockquote":
            inside = [each for each in solid if each[0] < here[1] and here[0] < each[1]]
            assert inside in ([], [here]), f"{entity} crosses code"
    assert [e.offset for e in message.entities] == sorted(e.offset for e in message.entities)
