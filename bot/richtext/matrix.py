"""Matrix's body and formatted_body, from and to the neutral form.

Allowed elements and pills: Matrix client-server API, `m.room.message`, "HTML in formatted_body"
and "Mentioning users"; the reply fallback: "Rich replies" up to version 1.12.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from bot.richtext.chars import is_blank, safe_name
from bot.richtext.flat import Shown
from bot.richtext.model import Html, MatrixText, ResolveMention, TargetMention
from bot.richtext.neutral import (
    Op,
    Token,
    attribute,
    escape,
    from_plain,
    normal,
    open_tag,
    read,
    write,
)
from bot.richtext.plain import plain_from

_PILL = re.compile(r"https?://matrix\.to/#/(@[^/?#]+:[^/?#]+|%40[^/?#]+)(?:[/?].*)?", re.IGNORECASE)
_USER = re.compile(r"@[^\s:<>\"'&]*:[^\s<>\"'&]+")
_FALLBACK = re.compile(r"> (?:\* )?<@[^>\n]*>[^\n]*(?:\n>[^\n]*)*\n{0,2}")
_NAMES = {"s": "del", "b": "strong", "i": "em"}


def from_matrix(body: str, formatted_body: str | None, *, reply_fallback: bool = False) -> Html:
    """A Matrix text message as the neutral form; pills become mentions of `matrix:@user:hs`.

    `reply_fallback` says that the event is a reply, so that `> <@user:hs> …` lines at the head
    of a body are the old fallback; `<mx-reply>` always goes.
    """
    if formatted_body is None or not formatted_body.strip():
        return from_plain(
            _FALLBACK.sub("", body, count=1) if _quoted(body, reply_fallback) else body
        )
    html = write(normal(formatted_body, _account, keep_accounts=False))
    if is_blank(plain_from(list(read(html)), lambda _account: None)) and not is_blank(body):
        # Nothing of the markup is ours to show: the words are in the body all the same.
        return from_matrix(body, None, reply_fallback=reply_fallback)
    return html


def _quoted(body: str, reply_fallback: bool) -> bool:
    return reply_fallback and _FALLBACK.match(body) is not None


def _account(href: str) -> str | None:
    found = _PILL.fullmatch(href)
    if found is None:
        return None
    user = unquote(found[1])
    return f"matrix:{user}" if _USER.fullmatch(user) else None


def to_matrix(html: Html, resolve_mention: ResolveMention) -> MatrixText:
    """The neutral form as a message's content, and the ids for `m.mentions`."""
    people: dict[str, TargetMention] = {}

    def show(account: str) -> Shown | None:
        target = people.get(account) or resolve_mention(account)
        if target is None or not target.user_id or not _USER.fullmatch(target.user_id):
            return None
        people[account] = target
        return Shown(_name(target), "mention")

    tokens = list(read(html))
    body = plain_from(tokens, show)
    if "<" not in html.replace("<br>", ""):
        return MatrixText(body)
    formatted = _formatted(tokens, people)
    users = dict.fromkeys(target.user_id for target in people.values() if target.user_id)
    return MatrixText(body, formatted, tuple(users))


def _name(target: TargetMention) -> str:
    return safe_name(target.name, 64, "") or target.user_id or ""


def _formatted(tokens: Iterable[Token], people: dict[str, TargetMention]) -> str:
    out: list[str] = []
    closing: list[str] = []
    hidden = in_pre = 0
    for op, name, value in tokens:
        if op == Op.OPEN and name == "mention":
            target = people.get(value)
            if target is None or hidden:
                tag = "" if hidden else "strong"
                closing.append(tag)
                out.append(f"<{tag}>" if tag else "")
                hidden += 1 if hidden else 0
                continue
            address = quote(target.user_id or "", safe="@:!$&'()*+,;=-._~")
            out.append(
                f'<a href="https://matrix.to/#/{attribute(address)}">{escape(_name(target))}'
            )
            closing.append("a")
            hidden = 1
        elif op == Op.CLOSE and name == "mention":
            tag = closing.pop()
            hidden -= 1 if hidden else 0
            out.append(f"</{tag}>" if tag else "")
        elif hidden:
            continue
        elif op == Op.TEXT:
            out.append(escape(name))
        elif op == Op.BREAK:
            out.append("\n" if in_pre else "<br>")
        else:
            in_pre += (name == "pre") * (1 if op == Op.OPEN else -1)
            out.append(_tag(op, name, value))
    return "".join(out)


def _tag(op: int, name: str, value: str) -> str:
    if name == "spoiler":
        return "<span data-mx-spoiler>" if op == Op.OPEN else "</span>"
    name = _NAMES.get(name, name)
    if op == Op.CLOSE:
        return f"</{name}>"
    if name == "a":
        return f'<a href="{attribute(value)}">'
    return open_tag(name, value)
