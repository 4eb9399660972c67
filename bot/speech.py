"""Documents and messages in one room's language.

Translation happens here and nowhere else: numbers, times and names are formatted by Babel in
the room's locale and time zone, and every other module passes `Msg` values on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.catalogues import Catalogues, Spoken
from bot.richtext import Html, from_plain
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Code,
    Document,
    Heading,
    Inline,
    Link,
    Mention,
    Para,
    Quote,
    Span,
    Table,
)
from workflows.text import EITHER, Msg, Param

Language = Literal["zh", "en", "both"]

LOCALES: dict[Spoken, Locale] = {"zh": Locale("zh", "CN", script="Hans"), "en": Locale("en")}
"""Ready made: of a name babel makes a locale anew at each number, in a hundred microseconds. In
full, so that it looks nothing up before there is a number to be said."""


def spoken(language: str) -> tuple[Spoken, ...]:
    """The languages in which a room of `language` reads: Chinese first where it is both."""
    if language == "zh":
        return ("zh",)
    return ("en",) if language == "en" else ("zh", "en")


_WIDE = tuple("：，。；、！？）】")


@dataclass(frozen=True)
class Speech:
    """What is needed to say something: the catalogues and the time zone, which is `named` with
    each time where people are in several."""

    catalogues: Catalogues
    zone: ZoneInfo
    named: bool = False

    def local(self, zone: ZoneInfo, *, named: bool) -> Speech:
        """The same, for people in that zone."""
        if zone is self.zone and named == self.named:
            return self
        return replace(self, zone=zone, named=named)

    def text(self, msg: Msg, language: str) -> str:
        """A message as plain text; where a room speaks both languages, `中文 / English`."""
        said = [self._text(msg, each) for each in spoken(language)]
        return " / ".join(dict.fromkeys(said))

    def lines(self, msg: Msg, language: str) -> tuple[str, ...]:
        """A message as plain text, once for each language that the room speaks."""
        return tuple(dict.fromkeys(self._text(msg, each) for each in spoken(language)))

    def label(self, inline: Inline, language: str) -> str:
        """A button's label as plain text."""
        said = [self._plain(inline, each) for each in spoken(language)]
        return " / ".join(dict.fromkeys(said))

    def html(self, document: Document, language: str) -> Html:
        """A document; where a room speaks both languages, Chinese and then English."""
        said = [self._blocks(document.blocks, each) for each in spoken(language)]
        return Html("<br><br>".join(dict.fromkeys(said)))

    def moment(self, at: datetime, language: Spoken) -> str:
        """Day, weekday, hour and minute in the time zone, with its distance from UTC if named."""
        locale = LOCALES[language]
        day = format_skeleton("MMMEd", at, self.zone, locale=locale)
        shown = f"{day} {format_skeleton('Hm', at, self.zone, locale=locale)}"
        if not self.named:
            return shown
        zone = offset_name(at, self.zone)
        return f"{shown}（{zone}）" if language == "zh" else f"{shown} ({zone})"

    def _text(self, msg: Msg, language: Spoken) -> str:
        shown = {name: self._param(value, language) for name, value in msg.params}
        return self._form(msg, language).format_map(shown)

    def _form(self, msg: Msg, language: Spoken) -> str:
        if msg.id == EITHER:
            return "{zh}" if language == "zh" else "{en}"
        if msg.plural is None:
            return self.catalogues.text(msg.id, language)
        n = msg.param("n")
        return self.catalogues.plural(msg.id, msg.plural, n if isinstance(n, int) else 2, language)

    def _param(self, value: Param, language: Spoken) -> str:
        match value:
            case Msg():
                return self._text(value, language)
            case datetime():
                return self.moment(value, language)
            case timedelta():
                return format_timedelta(
                    value, threshold=2, granularity="second", locale=LOCALES[language]
                )
            case int() | Decimal():
                return format_decimal(value, locale=LOCALES[language])
            case tuple():
                parts = [self._param(each, language) for each in value]
                return format_list(parts, style="standard", locale=LOCALES[language])
        return value

    def _plain(self, inline: Inline, language: Spoken) -> str:
        match inline:
            case str():
                return inline
            case Msg():
                return self._text(inline, language)
            case Bold(inner) | Link(_, inner):
                return self._plain(inner, language)
            case Code(text, chinese):
                return chinese if chinese is not None and language == "zh" else text
            case Mention(_, name):
                return name
            case Span(parts):
                return _joined(self._plain(part, language) for part in parts)

    def _inline(self, inline: Inline, language: Spoken) -> Html:
        match inline:
            case str():
                return from_plain(inline)
            case Msg():
                return from_plain(self._text(inline, language))
            case Bold(inner):
                return Html(f"<b>{self._inline(inner, language)}</b>")
            case Code():
                return Html(f"<code>{from_plain(self._plain(inline, language))}</code>")
            case Mention(account, name):
                return Html(f'<a data-account="{from_plain(account)}">{from_plain(name)}</a>')
            case Link(url, inner):
                return Html(f'<a href="{from_plain(url)}">{self._inline(inner, language)}</a>')
            case Span(parts):
                return Html(_joined(self._inline(part, language) for part in parts))

    def _blocks(self, blocks: Iterable[Block], language: Spoken) -> Html:
        made: list[str] = []
        after_line = False
        for block in blocks:
            line = isinstance(block, (Heading, Para))
            if line and after_line:
                made.append("<br>")
            made.append(self._block(block, language))
            after_line = line
        return Html("".join(made))

    def _block(self, block: Block, language: Spoken) -> str:
        match block:
            case Heading(inner):
                return f"<b>{self._inline(inner, language)}</b>"
            case Para(inner):
                return self._inline(inner, language)
            case Bullets(items):
                shown = "".join(f"<li>{self._inline(item, language)}</li>" for item in items)
                return f"<ul>{shown}</ul>"
            case Quote(inner):
                return f"<blockquote>{self._inline(inner, language)}</blockquote>"
            case Table(head, rows):
                top = self._row(head, "th", language)
                body = "".join(self._row(row, "td", language) for row in rows)
                return f"<table><thead>{top}</thead><tbody>{body}</tbody></table>"

    def _row(self, cells: Iterable[Inline], tag: str, language: Spoken) -> str:
        shown = "".join(f"<{tag}>{self._inline(cell, language)}</{tag}>" for cell in cells)
        return f"<tr>{shown}</tr>"


def offset_name(at: datetime, zone: ZoneInfo) -> str:
    """How far the clocks of a zone are from UTC at that moment: `UTC+8`, `UTC−3:30`."""
    distance = at.astimezone(zone).utcoffset() or timedelta(0)
    minutes = round(distance / timedelta(minutes=1))
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


def has_times(document: Document) -> bool:
    """Whether a moment stands anywhere in it, so that it reads otherwise in another zone."""
    labels = (button.label for button in document.buttons)
    inner = (part for block in document.blocks for part in _inlines(block))
    return bool(document.papers) or any(map(_timed, (*inner, *labels)))


def _inlines(block: Block) -> tuple[Inline, ...]:
    match block:
        case Heading(inner) | Para(inner) | Quote(inner):
            return (inner,)
        case Bullets(items):
            return items
        case Table(head, rows):
            return (*head, *(cell for row in rows for cell in row))


def _timed(value: Inline | Param) -> bool:
    match value:
        case datetime():
            return True
        case Msg():
            return any(_timed(each) for _name, each in value.params)
        case tuple() | Span(tuple()):
            parts = value.parts if isinstance(value, Span) else value
            return any(map(_timed, parts))
        case Bold(inner) | Link(_, inner):
            return _timed(inner)
    return False


def _joined(parts: Iterable[str]) -> str:
    """Pieces in a row; full-width punctuation brings its own space."""
    made = ""
    for part in parts:
        if part != " " or not made.endswith(_WIDE):
            made += part
    return made
