"""Methods that change or remove messages."""

from tests.servers.botapi.errors import Json, bad_request
from tests.servers.botapi.messages import CAPTIONED, Message
from tests.servers.botapi.methods.call import Call
from tests.servers.botapi.methods.media import input_media
from tests.servers.botapi.methods.sending import place
from tests.servers.botapi.people import Chat

REPLACEABLE = frozenset(("animation", "audio", "document", "photo", "video", "text"))
"""https://core.telegram.org/bots/api#editmessagemedia"""
DELETABLE_SECONDS = 48 * 3600
MAX_DELETED = 100
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_EMOJI = """
❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡
🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿
🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡
"""
REACTIONS = frozenset(_EMOJI.split())


def edit_message_text(call: Call) -> object:
    """editMessageText"""
    message = _editable(call)
    text, entities = call.message_text()
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    options = call.params.object("link_preview_options")
    if options:
        content["link_preview_options"] = options
    return _replace(call, message, "text", content)


def edit_message_caption(call: Call) -> object:
    """editMessageCaption"""
    message = _editable(call)
    if message.kind not in CAPTIONED:
        raise bad_request("there is no caption in the message to edit")
    captions = ("caption", "caption_entities")
    content = {key: value for key, value in message.content.items() if key not in captions}
    return _replace(call, message, message.kind, content | call.caption())


def edit_message_media(call: Call) -> object:
    """editMessageMedia"""
    message = _editable(call)
    if message.kind not in REPLACEABLE:
        raise bad_request("message can't be edited")
    kind, content = input_media(call, call.params.object("media"))
    if message.media_group_id is not None and kind != message.kind:
        raise bad_request("message can't be edited: other type of message in the album")
    return _replace(call, message, kind, content)


def edit_message_reply_markup(call: Call) -> object:
    """editMessageReplyMarkup"""
    message = _editable(call)
    return _replace(call, message, message.kind, dict(message.content))


def edit_message_live_location(call: Call) -> object:
    """editMessageLiveLocation"""
    message = _editable(call)
    old = _live(message)
    spot = {**place(call)}
    spot.setdefault("live_period", old["live_period"])
    return _replace(call, message, "location", {"location": spot})


def stop_message_live_location(call: Call) -> object:
    """stopMessageLiveLocation"""
    message = _editable(call)
    spot = {key: value for key, value in _live(message).items() if key != "live_period"}
    return _replace(call, message, "location", {"location": spot})


def delete_message(call: Call) -> object:
    """deleteMessage"""
    chat = call.chat()
    message = call.target(chat, "message to delete")
    if not _may_delete(call, chat, message):
        raise bad_request("message can't be deleted")
    chat.delete(message)
    return True


def delete_messages(call: Call) -> object:
    """deleteMessages: those that cannot be found are skipped."""
    chat = call.chat()
    ids = call.params.array("message_ids")
    if not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > MAX_DELETED:
        raise bad_request("too many message identifiers specified")
    targets: list[Message] = []
    for each in ids:
        if not isinstance(each, int) or each <= 0:
            raise bad_request("invalid message identifier specified")
        message = chat.messages_by_id.get(each)
        if message is not None and not message.deleted:
            targets.append(message)
    if not all(_may_delete(call, chat, each) for each in targets):
        raise bad_request("message can't be deleted")
    for message in targets:
        chat.delete(message)
    return True


def set_message_reaction(call: Call) -> object:
    """setMessageReaction: a bot has at most one reaction on a message."""
    chat = call.chat()
    message = call.target(chat, "message to react")
    reactions = call.params.array("reaction") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji: list[str] = []
    for each in reactions:
        if not isinstance(each, dict):
            raise bad_request("can't parse ReactionType: expected an Object")
        value = each.get("emoji")
        if each.get("type") != "emoji" or not isinstance(value, str):
            raise bad_request("can't parse ReactionType: invalid reaction type specified")
        if value.rstrip("\ufe0f") not in REACTIONS:
            raise bad_request("REACTION_INVALID")
        emoji.append(value)
    message.reactions.pop(call.bot.id, None)
    if emoji:
        message.reactions[call.bot.id] = emoji
    chat.touch(message)
    return True


def pin_chat_message(call: Call) -> object:
    """pinChatMessage"""
    chat = call.chat()
    message = call.target(chat, "message to pin")
    _require_pin(call, chat)
    if message.id not in chat.pinned:
        chat.pin(call.bot, message)
    return True


def unpin_chat_message(call: Call) -> object:
    """unpinChatMessage: the named message, or the latest pinned one."""
    chat = call.chat()
    _require_pin(call, chat)
    message_id = call.params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def _require_pin(call: Call, chat: Chat) -> None:
    refusal = "not enough rights to manage pinned messages in the chat"
    chat.require(call.bot, "can_pin_messages", refusal)


def _editable(call: Call) -> Message:
    if "inline_message_id" in call.params:
        raise bad_request("MESSAGE_ID_INVALID")
    message = call.target(call.chat(write=True), "message to edit")
    if message.sender is not call.bot or message.is_service or message.forward_origin:
        raise bad_request("message can't be edited")
    return message


def _live(message: Message) -> Json:
    spot = message.content.get("location")
    if not isinstance(spot, dict) or "live_period" not in spot:
        raise bad_request("message can't be edited")
    return spot


def _replace(call: Call, message: Message, kind: str, content: Json) -> object:
    markup = call.markup(inline_only=True)
    same = content == message.content and (markup or None) == (message.reply_markup or None)
    if same and kind == message.kind:
        raise bad_request(_NOT_MODIFIED)
    message.history.append(message.text)
    message.kind, message.content, message.reply_markup = kind, content, markup
    message.chat.changed(message)
    return message.to_json()


def _may_delete(call: Call, chat: Chat, message: Message) -> bool:
    fresh = call.world.clock.now() - message.date < DELETABLE_SECONDS
    if chat.kind == "private":
        return fresh
    if chat.member(call.bot).may("can_delete_messages"):
        return fresh or chat.kind == "supergroup"
    return fresh and message.sender is call.bot
