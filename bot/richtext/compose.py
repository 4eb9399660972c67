"""Who speaks, and to what: author lines and quotes around somebody's message."""

from __future__ import annotations

import regex

from bot.richtext.apart import told_apart
from bot.richtext.chars import safe_name, safe_text
from bot.richtext.model import Html
from bot.richtext.neutral import escape

NAME_LIMIT = 40
"""Graphemes of a display name or agency that are shown."""

_RIGHT_TO_LEFT = regex.compile(r"[\p{bc=R}\p{bc=AL}]")


def author(name: str, agency: str | None = None, *, fallback: str = "?") -> Html:
    """`<b>【agency】name</b>`: the form that no display name can take, see `safe_name`."""
    shown = _isolated(safe_name(name, NAME_LIMIT, fallback))
    unit = safe_name(agency, NAME_LIMIT, "") if agency else ""
    before = f"【{_isolated(unit)}】" if unit else ""
    return Html(f"<b>{escape(before + shown)}</b>")


def with_author(name: str, agency: str | None, html: Html, *, fallback: str = "?") -> Html:
    """`html` after its author: on one line, or below it where `html` begins with a block. No line
    of it can pass for an author's (`told_apart`).

    With nothing said, as for a picture without a caption, the author alone.
    """
    if not html:
        return author(name, agency, fallback=fallback)
    html = told_apart(html)
    line = f"{author(name, agency, fallback=fallback)}："
    if html.startswith("<p>"):
        return Html(f"<p>{line}{html[3:]}")
    return Html(line + html)


def with_quote(name: str, quoted: str, html: Html, *, fallback: str = "?") -> Html:
    """`html` after a quote of what it answers, where a network cannot point at it.

    `quoted` is plain text, such as from `excerpt`.
    """
    shown = author(name, fallback=fallback)
    line = escape(" ".join(safe_text(quoted).split()))
    return Html(f"<blockquote>{shown}：{line}</blockquote>{html}")


def _isolated(name: str) -> str:
    """Right-to-left names must not turn the colon and the text behind them around."""
    return f"\u2068{name}\u2069" if _RIGHT_TO_LEFT.search(name) else name
