"""What a person typed in the browser: light markup, mentions and links, as neutral HTML.

`**bold**`, `_italic_`, `__underline__`, `~~strike~~`, `||spoiler||`, `` `code` ``,
`[text](https://…)`, lines beginning with `> ` as a quote, lines between ``` as a block. A mark
without its partner is shown as typed, and a command is taken as typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape

from bot.richtext import Html, clean, from_plain, safe_text

_COMMAND = re.compile(r"\s*[/!／！]\S")
_LINK = r"https?://[^\s<>\"'`\u3000-\u303f\uff00-\uffef]+"
_MARKS: Mapping[str, tuple[str, str]] = {
    "**": ("<b>", "</b>"),
    "__": ("<u>", "</u>"),
    "~~": ("<s>", "</s>"),
    "||": ("<span data-mx-spoiler>", "</span>"),
    "_": ("<i>", "</i>"),
}
_FENCE = "```"
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,32}", re.ASCII)


def is_command(text: str) -> bool:
    """Whether this is typed to the machine: it begins with `/` or `!`, half or full width."""
    return _COMMAND.match(text) is not None


def find_mentions(text: str, people: Mapping[str, str]) -> tuple[tuple[int, int, str], ...]:
    """Where `@Name` of one of `people` (account by name) stands in `text`; the longest wins."""
    if not people:
        return ()
    names = sorted(people, key=len, reverse=True)
    pattern = re.compile("@(" + "|".join(map(re.escape, names)) + ")")
    return tuple((at.start(), at.end(), people[at[1]]) for at in pattern.finditer(text))


def to_html(text: str, people: Mapping[str, str] | None = None) -> Html:
    """Typed text as neutral HTML; linear in its length. `people`: account by mentioned name."""
    text = safe_text(text)
    known = people or {}
    inline = _Inline(known)
    if is_command(text):
        return clean(inline.raw(text)) if known else from_plain(text)
    return clean("".join(_blocks(text.split("\n"), inline)))


def _blocks(lines: list[str], inline: _Inline) -> Iterator[str]:
    plain: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end = _fence_end(lines, at) if line.startswith(_FENCE) else None
        if end is not None:
            yield inline.lines(plain)
            plain = []
            yield _fenced(line[len(_FENCE) :].strip(), lines[at + 1 : end])
            at = end + 1
        elif _quoted(line):
            yield inline.lines(plain)
            plain = []
            quoted = []
            while at < len(lines) and _quoted(lines[at]):
                quoted.append(lines[at][1:].removeprefix(" "))
                at += 1
            yield f"<blockquote>{inline.lines(quoted)}</blockquote>"
        else:
            plain.append(line)
            at += 1
    yield inline.lines(plain)


def _quoted(line: str) -> bool:
    return line.startswith(("> ", "＞")) or line == ">"


def _fence_end(lines: list[str], start: int) -> int | None:
    return next((at for at in range(start + 1, len(lines)) if lines[at].rstrip() == _FENCE), None)


def _fenced(language: str, lines: list[str]) -> str:
    text = escape("\n".join(lines))
    if _LANGUAGE.fullmatch(language):
        return f'<pre><code class="language-{language}">{text}</code></pre>'
    return f"<pre>{text}</pre>"


class _Inline:
    """Marks within lines. A closing mark meets the nearest open one of its kind."""

    def __init__(self, people: Mapping[str, str]) -> None:
        self._people = people
        names = "|".join(map(re.escape, sorted(people, key=len, reverse=True)))
        mention = f"@(?P<name>{names})|" if names else ""
        self._pieces = re.compile(
            mention + r"`(?P<code>[^`\n]+)`"
            rf"|\[(?P<label>[^\[\]\n]{{1,300}})\]\((?P<href>{_LINK})\)"
            rf"|(?P<link>{_LINK})"
            r"|(?P<mark>\*\*|__|~~|\|\||_)"
        )
        self._mentions = re.compile(mention[:-1]) if names else None

    def lines(self, lines: list[str]) -> str:
        """HTML of consecutive lines; marks may span them."""
        return self._marked("\n".join(lines)).replace("\n", "<br>") if lines else ""

    def raw(self, text: str) -> str:
        """HTML of text in which only mentions mean anything."""
        out, at = [], 0
        for found in self._mentions.finditer(text) if self._mentions else ():
            out += [escape(text[at : found.start()]), self._mention(found["name"])]
            at = found.end()
        out.append(escape(text[at:]))
        return "".join(out).replace("\n", "<br>")

    def _marked(self, text: str) -> str:
        out: list[str] = []
        open_marks: list[tuple[str, int]] = []
        opened = dict.fromkeys(_MARKS, 0)
        at = 0
        for found in self._pieces.finditer(text):
            if found.start() > at:
                out.append(escape(text[at : found.start()]))
            at = found.end()
            mark = found["mark"]
            if mark is None:
                out.append(self._piece(found))
                continue
            before = text[found.start() - 1 : found.start()]
            after = text[at : at + 1]
            closes = opened[mark] and before.strip() and not (mark == "_" and _word(after))
            if closes and open_marks[-1] != (mark, len(out) - 1):
                while True:
                    name, place = open_marks.pop()
                    opened[name] -= 1
                    if name == mark:
                        break
                out[place] = _MARKS[mark][0]
                out.append(_MARKS[mark][1])
            elif after.strip() and not (mark == "_" and _word(before)):
                open_marks.append((mark, len(out)))
                opened[mark] += 1
                out.append(mark)
            else:
                out.append(mark)
        out.append(escape(text[at:]))
        return "".join(out)

    def _piece(self, found: re.Match[str]) -> str:
        groups = found.groupdict()
        if groups.get("name"):
            return self._mention(groups["name"])
        if found["code"] is not None:
            return f"<code>{escape(found['code'])}</code>"
        if found["label"] is not None:
            return f'<a href="{escape(found["href"])}">{escape(found["label"])}</a>'
        href = found["link"].rstrip(".,;:!?")
        if href.endswith(")") and "(" not in href:
            href = href.rstrip(")")
        rest = found["link"][len(href) :]
        return f'<a href="{escape(href)}">{escape(href)}</a>{escape(rest)}'

    def _mention(self, name: str) -> str:
        account = escape(self._people[name])
        return f'<a data-account="{account}">{escape(name)}</a>'


def _word(char: str) -> bool:
    """Whether an underscore next to this is part of a word, as in `snake_case`."""
    return char.isascii() and (char.isalnum() or char == "_")
