"""Methods about chats, members, topics, commands and pressed buttons."""

import re

from tests.servers.botapi.accounts import BotAccount
from tests.servers.botapi.callbacks import Answer
from tests.servers.botapi.chats import Topic
from tests.servers.botapi.errors import Json, bad_request
from tests.servers.botapi.methods.call import Call
from tests.servers.botapi.people import Chat
from tests.servers.botapi.text import units

SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
COLORS = frozenset((0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F))
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def get_me(call: Call) -> object:
    """getMe"""
    return call.bot.me()


def get_chat(call: Call) -> object:
    """getChat"""
    chat = call.chat()
    result: Json = {
        **chat.to_json(),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.kind != "private":
        result["permissions"] = {"can_send_messages": True, "can_send_photos": True}
    if chat.pinned:
        result["pinned_message"] = chat.messages_by_id[chat.pinned[-1]].to_json(nested=True)
    return result


def get_chat_member(call: Call) -> object:
    """getChatMember"""
    chat = call.chat()
    account = call.world.account(call.params.integer("user_id"))
    if account is None:
        raise bad_request("invalid user_id specified")
    if chat.person is not None:
        if account not in (chat.person, call.bot):
            raise bad_request("member not found")
        return {"user": account.to_json(), "status": "member"}
    if account.id not in chat.members and not chat.members[call.bot.id].is_admin:
        raise bad_request("member not found")
    return chat.member(account).to_json()


def get_chat_administrators(call: Call) -> object:
    """getChatAdministrators: other bots are left out."""
    chat = call.chat()
    if chat.person is not None:
        raise bad_request("there are no administrators in the private chat")
    others = call.params.flag("return_bots")
    return [
        each.to_json()
        for each in chat.members.values()
        if each.is_admin
        and (others or each.account is call.bot or not isinstance(each.account, BotAccount))
    ]


def get_chat_member_count(call: Call) -> object:
    """getChatMemberCount"""
    chat = call.chat()
    if chat.person is not None:
        return 2
    return sum(1 for each in chat.members.values() if each.present)


def leave_chat(call: Call) -> object:
    """leaveChat"""
    chat = call.chat()
    if chat.person is not None:
        raise bad_request("chat not found")
    chat.leave(call.bot)
    return True


def answer_callback_query(call: Call) -> object:
    """answerCallbackQuery"""
    text = call.params.text("text")
    if units(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = Answer(
        text,
        call.params.flag("show_alert"),
        call.params.text("url"),
        call.params.integer("cache_time"),
    )
    call.world.callbacks.answer(call.bot.id, call.params.text("callback_query_id"), answer)
    call.world.signals.changed()
    return True


def set_my_commands(call: Call) -> object:
    """setMyCommands"""
    commands = call.params.array("commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    checked = [_command(each) for each in commands]
    call.bot.commands[_scope(call)] = checked
    return True


def get_my_commands(call: Call) -> object:
    """getMyCommands"""
    return call.bot.commands.get(_scope(call), [])


def delete_my_commands(call: Call) -> object:
    """deleteMyCommands"""
    call.bot.commands.pop(_scope(call), None)
    return True


def create_forum_topic(call: Call) -> object:
    """createForumTopic"""
    chat = _forum(call, "not enough rights to create a topic")
    name = _topic_name(call)
    color = call.params.integer("icon_color", 0x6FB9F0)
    if color not in COLORS:
        raise bad_request("invalid icon color specified")
    topic = chat.topic(call.bot, name, color)
    return {"message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color}


def edit_forum_topic(call: Call) -> object:
    """editForumTopic"""
    chat = _forum(call, "not enough rights to edit the topic")
    topic = _topic(call, chat)
    if "name" in call.params:
        name = _topic_name(call)
        if name == topic.name:
            raise bad_request("TOPIC_NOT_MODIFIED")
        topic.name = name
        content: Json = {"forum_topic_edited": {"name": name}}
        chat.add(call.bot, "forum_topic_edited", content, thread=topic.id)
    return True


def close_forum_topic(call: Call) -> object:
    """closeForumTopic"""
    return _set_closed(call, True)


def reopen_forum_topic(call: Call) -> object:
    """reopenForumTopic"""
    return _set_closed(call, False)


def delete_forum_topic(call: Call) -> object:
    """deleteForumTopic: its messages go with it."""
    chat = _forum(call, "not enough rights to delete the topic")
    topic = _topic(call, chat)
    chat.require(call.bot, "can_delete_messages", "not enough rights to delete the topic")
    chat.delete_topic(topic.id)
    return True


def _set_closed(call: Call, closed: bool) -> bool:
    chat = _forum(call, "not enough rights to close the topic")
    topic = _topic(call, chat)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.close_topic(call.bot, topic.id, closed)
    return True


def _forum(call: Call, refusal: str) -> Chat:
    chat = call.chat()
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    chat.require(call.bot, "can_manage_topics", refusal)
    return chat


def _topic(call: Call, chat: Chat) -> Topic:
    topic = chat.topics.get(call.params.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def _topic_name(call: Call) -> str:
    name = call.params.text("name").strip()
    if not 1 <= units(name) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    return name


def _command(item: object) -> Json:
    if not isinstance(item, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    result: Json = {}
    for field, limit in (("command", 32), ("description", 256)):
        value = item.get(field)
        name = "command" if field == "command" else "command description"
        if not isinstance(value, str):
            raise bad_request(f"can't parse BotCommand: Can't find field \"{field}\"")
        if not value.strip():
            raise bad_request(f"{name} must be non-empty")
        if len(value) > limit:
            raise bad_request(f"{name} length must not exceed {limit}")
        result[field] = value
    if not _COMMAND.fullmatch(str(result["command"])):
        raise bad_request("BOT_COMMAND_INVALID")
    return result


def _scope(call: Call) -> tuple[str, str]:
    language = call.params.text("language_code")
    if language and not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    scope = call.params.object("scope")
    if scope is None:
        return "default", language
    kind = scope.get("type")
    if not isinstance(kind, str) or kind not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    parts = [kind]
    for field in SCOPES[kind]:
        if field not in scope:
            raise bad_request(f"can't parse BotCommandScope: Can't find field \"{field}\"")
        parts.append(str(scope[field]))
    if len(parts) > 1:
        given = str(scope["chat_id"])
        known: object = int(given) if given.lstrip("-").isdigit() else given
        call.world.find_chat(call.bot, known).check_access(call.bot, write=False)
    return ":".join(parts), language
