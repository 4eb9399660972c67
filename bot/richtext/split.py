"""Cutting texts to what a network takes in one message."""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from bot.richtext.model import Html, TelegramText, TgEntity
from bot.richtext.neutral import BLOCKS, Op, Token, read, write
from bot.richtext.telegram import Units

TELEGRAM_TEXT = 4096
TELEGRAM_CAPTION = 1024
"""UTF-16 code units in a text and in a caption: https://core.telegram.org/bots/api#sendmessage."""
MATRIX_BYTES = 40_000
"""Of an event's 65,536 bytes: room for base64 when encrypted, keys and relations."""

_GRAPHEME = regex.compile(r"\X")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"[。！？；…]+[”’」』）]*|[.!?]+[\"')]*(?=\s)")
_SPACE = re.compile(r"[\s，、,]+")
_ESCAPED = re.compile(r"[\"\\\n\t]")
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")


def split_telegram(text: TelegramText, limit: int = TELEGRAM_TEXT) -> list[TelegramText]:
    """Parts of at most `limit` UTF-16 units, none blank, each with entities of its own.

    Cut at the last paragraph, line, sentence or blank of a part's second half, else between
    graphemes. Only blanks at a cut are lost. A blank text gives no part.
    """
    return _split(text, limit, limit)


def split_caption(
    text: TelegramText, caption: int = TELEGRAM_CAPTION, limit: int = TELEGRAM_TEXT
) -> list[TelegramText]:
    """The first part fits a caption, the others a text; see `split_telegram`."""
    return _split(text, caption, limit)


def _split(whole: TelegramText, first: int, limit: int) -> list[TelegramText]:
    text = whole.text
    units = Units(text)
    parts: list[TelegramText] = []
    start = 0
    while start < len(text):
        if not parts and start == 0 and units.total <= first and text.strip():
            return [whole]
        room = limit if parts else first
        reach = units.char(min(units.unit(start) + room, units.total))
        end = _cut(text, start, max(reach, start + 1))
        left, right = start, end
        while right > left and text[right - 1].isspace():
            right -= 1
        if right > left:
            parts.append(_part(whole, units, left, right))
        start = end
        if blank := _BLANK_LINES.match(text, start):
            start = blank.end()
        elif end < len(text) and text[end - 1] != "\n":
            while start < len(text) and text[start].isspace():
                start += 1
    return parts


def _cut(text: str, start: int, end: int) -> int:
    """Where the part from `start` ends, at `end` or before it."""
    if end >= len(text):
        return len(text)
    window = text[start : end + 32]
    room = end - start
    ends = [found.end() for found in _GRAPHEME.finditer(window) if found.end() <= room]
    if not ends:
        return end
    whole = set(ends)
    for separator in (_PARAGRAPH, _LINE, _SENTENCE, _SPACE):
        last = 0
        for found in separator.finditer(window, room // 2):
            if found.start() > room:
                break
            if found.start() in whole and separator in (_PARAGRAPH, _LINE):
                last = found.start()
            elif found.end() in whole:
                last = found.end()
        if last:
            return start + last
    return start + ends[-1]


def _part(whole: TelegramText, units: Units, start: int, end: int) -> TelegramText:
    first, last = units.unit(start), units.unit(end)
    entities = []
    for entity in whole.entities:
        left, right = max(entity.offset, first), min(entity.offset + entity.length, last)
        if left < right:
            entities.append(
                TgEntity(
                    entity.type, left - first, right - left,
                    entity.url, entity.language, entity.user_id,
                )
            )  # fmt: skip
    return TelegramText(whole.text[start:end], tuple(entities))


def split_html(html: Html, max_bytes: int = MATRIX_BYTES) -> list[Html]:
    """Pieces of neutral HTML, each valid alone, whose body and formatted_body fit together.

    `max_bytes` bounds an estimate from above of both in JSON. Cut between blocks where
    possible, then at line ends, sentences, blanks, graphemes. A blank text gives no piece.
    """
    tokens = list(_small(read(html), max(max_bytes // 16, 8)))
    pieces: list[Html] = []
    opened: tuple[Token, ...] = ()
    at = 0
    while at < len(tokens):
        end, still = _reach(tokens, at, opened, max_bytes)
        piece = [*opened, *tokens[at:end]]
        if any(token[0] == Op.TEXT and token[1].strip() for token in piece):
            closing = ((Op.CLOSE, token[1], "") for token in reversed(still))
            pieces.append(write([*piece, *closing]))
        at, opened = end, still
        while at < len(tokens) and tokens[at][0] == Op.BREAK:
            at += 1
    return pieces


def _reach(
    tokens: list[Token], at: int, opened: tuple[Token, ...], max_bytes: int
) -> tuple[int, tuple[Token, ...]]:
    """How far a piece from `at` goes, and the elements that are open there."""
    stack = list(opened)
    size = sum(_cost(token) for token in stack)
    filled = False
    best = ((False, -1), at, opened)
    for index in range(at, len(tokens)):
        token = tokens[index]
        size += _cost(token)
        if filled and size > max_bytes:
            (_, rank), end, still = best
            return (end, still) if rank >= 0 else (index, tuple(stack))
        if token[0] == Op.OPEN:
            stack.append(token)
        elif token[0] == Op.CLOSE:
            stack.pop()
        filled = filled or (token[0] == Op.TEXT and bool(token[1].strip()))
        place = (size * 2 > max_bytes, _rank(token, stack))
        if filled and place[1] >= 0 and place >= best[0]:
            best = (place, index + 1, tuple(stack))
    return len(tokens), ()


def _rank(token: Token, stack: list[Token]) -> int:
    """How good a cut after `token` is; below zero: none."""
    if any(each[1] == "mention" for each in stack):
        return -1
    if token[0] == Op.CLOSE and token[1] in BLOCKS:
        return 2 if stack else 3
    return (0, -1, 0, 1)[token[0]]


def _cost(token: Token) -> int:
    """Bytes of JSON that `token` takes at most in body and formatted_body; an end is prepaid."""
    op, name, value = token
    if op == Op.TEXT:
        plain = len(name.encode("utf-8", "replace")) + len(_ESCAPED.findall(name))
        return 2 * plain + 4 * sum(map(name.count, "&<>\n"))
    if op == Op.OPEN:
        return 2 * len(name) + 48 + 5 * len(value.encode("utf-8", "replace"))
    return 12 if op == Op.BREAK else 0


def _small(tokens: Iterator[Token], limit: int) -> Iterator[Token]:
    """Tokens with long texts cut to about `limit` characters, at the best place."""
    for token in tokens:
        if token[0] != Op.TEXT or len(token[1]) <= limit:
            yield token
            continue
        start = 0
        while start < len(token[1]):
            end = _cut(token[1], start, min(start + limit, len(token[1])))
            yield (Op.TEXT, token[1][start:end], "")
            start = end
