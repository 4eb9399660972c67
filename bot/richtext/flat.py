"""Neutral HTML as running text with spans: what plain text and Telegram are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from bot.richtext.neutral import Op, Token

CELL_GAP = " · "
"""Between the cells of a table row: a phone shows no columns."""
_EMPTY_CELL = "–"

SPLITTABLE = frozenset(("b", "i", "u", "s", "spoiler"))
"""Spans that may overlap others, and that are joined where they touch."""
_BOXES = frozenset(("blockquote", "pre"))
_MARKS = SPLITTABLE | {"code", "a"}
_APART = {"p": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2}


@dataclass(slots=True)
class Span:
    """Characters `start` to `end` of a text are `kind`, an element of the neutral form."""

    kind: str
    start: int
    end: int
    value: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a mention is written on a network: its text, and its span's kind and value."""

    text: str
    kind: str
    value: str = ""


ShowMention: TypeAlias = Callable[[str], Shown | None]
"""From an account to how it is written; None keeps the written name, in bold."""


@dataclass(frozen=True, slots=True)
class Flat:
    """Text without markup and its spans, by start and outer before inner."""

    text: str
    spans: tuple[Span, ...]


def flatten(tokens: Iterable[Token], show: ShowMention) -> Flat:
    """The text of neutral HTML, read as tokens, in lines for a phone.

    Blanks are kept, but blank lines at the start and blanks at the end go, as networks drop them.
    """
    walk = _Walk(show)
    walk.run(tokens)
    return _trimmed("".join(walk.parts), walk.spans)


def trim(span: Span, text: str) -> None:
    """Leave line ends around `span` out of it, and of inline ones the blanks at the end."""
    blanks = "\n" if span.kind in _BOXES else " \n"
    span.end = span.start + len(text[span.start : span.end].rstrip(blanks))
    span.start = span.end - len(text[span.start : span.end].lstrip("\n"))


def _trimmed(text: str, spans: list[Span]) -> Flat:
    kept = text.rstrip()
    blank = kept[: len(kept) - len(kept.lstrip())].rfind("\n") + 1
    kept = kept[blank:]
    for span in spans:
        span.start, span.end = max(span.start - blank, 0), min(span.end - blank, len(kept))
        if span.kind not in SPLITTABLE:
            trim(span, kept)
    spans = [span for span in spans if span.end > span.start]
    spans.sort(key=lambda span: (span.start, -span.end))
    return Flat(kept, tuple(spans))


class _Walk:
    """Writes text while keeping lines apart; a span starts at its first character."""

    def __init__(self, show: ShowMention) -> None:
        self.show = show
        self.parts: list[str] = []
        self.spans: list[Span] = []
        self.size = 0
        self.ends = 0  # line ends that the text has at its end now
        self.due = 0  # line ends that are wanted before the next text
        self.fresh = True  # in a box that holds nothing yet
        self.in_pre = 0
        self.opened: dict[str, list[Span]] = {}
        self.unstarted: list[Span] = []
        self.mentions: list[Shown | None] = []
        self.lists: list[int | None] = []
        self.rows: list[int] = []
        self.cells: list[int] = []

    def run(self, tokens: Iterable[Token]) -> None:
        for op, name, value in tokens:
            if op == Op.TEXT or op == Op.BREAK:
                if self.mentions and self.mentions[-1]:
                    continue
                if op == Op.BREAK:
                    self.line()
                else:
                    self.text(name if self.in_pre else name.replace("\n", " "))
            elif name == "code" and self.in_pre:
                if op == Op.OPEN and value:
                    self.opened["pre"][0].value = value
            elif name in _MARKS:
                if op == Op.OPEN:
                    self.start(name, value)
                else:
                    self.stop(name)
            elif op == Op.OPEN:
                self.enter(name, value)
            else:
                self.leave(name)

    def text(self, text: str) -> None:
        if not text:
            return
        if self.cells:
            text = text.replace("\n", " ")
        if self.due > self.ends and self.size:
            self.raw("\n" * (self.due - self.ends))
        self.due, self.fresh = 0, False
        for span in self.unstarted:
            span.start = self.size
        self.unstarted.clear()
        self.raw(text)

    def raw(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text)
        ends = len(text) - len(text.rstrip("\n"))
        self.ends = self.ends + ends if ends == len(text) else ends

    def line(self) -> None:
        if not self.cells:
            self.text("\n")
        elif self.size > self.cells[-1] and not self.parts[-1].endswith(" "):
            self.text(" ")

    def apart(self, lines: int) -> None:
        if self.cells:
            self.line()
        elif not self.fresh:
            self.due = max(self.due, lines)

    def start(self, kind: str, value: str = "") -> None:
        span = Span(kind, -1, -1, value)
        nested = self.opened.setdefault(kind, [])
        if not nested:
            self.unstarted.append(span)
        nested.append(span)

    def stop(self, kind: str) -> None:
        nested = self.opened[kind]
        span = nested.pop()
        if nested:
            return
        if span.start < 0:
            self.unstarted = [other for other in self.unstarted if other is not span]
        else:
            span.end = self.size
            self.spans.append(span)

    def enter(self, name: str, value: str) -> None:
        if name == "mention":
            outer = self.mentions[-1] if self.mentions else None
            shown = outer or self.show(value)
            self.start(shown.kind if shown else "b", shown.value if shown else "")
            if shown and not outer:
                self.text(shown.text)
            self.mentions.append(shown)
        elif name in ("td", "th"):
            if self.rows and self.rows[-1]:
                self.text(CELL_GAP)
            if self.rows:
                self.rows[-1] += 1
            if name == "th":
                self.start("b")
            self.cells.append(self.size)
        elif name == "li":
            self.item(value)
        else:
            self.apart(_APART.get(name, 1))
            if name in _BOXES:
                self.start(name)
                self.fresh = True
                self.in_pre += name == "pre"
            elif name in ("ul", "ol"):
                self.lists.append(int(value or 1) if name == "ol" else None)
            elif name == "tr":
                self.rows.append(0)
            elif name in _APART and name != "p":
                self.start("b")

    def leave(self, name: str) -> None:
        if name == "mention":
            shown = self.mentions.pop()
            self.stop(shown.kind if shown else "b")
        elif name in ("td", "th"):
            if self.cells.pop() == self.size:
                self.text(_EMPTY_CELL)
            if name == "th":
                self.stop("b")
        elif name in ("blockquote", "pre", "li"):
            if name != "li":
                self.stop(name)
                self.in_pre -= name == "pre"
            self.due, self.fresh = 0, False
            self.apart(1)
        elif name == "p":
            self.apart(2)
        else:
            if name in ("ul", "ol"):
                self.lists.pop()
            elif name == "tr":
                self.rows.pop()
            elif name in _APART:
                self.stop("b")
            self.apart(1)

    def item(self, value: str) -> None:
        """One of a list; `value` is its number where that is given."""
        self.apart(1)
        number = self.lists[-1] if self.lists else None
        if number is not None and value:
            number = int(value)
        indent = "  " * max(0, len(self.lists) - 1)
        if number is None:
            self.text(f"{indent}• ")
        else:
            self.text(f"{indent}{number}. ")
            self.lists[-1] = number + 1
        self.fresh = True
