"""Telegram's text with entities, from and to the neutral form. No chat SDK is needed.

Own code, because the libraries were measured and found wanting. sulguk 0.12 refuses tables,
loses mentions and Matrix spoilers, puts code in bold and quote in quote (which Telegram cuts),
collapses blanks, needs 340 ms for 64 kB and recurses for each level of nesting.
python-telegram-bot 22.8's `text_html` lives in the SDK, puts `url` and `language` unescaped into
attributes, drops formats that overlap partly and raises where an entity splits a pair.
Entity rules: https://core.telegram.org/bots/api#messageentity and #formatting-options.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot.richtext.chars import safe_name, safe_text
from bot.richtext.flat import SPLITTABLE, Flat, Shown, Span, flatten, trim
from bot.richtext.model import AccountOf, Html, ResolveMention, TelegramText, TgEntity
from bot.richtext.neutral import Op, Token, close_tag, escape, is_account, open_tag, read

MAX_ENTITIES = 200
"""Entities read from one message; Telegram itself keeps 100."""

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_FROM = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote", "expandable_blockquote": "blockquote",
    "text_link": "a", "text_mention": "mention", "mention": "mention",
}  # fmt: skip
_TO = {
    "b": "bold", "i": "italic", "u": "underline", "s": "strikethrough", "spoiler": "spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link",
    "text_mention": "text_mention",
}  # fmt: skip
_RANK = {"blockquote": 0, "pre": 1, "mention": 2, "a": 3, "code": 9}
_LINK = re.compile(r"(?:https?|mailto|tel):[^\s\x00-\x1f]+", re.IGNORECASE)
_USER = re.compile(r"tg://user\?id=(\d+)")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,32}")


class Units:
    """Between UTF-16 code units, in which Telegram counts, and characters of one text."""

    def __init__(self, text: str) -> None:
        self._chars = [found.start() for found in _ASTRAL.finditer(text)]
        self._units = [at + before for before, at in enumerate(self._chars)]
        self.total = len(text) + len(self._chars)

    def unit(self, char: int) -> int:
        """The offset in code units of the character at `char`."""
        return char + bisect_left(self._chars, char)

    def char(self, unit: int, *, up: bool = False) -> int:
        """The character at code unit `unit`; within a pair its own, or with `up` the next."""
        before = bisect_left(self._units, unit)
        split = before > 0 and self._units[before - 1] == unit - 1
        return unit - before + (1 if split and up else 0)


def utf16_length(text: str) -> int:
    """The length of `text` in UTF-16 code units."""
    return len(text) + len(_ASTRAL.findall(text))


def from_telegram(text: str, entities: Sequence[TgEntity], account_of: AccountOf) -> Html:
    """A Telegram text or caption as the neutral form.

    Entities may overlap, be unknown, leave the text or split a pair: what cannot be shown stays
    text. `account_of` gets `"123"` for a user id, `"@name"` for a user name.
    """
    spans = _spans(text, entities[:MAX_ENTITIES], account_of)
    if not spans:
        return Html(escape(safe_text(text)).replace("\n", "<br>"))
    out: list[str] = []
    stack: list[Span] = []
    edges = sorted({0, len(text), *(s.start for s in spans), *(s.end for s in spans)})
    skip_line = False
    for start, end in pairwise(edges):
        wanted = _wanted([span for span in spans if span.start <= start < span.end])
        same = 0
        while same < min(len(stack), len(wanted)) and stack[same] is wanted[same]:
            same += 1
        for span in reversed(stack[same:]):
            out.append(_close(span))
            skip_line = span.kind in ("pre", "blockquote")
        out += [_open(span) for span in wanted[same:]]
        stack = wanted
        piece = text[start:end]
        if skip_line:
            piece = piece.removeprefix("\n")
            skip_line = False
        piece = escape(safe_text(piece))
        in_pre = any(span.kind == "pre" for span in wanted)
        out.append(piece if in_pre else piece.replace("\n", "<br>"))
    out += [_close(span) for span in reversed(stack)]
    return Html("".join(out))


def _spans(text: str, entities: Iterable[TgEntity], account_of: AccountOf) -> list[Span]:
    units = Units(text)
    spans: list[Span] = []
    for entity in entities:
        kind = _FROM.get(entity.type)
        first, last = max(entity.offset, 0), min(entity.offset + entity.length, units.total)
        if kind is None or first >= last:
            continue
        start, end = units.char(first), units.char(last, up=True)
        if kind in ("pre", "blockquote"):
            start += len(text[start:end]) - len(text[start:end].lstrip("\n"))
            end -= len(text[start:end]) - len(text[start:end].rstrip("\n"))
        span = _meaning(entity, kind, text[start:end], account_of)
        if span is not None and start < end:
            span.start, span.end = start, end
            spans.append(span)
    return spans


def _meaning(entity: TgEntity, kind: str, text: str, account_of: AccountOf) -> Span | None:
    if kind == "a":
        url = safe_text(entity.url or "").strip()
        if user := _USER.match(url):
            return _mention(user[1], account_of)
        if url and "://" not in url and ":" not in url:
            url = f"http://{url}"
        return Span("a", 0, 0, url) if _LINK.fullmatch(url) else None
    if kind == "mention":
        key = str(entity.user_id) if entity.type == "text_mention" else text
        return _mention(key, account_of)
    language = entity.language or "" if kind == "pre" else ""
    return Span(kind, 0, 0, language if _LANGUAGE.fullmatch(language) else "")


def _mention(key: str, account_of: AccountOf) -> Span | None:
    account = account_of(key)
    return Span("mention", 0, 0, account) if account and is_account(account) else None


def _wanted(active: list[Span]) -> list[Span]:
    """What may stand around one piece, outermost first: one of each kind, boxes outside."""
    active.sort(key=lambda span: (_RANK.get(span.kind, 5), span.start, -span.end))
    kinds: set[str] = set()
    wanted: list[Span] = []
    for span in active:
        kind = "a" if span.kind == "mention" else span.kind
        if kind in kinds or ("pre" in kinds and kind != "blockquote"):
            continue
        kinds.add(kind)
        wanted.append(span)
    return wanted


def _open(span: Span) -> str:
    if span.kind == "pre" and span.value:
        return "<pre>" + open_tag("code", span.value)
    return open_tag(span.kind, span.value)


def _close(span: Span) -> str:
    return "</code></pre>" if span.kind == "pre" and span.value else close_tag(span.kind)


def to_telegram(html: Html, resolve_mention: ResolveMention) -> TelegramText:
    """The neutral form as a text with entities that Telegram accepts as they are.

    Not yet cut to a length: see `split_telegram`. A mention becomes a `text_mention` where the
    person's number is known, else `@username`, else the bold name.
    """

    def show(account: str) -> Shown | None:
        target = resolve_mention(account)
        if target is None:
            return None
        if target.user_id and target.user_id.isdecimal():
            name = safe_name(target.name, 64, "") or target.username or target.user_id
            return Shown(name, "text_mention", target.user_id)
        return Shown(f"@{target.username}", "username") if target.username else None

    flat = flatten(_spelled(read(html)), show)
    if not flat.spans:
        return TelegramText(flat.text)
    text, spans = _accepted(flat)
    units = Units(text)
    return TelegramText(text, tuple(_entity(span, units) for span in spans))


def _spelled(tokens: Iterable[Token]) -> Iterator[Token]:
    """Links that Telegram has no entity for, with their address written behind their text."""
    address, label = "", ""
    for token in tokens:
        op, name, value = token
        if name == "a" and op == Op.OPEN and not address and not value.lower().startswith("http"):
            address, label = value.partition(":")[2], ""
        elif name == "a" and op == Op.CLOSE and address:
            if address not in label:
                yield (Op.TEXT, f" ({address})", "")
            address = ""
        else:
            if op == Op.TEXT:
                label += name if address else ""
            yield token


def _entity(span: Span, units: Units) -> TgEntity:
    start = units.unit(span.start)
    return TgEntity(
        _TO[span.kind],
        start,
        units.unit(span.end) - start,
        url=span.value if span.kind == "a" else None,
        language=span.value or None if span.kind == "pre" else None,
        user_id=int(span.value) if span.kind == "text_mention" else None,
    )


def _accepted(flat: Flat) -> tuple[str, list[Span]]:
    """Only what Telegram can hold: nothing in code, links of the web, each kind joined."""
    text = flat.text
    whole = [s for s in flat.spans if s.kind in ("pre", "code", "a", "text_mention")]
    solid: list[Span] = []
    reach = 0
    for span in whole:
        if span.start < reach:
            continue
        solid.append(span)
        reach = span.end
    gaps = [s for s in solid if s.kind in ("pre", "code")]
    starts = [s.start for s in gaps]
    spans = list(solid)
    for span in flat.spans:
        if span.kind == "blockquote":
            spans.append(span)
        elif span.kind in SPLITTABLE:
            at = span.start
            for gap in gaps[max(bisect_right(starts, span.start) - 1, 0) :]:
                if gap.start >= span.end:
                    break
                if gap.end > at:
                    spans.append(Span(span.kind, at, gap.start))
                    at = gap.end
            spans.append(Span(span.kind, at, span.end))
    return text, _joined(text, spans)


def _joined(text: str, spans: list[Span]) -> list[Span]:
    last: dict[str, Span] = {}
    kept: list[Span] = []
    spans.sort(key=lambda span: (span.start, -span.end))
    for span in spans:
        if span.end <= span.start:
            continue
        before = last.get(span.kind)
        if before and before.end >= span.start and span.kind in SPLITTABLE:
            before.end = max(before.end, span.end)
            continue
        last[span.kind] = span
        kept.append(span)
    for span in kept:
        if span.kind in SPLITTABLE:
            trim(span, text)
    kept = [span for span in kept if text[span.start : span.end].strip()]
    kept.sort(key=lambda span: (span.start, -span.end, _RANK.get(span.kind, 5), span.kind))
    return kept
