"""What a Matrix message says, in the neutral form.

Shapes: Matrix client-server API v1.13, "m.room.message" and its msgtypes; captions MSC2530,
voice messages MSC3245.
"""

from __future__ import annotations

import html as html_module
import json
import re
from collections.abc import Mapping

from bot.richtext import (
    Html,
    from_matrix,
    from_plain,
    is_blank,
    safe_file_name,
    safe_text,
    to_plain,
)
from bot.transports.base import Content, Media, MediaKind
from bot.transports.matrix.places import place_of
from bot.transports.matrix.shapes import Body, mapping, text, whole
from workflows.text import Json, Msg, _

_MXC = re.compile(r"mxc://[A-Za-z0-9.:\[\]-]{1,255}/[A-Za-z0-9_.~-]{1,255}")
_MIME = re.compile(r"[a-z0-9.+-]{1,80}/[a-z0-9.+-]{1,80}")
_PILL = re.compile(r'<a data-account="(matrix:[^"]+)">([^<]*)</a>')
_USER = re.compile(r"@[a-z0-9._=/+-]+:[A-Za-z0-9.-]+(?::[0-9]+)?")
_FALLBACK = re.compile(r"(?:> [^\n]*\n|>\n)+\n?")
COVERED = "page.codeberg.everypizza.msc4193.spoiler"
"""Of a picture that people see once they ask to: MSC4193, by its unstable name."""
_PICTURES = frozenset(("image/jpeg", "image/png", "image/webp", ""))
_FILES: Mapping[str, MediaKind] = {
    "m.image": "photo",
    "m.video": "video",
    "m.audio": "audio",
    "m.file": "document",
}
_NAME_LIMIT = 120


def content_of(message: Body, sender: str, *, reply: bool = False) -> Content:
    """The content of an `m.room.message`, never empty; `reply` says that it may begin with a
    fallback."""
    kind = text(message, "msgtype")
    if kind in _FILES:
        return _file(message, _FILES[kind])
    if kind == "m.location":
        return place_of(message)
    if kind not in ("m.text", "m.notice", "m.emote"):
        kind = "m.text"
    html = _html(message, reply=reply)
    if is_blank(to_plain(html)):
        return Content(Html(""), uncarried=_("A kind of message that cannot be shown here"))
    if kind == "m.emote":
        html = Html(f"{from_plain(f'* {sender}')} {html}")
    typed = _typed(message, reply=reply) if kind == "m.text" else ""
    return Content(html, text=typed, mentions=_mentions(typed, html))


def sticker_of(content: Body) -> Content:
    """The content of an `m.sticker`: its picture, named by what it shows."""
    picture = _file({**content, "filename": text(content, "body") or "sticker"}, "sticker")
    if picture.media:
        return picture
    shown = safe_text(text(content, "body"))[:80]
    return Content(Html(""), uncarried=_("Sticker {emoji}", emoji=shown))


def other_of(kind: str) -> Msg | None:
    """What an event that is no message was, if people see such events in their rooms."""
    if kind in ("m.call.invite", "org.matrix.msc3401.call"):
        return _("A call")
    return None


def _html(message: Body, *, reply: bool) -> Html:
    formatted = text(message, "formatted_body") or None
    if text(message, "format") != "org.matrix.custom.html":
        formatted = None
    return from_matrix(text(message, "body"), formatted, reply_fallback=reply)


def _typed(message: Body, *, reply: bool) -> str:
    body = safe_text(text(message, "body"))
    if reply and body.startswith("> <@"):
        body = _FALLBACK.sub("", body, count=1)
    return body


def _mentions(typed: str, html: Html) -> tuple[tuple[int, int, str], ...]:
    """Pills by the names that stand in the text, and user ids that were typed out."""
    found: list[tuple[int, int, str]] = []
    at = 0
    for account, shown in _PILL.findall(html):
        name = html_module.unescape(shown)
        start = typed.find(name, at) if name else -1
        if start >= 0:
            at = start + len(name)
            found.append((start, at, html_module.unescape(account)))
    taken = [range(start, end) for start, end, _account in found]
    for match in _USER.finditer(typed):
        if not any(match.start() in each for each in taken):
            found.append((match.start(), match.end(), f"matrix:{match[0]}"))
    return tuple(sorted(found))


def _file(message: Body, kind: MediaKind) -> Content:
    body, info = text(message, "body"), mapping(message.get("info"))
    name = text(message, "filename")
    captioned = bool(name) and name != body
    file = mapping(message.get("file"))
    url = text(file, "url") or text(message, "url")
    if not _MXC.fullmatch(url):
        what = safe_text(name or body)[:_NAME_LIMIT] or "?"
        return Content(Html(""), uncarried=_("A file that cannot be read: {name}", name=what))
    mime = text(info, "mimetype").lower()
    if _moves(kind, mime, info):
        kind = "animation"
    elif kind in ("photo", "sticker") and mime not in _PICTURES:
        kind = "document"
    if kind == "audio" and ("org.matrix.msc3245.voice" in message or "m.voice" in message):
        kind = "voice"
    milliseconds = whole(info, "duration")
    media = Media(
        "matrix",
        kind,
        safe_file_name(name or body, kind),
        mime if _MIME.fullmatch(mime) else "application/octet-stream",
        _ref(url, file),
        size=whole(info, "size"),
        width=whole(info, "w"),
        height=whole(info, "h"),
        seconds=None if milliseconds is None else milliseconds // 1000,
        covered=message.get(COVERED) is True,
    )
    html = _html(message, reply=False) if captioned else Html("")
    typed = _typed(message, reply=False) if captioned else ""
    return Content(html, (media,), text=typed, mentions=_mentions(typed, html))


def _moves(kind: MediaKind, mime: str, info: Body) -> bool:
    """GIF pictures; and videos marked as such by the bridges that have the key."""
    if kind in ("photo", "sticker"):
        return mime == "image/gif"
    return kind == "video" and info.get("fi.mau.gif") is True


def _ref(url: str, file: Body) -> tuple[tuple[str, str], ...]:
    if not file:
        return (("url", url),)
    secret: dict[str, Json] = {
        "k": text(mapping(file.get("key")), "k"),
        "iv": text(file, "iv"),
        "sha256": text(mapping(file.get("hashes")), "sha256"),
    }
    return (("url", url), ("secret", json.dumps(secret, sort_keys=True)))
