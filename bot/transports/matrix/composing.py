"""From what is to be said to Matrix events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.richtext import (
    MATRIX_BYTES,
    Html,
    TargetMention,
    excerpt,
    from_plain,
    split_html,
    to_matrix,
    told_apart,
    with_author,
    with_quote,
)
from bot.transports.base import Media, Outgoing, Payload, Sending
from bot.transports.location import Location
from bot.transports.matrix.content import COVERED
from bot.transports.matrix.reading import RELAYED
from bot.transports.matrix.shapes import mapping, text
from bot.transports.media import not_brought, with_left_out
from workflows.text import Json, Msg, _

KEYCAPS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣", "🔟")
"""Reactions that stand for the first ten choices."""
HINT = _("Answer with the number (as a reply, or such as !1), or tap a reaction.")

SIGN = "🧵"
"""Before the name of a thread, in its root."""

REPEATED = 1000
"""Characters of an edited text that are told to clients that know no edits."""

_MSGTYPES = {"photo": "m.image", "video": "m.video", "audio": "m.audio", "voice": "m.audio"}
_LIKE_A_GIF = ("gif", "loop", "autoplay", "no_audio", "hide_controls")

Say = Callable[[Msg, str], str]
"""A sentence in a room's language."""


def compose(outgoing: Outgoing, say: Say, max_upload: int | None = None) -> list[Payload]:
    """The events for `outgoing`, in order: a caption with the first file, the rest as text.

    `max_upload` is what the homeserver takes, in bytes; a larger file becomes a line.
    """

    def resolve(account: str) -> TargetMention | None:
        target = outgoing.mentions.get(account)
        if target is None:
            return None
        return TargetMention(target.name, target.account.removeprefix("matrix:"))

    def room_say(msg: Msg) -> str:
        return say(msg, outgoing.language)

    kind = "m.text" if outgoing.author is not None else "m.notice"
    carried = tuple(each for each in outgoing.media if each.fits(max_upload))
    left = tuple(each for each in outgoing.media if each not in carried)
    html = with_left_out(outgoing.html, left, room_say)
    pieces = split_html(_whole(replace(outgoing, html=html), say), MATRIX_BYTES)
    if outgoing.author is not None:
        pieces[1:] = [told_apart(piece, begins=True) for piece in pieces[1:]]
    payloads: list[Payload] = []
    for number, media in enumerate(carried):
        caption = pieces.pop(0) if number == 0 and pieces else None
        payloads.append(_payload(_file(media, caption, resolve), media))
        payloads[-1]["absent"] = not_brought(media, room_say)
        if max_upload is None or media.size is None:
            line = with_left_out(caption or Html(""), (media,), room_say)
            payloads[-1]["otherwise"] = _text(kind, line, resolve)
    payloads += [_payload(_text(kind, piece, resolve)) for piece in pieces]
    if not payloads:
        payloads.append(_payload(_text(kind, Html(""), resolve)))
    if outgoing.location is not None:
        words = str(mapping(payloads[0]["content"]).get("body", ""))
        payloads.append(_payload(_on_map(outgoing.location, words)))
    if outgoing.choices:
        payloads[-1]["reactions"] = list(KEYCAPS[: len(outgoing.choices)])
    return payloads


def _whole(outgoing: Outgoing, say: Say) -> Html:
    html = outgoing.html
    if outgoing.author is not None:
        html = with_author(outgoing.author.name, outgoing.author.agency, html)
    if outgoing.quote is not None:
        name, quoted = outgoing.quote
        html = with_quote(name, excerpt(quoted), html)
    if outgoing.mark:
        html = Html(f"<i>{from_plain(outgoing.mark)}</i><br>{html}")
    if outgoing.choices:
        lines = "".join(
            f"<br><b>{number}</b>. {from_plain(choice.label)}"
            for number, choice in enumerate(outgoing.choices, 1)
        )
        hint = from_plain(say(HINT, outgoing.language))
        html = Html(f"{html}{lines}<br><i>{hint}</i>")
    return html


def _payload(content: dict[str, Json], media: Media | None = None) -> Payload:
    made: Payload = {"type": "m.room.message", "content": content}
    if media is not None:
        made["media"] = media.to_json()
    return made


def _text(kind: str, html: Html, resolve: Callable[[str], TargetMention | None]) -> dict[str, Json]:
    shown = to_matrix(html, resolve)
    content: dict[str, Json] = {"msgtype": kind, "body": shown.body, RELAYED: True}
    if shown.formatted_body is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": shown.formatted_body}
    # Without it, clients look for names in the text and notify whom they find there.
    content["m.mentions"] = {"user_ids": list(shown.user_ids)} if shown.user_ids else {}
    return content


def _file(
    media: Media, caption: Html | None, resolve: Callable[[str], TargetMention | None]
) -> dict[str, Json]:
    kind = _MSGTYPES.get(media.kind, "m.file")
    if media.kind in ("sticker", "animation"):
        kind = "m.image" if media.mime.startswith("image/") else "m.video"
    content = _text(kind, caption or Html(""), resolve)
    content["filename"] = media.name
    if not content["body"]:
        content["body"] = media.name
    info: dict[str, Json] = {"mimetype": media.mime}
    for key, value in (("size", media.size), ("w", media.width), ("h", media.height)):
        if value is not None:
            info[key] = value
    if media.seconds is not None:
        info["duration"] = media.seconds * 1000
    if media.kind == "animation" and kind == "m.video":
        # The keys by which other bridges and Element know a video that plays like a GIF.
        info |= dict.fromkeys((f"fi.mau.{each}" for each in _LIKE_A_GIF), True)
    content["info"] = info
    if media.covered:
        content[COVERED] = True
    if media.kind == "voice":
        content["org.matrix.msc3245.voice"] = {}
        audio: dict[str, Json] = {}
        if media.seconds is not None:
            audio["duration"] = media.seconds * 1000
        content["org.matrix.msc1767.audio"] = audio
    return content


def without_file(payload: Payload) -> dict[str, Json] | None:
    """The words of an event with the line that says which file is missing; None where there is
    no such line."""
    line = text(payload, "absent")
    content = mapping(payload.get("content"))
    if not line:
        return None
    body = text(content, "body")
    captioned = body and body != text(content, "filename")
    shown = text(content, "formatted_body") or from_plain(body)
    made: dict[str, Json] = {
        "msgtype": "m.text",
        "body": f"{body}\n{line}" if captioned else line,
        "format": "org.matrix.custom.html",
        "formatted_body": "<br>".join([shown] * bool(captioned) + [f"<em>{from_plain(line)}</em>"]),
        RELAYED: True,
        "m.mentions": content.get("m.mentions", {}),
    }
    return made


def _on_map(location: Location, words: str) -> dict[str, Json]:
    """The place itself, below the words that say whose it is; keys as in MSC3488 too."""
    return {
        "msgtype": "m.location",
        "body": words,
        "geo_uri": location.uri,
        "org.matrix.msc3488.location": {"uri": location.uri, "description": words},
        "org.matrix.msc3488.asset": {"type": "m.pin"},
        "m.mentions": {},
        RELAYED: True,
    }


def related(sending: Sending) -> Json | None:
    """How a message stands to others: in a thread, as an answer, or both.

    MSC3440: in a thread what is no answer names one all the same, for clients without threads.
    """
    if sending.thread is None:
        return (
            {"m.in_reply_to": {"event_id": sending.reply_to}}
            if sending.reply_to is not None
            else None
        )
    answered = sending.reply_to if sending.reply_to != sending.thread else None
    return {
        "rel_type": "m.thread",
        "event_id": sending.thread,
        "is_falling_back": answered is None,
        "m.in_reply_to": {"event_id": answered or sending.thread},
    }


def revised(content: dict[str, Json], target: str) -> dict[str, Json]:
    """`content` as an edit of the event `target`; nobody is notified a second time."""
    made, body = dict(content), str(content.get("body", ""))
    made["body"] = f"* {body}"
    if len(body) > REPEATED:
        # For clients without edits: the whole of it twice would not fit into an event.
        made["body"] = f"* {body[:REPEATED]}…"
        made.pop("formatted_body", None)
        made.pop("format", None)
    elif "formatted_body" in content:
        made["formatted_body"] = f"* {content['formatted_body']}"
    made["m.mentions"] = {}
    made["m.new_content"] = dict(content)
    made["m.relates_to"] = {"rel_type": "m.replace", "event_id": target}
    return made


def marked(content: dict[str, Json], mark: str) -> dict[str, Json]:
    """`content` after a line that says something of it, such as that it comes late."""
    made = dict(content)
    made["body"] = f"{mark}\n{content.get('body', '')}"
    if "formatted_body" in content:
        made["formatted_body"] = f"<em>{from_plain(mark)}</em><br>{content['formatted_body']}"
    return made
