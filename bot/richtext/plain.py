"""The neutral form as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.richtext.chars import first_graphemes
from bot.richtext.flat import Flat, ShowMention, flatten
from bot.richtext.model import Html, nobody
from bot.richtext.neutral import Token, read

_HIDDEN = "▒▒▒"
_BLANKS = re.compile(r"\s+")


def to_plain(html: Html, show: ShowMention = nobody, *, hide_spoilers: bool = False) -> str:
    """`html` as lines of text: quotes marked with `> `, a link's address after its text.

    With `hide_spoilers` a spoiler's text is not given away. `show` writes mentions.
    """
    return plain_from(read(html), show, hide_spoilers=hide_spoilers)


def plain_from(
    tokens: Iterable[Token], show: ShowMention = nobody, *, hide_spoilers: bool = False
) -> str:
    """`to_plain` of neutral HTML that is already read."""
    flat = flatten(tokens, show)
    return _annotated(flat, hide_spoilers=hide_spoilers) if flat.spans else flat.text


def excerpt(html: Html, graphemes: int = 80) -> str:
    """One line of `html` for a quote, at most `graphemes` long, spoilers hidden."""
    return first_graphemes(_BLANKS.sub(" ", to_plain(html, hide_spoilers=True)).strip(), graphemes)


def _annotated(flat: Flat, *, hide_spoilers: bool) -> str:
    """Edits from the last to the first, so that earlier offsets stay true."""
    text = flat.text
    edits: list[tuple[int, int, str]] = []
    for span in flat.spans:
        if span.kind == "blockquote":
            edits.append((span.start, span.start, "> "))
            edits += [
                (at + 1, at + 1, "> ") for at in range(span.start, span.end) if text[at] == "\n"
            ]
        elif span.kind == "a" and not _same(text[span.start : span.end], span.value):
            edits.append((span.end, span.end, f" ({span.value})"))
        elif span.kind == "spoiler" and hide_spoilers:
            edits.append((span.start, span.end, _HIDDEN))
    out: list[str] = []
    at = 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        if start < at:
            continue
        out += (text[at:start], new)
        at = end
    out.append(text[at:])
    return "".join(out)


def _same(label: str, address: str) -> bool:
    bare = address.split(":", 1)[-1].strip("/")
    return bare in label or (bool(label) and label.split(":", 1)[-1].strip("/") == bare)
