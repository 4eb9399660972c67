"""What a person writes, kept apart from the lines by which we say who speaks.

An author line begins with 【agency】 or with a name in bold before a colon. No name can take that
form (`safe_name`), and no text may either: a second line that reads `【Police】Alice：…` would pass
for Alice's. Of a person's lines only those that begin so are touched, since people begin notices
with 【】 and lists with bold words: such a bracket becomes 〔〕, and a line that begins with bold
words and a colon becomes an item (`· `). Both stay readable, and neither is ever how an author
line begins. A run of blanks counts as the beginning of a line, as it ends one on a phone. Where
several people's lines are one message, all but the first line of each are indented besides
(`bot.transports.telegram.compose.join`), so that there even an author without agency and without
bold letters, as in a notification, stands alone at the margin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from bot.richtext.chars import COLONS
from bot.richtext.model import Html
from bot.richtext.neutral import BLOCKS, Op, Token, read, write

ITEM = "· "
"""Before a line that begins as an author's does."""

OPENING = "【〖︻"
"""Brackets that are, or look like, those around an agency."""
_CLOSING = "】〗︼"
_BOLD = frozenset(("b", "h3", "h4", "h5", "h6", "th", "mention"))
_NEAR = 200
"""Characters, and pieces, of a line in which the colon is looked for."""

_BLANK = r"[\s\p{Cf}\u2800\u3164\u115f\u1160\uffa0]"
_BLANKS = regex.compile(rf"{_BLANK}*")
_LAST_BLANKS = regex.compile(rf"{_BLANK}*$")
_NEXT = regex.compile(rf"[{_CLOSING}\n]|{_BLANK}{{3,}}")


def told_apart(html: Html, *, begins: bool = False) -> Html:
    """A person's words with no line that could be taken for another author's.

    `begins` says that they stand at the beginning of a line themselves. Idempotent.
    """
    if not any(each in html for each in (*OPENING, "<b>", "<h", "<th", "data-account")):
        return html
    return write(_Walk(list(read(html)), begins=begins).run())


def margin(text: str) -> int:
    """How many characters of `text` are blank before its first one that shows."""
    return _end(_BLANKS, text, 0)


class _Walk:
    def __init__(self, tokens: Sequence[Token], *, begins: bool) -> None:
        self.tokens = tokens
        self.start = begins
        self.inline = not begins
        self.bold = self.in_pre = self.blanks = 0
        self.bracket = False

    def run(self) -> Iterator[Token]:
        for at, token in enumerate(self.tokens):
            op, name, _ = token
            if op == Op.TEXT:
                yield (Op.TEXT, self.text(at, name), "")
                continue
            if op == Op.BREAK:
                self.line()
            elif name in BLOCKS:
                first = at == 0 and name == "p" and self.inline
                if not first and not (op == Op.OPEN and name == "li"):
                    self.line()
                self.start = self.start and not (op == Op.OPEN and name == "li")
            if op != Op.BREAK:
                change = 1 if op == Op.OPEN else -1
                self.bold += change * (name in _BOLD)
                self.in_pre += change * (name == "pre")
            yield token

    def line(self) -> None:
        """What comes now begins a line."""
        self.start, self.bracket, self.blanks = True, False, 0

    def text(self, at: int, text: str) -> str:
        out: list[str] = []
        place = 0
        while place < len(text):
            if self.start or place == 0:
                end = _end(_BLANKS, text, place)
                if "\n" in text[place:end] and self.in_pre:
                    self.line()
                self.start = self.start or (place == 0 and self.blanks + end >= 3)
                out.append(text[place:end])
                place = end
                if place == len(text):
                    break
            if self.start:
                self.start = False
                if self.bold and not text.startswith("·", place) and self.headed(at, place):
                    out.append(ITEM)
                if text[place] in OPENING:
                    out.append("〔")
                    self.bracket = True
                    place += 1
            found = _NEXT.search(text, place)
            end = found.start() if found else len(text)
            out.append(text[place:end])
            place = end
            if found is None:
                continue
            if found[0] in _CLOSING:
                out.append("〕" if self.bracket else found[0])
                self.bracket = False
                place = found.end()
            elif found[0] != "\n" or self.in_pre:
                self.line()
            else:
                out.append(found[0])
                place = found.end()
        last = len(text) - _start(_LAST_BLANKS, text)
        self.blanks = last + (self.blanks if last == len(text) else 0)
        return "".join(out)

    def headed(self, at: int, place: int) -> bool:
        """Whether the bold words from here on stand before a colon, or hold one."""
        bold, seen = self.bold, 0
        for number, (op, name, _) in enumerate(self.tokens[at : at + _NEAR]):
            if op == Op.TEXT:
                for char in name[place if number == 0 else 0 :][:_NEAR]:
                    seen += 1
                    if char in COLONS:
                        return True
                    if seen > _NEAR or (char == "\n" and self.in_pre):
                        return False
                    if not bold and not _BLANKS.fullmatch(char):
                        return False
            elif op == Op.BREAK or (name in BLOCKS and name not in _BOLD):
                return False
            else:
                bold += (name in _BOLD) * (1 if op == Op.OPEN else -1)
        return False


def _end(pattern: regex.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _start(pattern: regex.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return found.start() if found else len(text)
