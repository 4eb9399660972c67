"""Text as the server keeps it: cleaned, measured in UTF-16 units, entities found and checked."""

import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser

from tests.servers.botapi.errors import Json, bad_request

MAX_ENTITIES = 100
MAX_TEXT_BYTES = 1 << 15
STYLES = frozenset(
    [
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "blockquote",
        "expandable_blockquote",
        "date_time",
    ]
)
DETECTED = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bank_card_number",
    ]
)
_REMOVED = re.compile("[\r\u030a\u0333\u033f\u2028-\u202e]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+)"
    r"|(?<![\w/@])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/@])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{2,31})(?!\w)"
    r"|(?<![\w#])(?P<hashtag>#\w*[^\W\d]\w*)"
    r"|(?<![\w@])(?P<email>[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,})"
)
_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
}


def units(text: str) -> int:
    """Length in UTF-16 code units, the Bot API's unit for limits and entity offsets."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def clean(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Text without what the server removes, trimmed, with entities moved accordingly."""
    if not (_REMOVED.search(text) or _CONTROL.search(text) or text != text.strip()):
        return text, entities
    stripped = text.strip()
    start = text.index(stripped) if stripped else 0
    kept: list[str] = []
    position, offset = 0, [0] * (units(text) + 1)
    at = 0
    for index, character in enumerate(text):
        width = 2 if ord(character) > 0xFFFF else 1
        inside = start <= index < start + len(stripped) and not _REMOVED.match(character)
        for step in range(width):
            offset[at + step] = position + (step if inside else 0)
        at += width
        if inside:
            kept.append(" " if _CONTROL.match(character) else character)
            position += width
    offset[at] = position
    moved: list[Json] = []
    for entity in entities:
        begin, length = _span(entity)
        new_begin, new_end = offset[begin], offset[begin + length]
        if new_end > new_begin:
            moved.append({**entity, "offset": new_begin, "length": new_end - new_begin})
    return "".join(kept), moved


def check_entities(text: str, raw: object, knows_user: Callable[[int], Json | None]) -> list[Json]:
    """The entities a bot gave, checked the way the server does.

    Raises a 400 where an entity leaves the text or splits a surrogate pair; drops empty ones,
    types that the server finds itself, mentions of strangers, and all beyond the hundredth.
    """
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    boundaries = _boundaries(text)
    end = units(text)
    result: list[Json] = []
    for item in raw:
        entity = _parse_entity(item)
        begin, length = _span(entity)
        if begin < 0 or length <= 0 or entity["type"] in DETECTED:
            continue
        if begin + length > end:
            raise bad_request(
                f"entity beginning at UTF-16 offset {begin} ends after the end of the text "
                f"at UTF-16 offset {begin + length}"
            )
        if begin not in boundaries:
            raise bad_request(f"entity begins in a middle of a UTF-16 symbol at offset {begin}")
        if begin + length not in boundaries:
            raise bad_request(
                f"entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol "
                f"at offset {begin + length}"
            )
        if entity["type"] == "text_mention":
            known = _mentioned(entity, knows_user)
            if known is None:
                continue
            entity["user"] = known
        result.append(entity)
    return sorted(result[:MAX_ENTITIES], key=lambda each: (_span(each)[0], -_span(each)[1]))


def detect(text: str, given: Iterable[Json] = ()) -> list[Json]:
    """Given entities plus commands, mentions, hashtags, links and addresses found in the text."""
    result = list(given)
    taken = [_span(each) for each in result if each["type"] in ("code", "pre", "text_link")]
    for match in _FOUND.finditer(text):
        begin, length = units(text[: match.start()]), units(match.group())
        if any(begin < start + size and start < begin + length for start, size in taken):
            continue
        result.append({"type": str(match.lastgroup), "offset": begin, "length": length})
    return sorted(result, key=lambda each: (_span(each)[0], -_span(each)[1]))


def parse_html(markup: str) -> tuple[str, list[Json]]:
    """Text and entities of the HTML style; raises the server's 400 for markup it does not know."""
    parser = _Html()
    parser.feed(markup)
    parser.close()
    if parser.open:
        raise bad_request(f"can't parse entities: Can't find end tag for \"{parser.open[-1][0]}\"")
    return "".join(parser.text), [each for each in parser.entities if each["length"]]


def _span(entity: Json) -> tuple[int, int]:
    begin, length = entity["offset"], entity["length"]
    assert isinstance(begin, int)
    assert isinstance(length, int)
    return begin, length


def _boundaries(text: str) -> set[int]:
    result, at = {0}, 0
    for character in text:
        at += 2 if ord(character) > 0xFFFF else 1
        result.add(at)
    return result


def _parse_entity(item: object) -> Json:
    if not isinstance(item, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    for field, kind in (("offset", int), ("length", int), ("type", str)):
        if field not in item:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{field}\"")
        if not isinstance(item[field], kind) or isinstance(item[field], bool):
            name = "Number" if kind is int else "String"
            raise bad_request(f'can\'t parse MessageEntity: Field "{field}" must be of type {name}')
    kind_name = item["type"]
    if kind_name not in STYLES | DETECTED:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    wanted = {"text_link": "url", "custom_emoji": "custom_emoji_id", "text_mention": "user"}
    field = wanted.get(kind_name, "")
    if field and field not in item:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{field}\"")
    kept = {"type", "offset", "length", "url", "user", "language", "custom_emoji_id"}
    kept |= {"unix_time", "date_time_format"}
    unknown = set(item) - kept
    if unknown:
        raise bad_request(f'can\'t parse MessageEntity: unknown field "{min(unknown)}"')
    return {key: value for key, value in item.items() if value is not None}


def _mentioned(entity: Json, knows_user: Callable[[int], Json | None]) -> Json | None:
    user = entity.get("user")
    identifier = user.get("id") if isinstance(user, dict) else None
    return knows_user(identifier) if isinstance(identifier, int) else None


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.entities: list[Json] = []
        self.open: list[tuple[str, Json]] = []
        self.length = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            entity: Json = {"type": "text_link", "url": values.get("href") or ""}
        elif tag == "span" and values.get("class") == "tg-spoiler":
            entity = {"type": "spoiler"}
        elif tag in _TAGS:
            entity = {"type": _TAGS[tag]}
        else:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}"')
        entity["offset"] = self.length
        self.open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise bad_request(f'can\'t parse entities: Unmatched end tag "{tag}"')
        _, entity = self.open.pop()
        begin = entity["offset"]
        assert isinstance(begin, int)
        entity["length"] = self.length - begin
        self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self.length += units(data)
