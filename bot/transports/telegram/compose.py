"""One `Outgoing` as the calls that show it on Telegram."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.richtext import (
    COLONS,
    OPENING,
    TELEGRAM_CAPTION,
    TELEGRAM_TEXT,
    Html,
    TargetMention,
    TelegramText,
    TgEntity,
    Units,
    excerpt,
    first_graphemes,
    from_plain,
    margin,
    safe_text,
    split_caption,
    split_telegram,
    to_telegram,
    utf16_length,
    with_author,
    with_quote,
)
from bot.transports.base import Choice, Media, Outgoing, Payload
from bot.transports.location import FOR_EVER, Location
from bot.transports.media import left_out, not_brought, with_left_out
from bot.transports.telegram.ids import NETWORK, user_id
from bot.transports.telegram.settings import MEGABYTE
from workflows.text import Json, Msg

Say = Callable[[Msg, str], str]
"""A sentence in a room's language."""

CONTINUES = "continues"
"""Set in a payload that goes on where the one before it ended, and should reply to it."""

NAMED = "named"
"""Set in a payload with a file whose caption holds no words but its author's name."""

OTHERWISE = "otherwise"
"""In a payload with a file of unknown size: the payload for when it is found too large."""

ABSENT = "absent"
"""In a payload with a file: the line for when one network does not have it, or this one refuses
it."""

COVERED = "covered"
"""Set in a payload with a picture that people see once they ask to."""

MARK_UNITS = 96
"""Room that each first part leaves for the mark of a repeated or late message."""

TOPIC_UNITS = 128
"""Of a topic's name: https://core.telegram.org/bots/api#createforumtopic."""

ENTITIES = 100
"""Of one message: https://core.telegram.org/bots/api#messageentity."""

ABOVE = "above"
"""In somebody's words: how many lines stand above the one that names its author, if any do."""

GOES_ON = "…"
"""Before a part that would else begin as an author's line does."""

INDENT = "\u3000"
"""Before all but the first line of what somebody says in a joined message."""

_BOXES = ("pre", "blockquote", "expandable_blockquote")
_PLAIN = {"method", "text", "entities", ABOVE}

PHOTO_BYTES = 10 * MEGABYTE
"""Above this a picture goes as a file: https://core.telegram.org/bots/api#sendphoto."""
_TEXT_UNITS = TELEGRAM_TEXT - MARK_UNITS
_ROW_WIDTH = 28
_LONGEST_LABEL = 60
_SENDS = {
    "photo": "sendPhoto",
    "animation": "sendAnimation",
    "video": "sendVideo",
    "voice": "sendVoice",
    "audio": "sendAudio",
    "document": "sendDocument",
}
_PHOTOS = frozenset(("image/jpeg", "image/png", "image/webp"))
_PICTURES = ("photo", "sticker", "animation")
_VOICES = frozenset(("audio/ogg", "audio/opus"))
_AUDIOS = frozenset(("audio/mpeg", "audio/mp3", "audio/mp4", "audio/m4a", "audio/x-m4a"))


def compose(outgoing: Outgoing, say: Say, max_upload: int) -> list[Payload]:
    """Payloads in order: a medium with its caption first, more media, text that it cannot hold.

    Limits: https://core.telegram.org/bots/api#sendmessage, #sendphoto, #sending-files.
    `max_upload` is in bytes; a larger file becomes a line.
    """
    media = [each for each in outgoing.media if _is_here(each) or each.fits(max_upload)]
    left = tuple(each for each in outgoing.media if each not in media)
    html = with_left_out(outgoing.html, left, lambda msg: say(msg, outgoing.language))
    text = _text(replace(outgoing, html=html))
    payloads: list[Payload] = []
    if media:
        parts = split_caption(text, TELEGRAM_CAPTION - MARK_UNITS, _TEXT_UNITS)
        payloads.append({**_medium(media[0]), **_formatted("caption", parts[0] if parts else None)})
        if outgoing.author and not (html or outgoing.quote or outgoing.mark):
            payloads[0][NAMED] = True
        payloads += [_medium(each) for each in media[1:]]
        for payload, each in zip(payloads, media, strict=True):
            payload[ABSENT] = not_brought(each, lambda msg: say(msg, outgoing.language))
            if each.size is None and "media" in payload:
                line = to_telegram(
                    left_out(each, lambda msg: say(msg, outgoing.language)), lambda _account: None
                )
                payload[OTHERWISE] = _otherwise(payload, line)
        payloads += [_message(part, continues=True) for part in parts[1:]]
    else:
        parts = split_telegram(text, _TEXT_UNITS) or [TelegramText("…")]
        payloads += [_message(part, continues=at > 0) for at, part in enumerate(parts)]
        if outgoing.author and (above := bool(outgoing.quote) + bool(outgoing.mark)):
            payloads[0][ABOVE] = above
    if outgoing.location is not None:
        payloads.append(_on_map(outgoing.location))
    if outgoing.choices:
        payloads[-1]["reply_markup"] = {"inline_keyboard": _rows(outgoing.choices)}
    return payloads


def compose_topic(title: str) -> Payload:
    """What opens a topic: https://core.telegram.org/bots/api#createforumtopic."""
    name = first_graphemes(" ".join(safe_text(title).split()), TOPIC_UNITS // 2) or "…"
    while utf16_length(name) > TOPIC_UNITS:
        name = name[:-1]
    return {"method": "createForumTopic", "name": name}


def marked(payload: Payload, mark: str | None) -> Payload:
    """The payload with `mark` as its first line; only a medium without a caption has none."""
    name = "text" if payload.get("method") == "sendMessage" else "caption"
    text = payload.get(name, "")
    if mark is None or not isinstance(text, str):
        return payload
    line = first_graphemes(" ".join(safe_text(mark).split()), MARK_UNITS // 2 - 1)
    while utf16_length(line) > MARK_UNITS - 2:
        line = line[:-1]
    length = utf16_length(line)
    key = "entities" if name == "text" else "caption_entities"
    given = payload.get(key)
    entities: list[Json] = [{"type": "italic", "offset": 0, "length": length}]
    for each in given if isinstance(given, list) else []:
        if isinstance(each, dict) and isinstance(offset := each.get("offset"), int):
            entities.append({**each, "offset": offset + length + 1})
    return {**payload, name: f"{line}\n{text}".rstrip(), key: entities}


def without_file(payload: Payload) -> Payload | None:
    """The words of a payload with the line that says which file is missing; None where there is
    no such line."""
    line = payload.get(ABSENT)
    if not isinstance(line, str):
        return None
    length = utf16_length(line)
    made = _otherwise(payload, TelegramText(line, (TgEntity("italic", 0, length),)))
    if "reply_markup" in payload:
        made["reply_markup"] = payload["reply_markup"]
    return made


def join(payloads: Sequence[Payload]) -> Payload | None:
    """Texts as the lines of one; None for what is no plain text, or too much for one message.

    Further lines of each text are indented: at the margin stand authors alone, so that nobody's
    second line can be taken for somebody else's message.

    https://core.telegram.org/bots/api#sendmessage: 4096 characters, 100 entities; a mark needs
    some of both.
    """
    texts: list[str] = []
    entities: list[Json] = []
    at = 0
    for payload in payloads:
        text, given = payload.get("text"), payload.get("entities", [])
        if not payload.keys() <= _PLAIN or not isinstance(text, str) or not isinstance(given, list):
            return None
        if len(payloads) > 1:
            text, given = _indented(text, given, payload.get(ABOVE))
        for each in given:
            if isinstance(each, dict) and isinstance(offset := each.get("offset"), int):
                entities.append({**each, "offset": offset + at})
        texts.append(text)
        at += utf16_length(text) + 1
    if not texts or at - 1 > _TEXT_UNITS or len(entities) >= ENTITIES:
        return None
    made: Payload = {"method": "sendMessage", "text": "\n".join(texts)}
    if entities:
        made["entities"] = entities
    return made


def _indented(text: str, entities: list[Json], above: Json) -> tuple[str, list[Json]]:
    """The text with all lines set off but the author's and those above it; quotes and code are
    set off already."""
    spans = [
        (str(each.get("type")), offset, offset + length, each)
        for each in entities
        if isinstance(each, dict)
        and isinstance(offset := each.get("offset"), int)
        and isinstance(length := each.get("length"), int)
    ]
    boxes = [(start, end) for kind, start, end, _ in spans if kind in _BOXES]
    first = above + 1 if isinstance(above, int) else 1
    lines, points, at = text.split("\n"), list[int](), 0
    for number, line in enumerate(lines):
        if number >= first and line and not any(start <= at < end for start, end in boxes):
            points.append(at)
            lines[number] = INDENT + line
        at += utf16_length(line) + 1
    moved: list[Json] = []
    for _kind, start, end, each in spans:
        offset = start + bisect_right(points, start)
        moved.append({**each, "offset": offset, "length": end + bisect_left(points, end) - offset})
    return "\n".join(lines), moved


def _continuing(part: TelegramText) -> TelegramText:
    """A part that goes on where another was cut, told from one that begins with its author."""
    text, units = part.text, Units(part.text)
    start = margin(text)
    bold = max(
        (
            units.char(each.offset + each.length)
            for each in part.entities
            if each.type == "bold" and units.char(each.offset) <= start
        ),
        default=0,
    )
    line = text.partition("\n")[0]
    after = line[bold:].lstrip()[:1]
    headed = bold > start and any(each in COLONS for each in line[:bold] + after)
    if not headed and not text.startswith(tuple(OPENING), start):
        return part
    moved = tuple(replace(each, offset=each.offset + len(GOES_ON)) for each in part.entities)
    return TelegramText(GOES_ON + text, moved)


def _text(outgoing: Outgoing) -> TelegramText:
    def resolve(account: str) -> TargetMention | None:
        target = outgoing.mentions.get(account)
        number = user_id(target.account) if target else None
        if target is None or number is None:
            return None
        return TargetMention(target.name, str(number), target.handle)

    html = outgoing.html
    if (speaker := outgoing.author) is not None:
        html = with_author(speaker.name, speaker.agency, html, fallback=speaker.account)
    if outgoing.quote is not None:
        name, words = outgoing.quote
        html = with_quote(name, excerpt(words), html)
    if outgoing.mark is not None:
        html = Html(f"<i>{from_plain(outgoing.mark)}</i><br>{html}")
    return to_telegram(html, resolve)


def _message(part: TelegramText, *, continues: bool) -> Payload:
    part = _continuing(part) if continues else part
    made: Payload = {"method": "sendMessage", **_formatted("text", part)}
    if continues:
        made[CONTINUES] = True
    return made


def _on_map(location: Location) -> Payload:
    """The place itself, below the words that say whose it is.

    https://core.telegram.org/bots/api#sendlocation, #sendvenue.
    """
    made: Payload = {
        "method": "sendLocation",
        "latitude": location.latitude,
        "longitude": location.longitude,
        CONTINUES: True,
    }
    if location.live:
        longest = location.live if location.live == FOR_EVER else 86_400
        made["live_period"] = max(60, min(location.live, longest))
    elif location.title:
        made |= {
            "method": "sendVenue",
            "title": location.title,
            "address": location.address or location.title,
        }
    return made


def _otherwise(payload: Payload, line: TelegramText) -> Payload:
    """The caption with a line in place of the file."""
    caption = payload.get("caption")
    before = f"{caption}\n" if isinstance(caption, str) and caption else ""
    offset = utf16_length(before)
    kept = payload.get("caption_entities")
    moved = [_entity(replace(each, offset=each.offset + offset)) for each in line.entities]
    entities: list[Json] = [*(kept if isinstance(kept, list) else []), *moved]
    return {"method": "sendMessage", "text": before + line.text, "entities": entities}


def _formatted(name: str, part: TelegramText | None) -> Payload:
    if part is None:
        return {}
    made: Payload = {name: part.text}
    if part.entities:
        key = "entities" if name == "text" else f"{name}_entities"
        made[key] = [_entity(each) for each in part.entities]
    return made


def _entity(entity: TgEntity) -> dict[str, Json]:
    made: dict[str, Json] = {
        "type": entity.type,
        "offset": entity.offset,
        "length": entity.length,
    }
    if entity.url is not None:
        made["url"] = entity.url
    if entity.language is not None:
        made["language"] = entity.language
    if entity.user_id is not None:
        made["user"] = {"id": entity.user_id, "is_bot": False, "first_name": "?"}
    return made


def _medium(media: Media) -> Payload:
    """A file that lies on Telegram goes by its id; another is uploaded when it is sent."""
    if _is_here(media):
        ref = dict(media.ref)
        made: Payload = {"method": _SENDS[ref["type"]], "file_id": ref["file_id"]}
    else:
        made = {"method": _SENDS[_kind(media)], "media": media.to_json()}
    return {**made, COVERED: True} if media.covered else made


def _is_here(media: Media) -> bool:
    """Whether it goes by its id; a sticker cannot, as none has a caption to name its sender."""
    ref = dict(media.ref)
    return media.network == NETWORK and ref.get("type") in _SENDS and "file_id" in ref


def _kind(media: Media) -> str:
    """How Telegram will take the file; what it would refuse goes as a document."""
    mime = media.mime.partition(";")[0].strip().lower()
    if media.kind in _PICTURES and mime in _PHOTOS and (media.size or 0) <= PHOTO_BYTES:
        return "photo"
    if mime == "image/gif" or (media.kind == "animation" and mime == "video/mp4"):
        return "animation"
    if media.kind == "video" and mime == "video/mp4":
        return "video"
    if media.kind == "voice" and mime in _VOICES:
        return "voice"
    if media.kind in ("audio", "voice") and mime in _AUDIOS:
        return "audio"
    return "document"


def _rows(choices: Sequence[Choice]) -> list[Json]:
    """Buttons side by side as far as a phone shows their labels whole."""
    rows: list[list[Json]] = []
    room = 0
    for choice in choices:
        label = choice.label[:_LONGEST_LABEL] or "…"
        width = 4 + sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in label)
        if not rows or width > room:
            rows.append([])
            room = _ROW_WIDTH
        rows[-1].append({"text": label, "callback_data": choice.token})
        room -= width
    return list(rows)
