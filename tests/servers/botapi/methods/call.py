"""One call of a method, and what the methods share."""

from __future__ import annotations

from dataclasses import dataclass

from tests.servers.botapi.accounts import BotAccount
from tests.servers.botapi.errors import Json, bad_request
from tests.servers.botapi.messages import Message
from tests.servers.botapi.params import Params
from tests.servers.botapi.people import Chat
from tests.servers.botapi.text import (
    MAX_TEXT_BYTES,
    check_entities,
    clean,
    detect,
    parse_html,
    units,
)
from tests.servers.botapi.world import World

MAX_TEXT = 4096
MAX_CAPTION = 1024


@dataclass(frozen=True)
class Call:
    """Who calls, with what, in which world."""

    world: World
    bot: BotAccount
    params: Params

    def chat(self, *, write: bool = False, name: str = "chat_id") -> Chat:
        """The chat that the call names, which the bot may read (or write)."""
        chat = self.world.find_chat(self.bot, self.params.values.get(name))
        chat.check_access(self.bot, write=write)
        return chat

    def target(self, chat: Chat, what: str, name: str = "message_id") -> Message:
        """The message that the call names; `what` begins the 400 if there is none."""
        message_id = self.params.integer(name)
        if message_id <= 0:
            raise bad_request("message identifier is not specified")
        message = chat.messages_by_id.get(message_id)
        if message is None or message.deleted:
            raise bad_request(f"{what} not found")
        return message

    def formatted(self, name: str, entities_name: str) -> tuple[str, list[Json]]:
        """A text parameter with its entities, cleaned; not yet measured."""
        return self.format(
            self.params.text(name),
            self.params.array(entities_name),
            self.params.text("parse_mode"),
        )

    def format(
        self, text: str, raw_entities: object, parse_mode: str = ""
    ) -> tuple[str, list[Json]]:
        """Text and entities as they will be stored."""
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise bad_request("text is too long")
        mode = parse_mode.lower()
        if mode == "html":
            text, entities = parse_html(text)
        elif mode in ("", "none"):
            entities = check_entities(text, raw_entities, self.world.known_user)
        else:
            raise bad_request("unsupported parse_mode")
        text, entities = clean(text, entities)
        return text, detect(text, entities)

    def message_text(self) -> tuple[str, list[Json]]:
        """The `text` of a message, refused when empty or longer than 4096 UTF-16 units."""
        if not self.params.text("text"):
            raise bad_request("message text is empty")
        text, entities = self.formatted("text", "entities")
        if not text:
            raise bad_request("text must be non-empty")
        if units(text) > MAX_TEXT:
            raise bad_request("message is too long")
        return text, entities

    def caption(self) -> Json:
        """The caption fields of a message, refused when longer than 1024 UTF-16 units."""
        text, entities = self.formatted("caption", "caption_entities")
        return caption_fields(text, entities)

    def reply(self, chat: Chat, thread: int | None) -> tuple[int | None, Json | None]:
        """The message replied to and the quote, from reply_parameters or its older form."""
        given = self.params.object("reply_parameters")
        if given is None:
            given = {}
            if "reply_to_message_id" in self.params:
                given = {
                    "message_id": self.params.integer("reply_to_message_id"),
                    "allow_sending_without_reply": self.params.flag("allow_sending_without_reply"),
                }
        if not given:
            return None, None
        message_id = given.get("message_id")
        if not isinstance(message_id, int):
            raise bad_request("can't parse reply parameters: Can't find field \"message_id\"")
        if given.get("chat_id") not in (None, chat.id, str(chat.id)):
            raise bad_request("replies to another chat are not part of this server")
        target = chat.messages_by_id.get(message_id)
        if target is None or target.deleted:
            if given.get("allow_sending_without_reply") is True:
                return None, None
            raise bad_request("message to be replied not found")
        quote = given.get("quote")
        if not isinstance(quote, str) or not quote:
            return target.id, None
        if units(quote) > MAX_CAPTION or quote not in target.text:
            raise bad_request("QUOTE_TEXT_INVALID")
        return target.id, {
            "text": quote,
            "position": units(target.text[: target.text.index(quote)]),
            "is_manual": True,
        }

    def add(self, chat: Chat, kind: str, content: Json, what: str) -> Message:
        """Sends a message from the bot with the options that all send methods share."""
        thread = self.params.optional_integer("message_thread_id")
        chat.check_may_send(self.bot, what, thread)
        reply_to, quote = self.reply(chat, thread)
        if thread is None and reply_to is not None and chat.is_forum:
            thread = chat.messages_by_id[reply_to].thread
        return chat.add(
            self.bot,
            kind,
            content,
            reply_to=reply_to,
            quote=quote,
            thread=thread,
            reply_markup=self.markup(),
            silent=self.params.flag("disable_notification"),
        )

    def markup(self, *, inline_only: bool = False) -> Json | None:
        """The reply_markup, checked."""
        markup = self.params.object("reply_markup")
        if not markup:
            return None
        if "inline_keyboard" in markup:
            return _inline(markup)
        if inline_only:
            raise bad_request("inline keyboard expected")
        if markup.get("force_reply") is True or markup.get("remove_keyboard") is True:
            return None
        if isinstance(markup.get("keyboard"), list):
            return None
        raise bad_request("object expected as reply markup")


def caption_fields(text: str, entities: list[Json]) -> Json:
    """The caption fields of a message; 400 over 1024 UTF-16 units."""
    if units(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    result: Json = {}
    if text:
        result["caption"] = text
    if entities:
        result["caption_entities"] = entities
    return result


_BUTTON_KINDS = frozenset(
    [
        "url",
        "callback_data",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
    ]
)
_BUTTON_FIELDS = _BUTTON_KINDS | {"text", "icon_custom_emoji_id", "style"}


def _inline(markup: Json) -> Json | None:
    rows = markup["inline_keyboard"]
    broken = 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    if set(markup) != {"inline_keyboard"} or not isinstance(rows, list):
        raise bad_request(broken)
    result: list[list[Json]] = []
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(broken)
        buttons = [_button(each) for each in row]
        if buttons:
            result.append(buttons)
    if sum(map(len, result)) > 100:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": result} if result else None


def _button(button: object) -> Json:
    prefix = "can't parse inline keyboard button"
    if not isinstance(button, dict):
        raise bad_request(f"{prefix}: InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise bad_request(f'{prefix}: Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise bad_request(f'{prefix}: Field "text" must be of type String')
    unknown = set(button) - _BUTTON_FIELDS
    if unknown:
        raise bad_request(f'{prefix}: unknown field "{min(unknown)}"')
    kinds = [each for each in _BUTTON_KINDS if button.get(each) not in (None, "")]
    if not kinds:
        raise bad_request(f"{prefix}: Text buttons are unallowed in the inline keyboard")
    if not button["text"].strip() or len(kinds) > 1:
        raise bad_request("BUTTON_INVALID")
    data = button.get("callback_data")
    if data is not None and (not isinstance(data, str) or len(data.encode()) > 64):
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not (isinstance(url, str) and "://" in url):
        raise bad_request("BUTTON_URL_INVALID")
    return button
