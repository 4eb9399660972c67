"""Reading and writing the neutral form; sanitising anybody's HTML into it.

nh3 (ammonia, html5ever) decides what a browser would read in hostile HTML. What it returns is
regular, so a tokeniser of one expression reads it back, tens of times faster than html5lib.
"""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

import nh3

from bot.richtext.chars import safe_text
from bot.richtext.model import Html

MAX_DEPTH = 48
"""Deeper elements lose their tags and keep their text."""
MAX_INPUT = 262_144
"""Characters of HTML that are read; four times what a Matrix event can hold."""
MAX_LINK = 2048
"""Characters of an address; a longer one keeps only its text."""
_DENSE = 400
"""From this many `<` on, tags are balanced before html5ever, whose time grows with depth²."""

BLOCKS = frozenset(
    ("p", "ul", "ol", "li", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "thead", "tbody")
) | {"tr", "th", "td"}
_MARKS = frozenset(("a", "b", "i", "u", "s", "code", "span"))
_RENAMED = {
    "strong": "b", "em": "i", "ins": "u", "del": "s", "strike": "s",
    "h1": "h3", "h2": "h3", "div": "p", "caption": "p",
}  # fmt: skip
_EXTRA = frozenset(("details", "summary", "img", "hr", "br"))
_KNOWN = BLOCKS | _MARKS | _EXTRA | frozenset(_RENAMED)
_REFERENCES = (
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", "\xa0"), ("&amp;", "&"),
)  # fmt: skip
_OPTIONAL_END = frozenset(("p", "li", "tr", "td", "th", "thead", "tbody"))
_VOID = frozenset(("br", "hr", "img"))

_ACCOUNT = re.compile(r"[a-z]{1,16}:[^\s\"'<>&\x00-\x1f]{1,255}", re.ASCII)
_NUMBER = re.compile(r"\s*\+?(-?[0-9]{1,9})(?![0-9])", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,32}", re.ASCII)
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9-]*+)"
    r"((?:[\s/]++[^\s\"'<>/=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>=`]++))?+)*+)[\s/]*+>"
)
_ATTRIBUTE = re.compile(r"([a-z-]+)(?:=\"([^\"]*)\")?")
_NEWLINES = re.compile(r"[ \t]*\n[ \t\n]*")

_cleaner = nh3.Cleaner(
    tags=set(_KNOWN),
    clean_content_tags={"script", "style", "mx-reply", "title", "textarea", "iframe", "noscript"},
    attributes={
        "a": {"href", "data-account"},
        "span": {"data-mx-spoiler"},
        "code": {"class"},
        "img": {"alt", "title"},
        "ol": {"start"},
        "li": {"value"},
    },
    link_rel=None,
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
)


class Op:
    """What a token does."""

    TEXT: Final = 0
    OPEN: Final = 1
    CLOSE: Final = 2
    BREAK: Final = 3


Token: TypeAlias = tuple[int, str, str]
"""A piece of neutral HTML: what it does, name, value. A plain tuple, as there are thousands.

The name is the unescaped text for TEXT, else the element (`spoiler` and `mention` are named by
meaning). The value of an OPEN is the href, the account, the code language or the number of a list
or of its item.
"""

MentionIn: TypeAlias = Callable[[str], str | None]
"""From a link's address to the account that it mentions, or None for an ordinary link."""


def escape(text: str) -> str:
    """`text` as HTML character data, newlines as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(text: str) -> str:
    """`text` for a double-quoted attribute."""
    return escape(text).replace('"', "&quot;")


def _unescape(text: str) -> str:
    if "&#" in text:
        return html_module.unescape(text)
    if "&" in text:
        for reference, char in _REFERENCES:
            text = text.replace(reference, char)
    return text


def from_plain(text: str) -> Html:
    """What a person typed: nothing in it is markup."""
    return Html(escape(safe_text(text)).replace("\n", "<br>"))


def is_account(account: str) -> bool:
    """Whether this can be an account id such as `telegram:123` or `matrix:@a:hs`."""
    return _ACCOUNT.fullmatch(account) is not None


def clean(html: str) -> Html:
    """Anybody's HTML as the neutral form. Never raises; linear in the length of `html`.

    Unknown elements lose their tags, scripts and styles their content too; an image becomes its
    alternative text. Input beyond `MAX_INPUT` characters is dropped.
    """
    return write(normal(html, None, keep_accounts=True))


def normal(html: str, mention_in: MentionIn | None, *, keep_accounts: bool) -> Iterator[Token]:
    """Sanitise hostile HTML and read it as tokens of the neutral form.

    With `keep_accounts` false, `data-account` written by the sender is ignored and only
    `mention_in` makes mentions.
    """
    html = html[:MAX_INPUT].replace("\x00", "")
    if "<" in html:
        html = html.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        html = _cleaner.clean(_balanced(html) if html.count("<") > _DENSE else html)
        return _tidy(_tokens(html, mention_in, keep_accounts=keep_accounts))
    return _tidy([(Op.TEXT, html_module.unescape(html), "")])


def read(html: Html) -> Iterator[Token]:
    """The tokens of neutral HTML: balanced, at most `MAX_DEPTH` deep."""
    return _tokens(html, None, keep_accounts=True)


def write(tokens: Iterable[Token]) -> Html:
    """Neutral HTML from balanced tokens; text is escaped here."""
    out: list[str] = []
    in_pre = 0
    for op, name, value in tokens:
        if op == Op.TEXT:
            text = escape(name)
            out.append(text if in_pre else text.replace("\n", "<br>"))
        elif op == Op.BREAK:
            out.append("<br>")
        else:
            if name == "pre":
                in_pre += 1 if op == Op.OPEN else -1
            out.append(open_tag(name, value) if op == Op.OPEN else close_tag(name))
    return Html("".join(out))


def open_tag(name: str, value: str = "") -> str:
    """The start tag of an element of the neutral form."""
    if name == "a":
        return f'<a href="{attribute(value)}">'
    if name == "mention":
        return f'<a data-account="{attribute(value)}">'
    if name == "spoiler":
        return "<span data-mx-spoiler>"
    if name == "code" and value:
        return f'<code class="language-{value}">'
    if name in _NUMBERED and value:
        return f'<{name} {_NUMBERED[name]}="{value}">'
    return f"<{name}>"


def close_tag(name: str) -> str:
    """The end tag of an element of the neutral form."""
    return f"</{_WRITTEN.get(name, name)}>"


_WRITTEN = {"mention": "a", "spoiler": "span"}
_NUMBERED = {"ol": "start", "li": "value"}
"""Elements whose number may be given, and by which attribute."""


def _balanced(html: str) -> str:
    """Drop unknown tags, close what is open, and keep nesting within bounds; attributes stay."""
    out: list[str] = []
    stack: list[tuple[str, bool]] = []
    depths: dict[str, int] = {}
    written = at = 0

    def pop() -> str:
        nonlocal written
        name, shown = stack.pop()
        depths[name] -= 1
        written -= shown
        if shown:
            out.append(f"</{name}>")
        return name

    for found in _TAG.finditer(html):
        out.append(html[at : found.start()].replace("<", "&lt;"))
        at = found.end()
        name = found[2].lower()
        if name in _VOID:
            out.append(found[0])
        elif name not in _KNOWN and name != "mx-reply":
            continue
        elif found[1]:
            if depths.get(name):
                while pop() != name:
                    pass
        else:
            if stack and stack[-1][0] == name and name in _OPTIONAL_END:
                pop()
            shown = written < MAX_DEPTH
            stack.append((name, shown))
            depths[name] = depths.get(name, 0) + 1
            written += shown
            if shown:
                out.append(found[0])
    out.append(html[at:].replace("<", "&lt;"))
    while stack:
        pop()
    return "".join(out)


def _tokens(html: str, mention_in: MentionIn | None, *, keep_accounts: bool) -> Iterator[Token]:
    stack: list[tuple[str, str]] = []
    open_tags: dict[str, int] = {}
    at = depth = 0
    for found in _TAG.finditer(html):
        if found.start() > at:
            yield (Op.TEXT, _unescape(html[at : found.start()]), "")
        at = found.end()
        tag = found[2]
        if tag == "br":
            yield (Op.BREAK, "br", "")
        elif tag == "hr":
            yield from ((Op.BREAK, "br", ""), (Op.TEXT, "———", ""), (Op.BREAK, "br", ""))
        elif tag == "img":
            given = _attributes(found[3])
            if text := given.get("alt") or given.get("title"):
                yield (Op.TEXT, text.replace("\n", " "), "")
        elif tag not in _KNOWN:
            continue
        elif found[1]:
            if not open_tags.get(tag):
                continue
            while True:
                opened, name = stack.pop()
                open_tags[opened] -= 1
                if name:
                    depth -= 1
                    yield (Op.CLOSE, name, "")
                if opened == "summary":
                    yield (Op.BREAK, "br", "")
                if opened == tag:
                    break
        else:
            given = _attributes(found[3]) if found[3] else {}
            name, value = _meaning(tag, given, mention_in, keep_accounts=keep_accounts)
            if depth >= MAX_DEPTH:
                name = ""
            if name == "spoiler" and given.get("data-mx-spoiler"):
                yield (Op.TEXT, f"({given['data-mx-spoiler']}) ", "")
            stack.append((tag, name))
            open_tags[tag] = open_tags.get(tag, 0) + 1
            if name:
                depth += 1
                yield (Op.OPEN, name, value)
    if at < len(html):
        yield (Op.TEXT, _unescape(html[at:]), "")
    while stack:
        _, name = stack.pop()
        if name:
            yield (Op.CLOSE, name, "")


def _attributes(text: str) -> dict[str, str]:
    return {found[1]: _unescape(found[2] or "") for found in _ATTRIBUTE.finditer(text)}


def _meaning(
    tag: str, given: dict[str, str], mention_in: MentionIn | None, *, keep_accounts: bool
) -> tuple[str, str]:
    """The element of the neutral form and its value; an empty name drops the tag."""
    if tag == "a":
        account = given.get("data-account", "") if keep_accounts else ""
        href = given.get("href", "")
        if not account and mention_in is not None and len(href) <= MAX_LINK:
            account = mention_in(href) or ""
        if is_account(account):
            return "mention", account
        return ("a", href) if 0 < len(href) <= MAX_LINK else ("", "")
    if tag == "span":
        return ("spoiler", "") if "data-mx-spoiler" in given else ("", "")
    if tag == "code":
        language = given.get("class", "").partition("language-")[2].split(" ")[0]
        return "code", language if _LANGUAGE.fullmatch(language) else ""
    if tag in _NUMBERED:
        return tag, _number(given.get(_NUMBERED[tag], ""))
    if tag == "summary":
        return "b", ""
    if tag == "details":
        return "p", ""
    return _RENAMED.get(tag, tag), ""


def _number(text: str) -> str:
    """The number as HTML reads it, empty where there is none or where it leaves all bounds."""
    found = _NUMBER.match(text)
    return str(int(found[1])) if found else ""


def _tidy(tokens: Iterable[Token]) -> Iterator[Token]:
    """Safe characters; outside `pre`, source line ends are blanks, and none beside a block."""
    in_pre = 0
    after_line, after_block = True, False
    waiting = ""
    for token in tokens:
        op, name, _ = token
        if op == Op.TEXT:
            text = safe_text(name)
            if in_pre:
                text = text.lstrip("\n") if after_line else text
            elif after_block and text.isspace():
                continue
            else:
                text, waiting = _one_line(text, waiting, after_line=after_line)
            if text:
                after_line = after_block = False
                yield (Op.TEXT, text, "")
            continue
        block = name in BLOCKS
        if op == Op.BREAK or block:
            waiting, after_line, after_block = "", True, block
        elif waiting:
            yield (Op.TEXT, waiting, "")
            waiting = ""
        if name == "pre":
            in_pre += 1 if op == Op.OPEN else -1
        elif op == Op.BREAK and in_pre:
            token, after_line = (Op.TEXT, "\n", ""), False
        yield token


def _one_line(text: str, waiting: str, *, after_line: bool) -> tuple[str, str]:
    """`text` with blanks for line ends, and the blank that waits for what comes next."""
    if "\n" not in text:
        return waiting + text, ""
    text = _NEWLINES.sub("\n", text)
    if after_line:
        text = text.lstrip("\n")
    if text.endswith("\n"):
        return (waiting + text[:-1]).replace("\n", " "), " "
    return waiting + text.replace("\n", " "), ""
